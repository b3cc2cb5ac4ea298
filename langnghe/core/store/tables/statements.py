"""What is said in the unit's name, every version of it, and who may let it out.

A released text never changes: the database itself refuses (migration 0013), because a text that
newspapers have quoted must be the text that the register shows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class StatementRow(SQLModel, table=True):
    """One text to be said in a unit's name, from draft to withdrawn.

    ``corrects_id`` is the released text it puts right, ``story_id`` or ``mention_id`` the rumour it
    answers. ``release_key`` and ``number`` are given at release only; ``text_hash`` is SHA-256 over
    the canonical text (``alerts.statements.draft``).
    """

    __tablename__ = "statement"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "year", "number", name="uq_statement_number"),
        sa.Index("ix_statement_unit_state", "unit_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    incident_id: int | None = Field(default=None, index=True)
    story_id: int | None = Field(default=None, index=True)
    mention_id: int | None = Field(default=None, index=True)
    corrects_id: int | None = Field(default=None, index=True)
    template: str
    template_version: str
    audience: str
    topics: list[str] = listing()
    title: str
    text: str
    fields: dict[str, Any] = blob()
    state: str = "draft"
    version: int = 1
    created_at: datetime = moment()
    created_by: int
    created_name: str = ""
    updated_at: datetime = moment()
    updated_by: int
    approved_at: datetime | None = moment(null=True)
    approved_by: int | None = None
    approved_name: str = ""
    released_at: datetime | None = moment(null=True, index=True)
    released_by: int | None = None
    released_name: str = ""
    delegation_id: int | None = None
    year: int | None = None
    number: int | None = None
    text_hash: str = ""
    withdrawn_at: datetime | None = moment(null=True)
    withdrawn_by: int | None = None
    withdrawn_name: str = ""
    withdrawn_reason: str = ""


class StatementVersionRow(SQLModel, table=True):
    """A text as it once stood. Rows are only added."""

    __tablename__ = "statement_version"
    __table_args__ = (sa.UniqueConstraint("statement_id", "version", name="uq_statement_version"),)
    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = Field(index=True)
    version: int
    at: datetime = moment()
    user_id: int
    user_name: str
    title: str
    text: str
    fields: dict[str, Any] = blob()


class StatementActRow(SQLModel, table=True):
    """What somebody did to a statement and said about it. Rows are only added."""

    __tablename__ = "statement_act"
    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = Field(index=True)
    at: datetime = moment()
    user_id: int
    user_name: str
    kind: str
    version: int
    note: str = ""


class StatementPlaceRow(SQLModel, table=True):
    """Where a released text stands: a channel and its address. Rows are only added."""

    __tablename__ = "statement_place"
    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = Field(index=True)
    at: datetime = moment()
    user_id: int
    channel: str
    url: str = ""


class DelegationRow(SQLModel, table=True):
    """A written delegation of the spokesperson: who, for which unit and topics, from and until.

    No ``topics`` means all. ``paper`` is the SHA-256 of the signed file.
    """

    __tablename__ = "delegation"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    user_id: int = Field(index=True)
    topics: list[str] = listing()
    from_at: datetime = moment()
    until_at: datetime = moment()
    document_number: str
    paper: str
    granted_at: datetime = moment()
    granted_by: int
    granted_name: str = ""
    revoked_at: datetime | None = moment(null=True)
    revoked_by: int | None = None
    revoked_reason: str = ""


class DelegationPaperRow(SQLModel, table=True):
    """The signed file of a delegation, byte for byte, known by its SHA-256."""

    __tablename__ = "delegation_paper"
    sha256: str = Field(primary_key=True)
    name: str
    content: bytes = Field(sa_type=sa.LargeBinary, nullable=False)
    at: datetime = moment()


class NumberBookRow(SQLModel, table=True):
    """The last number given in one book of one unit in one year."""

    __tablename__ = "number_book"
    unit_id: str = Field(primary_key=True)
    book: str = Field(primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int
