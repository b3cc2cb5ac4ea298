"""SQL of counting days: what was heard, what was counted of it, and what is known of each series.

A day is read once, through the index on ``seen_at``; afterwards only the rows of days that were
touched are read again. Functions take a session and leave committing to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.incidents import LINK, MEMBER, MENTION, READING
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import WatchCountRow, WatchDayRow, WatchStateRow

DAY: sa.Table = WatchDayRow.__table__  # type: ignore[attr-defined]
COUNT: sa.Table = WatchCountRow.__table__  # type: ignore[attr-defined]
STATE: sa.Table = WatchStateRow.__table__  # type: ignore[attr-defined]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """One mention about education, as counting needs it. ``units`` by confidence."""

    id: int
    kind: str
    story_id: int | None
    copy: bool
    education_p: float
    scope: str
    stance: str
    topics: Sequence[Mapping[str, Any]]
    units: Mapping[str, float]
    sentiment: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """Mentions of one unit and topic on one day, at most some of their ids."""

    originals: int
    copies: int
    mention_ids: tuple[int, ...] = ()
    story_ids: tuple[int, ...] = ()


def heard(session: Session, start: datetime, end: datetime) -> int:
    """Return how many mentions of any kind were seen in ``start``..``end``."""
    query = sa.select(sa.func.count()).select_from(MENTION)
    query = query.where(MENTION.c.seen_at >= start, MENTION.c.seen_at < end)
    return int(session.execute(query).scalar_one())


def told(session: Session, start: datetime, end: datetime) -> list[Told]:
    """Return the mentions of watched units seen in ``start``..``end``, in the order stored."""
    query = (
        sa.select(
            MENTION.c.id, MENTION.c.kind, MENTION.c.story_id, MEMBER.c.copy_of,
            READING.c.about_education_p, READING.c.scope, READING.c.stance, READING.c.topics,
            READING.c.sentiment, LINK.c.unit_id, LINK.c.confidence,
        )
        .join(LINK, LINK.c.mention_id == MENTION.c.id)
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .outerjoin(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .where(
            MENTION.c.seen_at >= start,
            MENTION.c.seen_at < end,
            MENTION.c.about_education.is_(True),
        )
        .order_by(MENTION.c.id)
    )  # fmt: skip
    found: dict[int, tuple[Told, dict[str, float]]] = {}
    for row in session.execute(query):
        known = found.get(row.id)
        if known is None:
            units: dict[str, float] = {}
            known = found[row.id] = (
                Told(
                    row.id, row.kind, row.story_id, row.copy_of is not None,
                    row.about_education_p, row.scope, row.stance, row.topics, units,
                    row.sentiment,
                ),
                units,
            )  # fmt: skip
        known[1][row.unit_id] = row.confidence
    return [mention for mention, _ in found.values()]


def days_since(session: Session, first: date) -> dict[date, WatchDayRow]:
    """Return the counted days from ``first`` on."""
    query = sa.select(WatchDayRow).where(DAY.c.day >= first).order_by(DAY.c.day)
    return {row.day: row for row in session.scalars(query)}


def known_days(
    session: Session, first: date, before: date, *, limit: int | None = None
) -> list[date]:
    """Return the days listened to from ``first`` to the one before ``before``, oldest first."""
    query = sa.select(DAY.c.day).where(
        DAY.c.listened.is_(True), DAY.c.day >= first, DAY.c.day < before
    )
    return list(session.scalars(query.order_by(DAY.c.day).limit(limit)))


def touched_days(session: Session) -> list[date]:
    """Return the counted days whose mentions changed since."""
    query = sa.select(DAY.c.day).where(DAY.c.touched.is_(True)).order_by(DAY.c.day)
    return list(session.scalars(query))


def save_day(session: Session, day: date, said: int, listened: bool, now: datetime) -> None:
    """Write that ``day`` was counted."""
    session.merge(WatchDayRow(day=day, heard=said, listened=listened, counted_at=now))
    session.flush()


def counts_of(session: Session, day: date) -> dict[Key, Count]:
    """Return what was counted of ``day``, by unit and topic."""
    query = sa.select(COUNT).where(COUNT.c.day == day)
    return {
        (row.unit_id, row.topic): Count(
            row.originals, row.copies, tuple(row.mention_ids), tuple(row.story_ids)
        )
        for row in session.execute(query)
    }


def replace_counts(session: Session, day: date, counts: Mapping[Key, Count]) -> set[Key]:
    """Make ``counts`` all that stands of ``day``; return the keys whose originals changed."""
    before = counts_of(session, day)
    wrong = [key for key, count in before.items() if counts.get(key) != count]
    for unit, topic in wrong:
        session.execute(
            sa.delete(COUNT).where(
                COUNT.c.day == day, COUNT.c.unit_id == unit, COUNT.c.topic == topic
            )
        )
    fresh = [
        {
            "day": day, "unit_id": unit, "topic": topic, "originals": count.originals,
            "copies": count.copies, "mention_ids": list(count.mention_ids),
            "story_ids": list(count.story_ids),
        }
        for (unit, topic), count in counts.items()
        if before.get((unit, topic)) != count
    ]  # fmt: skip
    if fresh:
        session.execute(sa.insert(COUNT), fresh)
    nothing = Count(0, 0)
    return {
        key
        for key in before.keys() | counts.keys()
        if before.get(key, nothing).originals != counts.get(key, nothing).originals
    }


def recent_counts(
    session: Session, unit_ids: Sequence[str], first: date, last: date
) -> dict[Key, dict[date, Count]]:
    """Return the counts by topic of these units from ``first`` to ``last``, by series and day."""
    found: dict[Key, dict[date, Count]] = {}
    for part in parts(unit_ids):
        query = sa.select(COUNT).where(
            COUNT.c.unit_id.in_(part),
            COUNT.c.topic != "",
            COUNT.c.day >= first,
            COUNT.c.day <= last,
        )
        for row in session.execute(query.order_by(COUNT.c.day)):
            count = Count(row.originals, row.copies, tuple(row.mention_ids), tuple(row.story_ids))
            found.setdefault((row.unit_id, row.topic), {})[row.day] = count
    return found


def series_counts(session: Session, key: Key, first: date, last: date) -> dict[date, Count]:
    """Return the counts of one series from ``first`` to ``last``, by day."""
    query = sa.select(COUNT).where(
        COUNT.c.unit_id == key[0],
        COUNT.c.topic == key[1],
        COUNT.c.day >= first,
        COUNT.c.day <= last,
    )
    return {
        row.day: Count(row.originals, row.copies, tuple(row.mention_ids), tuple(row.story_ids))
        for row in session.execute(query.order_by(COUNT.c.day))
    }


def states_of(session: Session, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Return what is known of these series; nothing for one never met."""
    found: dict[Key, dict[str, Any]] = {}
    both = sa.tuple_(STATE.c.unit_id, STATE.c.topic)
    for part in parts(sorted(set(keys))):
        query = sa.select(STATE.c.unit_id, STATE.c.topic, STATE.c.data).where(both.in_(part))
        for row in session.execute(query):
            found[(row.unit_id, row.topic)] = row.data
    return found


