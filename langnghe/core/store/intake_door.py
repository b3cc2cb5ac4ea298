"""All SQL of the public forms: which is open, under what code, and how often it was used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.intake import ASIDE, KEEP_HITS, PER_PLACE, PER_UNIT, QR, WAITING, new_code
from langnghe.core.store.intake import FILE, INTAKE, number_of
from langnghe.core.store.queries.scope import UNIT
from langnghe.core.store.tables import IntakeDoorRow, IntakeHitRow

DOOR: sa.Table = IntakeDoorRow.__table__  # type: ignore[attr-defined]
HIT: sa.Table = IntakeHitRow.__table__  # type: ignore[attr-defined]


def door_of(session: Session, unit_id: str) -> IntakeDoorRow | None:
    """Return a unit's public form, ``None`` where it never had one."""
    return session.get(IntakeDoorRow, unit_id)


def door_by_code(session: Session, code: str, *, lock: bool = False) -> IntakeDoorRow | None:
    """Return the form of this code if it is open and its unit is still watched.

    ``lock`` lets the reports of one form come in one after the other, so that counts are exact.
    """
    query = (
        sa.select(IntakeDoorRow)
        .join(UNIT, UNIT.c.id == DOOR.c.unit_id)
        .where(DOOR.c.code == code, DOOR.c.open, UNIT.c.active)
    )
    return session.scalars(query.with_for_update(of=DOOR) if lock else query).first()


def set_door(
    session: Session, unit_id: str, *, open_: bool, uploads: bool, phone: str, renew: bool,
    by: str, now: datetime,
) -> IntakeDoorRow:  # fmt: skip
    """Open, shut or change a unit's form; a renewed code makes every printed one useless."""
    row = session.get(IntakeDoorRow, unit_id, with_for_update=True)
    if row is None:
        row = IntakeDoorRow(unit_id=unit_id, code=new_code(), since=now)
        session.add(row)
    elif renew:
        row.code, row.since = new_code(), now
    row.open, row.uploads, row.phone, row.by = open_, uploads, phone, by
    session.flush()
    return row


def counts(session: Session, place: str, unit_id: str, now: datetime) -> tuple[int, int, int]:
    """Return how many reports came (from the place, to the unit) lately, and how many wait."""

    def hits(column: Any, value: str, within: timedelta) -> int:
        found = sa.select(HIT.c.id).where(column == value, HIT.c.at > now - within)
        return number_of(session, found)

    waits = sa.select(INTAKE.c.id).where(INTAKE.c.unit_id == unit_id, INTAKE.c.state == WAITING)
    return (
        hits(HIT.c.place, place, PER_PLACE[1]),
        hits(HIT.c.unit_id, unit_id, PER_UNIT[1]),
        number_of(session, waits),
    )


def count_hit(session: Session, place: str, unit_id: str, now: datetime) -> None:
    """Count one report of a public form, and drop the counts of yesterday."""
    old = sa.select(HIT.c.id).where(HIT.c.at < now - KEEP_HITS).limit(200)
    session.execute(sa.delete(HIT).where(HIT.c.id.in_(old)))
    session.add(IntakeHitRow(place=place, unit_id=unit_id, at=now))


def bytes_waiting(session: Session, unit_id: str) -> int:
    """Return how many bytes the files of a unit's unread public reports hold."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(FILE.c.size), 0))
        .join(INTAKE, INTAKE.c.id == FILE.c.intake_id)
        .where(
            INTAKE.c.unit_id == unit_id,
            INTAKE.c.state.in_((WAITING, ASIDE)),
            INTAKE.c.channel == QR,
        )
    )
    return int(session.scalar(query) or 0)
