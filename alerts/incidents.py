"""What people do to an incident: acknowledge, work through steps, judge, raise, lower, hand on.

Each act is one transaction with its line in the timeline. Who may do it is decided at the edge.
Concluding, closing and reopening are in ``alerts.concluding``, merging in ``alerts.merging``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.act_frame import RELOAD, choice, not_closed, open_incident, policy_of, required
from alerts.actions import AddEvent, SetLevel
from alerts.attachments import Kept, attach
from alerts.carry import Office, carry_out, incident_view, keep_state, number, story_view
from alerts.decide import raised_round
from alerts.incident_life import WAITING, refusal
from alerts.resolving import answered
from alerts.since import refuse_changed
from alerts.step_clock import start_clock
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.policy.model import Policy, StepRule
from langnghe.core.store.attachments import attachments_of
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import (
    add_event,
    cancel_deadlines,
    lock_acting,
    lock_incident,
    steps_of,
    strongest_story,
    survivor_of,
)
from langnghe.core.store.tables import IncidentRow, StepRow
from langnghe.core.text import clean
from langnghe.core.types import IncidentState, Verification
from langnghe.core.urls import host_of
from langnghe.core.words import word

_VERDICTS = {
    Verification.UNVERIFIED: "chưa xác minh",
    Verification.PARTLY: "xác minh một phần",
    Verification.VERIFIED: "đã xác minh là đúng",
    Verification.FALSE: "sai sự thật",
    Verification.INSUFFICIENT: "không đủ căn cứ",
}
_KINDS = {"note": "ghi chú", "file": "tệp", "link": "đường dẫn", "number": "số văn bản"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is handed in for a step: words, a link, a paper's number and time, a kept file."""

    note: str = ""
    link: str = ""
    document: str = ""
    document_at: datetime | None = None
    file: Kept | None = None

    def kinds(self) -> set[str]:
        """Return which kinds of the playbook (note, file, link, number) it holds."""
        given = {"note": self.note, "link": self.link, "number": self.document, "file": self.file}
        return {kind for kind, value in given.items() if value}


NO_EVIDENCE = Evidence()


def acknowledge(store: Store, incident_id: int, actor: str, now: datetime) -> bool:
    """Record that somebody took the alert up: escalation stops, the steps' time starts.

    Returns whether this call did it; an acknowledged incident stays as it is. A merged one passes
    it on to the incident it went on in. Raises ``NotFoundError``, and ``ConflictError`` when it is
    closed.
    """
    with store.write() as session:
        lock_acting(session)
        incident = survivor_of(session, lock_incident(session, incident_id))
        incident = lock_incident(session, number(incident))
        not_closed(incident)
        if incident.acknowledged_at is not None:
            return False
        own = number(incident)
        incident.acknowledged_at, incident.acknowledged_by = now, actor
        if incident.state in WAITING:
            incident.state = IncidentState.ACKNOWLEDGED
        incident.updated_at = now
        cancel_deadlines(session, own, kind="ack")
        add_event(session, own, now, "acknowledged", actor, f"{actor} đã tiếp nhận.")
        answered(session, incident, actor, now)
        start_clock(session, incident, actor, now)
        return True


