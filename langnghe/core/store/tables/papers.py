"""Official papers that were given a number, with the facts they were made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, moment


class PaperRow(SQLModel, table=True):
    """One numbered paper; rows are only added.

    ``facts`` are masked and what both its files are laid out from; ``facts_hash`` is SHA-256 over
    their canonical JSON. ``book`` is the letters of its type (BC, HS). ``key`` is made by the form,
    so that a form sent twice takes one number.
    """

    __tablename__ = "paper"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "book", "year", "number", name="uq_paper_number"),
        sa.UniqueConstraint("key", name="uq_paper_key"),
        sa.Index("ix_paper_unit_id", "unit_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    unit_id: str
    kind: str
    incident_id: int | None = Field(default=None, index=True)
    since: datetime | None = moment(null=True)
    until: datetime | None = moment(null=True)
    book: str
    year: int
    number: int
    symbol: str
    abstract: str
    facts: dict[str, Any] = blob()
    facts_hash: str
    numbered_at: datetime = moment()
    numbered_by: str
