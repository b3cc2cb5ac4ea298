"""What should happen now? Pure: a story's assessment and its incident in, a list of actions out.

The rim carries the actions out in one transaction. Running it twice on the same state gives
nothing new: a repost brings no notice, a level that rose is told once, an acknowledged incident is
left in peace.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.actions import (
    Action,
    AddEvent,
    CancelDeadlines,
    DeadlineView,
    IncidentView,
    Notify,
    OpenIncident,
    PlanSteps,
    Reassess,
    Reopen,
    SetDeadline,
    SetLevel,
    StoryView,
    Update,
)
from alerts.risk import DOWN
from langnghe.core.policy.model import Policy

ROUND = 100
"""Sequence numbers of one round of notices are ``round * ROUND + rung``."""
SIGNIFICANT = 5.0
"""A change of score worth a line in the timeline."""
CLOSED = "closed"
_LAST_WAIT = timedelta(hours=1)


def would_open(story: StoryView, policy: Policy) -> bool:
    """Tell whether the story asks for an incident: a level that opens, and a sure watched unit."""
    return (
        policy.level(story.level).opens
        and story.unit_id is not None
        and story.unit_confidence >= policy.incident.min_unit_confidence
    )


def decide(
    story: StoryView, incident: IncidentView | None, policy: Policy, now: datetime
) -> tuple[Action, ...]:
    """Return what to do about a story whose assessment changed, in the order to do it."""
    if incident is None:
        return _open(story, policy, now) if would_open(story, policy) else ()
    calm = (SetDeadline("calm", 0, 0, "", story.again_at),) if story.again_at is not None else ()
    if incident.state == CLOSED:
        return _after_closing(story, incident, policy, now)
    target = _target(story, incident)
    if target > incident.level:
        return (*_raise(story, incident, target, policy, now), *calm)
    if target < incident.level:
        down = f"Hạ mức {policy.level(incident.level).name} xuống {policy.level(target).name}"
        why = "cơ quan có thẩm quyền đã lên tiếng và dư luận đã yên"
        return (
            SetLevel(incident.level, target, fresh=False),
            Update(),
            AddEvent("lowered", f"{down}: {why}.", {"from": incident.level, "to": target}),
            *calm,
        )
    return (Update(), *_significant(story, incident, policy), *calm)


def _target(story: StoryView, incident: IncidentView) -> int:
    """The level the incident should have; going down needs the down rule, never mere silence."""
    held = incident.held
    if held is not None:
        news = set(story.overrides) - set(held.overrides) - {DOWN}
        if story.level <= held.assessed and not news:
            return incident.level
    if story.level < incident.level and DOWN not in story.overrides:
        return incident.level
    return story.level


def _open(story: StoryView, policy: Policy, now: datetime) -> tuple[Action, ...]:
    level = policy.level(story.level)
    text = f"Mở vụ việc ở mức {level.name} – {level.title} ({story.score:.0f} điểm)."
    return (
        OpenIncident(level.value),
        AddEvent("opened", text, {"level": level.value}),
        PlanSteps(level.value),
        *_round("open", level.value, 1, story.topics, policy, now),
        *((SetDeadline("calm", 0, 0, "", story.again_at),) if story.again_at else ()),
    )


def _raise(
    story: StoryView, incident: IncidentView, target: int, policy: Policy, now: datetime
) -> tuple[Action, ...]:
    before, after = policy.level(incident.level).name, policy.level(target).name
    return (
        SetLevel(incident.level, target, fresh=True),
        Update(),
        AddEvent(
            "raised",
            f"Nâng mức {before} lên {after} ({story.score:.0f} điểm).",
            {"from": incident.level, "to": target},
        ),
        *raised_round(target, incident.round + 1, story.topics, policy, now),
    )


def raised_round(
    level: int, number: int, topics: tuple[str, ...], policy: Policy, now: datetime
) -> tuple[Action, ...]:
    """Return what follows a raise, by rule or by hand: steps, notices and a fresh ladder."""
    return (
        CancelDeadlines("ack"),
        PlanSteps(level),
        *_round("raise", level, number, topics, policy, now),
    )


def _after_closing(
    story: StoryView, incident: IncidentView, policy: Policy, now: datetime
) -> tuple[Action, ...]:
    """A closed matter comes back only with something worse than it was closed on."""
    news = set(story.overrides) - set(incident.overrides) - {DOWN}
    if not would_open(story, policy) or (story.level <= incident.level and not news):
        return ()
    level = policy.level(story.level)
    return (
        Reopen(level.value),
        Update(),
        AddEvent("reopened", f"Mở lại vụ việc ở mức {level.name}.", {"to": level.value}),
        PlanSteps(level.value),
        *_round("reopen", level.value, incident.round + 1, story.topics, policy, now),
    )


def _round(
    purpose: str,
    level: int,
    number: int,
    topics: tuple[str, ...],
    policy: Policy,
    now: datetime,
) -> tuple[Action, ...]:
    """Notices to the first roles and the ladder that starts when nobody answers."""
    rule = policy.level(level)
    only = next((policy.topics[t].only_roles for t in topics if _narrow(t, policy)), ())
    roles = only or rule.notify
    seq = number * ROUND
    notices = (Notify(purpose, level, role, seq, now + rule.ack) for role in roles)
    ladder = (
        SetDeadline("ack", level, seq + n, rung.role, now + rung.after)
        for n, rung in enumerate(rule.ladder, start=1)
    )
    return (*notices, *ladder)


def _narrow(topic: str, policy: Policy) -> bool:
    return topic in policy.topics and bool(policy.topics[topic].only_roles)


def _significant(story: StoryView, incident: IncidentView, policy: Policy) -> tuple[Action, ...]:
    fresh = [t for t in story.topics if t not in incident.topics]
    news = set(story.overrides) - set(incident.overrides)
    if not fresh and not news and abs(story.score - incident.score) < SIGNIFICANT:
        return ()
    about = f"; thêm chủ đề: {', '.join(map(policy.topic_name, fresh))}" if fresh else ""
    text = f"Điểm rủi ro từ {incident.score:.0f} thành {story.score:.0f}{about}."
    return (AddEvent("updated", text, {"score": story.score}), PlanSteps(incident.level))


def decide_overdue(
    deadline: DeadlineView, incident: IncidentView, policy: Policy, now: datetime
) -> tuple[Action, ...]:
    """Return what to do about a deadline that passed; nothing when it no longer matters."""
    if deadline.kind == "calm":
        return (Reassess(),)
    if incident.state == CLOSED:
        return ()
    role = policy.role_name(deadline.role)
    if deadline.kind == "ack":
        if incident.acknowledged:
            return ()
        text = f"Chưa ai xác nhận khi đến hạn; báo cáo lên: {role}."
        ladder = policy.level(deadline.level).ladder
        rung = deadline.seq % ROUND
        wait = _LAST_WAIT
        if 0 < rung < len(ladder):
            wait = ladder[rung].after - ladder[rung - 1].after
        return (
            AddEvent("escalated", text, {"role": deadline.role, "rung": rung}),
            Notify("escalate", deadline.level, deadline.role, deadline.seq, now + wait),
        )
    code = deadline.kind.removeprefix("step:")
    if not incident.acknowledged or code in incident.done_steps:
        return ()  # before the acknowledgement the ladder speaks; acknowledging sets it anew
    return (
        AddEvent("overdue", f"Việc {code} đã quá hạn; nhắc {role}.", {"step": code}),
        Notify(f"step:{code}", deadline.level, deadline.role, deadline.seq, None),
    )
