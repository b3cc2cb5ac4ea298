"""Which story and which affair a new item belongs to: decided as it comes, at a flat cost.

Two levels. A *story* is a burst of reports that follow on one another; an *event* is the whole
affair, several stories over months. An affair changes its words (rumour, cause, denial,
conclusion), so an item is held against the nearest single members and against the story as a
whole; a story against small prints of older ones (``story_memory``). Look-alikes of another place
are kept apart by a veto.

All state is a function of what was told: ``remember`` the prints, then ``insert`` the items of the
last ``window`` again, in time order, after a restart, and the next decisions are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import lru_cache

from langnghe.core.clock import as_utc
from nlp.story_events import LINK, affair, link, subject
from nlp.story_evidence import (
    Evidence,
    likeness,
    reasons,
)
from nlp.story_features import Features, features
from nlp.story_memory import DAY, Memory, StoryPrint
from nlp.story_state import ActiveStory
from nlp.story_types import Assignment, Id, Placed, StoryItem
from nlp.story_weigh import original, weigh
from nlp.story_window import Entry, Query, Window

JOIN = 0.45
"""Likeness from which an item joins a story."""
BRIDGE = 0.8
"""Likeness to a second, older story from which an item shows the two to be one affair."""
YOUNG = 4
"""Members up to which, and days up to which, a story that stands alone may still find its event."""
YOUNG_DAYS = 3.0
REOPEN = 30.0
"""Days of silence up to which an affair's last story goes on; after that a new one opens."""

__all__ = ["Assignment", "Placed", "StoryIndex", "StoryItem", "group", "group_all"]

_features = lru_cache(maxsize=512)(features)


