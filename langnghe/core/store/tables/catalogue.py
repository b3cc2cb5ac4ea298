"""How much each source brought, day by day, so that no page has to count mentions."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field, SQLModel


class SourceDayRow(SQLModel, table=True):
    """New mentions of one source on one Vietnamese day; no row means none."""

    __tablename__ = "source_day"
    source_id: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True, index=True)
    heard: int = 0
