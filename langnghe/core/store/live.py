"""What the live stream asks of the store: timeline entries, each with who may hear of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.queries.scope import INCIDENT, UNIT
from langnghe.core.store.tables import IncidentEventRow

EVENT: sa.Table = IncidentEventRow.__table__  # type: ignore[attr-defined]
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a timeline with the little of its incident that a live page says."""

    event_id: int
    kind: str
    text: str
    incident_id: int
    title: str
    level: int
    scopes: frozenset[str | None]


def events_between(
    session: Session, after: int, *, scopes: Collection[str | None], limit: int
) -> list[Entry]:
    """Return entries newer than ``after``, oldest first; each names who of ``scopes`` may see it.

    A scope is a unit, which sees itself and all below it; ``None`` sees every unit.
    """
    query = (
        sa.select(
            EVENT.c.id, EVENT.c.kind, EVENT.c.text, INCIDENT.c.id.label("incident"),
            INCIDENT.c.title, INCIDENT.c.level, INCIDENT.c.unit_id,
        )
        .join(INCIDENT, INCIDENT.c.id == EVENT.c.incident_id)
        .where(EVENT.c.id > after)
        .order_by(EVENT.c.id)
        .limit(limit)
    )  # fmt: skip
    rows = session.execute(query).all()
    above = {unit: _above(session, unit) for unit in {row.unit_id for row in rows}}
    wanted = frozenset(scopes)
    return [
        Entry(
            row.id, row.kind, row.text, row.incident, row.title, row.level,
            wanted & above[row.unit_id],
        )
        for row in rows
    ]  # fmt: skip


def seen_from(session: Session, after: int) -> Sequence[int]:
    """Return the numbers of the entries newer than ``after``."""
    return session.scalars(sa.select(EVENT.c.id).where(EVENT.c.id > after)).all()


def _above(session: Session, unit_id: str) -> frozenset[str | None]:
    """Return the unit, all above it, and ``None``: whoever stands there sees the unit."""
    found: set[str | None] = {None, unit_id}
    present: str | None = unit_id
    for _ in range(_DEEPEST):
        query = sa.select(UNIT.c.parent_id).where(UNIT.c.id == present)
        present = session.execute(query).scalar()
        if present is None or present in found:
            break
        found.add(present)
    return frozenset(found)
