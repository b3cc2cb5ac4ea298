"""Table rows. ``table=True`` does not validate, so rows are built only from validated objects.

State lives here and only here: the engine may be killed at any moment, and a sweep over the
``stage``, ``*_due`` and ``state`` columns derives what is left to do. No table holds a profile of a
person: authors are keyed hashes, contacts and users are people in office.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases (SQLite keeps them as naive UTC text)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime for the store: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(*, null: bool = False, index: bool = False) -> Any:
    """Return a field of UTC time."""
    default: Any = None if null else ...
    return Field(default, sa_type=UTCDateTime, nullable=null, index=index)


def blob() -> Any:
    """Return a JSON field, ``{}`` by default."""
    return Field(default_factory=dict, sa_type=sa.JSON, nullable=False)


def listing() -> Any:
    """Return a JSON field, ``[]`` by default."""
    return Field(default_factory=list, sa_type=sa.JSON, nullable=False)


# mention.stage: what is left to do with it
NEW, READ, DONE = 0, 1, 2


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
    """A person in office to be told about a unit's incidents."""

    __tablename__ = "contact"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    role: str
    name: str
    email: str | None = None
    phone: str | None = None


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
        sa.Index("ix_mention_seen", "seen_at", "id"),
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
    author_hash: str | None = None
    problems: list[str] = listing()
    revision: int = 1
    stage: int = NEW
    about_education: bool | None = Field(default=None, index=True)
    story_id: int | None = Field(default=None, index=True)


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
    undone_at: datetime | None = moment(null=True)
    undone_by: int | None = None


class MentionUnitRow(SQLModel, table=True):
    """Which watched unit a mention speaks of."""

    __tablename__ = "mention_unit"
    mention_id: int = Field(primary_key=True)
    unit_id: str = Field(primary_key=True, index=True)
    confidence: float


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
    assess_due: bool = False
    act_due: bool = False
    incident_id: int | None = Field(default=None, index=True)


class StoryMentionRow(SQLModel, table=True):
    """Membership of a mention in a story; a repost is kept apart from an own report.

    ``id`` grows with every decision, so a grouping process catches up by reading only newer ones.
    """

    __tablename__ = "story_mention"
    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(index=True)
    mention_id: int = Field(unique=True)
    copy_of: int | None = None
    similarity: float = 0.0
    at: datetime = moment()


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


class IncidentRow(SQLModel, table=True):
    """A matter somebody must answer for: opened by a story at Vàng or above."""

    __tablename__ = "incident"
    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(index=True)
    unit_id: str = Field(index=True)
    title: str
    summary: str = ""
    gist: dict[str, Any] = blob()
    level: int = Field(index=True)
    peak_level: int
    score: float
    state: str = Field(default="new", index=True)
    verification: str = "unverified"
    topics: list[str] = listing()
    reasons: list[dict[str, Any]] = listing()
    parts: dict[str, Any] = blob()
    nearest: str = ""
    opened_at: datetime = moment(index=True)
    updated_at: datetime = moment()
    acknowledged_at: datetime | None = moment(null=True)
    acknowledged_by: str | None = None
    closed_at: datetime | None = moment(null=True)
    policy_version: str
    replayed: bool = False


class IncidentEventRow(SQLModel, table=True):
    """The append-only timeline; its id is also the cursor of the live stream."""

    __tablename__ = "incident_event"
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    at: datetime = moment()
    kind: str
    actor: str
    text: str
    data: dict[str, Any] = blob()


class StepRow(SQLModel, table=True):
    """One step of the playbook for one incident."""

    __tablename__ = "step"
    __table_args__ = (sa.UniqueConstraint("incident_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    code: str
    position: int
    title: str
    detail: str = ""
    role: str
    evidence: str = ""
    due_at: datetime | None = moment(null=True)
    done_at: datetime | None = moment(null=True)
    done_by: str | None = None
    note: str = ""


class DeadlineRow(SQLModel, table=True):
    """A moment at which something must have happened. ``seq`` counts the rungs of escalation."""

    __tablename__ = "deadline"
    __table_args__ = (sa.UniqueConstraint("incident_id", "kind", "level", "seq"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    kind: str
    level: int
    seq: int = 0
    role: str
    due_at: datetime = moment(index=True)
    state: str = Field(default="open", index=True)


class OutboxRow(SQLModel, table=True):
    """One message to one person. ``key`` makes it one per (incident, level, recipient, purpose)."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    incident_id: int | None = Field(default=None, index=True)
    level: int
    purpose: str
    role: str
    recipient: str
    channel: str = "email"
    subject: str
    body_text: str
    body_html: str
    headers: dict[str, str] = blob()
    message_id: str
    created_at: datetime = moment()
    due_at: datetime = moment(index=True)
    state: str = Field(default="due", index=True)
    attempts: int = 0
    fence: int = 0
    lease_until: datetime | None = moment(null=True)
    sent_at: datetime | None = moment(null=True)
    last_error: str = ""


class UserRow(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "user_account"
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    name: str = ""
    email: str | None = None
    password_hash: str
    role: str
    unit_id: str | None = None
    active: bool = True
    created_at: datetime = moment()


class SessionRow(SQLModel, table=True):
    """A signed-in browser or an API token, kept only as the hash of its secret."""

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True)
    user_id: int = Field(index=True)
    kind: str = "browser"
    name: str = ""
    csrf: str = ""
    created_at: datetime = moment()
    expires_at: datetime = moment(index=True)
    last_used_at: datetime | None = moment(null=True)


class AuditRow(SQLModel, table=True):
    """Who looked behind a mask, changed a setting or released a text."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment(index=True)
    actor: str
    action: str
    subject: str
    reason: str = ""
    data: dict[str, Any] = blob()


class MarkRow(SQLModel, table=True):
    """Small named marks: heartbeats of stages, the cursor of a replay, the profile's version."""

    __tablename__ = "mark"
    name: str = Field(primary_key=True)
    at: datetime = moment()
    data: dict[str, Any] = blob()
