"""What people do to an incident: acknowledge, work through steps, judge, raise, lower, close.

Each act is one transaction with its line in the timeline. Who may do it is decided at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from alerts.actions import AddEvent, SetLevel
from alerts.carry import (
    STATE,
    Office,
    carry_out,
    incident_view,
    keep_state,
    number,
    story_view,
)
from alerts.decide import raised_round
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import (
    add_event,
    cancel_deadlines,
    delay_deadlines,
    lock_incident,
    steps_of,
    strongest_story,
)
from langnghe.core.store.tables import IncidentRow
from langnghe.core.types import IncidentState, Verification
from langnghe.core.words import word

T = TypeVar("T", bound=StrEnum)
_RELOAD = "Tải lại trang để xem tình trạng mới nhất."
_VERDICTS = {
    Verification.UNVERIFIED: "chưa xác minh",
    Verification.PARTLY: "xác minh một phần",
    Verification.VERIFIED: "đã xác minh là đúng",
    Verification.FALSE: "sai sự thật",
    Verification.INSUFFICIENT: "không đủ căn cứ",
}


def acknowledge(store: Store, incident_id: int, actor: str, now: datetime) -> bool:
    """Record that somebody took the alert up: escalation stops, the steps' time starts.

    Returns whether this call did it; an acknowledged incident stays as it is. Raises
    ``NotFoundError``, and ``ConflictError`` when it is closed.
    """
    with store.write() as session:
        incident = lock_incident(session, incident_id)
        _not_closed(incident)
        if incident.acknowledged_at is not None:
            return False
        incident.acknowledged_at, incident.acknowledged_by = now, actor
        if incident.state == IncidentState.NEW:
            incident.state = IncidentState.ACKNOWLEDGED
        incident.updated_at = now
        cancel_deadlines(session, incident_id, kind="ack")
        add_event(session, incident_id, now, "acknowledged", actor, f"{actor} đã tiếp nhận.")
        _start_clock(session, incident, actor, now)
        return True


def complete_step(
    store: Store, incident_id: int, code: str, actor: str, now: datetime, note: str = ""
) -> None:
    """Record that a step is done, with the evidence noted.

    Raises ``NotFoundError`` for an unknown incident or step, ``ConflictError`` when it was done.
    """
    with store.write() as session:
        incident = lock_incident(session, incident_id)
        _not_closed(incident)
        step = next((s for s in steps_of(session, incident_id) if s.code == code), None)
        if step is None:
            raise NotFoundError(f"Vụ việc không có việc mã {code}.", mend=_RELOAD)
        if step.done_at is not None:
            raise ConflictError(f"Việc {code} đã được {step.done_by} ghi nhận xong.", mend=_RELOAD)
        step.done_at, step.done_by, step.note = now, actor, note.strip()
        incident.updated_at = now
        cancel_deadlines(session, incident_id, kind=f"step:{code}")
        add_event(
            session, incident_id, now, "step_done", actor, f"Xong việc {code}: {step.title}.",
            {"step": code, "note": step.note},
        )  # fmt: skip


def set_state(store: Store, incident_id: int, state: str, actor: str, now: datetime) -> None:
    """Move an acknowledged incident along its life; closing has its own function."""
    chosen = _choice(IncidentState, state, "trạng thái")
    if chosen in (IncidentState.NEW, IncidentState.CLOSED):
        raise InputError(
            f"Không chuyển tay sang «{word('state', chosen)}» được.", mend="Dùng nút Đóng vụ việc."
        )
    with _open_incident(store, incident_id, now) as (session, incident):
        if incident.acknowledged_at is None:
            raise ConflictError("Vụ việc chưa được tiếp nhận.", mend="Bấm Tiếp nhận trước.")
        incident.state = chosen
        add_event(
            session, incident_id, now, "state", actor, f"Chuyển sang: {word('state', chosen)}.",
            {"state": chosen},
        )  # fmt: skip


def set_verification(
    store: Store, incident_id: int, verification: str, actor: str, now: datetime, reason: str
) -> None:
    """Record how far the matter itself is verified; it never moves the risk level."""
    chosen = _choice(Verification, verification, "mức xác minh")
    with _open_incident(store, incident_id, now) as (session, incident):
        incident.verification = chosen
        text = f"Mức xác minh: {_VERDICTS[chosen]}. {reason.strip()}".strip()
        add_event(session, incident_id, now, "verification", actor, text, {"verification": chosen})


def raise_level(
    store: Store, office: Office, incident_id: int, level: int, actor: str, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Raise the level by hand, with a reason; the roles of the new level are told."""
    why = _required(reason)
    with _open_incident(store, incident_id, now) as (session, incident):
        rule = office.policy.level(level)
        if rule.value != level or level <= incident.level:
            raise ConflictError("Mức mới phải cao hơn mức hiện tại.", mend=_RELOAD)
        before = incident.level
        _hold(session, incident)
        view = incident_view(incident)
        actions = (
            SetLevel(before, level, fresh=True),
            AddEvent(
                "raised",
                f"{actor} nâng mức {office.policy.level(before).name} lên {rule.name}: {why}",
                {"from": before, "to": level, "by_hand": True},
            ),
            *raised_round(level, view.round + 1, view.topics, office.policy, now, view.unit_kind),
        )
        carry_out(session, office, None, incident, actions, now, actor=actor)


