"""What the house itself knows of an incident, in words fit for a statement; nothing is guessed.

A fact is only given where a row says so: a step somebody ticked, a time the machine kept. What no
row says stays out, and the draft marks it as unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.statements.draft import said_time
from langnghe.core.clock import hanoi
from langnghe.core.policy.model import Policy
from langnghe.core.policy.statement_templates import Template, Templates
from langnghe.core.store.queries.incidents import IncidentDetail, get_incident
from langnghe.core.store.statements import UnitFacts, contacts_of, unit_facts
from langnghe.core.store.tables import ContactRow, StepRow
from langnghe.core.types import Verification
from nlp.shield import mask

_TOLD = ("opened", "acknowledged", "step_done", "raised", "lowered", "statement", "verification")
_MOST_EVENTS = 12
_SPEAKERS = ("spokesperson", "principal", "commune")


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts by the names templates use in ``from``; what is missing is not known."""

    values: dict[str, str]
    topics: tuple[str, ...]

    def for_template(self, template: Template) -> dict[str, str]:
        """Return the facts that fill the fields of a template."""
        return {
            field.id: self.values[field.source]
            for field in template.fields
            if field.source in self.values
        }


def gather_facts(
    session: Session,
    incident_id: int,
    *,
    speaking: str,
    viewer_unit: str | None,
    policy: Policy,
    templates: Templates,
    now: datetime,
) -> Facts:
    """Return what is known of an incident for the unit ``speaking``.

    Raises NotFoundError when it lies outside the viewer's units.
    """
    detail = get_incident(session, incident_id, viewer_unit=viewer_unit)
    unit = unit_facts(session, speaking)
    people = contacts_of(session, [speaking])
    values = _of_incident(detail, policy, templates, now)
    values |= unit_values(unit, people, policy)
    if _done(detail.steps, "B04") is not None and unit.above:
        values["offices"] = " và ".join(unit.above)
    return Facts(values, tuple(detail.line.row.topics))


def unit_values(unit: UnitFacts, people: Sequence[ContactRow], policy: Policy) -> dict[str, str]:
    """Return what is known of the unit that speaks: who is above it, whom one may call."""
    values: dict[str, str] = {}
    if unit.above:
        values["above"] = "; ".join(unit.above)
    known = [one for one in people if one.name]
    known.sort(key=lambda one: (one.role not in _SPEAKERS, one.phone is None))
    for one in known[:1]:
        # A directory may hold «Họ tên, chức vụ» in one field: the office is then not said twice.
        titled = one.name if "," in one.name else f"{one.name}, {policy.role_name(one.role)}"
        values["contact"] = f"đồng chí {titled}"
        if one.phone:
            values["contact_phone"] = one.phone
        if one.role in _SPEAKERS:
            values["speaker"] = values["contact"]
    return values


def _of_incident(
    detail: IncidentDetail, policy: Policy, templates: Templates, now: datetime
) -> dict[str, str]:
    row, steps = detail.line.row, detail.steps
    values = {"opened_at": said_time(row.opened_at)}
    if row.topics:
        # The topic, never the headline: a headline may be false or name somebody.
        topic = policy.topic_name(row.topics[0])
        values["matter"] = f"sự việc liên quan đến {topic[:1].lower()}{topic[1:]}"
    safe = _done(steps, "B02")
    if safe is not None:
        values["safe_steps"] = _said(safe, templates)
    done = [templates.done_words[s.code] for s in steps if s.done_at and _public(s, templates)]
    if done:
        values["done_steps"] = "; ".join(done)
    if _done(steps, "B05") is not None:
        values["family"] = f"Đơn vị đã {templates.done_words['B05']}"
    checked = _done(steps, "B07")
    if checked is not None and checked.note and row.verification != Verification.UNVERIFIED:
        values["known"] = mask(checked.note).text.rstrip(" .")
    if row.verification in (Verification.UNVERIFIED, Verification.PARTLY):
        values["unknown"] = "nguyên nhân và trách nhiệm của các bên liên quan"
    update = next((s for s in steps if s.code == "B12" and not s.done_at), None)
    if update is not None and update.due_at is not None and update.due_at > now:
        values["next_update"] = said_time(update.due_at)
    if detail.story is not None:
        story = detail.story
        values["opinion"] = (
            f"tính đến {said_time(now)}, theo hệ thống theo dõi dư luận của đơn vị: "
            f"{story.mention_count} tin, bài từ {story.source_count} nguồn; mức rủi ro truyền "
            f"thông {policy.level(row.level).name}"
        )
    events = [e for e in detail.events if e.kind in _TOLD][-_MOST_EVENTS:]
    if events:
        values["timeline"] = "; ".join(
            f"{hanoi(e.at):%H:%M %d/%m} {mask(e.text).text.rstrip(' .')}" for e in events
        )
    return values


def _done(steps: Sequence[StepRow], code: str) -> StepRow | None:
    return next((s for s in steps if s.code == code and s.done_at is not None), None)


def _public(step: StepRow, templates: Templates) -> bool:
    return step.code in templates.done_words


def _said(step: StepRow, templates: Templates) -> str:
    if step.note:
        return mask(step.note).text.rstrip(" .")
    return templates.done_words.get(step.code, step.title)
