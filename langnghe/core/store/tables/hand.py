"""What people decided about the grouping of mentions, and what stood before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class StoryDecisionRow(SQLModel, table=True):
    """One decision of a person about two stories. Never changed but for being undone.

    ``story_id`` is the story it was made on, ``other_id`` the one it made, joined or set apart.
    ``change`` grows with every decision and every undoing, so that a grouping process catches up by
    reading only newer ones.
    """

    __tablename__ = "story_decision"
    # What stands about whole stories is read often, and without the long lists of mentions.
    __table_args__ = (
        sa.Index("ix_story_decision_standing", "kind", "undone_at", "story_id", "other_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    change: int = Field(index=True)
    kind: str
    story_id: int = Field(index=True)
    other_id: int = Field(index=True)
    mention_ids: list[int] = listing()
    before: dict[str, Any] = blob()
    user_id: int
    at: datetime = moment()
    note: str = ""
    undone_at: datetime | None = moment(null=True)
    undone_by: int | None = None
