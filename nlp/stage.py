"""The rim of understanding: read texts from the store, write readings and stories back.

Both stages are idempotent sweeps: what they did not finish is found again by the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog
from sqlmodel import Session

from langnghe.core.errors import LangNgheError
from langnghe.core.store.children import (
    any_due,
    children_of,
    cover_told,
    make_due,
    new_salt,
    remember,
    save_covered,
    take_due,
)
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import Unread, save_readings, set_aside, unread
from langnghe.core.store.stories import (
    Placement,
    ReadMention,
    members_since,
    newest_member,
    save_placements,
    to_group,
)
from langnghe.core.types import Item, Reading
from nlp.shield_story import Children, child_names, cover, cover_both, digests_of
from nlp.stories import StoryIndex, StoryItem

log = structlog.get_logger(__name__)
BATCH = 100
WINDOW = timedelta(days=14)


class Reads(Protocol):
    """Anything that turns items into readings (the trained reader, or a fake of it)."""

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order."""
        ...


def understand_due(
    store: Store, reader: Reads, *, limit: int = BATCH, ids: Sequence[int] | None = None
) -> int:
    """Read up to ``limit`` waiting mentions; return how many were taken up (0 = nothing left)."""
    with store.read() as session:
        waiting = unread(session, limit, ids=ids)
    if not waiting:
        return 0
    broken: list[Unread] = []
    try:
        readings = reader.predict([mention.item for mention in waiting])
        pairs = list(zip(waiting, readings, strict=True))
    except LangNgheError:
        raise  # the model itself cannot be used: nothing to gain from trying one by one
    except Exception:
        log.exception("batch_broke", first=waiting[0].id, size=len(waiting))
        pairs, broken = _one_by_one(reader, waiting)
    with store.write() as session:
        save_readings(session, pairs)
        set_aside(session, broken)
        make_due(session, [mention.id for mention, _ in pairs])  # an edited text of a known story
        cover_due(session, len(pairs))
    return len(waiting)


def _one_by_one(
    reader: Reads, waiting: Sequence[Unread]
) -> tuple[list[tuple[Unread, Reading]], list[Unread]]:
    """Return the pairs that can be read and the mentions that cannot, so that one holds up none."""
    pairs: list[tuple[Unread, Reading]] = []
    broken: list[Unread] = []
    for mention in waiting:
        try:
            pairs.append((mention, reader.predict([mention.item])[0]))
        except LangNgheError:
            raise
        except Exception:
            log.exception("mention_broke", mention=mention.id)
            broken.append(mention)
    return pairs, broken


def remember_children(
    session: Session, stories: Mapping[int, int], named: Mapping[int, Sequence[str]]
) -> None:
    """Let stories remember the children that newly placed mentions name.

    ``stories`` is the story of each mention, ``named`` the names found in some of them. Of a story
    that learns a name everything is due to be covered again, else only what was just placed.
    """
    names: dict[int, set[str]] = {}
    for mention, found in named.items():
        names.setdefault(stories[mention], set()).update(found)
    known = children_of(session, stories.values())
    for story, found_names in sorted(names.items()):
        salts = known.get(story, {})
        salt = min(salts, default=None) or new_salt()
        fresh = digests_of(found_names, salt) - salts.get(salt, frozenset())
        if fresh:
            remember(session, story, salt, fresh)
            told = _children({salt: fresh})
            cover_told(session, story, lambda text, told=told: cover(text, told).text)  # type: ignore[misc]
    make_due(session, sorted(stories))


def cover_due(session: Session, limit: int) -> int:
    """Cover up to ``limit`` waiting mentions with what their story knows; return how many."""
    waiting = take_due(session, limit)
    known = children_of(session, {shown.story_id for shown in waiting})
    covered = []
    for shown in waiting:
        salted = known.get(shown.story_id, {})
        title, text = cover_both(shown.title, shown.text, _children(salted))
        covered.append(replace(shown, title=title, text=text))
    save_covered(session, covered)
    return len(covered)


def _children(salted: Mapping[bytes, frozenset[bytes]]) -> tuple[Children, ...]:
    return tuple(Children(salt, digests) for salt, digests in sorted(salted.items()))


def _named_in(mention: ReadMention) -> tuple[str, ...]:
    """Return the children a mention names, in its own words (they go no further than a hash)."""
    item = Item(id="", title=mention.title, text=mention.text)
    return child_names(item.full_text)


class Grouper:
    """Places read mentions into stories, keeping the active window in memory between sweeps.

    The memory is only a copy: it is caught up from the tables before each batch, and thrown away
    when a write fails, so two processes or a restart come to the same stories.
    """

    def __init__(self, store: Store, *, window: timedelta = WINDOW) -> None:
        self._store = store
        self._window = window
        self._index = StoryIndex(window=window)
        self._known = 0  # the newest decision the index has seen
        self._fresh = 0  # the last negative key given out
        self._real: dict[int, int] = {}  # stories of negative keys

    def group_due(self, *, limit: int = 5 * BATCH) -> int:
        """Place up to ``limit`` waiting mentions; return how many were taken up."""
        with self._store.read() as session:
            waiting = to_group(session, limit)
            if not waiting and not any_due(session):
                return 0
            if not waiting:
                return self._cover_left(limit)
            since = waiting[0].seen_at - self._window
            self._catch_up(members_since(session, self._known, since))
        try:
            placements, keys = self._decide(waiting)
            named = {mention.id: names for mention in waiting if (names := _named_in(mention))}
            with self._store.write() as session:
                stories = save_placements(session, placements)
                remember_children(session, stories, named)
                cover_due(session, limit)
                self._known = newest_member(session)
            self._real |= {key: stories[mention] for mention, key in keys.items()}
        except BaseException:
            self._forget()
            raise
        return len(waiting)

    def _cover_left(self, limit: int) -> int:
        with self._store.write() as session:
            return cover_due(session, limit)

    def _forget(self) -> None:
        self._index = StoryIndex(window=self._window)
        self._known = self._fresh = 0
        self._real.clear()

    def _catch_up(self, members: Sequence[tuple[int, ReadMention]]) -> None:
        for member_id, mention in members:
            if mention.story_id is not None:
                self._index.insert(story_item(mention), mention.story_id)
            self._known = max(self._known, member_id)

    def _decide(self, waiting: Sequence[ReadMention]) -> tuple[list[Placement], dict[int, int]]:
        """Decide for a batch; return the placements and, by mention, the keys of new stories.

        A story not yet stored goes by a negative key in the index; ``_real`` knows its id later.
        """
        placements = []
        keys: dict[int, int] = {}
        for mention in waiting:
            item = story_item(mention)
            if mention.story_id is not None:
                placements.append(Placement(mention, mention.story_id, None, None, 1.0))
                continue
            choice = self._index.assign(item)
            if choice.story is None:
                self._fresh -= 1
                key = self._fresh
            else:
                key = int(choice.story)
            self._index.insert(item, key)
            story = key if key > 0 else self._real.get(key)
            if story is None:
                keys[mention.id] = key
            placements.append(
                Placement(
                    mention,
                    story_id=story,
                    opens=key if story is None else None,
                    copy_of=int(choice.copy_of) if choice.copy_of is not None else None,
                    similarity=choice.similarity,
                )
            )
        return placements, keys


def story_item(mention: ReadMention) -> StoryItem:
    """Return what the story index looks at."""
    return StoryItem(
        id=mention.id,
        at=mention.seen_at,
        title=mention.title,
        text=mention.text,
        kind=mention.kind,
        units=mention.units,
        topics=mention.topics,
        counts=mention.counts,
    )
