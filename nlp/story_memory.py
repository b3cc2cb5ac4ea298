"""What is remembered of a story for months: a small print of it, without its texts.

An affair comes back after weeks of silence ("Vụ 40 học sinh ngộ độc: cách chức hiệu trưởng"). The
texts have left memory by then; the print (rare terms, names, places, schools, units) has not.
"""

from __future__ import annotations

import heapq
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from langnghe.core.errors import InputError
from nlp.story_features import PRIOR_TEXTS, expected, prior_rate, rarity
from nlp.story_types import Id

TERMS = 48
PLACES = 8
HEADS = 32
QUERY_TERMS = 24
POSTINGS = 64
COMMON_RATE = 60.0
CANDIDATES = 6
LEAST = 15.0
DAY = 86_400.0
_FADE = 0.9


@dataclass(frozen=True, slots=True)
class StoryPrint:
    """A story in a few hundred bytes; plain values only, so it can be stored as JSON.

    ``first`` and ``last`` are seconds since 1970 (UTC). ``terms`` maps a rare term to the share of
    members (0..100) that say it; ``names`` are those of them that name someone or something,
    ``spots`` those inside a place's or school's name. ``counts`` holds by kind (``provinces``,
    ``communes``, ``schools``, ``units``, ``topics``, ``heads``: headline pairs) how many members
    name each.
    """

    story: Id
    event: Id
    first: float
    last: float
    members: int
    terms: dict[str, int]
    names: tuple[str, ...] = ()
    spots: tuple[str, ...] = ()
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the print as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> StoryPrint:
        """Read what ``to_json`` wrote; raise ``InputError`` when it is not a print."""
        try:
            raw: dict[str, Any] = json.loads(text)
            terms = {sys.intern(str(t)): int(n) for t, n in raw["terms"].items()}
            return cls(
                story=raw["story"],
                event=raw["event"],
                first=float(raw["first"]),
                last=float(raw["last"]),
                members=int(raw["members"]),
                terms=terms,
                names=tuple(raw.get("names") or ()),
                spots=tuple(raw.get("spots") or ()),
                counts={str(k): dict(v) for k, v in (raw.get("counts") or {}).items()},
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"Dấu vết cụm tin đã cất không đọc được: {error}") from error

    def without(self, hidden: Callable[[str], bool]) -> StoryPrint:
        """Return the print without the terms that ``hidden`` says must not be kept."""
        heads = {t: n for t, n in self.of("heads").items() if not hidden(t)}
        terms = {t: n for t, n in self.terms.items() if not hidden(t)}
        return replace(
            self,
            terms=terms,
            names=tuple(t for t in self.names if t in terms),
            spots=tuple(t for t in self.spots if t in terms),
            counts={**self.counts, "heads": heads},
        )

    def of(self, kind: str) -> Mapping[str, int]:
        """Return the counts of one of the kinds of place, of units or of topics."""
        return self.counts.get(kind, {})


def merged(old: StoryPrint | None, new: StoryPrint) -> StoryPrint:
    """Return ``new`` with what ``old`` still knows of members that have left; the caps hold."""
    if old is None:
        return new
    terms = {t: round(n * _FADE) for t, n in old.terms.items()}
    for term, share in new.terms.items():
        terms[term] = max(terms.get(term, 0), share)
    names, spots = {*old.names, *new.names}, {*old.spots, *new.spots}
    kept = _weightiest(terms, names)
    counts = {
        kind: _most(kind, {k: max(old.of(kind).get(k, 0), n) for k, n in both.items()})
        for kind in sorted(old.counts.keys() | new.counts.keys())
        for both in ({**old.of(kind), **new.of(kind)},)
    }
    return replace(
        new,
        first=min(old.first, new.first),
        last=max(old.last, new.last),
        members=max(old.members, new.members),
        terms=kept,
        names=tuple(sorted(names & kept.keys())),
        spots=tuple(sorted(spots & kept.keys())),
        counts=counts,
    )


def _most(kind: str, counts: Mapping[str, int]) -> dict[str, int]:
    limit = HEADS if kind == "heads" else PLACES
    return dict(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:limit])


