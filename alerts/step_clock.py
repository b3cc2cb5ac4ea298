"""When the steps of an incident are due: planned at each level, counted from the answer.

The playbook counts from the acknowledgement; until there is one, from the plan itself, so that a
date is shown at once. What a plan allows is kept with the incident, because an acknowledgement
through a mail's link knows no playbook. A step whose time already runs is never put off by a later
answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from alerts.decide import ROUND
from alerts.office import STATE, keep_state, number, round_of
from langnghe.core.policy.model import Policy
from langnghe.core.store.incidents import (
    cancel_deadlines,
    put_deadline,
    steps_of,
    wake_deadlines,
)
from langnghe.core.store.tables import IncidentRow, StepRow


def plan_steps(
    session: Session, policy: Policy, incident: IncidentRow, level: int, now: datetime
) -> None:
    """Add missing steps and shorten late ones. Running it again changes nothing but new topics."""
    order = {s.code: n for n, s in enumerate(_all_steps(policy))}
    have = {step.code: step for step in steps_of(session, number(incident))}
    state = incident.parts.get(STATE, {})
    # Time runs from the acknowledgement; until there is one, from the plan itself.
    same = state.get("planned_level") == level and state.get("planned_at")
    start = incident.acknowledged_at or (datetime.fromisoformat(same) if same else now)
    rules = policy.steps_for(tuple(incident.topics), level)
    ack, allows = policy.level(level).ack, {}
    for rule in rules:
        allowed = rule.due[policy.level(level).value] or timedelta()
        # "At once" is reminded of only after the time an answer may take.
        remind = max(allowed, ack).total_seconds() if rule.remind else None
        allows[rule.code] = [allowed.total_seconds(), remind]
    keep_state(incident, planned_level=level, planned_at=start.isoformat(), allows=allows)
    for rule in rules:
        allowed_s, remind_s = allows[rule.code]
        due = start + timedelta(seconds=allowed_s or 0.0)
        step = have.get(rule.code)
        if step is None:
            step = StepRow(
                incident_id=number(incident),
                code=rule.code,
                position=order.get(rule.code, len(order)),
                title=rule.title,
                detail=rule.detail,
                role=rule.role,
                evidence=rule.evidence,
                due_at=due,
            )
        elif step.done_at is not None or (step.due_at is not None and step.due_at <= due):
            continue
        step.due_at = due
        session.add(step)
        _remind(session, incident, step, level, start, remind_s)
    session.flush()


def start_clock(session: Session, incident: IncidentRow, actor: str, now: datetime) -> None:
    """Tick the first step and count the others from now, as the playbook says.

    After a raise only what that raise planned is counted anew: the rest runs since an earlier
    answer. Reminders that fell due while nobody had answered count again.
    """
    state = incident.parts.get(STATE, {})
    planned = datetime.fromisoformat(state["planned_at"]) if state.get("planned_at") else now
    level, first = int(state.get("planned_level") or incident.level), not state.get("answered")
    allows: dict[str, Any] = state.get("allows", {})
    running: list[str] = []
    for step in steps_of(session, number(incident)):
        if step.done_at is not None:
            continue
        if step.position == 0:
            step.done_at, step.done_by = now, actor
            continue
        allowed_s, remind_s = allows.get(step.code, (None, None))
        if allowed_s is None or step.due_at is None:
            continue
        allowed = timedelta(seconds=allowed_s)
        if first or step.due_at >= planned + allowed:
            step.due_at = now + allowed
            _remind(session, incident, step, level, now, remind_s)
        else:
            running.append(f"step:{step.code}")
    wake_deadlines(session, number(incident), running, planned)
    keep_state(incident, planned_at=now.isoformat(), answered=True)


def _remind(
    session: Session,
    incident: IncidentRow,
    step: StepRow,
    level: int,
    start: datetime,
    remind_s: float | None,
) -> None:
    if remind_s is None:
        return
    kind, seq = f"step:{step.code}", round_of(incident) * ROUND
    cancel_deadlines(session, number(incident), kind=kind)
    due = start + timedelta(seconds=remind_s)
    put_deadline(session, number(incident), kind, level, seq, step.role, due)


def _all_steps(policy: Policy) -> list[Any]:
    return [*policy.core_steps, *(s for t in policy.topics.values() for s in t.steps)]
