"""Who holds a role for a unit? Nobody found is an answer of its own, never a silent gap."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from alerts.ways import Recipient
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.incidents import contacts_of
from langnghe.core.store.tables import ContactRow
from langnghe.core.types import Profile, Unit


def recipients_for(
    session: Session, role: str, unit_id: str, policy: Policy, profile: Profile, settings: Settings
) -> list[Recipient]:
    """Return who is told when ``role`` of the unit is to be told; ``[]`` when there is nobody.

    The role's own people come first, then anybody of that unit, then of the units above it, then
    the address for all emergencies in the settings.
    """
    units = profile.chain(unit_id)
    rule = policy.roles.get(role)
    kinds = rule.unit_kinds if rule else ()
    if kinds:
        start = next((n for n, unit in enumerate(units) if unit.kind in kinds), 1)
        # The topmost unit has nobody above it: then its own people are asked again.
        units = units[start:] or units
    names = rule.contacts if rule else (role,)
    found = _nearest(session, units, names)
    if found:
        return [Recipient(role, c.name, c.email.strip()) for c in found if c.email]
    if settings.mail_fallback:
        return [Recipient(role, "người trực hệ thống", settings.mail_fallback)]
    return []


def _nearest(session: Session, units: Sequence[Unit], names: Sequence[str]) -> list[ContactRow]:
    contacts = contacts_of(session, [unit.id for unit in units])
    for unit in units:
        here = [c for c in contacts if c.unit_id == unit.id]
        if here:
            return [c for c in here if c.role in names] or here
    return []
