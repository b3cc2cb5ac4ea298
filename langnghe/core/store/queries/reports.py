"""What official papers are made of: the rows of one period or one incident, never of all history.

Every query of a period is led by the time a mention was seen or an incident opened (both have an
index), so that a monthly paper costs the same in the tenth year as in the first. Titles are masked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.queries import scope
from langnghe.core.store.queries.mentions import READING
from langnghe.core.store.queries.scope import INCIDENT, MENTION, MENTION_UNIT, STORY
from langnghe.core.store.tables import IncidentRow, OutboxRow, StoryRow, UnitRow

OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]


class SeenRow(NamedTuple):
    """One mention of a period, without its words. ``topics`` is raw JSON."""

    id: int
    seen_at: datetime
    source: str | None
    kind: str
    story_id: int | None
    sentiment: str
    topics: str

    def parsed_topics(self) -> list[dict[str, Any]]:
        """Return the topics as the reading states them."""
        found: list[dict[str, Any]] = json.loads(self.topics)
        return found


class Titled(NamedTuple):
    """A mention as a paper names it; ``title`` is masked, ``text`` its first 400 characters."""

    id: int
    at: datetime
    source: str | None
    url: str | None
    kind: str
    title: str
    text: str


class NoticeRow(NamedTuple):
    """One message about an incident, without its words and address."""

    id: int
    level: int
    purpose: str
    role: str
    channel: str
    created_at: datetime
    state: str
    sent_at: datetime | None
    attempts: int


def seen_between(
    session: Session, unit_id: str | None, since: datetime, until: datetime
) -> Iterator[SeenRow]:
    """Yield the mentions about a unit's subtree (``None``: about education) seen in the period."""
    query = (
        sa.select(
            MENTION.c.id,
            MENTION.c.seen_at,
            sa.func.coalesce(MENTION.c.source_name, MENTION.c.source_id),
            MENTION.c.kind,
            MENTION.c.story_id,
            READING.c.sentiment,
            sa.cast(READING.c.topics, sa.Text),
        )
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(*_of_period(unit_id, since, until))
        .order_by(MENTION.c.seen_at, MENTION.c.id)
    )
    return map(SeenRow._make, session.execute(query))


def tones_between(
    session: Session, unit_id: str | None, since: datetime, until: datetime
) -> dict[str, int]:
    """Return how many mentions of a period have each tone."""
    query = (
        sa.select(READING.c.sentiment, sa.func.count())
        .select_from(MENTION.join(READING, READING.c.mention_id == MENTION.c.id))
        .where(*_of_period(unit_id, since, until))
        .group_by(READING.c.sentiment)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def titled(session: Session, ids: Sequence[int]) -> dict[int, Titled]:
    """Return the masked titles of these mentions as they stand now."""
    if not ids:
        return {}
    query = sa.select(
        MENTION.c.id,
        sa.func.coalesce(MENTION.c.published_at, MENTION.c.seen_at, type_=MENTION.c.seen_at.type),
        sa.func.coalesce(MENTION.c.source_name, MENTION.c.source_id),
        MENTION.c.url,
        MENTION.c.kind,
        READING.c.masked_title,
        sa.func.substr(READING.c.masked_text, 1, 400),
    ).join(READING, READING.c.mention_id == MENTION.c.id)
    query = query.where(
        MENTION.c.id.in_(list(ids)), READING.c.revision == MENTION.c.revision
    )  # a text that was edited and not read again may not be shown
    return {row[0]: Titled(*row) for row in session.execute(query)}


def stories_by_id(session: Session, ids: Sequence[int]) -> dict[int, StoryRow]:
    """Return these stories."""
    if not ids:
        return {}
    rows = session.scalars(sa.select(StoryRow).where(STORY.c.id.in_(list(ids))))
    return {row.id: row for row in rows if row.id is not None}


def incidents_opened(
    session: Session, unit_id: str | None, since: datetime, until: datetime
) -> list[IncidentRow]:
    """Return the incidents of a unit's subtree opened in the period, oldest first."""
    query = sa.select(IncidentRow).where(
        INCIDENT.c.opened_at >= since, INCIDENT.c.opened_at < until
    )
    if unit_id is not None:
        query = query.where(scope.incident_in(unit_id))
    return list(session.scalars(query.order_by(INCIDENT.c.opened_at, INCIDENT.c.id)))


def incidents_standing(session: Session, unit_id: str | None) -> list[IncidentRow]:
    """Return the incidents of a unit's subtree that are open now, the gravest first."""
    query = sa.select(IncidentRow).where(INCIDENT.c.state != "closed")
    if unit_id is not None:
        query = query.where(scope.incident_in(unit_id))
    return list(session.scalars(query.order_by(INCIDENT.c.level.desc(), INCIDENT.c.opened_at)))


def tones_of_incident(session: Session, incident_id: int) -> list[tuple[str | None, str, int]]:
    """Return (source, tone, count) of the mentions of an incident's stories."""
    source = sa.func.coalesce(MENTION.c.source_name, MENTION.c.source_id)
    query = (
        sa.select(source, READING.c.sentiment, sa.func.count())
        .select_from(MENTION.join(READING, READING.c.mention_id == MENTION.c.id))
        .where(scope.of_incident(incident_id), MENTION.c.about_education.is_not(False))
        .group_by(source, READING.c.sentiment)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def mentions_of_incident(session: Session, incident_id: int, limit: int) -> list[int]:
    """Return the first mentions of an incident's stories, oldest first."""
    query = (
        sa.select(MENTION.c.id)
        .where(scope.of_incident(incident_id), MENTION.c.about_education.is_not(False))
        .order_by(MENTION.c.seen_at, MENTION.c.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def notices_of(session: Session, incident_id: int) -> list[NoticeRow]:
    """Return the messages sent about an incident, oldest first, without words and addresses."""
    query = (
        sa.select(
            OUTBOX.c.id, OUTBOX.c.level, OUTBOX.c.purpose, OUTBOX.c.role, OUTBOX.c.channel,
            OUTBOX.c.created_at, OUTBOX.c.state, OUTBOX.c.sent_at, OUTBOX.c.attempts,
        )
        .where(OUTBOX.c.incident_id == incident_id)
        .order_by(OUTBOX.c.id)
    )  # fmt: skip
    return [NoticeRow(*row) for row in session.execute(query)]


def unit_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of units."""
    if not ids:
        return {}
    unit: sa.Table = UnitRow.__table__  # type: ignore[attr-defined]
    rows = session.execute(sa.select(unit.c.id, unit.c.name).where(unit.c.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def _of_period(
    unit_id: str | None, since: datetime, until: datetime
) -> list[sa.ColumnElement[bool]]:
    found = [
        MENTION.c.seen_at >= since,
        MENTION.c.seen_at < until,
        READING.c.about_education,
    ]
    if unit_id is not None:
        # EXISTS, not IN: the period leads, and each of its mentions is looked up by its own id.
        found.append(
            sa.exists().where(
                MENTION_UNIT.c.mention_id == MENTION.c.id,
                MENTION_UNIT.c.unit_id.in_(scope.subtree(unit_id)),
            )
        )
    return found


def incident_titles(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the masked titles of incidents as they stand now."""
    if not ids:
        return {}
    rows = session.execute(
        sa.select(INCIDENT.c.id, INCIDENT.c.title).where(INCIDENT.c.id.in_(list(ids)))
    )
    return {row.id: row.title for row in rows}
