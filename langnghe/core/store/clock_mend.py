"""A clock that ran ahead and was set right: what was put off into that future is due again.

A machine that believes for a minute that it is next year writes next year into everything it puts
off: mails to be sent, sources to be read, ladders of escalation, its own signs of life. Set right,
it would wait for that year in silence. Nothing heard is touched here, only moments still to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.incidents import add_event
from langnghe.core.store.marks import HEARTBEAT
from langnghe.core.store.outbox import DUE, LEASED, OUTBOX
from langnghe.core.store.sources import make_due
from langnghe.core.store.tables import DeadlineRow, IncidentRow, MarkRow, StepRow, StoryRow

AHEAD = timedelta(minutes=10)
"""What two machines may differ by without either clock being called wrong."""
_TEXT = (
    "Đồng hồ máy chủ đã bị chỉnh lùi; các hạn đặt theo giờ trước khi chỉnh được tính lại từ lúc "
    "này."
)
_MARK: sa.Table = MarkRow.__table__  # type: ignore[attr-defined]
_INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
_STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
_STATE = "state"


def ran_ahead(session: Session, now: datetime) -> bool:
    """Tell whether a stage left a sign of life that lies ``AHEAD`` or more after ``now``."""
    query = sa.select(sa.func.max(_MARK.c.at)).where(
        _MARK.c.name.startswith(HEARTBEAT, autoescape=True)
    )
    newest: datetime | None = session.execute(query).scalar()
    return newest is not None and newest - now >= AHEAD


def mend_clock(session: Session, now: datetime) -> None:
    """Bring back to ``now`` what was put off into a future that is not; again changes nothing."""
    session.execute(
        sa.update(_MARK)
        .where(_MARK.c.name.startswith(HEARTBEAT, autoescape=True), _MARK.c.at > now)
        .values(at=now)
    )
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.state.in_((DUE, LEASED)), OUTBOX.c.due_at > now)
        .values(due_at=now)
    )
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.state == LEASED, OUTBOX.c.lease_until > now + AHEAD)
        .values(lease_until=now + AHEAD)
    )
    make_due(session, now)
    session.execute(sa.update(_STORY).where(_STORY.c.assessed_at > now).values(assess_due=True))
    for incident in session.scalars(
        sa.select(IncidentRow).where(_INCIDENT.c.updated_at > now).with_for_update()
    ):
        _bring_back(session, incident, now)
    session.flush()


def _bring_back(session: Session, incident: IncidentRow, now: datetime) -> None:
    """Count what follows an alert of that future from ``now`` on; a hand's timing stands."""
    state = dict(incident.parts.get(_STATE, {}))
    told = state.get("told", {})
    begun = [t for t in (incident.opened_at, *_moments(told.get("at"))) if t > now]
    if begun:
        start = min(begun)
        for row in _later(session, incident, start):
            row.due_at = now + (row.due_at - start)
        add_event(session, incident.id or 0, now, "note", "hệ thống", _TEXT)
    if told:
        state["told"] = {**told, "at": _not_after(told["at"], now)}
    for name in ("peak_at", "planned_at"):
        if state.get(name):
            state[name] = _not_after(state[name], now)
    incident.parts = {**incident.parts, _STATE: state}
    incident.opened_at, incident.updated_at = min(incident.opened_at, now), now
    session.add(incident)


def _later(session: Session, incident: IncidentRow, start: datetime) -> Iterator[Any]:
    deadline: sa.Table = DeadlineRow.__table__  # type: ignore[attr-defined]
    step: sa.Table = StepRow.__table__  # type: ignore[attr-defined]
    mine = deadline.c.incident_id == incident.id
    yield from session.scalars(
        sa.select(DeadlineRow).where(mine, deadline.c.state == "open", deadline.c.due_at >= start)
    ).all()
    yield from session.scalars(
        sa.select(StepRow).where(step.c.incident_id == incident.id, step.c.due_at >= start)
    ).all()


def _moments(text: str | None) -> Iterator[datetime]:
    if text:
        yield datetime.fromisoformat(text)


def _not_after(text: str, now: datetime) -> str:
    return min(datetime.fromisoformat(text), now).isoformat()
