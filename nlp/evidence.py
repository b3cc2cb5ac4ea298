"""The exact words of a text that spoke for a topic, so that a score can be checked by eye."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlp.features import View
from nlp.models import LinearModels
from nlp.normalise import Token

MOST = 4
_ENOUGH = 2
_SHARE = 0.3  # words weaker than this part of the strongest explain little


def evidence(
    seen: View, found: set[str], model: LinearModels, topic: str, shown: str
) -> tuple[str, ...]:
    """Return up to four substrings of the text that spoke for ``topic``, strongest first.

    Phrases of the taxonomy come before words the model learnt. Only what stands in ``shown`` (the
    text after the child shield) is returned: evidence must not carry a name out.
    """
    pieces = [
        _place(seen, match.first, match.last)
        for strength in ("strong", "weak")
        for match in seen.matches
        if match.entry.group == topic and match.strength == strength
    ]
    if len(pieces) < _ENOUGH:  # learnt word pairs cut across words: only where phrases are few
        pieces += _learnt(seen, found, model, topic)
    chosen: list[tuple[bool, int, int]] = []
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


def _place(seen: View, first: int, last: int) -> tuple[bool, int, int]:
    in_title = last < len(seen.title)
    row = seen.title if in_title else seen.body
    shift = 0 if in_title else len(seen.title)
    return in_title, row[first - shift].start, row[last - shift].end


def _learnt(
    seen: View, found: set[str], model: LinearModels, topic: str
) -> Iterable[tuple[bool, int, int]]:
    weights = model.evidence(found, topic)
    scored: list[tuple[float, bool, int, int]] = []
    for in_title, row in ((True, seen.title), (False, seen.body)):
        prefixes = ("", "k:") if not in_title else ("", "c:", "t:")
        single = [_weight(weights, prefixes, (token,)) for token in row]
        for at, token in enumerate(row):
            if not token.plain.isalpha():
                continue
            if single[at] and len(token.plain) > 2:
                scored.append((single[at], in_title, token.start, token.end))
            follows = at + 1 < len(row) and row[at + 1].plain.isalpha()
            if follows and (pair := _weight(weights, prefixes, row[at : at + 2])):
                both = pair + single[at] + single[at + 1]
                scored.append((both, in_title, token.start, row[at + 1].end))
    scored.sort(key=lambda entry: (-entry[0], not entry[1], entry[2]))
    if scored:
        least = scored[0][0] * _SHARE
        yield from (entry[1:] for entry in scored[:12] if entry[0] >= least)


def _weight(weights: dict[str, float], prefixes: Sequence[str], row: Sequence[Token]) -> float:
    marked, plain = " ".join(t.marked for t in row), " ".join(t.plain for t in row)
    names = {
        f"{mark}{prefix}{word}"
        for prefix in prefixes
        for mark, word in (("", marked), ("~", plain))
    }
    return sum(weights.get(name, 0.0) for name in names)


def _overlap(one: tuple[bool, int, int], other: tuple[bool, int, int]) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
