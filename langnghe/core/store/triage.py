"""Marks of a desk, acts on many mentions and kept filters: all SQL about working off the stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.parts import parts
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.scope import MENTION
from langnghe.core.store.tables import SavedFilterRow, TriageBatchRow, TriageMarkRow

MARK: sa.Table = TriageMarkRow.__table__  # type: ignore[attr-defined]
BATCH: sa.Table = TriageBatchRow.__table__  # type: ignore[attr-defined]
FILTER: sa.Table = SavedFilterRow.__table__  # type: ignore[attr-defined]
KEPT = timedelta(days=30)
"""How long an act on many mentions can be taken back as one."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a desk thinks of one mention."""

    seen: bool = False
    starred: bool = False
    noise: bool = False

    def plain(self) -> list[bool]:
        """Return the marks as JSON keeps them."""
        return [self.seen, self.starred, self.noise]


NONE = Marks()


def marks_of(session: Session, desk: str, mention_ids: Sequence[int]) -> dict[int, Marks]:
    """Return the marks of these mentions at this desk; one without any is left out."""
    query = sa.select(MARK.c.mention_id, MARK.c.seen, MARK.c.starred, MARK.c.noise)
    query = query.where(MARK.c.unit_id == desk)
    return {
        row.mention_id: Marks(row.seen, row.starred, row.noise)
        for part in parts(sorted(set(mention_ids)))
        for row in session.execute(query.where(MARK.c.mention_id.in_(part)))
    }


def put_marks(session: Session, desk: str, marks: Mapping[int, Marks], now: datetime) -> None:
    """Let these marks stand; a mention without any keeps no row."""
    for mention, one in sorted(marks.items()):
        row = session.get(TriageMarkRow, (desk, mention))
        if one == NONE:
            if row is not None:
                session.delete(row)
            continue
        if row is None:
            row = TriageMarkRow(unit_id=desk, mention_id=mention, at=now)
        row.seen, row.starred, row.noise, row.at = one.seen, one.starred, one.noise, now
        session.add(row)
    session.flush()


def visible(
    session: Session, mention_ids: Sequence[int], *, viewer_unit: str | None
) -> dict[int, int | None]:
    """Return mention -> its story, of those that exist and that the viewer may see."""
    query = sa.select(MENTION.c.id, MENTION.c.story_id)
    if viewer_unit is not None:
        query = query.where(scope.mention_in(viewer_unit))
    return {
        row.id: row.story_id
        for part in parts(sorted(set(mention_ids)))
        for row in session.execute(query.where(MENTION.c.id.in_(part)))
    }


def insert_batch(
    session: Session, desk: str, user_id: int, now: datetime, act: str, data: Mapping[str, Any]
) -> int:
    """Keep an act on many mentions and return its id; those past undoing are forgotten."""
    session.execute(sa.delete(BATCH).where(BATCH.c.at < now - KEPT))
    row = TriageBatchRow(unit_id=desk, user_id=user_id, at=now, act=act, data=dict(data))
    session.add(row)
    session.flush()
    if row.id is None:
        raise RuntimeError("the database gave a batch no id")
    return row.id


def get_batch(session: Session, desk: str, batch_id: int, *, lock: bool = False) -> TriageBatchRow:
    """Return one act of this desk. Raises ``NotFoundError``."""
    query = sa.select(TriageBatchRow).where(BATCH.c.id == batch_id, BATCH.c.unit_id == desk)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("Không có lần xử lý này, hoặc đã quá hạn hoàn tác.")
    return row


def find_batch(session: Session, desk: str, batch_id: int) -> TriageBatchRow | None:
    """Return one act of this desk, if there is one."""
    query = sa.select(TriageBatchRow).where(BATCH.c.id == batch_id, BATCH.c.unit_id == desk)
    return session.scalars(query).one_or_none()


def filters_of(session: Session, desk: str, user_id: int) -> list[SavedFilterRow]:
    """Return the filters this person sees at this desk, by name: their own and the shared ones."""
    query = (
        sa.select(SavedFilterRow)
        .where(
            FILTER.c.unit_id == desk,
            sa.or_(FILTER.c.shared, FILTER.c.user_id == user_id),
        )
        .order_by(FILTER.c.name, FILTER.c.id)
    )
    return list(session.scalars(query))


def lock_filter(session: Session, desk: str, user_id: int, filter_id: int) -> SavedFilterRow:
    """Return a filter this person sees, locked. Raises ``NotFoundError``."""
    query = sa.select(SavedFilterRow).where(
        FILTER.c.id == filter_id,
        FILTER.c.unit_id == desk,
        sa.or_(FILTER.c.shared, FILTER.c.user_id == user_id),
    )
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError("Không có bộ lọc này, hoặc đã được xóa.")
    return row
