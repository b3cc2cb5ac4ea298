"""What is unusual now about each unit, and how far watching has come.

``unusual`` is what other rooms ask. Functions take a session and leave committing to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.incidents import MENTION
from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.store.mentions import UNFINISHED
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import (
    CorrectionRow,
    MentionRevisionRow,
    StoryDecisionRow,
    UnusualRow,
)

REVISION: sa.Table = MentionRevisionRow.__table__  # type: ignore[attr-defined]
CORRECTION: sa.Table = CorrectionRow.__table__  # type: ignore[attr-defined]
DECISION: sa.Table = StoryDecisionRow.__table__  # type: ignore[attr-defined]
UNUSUAL: sa.Table = UnusualRow.__table__  # type: ignore[attr-defined]
MARK = "watch"
_WATCHING = 7_210_120  # any fixed number: the name of one advisory lock
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pointers:
    """How far everything that can change a count has been seen (newest ids)."""

    mention: int = 0
    revision: int = 0
    correction: int = 0
    undone: int = 0
    decision: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """What the last turn left: the last day counted and how far it looked, when."""

    through: date | None = None
    looked_at: datetime | None = None
    seen: Pointers = Pointers()


@dataclass(frozen=True, slots=True)
class Unusual:
    """More than usual about a unit: ``seen`` of ``expected`` mentions since a day.

    ``kind`` is "burst" or "several_schools" (then ``unit_ids`` are the schools). About one such run
    in ``once_in_days`` days comes by chance; ``strength`` 0..1 says the same for scoring (1/3 at
    the threshold). ``topic`` "" means all topics.
    """

    id: int
    unit_id: str
    topic: str
    kind: str
    since: date
    through: date
    opened_at: datetime
    closed_at: datetime | None
    seen: int
    expected: float
    once_in_days: float
    strength: float
    unit_ids: tuple[str, ...]
    mention_ids: tuple[int, ...]
    story_ids: tuple[int, ...]
    text: str


def unusual(session: Session, unit_ids: Iterable[str]) -> dict[str, list[Unusual]]:
    """Return what is unusual now about each of these units, the strongest first (none: no key)."""
    found: dict[str, list[Unusual]] = {}
    for part in parts(sorted(set(unit_ids))):
        query = (
            sa.select(UnusualRow)
            .where(UNUSUAL.c.unit_id.in_(part), UNUSUAL.c.closed_at.is_(None))
            .order_by(UNUSUAL.c.strength.desc(), UNUSUAL.c.id)
        )
        for row in session.scalars(query):
            found.setdefault(row.unit_id, []).append(plain(row))
    return found


def plain(row: UnusualRow) -> Unusual:
    """Return the outside form of a stored row."""
    if row.id is None:
        raise RuntimeError("a stored row has an id")
    return Unusual(
        row.id, row.unit_id, row.topic, row.kind, row.since, row.through, row.opened_at,
        row.closed_at, row.seen, row.expected, row.once_in_days, row.strength,
        tuple(row.unit_ids), tuple(row.mention_ids), tuple(row.story_ids), row.text,
    )  # fmt: skip


def standing(session: Session) -> tuple[Progress, Pointers]:
    """Return what the last turn left and how far things are now: two short reads, no scan."""

    def newest(column: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        return sa.select(sa.func.coalesce(sa.func.max(column), 0)).scalar_subquery()

    now = session.execute(
        sa.select(
            newest(MENTION.c.id), newest(REVISION.c.id), newest(CORRECTION.c.id),
            sa.select(sa.func.count())
            .select_from(CORRECTION)
            .where(CORRECTION.c.undone_at.is_not(None))
            .scalar_subquery(),
            newest(DECISION.c.change),
        )
    ).one()  # fmt: skip
    mark = get_mark(session, MARK)
    if mark is None:
        return Progress(), Pointers(*now)
    through, looked = mark.data["through"], mark.data["looked_at"]
    left = Progress(
        date.fromisoformat(through) if through else None,
        datetime.fromisoformat(looked) if looked else None,
        Pointers(*mark.data["seen"]),
    )
    return left, Pointers(*now)


def save_progress(session: Session, progress: Progress) -> None:
    """Write what ``standing`` reads."""
    seen, looked = progress.seen, progress.looked_at
    put_mark(
        session, MARK, looked or _NEVER,
        {
            "through": progress.through.isoformat() if progress.through else None,
            "looked_at": looked.isoformat() if looked else None,
            "seen": [seen.mention, seen.revision, seen.correction, seen.undone, seen.decision],
        },
    )  # fmt: skip


def lock_watching(session: Session) -> None:
    """Let only one process close days at a time (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_WATCHING)))