def _weightiest(terms: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    names = set(names)

    def weight(term: str) -> float:
        return rarity(term) * math.sqrt(terms[term] / 100) * (1.5 if term in names else 1.0)

    return {t: terms[t] for t in heapq.nsmallest(TERMS, terms, key=lambda t: (-weight(t), t))}


def draw_up(
    story: Id,
    event: Id,
    span: tuple[float, float],
    members: int,
    support: Mapping[str, int],
    of: int,
    names: Iterable[str],
    spots: Iterable[str],
    **counts: Mapping[str, int],
) -> StoryPrint:
    """Return the print of a story of which ``of`` members say ``support`` (term -> how many)."""
    names, spots = set(names), set(spots)
    shares = {
        t: max(round(100 * n / of), 1)
        for t, n in support.items()
        # Of four and more members, what one alone says is hardly the subject.
        if (n > 1 or of < 4 or t in names) and prior_rate(t) < COMMON_RATE
    }
    terms = _weightiest(shares, names)
    return StoryPrint(
        story, event, *span, members, terms,
        names=tuple(sorted(names & terms.keys())),
        spots=tuple(sorted(spots & terms.keys())),
        counts={kind: _most(kind, found) for kind, found in counts.items() if found},
    )  # fmt: skip


class Memory:
    """Prints by story, by event and by term, bounded in days and in number."""

    def __init__(self, days: float = 180.0, cap: int = 30_000) -> None:
        self._days, self._cap = days, cap
        self._prints: dict[Id, StoryPrint] = {}
        self._events: dict[Id, set[Id]] = {}
        self._postings: dict[str, dict[Id, float]] = {}  # the share of members that say it
        self._ends: list[tuple[float, int, Id]] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._prints)

    def __iter__(self) -> Iterator[StoryPrint]:
        return iter(self._prints.values())

    def get(self, story: Id) -> StoryPrint | None:
        """Return the print of ``story``, if it is remembered."""
        return self._prints.get(story)

    def stories(self, event: Id) -> frozenset[Id]:
        """Return the remembered stories of ``event``."""
        return frozenset(self._events.get(event, ()))

    def keep(self, told: StoryPrint) -> None:
        """Remember ``told`` in place of an older print of the same story."""
        old = self._prints.get(told.story)
        self._prints[told.story] = told
        if old is not None and old.event != told.event:
            self._leave(old)
        self._events.setdefault(told.event, set()).add(told.story)
        before = old.terms.keys() if old is not None else frozenset()
        for term in before - told.terms.keys():
            self._drop(term, told.story)
        for term, share in told.terms.items():
            self._postings.setdefault(term, {})[told.story] = share / 100
        if old is None or self._end(old) != self._end(told):
            heapq.heappush(self._ends, (self._end(told), self._serial, told.story))
            self._serial += 1

    def _end(self, told: StoryPrint) -> float:
        # One lone item is soon no affair any more; what many wrote about is kept the longest.
        share = 0.5 if told.members == 1 else 0.75 if told.members == 2 else 1.0
        return told.last + share * self._days * DAY

    def forget(self, now: float) -> None:
        """Drop what is too old at ``now`` (seconds) and what is over the cap, the oldest first."""
        while self._ends and (self._ends[0][0] < now or len(self._prints) > self._cap):
            end, _, story = heapq.heappop(self._ends)
            told = self._prints.get(story)
            if told is None or self._end(told) != end:
                continue
            del self._prints[story]
            self._leave(told)
            for term in told.terms:
                self._drop(term, story)

    def _leave(self, told: StoryPrint) -> None:
        left = self._events[told.event]
        left.discard(told.story)
        if not left:
            del self._events[told.event]

    def _drop(self, term: str, story: Id) -> None:
        posting = self._postings[term]
        del posting[story]
        if not posting:
            del self._postings[term]

    def idf(self, terms: Iterable[str]) -> dict[str, float]:
        """Return how rare each term is among all that is remembered (natural logarithm)."""
        total = math.log(PRIOR_TEXTS + len(self._prints))
        return {t: total - math.log(expected(t) + len(self._postings.get(t, ()))) for t in terms}

    def alike(self, vector: Mapping[str, float], but: Id | None = None) -> list[StoryPrint]:
        """Return the prints that share the weightiest terms of ``vector``, best first.

        ``vector`` holds the weight of energy of each term, see ``story_events.subject``.
        """
        known = (t for t in vector if t in self._postings)
        keys = heapq.nlargest(QUERY_TERMS, known, key=vector.__getitem__)
        partial: dict[Id, float] = {}
        said = partial.get
        for term in keys:
            gain = vector[term]
            # The newest first, and no more than a cap: the cost must not grow with the months.
            for story, share in islice(reversed(self._postings[term].items()), POSTINGS):
                partial[story] = said(story, 0.0) + gain * share
        partial.pop(but, None)  # type: ignore[arg-type]
        likely = (story for story, weight in partial.items() if weight >= LEAST)
        best = heapq.nlargest(CANDIDATES, likely, key=partial.__getitem__)
        return [self._prints[story] for story in best]