def lower_level(
    store: Store, office: Office, incident_id: int, level: int, actor: str, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Lower the level by hand, with a reason; only something new will raise it again."""
    why = _required(reason)
    with _open_incident(store, incident_id, now) as (session, incident):
        if not 0 <= level < incident.level:
            raise ConflictError("Mức mới phải thấp hơn mức hiện tại.", mend=_RELOAD)
        before, after = office.policy.level(incident.level).name, office.policy.level(level).name
        actions = (
            SetLevel(incident.level, level, fresh=False),
            AddEvent(
                "lowered",
                f"{actor} hạ mức {before} xuống {after}: {why}",
                {"from": incident.level, "to": level, "by_hand": True},
            ),
        )
        _hold(session, incident)
        carry_out(session, office, None, incident, actions, now, actor=actor)


def close_incident(store: Store, incident_id: int, actor: str, reason: str, now: datetime) -> None:
    """Close an incident with a reason and call off all its deadlines.

    Steps not done stay on record as not done. Raises ``ConflictError`` when it is closed already.
    """
    why = _required(reason)
    with _open_incident(store, incident_id, now) as (session, incident):
        incident.state, incident.closed_at = IncidentState.CLOSED, now
        cancel_deadlines(session, incident_id)
        left = [s.code for s in steps_of(session, incident_id) if s.done_at is None]
        text = f"{actor} đóng vụ việc: {why}"
        if left:
            text += f" Còn {len(left)} việc chưa ghi nhận xong: {', '.join(left)}."
        add_event(session, incident_id, now, "closed", actor, text, {"open_steps": left})


def _start_clock(session: Session, incident: IncidentRow, actor: str, now: datetime) -> None:
    """Tick the first step and count the others from now, as the playbook says."""
    planned = incident.parts.get(STATE, {}).get("planned_at")
    late = now - datetime.fromisoformat(planned) if planned else None
    waiting: list[str] = []
    for step in steps_of(session, number(incident)):
        if step.done_at is None and step.position == 0:
            step.done_at, step.done_by = now, actor
        elif step.done_at is None and step.due_at is not None and late is not None:
            step.due_at += late
            waiting.append(f"step:{step.code}")
    if late is not None:
        delay_deadlines(session, number(incident), waiting, late)
    keep_state(incident, planned_at=now.isoformat())


def _hold(session: Session, incident: IncidentRow) -> None:
    """Remember what the machine knew when a person decided otherwise."""
    story = strongest_story(session, number(incident))
    if story is not None:
        view = story_view(story)
        keep_state(incident, held={"assessed": view.level, "overrides": list(view.overrides)})


@contextmanager
def _open_incident(
    store: Store, incident_id: int, now: datetime
) -> Iterator[tuple[Session, IncidentRow]]:
    with store.write() as session:
        incident = lock_incident(session, incident_id)
        _not_closed(incident)
        yield session, incident
        incident.updated_at = now


def _not_closed(incident: IncidentRow) -> None:
    if incident.state == IncidentState.CLOSED:
        raise ConflictError("Vụ việc này đã đóng.", mend=_RELOAD)


def _required(reason: str) -> str:
    cleaned = reason.strip()
    if not cleaned:
        raise InputError("Phải ghi lý do.", mend="Ghi một câu lý do rồi bấm lại.")
    return cleaned if cleaned.endswith((".", "!", "?", "…")) else f"{cleaned}."


def _choice(kind: type[T], value: str, name: str) -> T:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(f"Không có {name} «{value}».", mend=_RELOAD) from error
