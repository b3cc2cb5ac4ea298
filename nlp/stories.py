"""Which story a new item belongs to: decided as it comes, at a flat cost, from active items only.

An affair lives for days and changes its words (rumour, cause, denial, conclusion), so an item is
held against the nearest single members and against the story as a whole. Look-alike events of
another place are kept apart by a veto. All state is a function of the items inside the window:
insert the last ``window`` of items again after a restart and the next decisions are the same.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from langnghe.core.clock import as_utc
from nlp.story_features import Features, features, prior_rate, resemblance

Id = int | str

PRIOR_TEXTS = 20_000
"""How many texts the shipped prior weighs against the window's own counts."""
QUERY_TERMS = 32
POSTINGS = 48
COMMON_RATE = 150.0
"""Terms in more than this many of 10,000 texts never fetch a candidate (they still score)."""
NEAREST = 12
STORIES = 6
COPY = 0.6
RARE = 6.0
"""IDF from which a shared term is evidence by itself (in about one of 400 texts)."""

_ROOTS = [math.sqrt(w) for w in range(16)]
_features = lru_cache(maxsize=512)(features)


@dataclass(frozen=True, slots=True)
class StoryItem:
    """One mention as grouping sees it. ``counts`` are numbers of people the facts state."""

    id: Id
    at: datetime
    title: str | None
    text: str | None
    kind: str = "news"
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where an item belongs. ``story`` is ``None`` when it opens a story of its own.

    ``similarity`` is 0..1 for the best story found (also when it was not enough); ``copy_of`` is
    the id of the earliest active item with nearly the same wording; ``why`` holds short codes:
    ``term:…``, ``place:…``, ``unit:…``, ``copy``, ``veto:…``.
    """

    story: Id | None
    similarity: float
    copy_of: Id | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    item: StoryItem
    at: float
    story: Id
    f: Features
    length: float


class _Story:
    __slots__ = ("communes", "last", "located", "members", "provinces", "schools", "support",
                 "topics", "units")  # fmt: skip

    def __init__(self) -> None:
        self.members = 0
        self.last = -math.inf
        self.located = 0
        self.support: Counter[str] = Counter()
        self.provinces: Counter[str] = Counter()
        self.communes: Counter[str] = Counter()
        self.schools: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.topics: Counter[str] = Counter()

    def add(self, entry: _Entry, sign: int) -> None:
        self.members += sign
        self.located += sign * bool(entry.f.places.provinces)
        for counter, keys in (
            (self.support, entry.f.terms),
            (self.provinces, entry.f.places.provinces),
            (self.communes, entry.f.places.communes),
            (self.schools, entry.f.places.schools),
            (self.units, entry.item.units),
            (self.topics, entry.item.topics),
        ):
            for key in keys:
                left = counter[key] + sign
                if left:
                    counter[key] = left
                else:
                    del counter[key]
        if sign > 0:
            self.last = max(self.last, entry.at)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one item belonging to one story; the inputs of ``likeness``."""

    nearest: float
    whole: float
    covered: float
    rare: float
    place: int
    school: int
    commune: int
    units: int
    topics: int
    counts: int
    days: float
    members: int
    terms: tuple[str, ...]


def likeness(e: Evidence) -> float:
    """Return 0..1: how sure the evidence makes one story of the two; half is the line."""
    z = (
        -3.2 + 2.0 * e.nearest + 2.2 * e.whole + 2.4 * e.covered + 0.9 * min(e.rare, 6.0)
        + (0.6 if e.place > 0 else -2.0 if e.place < 0 else 0.0)
        + (1.0 if e.school > 0 else -0.7 if e.school < 0 else 0.0)
        + (0.2 if e.commune > 0 else -0.3 if e.commune < 0 else 0.0)
        + 0.6 * (e.days < 1.5) - 0.3 * min(e.days, 7.0)
        - 0.5 * math.log(max(e.members / 12, 1.0))
        + 0.6 * e.units + 0.3 * e.topics + 0.3 * min(e.counts, 2)
    )  # fmt: skip
    return 1 / (1 + math.exp(-z))


