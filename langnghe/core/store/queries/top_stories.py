"""Stories for a person who asks what matters most: by level and activity, a bounded walk.

A page reads some hundreds of rows of one index at most, however many stories the years have left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import InputError
from langnghe.core.store.paging import Key, Page, read_cursor, write_cursor
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.scope import MENTION, STORY
from langnghe.core.store.queries.wishes import has_json_word
from langnghe.core.store.tables import StoryRow

WINDOWS = (60, 400, 800)


@dataclass(frozen=True, slots=True)
class TopFilter:
    """What to list. ``viewer_unit`` bounds by rights, ``unit`` by wish.

    ``since`` asks for stories that still grew then; ``least`` hides smaller ones of level 0.
    """

    viewer_unit: str | None = None
    unit: str | None = None
    topic: str | None = None
    level: int | None = None
    since: datetime | None = None
    least: int = 1


def top_stories(
    session: Session, wanted: TopFilter, levels: Sequence[int], *, cursor: str | None, limit: int
) -> Page[StoryRow]:
    """Return a page: the gravest level first, in each the story that grew last first.

    With no ``levels`` all are taken together, the one that grew last first. A page may come short,
    with a cursor, when many rows had to be passed over. Raises ``InputError`` for a foreign cursor.
    """
    asked = [wanted.level] if wanted.level is not None else sorted(levels, reverse=True)
    rungs: list[int | None] = [*asked] or [None]
    start, key = _read(cursor, rungs)
    found: list[tuple[int | None, Key]] = []
    for rung in rungs[rungs.index(start) :]:
        ended = _walk(session, wanted, rung, key, limit, found)
        key = None
        if len(found) > limit:
            return _page(session, [one for _, one in found[:limit]], found[limit - 1])
        if ended is not None:
            return _page(session, [one for _, one in found], (rung, ended))
    return _page(session, [one for _, one in found], None)


def grown(session: Session, story_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """Return how many mentions each of these stories took in since then; none is left out."""
    query = (
        sa.select(MENTION.c.story_id, sa.func.count())
        .where(MENTION.c.story_id.in_(list(story_ids)), MENTION.c.seen_at >= since)
        .group_by(MENTION.c.story_id)
    )
    counted = {row[0]: row[1] for row in session.execute(query)} if story_ids else {}
    return {story: counted.get(story, 0) for story in story_ids}


def _walk(
    session: Session,
    wanted: TopFilter,
    level: int | None,
    key: Key | None,
    limit: int,
    found: list[tuple[int | None, Key]],
) -> Key | None:
    """Add keys of one level to ``found``; return where looking ended, ``None`` at its end."""
    wish = sa.and_(*_conditions(wanted))
    for size in WINDOWS:
        keys = _keys(wanted, level, key, size).subquery("win")
        query = (
            sa.select(STORY.c.id, STORY.c.last_at, sa.case((wish, 1), else_=0).label("good"))
            .select_from(keys.join(STORY, STORY.c.id == keys.c.id))
            .order_by(STORY.c.last_at.desc(), STORY.c.id.desc())
        )
        rows = session.execute(query).all()
        found += [(level, Key(row.id, row.last_at)) for row in rows if row.good]
        if len(rows) < size or len(found) > limit:
            return None
        key = Key(rows[-1].id, rows[-1].last_at)
    return key


def _keys(wanted: TopFilter, level: int | None, key: Key | None, size: int) -> sa.Select[Any]:
    query = sa.select(STORY.c.id).order_by(STORY.c.last_at.desc(), STORY.c.id.desc())
    if level is not None:
        query = query.where(STORY.c.level == level)
    if wanted.since is not None:
        query = query.where(STORY.c.last_at >= wanted.since)
    if key is not None:
        at = sa.literal(key.at, STORY.c.last_at.type)
        query = query.where(
            STORY.c.last_at <= at, sa.or_(STORY.c.last_at < at, STORY.c.id < key.id)
        )
    return query.limit(size)


def _conditions(wanted: TopFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [STORY.c.mention_count > 0]
    if wanted.least > 1:
        found.append(sa.or_(STORY.c.mention_count >= wanted.least, STORY.c.level > 0))
    if wanted.topic:
        found.append(has_json_word(STORY.c.topics, f'"{wanted.topic}"'))
    if wanted.unit:
        found.append(scope.story_in(wanted.unit))
    if wanted.viewer_unit is not None:
        found.append(scope.story_in(wanted.viewer_unit))
    return found


def _page(
    session: Session, keys: Sequence[Key], ended: tuple[int | None, Key] | None
) -> Page[StoryRow]:
    query = sa.select(StoryRow).where(STORY.c.id.in_([one.id for one in keys]))
    rows = {row.id: row for row in session.scalars(query)} if keys else {}
    shown = tuple(rows[one.id] for one in keys)
    if ended is None:
        return Page(shown, None)
    level, key = ended
    return Page(shown, f"{'' if level is None else level}~{write_cursor(key)}")


def _read(cursor: str | None, rungs: Sequence[int | None]) -> tuple[int | None, Key | None]:
    if not cursor:
        return rungs[0], None
    typed, _, rest = cursor.partition("~")
    level = int(typed) if typed.isdecimal() and len(typed) < 4 else None
    if level not in rungs or not rest:
        raise InputError("Con trỏ trang (cursor) không hợp lệ.", mend="Bắt đầu lại từ trang đầu.")
    return level, read_cursor(rest, timed=True)
