"""People who sign in, what they looked at, and small marks of the machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, moment


class UserRow(SQLModel, table=True):
    """Somebody who may sign in. ``must_change``: the password was given for one use."""

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
    must_change: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


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
    """Who looked behind a mask, changed a setting or released a text.

    ``seq``, ``digest`` and ``chain`` seal it (``core.store.audit``); a line that waits has none.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_seq", "seq", unique=True),
        sa.Index("ix_audit_action", "action", "id"),
        sa.Index("ix_audit_actor", "actor", "id"),
        sa.Index("ix_audit_actor_action", "actor", "action", "id"),
        sa.Index(
            "ix_audit_unsealed",
            "id",
            sqlite_where=sa.text("seq IS NULL"),
            postgresql_where=sa.text("seq IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment(index=True)
    actor: str
    action: str
    subject: str
    reason: str = ""
    data: dict[str, Any] = blob()
    seq: int | None = None
    digest: str = ""
    chain: str = ""
    redacted_at: datetime | None = moment(null=True)


class MarkRow(SQLModel, table=True):
    """Small named marks: heartbeats of stages, the cursor of a replay, the profile's version."""

    __tablename__ = "mark"
    name: str = Field(primary_key=True)
    at: datetime = moment()
    data: dict[str, Any] = blob()
