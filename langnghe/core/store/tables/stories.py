"""Which mentions speak of one event, and what must be covered in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class StoryRow(SQLModel, table=True):
    """Mentions of one event. ``assess_due`` and ``act_due`` are the work left to do."""

    __tablename__ = "story"
    __table_args__ = (
        sa.Index(
            "ix_story_assess_due",
            "assess_due",
            sqlite_where=sa.text("assess_due"),
            postgresql_where=sa.text("assess_due"),
        ),
        sa.Index(
            "ix_story_act_due",
            "act_due",
            sqlite_where=sa.text("act_due"),
            postgresql_where=sa.text("act_due"),
        ),
        sa.Index(
            "ix_story_set_aside",
            "set_aside",
            sqlite_where=sa.text("set_aside <> ''"),
            postgresql_where=sa.text("set_aside <> ''"),
        ),
        sa.Index("ix_story_level_last", "level", "last_at", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    title: str = ""
    summary: str = ""
    # Whatever of it may be shown is taken word for word from masked texts (``alerts.gist``).
    gist: dict[str, Any] = blob()
    first_at: datetime = moment()
    last_at: datetime = moment(index=True)
    mention_count: int = 0
    copy_count: int = 0
    source_count: int = 0
    unit_id: str | None = Field(default=None, index=True)
    units: list[str] = listing()
    topics: list[str] = listing()
    level: int = Field(default=0, index=True)
    score: float = 0.0
    parts: dict[str, Any] = blob()
    reasons: list[dict[str, Any]] = listing()
    nearest: str = ""
    policy_version: str = ""
    assessed_at: datetime | None = moment(null=True)
    # Who speaks (``alerts.credibility``), and what a forecast needs; empty before the first.
    credibility: dict[str, Any] = blob()
    forecast: dict[str, Any] = blob()
    # Why weighing or acting on it failed; "" while it is well. It is tried again when it grows.
    set_aside: str = ""
    assess_due: bool = False
    act_due: bool = False
    incident_id: int | None = Field(default=None, index=True)
    # Stories of one affair share a number: that of the story it began with.
    event_id: int | None = Field(default=None, index=True)
    # What grouping knows this story by once its texts have left memory: JSON, read by it alone.
    print: str | None = None


class StoryMentionRow(SQLModel, table=True):
    """Membership of a mention in a story; a repost is kept apart from an own report.

    ``id`` grows with every decision, so a grouping process catches up by reading only newer ones.
    A ``pinned`` one stands where a person put it.
    """

    __tablename__ = "story_mention"
    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(index=True)
    mention_id: int = Field(unique=True)
    copy_of: int | None = None
    similarity: float = 0.0
    at: datetime = moment()
    pinned: bool = False


class StoryChildRow(SQLModel, table=True):
    """A spelling of a child's name in a story, as a hash under the story's salt (both hex)."""

    __tablename__ = "story_child"
    story_id: int = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    salt: str


class MaskDueRow(SQLModel, table=True):
    """A mention whose shown text must be covered again, for its story has named a child."""

    __tablename__ = "mask_due"
    mention_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    story_id: int
