"""The communication plan's everyday half: who writes what each month, and what people hand in."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import moment


class WriterRow(SQLModel, table=True):
    """An organisation of a unit that owes articles: its head, the union, a subject group."""

    __tablename__ = "plan_writer"
    __table_args__ = (sa.UniqueConstraint("unit_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    name: str
    head: str = ""
    email: str = ""
    per_month: int = 1
    since: date
    until: date | None = None


class ArticleRow(SQLModel, table=True):
    """One article for the unit's website, from planned to published.

    ``month`` is the one it counts for (``2026-11``). ``state``: planned, submitted, returned,
    approved, published, dropped.
    """

    __tablename__ = "plan_article"
    __table_args__ = (sa.Index("ix_plan_article_unit_month", "unit_id", "month"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str
    writer_id: int = Field(index=True)
    month: str
    title: str
    theme: str = ""
    text: str = ""
    author: str = ""
    due_on: date | None = None
    state: str = "planned"
    created_at: datetime = moment()
    created_by: str = ""
    submitted_at: datetime | None = moment(null=True)
    decided_at: datetime | None = moment(null=True)
    decided_by: str = ""
    note: str = ""
    published_at: datetime | None = moment(null=True)
    published_by: str = ""
    url: str = ""


class FeedbackRow(SQLModel, table=True):
    """One suggestion or complaint handed in, until it is answered.

    Who handed it in is only a kind (a parent, a pupil …). ``reply_to`` is where the answer goes; it
    is wiped once the answer is given. ``masked`` is what pages and papers show.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "year", "number"),
        sa.Index("ix_feedback_unit_received", "unit_id", "received_at"),
        sa.Index(
            "ix_feedback_waiting",
            "unit_id",
            "due_at",
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str
    year: int
    number: int
    received_at: datetime = moment(index=True)
    received_by: str
    channel: str
    kind: str
    sender: str
    topic: str = ""
    text: str
    masked: str
    reply_to: str = ""
    owner: str = ""
    due_at: datetime = moment()
    state: str = "received"
    answered_at: datetime | None = moment(null=True)
    answered_by: str = ""
    answer: str = ""
    incident_id: int | None = Field(default=None, index=True)