class StoryIndex:
    """The active stories and an inverted index over their rarer terms."""

    def __init__(self, *, window: timedelta = timedelta(days=14), threshold: float = 0.5) -> None:
        self._window = window.total_seconds()
        self._threshold = threshold
        self._entries: dict[Id, _Entry] = {}
        self._stories: dict[Id, _Story] = {}
        self._seen: Counter[str] = Counter()
        self._postings: dict[str, list[Id]] = {}
        self._ages: list[tuple[float, int, Id]] = []
        self._serial = 0
        self._now = -math.inf

    def __len__(self) -> int:
        return len(self._entries)

    def assign(self, item: StoryItem) -> Assignment:
        """Decide the story of ``item`` without changing anything.

        An id that is already in the index keeps its story: a revision is no second mention.
        """
        if item.id in self._entries:
            return Assignment(self._entries[item.id].story, 1.0, None, ("known",))
        f = _features(item.title, item.text)
        vector = self._vector(f)
        near = self._nearest(f, vector, as_utc(item.at).timestamp())
        original = self._original(f, near)
        if original is not None:
            return Assignment(original.story, 1.0, original.item.id, ("copy",))
        best = max(
            ((likeness(e), story, e) for story, e in self._weigh(item, f, vector, near)),
            key=lambda found: found[0],
            default=None,
        )
        if best is None:
            return Assignment(None, 0.0, None, ())
        value, story, evidence = best
        return Assignment(
            story if value >= self._threshold else None, value, None, _reasons(evidence)
        )

    def insert(self, item: StoryItem, story: Id) -> None:
        """Record that ``item`` belongs to ``story`` and drop what has left the window."""
        if item.id in self._entries:
            self._remove(item.id)
        f = _features(item.title, item.text)
        entry = _Entry(item, as_utc(item.at).timestamp(), story, f, _length(f))
        self._entries[item.id] = entry
        self._stories.setdefault(story, _Story()).add(entry, 1)
        for term in entry.f.terms:
            self._seen[term] += 1
            if prior_rate(term) < COMMON_RATE:
                self._postings.setdefault(term, []).append(item.id)
        heapq.heappush(self._ages, (entry.at, self._serial, item.id))
        self._serial += 1
        self._now = max(self._now, entry.at)
        while self._ages and self._ages[0][0] < self._now - self._window:
            at, _, old = heapq.heappop(self._ages)
            if old in self._entries and self._entries[old].at == at:
                self._remove(old)

    def _remove(self, id_: Id) -> None:
        entry = self._entries.pop(id_)
        story = self._stories[entry.story]
        story.add(entry, -1)
        if not story.members:
            del self._stories[entry.story]
        for term in entry.f.terms:
            self._seen[term] -= 1
            if not self._seen[term]:
                del self._seen[term]
            posting = self._postings.get(term)
            if posting is not None:
                posting.remove(id_)  # the oldest stands first, so this hardly ever searches
                if not posting:
                    del self._postings[term]

    def _idf(self, term: str) -> float:
        expected = PRIOR_TEXTS * prior_rate(term) / 10_000
        return math.log(
            (PRIOR_TEXTS + len(self._entries)) / (self._seen.get(term, 0) + expected + 0.5)
        )

    def _vector(self, f: Features) -> dict[str, float]:
        return {t: math.sqrt(w) * self._idf(t) for t, w in zip(f.terms, f.weights, strict=True)}

    def _nearest(
        self, f: Features, vector: dict[str, float], at: float
    ) -> list[tuple[float, _Entry]]:
        keys = heapq.nlargest(
            QUERY_TERMS, (t for t in f.terms if t in self._postings), key=vector.__getitem__
        )
        partial: dict[Id, float] = {}
        for term in keys:
            gain = vector[term] ** 2
            # Newest first, and no more than a cap: the cost must not grow with the archive.
            for id_ in islice(reversed(self._postings[term]), POSTINGS):
                partial[id_] = partial.get(id_, 0.0) + gain
        pull = {t: vector[t] ** 2 / math.sqrt(w) for t, w in zip(f.terms, f.weights, strict=True)}
        length = _length(f)
        found = []
        for id_, _ in heapq.nlargest(NEAREST, partial.items(), key=lambda kv: kv[1]):
            entry = self._entries[id_]
            if abs(entry.at - at) <= self._window:
                pairs = zip(entry.f.terms, entry.f.weights, strict=True)
                dot = sum(pull[t] * _ROOTS[w] for t, w in pairs if t in pull)
                found.append((dot / (length * entry.length), entry))
        return sorted(found, key=lambda pair: -pair[0])

    def weigh(self, item: StoryItem) -> list[tuple[Id, Evidence]]:
        """Return the candidate stories, best nearest member first, with what speaks for each."""
        f = _features(item.title, item.text)
        vector = self._vector(f)
        near = self._nearest(f, vector, as_utc(item.at).timestamp())
        return self._weigh(item, f, vector, near)

    def _weigh(
        self,
        item: StoryItem,
        f: Features,
        vector: dict[str, float],
        near: list[tuple[float, _Entry]],
    ) -> list[tuple[Id, Evidence]]:
        energy = sum(v * v for v in vector.values()) or 1.0
        at = as_utc(item.at).timestamp()
        tops: dict[Id, tuple[float, _Entry]] = {}
        for value, entry in near:
            tops.setdefault(entry.story, (value, entry))
        result = []
        for story_id, (value, entry) in islice(tops.items(), STORIES):
            story = self._stories[story_id]
            # A big story holds a little of everything: a term weighs as the share that says it.
            whole = sum(
                v * v * math.sqrt(story.support[t] / story.members)
                for t, v in vector.items()
                if t in story.support
            )
            covered = sum(vector[t] ** 2 for t in entry.f.terms if t in vector)
            least = 1 if story.members < 4 else 2
            rare, terms = _rare(
                {t: v for t, v in vector.items() if story.support.get(t, 0) >= least}, f, self._idf
            )
            result.append((story_id, Evidence(
                nearest=min(value, 1.0),
                whole=whole / energy,
                covered=covered / energy,
                rare=rare,
                place=_agree(f.places.provinces, story.provinces),
                school=_agree_names(f.places.schools, story.schools),
                commune=_agree_names(f.places.communes, story.communes),
                units=_agree(frozenset(item.units), story.units),
                topics=_agree(frozenset(item.topics), story.topics),
                counts=len({c for c in item.counts if c > 2} & set(entry.item.counts)),
                days=min(abs(at - story.last), abs(at - entry.at)) / 86_400,
                members=story.members,
                terms=terms,
            )))  # fmt: skip
        return result

    def _original(self, f: Features, near: list[tuple[float, _Entry]]) -> _Entry | None:
        copies = [
            entry for value, entry in near
            if value > 0.5 and resemblance(f.sketch, entry.f.sketch) >= COPY
            and _agree(f.places.provinces, Counter(entry.f.places.provinces)) >= 0
        ]  # fmt: skip
        return min(copies, key=lambda e: (e.at, str(e.item.id)), default=None)


