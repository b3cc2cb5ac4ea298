"""The exact words of a text that spoke for a topic, so that a score can be checked by eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.features import View
from nlp.models import LinearModels
from nlp.normalise import Token

MOST = 4
_ENOUGH = 2
_SHARE = 0.3  # words weaker than this part of the strongest explain little
_TOPICS_FROM = 5  # columns of the weights before those of the topics

_Place = tuple[bool, int, int]
# The features of a word and of the pair it begins, and where each stands if it can be shown.
_Spoken = tuple[list[int], list[int], _Place | None, _Place | None]


class _Learnt(NamedTuple):
    """What the model knows of one item, worked out once for all of its topics.

    ``columns`` are the known features in the model; ``words`` (of title and text) count them from
    zero in the same order.
    """

    columns: NDArray[np.intp]
    words: list[list[_Spoken]]


class Evidence:
    """The words of one item that spoke for its topics."""

    def __init__(self, seen: View, found: set[str], model: LinearModels, shown: str) -> None:
        self._seen = seen
        self._found = found
        self._model = model
        self._shown = shown
        self._known: _Learnt | None = None  # most topics have phrases enough and never ask

    def of(self, topic: str) -> tuple[str, ...]:
        """Return up to four substrings of the text that spoke for ``topic``, strongest first.

        Phrases of the taxonomy come before words the model learnt. Only what stands in ``shown``
        (the text after the child shield) is returned: evidence must not carry a name out.
        """
        seen, shown = self._seen, self._shown
        pieces = [
            _place(seen, match.first, match.last)
            for strength in ("strong", "weak")
            for match in seen.matches
            if match.entry.group == topic and match.strength == strength
        ]
        if len(pieces) < _ENOUGH:  # learnt word pairs cut across words: only where phrases are few
            pieces += self._learnt(topic)
        chosen: list[_Place] = []
        texts: list[str] = []
        for piece in pieces:
            if any(_overlap(piece, other) for other in chosen):
                continue
            chosen.append(piece)
            text = (seen.source_title if piece[0] else seen.source_body)[piece[1] : piece[2]]
            if text in shown and text.lower() not in (known.lower() for known in texts):
                texts.append(text)
            if len(texts) == MOST:
                break
        return tuple(texts)

    def _learnt(self, topic: str) -> Iterator[_Place]:
        if self._known is None:
            self._known = _know(self._seen, self._found, self._model)
        columns, model = self._known.columns, self._model
        head = _TOPICS_FROM + model.topics.index(topic)
        shares = model.vocabulary.idf[columns] * model.coef[columns, head]
        share: list[float] = np.maximum(shares, 0).tolist()
        scored: list[tuple[float, _Place]] = []
        for row in self._known.words:
            single = [sum([share[i] for i in word]) for word, _, _, _ in row]
            for at, (_, pair, place, both) in enumerate(row):
                if place and single[at]:
                    scored.append((single[at], place))
                if both and (weight := sum([share[i] for i in pair])):
                    scored.append((weight + single[at] + single[at + 1], both))
        scored.sort(key=lambda entry: (-entry[0], not entry[1][0], entry[1][1]))
        if scored:
            least = scored[0][0] * _SHARE
            yield from (place for weight, place in scored[:12] if weight >= least)


def _place(seen: View, first: int, last: int) -> _Place:
    in_title = last < len(seen.title)
    row = seen.title if in_title else seen.body
    shift = 0 if in_title else len(seen.title)
    return in_title, row[first - shift].start, row[last - shift].end


def _know(seen: View, found: set[str], model: LinearModels) -> _Learnt:
    known = sorted(model.vocabulary.positions(found).items())
    place = {word: row for row, (word, _) in enumerate(known)}
    columns = np.array([column for _, column in known], dtype=np.intp)
    return _Learnt(
        columns,
        [
            _spoken(seen.title, ("", "c:", "t:"), place, in_title=True),
            _spoken(seen.body, ("", "k:"), place, in_title=False),
        ],
    )


def _spoken(
    row: Sequence[Token], prefixes: Sequence[str], place: dict[str, int], *, in_title: bool
) -> list[_Spoken]:
    letters = [token.plain.isalpha() for token in row]
    spoken: list[_Spoken] = []
    for at, token in enumerate(row):
        if not letters[at]:
            spoken.append(([], [], None, None))
            continue
        word = _known(token.marked, token.plain, prefixes, place)
        # One or two letters say little by themselves.
        alone = (in_title, token.start, token.end) if word and len(token.plain) > 2 else None
        pair: list[int] = []
        both = None
        if at + 1 < len(row) and letters[at + 1]:
            following = row[at + 1]
            pair = _known(
                f"{token.marked} {following.marked}",
                f"{token.plain} {following.plain}",
                prefixes,
                place,
            )
            both = (in_title, token.start, following.end) if pair else None
        spoken.append((word, pair, alone, both))
    return spoken


def _known(marked: str, plain: str, prefixes: Sequence[str], place: dict[str, int]) -> list[int]:
    names = [name for prefix in prefixes for name in (f"{prefix}{marked}", f"~{prefix}{plain}")]
    return [place[name] for name in names if name in place]


def _overlap(one: _Place, other: _Place) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
