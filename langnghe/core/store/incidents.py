"""All SQL of assessing and acting: stories that are due, their mentions, incidents and deadlines.

Functions take a session and leave committing to the caller, so that an incident, its steps, its
deadlines, its timeline and its messages stand or fall together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.tables import (
    ContactRow,
    DeadlineRow,
    IncidentEventRow,
    IncidentRow,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    SourceRow,
    StepRow,
    StoryMentionRow,
    StoryRow,
    UnitRow,
)

STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
LINK: sa.Table = MentionUnitRow.__table__  # type: ignore[attr-defined]
UNIT: sa.Table = UnitRow.__table__  # type: ignore[attr-defined]
SOURCE: sa.Table = SourceRow.__table__  # type: ignore[attr-defined]
CONTACT: sa.Table = ContactRow.__table__  # type: ignore[attr-defined]
INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
EVENT: sa.Table = IncidentEventRow.__table__  # type: ignore[attr-defined]
STEP: sa.Table = StepRow.__table__  # type: ignore[attr-defined]
DEADLINE: sa.Table = DeadlineRow.__table__  # type: ignore[attr-defined]

SHOWN_TEXT = 3_000
"""Characters of a masked text that weighing needs; a long article need not be read whole."""
_ACTING = 7_210_118  # any fixed number: the name of one advisory lock


@dataclass(frozen=True, slots=True)
class StoryMention:
    """One mention of a story with its reading, as weighing needs it (masked text only)."""

    id: int
    story_id: int
    copy: bool
    kind: str
    source_id: str | None
    source_name: str | None
    url: str | None
    published_at: datetime | None
    seen_at: datetime
    education_p: float
    scope: str
    risk: int
    risk_p: Sequence[float]
    stance: str
    topics: Sequence[Mapping[str, Any]]
    facts: Sequence[Mapping[str, Any]]
    units: Mapping[str, float]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the tables know it."""

    id: str
    kind: str
    name: str
    parent: str | None


