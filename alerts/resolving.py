"""Silence and the end: what stops when somebody answers, and who hears how a matter ended."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from alerts.actions import Notify
from alerts.decide import ROUND
from alerts.messages import Ending, clock_time
from alerts.notify import brief_of, send, withdraw_pending
from alerts.office import SYSTEM, Office, number, round_of
from alerts.ways import EMAIL, Recipient, Way
from langnghe.core.store.delivery import ACKNOWLEDGED, log_delivery
from langnghe.core.store.incidents import add_event
from langnghe.core.store.notices import people_owed, told_people
from langnghe.core.store.outbox import OUTBOX
from langnghe.core.store.tables import IncidentRow, OutboxRow

RESOLVED = "resolved"


def answered(session: Session, incident: IncidentRow, actor: str, now: datetime) -> int:
    """Stop asking, in the transaction of an acknowledgement: somebody has answered.

    What was not handed over of this round's escalation is withdrawn; the first notices to those who
    must act still go, one each, and so does a rung that took the place of a first notice that had
    not gone: else that person would never hear of it. Returns how many messages were withdrawn.
    """
    mine = session.scalars(
        sa.select(OutboxRow)
        .where(
            OUTBOX.c.incident_id == number(incident), OUTBOX.c.round == round_of(incident),
            sa.or_(OUTBOX.c.name == actor, OUTBOX.c.recipient == actor),
        )
        .order_by(OUTBOX.c.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    if mine is not None:
        log_delivery(session, mine, now, ACKNOWLEDGED, by=actor)
    why = f"{actor} đã tiếp nhận"
    owed = people_owed(session, number(incident), round_of(incident))
    return withdraw_pending(
        session, incident, now, why, by=actor, purposes=("escalate",), not_these=owed
    )


def withdraw_all(session: Session, incident: IncidentRow, why: str, now: datetime) -> int:
    """Withdraw everything about an incident that was not handed over; return how many messages."""
    return withdraw_pending(session, incident, now, why)


def tell_resolved(session: Session, office: Office, incident: IncidentRow, now: datetime) -> int:
    """Tell everybody who was told of an incident how it ended, in the same thread, one each.

    Call it in the transaction that closes the incident. What was not sent by then is withdrawn: who
    never heard of the matter need not hear of its end. Returns how many are told.
    """
    here = office.at(incident.unit_id)
    withdraw_all(session, incident, "vụ việc đã đóng", now)
    if not here.policy.notices.resolved:
        return 0
    rule = here.policy.outcomes.get(incident.outcome)
    ending = Ending(
        outcome=rule.label if rule else incident.outcome or "Đã đóng, chưa ghi kết quả xác minh.",
        conclusion=incident.conclusion,
        by=incident.concluded_by,
        closed_at=clock_time(incident.closed_at or now),
    )
    brief = brief_of(session, here, incident, incident.level, None, now, ending=ending)
    told = []
    for row in told_people(session, number(incident)):
        notice = Notify(RESOLVED, incident.level, row.role, round_of(incident) * ROUND, None)
        if send(session, here, incident, brief, _person(row), notice, now):
            told.append(row.name or row.recipient)
    if told:
        add_event(
            session, number(incident), now, "notified", SYSTEM,
            f"Báo «đã xử lý» tới: {', '.join(told)}.",
            {"purpose": RESOLVED, "level": incident.level},
        )  # fmt: skip
    return len(told)


def _person(row: OutboxRow) -> Recipient:
    """Who a message went to, by the ways that reached that person, the last one first."""
    first = Way(row.channel, row.recipient)
    ways = [Way(way["channel"], way["address"]) for way in row.ways if not way.get("spoilt")]
    others = tuple(way for way in ways if way != first)
    email = next((way.address for way in (first, *others) if way.channel == EMAIL), "")
    return Recipient(row.role, row.name, email, (first, *others), None, row.person)
