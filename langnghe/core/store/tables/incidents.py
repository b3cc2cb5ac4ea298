"""What somebody must answer for, by when, and who was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class IncidentRow(SQLModel, table=True):
    """A matter somebody must answer for: opened by a story at Vàng or above."""

    __tablename__ = "incident"
    __table_args__ = (sa.Index("ix_incident_state_opened", "state", "opened_at"),)
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
    # Who speaks (``alerts.credibility``); people say whether it is true, in ``verification``.
    credibility: dict[str, Any] = blob()
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
    # Who answers for it; empty: whoever holds the owner role of its level.
    owner: str = ""
    owner_user_id: int | None = None
    # The official conclusion: what it says, which body said it, and when.
    outcome: str = ""
    conclusion: str = ""
    concluded_by: str = ""
    concluded_at: datetime | None = moment(null=True)
    merged_into: int | None = Field(default=None, index=True)


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
    __table_args__ = (
        sa.UniqueConstraint("incident_id", "code"),
        sa.Index("ix_step_waiting", "incident_id", "done_at", "due_at"),
    )
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
    link: str = ""
    document: str = ""
    document_at: datetime | None = moment(null=True)


class DeadlineRow(SQLModel, table=True):
    """A moment at which something must have happened. ``seq`` counts the rungs of escalation."""

    __tablename__ = "deadline"
    __table_args__ = (
        sa.UniqueConstraint("incident_id", "kind", "level", "seq"),
        sa.Index("ix_deadline_waiting", "incident_id", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    kind: str
    level: int
    seq: int = 0
    role: str
    due_at: datetime = moment(index=True)
    state: str = Field(default="open", index=True)


class OutboxRow(SQLModel, table=True):
    """One message to one person. ``key`` makes it one per (incident, level, person, purpose).

    ``channel`` and ``recipient`` are the way it goes by now, ``ways`` all it may go by: a failed
    one is followed by the next after ``patience_s`` on it. ``round`` is the incident's; what is
    unsent of a round that was answered is withdrawn. One that is ``grouped`` goes inside another,
    ``digest_id``. ``doubt``: it may have been taken although nobody said so. ``stop``: not to be
    tried again.
    """

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_person", "person", "due_at"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    incident_id: int | None = Field(default=None, index=True)
    level: int
    purpose: str
    round: int = 0
    role: str
    person: str = ""
    name: str = ""
    recipient: str
    channel: str = "email"
    ways: list[dict[str, Any]] = listing()
    way: int = 0
    way_since: datetime | None = moment(null=True)
    patience_s: int = 0
    subject: str
    body_text: str
    body_html: str
    short: str = ""
    data: dict[str, str] = blob()
    calendar: dict[str, Any] = blob()
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
    doubt: bool = False
    stop: bool = False
    digest_id: int | None = Field(default=None, index=True)