def alarmed(session: Session) -> list[Key]:
    """Return the series that stand in alarm."""
    query = sa.select(STATE.c.unit_id, STATE.c.topic).where(STATE.c.alarm.is_(True))
    return [(row.unit_id, row.topic) for row in session.execute(query)]


def save_states(session: Session, states: Mapping[Key, tuple[date, bool, dict[str, Any]]]) -> None:
    """Write (through, alarm, data) of each series over what was known."""
    rows = [
        {"unit_id": unit, "topic": topic, "through": through, "alarm": alarm, "data": data}
        for (unit, topic), (through, alarm, data) in states.items()
    ]
    if not rows:
        return
    insert: Any
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        insert = insert_sqlite(STATE)
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_postgres

        insert = insert_postgres(STATE)
    changed = {name: insert.excluded[name] for name in ("through", "alarm", "data")}
    session.execute(
        insert.on_conflict_do_update(index_elements=["unit_id", "topic"], set_=changed), rows
    )


def forget_after(session: Session, day: date) -> list[Key]:
    """Forget the days after ``day``; return the series that had taken one in, forgotten too."""
    later = STATE.c.through > day
    found = session.execute(sa.select(STATE.c.unit_id, STATE.c.topic).where(later)).all()
    session.execute(sa.delete(STATE).where(later))
    session.execute(sa.delete(COUNT).where(COUNT.c.day > day))
    session.execute(sa.delete(DAY).where(DAY.c.day > day))
    return [(row.unit_id, row.topic) for row in found]


def touch(session: Session, days: Iterable[date]) -> None:
    """Have these days counted again, where they were counted before."""
    for part in parts(sorted(set(days))):
        session.execute(sa.update(DAY).where(DAY.c.day.in_(part)).values(touched=True))
