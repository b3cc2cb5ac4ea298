"""Incidents for lists, the incident page and the live stream."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.mentions import has_json_word
from langnghe.core.store.queries.scope import INCIDENT, UNIT
from langnghe.core.store.tables import DeadlineRow, IncidentEventRow, IncidentRow, StepRow, StoryRow
from langnghe.core.types import IncidentState

EVENT: sa.Table = IncidentEventRow.__table__  # type: ignore[attr-defined]
STEP: sa.Table = StepRow.__table__  # type: ignore[attr-defined]
DEADLINE: sa.Table = DeadlineRow.__table__  # type: ignore[attr-defined]
_LATE = datetime(9999, 1, 1, tzinfo=UTC)
OPEN = tuple(state.value for state in IncidentState if state is not IncidentState.CLOSED)
"""States by name, not «anything but closed»: only so an index finds the few that stand open."""
_MACHINE = ("calm", "cooldown")
"""Deadlines that no person has to answer (``alerts.decide.AGAIN``)."""


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident in a list. ``due_at`` is the nearest thing that must happen."""

    row: IncidentRow
    unit_name: str
    next_step: StepRow | None
    due_at: datetime | None

    @property
    def id(self) -> int:
        """The incident's id."""
        return _known(self.row.id)


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """All that the incident page shows, except its mentions."""

    line: IncidentLine
    story: StoryRow | None
    steps: tuple[StepRow, ...]
    events: tuple[IncidentEventRow, ...]
    deadlines: tuple[DeadlineRow, ...]


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """What to list. ``viewer_unit`` bounds by rights, ``unit`` by wish."""

    viewer_unit: str | None = None
    unit: str | None = None
    topic: str | None = None
    level: int | None = None
    min_level: int | None = None
    state: str | None = None
    is_open: bool | None = None
    acknowledged: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def open_incidents(
    session: Session, *, viewer_unit: str | None, now: datetime
) -> list[IncidentLine]:
    """Return every open incident: overdue ones by level, then the others by deadline."""
    rows = session.scalars(_query(IncidentFilter(viewer_unit=viewer_unit, is_open=True))).all()
    lines = _lines(session, rows)

    def urgency(line: IncidentLine) -> tuple[bool, int, datetime, int]:
        late = line.due_at is not None and line.due_at < now
        return not late, -line.row.level if late else 0, line.due_at or _LATE, -line.id

    return sorted(lines, key=urgency)


def list_incidents(
    session: Session, wanted: IncidentFilter, *, cursor: str | None, limit: int
) -> Page[IncidentLine]:
    """Return a page, newest opened first."""
    key = read_cursor(cursor, timed=True)
    query = _query(wanted).order_by(INCIDENT.c.opened_at.desc(), INCIDENT.c.id.desc())
    if key is not None:
        at = sa.literal(key.at, INCIDENT.c.opened_at.type)
        query = query.where(
            sa.or_(
                INCIDENT.c.opened_at < at,
                sa.and_(INCIDENT.c.opened_at == at, INCIDENT.c.id < key.id),
            )
        )
    lines = _lines(session, session.scalars(query.limit(limit + 1)).all())
    return page_of(lines, limit, lambda line: Key(line.id, line.row.opened_at))


def queue_of(
    session: Session, wanted: IncidentFilter, *, cursor: str | None, limit: int
) -> Page[IncidentLine]:
    """Return a page of open incidents by what is due first, so overdue ones lead.

    Reads what stands open, by index, and of each only its nearest step and deadline; history has
    no part in it. Those with nothing due come last.
    """
    key = read_cursor(cursor, timed=True)
    moment = DEADLINE.c.due_at.type
    far = sa.literal(_LATE, moment)
    step = (
        sa.select(sa.func.min(STEP.c.due_at))
        .where(STEP.c.incident_id == INCIDENT.c.id, STEP.c.done_at.is_(None))
        .scalar_subquery()
    )
    deadline = (
        sa.select(sa.func.min(DEADLINE.c.due_at))
        .where(
            DEADLINE.c.incident_id == INCIDENT.c.id, DEADLINE.c.state == "open",
            DEADLINE.c.kind.not_in(_MACHINE),
        )
        .scalar_subquery()
    )  # fmt: skip
    # Every incident of the caller's that stands open is looked at: some dozens, seldom more.
    base = _query(replace(wanted, is_open=True)).with_only_columns(
        INCIDENT.c.id, sa.func.coalesce(step, far).label("step"),
        sa.func.coalesce(deadline, far).label("deadline"),
    ).subquery()  # fmt: skip
    due = sa.case((base.c.step <= base.c.deadline, base.c.step), else_=base.c.deadline)
    dues = sa.select(base.c.id, sa.type_coerce(due, moment).label("due")).subquery()
    query = sa.select(dues.c.id, dues.c.due).order_by(dues.c.due, dues.c.id.desc())
    if key is not None:
        at = sa.literal(key.at, moment)
        query = query.where(sa.or_(dues.c.due > at, sa.and_(dues.c.due == at, dues.c.id < key.id)))
    found = {row.id: row.due for row in session.execute(query.limit(limit + 1))}
    rows = session.scalars(sa.select(IncidentRow).where(INCIDENT.c.id.in_(list(found))))
    lines = {line.id: line for line in _lines(session, list(rows))}
    ordered = [lines[number] for number in found]
    return page_of(ordered, limit, lambda line: Key(line.id, found[line.id]))


