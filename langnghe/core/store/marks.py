"""Small named marks: heartbeats of the stages, the cursor of a replay, the profile in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import MarkRow

HEARTBEAT = "heartbeat:"
REPLAY = "replay"  # its cursor; where it stands, nothing in the database is live
DRILL = "drill"  # its sheet and cursor; where it stands, nothing in the database is true


def put_mark(
    session: Session, name: str, at: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Write the mark ``name``, replacing what it said before."""
    row = session.get(MarkRow, name)
    if row is None:
        session.add(MarkRow(name=name, at=at, data=dict(data or {})))
    else:
        row.at = at
        row.data = dict(data or {})
    session.flush()


def get_mark(session: Session, name: str) -> MarkRow | None:
    """Return the mark ``name``, or ``None``."""
    return session.get(MarkRow, name)


def heartbeats(session: Session) -> dict[str, datetime]:
    """Return when each stage last finished a turn, by the stage's name."""
    named: sa.Table = MarkRow.__table__  # type: ignore[attr-defined]
    query = sa.select(MarkRow).where(named.c.name.startswith(HEARTBEAT, autoescape=True))
    rows = session.scalars(query)
    return {row.name.removeprefix(HEARTBEAT): row.at for row in rows}