def complete_step(
    store: Store,
    office: Office,
    incident_id: int,
    code: str,
    actor: str,
    now: datetime,
    evidence: Evidence = NO_EVIDENCE,
    seen: int | None = None,
) -> None:
    """Record that a step is done, with its evidence.

    Raises ``NotFoundError`` for an unknown incident or step, ``ConflictError`` when it was done,
    ``InputError`` where the playbook asks for evidence and there is none of a fitting kind.
    ``seen``, here and below, is the newest timeline entry the actor knew (``alerts.since``).
    """
    given = _checked(evidence)
    with open_incident(store, incident_id, now) as (session, incident):
        step = _step(session, incident_id, code)
        if step.done_at is None:  # a step that is done says so itself
            refuse_changed(session, incident_id, "step", seen, step=code)
        if step.done_at is not None:
            raise ConflictError(f"Việc {code} đã được {step.done_by} ghi nhận xong.", mend=RELOAD)
        kept = {
            row.step_code for row in attachments_of(session, incident_id) if not row.withdrawn_at
        }
        have = given.kinds() | ({"file"} if code in kept else set())
        have |= {kind for kind, said in (("link", step.link), ("number", step.document)) if said}
        _ask_for_evidence(policy_of(office, incident), step, have)
        if given.file is not None:
            attach(session, incident_id, given.file, actor, now, code)
        _fill(step, given)
        step.done_at, step.done_by = now, actor
        cancel_deadlines(session, incident_id, kind=f"step:{code}")
        add_event(
            session, incident_id, now, "step_done", actor, f"Xong việc {code}: {step.title}.",
            {"step": code, "note": step.note, "evidence": sorted(have)},
        )  # fmt: skip


def add_evidence(
    store: Store, incident_id: int, code: str, actor: str, now: datetime, evidence: Evidence,
    seen: int | None = None,
) -> None:  # fmt: skip
    """Add evidence to a step, done or not, without saying that it is done."""
    given = _checked(evidence)
    if not given.kinds():
        raise InputError("Chưa có bằng chứng nào để lưu.", mend="Ghi chú hoặc chọn tệp.")
    with open_incident(store, incident_id, now, "step", seen, code) as (session, _incident):
        step = _step(session, incident_id, code)
        if given.file is not None:
            attach(session, incident_id, given.file, actor, now, code)
        _fill(step, given)
        if given.kinds() - {"file"}:
            add_event(
                session, incident_id, now, "evidence", actor,
                f"{actor} bổ sung bằng chứng cho việc {code}.",
                {"step": code, "note": given.note, "link": given.link, "number": given.document},
            )  # fmt: skip


def set_state(
    store: Store, incident_id: int, state: str, actor: str, now: datetime, seen: int | None = None
) -> None:
    """Move an acknowledged incident along its life; closing and reopening are acts of their own.

    Raises ``InputError`` for what no hand may choose and ``ConflictError`` for a wrong moment.
    """
    chosen = choice(IncidentState, state, "trạng thái")
    if chosen is IncidentState.CLOSED or chosen in WAITING:
        why = refusal(IncidentState.ACKNOWLEDGED, chosen, acknowledged=True)
        raise InputError(why or "", mend=RELOAD)
    with open_incident(store, incident_id, now, "state", seen) as (session, incident):
        before = IncidentState(incident.state)
        why = refusal(before, chosen, acknowledged=incident.acknowledged_at is not None)
        if why:
            raise ConflictError(why, mend=RELOAD)
        incident.state = chosen
        add_event(
            session, incident_id, now, "state", actor,
            f"Chuyển từ «{word('state', before)}» sang «{word('state', chosen)}».",
            {"from": before, "state": chosen},
        )  # fmt: skip


def set_verification(
    store: Store, incident_id: int, verification: str, actor: str, now: datetime, reason: str,
    seen: int | None = None,
) -> None:  # fmt: skip
    """Record how far the matter itself is verified; it never moves the risk level."""
    chosen = choice(Verification, verification, "mức xác minh")
    with open_incident(store, incident_id, now, "verification", seen) as (session, incident):
        incident.verification = chosen
        text = f"Mức xác minh: {_VERDICTS[chosen]}. {clean(reason)}".strip()
        add_event(session, incident_id, now, "verification", actor, text, {"verification": chosen})


