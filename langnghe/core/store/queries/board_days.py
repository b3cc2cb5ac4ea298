"""What the overview's charts and stories rest on: daily tallies, and the newest stories.

Sums of some weeks of tallies by an index, a few thousand stories led by time; never all of history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.board import COUNT, DAY
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.board import still_open
from langnghe.core.store.queries.scope import INCIDENT, MENTION, STORY
from langnghe.core.store.tables import BoardDayRow, StoryMentionRow, WatchDayRow

MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
_WATCHED: sa.Table = WatchDayRow.__table__  # type: ignore[attr-defined]
_STORY_SINCE = timedelta(days=3)
_STORIES_LOOKED_AT = 5000
_PHASE_LOOK = 400


class TopStory(NamedTuple):
    """A story as the overview names it; ``title`` is masked."""

    id: int
    title: str
    level: int
    mention_count: int
    first_at: datetime
    last_at: datetime


def top_stories(
    session: Session, viewer_unit: str | None, now: datetime, *, limit: int
) -> list[TopStory]:
    """Return the stories of the last days about watched units: the gravest, then the largest.

    Looks at the newest few thousand, led by time: by unit would lead through years of them.
    """
    recent = (
        sa.select(
            STORY.c.id, STORY.c.unit_id, STORY.c.incident_id, STORY.c.level, STORY.c.mention_count
        )
        .where(STORY.c.last_at >= now - _STORY_SINCE)
        .order_by(STORY.c.last_at.desc())
        .limit(_STORIES_LOOKED_AT)
        .subquery()
    )
    query = sa.select(recent.c.id).where(recent.c.mention_count > 0)
    if viewer_unit is not None:
        mine = sa.select(INCIDENT.c.id).where(*still_open(viewer_unit))
        inside = recent.c.unit_id.in_(scope.subtree(viewer_unit))
        query = query.where(sa.or_(inside, recent.c.incident_id.in_(mine)))
    else:
        query = query.where(recent.c.unit_id.is_not(None))
    order = (recent.c.level.desc(), recent.c.mention_count.desc(), recent.c.id.desc())
    ids = list(session.scalars(query.order_by(*order).limit(limit)))
    columns = [STORY.c[name] for name in TopStory._fields]
    found = session.execute(sa.select(*columns).where(STORY.c.id.in_(ids))) if ids else ()
    rows = {row.id: TopStory(*row) for row in found}
    return [rows[number] for number in ids]


class Seen(NamedTuple):
    """When one mention of a story was seen or published, by whom; ``copy_of`` of a copy."""

    id: int
    seen_at: datetime
    published_at: datetime | None
    source: str
    kind: str
    copy_of: int | None


def newest_of_story(session: Session, story_id: int) -> list[Seen]:
    """Return the newest few hundred mentions of a story, without their words."""
    query = (
        sa.select(
            MENTION.c.id, MENTION.c.seen_at, MENTION.c.published_at,
            sa.func.coalesce(MENTION.c.source_name, MENTION.c.source_id, ""), MENTION.c.kind,
            MEMBER.c.copy_of,
        )
        .outerjoin(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .where(MENTION.c.story_id == story_id)
        .order_by(MENTION.c.id.desc())
        .limit(_PHASE_LOOK)
    )  # fmt: skip
    return [Seen(*row) for row in session.execute(query)]


class DayTones(NamedTuple):
    """What was counted of some units on one day."""

    originals: int = 0
    neg: int = 0
    neu: int = 0
    pos: int = 0


def tones_by_day(
    session: Session, units: Sequence[str], first: date, last: date
) -> dict[date, DayTones]:
    """Return the tallies of all topics from ``first`` to ``last``; no key where there are none."""
    sums = [sa.func.sum(COUNT.c[name]) for name in ("originals", "neg", "neu", "pos")]
    query = (
        sa.select(COUNT.c.day, *sums)
        .where(
            COUNT.c.unit_id.in_(list(units)), COUNT.c.topic == "",
            COUNT.c.day >= first, COUNT.c.day <= last,
        )
        .group_by(COUNT.c.day)
    )  # fmt: skip
    return {row[0]: DayTones(*map(int, row[1:])) for row in session.execute(query)}


def topics_by_week(
    session: Session, units: Sequence[str], first_week: int
) -> dict[str, dict[int, int]]:
    """Return how many mentions each topic had in each week from ``first_week`` on."""
    total = sa.func.sum(COUNT.c.neg + COUNT.c.neu + COUNT.c.pos)
    query = (
        sa.select(COUNT.c.topic, COUNT.c.week, total)
        .where(COUNT.c.unit_id.in_(list(units)), COUNT.c.week >= first_week, COUNT.c.topic != "")
        .group_by(COUNT.c.topic, COUNT.c.week)
    )
    found: dict[str, dict[int, int]] = {}
    for topic, week, number in session.execute(query):
        if number:
            found.setdefault(topic, {})[week] = int(number)
    return found


def heard_today(session: Session, day: date) -> BoardDayRow | None:
    """Return what was heard over all sources on a day, ``None`` before its first count."""
    return session.get(BoardDayRow, day)


def days_heard(session: Session, first: date, last: date) -> dict[date, bool]:
    """Return of each counted day whether it was listened to; the others were not counted."""
    counted = sa.select(DAY.c.day, DAY.c.heard).where(DAY.c.day >= first, DAY.c.day <= last)
    found: dict[date, bool] = {row[0]: row[1] > 0 for row in session.execute(counted)}
    closed = sa.select(_WATCHED.c.day, _WATCHED.c.listened).where(
        _WATCHED.c.day >= first, _WATCHED.c.day <= last
    )
    found.update((row[0], bool(row[1])) for row in session.execute(closed))
    return found
