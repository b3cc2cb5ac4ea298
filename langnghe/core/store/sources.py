"""Sources: the catalogue copied into a table, which of them are due, and their health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import SourceRow

SOURCE: sa.Table = SourceRow.__table__  # type: ignore[attr-defined]

# What a catalogue entry decides; all else in the row is the source's own history.
_DECLARED = ("name", "kind", "url", "tier", "place", "interval_minutes", "enabled", "config")


def sync_sources(session: Session, declared: Sequence[SourceRow], now: datetime) -> int:
    """Add new sources, bring declared fields of known ones up to date; return how many are new.

    A source that left the catalogue is switched off, its history and health stay.
    """
    known = {row.id: row for row in session.scalars(sa.select(SourceRow))}
    added = 0
    for source in declared:
        row = known.pop(source.id, None)
        if row is None:
            source.next_due_at = now
            session.add(source)
            added += 1
            continue
        if row.url != source.url:
            row.poll_state, row.next_due_at = {}, now
        for field in _DECLARED:
            setattr(row, field, getattr(source, field))
    for row in known.values():
        row.enabled = False
    session.flush()
    return added


def make_due(session: Session, now: datetime) -> None:
    """Make every enabled source due now, whatever its rhythm says."""
    session.execute(sa.update(SOURCE).where(SOURCE.c.enabled).values(next_due_at=now))


def count_due(session: Session, now: datetime) -> int:
    """Return how many enabled sources are due."""
    query = sa.select(sa.func.count()).where(SOURCE.c.enabled, SOURCE.c.next_due_at <= now)
    return int(session.execute(query).scalar_one())


def due_sources(session: Session, now: datetime, limit: int) -> list[SourceRow]:
    """Return enabled sources whose next poll is due, longest waiting first."""
    query = (
        sa.select(SourceRow)
        .where(SOURCE.c.enabled, SOURCE.c.next_due_at <= now)
        .order_by(SOURCE.c.next_due_at)
        .limit(limit)
    )
    return list(session.scalars(query))
