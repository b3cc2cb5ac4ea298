"""Deadlines that passed without an answer: tell the next role up, once, and never forget one."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from alerts.actions import DeadlineView
from alerts.carry import Office, carry_out, incident_view
from alerts.decide import decide_overdue
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import (
    claim_deadline,
    due_deadline_ids,
    lock_acting,
    lock_incident,
    steps_of,
)
from langnghe.core.types import Profile


def fire_deadlines(
    store: Store,
    policy: Policy,
    profile: Profile,
    settings: Settings,
    now: datetime,
    limit: int = 200,
) -> int:
    """See to up to ``limit`` deadlines that passed; return how many were fired.

    Each one is claimed, decided and written in one transaction, so it fires exactly once.
    """
    office = Office(policy, profile, settings)
    with store.read() as session:
        passed = due_deadline_ids(session, now, limit)
    fired = 0
    for deadline_id in passed:
        with store.write() as session:
            fired += _fire(session, office, deadline_id, now)
    return fired


def _fire(session: Session, office: Office, deadline_id: int, now: datetime) -> bool:
    lock_acting(session)
    row = claim_deadline(session, deadline_id, now)
    if row is None:
        return False
    incident = lock_incident(session, row.incident_id)
    done = [s.code for s in steps_of(session, row.incident_id) if s.done_at is not None]
    view = DeadlineView(row.kind, row.level, row.seq, row.role, row.due_at)
    here = office.at(incident.unit_id)
    actions = decide_overdue(view, incident_view(incident, done), here.policy, now)
    carry_out(session, office, None, incident, actions, now)
    return True