def settled(session: Session, before: Progress, newest: Pointers) -> Pointers:
    """Return how far everything is read and grouped; what is not yet is looked for again."""
    row = session.execute(
        sa.select(sa.func.min(MENTION.c.id), sa.func.max(MENTION.c.revision)).where(UNFINISHED)
    ).one()
    if row[0] is None:
        return newest
    edited = row[1] > 1
    return replace(
        newest,
        mention=max(min(newest.mention, row[0] - 1), before.seen.mention if not edited else 0),
        revision=before.seen.revision if edited else newest.revision,
    )


def next_heard(session: Session, since: datetime | None) -> datetime | None:
    """Return when the first mention at or after ``since`` was seen."""
    query = sa.select(sa.func.min(MENTION.c.seen_at))
    found: datetime | None = session.scalar(
        query.where(MENTION.c.seen_at >= since) if since else query
    )
    return found


def unread_between(session: Session, start: datetime, end: datetime) -> bool:
    """Say whether mentions seen in ``start``..``end`` still wait to be read or grouped."""
    query = sa.select(MENTION.c.id).where(
        UNFINISHED, MENTION.c.seen_at >= start, MENTION.c.seen_at < end
    )
    return session.execute(query.limit(1)).first() is not None


def changed_moments(session: Session, since: Progress, before: datetime) -> set[datetime]:
    """Return when the mentions were seen that came, changed or were judged anew since then.

    Only those seen before ``before``; a day it has not counted yet needs no second count.
    """
    known, at = since.seen, since.looked_at
    found = set(
        session.scalars(
            sa.select(MENTION.c.seen_at).where(
                MENTION.c.id > known.mention, MENTION.c.seen_at < before
            )
        )
    )
    ids = set(
        session.scalars(sa.select(REVISION.c.mention_id).where(REVISION.c.id > known.revision))
    )
    touched = CORRECTION.c.id > known.correction
    if at is not None:
        touched = sa.or_(touched, CORRECTION.c.undone_at >= at)
    ids.update(session.scalars(sa.select(CORRECTION.c.mention_id).where(touched)))
    moved = sa.select(DECISION.c.mention_ids).where(DECISION.c.change > known.decision)
    for listed in session.scalars(moved):
        ids.update(listed)
    for part in parts(sorted(ids)):
        found.update(
            session.scalars(
                sa.select(MENTION.c.seen_at).where(
                    MENTION.c.id.in_(part), MENTION.c.seen_at < before
                )
            )
        )
    return found


def open_rows(session: Session) -> dict[tuple[str, str, str], UnusualRow]:
    """Return what is unusual now, by unit, topic and kind."""
    query = sa.select(UnusualRow).where(UNUSUAL.c.closed_at.is_(None))
    return {(row.unit_id, row.topic, row.kind): row for row in session.scalars(query)}


def put_unusual(session: Session, row: UnusualRow | None, new: Unusual) -> None:
    """Open a new row, or let the open ``row`` say what ``new`` says."""
    if row is None:
        session.add(
            UnusualRow(
                unit_id=new.unit_id, topic=new.topic, kind=new.kind, since=new.since,
                through=new.through, opened_at=new.opened_at, seen=new.seen,
                expected=new.expected, once_in_days=new.once_in_days, strength=new.strength,
                unit_ids=list(new.unit_ids), mention_ids=list(new.mention_ids),
                story_ids=list(new.story_ids), text=new.text,
            )
        )  # fmt: skip
    else:
        row.since, row.through, row.seen, row.expected = (
            new.since,
            new.through,
            new.seen,
            new.expected,
        )
        row.once_in_days, row.strength, row.text = new.once_in_days, new.strength, new.text
        row.unit_ids, row.mention_ids = list(new.unit_ids), list(new.mention_ids)
        row.story_ids = list(new.story_ids)


def close_unusual(row: UnusualRow, because: str, now: datetime) -> None:
    """Say that it is over (``because``: "usual", "lasting", "recount" or "gone")."""
    row.closed_at, row.closed_because = now, because
