"""What a desk has looked at in its stream, what it did in one go, and the filters it keeps.

Marks belong to the desk of a unit, never to a person: who looked at what is nobody's profile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, moment


class TriageMarkRow(SQLModel, table=True):
    """What the desk of a unit thinks of one mention; ``unit_id`` is "" for the whole house."""

    __tablename__ = "triage_mark"
    __table_args__ = (
        sa.Index(
            "ix_triage_mark_starred",
            "unit_id",
            "mention_id",
            sqlite_where=sa.text("starred"),
            postgresql_where=sa.text("starred"),
        ),
        sa.Index(
            "ix_triage_mark_noise",
            "unit_id",
            "mention_id",
            sqlite_where=sa.text("noise"),
            postgresql_where=sa.text("noise"),
        ),
    )
    unit_id: str = Field(primary_key=True)
    mention_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seen: bool = False
    starred: bool = False
    noise: bool = False
    at: datetime = moment()


class TriageBatchRow(SQLModel, table=True):
    """One act on ticked mentions, with all that is needed to take it back as one.

    ``data`` holds ``marks`` (what stood before and after), ``corrections`` and ``decisions`` (ids)
    and ``failed`` (mention and why).
    """

    __tablename__ = "triage_batch"
    __table_args__ = (sa.Index("ix_triage_batch_at", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str
    user_id: int
    at: datetime = moment()
    act: str
    data: dict[str, Any] = blob()
    undone_at: datetime | None = moment(null=True)
    undone_by: int | None = None


class SavedFilterRow(SQLModel, table=True):
    """A filter of the stream under a name; ``shared`` ones belong to the whole desk."""

    __tablename__ = "saved_filter"
    __table_args__ = (sa.Index("ix_saved_filter_desk", "unit_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str
    user_id: int = Field(index=True)
    page: str = "dong-tin"
    name: str
    query: str
    shared: bool = False
    created_at: datetime = moment()
