"""SQL of incidents that went on in another one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.incidents import DEADLINE, INCIDENT, STORY
from langnghe.core.store.tables import DeadlineRow, IncidentRow, MergerRow

MERGER: sa.Table = MergerRow.__table__  # type: ignore[attr-defined]


def standing_merger(session: Session, merged_id: int) -> MergerRow | None:
    """Return the merger by which this incident went on in another one, unless it was undone."""
    query = (
        sa.select(MergerRow)
        .where(MERGER.c.merged_id == merged_id, MERGER.c.undone_at.is_(None))
        .order_by(MERGER.c.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def merged_into(session: Session, incident_id: int) -> list[IncidentRow]:
    """Return the incidents that go on in this one, oldest first."""
    query = (
        sa.select(IncidentRow).where(INCIDENT.c.merged_into == incident_id).order_by(INCIDENT.c.id)
    )
    return list(session.scalars(query))


def move_stories(session: Session, story_ids: Sequence[int], before: int, after: int) -> list[int]:
    """Hand those stories that still belong to ``before`` to ``after``; return which."""
    query = (
        sa.select(STORY.c.id)
        .where(STORY.c.id.in_(story_ids), STORY.c.incident_id == before)
        .order_by(STORY.c.id)
    )
    moved = list(session.scalars(query))
    if moved:
        session.execute(
            sa.update(STORY).where(STORY.c.id.in_(moved)).values(incident_id=after, assess_due=True)
        )
    return moved


def open_deadlines(session: Session, incident_id: int) -> list[int]:
    """Return the ids of the incident's open deadlines."""
    query = sa.select(DEADLINE.c.id).where(
        DEADLINE.c.incident_id == incident_id, DEADLINE.c.state == "open"
    )
    return list(session.scalars(query.order_by(DEADLINE.c.id)))


def open_again(session: Session, deadline_ids: Sequence[int]) -> None:
    """Let called-off deadlines count again; what passed meanwhile is due at once."""
    rows = session.scalars(
        sa.select(DeadlineRow).where(
            DEADLINE.c.id.in_(deadline_ids), DEADLINE.c.state == "cancelled"
        )
    )
    for row in rows:
        row.state = "open"
    session.flush()
