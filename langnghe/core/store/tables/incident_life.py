"""What people add to an incident in the course of its life: files, reviews, and mergers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, moment


class AttachmentRow(SQLModel, table=True):
    """A file that proves something about an incident; withdrawn perhaps, never deleted.

    ``sha256`` names the bytes that are kept; ``received_sha256`` those that were handed in, which
    differ where the place and device a picture was taken with were cut out of it.
    """

    __tablename__ = "attachment"
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    step_code: str | None = None
    name: str
    media_type: str
    size: int
    sha256: str = Field(index=True)
    received_sha256: str
    shows_child: bool = True
    added_at: datetime = moment()
    added_by: str
    note: str = ""
    withdrawn_at: datetime | None = moment(null=True)
    withdrawn_by: str | None = None
    withdrawn_why: str = ""


class ReviewRow(SQLModel, table=True):
    """One version of what was learned from an incident (the after-action form)."""

    __tablename__ = "incident_review"
    __table_args__ = (sa.UniqueConstraint("incident_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    version: int
    at: datetime = moment()
    by: str
    fields: dict[str, Any] = blob()


class MergerRow(SQLModel, table=True):
    """One incident went on in another; ``before`` holds what undoing must put back."""

    __tablename__ = "incident_merger"
    id: int | None = Field(default=None, primary_key=True)
    merged_id: int = Field(index=True)
    survivor_id: int = Field(index=True)
    at: datetime = moment()
    by: str
    reason: str
    before: dict[str, Any] = blob()
    undone_at: datetime | None = moment(null=True)
    undone_by: str | None = None
    undone_why: str = ""


class TimelinePassRow(SQLModel, table=True):
    """Leave, inside one transaction, to touch the append-only timeline (``core.store.timeline``).

    The row is gone before the transaction ends, so no other one ever sees it.
    """

    __tablename__ = "timeline_pass"
    why: str = Field(primary_key=True)
