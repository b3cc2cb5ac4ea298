"""Copy the profile into tables, so that queries can join units and mails find people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.store.people import CONTACT
from langnghe.core.store.people_sync import FORM, sync_people
from langnghe.core.store.tables import ContactRow, UnitRow
from langnghe.core.types import Place, Profile

PROFILE_MARK = "profile"


def sync_units(session: Session, profile: Profile, now: datetime) -> bool:
    """Make the tables of units and people say what the profile says; return whether it changed.

    A unit that left the profile stays, inactive, because past mentions still point to it. People,
    roster and lines that were edited by hand stay as edited (``people_sync``).
    """
    mark = get_mark(session, PROFILE_MARK)
    told = {"version": profile.version, "people": FORM}
    if mark is not None and mark.data.items() >= told.items():
        return False
    listed = {unit.id for unit in profile.units}
    rows = {row.id: row for row in session.scalars(sa.select(UnitRow))}
    for row in rows.values():
        if row.id not in listed:
            row.active = False
    for unit in profile.units:  # of thousands an edit on the screen changes one
        found = rows.get(unit.id) or UnitRow(id=unit.id, kind=unit.kind, name=unit.name)
        found.kind, found.name, found.parent_id = unit.kind, unit.name, unit.parent
        found.data = {
            "aliases": list(unit.aliases),
            "name_variants": list(unit.name_variants),
            "places": [_place(place) for place in unit.places],
        }
        found.active = True
        session.add(found)
    session.flush()
    sync_people(session, profile, now)
    put_mark(session, PROFILE_MARK, now, told | {"name": profile.name})
    return True


def contact_addresses(session: Session, roles: Sequence[str]) -> list[str]:
    """Return the e-mail addresses of everybody in one of these roles, each once, in unit order."""
    query = (
        sa.select(ContactRow)
        .where(CONTACT.c.role.in_(roles), CONTACT.c.removed_at.is_(None))
        .order_by(CONTACT.c.id)
    )
    return list(dict.fromkeys(row.email for row in session.scalars(query) if row.email))


def _place(place: Place) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(place).items()
        if value is not None
    }