def _length(f: Features) -> float:
    # By the prior alone, so that it never ages while the window's own counts move.
    return math.sqrt(sum(
        w * math.log(PRIOR_TEXTS / (PRIOR_TEXTS * prior_rate(t) / 10_000 + 0.5)) ** 2
        for t, w in zip(f.terms, f.weights, strict=True)
    )) or 1.0  # fmt: skip


def _rare(
    shared: dict[str, float], f: Features, idf_of: Callable[[str], float]
) -> tuple[float, tuple[str, ...]]:
    # A pair and its own halves, or two overlapping pairs, are one piece of evidence.
    used: set[str] = set()
    total, terms = 0.0, []
    for term in sorted(shared, key=lambda t: (" " not in t, -shared[t], t)):
        idf, halves = idf_of(term), term.split()
        if idf >= RARE and used.isdisjoint(halves):
            used.update(halves)
            total += (idf - RARE + 1) / 2 * (1.5 if term in f.names else 1.0)
            terms.append(term)
    return total, tuple(terms[:4])


def _agree(mine: frozenset[str], theirs: Counter[str]) -> int:
    if not mine or not theirs:
        return 0
    return 1 if any(key in theirs for key in mine) else -1


def _agree_names(mine: frozenset[str], theirs: Counter[str]) -> int:
    if not mine or not theirs:
        return 0
    same = any(a in b or b in a for a in mine for b in islice(theirs, 24))
    return 1 if same else -1


def _reasons(e: Evidence) -> tuple[str, ...]:
    why = [f"term:{t}" for t in e.terms]
    for name in ("place", "school", "commune", "units"):
        sign = getattr(e, name)
        if sign:
            why.append(f"{'same' if sign > 0 else 'other'}:{name}")
    return tuple(why)


def group(items: Iterable[StoryItem], *, window: timedelta = timedelta(days=14)) -> dict[Id, Id]:
    """Group ``items`` as a stream in time order; return item id -> story id.

    A story is called ``s-`` and the id of its first item, so the same input gives the same names.
    """
    index = StoryIndex(window=window)
    stories: dict[Id, Id] = {}
    for item in sorted(items, key=lambda i: (as_utc(i.at), str(i.id))):
        found = index.assign(item).story
        stories[item.id] = f"s-{item.id}" if found is None else found
        index.insert(item, stories[item.id])
    return stories
