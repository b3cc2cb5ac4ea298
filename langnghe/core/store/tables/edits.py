"""What people changed on the screen, laid over the files of the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, moment


class EditRow(SQLModel, table=True):
    """One change of one thing; rows are only added, the newest of a ``kind`` and ``key`` counts.

    ``value`` is the whole new content under the name ``is``; ``{}`` gives the word back to the
    file. Secrets never stand here.
    """

    __tablename__ = "house_edit"
    __table_args__ = (sa.Index("ix_house_edit_kind", "kind", "key", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment()
    actor: str
    kind: str
    key: str
    value: dict[str, Any] = blob()
