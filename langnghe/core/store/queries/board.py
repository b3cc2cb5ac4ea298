"""What the overview asks first: what is open, and who waits for whom. Never all of history.

Every query goes by an index and reads open matters or one screenful.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.parts import parts
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.incidents import DEADLINE, STEP
from langnghe.core.store.queries.scope import INCIDENT, UNIT
from langnghe.core.store.queries.system import OUTBOX, SOURCE
from langnghe.core.store.tables import (
    FeedbackRow,
    StatementRow,
)
from langnghe.core.types import IncidentState, SourceState

STATEMENT: sa.Table = StatementRow.__table__  # type: ignore[attr-defined]
FEEDBACK: sa.Table = FeedbackRow.__table__  # type: ignore[attr-defined]
OPEN = tuple(state.value for state in IncidentState if state is not IncidentState.CLOSED)
WAITING = ("review", "approved")
MOST = 500
"""Open incidents looked into; the worst first. Beyond that a screen helps nobody."""
_LATE = datetime(9999, 1, 1, tzinfo=UTC)
_DEAD_SINCE = timedelta(days=1)
_HEARD = (SourceState.WORKING.value, SourceState.UNCHECKED.value)


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """One open incident. ``due_at`` is the nearest thing to happen, ``overdue`` late steps.

    ``step`` and ``role`` say what is next and whose it is; filled for those shown only.
    """

    id: int
    unit_id: str
    title: str
    level: int
    state: str
    verification: str
    replayed: bool
    owner: str
    acknowledged_at: datetime | None
    due_at: datetime | None = None
    ack_due: datetime | None = None
    ack_role: str = ""
    overdue: int = 0
    step: str = ""
    role: str = ""

    def late(self, now: datetime) -> bool:
        """Whether something should have happened by now."""
        return self.due_at is not None and self.due_at < now


class UnitOpen(NamedTuple):
    """How a unit stands: its highest open level and how many incidents are open."""

    unit_id: str
    level: int
    open: int


def open_by_unit(session: Session, viewer_unit: str | None) -> list[UnitOpen]:
    """Return the units that have open incidents."""
    query = (
        sa.select(INCIDENT.c.unit_id, sa.func.max(INCIDENT.c.level), sa.func.count())
        .where(*still_open(viewer_unit))
        .group_by(INCIDENT.c.unit_id)
    )
    return [UnitOpen(*row) for row in session.execute(query)]


def open_incidents(
    session: Session, viewer_unit: str | None, now: datetime, *, shown: int, gravest: int
) -> list[OpenIncident]:
    """Return the open incidents: the pressing ones by level, then by what is due first.

    Pressing is what is late, and what nobody took up at the ``gravest`` level: a crisis does not
    stand below an old small matter. The first ``shown`` say what is to be done next.
    """
    columns = [
        INCIDENT.c[name]
        for name in ("id", "unit_id", "title", "level", "state", "verification", "replayed",
                     "owner", "acknowledged_at")
    ]  # fmt: skip
    query = sa.select(*columns).where(*still_open(viewer_unit))
    query = query.order_by(INCIDENT.c.level.desc(), INCIDENT.c.id.desc()).limit(MOST)
    found = {row.id: OpenIncident(*row) for row in session.execute(query)}
    for number, due, overdue in _steps_due(session, list(found), now):
        found[number] = replace(found[number], due_at=due, overdue=overdue)
    for number, due, kind, role in _deadlines(session, list(found)):
        one = found[number]
        if one.due_at is None or due < one.due_at:
            one = replace(one, due_at=due)
        if kind == "ack" and (one.ack_due is None or due < one.ack_due):
            one = replace(one, ack_due=due, ack_role=role)
        found[number] = one

    def urgency(one: OpenIncident) -> tuple[bool, int, datetime, int]:
        first = one.late(now) or (one.level >= gravest and one.acknowledged_at is None)
        return not first, -one.level if first else 0, one.due_at or _LATE, -one.id

    ranked = sorted(found.values(), key=urgency)
    next_steps = _next_steps(session, [one.id for one in ranked[:shown]])
    return [
        replace(one, step=next_steps[one.id][0], role=next_steps[one.id][1])
        if one.id in next_steps
        else one
        for one in ranked
    ]


def _steps_due(
    session: Session, ids: Sequence[int], now: datetime
) -> Iterable[tuple[int, datetime | None, int]]:
    late = sa.func.sum(sa.case((STEP.c.due_at < now, 1), else_=0))
    for part in parts(ids):
        query = (
            sa.select(
                STEP.c.incident_id, sa.func.min(STEP.c.due_at, type_=STEP.c.due_at.type), late
            )
            .where(STEP.c.incident_id.in_(part), STEP.c.done_at.is_(None))
            .group_by(STEP.c.incident_id)
        )
        yield from ((row[0], row[1], int(row[2] or 0)) for row in session.execute(query))


def _deadlines(session: Session, ids: Sequence[int]) -> Iterable[tuple[int, datetime, str, str]]:
    for part in parts(ids):
        query = sa.select(
            DEADLINE.c.incident_id, DEADLINE.c.due_at, DEADLINE.c.kind, DEADLINE.c.role
        ).where(DEADLINE.c.incident_id.in_(part), DEADLINE.c.state == "open")
        yield from ((row[0], row[1], row[2], row[3]) for row in session.execute(query))


def _next_steps(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    query = (
        sa.select(STEP.c.incident_id, STEP.c.title, STEP.c.role, STEP.c.due_at)
        .where(STEP.c.incident_id.in_(list(ids)), STEP.c.done_at.is_(None))
        .order_by(STEP.c.position)
    )
    rows = sorted(session.execute(query), key=lambda row: row.due_at or _LATE) if ids else []
    found: dict[int, tuple[str, str]] = {}
    for row in rows:
        found.setdefault(row.incident_id, (row.title, row.role))
    return found


def still_open(viewer_unit: str | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of open incidents within the viewer's units."""
    found: list[sa.ColumnElement[bool]] = [INCIDENT.c.state.in_(OPEN)]
    if viewer_unit is not None:
        found.append(scope.incident_in(viewer_unit))
    return found


