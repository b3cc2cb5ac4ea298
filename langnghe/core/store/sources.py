"""Sources: the catalogue copied into a table, which of them are due, and their health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.clock import hanoi
from langnghe.core.errors import ConflictError, NotFoundError
from langnghe.core.store.tables import SourceDayRow, SourceRow

SOURCE: sa.Table = SourceRow.__table__  # type: ignore[attr-defined]
SOURCE_DAY: sa.Table = SourceDayRow.__table__  # type: ignore[attr-defined]
LEAST_PAUSE = timedelta(minutes=2)
"""No source is read on demand more often than this, out of courtesy."""

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
        if source.enabled and not row.enabled:
            row.next_due_at = now  # switched on again: whoever did so waits to see it read
        row.declared = True
        for field in _DECLARED:
            setattr(row, field, getattr(source, field))
    for row in known.values():
        row.enabled = row.declared = False
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


def tally(session: Session, source_id: str, now: datetime, new: int) -> None:
    """Add ``new`` mentions to what a source brought on the Vietnamese day of ``now``."""
    if new <= 0:
        return
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    day = hanoi(now).date()
    added = insert(SOURCE_DAY).values(source_id=source_id, day=day, heard=new)
    session.execute(
        added.on_conflict_do_update(
            index_elements=["source_id", "day"],
            set_={"heard": SOURCE_DAY.c.heard + added.excluded.heard},
        )
    )


def volumes(
    session: Session, through: date, days: int = 28, *, source_id: str | None = None
) -> dict[str, list[int]]:
    """Return what each source brought on the last ``days`` days, oldest first, today last."""
    first = through - timedelta(days=days - 1)
    query = sa.select(SOURCE_DAY).where(SOURCE_DAY.c.day >= first, SOURCE_DAY.c.day <= through)
    if source_id is not None:
        query = query.where(SOURCE_DAY.c.source_id == source_id)
    found: dict[str, list[int]] = {}
    for row in session.execute(query):
        found.setdefault(row.source_id, [0] * days)[(row.day - first).days] = row.heard
    return found


def get_source(session: Session, source_id: str) -> SourceRow:
    """Return one source. Raises NotFoundError."""
    row = session.get(SourceRow, source_id)
    if row is None:
        raise NotFoundError("Không có nguồn tin này.", mend="Mở lại trang Nguồn tin.")
    return row


def source_with_url(session: Session, urls: Sequence[str]) -> SourceRow | None:
    """Return a listed source that reads one of these addresses, if there is one."""
    query = sa.select(SourceRow).where(SOURCE.c.declared, SOURCE.c.url.in_(list(urls)))
    return session.scalars(query.limit(1)).first()


def make_one_due(session: Session, source_id: str, now: datetime) -> None:
    """Let the next turn of collecting read this source. Raises ConflictError where it may not."""
    row = get_source(session, source_id)
    if not row.enabled:
        raise ConflictError("Nguồn này đang tắt.", mend="Bật nguồn rồi đọc thử.")
    if row.last_poll_at is not None and now - row.last_poll_at < LEAST_PAUSE:
        raise ConflictError(
            "Nguồn này vừa được đọc xong.", mend="Đợi hai phút rồi đọc lại, để không làm phiền họ."
        )
    held = row.next_due_at
    if row.state == "refused" and held is not None and held > now:
        raise ConflictError(
            "Trang này đang yêu cầu đọc thưa hơn.", mend="Hệ thống tự đọc lại đúng lúc được phép."
        )
    row.next_due_at = now
