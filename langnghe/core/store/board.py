"""SQL of the overview's daily tallies: written day by day from what a day's mentions say.

Functions take a session and leave committing to the caller. Nothing here reads more than one day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.schoolyear import week_number
from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.store.mentions import MENTION
from langnghe.core.store.tables import BoardCountRow, BoardDayRow, WatchDayRow
from langnghe.core.store.watch import Pointers

COUNT: sa.Table = BoardCountRow.__table__  # type: ignore[attr-defined]
DAY: sa.Table = BoardDayRow.__table__  # type: ignore[attr-defined]
_WATCHED: sa.Table = WatchDayRow.__table__  # type: ignore[attr-defined]
MARK = "board"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[str, str]


class Tones(NamedTuple):
    """What the overview counts of one unit and topic on one day."""

    originals: int = 0
    neg: int = 0
    neu: int = 0
    pos: int = 0


@dataclass(frozen=True, slots=True)
class BoardProgress:
    """How far the tallies are: when today was counted, what was seen, down to which day filled.

    ``filled`` is ``None`` before the first turn; ``done`` says that no older day is left to fill.
    """

    at: datetime = _NEVER
    seen: Pointers = field(default_factory=Pointers)
    filled: date | None = None
    done: bool = False


def board_progress(session: Session) -> BoardProgress:
    """Return what ``save_board_progress`` wrote last."""
    mark = get_mark(session, MARK)
    if mark is None:
        return BoardProgress()
    filled = mark.data["filled"]
    return BoardProgress(
        mark.at,
        Pointers(*mark.data["seen"]),
        date.fromisoformat(filled) if filled else None,
        bool(mark.data["done"]),
    )


def save_board_progress(session: Session, progress: BoardProgress) -> None:
    """Write how far the tallies are."""
    seen = progress.seen
    put_mark(
        session, MARK, progress.at,
        {
            "seen": [seen.mention, seen.revision, seen.correction, seen.undone, seen.decision],
            "filled": progress.filled.isoformat() if progress.filled else None,
            "done": progress.done,
        },
    )  # fmt: skip


def voices(session: Session, start: datetime, end: datetime) -> tuple[int, int]:
    """Return (mentions seen in ``start``..``end``, by how many sources)."""
    source = sa.func.coalesce(MENTION.c.source_name, MENTION.c.source_id)
    query = sa.select(sa.func.count(), sa.func.count(source.distinct()))
    query = query.where(MENTION.c.seen_at >= start, MENTION.c.seen_at < end)
    row = session.execute(query).one()
    return int(row[0]), int(row[1])


def heard_on(session: Session, day: date) -> int:
    """Return how many mentions of ``day`` the last count found; 0 where it was never counted."""
    return session.scalar(sa.select(DAY.c.heard).where(DAY.c.day == day)) or 0


def save_board_day(
    session: Session, day: date, heard: int, sources: int, tones: Mapping[Key, Tones], now: datetime
) -> None:
    """Make ``tones`` all that stands of ``day``."""
    session.merge(BoardDayRow(day=day, heard=heard, sources=sources, counted_at=now))
    session.flush()
    known: dict[Key, Tones] = {
        (row.unit_id, row.topic): Tones(row.originals, row.neg, row.neu, row.pos)
        for row in session.execute(sa.select(COUNT).where(COUNT.c.day == day))
    }
    wrong = [key for key, was in known.items() if tones.get(key) != was]
    if wrong:
        gone = sa.delete(COUNT).where(
            COUNT.c.unit_id == sa.bindparam("u"),
            COUNT.c.topic == sa.bindparam("t"),
            COUNT.c.day == sa.bindparam("d"),
        )
        session.connection().execute(gone, [{"u": u, "t": t, "d": day} for u, t in wrong])
    week = week_number(day)
    fresh: list[dict[str, Any]] = [
        {"unit_id": unit, "topic": topic, "day": day, "week": week, **new._asdict()}
        for (unit, topic), new in tones.items()
        if known.get((unit, topic)) != new
    ]
    if fresh:
        session.execute(sa.insert(COUNT), fresh)


def unfilled_days(session: Session, before: date, since: date, *, limit: int) -> list[date]:
    """Return closed days without a tally, newest first, all before ``before``."""
    query = (
        sa.select(_WATCHED.c.day)
        .outerjoin(DAY, DAY.c.day == _WATCHED.c.day)
        .where(_WATCHED.c.day < before, _WATCHED.c.day >= since, DAY.c.day.is_(None))
        .order_by(_WATCHED.c.day.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def forget_board_after(session: Session, day: date) -> None:
    """Forget the tallies of the days after ``day``: a clock that ran ahead had counted them."""
    session.execute(sa.delete(COUNT).where(COUNT.c.day > day))
    session.execute(sa.delete(DAY).where(DAY.c.day > day))