def take_stories(session: Session, column: str, limit: int) -> list[StoryRow]:
    """Lock and return up to ``limit`` stories whose ``column`` (``*_due``) is set, oldest first.

    The lock keeps a mention that joins meanwhile from being overlooked: its writer waits, then sets
    the mark again.
    """
    query = (
        sa.select(StoryRow)
        .where(_due(column))
        .order_by(STORY.c[column], STORY.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def due_story_ids(session: Session, column: str, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` stories whose ``column`` (``*_due``) is set."""
    query = sa.select(STORY.c.id).where(_due(column)).order_by(STORY.c[column], STORY.c.id)
    return list(session.scalars(query.limit(limit)))


def _due(column: str) -> sa.TextClause:
    # Word for word as in the partial indexes, and sorted by them: else SQLite reads every story.
    if column not in ("assess_due", "act_due"):
        raise ValueError(f"no work column: {column}")
    return sa.text(f"story.{column}")


def lock_story(session: Session, story_id: int) -> StoryRow | None:
    """Return the story, locked against other writers, or ``None``."""
    return session.scalars(
        sa.select(StoryRow).where(STORY.c.id == story_id).with_for_update()
    ).one_or_none()


def lock_acting(session: Session) -> None:
    """Let only one process open incidents at a time, so that one event never becomes two."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ACTING)))


def story_mentions(
    session: Session,
    story_ids: Sequence[int],
    *,
    per_story: int | None = None,
    only: Sequence[int] | None = None,
) -> dict[int, list[StoryMention]]:
    """Return the mentions of each story with their readings, oldest first.

    ``per_story`` reads only the first few of each, own articles before anything else; ``only``
    reads the mentions with these ids.
    """
    if not story_ids:
        return {}
    wanted: Any = MEMBER.c.story_id.in_(story_ids)
    if only is not None:
        wanted &= MEMBER.c.mention_id.in_(only)
    if per_story is not None:
        wanted &= MEMBER.c.mention_id.in_(_first_of(story_ids, per_story))
    links: dict[int, dict[str, float]] = {}
    for row in session.execute(
        sa.select(LINK.c.mention_id, LINK.c.unit_id, LINK.c.confidence)
        .join(MEMBER, MEMBER.c.mention_id == LINK.c.mention_id)
        .where(wanted)
    ):
        links.setdefault(row.mention_id, {})[row.unit_id] = row.confidence
    query = (
        sa.select(
            MENTION.c.id, MEMBER.c.story_id, MEMBER.c.copy_of, MENTION.c.kind, MENTION.c.source_id,
            MENTION.c.source_name, MENTION.c.url, MENTION.c.published_at, MENTION.c.seen_at,
            READING.c.about_education_p, READING.c.scope, READING.c.risk, READING.c.risk_p,
            READING.c.stance, READING.c.topics, READING.c.facts, READING.c.masked_title,
            sa.func.substr(READING.c.masked_text, 1, SHOWN_TEXT).label("masked_text"),
        )
        .join(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(wanted)
        .order_by(MENTION.c.seen_at, MENTION.c.id)
    )  # fmt: skip
    found: dict[int, list[StoryMention]] = {story_id: [] for story_id in story_ids}
    for row in session.execute(query):
        found[row.story_id].append(
            StoryMention(
                id=row.id,
                story_id=row.story_id,
                copy=row.copy_of is not None,
                kind=row.kind,
                source_id=row.source_id,
                source_name=row.source_name,
                url=row.url,
                published_at=row.published_at,
                seen_at=row.seen_at,
                education_p=row.about_education_p,
                scope=row.scope,
                risk=row.risk,
                risk_p=row.risk_p,
                stance=row.stance,
                topics=row.topics,
                facts=row.facts,
                units=links.get(row.id, {}),
                title=row.masked_title,
                text=row.masked_text,
            )
        )
    return found


def _first_of(story_ids: Sequence[int], per_story: int) -> Any:
    """The ids of the first mentions of each story, own articles first."""
    own = sa.case(((MENTION.c.kind == "news") & MEMBER.c.copy_of.is_(None), 0), else_=1)
    place = sa.func.row_number().over(
        partition_by=MEMBER.c.story_id, order_by=(own, MENTION.c.seen_at, MENTION.c.id)
    )
    ranked = (
        sa.select(MEMBER.c.mention_id, place.label("place"))
        .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
        .where(MEMBER.c.story_id.in_(story_ids))
        .subquery()
    )
    return sa.select(ranked.c.mention_id).where(ranked.c.place <= per_story)


def set_story_aside(session: Session, story_id: int, why: str) -> None:
    """Leave a story that cannot be weighed or acted on until it grows; ``why`` is shown."""
    session.execute(
        sa.update(STORY)
        .where(STORY.c.id == story_id)
        .values(set_aside=why, assess_due=False, act_due=False)
    )


def try_set_aside_again(session: Session) -> int:
    """Make every story that was set aside due once more; return how many.

    Called at a start: the program that could not weigh them may have been mended since.
    """
    done = session.execute(
        sa.update(STORY).where(sa.text("set_aside <> ''")).values(assess_due=True)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def stories_set_aside(session: Session) -> list[tuple[int, str, str]]:
    """Return (id, title, why) of the stories that were set aside, the newest first."""
    # Word for word as in the partial index, and sorted here: else SQLite reads every story.
    query = sa.select(STORY.c.id, STORY.c.title, STORY.c.set_aside).where(
        sa.text("story.set_aside <> ''")
    )
    found = [(row.id, row.title, row.set_aside) for row in session.execute(query)]
    return sorted(found, reverse=True)


def unit_tree(session: Session) -> dict[str, KnownUnit]:
    """Return every unit that is watched now, by id."""
    query = sa.select(UNIT.c.id, UNIT.c.kind, UNIT.c.name, UNIT.c.parent_id).where(
        UNIT.c.active.is_(True)
    )
    return {r.id: KnownUnit(r.id, r.kind, r.name, r.parent_id) for r in session.execute(query)}


def source_tiers(session: Session) -> dict[str, tuple[int, str]]:
    """Return (tier, name) of every source, by id."""
    query = sa.select(SOURCE.c.id, SOURCE.c.tier, SOURCE.c.name)
    return {row.id: (row.tier, row.name) for row in session.execute(query)}


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


def delay_deadlines(
    session: Session, incident_id: int, kinds: Sequence[str], by: timedelta
) -> None:
    """Put deadlines of these kinds off; one that passed already counts again."""
    rows = session.scalars(
        sa.select(DeadlineRow).where(
            DEADLINE.c.incident_id == incident_id,
            DEADLINE.c.kind.in_(kinds),
            DEADLINE.c.state.in_(("open", "fired")),
        )
    )
    for row in rows:
        row.due_at, row.state = row.due_at + by, "open"
    session.flush()


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


def contacts_of(session: Session, unit_ids: Sequence[str]) -> list[ContactRow]:
    """Return the contacts of these units that have an e-mail address, in the profile's order."""
    query = (
        sa.select(ContactRow)
        .where(CONTACT.c.unit_id.in_(unit_ids), CONTACT.c.email.is_not(None))
        .order_by(CONTACT.c.id)
    )
    return list(session.scalars(query))


def _count(result: Any) -> int:
    return int(result.rowcount)
