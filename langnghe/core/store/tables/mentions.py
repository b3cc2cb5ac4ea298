"""What was heard, from whom, and what was understood of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class UnitRow(SQLModel, table=True):
    """A watched unit, copied from the profile so that queries can join it."""

    __tablename__ = "unit"
    id: str = Field(primary_key=True)
    kind: str
    name: str
    parent_id: str | None = Field(default=None, index=True)
    data: dict[str, Any] = blob()
    active: bool = True


class ContactRow(SQLModel, table=True):
    """A person in office to be told about a unit's incidents (``core.types.Contact``)."""

    __tablename__ = "contact"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    role: str
    name: str
    email: str | None = None
    phone: str | None = None
    zalo: str | None = None
    telegram: str | None = None
    webhook: str | None = None
    apprise: str | None = None
    ways: list[str] = listing()
    quiet: str | None = None
    # What the profile laid down and what people changed since: see ``tables.people``.
    origin: str = Field(default="", index=True)
    stated: str = ""
    edited: bool = False
    removed_at: datetime | None = moment(null=True)


class SourceRow(SQLModel, table=True):
    """One public source and its health."""

    __tablename__ = "source"
    id: str = Field(primary_key=True)
    name: str
    kind: str
    url: str
    tier: int = 3
    place: str | None = None
    interval_minutes: int = 30
    enabled: bool = True
    config: dict[str, Any] = blob()
    poll_state: dict[str, Any] = blob()
    next_due_at: datetime | None = moment(null=True, index=True)
    state: str = "unchecked"
    reason: str = ""
    mend: str = ""
    since: datetime | None = moment(null=True)
    last_poll_at: datetime | None = moment(null=True)
    last_ok_at: datetime | None = moment(null=True)
    last_item_at: datetime | None = moment(null=True)
    item_count: int = 0
    failures: int = 0
    # Named by the catalogue or added on the page; one that left both keeps its history.
    declared: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})


# mention.stage: what is left to do with it
NEW, READ, DONE = 0, 1, 2


class MentionRow(SQLModel, table=True):
    """One article, post or comment, identified by its canonical URL (or the source's own id)."""

    __tablename__ = "mention"
    __table_args__ = (
        sa.Index(
            "ix_mention_todo",
            "stage",
            "id",
            sqlite_where=sa.text("stage < 2"),
            postgresql_where=sa.text("stage < 2"),
        ),
        # Says all that walking the stream asks for: the rows themselves carry whole articles.
        sa.Index("ix_mention_stream", "seen_at", "id", "about_education", "kind", "story_id"),
        sa.Index("ix_mention_story_seen", "story_id", "seen_at", "id"),
        sa.Index("ix_mention_source_seen", "source_id", "seen_at", "id"),
        sa.Index("ix_mention_source_name_seen", "source_name", "seen_at", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    external_id: str = ""
    kind: str = "news"
    source_id: str | None = Field(default=None, index=True)
    source_name: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    published_at: datetime | None = moment(null=True)
    seen_at: datetime = moment()
    title: str | None = None
    text: str | None = None
    folded: str = ""
    content_hash: str
    author_hash: str | None = Field(default=None, index=True)
    problems: list[str] = listing()
    revision: int = 1
    stage: int = NEW
    about_education: bool | None = Field(default=None, index=True)
    story_id: int | None = Field(default=None, index=True)
    # Its words were deleted; that it was heard, when and where, stays. It is not taken in again.
    purged_at: datetime | None = moment(null=True)


class MentionRevisionRow(SQLModel, table=True):
    """What an edited mention said before."""

    __tablename__ = "mention_revision"
    __table_args__ = (sa.UniqueConstraint("mention_id", "revision"),)
    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = Field(index=True)
    revision: int
    title: str | None = None
    text: str | None = None
    content_hash: str
    seen_at: datetime = moment()


class ReadingRow(SQLModel, table=True):
    """What was understood of a mention's current revision; only its masked text may be shown."""

    __tablename__ = "reading"
    __table_args__ = (sa.Index("ix_reading_stance", "stance", "mention_id"),)
    mention_id: int = Field(primary_key=True)
    revision: int
    model: str
    about_education: bool
    about_education_p: float
    scope: str
    sentiment: str
    sentiment_p: dict[str, float] = blob()
    topics: list[dict[str, Any]] = listing()
    risk: int
    risk_p: list[float] = listing()
    stance: str
    facts: list[dict[str, Any]] = listing()
    units: list[dict[str, Any]] = listing()
    undecided: list[dict[str, Any]] = listing()
    note: str | None = None
    masked_title: str = ""
    masked_text: str = ""
    # What the machine said, kept beside it once a person's word stands in the columns above.
    machine: dict[str, Any] | None = Field(
        default=None,
        sa_type=sa.JSON(none_as_null=True),
        nullable=True,
    )


class CorrectionRow(SQLModel, table=True):
    """One thing a person set right about a mention. Never changed but for being taken back.

    ``revision`` is the revision of the text they had before them; of several that stand for one
    ``field`` the newest holds.
    """

    __tablename__ = "correction"
    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = Field(index=True)
    story_id: int | None = None
    revision: int
    field: str
    value: Any = Field(default=None, sa_type=sa.JSON, nullable=False)
    note: str = ""
    user_id: int
    at: datetime = moment()
    undone_at: datetime | None = moment(null=True, index=True)
    undone_by: int | None = None


class MentionUnitRow(SQLModel, table=True):
    """Which watched unit a mention speaks of."""

    __tablename__ = "mention_unit"
    __table_args__ = (sa.Index("ix_mention_unit_of", "unit_id", "mention_id"),)
    mention_id: int = Field(primary_key=True)
    unit_id: str = Field(primary_key=True, index=True)
    confidence: float
