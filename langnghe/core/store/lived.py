"""Which stories of a store are worth living again, to learn from them or to be measured by them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.mentions import MENTION
from langnghe.core.store.stories import STORY


def stories_about_education(
    session: Session, since: datetime | None = None, until: datetime | None = None
) -> list[int]:
    """Return the ids, oldest first, of stories with a mention about education.

    ``since`` and ``until`` (not included) bound when the story began.
    """
    told = sa.select(MENTION.c.id).where(
        MENTION.c.story_id == STORY.c.id, MENTION.c.about_education.is_(True)
    )
    query = sa.select(STORY.c.id).where(told.exists()).order_by(STORY.c.id)
    if since is not None:
        query = query.where(STORY.c.first_at >= since)
    if until is not None:
        query = query.where(STORY.c.first_at < until)
    return list(session.scalars(query))
