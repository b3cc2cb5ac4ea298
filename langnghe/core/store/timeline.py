"""The one narrow path by which a line of the append-only timeline may still be touched.

Triggers refuse every UPDATE and DELETE on ``incident_event`` unless the same transaction holds a
pass: ``cover`` lets what a line says be covered for a child's sake (never who did what when),
``retention`` lets lines be taken away when their time is over. The caller writes the audit line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import TimelinePassRow

PASS: sa.Table = TimelinePassRow.__table__  # type: ignore[attr-defined]


@contextmanager
def timeline_pass(session: Session, why: Literal["cover", "retention"]) -> Iterator[None]:
    """Allow the block to cover (or, for retention, delete) lines of the timeline.

    Where the block raises, the caller's transaction is rolled back and the pass with it. Two at
    once wait for one another.
    """
    session.execute(sa.insert(PASS).values(why=why))
    yield
    session.execute(sa.delete(PASS).where(PASS.c.why == why))
