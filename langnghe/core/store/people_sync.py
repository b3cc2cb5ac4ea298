"""Lay the profile's people, roster and lines into their tables without undoing what hands did.

The newest word counts: a row edited or removed by hand stays so until the profile says something
new about that very row. What left the profile goes, unless somebody edited it since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.contacts import write_hours
from langnghe.core.lines import Line, default_lines
from langnghe.core.store.people import (
    CONTACT,
    Kind,
    LaidRow,
    contact_values,
    duty_values,
    line_values,
)
from langnghe.core.store.tables import ContactRow, DutyRow, LineRow
from langnghe.core.store.users import note
from langnghe.core.text import digest, fold
from langnghe.core.types import Profile, Unit

FORM = 1
"""Raised when what is laid out changes, so that a new program lays out an unchanged profile."""
BEFORE = "0008"
"""The origin the migration gave contacts that were plain copies of the profile."""
_ACTOR = "hồ sơ đơn vị"


class _Laid(NamedTuple):
    origin: str
    stated: str
    values: dict[str, Any]


def sync_people(session: Session, profile: Profile, now: datetime) -> None:
    """Make directory, roster and lines say what the profile says, beside what people changed."""
    session.execute(sa.delete(ContactRow).where(CONTACT.c.origin == BEFORE))
    contacts = _numbered(
        (f"{u.id}|{fold(c.role)}|{fold(c.name)}", contact_values(u.id, c))
        for u in profile.units
        for c in u.contacts
    )
    _lay(session, ContactRow, contacts, now)
    ids = _ids(session)
    duty = _numbered(
        (
            f"{u.id}|{d.role}|{d.person}|{d.since.isoformat()}|{d.days}|{write_hours(d.hours)}",
            {**duty_values(d), "contact_id": ids[u.id, d.person]},
        )
        for u in profile.units
        for d in u.duty
        if (u.id, d.person) in ids
    )
    _lay(session, DutyRow, duty, now)
    lines = _numbered((_line_origin(line), line_values(line)) for line in _lines(profile))
    _lay(session, LineRow, lines, now)


def _lines(profile: Profile) -> Iterable[Line]:
    """Yield the stated lines of every unit, or the usual ones where it states none."""
    units = {unit.id: unit for unit in profile.units}
    for unit in profile.units:
        yield from unit.lines or default_lines(unit, _above(units, unit))


def _above(units: Mapping[str, Unit], unit: Unit) -> list[Unit]:
    found: list[Unit] = []
    current = units.get(unit.parent or "")
    while current is not None and current not in found and current is not unit:
        found.append(current)
        current = units.get(current.parent or "")
    return found


def _line_origin(line: Line) -> str:
    return f"{line.unit_id}|{line.line}|{line.since.isoformat() if line.since else ''}"


def _numbered(entries: Iterable[tuple[str, dict[str, Any]]]) -> list[_Laid]:
    """Give equal origins a number, and each entry the hash of what it states."""
    seen: dict[str, int] = {}
    found = []
    for origin, values in entries:
        seen[origin] = seen.get(origin, 0) + 1
        name = origin if seen[origin] == 1 else f"{origin}|{seen[origin]}"
        stated = digest(json.dumps(values, ensure_ascii=False, sort_keys=True, default=str))
        found.append(_Laid(name, stated, values))
    return found


def _lay(session: Session, kind: type[Kind], wanted: list[_Laid], now: datetime) -> None:
    table: sa.Table = kind.__table__  # type: ignore[attr-defined]
    rows: Iterable[Kind] = session.scalars(sa.select(kind).where(table.c.origin != ""))
    present = {row.origin: row for row in rows}
    for laid in wanted:
        row = present.pop(laid.origin, None)
        if row is None:
            session.add(kind(**laid.values, origin=laid.origin, stated=laid.stated))
        elif row.stated != laid.stated:
            if row.edited:
                _say_overruled(session, row, laid, now)
            for name, value in laid.values.items():
                setattr(row, name, value)
            row.stated, row.edited, row.removed_at = laid.stated, False, None
    for row in present.values():
        if row.removed_at is None and row.edited:
            row.origin = row.stated = ""  # from now on a row of its own
        elif row.stated:
            row.removed_at, row.stated = row.removed_at or now, ""
    session.flush()


def _say_overruled(session: Session, row: LaidRow, laid: _Laid, now: datetime) -> None:
    """Leave a trace where the profile's newer word takes the place of an edit by hand."""
    changed = [name for name, value in laid.values.items() if getattr(row, name) != value]
    note(
        session, now, _ACTOR, f"{row.__tablename__}_from_profile", f"{row.__tablename__}:{row.id}",
        reason="Hồ sơ đơn vị có nội dung mới hơn lần sửa tay.",
        data={"unit": row.unit_id, "changed": changed},
    )  # fmt: skip


def _ids(session: Session) -> dict[tuple[str, str], int]:
    """Return the ids of people by unit and name, and by unit and address."""
    query = sa.select(ContactRow).where(CONTACT.c.removed_at.is_(None)).order_by(CONTACT.c.id)
    found: dict[tuple[str, str], int] = {}
    for row in session.scalars(query):
        for word in (row.name, row.email):
            if word and row.id is not None:
                found.setdefault((row.unit_id, word), row.id)
    return found
