"""Daily tallies for the overview, so that no page ever counts history."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import moment


class BoardDayRow(SQLModel, table=True):
    """What was heard on a Vietnamese day over all sources; the day may not be over."""

    __tablename__ = "board_day"
    day: dt.date = Field(primary_key=True)
    heard: int = 0
    sources: int = 0
    counted_at: dt.datetime = moment()


class BoardCountRow(SQLModel, table=True):
    """Mentions about a unit (and all below it) and a topic ("" = all) on a day; no row means none.

    ``originals`` is what the alarm's model counts (``watch_count``); ``neg``, ``neu`` and ``pos``
    hold every mention about education, copies included, as the weekly paper counts them. ``week``
    numbers weeks from Monday on (``core.schoolyear``).
    """

    __tablename__ = "board_count"
    __table_args__ = (
        sa.Index("ix_board_count_day", "day"),
        sa.Index("ix_board_count_week", "unit_id", "week"),
    )
    unit_id: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    week: int
    originals: int = 0
    neg: int = 0
    neu: int = 0
    pos: int = 0
