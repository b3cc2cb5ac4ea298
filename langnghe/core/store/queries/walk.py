"""Walk the stream without reading it whole: a filter begins at the few rows it is about.

Each walk takes *windows* of keys from one index (the driver), in that index's order, and holds the
other conditions against them. It stops when a page is full or some thousands of rows were looked
at; the page is then short and its cursor says where to go on. So no filter, however rare what it
asks for, costs more than any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.paging import Key
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.scope import MENTION, MENTION_UNIT, STORY
from langnghe.core.store.queries.wishes import MARK, READING, MentionFilter, conditions
from langnghe.core.store.search import Query, newest_matching

WINDOWS = (60, 400, 1_500, 2_000)
"""Rows looked at by each step of one page: most pages need the first only."""
TEXT_WINDOWS = (60, 240, 300)
"""The same where the masked text of every row is read."""
FEW_UNITS = 24
FEW_STORIES = 300
RARE = frozenset({"confirm", "deny", "correct", "conclude"})
_DISORDER = 500  # rows kept at one moment by several processes may stand in another order
Fits = Callable[[Sequence[int]], set[int]]


@dataclass(frozen=True, slots=True)
class _Driver:
    """Where keys come from, in which order, and what holds of each of them already."""

    keys: Callable[[Key | None, int], sa.Select[Any]]
    by_time: bool
    settled: frozenset[str] = frozenset()


def walk(
    session: Session,
    wanted: MentionFilter,
    key: Key | None,
    limit: int,
    *,
    fits: Fits | None,
    windows: Sequence[int] | None = None,
) -> tuple[list[Key], Key | None]:
    """Return up to ``limit + 1`` keys after ``key``, newest first, and where looking ended.

    The second is ``None`` once nothing is left to look at. ``fits`` says which of some ids hold
    what a search asks for, in their masked text; ``windows`` how many rows each step looks at.
    """
    driver = _driver(session, wanted)
    wish = sa.and_(sa.true(), *conditions(wanted, driver.settled))
    found: list[Key] = []
    for size in windows or (WINDOWS if fits is None else TEXT_WINDOWS):
        rows = list(_window(session, driver, wish, key, size))
        good = [Key(row.id, row.seen_at) for row in rows if row.good]
        if fits is not None and good:
            kept = fits([one.id for one in good])
            good = [one for one in good if one.id in kept]
        found += good
        if len(found) > limit:
            return found[: limit + 1], found[limit]
        if len(rows) < size:
            return found, None
        key = Key(rows[-1].id, rows[-1].seen_at)
    return found, key


def _window(
    session: Session, driver: _Driver, wish: sa.ColumnElement[bool], key: Key | None, size: int
) -> Iterator[Any]:
    """Yield ``id``, ``seen_at`` and whether all conditions hold, of the next ``size`` keys."""
    keys = driver.keys(key, size).subquery("win")
    order = (
        (MENTION.c.seen_at.desc(), MENTION.c.id.desc())
        if driver.by_time
        else (MENTION.c.id.desc(),)
    )
    query = (
        sa.select(MENTION.c.id, MENTION.c.seen_at, sa.case((wish, 1), else_=0).label("good"))
        .select_from(
            keys.join(MENTION, MENTION.c.id == keys.c.id)
            .outerjoin(READING, READING.c.mention_id == MENTION.c.id)
            .outerjoin(STORY, STORY.c.id == MENTION.c.story_id)
        )
        .order_by(*order)
    )
    yield from session.execute(query)


def _driver(session: Session, wanted: MentionFilter) -> _Driver:
    """Choose the index that leads straight to the fewest rows."""
    if wanted.story_id is not None:
        return _of_stories([wanted.story_id], wanted, frozenset({"story"}))
    if wanted.incident_id is not None:
        stories = scope.stories_of_incident(session, wanted.incident_id)
        return _of_stories(stories, wanted, frozenset({"incident"}))
    if wanted.desk is not None and (wanted.starred or wanted.noise):
        return _marked(session, wanted)
    if wanted.query is not None:
        return _found(session, wanted, wanted.query)
    if wanted.unit and (units := scope.few_units(session, wanted.unit, FEW_UNITS)):
        return _of_units(session, wanted, units)
    if wanted.level and (levelled := _levelled(session, wanted)) is not None:
        return _of_stories(levelled, wanted, frozenset({"level"}))
    if wanted.source:
        known = scope.is_source(session, wanted.source)
        column = MENTION.c.source_id if known else MENTION.c.source_name
        return _timed(wanted, column == wanted.source, frozenset({"source"}))
    if wanted.stance in RARE:
        return _of_stance(session, wanted)
    if wanted.desk is not None and wanted.seen:
        return _marked(session, wanted)
    return _timed(wanted, None, frozenset())


def _timed(
    wanted: MentionFilter, only: sa.ColumnElement[bool] | None, settled: frozenset[str]
) -> _Driver:
    """Walk by the time a mention was seen."""

    def keys(key: Key | None, size: int) -> sa.Select[Any]:
        query = sa.select(MENTION.c.id).order_by(MENTION.c.seen_at.desc(), MENTION.c.id.desc())
        if only is not None:
            query = query.where(only)
        if wanted.since is not None:
            query = query.where(MENTION.c.seen_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(MENTION.c.seen_at < wanted.until)
        if key is not None:
            at = sa.literal(key.at, MENTION.c.seen_at.type)
            query = query.where(
                MENTION.c.seen_at <= at, sa.or_(MENTION.c.seen_at < at, MENTION.c.id < key.id)
            )
        return query.limit(size)

    return _Driver(keys, True, settled | {"time"})


def _of_stories(stories: Sequence[int], wanted: MentionFilter, settled: frozenset[str]) -> _Driver:
    only = (
        MENTION.c.story_id == stories[0]
        if len(stories) == 1
        else MENTION.c.story_id.in_(list(stories))
    )
    return _timed(wanted, only, settled)


def _levelled(session: Session, wanted: MentionFilter) -> list[int] | None:
    """Return the stories of a level, or ``None`` where they are so many that any page has some."""
    query = sa.select(STORY.c.id).where(STORY.c.level == wanted.level)
    if wanted.since is not None:
        query = query.where(STORY.c.last_at >= wanted.since)
    query = query.order_by(STORY.c.last_at.desc(), STORY.c.id.desc()).limit(FEW_STORIES + 1)
    found = list(session.scalars(query))
    return found if len(found) <= FEW_STORIES else None


def _numbered(
    session: Session,
    wanted: MentionFilter,
    source: Callable[[int | None, int], sa.Select[Any]],
    settled: frozenset[str],
) -> _Driver:
    """Walk by the number of a mention: the order in which they were taken in."""
    top = _below(session, wanted.until)

    def keys(key: Key | None, size: int) -> sa.Select[Any]:
        bounds = [n for n in (top, key.id if key else None) if n is not None]
        return source(min(bounds) if bounds else None, size)

    return _Driver(keys, False, settled)


def _below(session: Session, until: datetime | None) -> int | None:
    """Return a number that nothing seen before ``until`` reaches."""
    if until is None:
        return None
    near = (
        sa.select(MENTION.c.id)
        .where(MENTION.c.seen_at < until)
        .order_by(MENTION.c.seen_at.desc(), MENTION.c.id.desc())
        .limit(_DISORDER)
        .subquery()
    )
    return (session.scalar(sa.select(sa.func.max(near.c.id))) or 0) + 1


def _marked(session: Session, wanted: MentionFilter) -> _Driver:
    def source(top: int | None, size: int) -> sa.Select[Any]:
        query = sa.select(MARK.c.mention_id.label("id")).where(MARK.c.unit_id == wanted.desk)
        if wanted.starred:  # word for word as in the partial indexes
            query = query.where(sa.text("starred"))
        elif wanted.noise:
            query = query.where(sa.text("noise"))
        if top is not None:
            query = query.where(MARK.c.mention_id < top)
        return query.order_by(MARK.c.mention_id.desc()).limit(size)

    return _numbered(session, wanted, source, frozenset())


def _found(session: Session, wanted: MentionFilter, asked: Query) -> _Driver:
    dialect = session.get_bind().dialect.name

    def source(top: int | None, size: int) -> sa.Select[Any]:
        return newest_matching(asked, dialect, top, size)

    return _numbered(session, wanted, source, frozenset({"query"}))


def _of_units(session: Session, wanted: MentionFilter, units: Sequence[str]) -> _Driver:
    def one(unit: str, top: int | None, size: int) -> sa.Select[Any]:
        query = sa.select(MENTION_UNIT.c.mention_id.label("id")).where(
            MENTION_UNIT.c.unit_id == unit
        )
        if top is not None:
            query = query.where(MENTION_UNIT.c.mention_id < top)
        newest = query.order_by(MENTION_UNIT.c.mention_id.desc()).limit(size).subquery()
        return sa.select(newest.c.id)

    def source(top: int | None, size: int) -> sa.Select[Any]:
        if len(units) == 1:
            return one(units[0], top, size)
        every = sa.union(*(one(unit, top, size) for unit in units)).subquery()
        return sa.select(every.c.id).order_by(every.c.id.desc()).limit(size)

    return _numbered(session, wanted, source, frozenset({"unit"}))


def _of_stance(session: Session, wanted: MentionFilter) -> _Driver:
    def source(top: int | None, size: int) -> sa.Select[Any]:
        query = sa.select(READING.c.mention_id.label("id")).where(READING.c.stance == wanted.stance)
        if top is not None:
            query = query.where(READING.c.mention_id < top)
        return query.order_by(READING.c.mention_id.desc()).limit(size)

    return _numbered(session, wanted, source, frozenset({"stance"}))
