"""Who knows of an incident, by which way, and what the house does next if nobody answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from alerts.carry import Office
from langnghe.core.clock import hanoi
from langnghe.core.contacts import person_key
from langnghe.core.policy.model import Policy
from langnghe.core.store.people import people_of
from langnghe.core.store.queries.notices import NoticeFilter, NoticeLine, list_notices
from langnghe.core.store.tables import DeadlineRow, IncidentRow, StepRow

NOTICES = 200
"""Newest messages of an incident that are looked at; a storm of reminders has more."""
ACKNOWLEDGED, OPENED, SENT, WAITING, FAILED = "acknowledged", "opened", "sent", "waiting", "failed"
_ORDER = (FAILED, WAITING, SENT, OPENED, ACKNOWLEDGED)
_DONE_FOR = frozenset({"withdrawn"})


@dataclass(slots=True)
class Told:
    """One person and what they know. ``state`` is the furthest any message to them came."""

    name: str
    role: str
    state: str = WAITING
    at: datetime | None = None
    ways: dict[str, datetime | None] = field(default_factory=dict)
    trouble: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """What the house does by itself if nobody acts: ``kind`` is ack or step."""

    kind: str
    at: datetime
    clock: str
    role: str
    step: str = ""


def told_of(
    session: Session, office: Office, incident: IncidentRow, viewer_unit: str | None
) -> list[Told]:
    """Return the people told of an incident, those not reached first."""
    wanted = NoticeFilter(viewer_unit=viewer_unit, incident_id=incident.id)
    lines = list_notices(session, wanted, cursor=None, limit=NOTICES).rows
    if not lines:
        return []
    units = [unit.id for unit in office.profile.chain(incident.unit_id)]
    phones = {
        person_key(person.contact): person.contact.phone
        for person in people_of(session, units)
        if person.contact.phone
    }
    return people_told(lines, phones, incident.acknowledged_by, incident.acknowledged_at)


def people_told(
    lines: Iterable[NoticeLine],
    phones: dict[str, str],
    answered_by: str | None,
    answered_at: datetime | None,
) -> list[Told]:
    """Return one entry a person out of their messages, newest first in; pure."""
    found: dict[str, Told] = {}
    for line in lines:
        row = line.row
        if row.state in _DONE_FOR and not any(d.event == SENT for d in line.deliveries):
            continue
        who = row.person or row.recipient.strip().lower()
        one = found.setdefault(who, Told(row.name or row.recipient, row.role))
        sent = [d for d in line.deliveries if d.event == SENT]
        way = sent[-1].way if sent else row.channel
        if sent or way not in one.ways:
            one.ways.setdefault(way, sent[-1].at if sent else None)
        number = phones.get(who) or (who.removeprefix("tel:") if who.startswith("tel:") else "")
        one.phone = one.phone or re.sub(r"[^\d+]", "", number)
        state, at = WAITING, None
        if line.acknowledged:
            state, at = ACKNOWLEDGED, line.acknowledged.at
        elif line.opened:
            state, at = OPENED, line.opened.at
        elif sent:
            state, at = SENT, sent[-1].at
        elif row.state == "dead":
            state, at = FAILED, line.deliveries[-1].at if line.deliveries else None
            one.trouble = one.trouble or row.last_error
        if one.at is None or (state != FAILED and _ORDER.index(state) > _ORDER.index(one.state)):
            one.state, one.at = state, at
    for one in found.values():
        if answered_at is not None and one.name == answered_by:
            one.state, one.at = ACKNOWLEDGED, answered_at
    return sorted(found.values(), key=lambda one: (_ORDER.index(one.state), one.name))


def what_next(
    deadlines: Sequence[DeadlineRow],
    steps: Sequence[StepRow],
    policy: Policy,
    now: datetime,
    *,
    acknowledged: bool,
) -> Next | None:
    """Return the nearest thing the house does by itself, ``None`` where no time is running."""
    titles = {step.code: step.title for step in steps if step.done_at is None}
    running = sorted((d for d in deadlines if d.state == "open"), key=lambda d: d.due_at)
    for one in running:
        kind, _, code = one.kind.partition(":")
        fits = kind == "ack" if not acknowledged else kind == "step" and code in titles
        if fits:
            return Next(
                kind, one.due_at, _clock(one.due_at, now), policy.role_name(one.role),
                titles.get(code, ""),
            )  # fmt: skip
    return None


def _clock(at: datetime, now: datetime) -> str:
    local = hanoi(at)
    same = local.date() == hanoi(now).date()
    return local.strftime("%H:%M" if same else "%H:%M ngày %d/%m")
