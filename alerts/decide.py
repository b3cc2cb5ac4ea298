"""What should happen now? Pure: a story's assessment and its incident in, a list of actions out.

The rim carries the actions out in one transaction. Running it twice on the same state gives
nothing new: a repost brings no notice, a level that rose is told once, an acknowledged incident is
left in peace. After an alert the playbook's cool-down holds further ones back until there is news;
the level itself is never held back, and one that is still higher at the end is told then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.actions import (
    Action,
    AddEvent,
    CancelDeadlines,
    DeadlineView,
    IncidentView,
    KeepTold,
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
from alerts.news import fresh, say
from alerts.quiet import after, quiet_of
from alerts.weigh import DOWN
from langnghe.core.policy.model import NewsRule, Policy

ROUND = 100
"""Sequence numbers of one round of notices are ``round * ROUND + rung``."""
SIGNIFICANT = 5.0
"""A change of score worth a line in the timeline."""
CLOSED = "closed"
AGAIN = ("calm", "cooldown")
"""Deadlines nobody is told of: time itself may have changed the answer."""
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
    ring = _late(story, incident, policy, now) or _news(story, incident, policy)
    return (Update(), *(ring or _significant(story, incident, policy)), *calm)


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
        *_round("open", level.value, 1, story.topics, policy, now, story.unit_kind),
        *((SetDeadline("calm", 0, 0, "", story.again_at),) if story.again_at else ()),
    )


def _raise(
    story: StoryView, incident: IncidentView, target: int, policy: Policy, now: datetime
) -> tuple[Action, ...]:
    before, after = policy.level(incident.level).name, policy.level(target).name
    rose = f"Nâng mức {before} lên {after} ({story.score:.0f} điểm)"
    data: dict[str, object] = {"from": incident.level, "to": target}
    news = _fresh(story, incident, policy)
    until = cooling(incident, policy, now, target)
    if until is not None and not news:
        return (
            SetLevel(incident.level, target, fresh=False),
            Update(),
            AddEvent("raised_quietly", f"{rose}; chưa có điều gì mới so với lần báo trước.", data),
            PlanSteps(target),
            SetDeadline("cooldown", 0, 0, "", until),
        )
    why = f": {say(news, story.news)}" if news and incident.told is not None else ""
    return (
        SetLevel(incident.level, target, fresh=True),
        Update(),
        AddEvent("raised", f"{rose}{why}.", data),
        *raised_round(target, incident.round + 1, story.topics, policy, now, incident.unit_kind),
    )


def cooling(incident: IncidentView, policy: Policy, now: datetime, target: int) -> datetime | None:
    """Return until when an alert of ``target`` must wait for news, ``None`` if not at all."""
    if incident.told is None:
        return None
    hours = policy.cooldown.hours.get(incident.told.level, 0.0)
    if target <= incident.told.level:
        hours = max(hours, policy.cooldown.same_level)
    until = incident.told.at + timedelta(hours=hours)
    return until if now < until else None


def _fresh(story: StoryView, incident: IncidentView, policy: Policy) -> tuple[NewsRule, ...]:
    return fresh(incident.told.news if incident.told else {}, story.news, policy)


def _late(
    story: StoryView, incident: IncidentView, policy: Policy, now: datetime
) -> tuple[Action, ...]:
    """A level that rose during the cool-down is told when that ends, or when there is news."""
    told, level = incident.told, incident.level
    if told is None or level <= told.level or incident.held is not None:
        return ()
    news = _fresh(story, incident, policy)
    if cooling(incident, policy, now, level) is not None and not news:
        return ()
    why = f": {say(news, story.news)}" if news else ""
    names = policy.level(told.level).name, policy.level(level).name
    return (
        SetLevel(level, level, fresh=True),
        AddEvent(
            "raised",
            f"Báo mức {names[1]}, đã nâng từ {names[0]} sau lần báo trước{why}.",
            {"from": told.level, "to": level},
        ),
        *raised_round(level, incident.round + 1, story.topics, policy, now, incident.unit_kind),
    )


def _news(story: StoryView, incident: IncidentView, policy: Policy) -> tuple[Action, ...]:
    """News grave enough to be told although the level stays."""
    if incident.told is None:
        return ()
    news = [rule for rule in _fresh(story, incident, policy) if rule.tell]
    if not news:
        return ()
    said = say(news, story.news)
    what = ",".join(f"{rule.id}={story.news.get(rule.id, 0):.0f}" for rule in news)
    rule = policy.level(incident.level)
    seq = incident.round * ROUND
    roles = _roles(rule.notify, story.topics, policy, incident.unit_kind)
    return (
        AddEvent("news", f"Diễn biến mới: {said}.", {"news": [r.id for r in news]}),
        KeepTold(incident.level),
        *(Notify(f"news:{what}", incident.level, role, seq, None) for role in roles),
    )


def raised_round(
    level: int,
    number: int,
    topics: tuple[str, ...],
    policy: Policy,
    now: datetime,
    unit_kind: str = "",
) -> tuple[Action, ...]:
    """Return what follows a raise, by rule or by hand: steps, notices and a fresh ladder."""
    return (
        CancelDeadlines("ack"),
        CancelDeadlines("cooldown"),
        PlanSteps(level),
        *_round("raise", level, number, topics, policy, now, unit_kind),
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
        *_round(
            "reopen",
            level.value,
            incident.round + 1,
            story.topics,
            policy,
            now,
            incident.unit_kind,
        ),
    )


def _round(
    purpose: str,
    level: int,
    number: int,
    topics: tuple[str, ...],
    policy: Policy,
    now: datetime,
    unit_kind: str,
) -> tuple[Action, ...]:
    """Notices to the first roles and the ladder that starts when nobody answers."""
    rule = policy.level(level)
    roles = _roles(rule.notify, topics, policy, unit_kind)
    seq = number * ROUND
    answer_by = _later(now, rule.ack, level, policy)
    notices = (Notify(purpose, level, role, seq, answer_by) for role in roles)
    ladder = (
        SetDeadline("ack", level, seq + n, rung.role, _later(now, rung.after, level, policy))
        for n, rung in enumerate(rule.ladder, start=1)
        if policy.reaches(rung.role, unit_kind)
    )
    return (KeepTold(level), *notices, *ladder)


def _later(now: datetime, span: timedelta, level: int, policy: Policy) -> datetime:
    """The time to answer does not run in quiet hours, unless the level ignores them."""
    ignored = policy.level(level).ignores_quiet
    return after(now, span, quiet_of(policy.notices.quiet), ignored=ignored)


def _roles(
    wanted: tuple[str, ...], topics: tuple[str, ...], policy: Policy, unit_kind: str
) -> tuple[str, ...]:
    """Return who is told first; a role below the unit (a commune for a province) is nobody."""
    only = next((policy.topics[t].only_roles for t in topics if _narrow(t, policy)), ())
    roles = only or wanted
    return tuple(role for role in roles if policy.reaches(role, unit_kind)) or roles


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
    if deadline.kind in AGAIN:
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
        answer_by = _later(now, wait, deadline.level, policy)
        return (
            AddEvent("escalated", text, {"role": deadline.role, "rung": rung}),
            Notify("escalate", deadline.level, deadline.role, deadline.seq, answer_by),
        )
    code = deadline.kind.removeprefix("step:")
    if not incident.acknowledged or code in incident.done_steps:
        return ()  # before the acknowledgement the ladder speaks; acknowledging sets it anew
    return (
        AddEvent("overdue", f"Việc {code} đã quá hạn; nhắc {role}.", {"step": code}),
        Notify(f"step:{code}", deadline.level, deadline.role, deadline.seq, None),
    )