def get_incident(session: Session, incident_id: int, *, viewer_unit: str | None) -> IncidentDetail:
    """Return one incident. Raises NotFoundError also when it lies outside the viewer's units."""
    query = _query(IncidentFilter(viewer_unit=viewer_unit)).where(INCIDENT.c.id == incident_id)
    row = session.scalars(query).first()
    if row is None:
        raise NotFoundError("Không có vụ việc này, hoặc vụ việc ngoài phạm vi của bạn.")
    steps = session.scalars(
        sa.select(StepRow).where(STEP.c.incident_id == incident_id).order_by(STEP.c.position)
    )
    events = session.scalars(
        sa.select(IncidentEventRow).where(EVENT.c.incident_id == incident_id).order_by(EVENT.c.id)
    )
    deadlines = session.scalars(
        sa.select(DeadlineRow)
        .where(DEADLINE.c.incident_id == incident_id)
        .order_by(DEADLINE.c.due_at)
    )
    return IncidentDetail(
        line=_lines(session, [row])[0],
        story=session.get(StoryRow, row.story_id),
        steps=tuple(steps),
        events=tuple(events),
        deadlines=tuple(deadlines),
    )


def events_after(
    session: Session, event_id: int, *, viewer_unit: str | None, limit: int = 100
) -> list[tuple[IncidentEventRow, IncidentRow]]:
    """Return timeline entries newer than ``event_id`` with their incidents, oldest first."""
    query = (
        sa.select(IncidentEventRow, IncidentRow)
        .join(IncidentRow, INCIDENT.c.id == EVENT.c.incident_id)
        .where(EVENT.c.id > event_id)
        .order_by(EVENT.c.id)
        .limit(limit)
    )
    if viewer_unit is not None:
        query = query.where(scope.incident_in(viewer_unit))
    return [(event, incident) for event, incident in session.execute(query)]


def events_since(
    session: Session, incident_id: int, event_id: int, kinds: Collection[str], *, limit: int = 50
) -> list[IncidentEventRow]:
    """Return the timeline entries of these kinds newer than ``event_id``, oldest first."""
    query = (
        sa.select(IncidentEventRow)
        .where(
            EVENT.c.incident_id == incident_id, EVENT.c.id > event_id, EVENT.c.kind.in_(list(kinds))
        )
        .order_by(EVENT.c.id)
    )
    return list(session.scalars(query.limit(limit)))


def newest_event(session: Session) -> int:
    """Return the id of the last timeline entry of all, 0 when there is none."""
    return session.execute(sa.select(sa.func.max(EVENT.c.id))).scalar() or 0


def _query(wanted: IncidentFilter) -> sa.Select[Any]:
    query = sa.select(IncidentRow)
    if wanted.viewer_unit is not None:
        query = query.where(scope.incident_in(wanted.viewer_unit))
    if wanted.unit:
        query = query.where(scope.incident_in(wanted.unit))
    if wanted.topic:
        query = query.where(has_json_word(INCIDENT.c.topics, f'"{wanted.topic}"'))
    if wanted.level is not None:
        query = query.where(INCIDENT.c.level == wanted.level)
    if wanted.min_level is not None:
        query = query.where(INCIDENT.c.level >= wanted.min_level)
    if wanted.state:
        query = query.where(INCIDENT.c.state == wanted.state)
    if wanted.is_open is not None:
        fits = INCIDENT.c.state.in_(OPEN) if wanted.is_open else INCIDENT.c.state == "closed"
        query = query.where(fits)
    if wanted.acknowledged is not None:
        taken = INCIDENT.c.acknowledged_at.is_not(None)
        query = query.where(taken if wanted.acknowledged else ~taken)
    if wanted.since is not None:
        query = query.where(INCIDENT.c.opened_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(INCIDENT.c.opened_at < wanted.until)
    return query


def _lines(session: Session, rows: Sequence[IncidentRow]) -> list[IncidentLine]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    names = _names(session, {row.unit_id for row in rows})
    waiting: dict[int, list[StepRow]] = {}
    for step in session.scalars(
        sa.select(StepRow)
        .where(STEP.c.incident_id.in_(ids), STEP.c.done_at.is_(None))
        .order_by(STEP.c.position)
    ):
        waiting.setdefault(step.incident_id, []).append(step)
    due: dict[int, datetime] = {
        row.incident_id: row.due_at
        for row in session.execute(
            sa.select(
                DEADLINE.c.incident_id,
                sa.func.min(DEADLINE.c.due_at, type_=DEADLINE.c.due_at.type).label("due_at"),
            )
            .where(
                DEADLINE.c.incident_id.in_(ids),
                DEADLINE.c.state == "open",
                DEADLINE.c.kind.not_in(_MACHINE),
            )
            .group_by(DEADLINE.c.incident_id)
        )
    }
    return [_line(row, names, waiting, due) for row in rows]


def _line(
    row: IncidentRow,
    names: dict[str, str],
    waiting: dict[int, list[StepRow]],
    due: dict[int, datetime],
) -> IncidentLine:
    # What is due first comes first; steps without a time keep the playbook's order after those.
    steps = sorted(waiting.get(_known(row.id), []), key=lambda step: step.due_at or _LATE)
    moments = [step.due_at for step in steps if step.due_at is not None]
    if row.id in due:
        moments.append(due[_known(row.id)])
    is_open = row.state != "closed"
    return IncidentLine(
        row=row,
        unit_name=names.get(row.unit_id, ""),
        next_step=steps[0] if steps and is_open else None,
        due_at=min(moments) if moments and is_open else None,
    )


def _names(session: Session, ids: set[Any]) -> dict[str, str]:
    rows = session.execute(sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _known(number: int | None) -> int:
    if number is None:
        raise RuntimeError("a stored row has an id")
    return number