def _units(viewer_unit: str | None) -> sa.Select[tuple[str]]:
    """Return a query of the units in view, so that rows are found by the index on their unit."""
    return scope.subtree(viewer_unit) if viewer_unit is not None else sa.select(UNIT.c.id)


class StatementWaiting(NamedTuple):
    """A text that waits to be approved (``review``) or let out (``approved``)."""

    id: int
    unit_id: str
    title: str
    state: str
    since: datetime


def statements_waiting(
    session: Session, viewer_unit: str | None, *, limit: int
) -> list[StatementWaiting]:
    """Return the statements that wait for the head, the longest waiting first."""
    columns = [STATEMENT.c[n] for n in ("id", "unit_id", "title", "state", "updated_at")]
    query = sa.select(*columns).where(
        STATEMENT.c.unit_id.in_(_units(viewer_unit)), STATEMENT.c.state.in_(WAITING)
    )
    query = query.order_by(STATEMENT.c.updated_at, STATEMENT.c.id).limit(limit)
    return [StatementWaiting(*row) for row in session.execute(query)]


class FeedbackLate(NamedTuple):
    """Feedback whose answer is overdue."""

    id: int
    unit_id: str
    number: int
    year: int
    owner: str
    due_at: datetime


def feedback_late(
    session: Session, viewer_unit: str | None, now: datetime, *, limit: int
) -> list[FeedbackLate]:
    """Return feedback that should have been answered by now, the latest first."""
    columns = [FEEDBACK.c[n] for n in ("id", "unit_id", "number", "year", "owner", "due_at")]
    query = sa.select(*columns).where(
        FEEDBACK.c.unit_id.in_(_units(viewer_unit)),
        FEEDBACK.c.answered_at.is_(None),
        FEEDBACK.c.due_at < now,
    )
    query = query.order_by(FEEDBACK.c.due_at, FEEDBACK.c.id).limit(limit)
    return [FeedbackLate(*row) for row in session.execute(query)]


def dead_notices(session: Session, viewer_unit: str | None, now: datetime, *, limit: int) -> int:
    """Return how many messages of the last day were given up (at most ``limit``)."""
    query = sa.select(OUTBOX.c.incident_id).where(
        OUTBOX.c.due_at >= now - _DEAD_SINCE, OUTBOX.c.state == "dead"
    )
    about = list(session.scalars(query.limit(limit)))
    if viewer_unit is None or not about:
        return len(about)
    mine = sa.select(INCIDENT.c.id).where(
        INCIDENT.c.id.in_({one for one in about if one is not None}), scope.incident_in(viewer_unit)
    )
    known = set(session.scalars(mine))
    return sum(one in known for one in about)


class DeafSource(NamedTuple):
    """A source that gives nothing: since when, why, what helps."""

    name: str
    state: str
    since: datetime | None
    last_ok_at: datetime | None
    reason: str
    mend: str


def deaf_sources(session: Session, *, limit: int) -> tuple[list[DeafSource], datetime | None]:
    """Return (the sources in trouble, the longest first; when any source last answered)."""
    columns = [SOURCE.c[n] for n in ("name", "state", "since", "last_ok_at", "reason", "mend")]
    query = sa.select(*columns).where(SOURCE.c.enabled, SOURCE.c.state.not_in(_HEARD))
    rows = session.execute(query.order_by(SOURCE.c.since, SOURCE.c.name).limit(limit))
    last = sa.func.max(SOURCE.c.last_ok_at, type_=SOURCE.c.last_ok_at.type)
    heard = session.scalar(sa.select(last).where(SOURCE.c.enabled))
    return [DeafSource(*row) for row in rows], heard


def unit_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of these units."""
    found: dict[str, Any] = {}
    for part in parts(sorted(set(ids))):
        query = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.id.in_(part))
        found.update((row.id, row.name) for row in session.execute(query))
    return found
