"""Decisions about stories as lessons for grouping: what stands, and the mentions it was about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.hand import Decision
from langnghe.core.store.hand import decisions
from langnghe.core.store.mentions import READING
from langnghe.core.store.parts import parts
from langnghe.core.store.stories import STORY, ReadMention, members_by_id

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def taught(session: Session) -> list[tuple[Decision, dict[int, ReadMention]]]:
    """Return every standing decision with those of its mentions that are still stored."""
    found = []
    for decision in decisions(session):
        keys = ("moved", "left", "there")
        ids = sorted({int(i) for key in keys for i in decision.before.get(key, ())})
        mentions = members_by_id(session, ids, _EVER)
        found.append((decision, {mention.id: mention for mention in mentions}))
    return found


def masked_texts(session: Session, mention_ids: Iterable[int]) -> dict[int, str]:
    """Return what of each mention may be shown: title and text, covered."""
    ids = sorted(set(mention_ids))
    query = sa.select(READING.c.mention_id, READING.c.masked_title, READING.c.masked_text)
    found: dict[int, str] = {}
    for part in parts(ids):
        for row in session.execute(query.where(READING.c.mention_id.in_(part))):
            title, text = row.masked_title, row.masked_text
            found[row.mention_id] = text if text.startswith(title) else f"{title}. {text}"
    return found


def story_titles(session: Session, story_ids: Iterable[int]) -> dict[int, str]:
    """Return the masked title of each story."""
    query = sa.select(STORY.c.id, STORY.c.title).where(STORY.c.id.in_(sorted(set(story_ids))))
    return {row.id: row.title for row in session.execute(query)}
