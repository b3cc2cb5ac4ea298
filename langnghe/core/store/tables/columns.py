"""Column kinds that every table shares: aware UTC times and JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Field


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases (SQLite keeps them as naive UTC text)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime for the store: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(*, null: bool = False, index: bool = False) -> Any:
    """Return a field of UTC time."""
    default: Any = None if null else ...
    return Field(default, sa_type=UTCDateTime, nullable=null, index=index)


def blob() -> Any:
    """Return a JSON field, ``{}`` by default."""
    return Field(default_factory=dict, sa_type=sa.JSON, nullable=False)


def listing() -> Any:
    """Return a JSON field, ``[]`` by default."""
    return Field(default_factory=list, sa_type=sa.JSON, nullable=False)