class StoryIndex:
    """The active stories, the prints of older ones, and an inverted index over each.

    Bounded: mentions by ``window`` and ``most``, prints by ``memory`` and ``prints``; a story
    counts by its latest hundred or so members.
    """

    def __init__(
        self,
        *,
        window: timedelta = timedelta(days=14),
        threshold: float = JOIN,
        most: int = 60_000,
        memory: timedelta = timedelta(days=180),
        prints: int = 30_000,
        judge: Callable[[Evidence], float] = likeness,
    ) -> None:
        self._threshold = threshold
        self._judge = judge
        self._window = Window(window.total_seconds(), most)
        self._memory = Memory(memory.total_seconds() / DAY, prints)
        self._stories: dict[Id, ActiveStory] = {}
        self._apart: dict[Id, set[Id]] = {}

    def __len__(self) -> int:
        return len(self._window.entries)

    @property
    def remembered(self) -> int:
        """Return how many prints of stories are held."""
        return len(self._memory)

    def assign(self, item: StoryItem) -> Assignment:
        """Decide the story and event of ``item`` without changing anything.

        An id that is already in the index keeps its story: a revision is no second mention. The
        event is decided when a story opens. A story that stands alone in its event may still join
        an older affair with one of its first ``YOUNG`` members within ``YOUNG_DAYS`` (they may be
        the first to name the school); once it has joined one, or grown, or another story has
        joined it, its event is settled and no longer changes.
        """
        known = self._window.entries.get(item.id)
        if known is not None:
            event = self._event_of(known.story)
            return Assignment(known.story, 1.0, known.root, ("known",), event)
        query = self._window.query(as_utc(item.at).timestamp(), _features(item.title, item.text))
        near = self._window.nearest(query)
        first = original(query.f, near)
        if first is not None:
            root = first.id if first.root is None else first.root
            event = self._event_of(first.story)
            return Assignment(first.story, 1.0, root, ("copy",), event)
        weighed = [
            (self._judge(e), story, e) for story, e in weigh(item, query, near, self._stories)
        ]
        best = max(weighed, key=lambda found: found[0], default=None)
        value, why = (best[0], reasons(best[2])) if best is not None else (0.0, ())
        if best is not None and value >= self._threshold:
            others = {story for v, story, _ in weighed if v >= BRIDGE}
            return self._joined(item, query, best[1], value, why, others)
        found = self._affair(item, query, [query.f], None)
        if found is None:
            return Assignment(None, value, None, why)
        event, sure = found
        open_still = self._open_story(event, query.at)
        goes_on = open_still is not None and self._goes_on(open_still, sure, weighed)
        if goes_on and item.kind != "comment":
            return Assignment(open_still, sure, None, (*why, "event"), event)
        return Assignment(None, value, None, (*why, "event"), event)

    def _goes_on(self, story: Id, sure: float, weighed: list[tuple[float, Id, Evidence]]) -> bool:
        """Return whether an affair's open story goes on; learnt weights have their say in it."""
        if self._judge is likeness:
            return True
        learnt = sum(_odds(v) - _odds(likeness(e)) for v, s, e in weighed if s == story)
        return _odds(sure) + learnt >= _odds(LINK)

    def insert(
        self, item: StoryItem, story: Id, event: Id | None = None, *, copy_of: Id | None = None
    ) -> None:
        """Record that ``item`` belongs to ``story`` of ``event`` and drop what is too old.

        Without ``event`` a known story keeps its own, and a new one begins an event that goes by
        the story's own id. ``copy_of`` is what ``assign`` said.
        """
        before = self._window.entries.get(item.id)
        if before is not None:
            self._remove(before)
        entry = Entry(
            id=item.id, at=as_utc(item.at).timestamp(), kind=item.kind, story=story,
            f=_features(item.title, item.text), units=item.units, topics=item.topics,
            counts=item.counts, root=copy_of,
        )  # fmt: skip
        self._window.add(entry)
        self._place(entry, story, event, fresh=before is None)
        for gone in self._window.expired():
            self._remove(gone)
        self._memory.forget(self._window.now)

    def move(self, id_: Id, story: Id, event: Id | None = None) -> None:
        """Take the item ``id_`` over into ``story`` (a new one if unknown), as a hand decided.

        An id that has left the window is passed over: its story's print stays as it is.
        """
        entry = self._window.entries.get(id_)
        if entry is None:
            return
        self._leave(entry)
        entry.story = story
        self._place(entry, story, event, fresh=True)

    def forbid(self, story_a: Id, story_b: Id) -> None:
        """Never again put the two stories into one event by machine ("không liên quan")."""
        self._apart.setdefault(story_a, set()).add(story_b)
        self._apart.setdefault(story_b, set()).add(story_a)

    def allow(self, story_a: Id, story_b: Id) -> None:
        """Take back what ``forbid`` said."""
        self._apart.get(story_a, set()).discard(story_b)
        self._apart.get(story_b, set()).discard(story_a)

    def remember(self, told: StoryPrint) -> None:
        """Load the print of an older story (after a restart, before its items are inserted).

        Of a story that is active only the event is taken over, besides what the print recalls.
        """
        self._memory.keep(told)
        if told.story in self._stories:
            self._stories[told.story].event = told.event

    def print_of(self, story: Id) -> StoryPrint | None:
        """Return the print of ``story`` as it is now; ``None`` for one that is not known."""
        active = self._stories.get(story)
        return active.print(self._memory.get(story)) if active else self._memory.get(story)

    def _place(self, entry: Entry, story_id: Id, event: Id | None, *, fresh: bool) -> None:
        story = self._stories.get(story_id)
        if story is None:
            told = self._memory.get(story_id)
            story = self._stories[story_id] = ActiveStory(story_id, told, self._window.repeated)
        if event is not None and event != story.event:
            story.event = event
            story.changed = True
        old = story.add(entry, fresh=fresh)
        if old is not None:
            self._window.unindex(old)
        if story.changed:
            self._memory.keep(story.print(self._memory.get(story_id)))
            story.changed = False

    def _remove(self, entry: Entry) -> None:
        self._leave(entry)
        self._window.remove(entry)

    def _leave(self, entry: Entry) -> None:
        story = self._stories[entry.story]
        if story.alone_with(entry):
            # The last look at it before its texts go.
            self._memory.keep(story.print(self._memory.get(entry.story)))
            del self._stories[entry.story]
        else:
            story.take(entry)

    def _event_of(self, story: Id) -> Id:
        active = self._stories.get(story)
        told = self._memory.get(story)
        return active.event if active else told.event if told else story

    def _joined(
        self,
        item: StoryItem,
        query: Query,
        story_id: Id,
        value: float,
        why: tuple[str, ...],
        likely: set[Id],
    ) -> Assignment:
        story = self._stories[story_id]
        event = story.event
        young = (
            story.members < YOUNG
            and abs(query.at - story.first) <= YOUNG_DAYS * DAY
            and self._memory.stories(event) <= {story_id}
        )
        if young and item.kind != "comment":
            found = self._affair(item, query, [*story.texts(), query.f], story_id)
            older = found[0] if found is not None else self._bridged(story_id, likely)
            if older is not None:
                return Assignment(story_id, value, None, (*why, "event"), older)
        return Assignment(story_id, value, None, why, event)

    def _affair(
        self, item: StoryItem, query: Query, texts: list[Features], story: Id | None
    ) -> tuple[Id, float] | None:
        """Return the event (and how sure it is) that these first texts of a story belong to."""
        new = subject(query.at, texts, item.units, item.topics, self._memory.idf)
        best: tuple[float, StoryPrint] | None = None
        for told in self._memory.alike(new.vector, but=story):
            value = affair(link(new, told))
            if (
                value >= LINK
                and (best is None or value > best[0])
                and self._free(story, told.event)
            ):
                best = (value, told)
        return None if best is None else (best[1].event, best[0])

    def _bridged(self, story: Id, likely: set[Id]) -> Id | None:
        """Return the event of an older story that an item of ``story`` would as well belong to."""
        older = [
            (self._stories[other].first, str(other), self._event_of(other))
            for other in likely - {story}
            if self._stories[other].first < self._stories[story].first
            and self._free(story, self._event_of(other))
        ]
        return min(older)[2] if older else None

    def _free(self, story: Id | None, event: Id) -> bool:
        apart = self._apart.get(story, set()) if story is not None else set()
        return not apart or apart.isdisjoint(self._memory.stories(event))

    def _open_story(self, event: Id, at: float) -> Id | None:
        """Return the story of ``event`` that was last alive no longer than ``REOPEN`` ago.

        It may have left the window: its print is enough to go on from.
        """
        open_ = [
            (away, str(story), story)
            for story in self._memory.stories(event)
            if (away := abs(at - self._last_of(story))) <= REOPEN * DAY
        ]
        return min(open_)[2] if open_ else None

    def _last_of(self, story: Id) -> float:
        active, told = self._stories.get(story), self._memory.get(story)
        return active.last if active else told.last if told else -math.inf


def _odds(p: float) -> float:
    sure = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(sure / (1 - sure))


def group_all(
    items: Iterable[StoryItem], *, window: timedelta = timedelta(days=14)
) -> list[Placed]:
    """Group ``items`` as a stream in time order.

    A story is called ``s-`` and an event ``e-`` and the id of its first item, so the same input
    gives the same names. An event found late holds for the whole story.
    """
    index = StoryIndex(window=window)
    events: dict[Id, Id] = {}
    placed: dict[Id, tuple[Id, Id | None]] = {}
    for item in sorted(items, key=lambda i: (as_utc(i.at), str(i.id))):
        found = index.assign(item)
        story = f"s-{item.id}" if found.story is None else found.story
        events[story] = f"e-{item.id}" if found.event is None else found.event
        index.insert(item, story, events[story], copy_of=found.copy_of)
        if "known" not in found.why:
            placed[item.id] = (story, found.copy_of)
    return [Placed(id_, story, events[story], copy) for id_, (story, copy) in placed.items()]


def group(items: Iterable[StoryItem], *, window: timedelta = timedelta(days=14)) -> dict[Id, Id]:
    """Group ``items`` as ``group_all`` does; return item id -> story id."""
    return {one.id: one.story for one in group_all(items, window=window)}