def raise_level(
    store: Store, office: Office, incident_id: int, level: int, actor: str, reason: str,
    now: datetime, seen: int | None = None,
) -> None:  # fmt: skip
    """Raise the level by hand, with a reason; the roles of the new level are told."""
    why = required(reason)
    with open_incident(store, incident_id, now, "level", seen) as (session, incident):
        policy = policy_of(office, incident)
        rule = policy.level(level)
        if rule.value != level or level <= incident.level:
            raise ConflictError("Mức mới phải cao hơn mức hiện tại.", mend=RELOAD)
        before = incident.level
        hold(session, incident)
        view = incident_view(incident)
        actions = (
            SetLevel(before, level, fresh=True),
            AddEvent(
                "raised",
                f"{actor} nâng mức {policy.level(before).name} lên {rule.name}: {why}",
                {"from": before, "to": level, "by_hand": True},
            ),
            *raised_round(level, view.round + 1, view.topics, policy, now, view.unit_kind),
        )
        carry_out(session, office, None, incident, actions, now, actor=actor)


def lower_level(
    store: Store, office: Office, incident_id: int, level: int, actor: str, reason: str,
    now: datetime, seen: int | None = None,
) -> None:  # fmt: skip
    """Lower the level by hand, with a reason; only something new will raise it again."""
    why = required(reason)
    with open_incident(store, incident_id, now, "level", seen) as (session, incident):
        if not 0 <= level < incident.level:
            raise ConflictError("Mức mới phải thấp hơn mức hiện tại.", mend=RELOAD)
        policy = policy_of(office, incident)
        before, after = policy.level(incident.level).name, policy.level(level).name
        actions = (
            SetLevel(incident.level, level, fresh=False),
            AddEvent(
                "lowered",
                f"{actor} hạ mức {before} xuống {after}: {why}",
                {"from": incident.level, "to": level, "by_hand": True},
            ),
        )
        hold(session, incident)
        carry_out(session, office, None, incident, actions, now, actor=actor)


def hold(session: Session, incident: IncidentRow) -> None:
    """Remember what the machine knew when a person decided otherwise."""
    story = strongest_story(session, number(incident))
    if story is not None:
        view = story_view(story)
        keep_state(incident, held={"assessed": view.level, "overrides": list(view.overrides)})


def _step(session: Session, incident_id: int, code: str) -> StepRow:
    step = next((s for s in steps_of(session, incident_id) if s.code == code), None)
    if step is None:
        raise NotFoundError(f"Vụ việc không có việc mã {code}.", mend=RELOAD)
    return step


def _checked(evidence: Evidence) -> Evidence:
    link = clean(evidence.link)
    if link and (not link.lower().startswith(("http://", "https://")) or not host_of(link)):
        raise InputError(
            "Đường dẫn bằng chứng không đúng.", mend="Dán nguyên địa chỉ bắt đầu bằng https://."
        )
    if len(link) > 2000:
        raise InputError("Đường dẫn bằng chứng quá dài.")
    return Evidence(
        note=clean(evidence.note)[:5000],
        link=link,
        document=clean(evidence.document)[:200],
        document_at=evidence.document_at,
        file=evidence.file,
    )


def _fill(step: StepRow, given: Evidence) -> None:
    """Write the evidence to the step; a later note follows an earlier one."""
    if given.note:
        step.note = f"{step.note}\n{given.note}" if step.note else given.note
    step.link = given.link or step.link
    step.document = given.document or step.document
    step.document_at = given.document_at or step.document_at


def rule_of_step(policy: Policy, code: str) -> StepRule | None:
    """Return the playbook's rule for a step, ``None`` for one it no longer knows."""
    special = (step for topic in policy.topics.values() for step in topic.steps)
    return next((step for step in (*policy.core_steps, *special) if step.code == code), None)


def _ask_for_evidence(policy: Policy, step: StepRow, have: set[str]) -> None:
    rule = rule_of_step(policy, step.code)
    if rule is None or not rule.evidence_required or have & set(rule.evidence_kinds):
        return
    kinds = " hoặc ".join(_KINDS.get(kind, kind) for kind in rule.evidence_kinds)
    wanted = f": {rule.evidence}" if rule.evidence else ""
    raise InputError(
        f"Việc {step.code} cần bằng chứng{wanted}.", mend=f"Thêm {kinds} rồi bấm Đã xong."
    )
