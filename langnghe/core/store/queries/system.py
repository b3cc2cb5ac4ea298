"""How the house itself fares: sources, units, counts and signs of life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.marks import REPLAY, get_mark, heartbeats
from langnghe.core.store.queries.incidents import newest_event
from langnghe.core.store.queries.scope import INCIDENT, MENTION, STORY, UNIT, subtree
from langnghe.core.store.tables import OutboxRow, SourceRow, UnitRow

SOURCE: sa.Table = SourceRow.__table__  # type: ignore[attr-defined]
OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes for the metrics page; each mapping goes by level, state or stage."""

    mentions: Mapping[int, int]
    stories: int
    incidents: Mapping[tuple[int, str], int]
    outbox: Mapping[str, int]
    sources: Mapping[str, int]
    beats: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the live stream watches: the newest event, the newest mention, the heartbeats."""

    event_id: int
    mention_id: int
    beats: Mapping[str, datetime]
    replaying: bool


def pulse(session: Session) -> Pulse:
    """Return the present pulse; cheap enough to ask every second."""
    mention = session.execute(sa.select(sa.func.max(MENTION.c.id))).scalar() or 0
    replaying = get_mark(session, REPLAY) is not None
    return Pulse(newest_event(session), mention, heartbeats(session), replaying)


def counts(session: Session) -> Counts:
    """Count everything the metrics page names."""
    stage = MENTION.c.stage
    by_stage = session.execute(sa.select(stage, sa.func.count()).group_by(stage))
    by_level = session.execute(
        sa.select(INCIDENT.c.level, INCIDENT.c.state, sa.func.count()).group_by(
            INCIDENT.c.level, INCIDENT.c.state
        )
    )
    by_mail = session.execute(sa.select(OUTBOX.c.state, sa.func.count()).group_by(OUTBOX.c.state))
    return Counts(
        mentions=_table(by_stage),
        stories=session.execute(sa.select(sa.func.count()).select_from(STORY)).scalar_one(),
        incidents={(level, state): n for level, state, n in by_level},
        outbox=_table(by_mail),
        sources=source_states(session),
        beats=heartbeats(session),
    )


def source_states(session: Session) -> dict[str, int]:
    """Return how many switched-on sources are in each state of health."""
    rows = session.execute(
        sa.select(SOURCE.c.state, sa.func.count()).where(SOURCE.c.enabled).group_by(SOURCE.c.state)
    )
    return _table(rows)


def list_sources(session: Session) -> list[SourceRow]:
    """Return all sources: those that need a hand first, switched-off ones last."""
    order = sa.case(
        (sa.not_(SOURCE.c.enabled), 3),
        (SOURCE.c.state == "working", 2),
        (SOURCE.c.state == "unchecked", 1),
        else_=0,
    )
    return list(session.scalars(sa.select(SourceRow).order_by(order, SOURCE.c.name)))


def list_units(session: Session, *, viewer_unit: str | None = None) -> list[UnitRow]:
    """Return the active units by name, within the viewer's subtree."""
    query = sa.select(UnitRow).where(UNIT.c.active).order_by(UNIT.c.name)
    if viewer_unit is not None:
        query = query.where(UNIT.c.id.in_(subtree(viewer_unit)))
    return list(session.scalars(query))


def unit_names(session: Session, *, viewer_unit: str | None = None) -> list[tuple[str, str]]:
    """Return (id, name) of the active units within the viewer's subtree, for a filter."""
    query = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.active).order_by(UNIT.c.name)
    if viewer_unit is not None:
        query = query.where(UNIT.c.id.in_(subtree(viewer_unit)))
    return [(row.id, row.name) for row in session.execute(query)]


def source_names(session: Session) -> list[tuple[str, str]]:
    """Return (id, name) of the sources, for a filter."""
    rows = session.execute(sa.select(SOURCE.c.id, SOURCE.c.name).order_by(SOURCE.c.name))
    return [(row.id, row.name) for row in rows]


def _table(rows: Iterable[Any]) -> dict[Any, int]:
    return {row[0]: row[1] for row in rows}
