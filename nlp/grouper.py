"""The rim of grouping: read mentions in, stories and events out.

What is in memory is only a copy of the tables. It is caught up before each batch with what other
processes placed and what people decided, and thrown away when a write fails or comes too late, so
that processes and restarts come to the same stories and no decision of a person is overturned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from langnghe.core.hand import Decision, redirects, tied, told_apart
from langnghe.core.store import hand
from langnghe.core.store.children import any_due
from langnghe.core.store.engine import Store
from langnghe.core.store.stories import (
    Placement,
    ReadMention,
    latest_members,
    members_by_id,
    members_since,
    newest_member,
    prints_since,
    save_events,
    save_placements,
    save_prints,
    to_group,
)
from nlp.covering import cover_due, named_in, remember_children, without_children
from nlp.stories import StoryIndex, StoryItem
from nlp.story_evidence import Evidence, likeness
from nlp.story_memory import StoryPrint

BATCH = 100
WINDOW = timedelta(days=14)
MEMORY = timedelta(days=180)
_TRIES = 5  # times a batch is decided anew because a person or another process was faster
_COVERED = re.compile(r"\[[^\[\]]{1,40}\]")  # what stands where the shield covered something
_SAMPLE = 120  # members of which a print is drawn up anew


@dataclass(slots=True)
class _Decided:
    """What a batch comes to. Stories not yet stored go by negative keys."""

    placements: list[Placement] = field(default_factory=list)
    keys: dict[int, int] = field(default_factory=dict)  # mention -> key of its story
    events: dict[int, int] = field(default_factory=dict)  # key of a story -> key of its event


class Grouper:
    """Places read mentions into stories, keeping the active window in memory between sweeps."""

    def __init__(
        self,
        store: Store,
        *,
        window: timedelta = WINDOW,
        memory: timedelta = MEMORY,
        judge: Callable[[Evidence], float] = likeness,
    ) -> None:
        self._store, self._judge = store, judge
        self._window, self._memory = window, memory
        self._known = self._heeded = 0  # the newest membership and change the index has seen
        self._forget()

    def group_due(self, *, limit: int = 5 * BATCH) -> int:
        """Place up to ``limit`` waiting mentions; return how many were taken up."""
        for _ in range(_TRIES):
            with self._store.read() as session:
                waiting = to_group(session, limit)
                if waiting:
                    self._catch_up(session, waiting[0].seen_at)
                elif not any_due(session):
                    return 0
            if not waiting:
                with self._store.write() as session:
                    return cover_due(session, limit)
            if self._write(waiting, limit):
                return len(waiting)
        return 0  # others are at work without a pause; the next sweep finds what is left

    def _write(self, waiting: Sequence[ReadMention], limit: int) -> bool:
        """Decide and store one batch; return False where what was decided on is out of date."""
        try:
            decided = self._decide(waiting)
            named = {mention.id: names for mention in waiting if (names := named_in(mention))}
            with self._store.write() as session:
                hand.lock_grouping(session)
                if self._known != newest_member(session) or self._heeded != hand.newest_change(
                    session
                ):
                    self._forget()
                    return False
                stories = save_placements(session, decided.placements)
                for mention, key in decided.keys.items():
                    self._call(key, stories[mention])
                remember_children(session, stories, named)
                self._save_levels(session, decided)
                cover_due(session, limit)
                self._known = newest_member(session)
        except BaseException:
            self._forget()
            raise
        self._unsaved.clear()
        return True

    def _forget(self) -> None:
        self._index = StoryIndex(window=self._window, memory=self._memory, judge=self._judge)
        self._loaded = False
        self._known = self._heeded = 0
        self._fresh = 0  # the last negative key given out
        self._real: dict[int, int] = {}  # stories of negative keys
        self._key: dict[int, int] = {}  # and the other way round
        self._apart: set[tuple[int, int]] = set()
        self._tied: set[int] = set()  # stories whose event a person has settled
        self._unsaved: dict[int, StoryPrint] = {}  # prints drawn up anew, by story

    def _call(self, key: int, story: int) -> None:
        if key != story:
            self._real[key], self._key[story] = story, key

    def _key_of(self, story: int) -> int:
        return self._key.get(story, story)

    # Catching up

    def _catch_up(self, session: Session, first: datetime) -> None:
        since = first - self._window
        # These first: what is committed between two questions is then told twice, never missed.
        known, heeded = newest_member(session), hand.newest_change(session)
        if not self._loaded:
            for text in prints_since(session, first - self._memory):
                self._index.remember(StoryPrint.from_json(text))
        if known > self._known:
            for mention in members_since(session, self._known, since):
                self._insert(mention)
        if heeded > self._heeded:
            self._obey(session, since)
            self._redraw(session, first - self._memory)
        self._known, self._heeded, self._loaded = known, heeded, True

    def _insert(self, mention: ReadMention) -> None:
        if mention.story_id is not None:
            story, event = mention.story_id, mention.event_id or mention.story_id
            self._index.insert(
                story_item(mention), self._key_of(story), self._key_of(event),
                copy_of=mention.copy_of,
            )  # fmt: skip

    def _obey(self, session: Session, since: datetime) -> None:
        """Put into the index what people decided or took back since the last look."""
        standing = hand.light_decisions(session)
        apart = {(self._key_of(a), self._key_of(b)) for a, b in told_apart(standing)}
        for a, b in apart - self._apart:
            self._index.forbid(a, b)
        for a, b in self._apart - apart:
            self._index.allow(a, b)
        into = redirects(standing)
        self._apart = apart
        self._tied = {s for pair in tied(standing) for s in pair} | set(into.values())
        if not self._loaded:
            return  # what was just read from the tables is how people left it
        changed = hand.changes_since(session, self._heeded)
        moved = {m for d in changed for m in (*d.mention_ids, *d.before.get("back", ()))}
        for mention in members_by_id(session, sorted(moved), since):
            self._insert(mention)
        touched = {n for d in changed for s in _named(d) for n in (s, into.get(s, s))}
        for story, (event, count) in hand.whereabouts(session, touched).items():
            self._regroup(session, story, event or story, count, since)

    def _regroup(
        self, session: Session, story: int, event: int, count: int, since: datetime
    ) -> None:
        """Let the index know the event of a story; one that was emptied is known by nothing."""
        latest = latest_members(session, story, 1)
        if latest and latest[0].seen_at >= since:
            self._insert(latest[0])
            return
        told = self._index.print_of(self._key_of(story))
        if told is not None and count:
            self._index.remember(replace(told, event=self._key_of(event)))
        elif told is not None:
            own = self._key_of(story)
            self._index.remember(replace(told, event=own, terms={}, names=(), spots=()))

    def _redraw(self, session: Session, since: datetime) -> None:
        """Draw up anew the prints of stories that people changed, from the members they have."""
        for story, event in hand.unprinted(session, since).items():
            apart = StoryIndex(window=timedelta(days=36_500))
            for mention in latest_members(session, story, _SAMPLE):
                apart.insert(story_item(mention), story, event)
            told = apart.print_of(story)
            if told is not None:
                self._unsaved[story] = told
                self._index.remember(
                    replace(told, story=self._key_of(story), event=self._key_of(told_event(told)))
                )

    # Deciding and storing

    def _decide(self, waiting: Sequence[ReadMention]) -> _Decided:
        found = _Decided()
        for mention in waiting:
            if mention.story_id is not None:
                found.placements.append(Placement(mention, mention.story_id, None, None, 1.0))
                continue
            item = story_item(mention)
            choice = self._index.assign(item)
            if choice.story is None:
                self._fresh -= 1
            key = self._fresh if choice.story is None else int(choice.story)
            story = self._real.get(key, key)
            event = key if choice.event is None else int(choice.event)
            if choice.story is not None and story in self._tied:
                told = self._index.print_of(key)  # a person has said which event this is
                event = int(told.event) if told is not None else event
            self._index.insert(item, key, event, copy_of=choice.copy_of)
            found.keys[mention.id] = key
            found.events[key] = event
            found.placements.append(
                Placement(
                    mention,
                    story_id=story if story > 0 else None,
                    opens=key if story < 0 else None,
                    copy_of=int(choice.copy_of) if choice.copy_of is not None else None,
                    similarity=choice.similarity,
                )
            )
        return found

    def _save_levels(self, session: Session, decided: _Decided) -> None:
        """Write the events of the stories of a batch, and what they are to be known again by."""
        save_events(session, {self._stored(s): self._stored(e) for s, e in decided.events.items()})
        prints = dict(self._unsaved)
        for key in decided.events:
            told = self._index.print_of(key)
            if told is not None:
                story, event = self._stored(key), self._stored(told_event(told))
                prints[story] = replace(told, story=story, event=event)
        kept = without_children(session, prints)
        save_prints(session, {story: told.to_json() for story, told in kept.items()})

    def _stored(self, key: int) -> int:
        return self._real.get(key, key)


def told_event(told: StoryPrint) -> int:
    """Return the number of a print's event (the index also takes names for ids; we never do)."""
    return int(told.event)


def story_item(mention: ReadMention) -> StoryItem:
    """Return what the story index looks at: the text after the shield.

    What the index learns is kept for months in prints, so no child's name may get into it.
    """
    title, whole = mention.masked_title, mention.masked_text
    text = whole[len(title) :].lstrip(". ") if whole.startswith(title) else whole
    return StoryItem(
        id=mention.id,
        at=mention.seen_at,
        title=_COVERED.sub(" ", title),
        text=_COVERED.sub(" ", text),
        kind=mention.kind,
        units=mention.units,
        topics=mention.topics,
        counts=mention.counts,
    )


def _named(decision: Decision) -> Iterable[int]:
    events = (int(s) for s in decision.before.get("events", {}))
    return (decision.story_id, decision.other_id, *events)
