"""Carry decided actions out: rows of incident, steps, deadlines, timeline and outbox.

Everything happens in the caller's one transaction, so an incident never stands without its notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from alerts.actions import (
    Action,
    AddEvent,
    CancelDeadlines,
    KeepTold,
    Notify,
    OpenIncident,
    PlanSteps,
    Reassess,
    Reopen,
    SetDeadline,
    SetLevel,
    Update,
)
from alerts.notify import notify
from alerts.office import (
    STATE,
    SYSTEM,
    Office,
    incident_view,
    keep_state,
    number,
    round_of,
    story_view,
)
from alerts.step_clock import plan_steps
from langnghe.core.policy.model import Policy
from langnghe.core.store.incidents import (
    add_event,
    cancel_deadlines,
    mark_assess_due,
    put_deadline,
)
from langnghe.core.store.marks import REPLAY, get_mark
from langnghe.core.store.tables import IncidentRow, StoryRow
from langnghe.core.types import IncidentState, Profile

__all__ = [
    "STATE",
    "SYSTEM",
    "Office",
    "carry_out",
    "incident_view",
    "keep_state",
    "number",
    "story_view",
]
_TOLD = ("opened", "raised", "raised_quietly", "reopened", "news", "lowered")


def carry_out(
    session: Session,
    office: Office,
    story: StoryRow | None,
    incident: IncidentRow | None,
    actions: Iterable[Action],
    now: datetime,
    *,
    actor: str = SYSTEM,
) -> IncidentRow | None:
    """Write the actions down in order; return the incident (a new one if one was opened)."""
    unit_id = incident.unit_id if incident is not None else story.unit_id if story else None
    office = office.at(unit_id)
    for action in actions:
        if isinstance(action, OpenIncident):
            if story is None:
                raise RuntimeError("an incident needs a story")
            incident = _open(session, office, story, action, now)
            continue
        if incident is None:
            raise RuntimeError("an action on no incident")
        _apply(session, office, story, incident, action, now, actor)
    if incident is not None:
        incident.updated_at = now
        session.flush()
    return incident


def _apply(
    session: Session,
    office: Office,
    story: StoryRow | None,
    incident: IncidentRow,
    action: Action,
    now: datetime,
    actor: str,
) -> None:
    own = number(incident)
    if isinstance(action, Update) and story is not None:
        _copy(incident, story, office.policy)
        _move_down(incident, story, office.profile)
    elif isinstance(action, SetLevel):
        _set_level(incident, action.after, now, fresh=action.fresh)
    elif isinstance(action, Reopen):
        _set_level(incident, action.level, now, fresh=True)
        incident.state, incident.closed_at = IncidentState.REOPENED, None
        # What was concluded did not end it; the timeline keeps the words.
        incident.outcome = incident.conclusion = incident.concluded_by = ""
        incident.concluded_at = None
        keep_state(incident, held=None, planned_level=None, answered=None)
    elif isinstance(action, PlanSteps):
        plan_steps(session, office.policy, incident, action.level, now)
    elif isinstance(action, AddEvent):
        data = _told(action, incident, office.policy) if action.kind in _TOLD else action.data
        add_event(session, own, now, action.kind, actor, action.text, data)
    elif isinstance(action, SetDeadline):
        put_deadline(
            session, own, action.kind, action.level, action.seq, action.role, action.due_at
        )
    elif isinstance(action, CancelDeadlines):
        cancel_deadlines(session, own, kind=action.kind)
    elif isinstance(action, KeepTold):
        _keep_told(incident, story, action.level, now)
    elif isinstance(action, Reassess):
        mark_assess_due(session, own)
    elif isinstance(action, Notify):
        notify(session, office, incident, action, now)


def _open(
    session: Session, office: Office, story: StoryRow, action: OpenIncident, now: datetime
) -> IncidentRow:
    if story.id is None or story.unit_id is None:
        raise RuntimeError("an incident needs a stored story with a unit")
    row = IncidentRow(
        story_id=story.id,
        unit_id=story.unit_id,
        title=story.title,
        summary=story.summary,
        level=action.level,
        peak_level=action.level,
        score=story.score,
        opened_at=now,
        updated_at=now,
        policy_version=office.policy.version,
        replayed=get_mark(session, REPLAY) is not None,
    )
    _copy(row, story, office.policy)
    keep_state(
        row, round=1, peak_at=now.isoformat(), unit_kind=story.parts[STATE].get("unit_kind", "")
    )
    session.add(row)
    session.flush()
    story.incident_id = row.id
    session.add(story)
    return row


def _keep_told(incident: IncidentRow, story: StoryRow | None, level: int, now: datetime) -> None:
    """Note what people know from this alert on; what they once knew they still do."""
    before = incident.parts.get(STATE, {}).get("told")
    news = dict(before["news"]) if before else {}
    current = story_view(story).news if story is not None else {}
    known = {name: max(news.get(name, 0.0), current.get(name, 0.0)) for name in {*news, *current}}
    keep_state(
        incident, told={"level": level, "at": now.isoformat(), "news": dict(sorted(known.items()))}
    )


def _copy(incident: IncidentRow, story: StoryRow, policy: Policy) -> None:
    kept = incident.parts.get(STATE, {})
    numbers = {name: value for name, value in story.parts.items() if name != STATE}
    overrides = story.parts.get(STATE, {}).get("overrides", [])
    incident.parts = {**numbers, STATE: {**kept, "overrides": overrides}}
    incident.score, incident.reasons = story.score, story.reasons
    # The playbook by which people act: that of the unit, which may differ from everybody's.
    incident.nearest, incident.policy_version = story.nearest, policy.version
    incident.credibility = story.credibility
    # A topic once seen stays: its steps were planned.
    incident.topics = list(dict.fromkeys([*story.topics, *incident.topics]))


def _move_down(incident: IncidentRow, story: StoryRow, profile: Profile) -> None:
    """Hand the incident to a unit below its present one once that is known; never up or aside."""
    above = [unit.id for unit in profile.chain(story.unit_id or "")[1:]]
    if incident.unit_id in above and story.unit_id is not None:
        incident.unit_id = story.unit_id
        keep_state(incident, unit_kind=story_view(story).unit_kind)


def _set_level(incident: IncidentRow, level: int, now: datetime, *, fresh: bool) -> None:
    incident.level = level
    if level >= incident.peak_level:
        keep_state(incident, peak_at=now.isoformat())
    incident.peak_level = max(incident.peak_level, level)
    if fresh:
        incident.acknowledged_at = incident.acknowledged_by = None
        keep_state(incident, round=round_of(incident) + 1)


def _told(action: AddEvent, incident: IncidentRow, policy: Policy) -> Mapping[str, object]:
    """What an alert said at that moment, kept in the timeline because the incident moves on."""
    ids = [i for reason in incident.reasons for i in reason.get("mention_ids", ())]
    return {
        **action.data,
        "policy": policy.version,
        "level": incident.level,
        "score": incident.score,
        "topics": list(incident.topics),
        "reasons": [reason.get("text", "") for reason in incident.reasons],
        "codes": [reason.get("code", "") for reason in incident.reasons],
        "points": {
            name: value for name, value in incident.parts.items() if isinstance(value, int | float)
        },
        "mention_ids": sorted(set(ids)),
    }
