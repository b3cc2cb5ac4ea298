"""SQL of incidents: their rows, steps, deadlines and timeline; what a story's acting needs.

Functions take a session and leave committing to the caller, so that an incident, its steps, its
deadlines, its timeline and its messages stand or fall together. Stories that wait to be weighed are
in ``core.store.story_work``; its names are handed on from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.story_work import (
    LINK,
    MEMBER,
    MENTION,
    READING,
    STORY,
    KnownUnit,
    StoryMention,
    due_story_ids,
    lock_story,
    set_story_aside,
    source_tiers,
    stories_set_aside,
    story_mentions,
    take_stories,
    try_set_aside_again,
    unit_tree,
)
from langnghe.core.store.tables import (
    DeadlineRow,
    IncidentEventRow,
    IncidentRow,
    StepRow,
    StoryRow,
)

__all__ = [
    "LINK", "MEMBER", "MENTION", "READING", "STORY", "KnownUnit", "StoryMention", "add_event",
    "cancel_deadlines", "claim_deadline", "due_deadline_ids",
    "due_story_ids", "gists_of", "heard_last", "incident_of_event", "incidents_by_id",
    "lock_acting", "lock_incident", "lock_story", "mark_assess_due", "past_incidents",
    "put_deadline", "recent_incidents", "set_story_aside", "source_tiers", "steps_of",
    "stories_set_aside", "story_ids_of", "story_mentions", "strongest_story", "survivor_of",
    "take_stories", "try_set_aside_again", "unit_tree", "wake_deadlines",
]  # fmt: skip

INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
EVENT: sa.Table = IncidentEventRow.__table__  # type: ignore[attr-defined]
STEP: sa.Table = StepRow.__table__  # type: ignore[attr-defined]
DEADLINE: sa.Table = DeadlineRow.__table__  # type: ignore[attr-defined]

_ACTING = 7_210_118  # any fixed number: the name of one advisory lock


def lock_acting(session: Session) -> None:
    """Let only one process open incidents at a time, so that one event never becomes two."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ACTING)))


def recent_incidents(session: Session, since: datetime) -> list[IncidentRow]:
    """Return incidents opened since ``since``, oldest first."""
    query = sa.select(IncidentRow).where(INCIDENT.c.opened_at >= since).order_by(INCIDENT.c.id)
    return list(session.scalars(query))


def past_incidents(session: Session, since: datetime) -> list[tuple[int, str, list[str], datetime]]:
    """Return (id, unit, topics, opening) of incidents opened since ``since``; lighter than rows."""
    query = sa.select(
        INCIDENT.c.id, INCIDENT.c.unit_id, INCIDENT.c.topics, INCIDENT.c.opened_at
    ).where(INCIDENT.c.opened_at >= since)
    return [(r.id, r.unit_id, r.topics, r.opened_at) for r in session.execute(query)]


def incidents_by_id(session: Session, ids: Iterable[int]) -> dict[int, IncidentRow]:
    """Return the incidents with these ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.scalars(sa.select(IncidentRow).where(INCIDENT.c.id.in_(wanted)))
    return {row.id: row for row in rows if row.id is not None}


def lock_incident(session: Session, incident_id: int) -> IncidentRow:
    """Return the incident, locked against other writers; raises ``NotFoundError``."""
    row = session.scalars(
        sa.select(IncidentRow).where(INCIDENT.c.id == incident_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError(
            f"Không có vụ việc số {incident_id}.", mend="Mở danh sách vụ việc và chọn lại."
        )
    return row


def incident_of_event(session: Session, story: StoryRow) -> IncidentRow | None:
    """Return the newest incident of a story of the same affair, or ``None``."""
    event = story.event_id
    if event is None:
        return None
    query = (
        sa.select(IncidentRow)
        .join(STORY, STORY.c.incident_id == INCIDENT.c.id)
        .where(sa.or_(STORY.c.event_id == event, STORY.c.id == event), STORY.c.id != story.id)
        .order_by(INCIDENT.c.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def strongest_story(session: Session, incident_id: int) -> StoryRow | None:
    """Return the story of the incident with the highest level and score."""
    query = (
        sa.select(StoryRow)
        .where(STORY.c.incident_id == incident_id)
        .order_by(STORY.c.level.desc(), STORY.c.score.desc(), STORY.c.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def story_ids_of(session: Session, incident_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the ids of the stories that belong to each incident."""
    found: dict[int, list[int]] = {}
    query = sa.select(STORY.c.id, STORY.c.incident_id).where(STORY.c.incident_id.in_(incident_ids))
    for row in session.execute(query.order_by(STORY.c.id)):
        found.setdefault(row.incident_id, []).append(row.id)
    return found


