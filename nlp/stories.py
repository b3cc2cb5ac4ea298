"""Which story a new item belongs to: decided as it comes, at a flat cost, from active items only.

An affair lives for days and changes its words (rumour, cause, denial, conclusion), so an item is
held against the nearest single members and against the story as a whole. Look-alike events of
another place are kept apart by a veto (``story_evidence``). All state is a function of the items
inside the window: insert the last ``window`` of items again, in time order, after a restart, and
the next decisions are the same.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from langnghe.core.clock import as_utc
from nlp.story_evidence import (
    Evidence,
    Profile,
    agree,
    agree_names,
    likeness,
    overlap,
    rare_terms,
    reasons,
    trust,
)
from nlp.story_features import PRIOR_TEXTS, Features, expected, features, prior_rate, resemblance

Id = int | str

QUERY_TERMS = 32
POSTINGS = 48
COMMON_RATE = 150.0
"""Terms in more than this many of 10,000 texts never fetch a candidate (they still score)."""
NEAREST = 12
PER_STORY = 4
STORIES = 6
COPY = 0.6
"""Estimated share of common three-word runs from which two texts are copies."""

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
    ``term:…`` (a shared rare term, folded), ``same:…`` and ``other:…`` (place, school, commune,
    unit), ``veto:place``, ``copy``, ``known``.
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


class _Story:
    """News and comments apart: five hundred comments must not drown what the reports say."""

    __slots__ = ("last", "news", "talk")

    def __init__(self) -> None:
        self.news, self.talk = Profile(), Profile()
        self.last = -math.inf

    @property
    def profile(self) -> Profile:
        return self.news if self.news.members else self.talk

    @property
    def empty(self) -> bool:
        return not self.news.members and not self.talk.members

    def add(self, entry: _Entry, sign: int) -> None:
        profile = self.talk if entry.item.kind == "comment" else self.news
        profile.add(entry.f, entry.item.units, entry.item.topics, sign)
        if sign > 0:
            self.last = max(self.last, entry.at)


@dataclass(frozen=True, slots=True)
class _Query:
    item: StoryItem
    at: float
    f: Features
    idf: dict[str, float]
    vector: dict[str, float]
    trust: float


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
        query = self._query(item)
        near = self._nearest(query)
        original = _original(query.f, near)
        if original is not None:
            return Assignment(original.story, 1.0, original.item.id, ("copy",))
        best = max(
            ((likeness(e), story, e) for story, e in self._weigh(query, near)),
            key=lambda found: found[0],
            default=None,
        )
        if best is None:
            return Assignment(None, 0.0, None, ())
        value, story, evidence = best
        joined = story if value >= self._threshold else None
        return Assignment(joined, value, None, reasons(evidence))

    def insert(self, item: StoryItem, story: Id) -> None:
        """Record that ``item`` belongs to ``story`` and drop what has left the window."""
        if item.id in self._entries:
            self._remove(item.id)
        f = _features(item.title, item.text)
        entry = _Entry(item, as_utc(item.at).timestamp(), story, f)
        self._entries[item.id] = entry
        self._stories.setdefault(story, _Story()).add(entry, 1)
        for term in f.terms:
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
        if story.empty:
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

    def _query(self, item: StoryItem) -> _Query:
        f = _features(item.title, item.text)
        total, seen = math.log(PRIOR_TEXTS + len(self._entries)), self._seen
        idf = {t: total - math.log(seen.get(t, 0) + expected(t)) for t in f.terms}
        vector = {t: math.sqrt(w) * idf[t] for t, w in zip(f.terms, f.weights, strict=True)}
        return _Query(item, as_utc(item.at).timestamp(), f, idf, vector, trust(vector))

    def _nearest(self, query: _Query) -> list[tuple[float, _Entry]]:
        """Return the most alike active items, best first, at most ``PER_STORY`` of one story."""
        f, vector = query.f, query.vector
        keys = heapq.nlargest(
            QUERY_TERMS, (t for t in f.terms if t in self._postings), key=vector.__getitem__
        )
        partial: dict[Id, float] = {}
        for term in keys:
            gain = vector[term] ** 2
            # Newest first, and no more than a cap: the cost must not grow with the archive.
            for id_ in islice(reversed(self._postings[term]), POSTINGS):
                partial[id_] = partial.get(id_, 0.0) + gain
        pull = {t: vector[t] * query.idf[t] for t in f.terms}
        found: list[tuple[float, _Entry]] = []
        taken: Counter[Id] = Counter()
        for id_, _ in heapq.nlargest(4 * NEAREST, partial.items(), key=lambda kv: kv[1]):
            entry = self._entries[id_]
            if len(found) == NEAREST:
                break
            # One loud story must not crowd out the others.
            if taken[entry.story] < PER_STORY and abs(entry.at - query.at) <= self._window:
                taken[entry.story] += 1
                theirs = zip(entry.f.terms, entry.f.weights, strict=True)
                dot = sum(pull[t] * _ROOTS[w] for t, w in theirs if t in pull)
                found.append((min(dot / (f.length * entry.f.length), 1.0), entry))
        return sorted(found, key=lambda pair: -pair[0])

    def _weigh(self, query: _Query, near: list[tuple[float, _Entry]]) -> list[tuple[Id, Evidence]]:
        item, f = query.item, query.f
        tops: dict[Id, tuple[float, _Entry]] = {}
        for value, entry in near:
            tops.setdefault(entry.story, (value, entry))
        result = []
        for story_id, (value, entry) in islice(tops.items(), STORIES):
            story = self._stories[story_id]
            profile = story.profile
            whole, covered, shared = overlap(query.vector, profile, entry.f)
            rare, apart, terms = rare_terms(shared, query.idf, f, entry.f)
            result.append((story_id, Evidence(
                nearest=value * query.trust,
                whole=whole * query.trust,
                covered=covered * query.trust,
                rare=rare,
                apart=apart,
                place=agree(f.places.provinces, profile.provinces),
                school=agree_names(f.places.schools, profile.schools),
                commune=agree_names(f.places.communes, profile.communes),
                units=agree(item.units, profile.units),
                topics=agree(item.topics, profile.topics),
                counts=len({c for c in item.counts if c > 2} & set(entry.item.counts)),
                days=min(abs(query.at - story.last), abs(query.at - entry.at)) / 86_400,
                members=profile.members,
                talk=item.kind == "comment",
                terms=terms,
            )))  # fmt: skip
        return result


_ROOTS = [math.sqrt(w) for w in range(16)]


def _original(f: Features, near: list[tuple[float, _Entry]]) -> _Entry | None:
    copies = (
        entry for value, entry in near
        if value > 0.4 and resemblance(f.sketch, entry.f.sketch) >= COPY
        and agree(f.places.provinces, dict.fromkeys(entry.f.places.provinces, 1)) >= 0
    )  # fmt: skip
    return min(copies, key=lambda e: (e.at, str(e.item.id)), default=None)


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
