"""All SQL about who answers for a unit: the directory, the duty roster, the reporting lines.

Nothing here joins a mention, a story or an author: these rows are of offices alone. Rows are marked
as removed, never deleted, because a past notice or shift still names them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.contacts import read_hours, write_hours
from langnghe.core.duty import Duty
from langnghe.core.errors import NotFoundError
from langnghe.core.lines import Line
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables import ContactRow, DutyRow, LineRow, UnitRow
from langnghe.core.types import Contact

CONTACT: sa.Table = ContactRow.__table__  # type: ignore[attr-defined]
DUTY: sa.Table = DutyRow.__table__  # type: ignore[attr-defined]
LINE: sa.Table = LineRow.__table__  # type: ignore[attr-defined]
LaidRow = ContactRow | DutyRow | LineRow
Kind = TypeVar("Kind", ContactRow, DutyRow, LineRow)


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the directory: a person in one office."""

    id: int
    unit_id: str
    contact: Contact


def unit_in_scope(session: Session, unit_id: str, scope: str | None) -> UnitRow:
    """Return the active unit. Raises NotFoundError for none, or one outside the scope."""
    query = sa.select(UnitRow).where(UNIT.c.id == unit_id, UNIT.c.active)
    if scope is not None:
        query = query.where(UNIT.c.id.in_(subtree(scope)))
    row = session.scalars(query).first()
    if row is None:
        raise NotFoundError("Không có đơn vị này.", mend="Chọn đơn vị trong danh sách.")
    return row


def people_of(session: Session, unit_ids: Collection[str] | None = None) -> list[Person]:
    """Return the people of these units (``None``: of all), in the order they were entered."""
    return [_person(row) for row in _living(session, ContactRow, CONTACT, unit_ids)]


def duty_of(session: Session, unit_ids: Collection[str] | None = None) -> list[Duty]:
    """Return the roster of these units, earliest first; rows of people no longer there are left."""
    rows = _living(session, DutyRow, DUTY, unit_ids)
    wanted = {row.contact_id for row in rows}
    names = {
        row.id: row.name
        for row in session.execute(
            sa.select(CONTACT.c.id, CONTACT.c.name).where(
                CONTACT.c.id.in_(wanted), CONTACT.c.removed_at.is_(None)
            )
        )
    }
    found = [_duty(row, names[row.contact_id]) for row in rows if row.contact_id in names]
    return sorted(found, key=lambda duty: (duty.since, duty.id or 0))


def lines_of(session: Session, unit_ids: Collection[str] | None = None) -> list[Line]:
    """Return the dated rows of the reporting chain of these units, in the order of entry."""
    return [_line(row) for row in _living(session, LineRow, LINE, unit_ids)]


def required(session: Session, kind: type[Kind], row_id: int) -> Kind:
    """Return a living row. Raises NotFoundError."""
    row = session.get(kind, row_id)
    if row is None or row.removed_at is not None:
        raise NotFoundError("Không có mục này, hoặc đã được gỡ.", mend="Tải lại trang rồi xem lại.")
    return row


def save(session: Session, kind: type[Kind], values: dict[str, Any], row_id: int | None) -> Kind:
    """Store a row written by hand, new or in place of ``row_id``; return it with its id."""
    row = kind(**values) if row_id is None else required(session, kind, row_id)
    for name, value in values.items():
        setattr(row, name, value)
    row.edited = True
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: LaidRow, now: datetime) -> None:
    """Take a row out of use; the roster rows of a removed person go with it."""
    row.removed_at, row.edited = now, True
    if isinstance(row, ContactRow):
        session.execute(
            sa.update(DUTY)
            .where(DUTY.c.contact_id == row.id, DUTY.c.removed_at.is_(None))
            .values(removed_at=now, edited=True)
        )
    session.flush()


def contact_values(unit_id: str, contact: Contact) -> dict[str, Any]:
    """Return the columns of an entry of the directory."""
    return {"unit_id": unit_id, **asdict(contact), "ways": list(contact.ways)}


def duty_values(duty: Duty) -> dict[str, Any]:
    """Return the columns of a row of the roster."""
    return {
        "unit_id": duty.unit_id,
        "role": duty.role,
        "contact_id": duty.person_id,
        "since": duty.since,
        "until": duty.until,
        "days": list(duty.days),
        "hours": write_hours(duty.hours),
    }


def line_values(line: Line) -> dict[str, Any]:
    """Return the columns of a row of the reporting chain."""
    return {key: value for key, value in asdict(line).items() if key != "id"}


def _living(
    session: Session, kind: type[Kind], table: sa.Table, unit_ids: Collection[str] | None
) -> list[Kind]:
    query = sa.select(kind).where(table.c.removed_at.is_(None)).order_by(table.c.id)
    if unit_ids is not None:
        query = query.where(table.c.unit_id.in_(list(unit_ids)))
    return list(session.scalars(query))


def _person(row: ContactRow) -> Person:
    contact = Contact(
        row.role, row.name, row.email, row.phone, row.zalo, row.telegram, row.webhook, row.apprise,
        tuple(row.ways), row.quiet,
    )  # fmt: skip
    return Person(_id(row), row.unit_id, contact)


def _duty(row: DutyRow, person: str) -> Duty:
    return Duty(
        row.unit_id, row.role, person, row.since, row.until, tuple(row.days),
        read_hours(row.hours) if row.hours else None, row.contact_id, _id(row),
    )  # fmt: skip


def _line(row: LineRow) -> Line:
    return Line(
        row.unit_id, row.line, row.to_unit, row.to_name, row.since, row.until, row.basis, _id(row)
    )


def _id(row: LaidRow) -> int:
    if row.id is None:
        raise RuntimeError("a row without id")
    return row.id
