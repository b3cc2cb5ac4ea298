"""Who answers for an incident: a person by name, else whoever holds its level's owner role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.act_frame import RELOAD, open_incident, policy_of
from alerts.carry import Office
from langnghe.core.errors import InputError
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.people import people_of
from langnghe.core.store.tables import IncidentRow
from langnghe.core.store.users import everybody
from langnghe.core.types import Role


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be made responsible. ``key`` is what a form or the API hands in."""

    key: str
    name: str
    office: str
    user_id: int | None = None


def owner_role(office: Office, incident: IncidentRow) -> str:
    """Return the id of the role that leads at the incident's level, where nobody is named."""
    policy = policy_of(office, incident)
    rule = policy.level(incident.level)
    return rule.owner or next(iter(rule.notify), "")


def owner_shown(office: Office, incident: IncidentRow) -> str:
    """Return the owner's name, or what the role that leads is called."""
    return incident.owner or policy_of(office, incident).role_name(owner_role(office, incident))


def candidates(session: Session, office: Office, incident: IncidentRow) -> list[Candidate]:
    """Return who may be made responsible: users who may act on it, people in office of its units.

    Users come first; a person in office who is also a user of the same name is listed once.
    """
    chain = office.profile.chain(incident.unit_id)
    units = {unit.id: unit.name for unit in chain}
    found = [
        Candidate(
            f"user:{row.id}", row.name or row.username, units.get(row.unit_id or "", ""), row.id
        )
        for row in everybody(session)
        if row.active and row.role != Role.ANALYST and (row.unit_id is None or row.unit_id in units)
    ]
    names = {person.name for person in found}
    found += [
        Candidate(f"contact:{person.id}", person.contact.name, units[person.unit_id])
        for person in people_of(session, list(units))
        if person.contact.name not in names
    ]
    return found


def assign(
    store: Store, office: Office, incident_id: int, key: str, actor: str, now: datetime,
    seen: int | None = None,
) -> str:  # fmt: skip
    """Make somebody responsible (``key`` of a candidate, empty: the role again); return the name.

    Raises ``InputError`` for somebody who is no candidate, ``ConflictError`` when it is closed.
    """
    with open_incident(store, incident_id, now, "owner", seen) as (session, incident):
        before = owner_shown(office, incident)
        if key:
            person = next((c for c in candidates(session, office, incident) if c.key == key), None)
            if person is None:
                raise InputError("Không giao được cho người này.", mend=RELOAD)
            incident.owner, incident.owner_user_id = person.name, person.user_id
        else:
            incident.owner, incident.owner_user_id = "", None
        after = owner_shown(office, incident)
        if after != before:
            add_event(
                session, incident_id, now, "assigned", actor,
                f"{actor} giao phụ trách cho {after} (trước đó: {before}).",
                {"owner": incident.owner, "user": incident.owner_user_id},
            )  # fmt: skip
        return after
