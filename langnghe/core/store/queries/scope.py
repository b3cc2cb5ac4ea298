"""Who sees what: a caller bound to a unit sees that unit's subtree and nothing beside it."""

from __future__ import annotations

import sqlalchemy as sa

from langnghe.core.store.tables import (
    CorrectionRow,
    IncidentRow,
    MentionRow,
    MentionUnitRow,
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
    """Stories about the subtree, by themselves, by a mention or by their incident."""
    return sa.or_(
        STORY.c.unit_id.in_(subtree(unit_id)),
        STORY.c.id.in_(
            sa.select(MENTION.c.story_id)
            .join(MENTION_UNIT, MENTION_UNIT.c.mention_id == MENTION.c.id)
            .where(MENTION_UNIT.c.unit_id.in_(subtree(unit_id)), MENTION.c.story_id.is_not(None))
        ),
        STORY.c.id.in_(sa.select(INCIDENT.c.story_id).where(incident_in(unit_id))),
        STORY.c.incident_id.in_(sa.select(INCIDENT.c.id).where(incident_in(unit_id))),
    )


def of_incident(incident_id: int) -> Condition:
    """Mentions of every story that belongs to an incident."""
    opener = sa.select(INCIDENT.c.story_id).where(INCIDENT.c.id == incident_id)
    joined = sa.select(STORY.c.id).where(STORY.c.incident_id == incident_id)
    return sa.or_(MENTION.c.story_id.in_(opener), MENTION.c.story_id.in_(joined))


def mention_about(unit_id: str) -> Condition:
    """Mentions linked to the subtree."""
    return MENTION.c.id.in_(
        sa.select(MENTION_UNIT.c.mention_id).where(MENTION_UNIT.c.unit_id.in_(subtree(unit_id)))
    )


def mention_in(unit_id: str) -> Condition:
    """Mentions of the subtree, those of no unit at all, and those of a story of the subtree."""
    linked = sa.exists().where(MENTION_UNIT.c.mention_id == MENTION.c.id)
    mine = sa.select(INCIDENT.c.id).where(incident_in(unit_id))
    stories = sa.select(STORY.c.id).where(
        sa.or_(STORY.c.unit_id.in_(subtree(unit_id)), STORY.c.incident_id.in_(mine))
    )
    opened_by = sa.select(INCIDENT.c.story_id).where(incident_in(unit_id))
    return sa.or_(
        ~linked,
        mention_about(unit_id),
        MENTION.c.story_id.in_(stories),
        MENTION.c.story_id.in_(opened_by),
    )


def mention_corrected_in(unit_id: str) -> Condition:
    """Mentions that people of the subtree corrected: who says «not ours» can still take it back."""
    return MENTION.c.id.in_(
        sa.select(CORRECTION.c.mention_id)
        .join(USER, USER.c.id == CORRECTION.c.user_id)
        .where(USER.c.unit_id.in_(subtree(unit_id)))
    )
