"""Stories for lists and the story page."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.mentions import has_json_word
from langnghe.core.store.queries.scope import STORY
from langnghe.core.store.tables import StoryRow


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
