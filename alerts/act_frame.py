"""The frame of every act on an incident: one transaction, the rows locked in one order.

Acts take the same lock as the machine's own acting, so that a hand and the engine never wait for
each other's rows crosswise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from alerts.carry import Office
from alerts.since import refuse_changed
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.policy.model import Policy
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import lock_acting, lock_incident
from langnghe.core.store.tables import IncidentRow
from langnghe.core.text import clean
from langnghe.core.types import IncidentState

T = TypeVar("T", bound=StrEnum)
RELOAD = "Tải lại trang để xem tình trạng mới nhất."
MAX_TEXT = 5_000


@contextmanager
def open_incident(
    store: Store,
    incident_id: int,
    now: datetime,
    act: str = "",
    seen: int | None = None,
    step: str = "",
) -> Iterator[tuple[Session, IncidentRow]]:
    """Yield a writing session with the incident locked. Raises ConflictError for a closed one.

    ``seen`` is the newest timeline entry the actor knew; see ``alerts.since`` for ``act``.
    """
    with known_incident(store, incident_id, now) as (session, incident):
        not_closed(incident)
        if act:
            refuse_changed(session, incident_id, act, seen, step=step)
        yield session, incident


@contextmanager
def known_incident(
    store: Store, incident_id: int, now: datetime
) -> Iterator[tuple[Session, IncidentRow]]:
    """Yield a writing session with the incident locked, open or closed."""
    with store.write() as session:
        lock_acting(session)
        incident = lock_incident(session, incident_id)
        yield session, incident
        incident.updated_at = now


def not_closed(incident: IncidentRow) -> None:
    """Raise ConflictError for an incident that is closed or went on in another one."""
    not_merged(incident)
    if incident.state == IncidentState.CLOSED:
        raise ConflictError("Vụ việc này đã đóng.", mend=RELOAD)


def not_merged(incident: IncidentRow) -> None:
    """Raise ConflictError for an incident that went on in another one."""
    if incident.merged_into is not None:
        raise ConflictError(
            f"Vụ việc này đã đóng vì gộp vào vụ việc số {incident.merged_into}.",
            mend=f"Mở vụ việc số {incident.merged_into}.",
        )


def policy_of(office: Office, incident: IncidentRow) -> Policy:
    """Return the playbook as it stands for the incident's unit."""
    return office.at(incident.unit_id).policy


def required(reason: str) -> str:
    """Return the reason as a sentence. Raises InputError where there is none."""
    cleaned = clean(reason)
    if not cleaned:
        raise InputError("Phải ghi lý do.", mend="Ghi một câu lý do rồi bấm lại.")
    if len(cleaned) > MAX_TEXT:
        raise InputError("Phần ghi quá dài.", mend=f"Rút gọn còn dưới {MAX_TEXT} ký tự.")
    return cleaned if cleaned.endswith((".", "!", "?", "…")) else f"{cleaned}."


def choice(kind: type[T], value: str, name: str) -> T:
    """Return the member of ``kind`` with this value. Raises InputError."""
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(f"Không có {name} «{value}».", mend=RELOAD) from error
