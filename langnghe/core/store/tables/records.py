"""Keeping and forgetting: what may not be deleted yet, and who asked about their own data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, moment


class LegalHoldRow(SQLModel, table=True):
    """An order to keep: nothing of the subject is deleted until the hold is released."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        sa.Index(
            "ix_legal_hold_standing",
            "kind",
            "subject_id",
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str  # incident | story | mention
    subject_id: int
    reason: str
    ordered_by: str
    placed_at: datetime = moment()
    released_at: datetime | None = moment(null=True)
    released_by: str | None = None
    released_why: str = ""


class SubjectRequestRow(SQLModel, table=True):
    """Somebody asked what is kept about them, or to have it deleted.

    What they are called is not kept: ``subject`` is a keyed hash that tells only whether a later
    command speaks of the same name.
    """

    __tablename__ = "subject_request"
    id: int | None = Field(default=None, primary_key=True)
    received_at: datetime = moment(index=True)
    due_at: datetime = moment()
    by: str  # handle | text
    subject: str
    proof: str = ""  # how the person showed who they are
    actor: str
    done: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON, nullable=False)
    answered_at: datetime | None = moment(null=True)
    answer: str = ""
    data: dict[str, Any] = blob()