def heard_last(session: Session, incident_id: int) -> datetime | None:
    """Return when the newest mention of any story of the incident was heard."""
    query = sa.select(STORY.c.last_at).where(STORY.c.incident_id == incident_id)
    return max(session.scalars(query), default=None)


def survivor_of(session: Session, row: IncidentRow) -> IncidentRow:
    """Return the incident in which a merged one goes on; one that was not merged itself."""
    seen: set[int] = set()
    while row.merged_into is not None and row.merged_into not in seen:
        seen.add(row.merged_into)
        after = session.get(IncidentRow, row.merged_into)
        if after is None:
            break
        row = after
    return row


def gists_of(session: Session, incident_id: int) -> list[dict[str, Any]]:
    """Return what is told of each story of the incident, where that was worked out."""
    query = sa.select(STORY.c.gist).where(STORY.c.incident_id == incident_id).order_by(STORY.c.id)
    return [gist for gist in session.scalars(query) if gist]


def add_event(
    session: Session,
    incident_id: int,
    at: datetime,
    kind: str,
    actor: str,
    text: str,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append one line to the timeline."""
    session.add(
        IncidentEventRow(
            incident_id=incident_id, at=at, kind=kind, actor=actor, text=text, data=dict(data or {})
        )
    )


def steps_of(session: Session, incident_id: int) -> list[StepRow]:
    """Return the steps of an incident in the playbook's order."""
    query = sa.select(StepRow).where(STEP.c.incident_id == incident_id).order_by(STEP.c.position)
    return list(session.scalars(query))


def put_deadline(
    session: Session,
    incident_id: int,
    kind: str,
    level: int,
    seq: int,
    role: str,
    due_at: datetime,
) -> None:
    """Set a deadline, or move the one of the same kind, level and number."""
    row = session.scalars(
        sa.select(DeadlineRow).where(
            DEADLINE.c.incident_id == incident_id,
            DEADLINE.c.kind == kind,
            DEADLINE.c.level == level,
            DEADLINE.c.seq == seq,
        )
    ).one_or_none()
    if row is None:
        row = DeadlineRow(
            incident_id=incident_id, kind=kind, level=level, seq=seq, role=role, due_at=due_at
        )
        session.add(row)
    else:
        row.role, row.due_at, row.state = role, due_at, "open"
    session.flush()


def cancel_deadlines(
    session: Session, incident_id: int, *, kind: str = "", family: str = ""
) -> int:
    """Call off open deadlines: all, those of one ``kind``, or of a ``family:*``."""
    query = sa.update(DEADLINE).where(
        DEADLINE.c.incident_id == incident_id, DEADLINE.c.state == "open"
    )
    if kind:
        query = query.where(DEADLINE.c.kind == kind)
    if family:
        query = query.where(DEADLINE.c.kind.startswith(f"{family}:", autoescape=True))
    return _count(session.execute(query.values(state="cancelled")))


def wake_deadlines(
    session: Session, incident_id: int, kinds: Sequence[str], since: datetime
) -> None:
    """Let deadlines of these kinds count again that fell due after ``since``."""
    session.execute(
        sa.update(DEADLINE)
        .where(
            DEADLINE.c.incident_id == incident_id,
            DEADLINE.c.kind.in_(kinds),
            DEADLINE.c.state == "fired",
            DEADLINE.c.due_at >= since,
        )
        .values(state="open")
    )


def due_deadline_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the ids of open deadlines that have passed, longest overdue first."""
    query = (
        sa.select(DEADLINE.c.id)
        .where(DEADLINE.c.state == "open", DEADLINE.c.due_at <= now)
        .order_by(DEADLINE.c.due_at, DEADLINE.c.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def claim_deadline(session: Session, deadline_id: int, now: datetime) -> DeadlineRow | None:
    """Mark a passed deadline as fired and return it; ``None`` when somebody else was first."""
    fired = session.execute(
        sa.update(DEADLINE)
        .where(DEADLINE.c.id == deadline_id, DEADLINE.c.state == "open", DEADLINE.c.due_at <= now)
        .values(state="fired")
    )
    return session.get(DeadlineRow, deadline_id) if _count(fired) else None


def mark_assess_due(session: Session, incident_id: int) -> None:
    """Have every story of the incident weighed again."""
    session.execute(
        sa.update(STORY).where(STORY.c.incident_id == incident_id).values(assess_due=True)
    )


def _count(result: Any) -> int:
    return int(result.rowcount)
