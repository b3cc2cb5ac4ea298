"""Who sees what: a caller bound to a unit sees that unit's subtree and nothing beside it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import (
    CorrectionRow,
    IncidentRow,
    MentionRow,
    MentionUnitRow,
    SourceRow,
    StoryRow,
    UnitRow,
    UserRow,
)

UNIT: sa.Table = UnitRow.__table__  # type: ignore[attr-defined]
MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
MENTION_UNIT: sa.Table = MentionUnitRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
CORRECTION: sa.Table = CorrectionRow.__table__  # type: ignore[attr-defined]
USER: sa.Table = UserRow.__table__  # type: ignore[attr-defined]

Condition = sa.ColumnElement[bool]


def subtree(unit_id: str) -> sa.Select[tuple[str]]:
    """Return a query of the ids of ``unit_id`` and all below it (UNION ends any ring)."""
    below = sa.select(sa.literal(unit_id).label("id")).cte("below", recursive=True, nesting=True)
    below = below.union(sa.select(UNIT.c.id).where(UNIT.c.parent_id == below.c.id))
    return sa.select(below.c.id)


def incident_in(unit_id: str) -> Condition:
    """Incidents of the subtree."""
    return INCIDENT.c.unit_id.in_(subtree(unit_id))


def story_in(unit_id: str) -> Condition:
    """Stories about the subtree, by themselves, by a mention or by their incident.

    Asked of each row by itself: what a wide unit is about is never gathered.
    """
    told = sa.exists().where(MENTION.c.story_id == STORY.c.id, mention_about(unit_id))
    opened = sa.exists().where(
        INCIDENT.c.story_id == STORY.c.id, _among(INCIDENT.c.unit_id, unit_id)
    )
    joined = sa.exists().where(
        INCIDENT.c.id == STORY.c.incident_id, _among(INCIDENT.c.unit_id, unit_id)
    )
    return sa.or_(
        STORY.c.unit_id.in_(subtree(unit_id)),
        joined.correlate(STORY),
        opened.correlate(STORY),
        told.correlate(STORY),
    )


def of_incident(incident_id: int) -> Condition:
    """Mentions of every story that belongs to an incident."""
    opener = sa.select(INCIDENT.c.story_id).where(INCIDENT.c.id == incident_id)
    joined = sa.select(STORY.c.id).where(STORY.c.incident_id == incident_id)
    return sa.or_(MENTION.c.story_id.in_(opener), MENTION.c.story_id.in_(joined))


def mention_about(unit_id: str) -> Condition:
    """Mentions linked to the subtree; asked of each row by itself."""
    return (
        sa.exists()
        .where(MENTION_UNIT.c.mention_id == MENTION.c.id)
        .where(_among(MENTION_UNIT.c.unit_id, unit_id))
        .correlate(MENTION)
    )


def mention_in(unit_id: str) -> Condition:
    """Mentions of the subtree, those of no unit at all, and those of a story of the subtree.

    What came in as a report was told to one unit: said to be about none, it is still not for all.
    """
    linked = sa.exists().where(MENTION_UNIT.c.mention_id == MENTION.c.id).correlate(MENTION)
    story = STORY.alias("of_story")
    joined = sa.exists().where(
        INCIDENT.c.id == story.c.incident_id, _among(INCIDENT.c.unit_id, unit_id)
    )
    of_story = sa.exists().where(
        story.c.id == MENTION.c.story_id,
        sa.or_(story.c.unit_id.in_(subtree(unit_id)), joined.correlate(story)),
    )
    opened = sa.exists().where(
        INCIDENT.c.story_id == MENTION.c.story_id, _among(INCIDENT.c.unit_id, unit_id)
    )
    return sa.or_(
        sa.and_(~linked, MENTION.c.external_id.not_like("intake:%")),
        mention_about(unit_id),
        of_story.correlate(MENTION),
        opened.correlate(MENTION),
    )


def _among(column: sa.ColumnElement[str], unit_id: str) -> Condition:
    """Say whether a row's unit is of the subtree, asked of the row and never by the unit's index.

    A bare column lets SQLite seek the row once for every unit of a province.
    """
    return sa.func.coalesce(column, "").in_(subtree(unit_id))


def few_units(session: Session, unit_id: str, most: int) -> list[str]:
    """Return the ids of the subtree, or none where it has more than ``most``."""
    found = [row[0] for row in session.execute(subtree(unit_id).limit(most + 1))]
    return found if len(found) <= most else []


def stories_of_incident(session: Session, incident_id: int) -> list[int]:
    """Return every story that belongs to an incident."""
    opener = sa.select(INCIDENT.c.story_id).where(INCIDENT.c.id == incident_id)
    joined = sa.select(STORY.c.id).where(STORY.c.incident_id == incident_id)
    return sorted({*session.scalars(opener), *session.scalars(joined)})


def is_source(session: Session, source_id: str) -> bool:
    """Say whether this is the id of a source."""
    return session.get(SourceRow, source_id) is not None


def mention_corrected_in(unit_id: str) -> Condition:
    """Mentions that people of the subtree corrected: who says «not ours» can still take it back."""
    return MENTION.c.id.in_(
        sa.select(CORRECTION.c.mention_id)
        .join(USER, USER.c.id == CORRECTION.c.user_id)
        .where(USER.c.unit_id.in_(subtree(unit_id)))
    )
