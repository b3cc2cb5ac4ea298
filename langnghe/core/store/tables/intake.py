"""What people hand in by themselves: reports, who gave them, what came with them, and the doors.

The words of a report stand here only while it waits or was set aside; once it is taken up they are
a mention's. Who reported stands apart from what was reported, with an end of its own.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import moment


class IntakeRow(SQLModel, table=True):
    """One report. ``state``: waiting, accepted, joined (a mention was known), aside.

    ``receipt`` is what the reporter may ask after it by; ``token`` what makes a form sent twice one
    report. ``unit_name`` is what the unit was called then. ``risk`` is what the reader made of a
    report that waits, ``told_at`` when the officer was told of a grave one. ``visit`` says whether
    the page behind the link is still to be read: "", due, done, failed.
    """

    __tablename__ = "intake"
    __table_args__ = (
        sa.Index("ix_intake_unit_state", "unit_id", "state", "id"),
        sa.Index(
            "ix_intake_unread",
            "id",
            sqlite_where=sa.text("state = 'waiting' AND read_at IS NULL"),
            postgresql_where=sa.text("state = 'waiting' AND read_at IS NULL"),
        ),
        sa.Index(
            "ix_intake_grave",
            "id",
            sqlite_where=sa.text("state = 'waiting' AND risk >= 2 AND told_at IS NULL"),
            postgresql_where=sa.text("state = 'waiting' AND risk >= 2 AND told_at IS NULL"),
        ),
        sa.Index(
            "ix_intake_visit",
            "visit_at",
            sqlite_where=sa.text("visit = 'due'"),
            postgresql_where=sa.text("visit = 'due'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str
    unit_name: str = ""
    channel: str
    state: str = "waiting"
    receipt: str = Field(unique=True)
    token: str | None = Field(default=None, unique=True)
    received_at: datetime = moment(index=True)
    heard_at: datetime | None = moment(null=True)
    taken_by: str = ""
    taken_id: int | None = None
    text: str = ""
    masked: str = ""
    link: str = ""
    mention_id: int | None = Field(default=None, index=True)
    note: str = ""
    risk: int | None = None
    read_at: datetime | None = moment(null=True)
    told_at: datetime | None = moment(null=True)
    decided_at: datetime | None = moment(null=True)
    decided_by: str = ""
    why: str = ""
    visit: str = ""
    visit_at: datetime | None = moment(null=True)
    visit_tries: int = 0
    # How often it was taken up: a mention taken back is purged and never comes in again.
    turns: int = 0


class IntakeContactRow(SQLModel, table=True):
    """Who reported, where they said so: shown covered, deleted at ``until``."""

    __tablename__ = "intake_contact"
    intake_id: int = Field(primary_key=True)
    name: str = ""
    phone: str = ""
    until: datetime = moment(index=True)


class IntakeFileRow(SQLModel, table=True):
    """A picture or paper that came with a report; its bytes lie where all evidence lies."""

    __tablename__ = "intake_file"
    id: int | None = Field(default=None, primary_key=True)
    intake_id: int = Field(index=True)
    name: str
    media_type: str
    size: int
    sha256: str = Field(index=True)
    received_sha256: str
    shows_child: bool = True
    added_at: datetime = moment()
    added_by: str = ""


class IntakeDoorRow(SQLModel, table=True):
    """The public form of one unit: whether it is open, under which code, and whom to ring."""

    __tablename__ = "intake_door"
    unit_id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    open: bool = False
    uploads: bool = False
    phone: str = ""
    since: datetime = moment()
    by: str = ""


class IntakeHitRow(SQLModel, table=True):
    """One use of a public form, to count: a keyed hash that changes daily, kept for a day."""

    __tablename__ = "intake_hit"
    __table_args__ = (
        sa.Index("ix_intake_hit_place", "place", "at"),
        sa.Index("ix_intake_hit_unit", "unit_id", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    place: str
    unit_id: str
    at: datetime = moment(index=True)
