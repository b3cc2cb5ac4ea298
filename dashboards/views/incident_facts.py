"""All that the incident page shows, gathered in one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlmodel import Session
from starlette.routing import Match

from alerts.attachments import attachments_of
from alerts.carry import Office
from alerts.concluding import missing, outcome_label, reviews_of
from alerts.incident_life import choices, needs_review
from alerts.incidents import rule_of_step
from alerts.merging import merged_into
from alerts.owning import candidates, owner_role, owner_shown
from dashboards.views.incident_people import told_of, what_next
from dashboards.views.incident_words import quotes_of
from langnghe.core.auth import Action, Caller
from langnghe.core.policy.model import Policy
from langnghe.core.services import Services
from langnghe.core.store.queries.incidents import (
    IncidentDetail,
    IncidentFilter,
    get_incident,
    list_incidents,
)
from langnghe.core.store.queries.mentions import (
    MentionFilter,
    ShownMention,
    list_mentions,
    mentions_by_id,
    shown_words,
)
from langnghe.core.store.tables import IncidentRow, StepRow
from langnghe.core.words import WORDS

MENTIONS = 3
REASON_MENTIONS = 4
LATE_STEPS = 3
NEXT_STEPS = 2
"""Overdue steps and steps still in time that stand open; the rest is folded."""
EVENTS = 3
MAX_EVENTS = 300
OTHERS = 30
_LINKS = (
    ("statements", "/vu-viec/%d/phat-ngon"),
    ("file", "/vu-viec/%d/ho-so"),
    ("told", "/vu-viec/%d/thong-bao"),
    ("reports", "/bao-cao?vu_viec=%d"),
)


def office_of(services: Services) -> Office:
    """Return what acting on an incident needs beside its rows."""
    return Office(services.policy, services.profile, services.settings)


def links_of(request: Request, incident_id: int) -> list[tuple[str, str]]:
    """Return (kind, address) of the incident's further pages that this house has."""
    found = []
    for kind, address in _LINKS:
        path, _, query = (address % incident_id).partition("?")
        scope = {**request.scope, "path": path, "method": "GET", "root_path": ""}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            found.append((kind, f"{path}?{query}" if query else path))
    return found


def incident_facts(services: Services, caller: Caller, incident_id: int) -> dict[str, Any]:
    """Return what the page and its timeline show. Raises NotFoundError outside the scope."""
    office, now = office_of(services), services.clock.now()
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        row = detail.line.row
        wanted = MentionFilter(
            viewer_unit=caller.unit_scope, incident_id=incident_id, everything=True
        )
        found = list_mentions(session, wanted, cursor=None, limit=MENTIONS)
        cited = [i for r in row.reasons for i in r.get("mention_ids", [])]
        mentions = mentions_by_id(session, list(dict.fromkeys(cited))[:100])
        life = _life(session, office, caller, row, now)
        told = told_of(session, office, row, caller.unit_scope)
    policy: Policy = office.at(row.unit_id).policy
    is_open = row.state != "closed"
    return {
        "line": detail.line,
        "incident": row,
        "is_open": is_open,
        "people_told": told,
        "next": what_next(
            detail.deadlines,
            detail.steps,
            policy,
            now,
            acknowledged=row.acknowledged_at is not None,
        )
        if is_open
        else None,
        "level": policy.level(row.level),
        "events": list(reversed(detail.events))[:MAX_EVENTS],
        "events_shown": EVENTS,
        "event_id": max((event.id or 0 for event in detail.events), default=0),
        "sentences": row.gist.get("sentences") or [row.summary] * bool(row.summary),
        "phrases": row.gist.get("phrases", []),
        "speakers": [who for who in row.gist.get("speakers", ()) if who in WORDS["speaker"]],
        "reasons": [_reason_shown(reason, mentions) for reason in row.reasons],
        "mentions": found.rows,
        "more": found.next is not None,
        "states": choices(row.state, acknowledged=row.acknowledged_at is not None),
        "verifications": list(WORDS["verification"]),
        "playbook": policy,
        "outcome": outcome_label(policy, row.outcome),
        "may_force": caller.may(Action.CLOSE_EARLY),
        "dos": [d for t in row.topics for d in _topic(policy, t)[0]] + list(policy.do),
        "donts": [d for t in row.topics for d in _topic(policy, t)[1]] + list(policy.dont),
        **_steps(policy, detail, now),
        **life,
    }


def _life(
    session: Session, office: Office, caller: Caller, row: IncidentRow, now: datetime
) -> dict[str, Any]:
    own, is_open = row.id or 0, row.state != "closed"
    policy = office.at(row.unit_id).policy
    acts = caller.may(Action.ACT)
    reviews = reviews_of(session, own)
    others = IncidentFilter(viewer_unit=caller.unit_scope, is_open=True)
    return {
        "files": attachments_of(session, own),
        "reviews": reviews,
        "review": dict(reviews[-1].fields) if reviews else {},
        "wants_review": needs_review(policy.level(max(row.peak_level, row.level))),
        "lacking": missing(session, office, row, now) if is_open else (),
        "owner": owner_shown(office, row),
        "owner_role": policy.role_name(owner_role(office, row)),
        "candidates": candidates(session, office, row) if acts and is_open else [],
        "absorbed": [(merged.id, merged.title) for merged in merged_into(session, own)],
        "others": [
            (line.id, line.row.title)
            for line in list_incidents(session, others, cursor=None, limit=OTHERS).rows
            if line.id != own
        ]
        if acts and is_open
        else [],
    }


def _steps(policy: Policy, detail: IncidentDetail, now: datetime) -> dict[str, Any]:
    """Part the steps: overdue and next ones open, later and done ones folded."""
    far = datetime.max.replace(tzinfo=now.tzinfo)
    waiting: Sequence[StepRow] = sorted(
        (s for s in detail.steps if s.done_at is None),
        key=lambda s: (s.due_at or far, s.position),
    )
    late = [s for s in waiting if s.due_at is not None and s.due_at < now]
    ahead = [s for s in waiting if s not in late]
    rules = {step.code: rule_of_step(policy, step.code) for step in detail.steps}
    return {
        "steps_now": [*late[:LATE_STEPS], *ahead[:NEXT_STEPS]],
        "steps_later": [*late[LATE_STEPS:], *ahead[NEXT_STEPS:]],
        "late_folded": len(late[LATE_STEPS:]),
        "steps_done": [s for s in detail.steps if s.done_at is not None],
        "late_steps": len(late),
        "step_rules": rules,
    }


def _topic(policy: Policy, topic: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rule = policy.topics.get(topic)
    return (rule.do, rule.dont) if rule else ((), ())


def _reason_shown(reason: dict[str, Any], mentions: dict[int, ShownMention]) -> dict[str, Any]:
    cited = [mentions[i] for i in reason.get("mention_ids", ()) if i in mentions]
    masked = [text for m in cited for text in (m.title, m.text)]
    words = shown_words(reason.get("words", ()), *masked)[:12]
    quotes = quotes_of(words, [m for m in cited if m.read], REASON_MENTIONS)
    quoted = {quote.mention.id for quote in quotes}
    rest = [m for m in cited if m.read and m.id not in quoted]
    return {
        "text": reason.get("text", ""),
        "points": reason.get("points", 0.0),
        "words": words,
        "quotes": quotes,
        "mentions": rest[: REASON_MENTIONS - len(quotes)],
    }
