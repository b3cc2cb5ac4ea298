"""How an incident ends: the conclusion, what was learned, the closing; and how it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from alerts.act_frame import (
    MAX_TEXT,
    RELOAD,
    known_incident,
    not_merged,
    open_incident,
    policy_of,
    required,
)
from alerts.actions import AddEvent, Notify, Reopen
from alerts.carry import Office, carry_out, incident_view
from alerts.decide import raised_round
from alerts.incident_life import REVIEW_STEP, ClosingView, missing_for_closing, review_gaps
from alerts.resolving import tell_resolved
from alerts.since import refuse_changed
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.policy.model import Policy
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import (
    add_event,
    cancel_deadlines,
    heard_last,
    mark_assess_due,
    steps_of,
)
from langnghe.core.store.reviews import last_review, reviews_of
from langnghe.core.store.tables import IncidentRow, ReviewRow
from langnghe.core.text import clean
from langnghe.core.types import IncidentState

_CLOCKS = timedelta(minutes=10)
"""How far a stated time may lie ahead of ours before it is a mistake."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What turned out: the playbook's outcome id, the words, the body that said so, and when."""

    outcome: str
    text: str
    by: str
    at: datetime


def conclude(
    store: Store, office: Office, incident_id: int, said: Conclusion, actor: str, now: datetime,
    seen: int | None = None,
) -> None:  # fmt: skip
    """Record the conclusion; how far the matter is verified follows from its outcome.

    It counts as an official word for the down rule: the level goes down after the playbook's quiet
    time. Recording again replaces it; the timeline keeps both. Raises InputError, ConflictError.
    """
    body = clean(said.by)[:200]
    text = required(said.text)
    if not body:
        raise InputError("Phải ghi cơ quan, người kết luận.", mend="Ghi tên cơ quan rồi gửi lại.")
    if said.at > now + _CLOCKS:
        raise InputError("Thời điểm kết luận nằm ở tương lai.", mend="Sửa ngày giờ rồi gửi lại.")
    with open_incident(store, incident_id, now, "conclusion", seen) as (session, incident):
        rule = policy_of(office, incident).outcomes.get(said.outcome)
        if rule is None:
            raise InputError(f"Không có kết quả «{said.outcome}».", mend=RELOAD)
        again = incident.concluded_at is not None
        incident.outcome, incident.conclusion = rule.id, text
        incident.concluded_by, incident.concluded_at = body, said.at
        incident.verification = rule.verification
        if incident.state == IncidentState.AWAITING_CONCLUSION:
            incident.state = IncidentState.MONITORING
        verb = "sửa kết luận" if again else "ghi kết luận"
        add_event(
            session, incident_id, now, "concluded", actor,
            f"{actor} {verb} của {body}: {rule.label}. {text}",
            {
                "outcome": rule.id,
                "verification": rule.verification.value,
                "by": body,
                "at": said.at.isoformat(),
            },
        )  # fmt: skip
        mark_assess_due(session, incident_id)


def save_review(
    store: Store,
    office: Office,
    incident_id: int,
    fields: Mapping[str, str],
    actor: str,
    now: datetime,
    seen: int | None = None,
) -> ReviewRow:
    """Save a version of the after-action form, of a closed incident too; complete or not.

    A complete one also fulfils the playbook's step for it. Raises InputError for an unknown field
    or an empty form.
    """
    with known_incident(store, incident_id, now) as (session, incident):
        not_merged(incident)
        policy = policy_of(office, incident)
        unknown = set(fields) - {rule.id for rule in policy.review}
        if unknown:
            raise InputError(f"Phiếu không có mục «{min(unknown)}».", mend=RELOAD)
        said = {name: clean(text) for name, text in fields.items()}
        if any(len(text) > MAX_TEXT for text in said.values()):
            raise InputError("Có mục ghi quá dài.", mend=f"Rút gọn còn dưới {MAX_TEXT} ký tự.")
        if not any(said.values()):
            raise InputError("Phiếu còn trống.", mend="Ghi ít nhất một mục rồi lưu.")
        before = last_review(session, incident_id)
        if before is not None and before.fields == said:
            return before
        refuse_changed(session, incident_id, "review", seen)
        row = ReviewRow(
            incident_id=incident_id,
            version=before.version + 1 if before else 1,
            at=now,
            by=actor,
            fields=said,
        )
        session.add(row)
        gaps = review_gaps(said, policy)
        left = f" Còn thiếu: {', '.join(gaps)}." if gaps else ""
        add_event(
            session, incident_id, now, "review", actor,
            f"{actor} lưu phiếu rút kinh nghiệm, bản {row.version}.{left}",
            {"version": row.version, "complete": not gaps},
        )  # fmt: skip
        if not gaps and incident.state != IncidentState.CLOSED:
            _fulfil_review(session, incident_id, row, actor, now)
        session.flush()
        return row


