"""Who is on duty and to whom a unit reports: rows of offices, never of people in the news.

Rows laid out from the profile keep ``origin`` (what they are) and ``stated`` (what the profile
said), so that an edit by hand outlives a restart until the profile itself says something new.
``contact`` has the same columns.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import listing, moment


class DutyRow(SQLModel, table=True):
    """One row of the roster. ``days`` are 0..6 from Monday, ``hours`` is ``18:00-06:00``."""

    __tablename__ = "duty"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    role: str
    contact_id: int = Field(index=True)
    since: datetime = moment()
    until: datetime | None = moment(null=True)
    days: list[int] = listing()
    hours: str | None = None
    origin: str = Field(default="", index=True)
    stated: str = ""
    edited: bool = False
    removed_at: datetime | None = moment(null=True)


class LineRow(SQLModel, table=True):
    """One dated row of the reporting chain: to a watched unit, or to an office by name."""

    __tablename__ = "reporting_line"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: str = Field(index=True)
    line: str
    to_unit: str | None = None
    to_name: str = ""
    since: datetime | None = moment(null=True)
    until: datetime | None = moment(null=True)
    basis: str = ""
    origin: str = Field(default="", index=True)
    stated: str = ""
    edited: bool = False
    removed_at: datetime | None = moment(null=True)
