"""Who is told when a role of a unit is to be told? Nobody found is an answer, never a silent gap.

People on duty come first, then the role's own people, then anybody of that unit, then the offices
above by the reporting lines in force at that moment, last the address for all emergencies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from sqlmodel import Session

from alerts.ways import EMAIL, Quiet, Recipient, Way
from langnghe.core.contacts import person_key, read_hours, ways_of
from langnghe.core.duty import on_duty
from langnghe.core.lines import LINE_OF_KIND, Line, lines_at
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.people import Person, duty_of, lines_of, people_of
from langnghe.core.types import Profile

FALLBACK_NAME = "người trực hệ thống"


def recipients_for(
    session: Session,
    role: str,
    unit_id: str,
    policy: Policy,
    profile: Profile,
    settings: Settings,
    *,
    now: datetime | None = None,
) -> list[Recipient]:
    """Return who is told when ``role`` of the unit is to be told; ``[]`` when there is nobody.

    ``now`` chooses the shift and the reporting lines; without it the present moment counts.
    """
    return next_of(session, role, unit_id, (), policy, profile, settings, now=now)


def next_of(
    session: Session,
    role: str,
    unit_id: str,
    already: Collection[str],
    policy: Policy,
    profile: Profile,
    settings: Settings,
    *,
    now: datetime | None = None,
) -> list[Recipient]:
    """Return the nearest people for ``role`` whose ``who`` is not in ``already``.

    Climbs until it finds somebody new; ``[]`` when everybody that could be told has been.
    """
    asked = _Asked(session, policy, profile, now or datetime.now(UTC))
    told = {who.lower() for who in already}
    for group in asked.groups(role, unit_id):
        fresh = [person for person in group if person.who.lower() not in told]
        if fresh:
            return fresh
    if settings.mail_fallback and settings.mail_fallback.strip().lower() not in told:
        return [Recipient(role, FALLBACK_NAME, settings.mail_fallback)]
    return []


def recipient(role: str, person: Person) -> Recipient | None:
    """Return how a person of the directory is reached; ``None`` for one without any address."""
    contact = person.contact
    ways = tuple(Way(channel, address) for channel, address in ways_of(contact))
    if not ways:
        return None
    email = next((way.address for way in ways if way.channel == EMAIL), "")
    hours = read_hours(contact.quiet) if contact.quiet else None
    return Recipient(
        role, contact.name, email, ways, Quiet(*hours) if hours else None, person_key(contact)
    )


class _Asked:
    """One question: the tables, the rules and the moment it is asked for."""

    def __init__(self, session: Session, policy: Policy, profile: Profile, now: datetime) -> None:
        self.session, self.policy, self.profile, self.now = session, policy, profile, now
        self._lines: dict[str, tuple[Line, ...]] = {}

    def groups(self, role: str, unit_id: str) -> Iterator[list[Recipient]]:
        """Yield groups of people, the nearest first; within a group all are told at once."""
        rule = self.policy.roles.get(role)
        start = self.held_by(unit_id, rule.unit_kinds) if rule and rule.unit_kinds else unit_id
        for unit in self.path(start, tree=True):
            yield from self.unit_groups(role, unit)

    def unit_groups(self, role: str, unit_id: str) -> Iterator[list[Recipient]]:
        """Yield the people of one unit: on duty for the role, holding it, then anybody."""
        people = people_of(self.session, [unit_id])
        if not people:
            return
        rule = self.policy.roles.get(role)
        names = {role, *(rule.contacts if rule else ())}
        shifts = on_duty(duty_of(self.session, [unit_id]), self.now)
        serving = {duty.person_id for duty in shifts if duty.role in names}
        anybody = {duty.person_id for duty in shifts}
        for chosen in (
            [p for p in people if p.id in serving],
            [p for p in people if p.contact.role in names],
            [p for p in people if p.id in anybody],
            people,
        ):
            group = _each_once(role, chosen)
            if group:
                yield group

    def held_by(self, unit_id: str, kinds: Collection[str]) -> str:
        """Return the unit of one of these kinds that answers for ``unit_id`` at this moment.

        The lines in force lead to it. Where they lead to none of the kind (no commune answered for
        schools before 7/2025), the end of the role's own line stands in, then the tree, then
        whoever is next above; the topmost unit has nobody above and is asked itself.
        """
        own = [unit.id for unit in self.profile.chain(unit_id)]
        for path in (own[:1], self.path(unit_id, tree=False)):
            for above in path:
                unit = self.profile.unit(above)
                if unit is not None and unit.kind in kinds:
                    return above
        wanted = {LINE_OF_KIND.get(kind) for kind in kinds}
        for line in self.lines(unit_id):
            if line.line in wanted and self._watched(line.to_unit):
                return str(line.to_unit)
        for unit in self.profile.chain(unit_id):
            if unit.kind in kinds:
                return unit.id
        return own[1] if len(own) > 1 else unit_id

    def path(self, unit_id: str, *, tree: bool) -> list[str]:
        """Return the unit and those above it, the nearest first.

        The lines in force lead upwards; the tree does too where a unit has none, or if ``tree``.
        """
        found = [unit_id]
        for current in found:
            lines = self.lines(current)
            above = [line.to_unit for line in lines]
            unit = self.profile.unit(current)
            if unit is not None and (tree or not lines):
                above.append(unit.parent)
            found.extend(
                str(a) for a in dict.fromkeys(above) if self._watched(a) and a not in found
            )
        return found

    def lines(self, unit_id: str) -> tuple[Line, ...]:
        """Return the unit's lines in force; asked of the database once."""
        if unit_id not in self._lines:
            rows = lines_of(self.session, [unit_id])
            self._lines[unit_id] = lines_at(rows, unit_id, self.now)
        return self._lines[unit_id]

    def _watched(self, unit_id: str | None) -> bool:
        return unit_id is not None and self.profile.unit(unit_id) is not None


def _each_once(role: str, people: Iterable[Person]) -> list[Recipient]:
    """Return those who can be reached; one person with two entries appears once."""
    found: dict[str, Recipient] = {}
    for person in people:
        reached = recipient(role, person)
        if reached is not None:
            found.setdefault(reached.who.lower(), reached)
    return list(found.values())
