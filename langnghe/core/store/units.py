"""Copy the profile into tables, so that queries can join units and mails find contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.store.tables import ContactRow, UnitRow
from langnghe.core.types import Place, Profile, Unit

PROFILE_MARK = "profile"


def sync_units(session: Session, profile: Profile, now: datetime) -> bool:
    """Make the unit and contact tables say what the profile says; return whether it changed.

    A unit that left the profile stays, inactive, because past mentions still point to it.
    """
    mark = get_mark(session, PROFILE_MARK)
    if mark is not None and mark.data.get("version") == profile.version:
        return False
    listed = {unit.id for unit in profile.units}
    for row in session.scalars(sa.select(UnitRow)):
        if row.id not in listed:
            row.active = False
    for unit in profile.units:
        session.merge(
            UnitRow(
                id=unit.id,
                kind=unit.kind,
                name=unit.name,
                parent_id=unit.parent,
                data={
                    "aliases": list(unit.aliases),
                    "name_variants": list(unit.name_variants),
                    "places": [_place(place) for place in unit.places],
                },
                active=True,
            )
        )
    session.execute(sa.delete(ContactRow))
    session.add_all(contact for unit in profile.units for contact in _contacts(unit))
    put_mark(session, PROFILE_MARK, now, {"version": profile.version, "name": profile.name})
    return True


def contact_addresses(session: Session, roles: Sequence[str]) -> list[str]:
    """Return the e-mail addresses of everybody in one of these roles, each once, in unit order."""
    query = (
        sa.select(ContactRow)
        .where(ContactRow.role.in_(roles))  # type: ignore[attr-defined]
        .order_by(ContactRow.id)  # type: ignore[arg-type]
    )
    return list(dict.fromkeys(row.email for row in session.scalars(query) if row.email))


def _contacts(unit: Unit) -> list[ContactRow]:
    return [ContactRow(unit_id=unit.id, **asdict(contact)) for contact in unit.contacts]


def _place(place: Place) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(place).items()
        if value is not None
    }
