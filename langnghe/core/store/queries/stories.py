"""Stories for lists and the story page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.mentions import READING, has_json_word
from langnghe.core.store.queries.scope import MENTION, STORY, UNIT
from langnghe.core.store.tables import StatementRow, StoryMentionRow, StoryRow

MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
STATEMENT: sa.Table = StatementRow.__table__  # type: ignore[attr-defined]
SHOWN_TEXT = 2_500
"""Characters of a masked text that a chronicle looks into."""
BURSTS = 30


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """What to list. ``viewer_unit`` bounds by rights, ``unit`` by wish."""

    viewer_unit: str | None = None
    unit: str | None = None
    topic: str | None = None
    level: int | None = None
    min_mentions: int = 1


def list_stories(
    session: Session, wanted: StoryFilter, *, cursor: str | None, limit: int
) -> Page[StoryRow]:
    """Return a page, newest story first. A story keeps its place while it grows."""
    key = read_cursor(cursor, timed=False)
    query = sa.select(StoryRow).order_by(STORY.c.id.desc())
    query = query.where(STORY.c.mention_count >= wanted.min_mentions)
    if wanted.viewer_unit is not None:
        query = query.where(scope.story_in(wanted.viewer_unit))
    if wanted.unit:
        query = query.where(scope.story_in(wanted.unit))
    if wanted.topic:
        query = query.where(has_json_word(STORY.c.topics, f'"{wanted.topic}"'))
    if wanted.level is not None:
        query = query.where(STORY.c.level == wanted.level)
    if key is not None:
        query = query.where(STORY.c.id < key.id)
    rows = session.scalars(query.limit(limit + 1)).all()
    return page_of(rows, limit, lambda row: Key(row.id or 0))


def get_story(session: Session, story_id: int, *, viewer_unit: str | None) -> StoryRow:
    """Return one story. Raises NotFoundError also when it lies outside the viewer's units."""
    query = sa.select(StoryRow).where(STORY.c.id == story_id)
    if viewer_unit is not None:
        query = query.where(scope.story_in(viewer_unit))
    row = session.scalars(query).first()
    if row is None:
        raise NotFoundError("Không có cụm tin này, hoặc cụm tin ngoài phạm vi của bạn.")
    return row


class TellingRow(NamedTuple):
    """One read mention of a story, without its text. ``title`` is masked, ``facts`` is raw JSON.

    ``title_length`` is that of the title as published: spans of facts count from its start.
    """

    id: int
    copy_of: int | None
    kind: str
    source_id: str | None
    source_name: str | None
    url: str | None
    published_at: datetime | None
    seen_at: datetime
    stance: str
    title: str
    title_length: int
    facts: str

    def parsed_facts(self) -> list[dict[str, Any]]:
        """Return the facts as the reading states them."""
        found: list[dict[str, Any]] = json.loads(self.facts)
        return found


def tellings(session: Session, story_id: int, *, viewer_unit: str | None) -> Iterator[TellingRow]:
    """Yield every mention of a story that the viewer may see and whose reading is current."""
    query = (
        sa.select(
            MENTION.c.id, MEMBER.c.copy_of, MENTION.c.kind, MENTION.c.source_id,
            MENTION.c.source_name, MENTION.c.url, MENTION.c.published_at, MENTION.c.seen_at,
            READING.c.stance, READING.c.masked_title,
            sa.func.coalesce(sa.func.length(MENTION.c.title), 0),
            sa.cast(READING.c.facts, sa.Text),
        )
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .outerjoin(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .where(MENTION.c.story_id == story_id, READING.c.revision == MENTION.c.revision)
    )  # fmt: skip
    if viewer_unit is not None:
        query = query.where(scope.mention_in(viewer_unit))
    return map(TellingRow._make, session.execute(query))


def masked_texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the masked text (title included, its first 2,500 characters) of these mentions."""
    query = sa.select(
        READING.c.mention_id, sa.func.substr(READING.c.masked_text, 1, SHOWN_TEXT)
    ).where(READING.c.mention_id.in_(list(ids)))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}


def corrections_released(
    session: Session, story_id: int, templates: Sequence[str]
) -> list[tuple[StatementRow, str]]:
    """Return the corrections released about a story or its incident, each with its unit's name.

    What was released is public, whoever asks; those withdrawn since stay, ``withdrawn_at`` says so.
    """
    incident = sa.select(STORY.c.incident_id).where(STORY.c.id == story_id).scalar_subquery()
    told = sa.select(MENTION.c.id).where(
        MENTION.c.id == STATEMENT.c.mention_id, MENTION.c.story_id == story_id
    )
    query = (
        sa.select(StatementRow, UNIT.c.name)
        .outerjoin(UNIT, UNIT.c.id == STATEMENT.c.unit_id)
        .where(
            STATEMENT.c.template.in_(list(templates)),
            STATEMENT.c.released_at.is_not(None),
            sa.or_(
                STATEMENT.c.story_id == story_id,
                STATEMENT.c.incident_id == incident,
                told.exists(),
            ),
        )
        .order_by(STATEMENT.c.released_at.desc(), STATEMENT.c.id.desc())
        .limit(BURSTS)
    )
    return [(row[0], row[1] or row[0].unit_id) for row in session.execute(query)][::-1]


def story_event(session: Session, row: StoryRow, *, viewer_unit: str | None) -> list[StoryRow]:
    """Return the stories (bursts) of one affair, this one among them, oldest first.

    Empty where the story stands alone. Only what the viewer may see; the newest thirty.
    """
    if row.event_id is None:
        return []
    query = sa.select(StoryRow).where(STORY.c.event_id == row.event_id, STORY.c.mention_count > 0)
    if viewer_unit is not None:
        query = query.where(scope.story_in(viewer_unit))
    query = query.order_by(STORY.c.first_at.desc(), STORY.c.id.desc()).limit(BURSTS)
    found = list(session.scalars(query))[::-1]
    return found if any(other.id != row.id for other in found) else []
