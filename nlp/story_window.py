"""The mentions of the last days, found again by their rarer terms at a cost that stays flat.

Three bounds keep it flat: the window in days, a cap on mentions held, and a cap on how many of one
story are indexed (a story of ten thousand reposts is known by its latest hundred). Time is the
middle of what arrived lately, so one item dated 1970 or 2099 moves nothing.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from nlp.story_features import PRIOR_TEXTS, Features, expected, prior_rate
from nlp.story_types import Id

QUERY_TERMS = 32
POSTINGS = 48
COMMON_RATE = 150.0
"""Terms in more than this many of 10,000 texts never fetch a candidate (they still score)."""
NEAREST = 12
PER_STORY = 4
INDEXED = 120
"""Reports (and, apart, comments) of one story that are indexed; the newest take the place."""
RECENT = 65
_ROOTS = [math.sqrt(w) for w in range(16)]


@dataclass(slots=True, eq=False)
class Entry:
    """One mention held: what it speaks of (``f``; ``None`` once its story has newer ones)."""

    id: Id
    at: float
    kind: str
    story: Id
    f: Features | None
    units: tuple[str, ...]
    topics: tuple[str, ...]
    counts: tuple[int, ...]
    root: Id | None = None
    held: bool = True

    @property
    def features(self) -> Features:
        """Return what the mention speaks of; only for one that is indexed."""
        if self.f is None:
            raise LookupError(f"mention {self.id} is no longer indexed")
        return self.f


@dataclass(frozen=True, slots=True)
class Query:
    """A text to be placed, weighed by how rare its terms are now."""

    at: float
    f: Features
    idf: dict[str, float]
    vector: dict[str, float]


class Window:
    """Mentions by id and by term; ``add`` and ``remove`` keep the counts of rareness right."""

    def __init__(self, seconds: float, most: int) -> None:
        self.seconds = seconds
        self.entries: dict[Id, Entry] = {}
        self._most = most
        self._seen: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        """How often a term was said again within a story: a loud story does not make it usual."""
        self._postings: dict[str, list[Entry]] = {}
        self._ages: list[tuple[float, int, Entry]] = []
        self._serial = 0
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []
        self._indexed = 0

    @property
    def now(self) -> float:
        """Return the middle of the times of what arrived last, in seconds."""
        return self._sorted[len(self._sorted) // 2] if self._sorted else -math.inf

    def add(self, entry: Entry) -> None:
        """Hold and index ``entry``."""
        self.entries[entry.id] = entry
        for term in entry.features.terms:
            self._seen[term] += 1
            if prior_rate(term) < COMMON_RATE:
                self._postings.setdefault(term, []).append(entry)
        self._indexed += 1
        heapq.heappush(self._ages, (entry.at, self._serial, entry))
        self._serial += 1
        insort(self._sorted, entry.at)
        self._recent.append(entry.at)
        if len(self._recent) > RECENT:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]

    def expired(self) -> list[Entry]:
        """Return the entries that are to leave: too old, or over the cap (the oldest first)."""
        gone = []
        left = len(self.entries)
        while self._ages and (self._ages[0][0] < self.now - self.seconds or left > self._most):
            entry = heapq.heappop(self._ages)[2]
            if entry.held:
                gone.append(entry)
                left -= 1
        return gone

    def remove(self, entry: Entry) -> None:
        """Let go of ``entry``."""
        if self.entries.get(entry.id) is entry:
            del self.entries[entry.id]
        self.unindex(entry)
        entry.held = False

    def unindex(self, entry: Entry) -> None:
        """Take ``entry`` out of the postings but go on knowing its id."""
        if entry.f is None:
            return
        terms, entry.f = entry.f.terms, None
        self._indexed -= 1
        for term in terms:
            left = self._seen[term] - 1
            if left:
                self._seen[term] = left
            else:
                del self._seen[term]
            posting = self._postings.get(term)
            if posting is None:
                continue
            if not left:
                del self._postings[term]
            elif len(posting) > 2 * left + 8:
                # Swept now and then, so that taking one out costs the same in any story.
                posting[:] = [e for e in posting if e.f is not None]

    def query(self, at: float, f: Features) -> Query:
        """Weigh the terms of ``f`` by the shipped prior and what the window holds."""
        total = math.log(PRIOR_TEXTS + self._indexed)
        seen, again = self._seen, self.repeated
        idf = {t: total - math.log(seen.get(t, 0) - again.get(t, 0) + expected(t)) for t in f.terms}
        vector = {t: _ROOTS[w] * idf[t] for t, w in zip(f.terms, f.weights, strict=True)}
        return Query(at, f, idf, vector)

    def nearest(self, query: Query) -> list[tuple[float, Entry]]:
        """Return the most alike entries, best first, at most ``PER_STORY`` of one story."""
        f, vector = query.f, query.vector
        keys = heapq.nlargest(
            QUERY_TERMS, (t for t in f.terms if t in self._postings), key=vector.__getitem__
        )
        partial: dict[Entry, float] = {}
        said = partial.get
        for term in keys:
            gain = vector[term] ** 2
            # Newest first, and no more than a cap: the cost must not grow with the archive.
            for entry in islice(reversed(self._postings[term]), POSTINGS):
                if entry.f is not None:
                    partial[entry] = said(entry, 0.0) + gain
        pull = {t: vector[t] * query.idf[t] for t in f.terms}
        found: list[tuple[float, Entry]] = []
        taken: Counter[Id] = Counter()
        for entry in heapq.nlargest(4 * NEAREST, partial, key=partial.__getitem__):
            if len(found) == NEAREST:
                break
            # One loud story must not crowd out the others.
            if taken[entry.story] < PER_STORY and abs(entry.at - query.at) <= self.seconds:
                taken[entry.story] += 1
                found.append((_cosine(pull, f, entry.features), entry))
        return sorted(found, key=lambda pair: -pair[0])


def _cosine(pull: Mapping[str, float], mine: Features, theirs: Features) -> float:
    weighed = zip(theirs.terms, theirs.weights, strict=True)
    dot = sum(pull[t] * _ROOTS[w] for t, w in weighed if t in pull)
    return min(dot / (mine.length * theirs.length), 1.0)