def missing(
    session: Session, office: Office, incident: IncidentRow, now: datetime
) -> tuple[str, ...]:
    """Return what is still missing before this incident may be closed; empty when nothing is."""
    policy = policy_of(office, incident)
    return missing_for_closing(_closing_view(session, incident), policy, now)


def close_incident(
    store: Store,
    office: Office,
    incident_id: int,
    actor: str,
    reason: str,
    now: datetime,
    *,
    force: bool = False,
    seen: int | None = None,
) -> None:
    """Close an incident with a reason and call off all its deadlines.

    Steps not done stay on record as not done. Raises ``ConflictError`` when it is closed already,
    or when the playbook asks for more before; ``force`` (who may is decided at the edge) closes it
    all the same and leaves a line in the audit trail.
    """
    why = required(reason)
    with open_incident(store, incident_id, now, "close", seen) as (session, incident):
        lacking = missing(session, office, incident, now)
        if lacking and not force:
            raise ConflictError(
                f"Chưa đóng được vụ việc: {'; '.join(lacking)}.",
                mend="Làm nốt các mục còn thiếu; hoặc hiệu trưởng đóng khi chưa đủ, có ghi lý do.",
            )
        incident.state, incident.closed_at = IncidentState.CLOSED, now
        cancel_deadlines(session, incident_id)
        left = [s.code for s in steps_of(session, incident_id) if s.done_at is None]
        text = f"{actor} đóng vụ việc: {why}"
        if lacking:
            text += f" Đóng khi chưa đủ điều kiện: {'; '.join(lacking)}."
            users.note(
                session, now, actor, "force_close", f"incident:{incident_id}",
                reason=why, data={"missing": list(lacking)},
            )  # fmt: skip
        if left:
            text += f" Còn {len(left)} việc chưa ghi nhận xong."
        add_event(
            session, incident_id, now, "closed", actor, text,
            {"open_steps": left, "missing": list(lacking), "outcome": incident.outcome},
        )  # fmt: skip
        tell_resolved(session, office, incident, now)


def reopen_incident(
    store: Store, office: Office, incident_id: int, actor: str, reason: str, now: datetime
) -> None:
    """Open a closed incident again, at the level it was closed at; its roles are told.

    A recorded conclusion no longer counts: the matter is open again. Raises ``ConflictError`` for
    an incident that is open or went on in another one.
    """
    why = required(reason)
    with known_incident(store, incident_id, now) as (session, incident):
        not_merged(incident)
        if incident.state != IncidentState.CLOSED:
            raise ConflictError("Vụ việc này đang mở.", mend=RELOAD)
        policy = policy_of(office, incident)
        view = incident_view(incident)
        opening = (level.value for level in policy.levels if level.opens)
        level = policy.level(max(view.level, min(opening, default=0)))
        round_of = raised_round(
            level.value, view.round + 1, view.topics, policy, now, view.unit_kind
        )
        actions = (
            Reopen(level.value),
            AddEvent(
                "reopened",
                f"{actor} mở lại vụ việc ở mức {level.name}: {why}",
                {"to": level.value, "by_hand": True},
            ),
            *(replace(a, purpose="reopen") if isinstance(a, Notify) else a for a in round_of),
        )
        carry_out(session, office, None, incident, actions, now, actor=actor)


def _closing_view(session: Session, incident: IncidentRow) -> ClosingView:
    own = incident.id or 0
    steps = steps_of(session, own)
    review = last_review(session, own)
    return ClosingView(
        level=max(incident.peak_level, incident.level),
        acknowledged=incident.acknowledged_at is not None,
        heard_last=heard_last(session, own),
        concluded=incident.concluded_at is not None,
        steps={step.code: step.done_at is not None for step in steps},
        titles={step.code: step.title for step in steps},
        review=dict(review.fields) if review else {},
    )


def _fulfil_review(
    session: Session, incident_id: int, row: ReviewRow, actor: str, now: datetime
) -> None:
    step = next((s for s in steps_of(session, incident_id) if s.code == REVIEW_STEP), None)
    if step is None or step.done_at is not None:
        return
    step.done_at, step.done_by = now, actor
    step.note = f"Phiếu rút kinh nghiệm, bản {row.version}"
    cancel_deadlines(session, incident_id, kind=f"step:{REVIEW_STEP}")
    add_event(
        session, incident_id, now, "step_done", actor, f"Xong việc {step.code}: {step.title}.",
        {"step": step.code, "note": step.note},
    )  # fmt: skip


def outcome_label(policy: Policy, outcome: str) -> str:
    """Return what the playbook calls an outcome, or the id where it knows none."""
    rule = policy.outcomes.get(outcome)
    return rule.label if rule else outcome


__all__ = [
    "Conclusion", "close_incident", "conclude", "missing", "outcome_label", "reopen_incident",
    "reviews_of", "save_review",
]  # fmt: skip
