"""Counts of days by unit and topic, what is usual of each, and what is unusual now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class WatchDayRow(SQLModel, table=True):
    """A Vietnamese day that was counted. ``touched``: its mentions changed, count it again.

    A day that was not ``listened`` to says nothing about any unit; a day without a row neither.
    """

    __tablename__ = "watch_day"
    day: dt.date = Field(primary_key=True)
    heard: int = 0
    listened: bool = True
    touched: bool = False
    counted_at: dt.datetime = moment()


class WatchCountRow(SQLModel, table=True):
    """Mentions of a unit (and all below it) and a topic ("" = all) on a day; no row means none."""

    __tablename__ = "watch_count"
    __table_args__ = (sa.Index("ix_watch_count_series", "unit_id", "topic", "day"),)
    day: dt.date = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    originals: int
    copies: int = 0
    mention_ids: list[int] = listing()
    story_ids: list[int] = listing()


class WatchStateRow(SQLModel, table=True):
    """What is known of one unit and topic up to and including ``through``."""

    __tablename__ = "watch_state"
    unit_id: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    through: dt.date
    alarm: bool = Field(default=False, index=True)
    data: dict[str, Any] = blob()


class UnusualRow(SQLModel, table=True):
    """More than usual about a unit and a topic, from ``since`` until it was over."""

    __tablename__ = "unusual"
    __table_args__ = (
        sa.Index(
            "ix_unusual_open",
            "unit_id",
            "topic",
            "kind",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    topic: str
    kind: str
    since: dt.date
    through: dt.date
    opened_at: dt.datetime = moment()
    closed_at: dt.datetime | None = moment(null=True)
    closed_because: str = ""
    seen: int
    expected: float
    once_in_days: float
    strength: float
    unit_ids: list[str] = listing()
    mention_ids: list[int] = listing()
    story_ids: list[int] = listing()
    text: str = ""
