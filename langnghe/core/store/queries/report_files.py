"""Statements and kept evidence as papers list them: what was said, where, what proves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.reports import Titled, titled
from langnghe.core.store.queries.scope import MENTION
from langnghe.core.store.tables.evidence import EvidenceMentionRow, EvidenceRow
from langnghe.core.store.tables.incident_life import AttachmentRow
from langnghe.core.store.tables.statements import StatementPlaceRow, StatementRow

STATEMENT: sa.Table = StatementRow.__table__  # type: ignore[attr-defined]
PLACE: sa.Table = StatementPlaceRow.__table__  # type: ignore[attr-defined]
KEPT: sa.Table = EvidenceRow.__table__  # type: ignore[attr-defined]
KEPT_FOR: sa.Table = EvidenceMentionRow.__table__  # type: ignore[attr-defined]
FILE: sa.Table = AttachmentRow.__table__  # type: ignore[attr-defined]
RELEASED = ("released", "withdrawn")


class Kept(NamedTuple):
    """A mention of an incident with the SHA-256 of the original kept at first sight, if one was."""

    mention: Titled
    seen_at: datetime
    sha256: str


def released_between(
    session: Session, unit_id: str | None, since: datetime, until: datetime
) -> list[StatementRow]:
    """Return what a unit's subtree released in the period (withdrawn ones too), oldest first."""
    return _statements(
        session, unit_id, STATEMENT.c.released_at >= since, STATEMENT.c.released_at < until
    )


def statements_of(session: Session, incident_id: int) -> list[StatementRow]:
    """Return the released statements about an incident, oldest first."""
    return _statements(session, None, STATEMENT.c.incident_id == incident_id)


def released(session: Session, statement_id: int, *, viewer_unit: str | None) -> StatementRow:
    """Return one released statement. Raises NotFoundError, also outside the viewer's units."""
    found = _statements(session, viewer_unit, STATEMENT.c.id == statement_id)
    if not found:
        raise NotFoundError(
            "Không có nội dung đã phát ngôn này, hoặc ngoài phạm vi của bạn.",
            mend="Thông cáo chỉ lập từ nội dung đã phát ngôn.",
        )
    return found[0]


def places_of(session: Session, statement_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return where each statement stands: ``channel`` and address, in order of time."""
    found: dict[int, list[str]] = {}
    if not statement_ids:
        return found
    query = sa.select(PLACE).where(PLACE.c.statement_id.in_(list(statement_ids)))
    for row in session.execute(query.order_by(PLACE.c.id)):
        found.setdefault(row.statement_id, []).append(f"{row.channel} {row.url}".strip())
    return found


def numbers_of(session: Session, statement_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return (number, year) of released statements."""
    if not statement_ids:
        return {}
    query = sa.select(STATEMENT.c.id, STATEMENT.c.number, STATEMENT.c.year).where(
        STATEMENT.c.id.in_(list(statement_ids)), STATEMENT.c.number.is_not(None)
    )
    return {row.id: (row.number, row.year) for row in session.execute(query)}


def kept_mentions(session: Session, incident_id: int, limit: int) -> list[Kept]:
    """Return the first mentions of an incident with what proves them, oldest first."""
    query = (
        sa.select(MENTION.c.id, MENTION.c.seen_at)
        .where(scope.of_incident(incident_id), MENTION.c.about_education.is_not(False))
        .order_by(MENTION.c.seen_at, MENTION.c.id)
        .limit(limit)
    )
    seen = {row.id: row.seen_at for row in session.execute(query)}
    titles = titled(session, list(seen))
    hashes: dict[int, str] = {}
    if seen:
        proof = (
            sa.select(KEPT_FOR.c.mention_id, KEPT.c.sha256)
            .join(KEPT, KEPT.c.seq == KEPT_FOR.c.seq)
            .where(KEPT_FOR.c.mention_id.in_(list(seen)), KEPT.c.purged_by.is_(None))
            .order_by(KEPT_FOR.c.seq)
        )
        for row in session.execute(proof):
            hashes.setdefault(row.mention_id, row.sha256)
    return [Kept(titles[n], at, hashes.get(n, "")) for n, at in seen.items() if n in titles]


def files_of(session: Session, incident_id: int) -> list[AttachmentRow]:
    """Return the files attached to an incident and not withdrawn, in order."""
    query = sa.select(AttachmentRow).where(
        FILE.c.incident_id == incident_id, FILE.c.withdrawn_at.is_(None)
    )
    return list(session.scalars(query.order_by(FILE.c.id)))


def _statements(session: Session, unit_id: str | None, *conditions: Any) -> list[StatementRow]:
    query = sa.select(StatementRow).where(STATEMENT.c.state.in_(RELEASED), *conditions)
    if unit_id is not None:
        query = query.where(STATEMENT.c.unit_id.in_(scope.subtree(unit_id)))
    return list(session.scalars(query.order_by(STATEMENT.c.released_at, STATEMENT.c.id)))


def newest_released(
    session: Session, unit_id: str | None, limit: int
) -> list[tuple[int, str, str]]:
    """Return (id, number, title) of what a unit's subtree released last."""
    query = sa.select(STATEMENT.c.id, STATEMENT.c.number, STATEMENT.c.year, STATEMENT.c.title)
    query = query.where(STATEMENT.c.state.in_(RELEASED), STATEMENT.c.released_at.is_not(None))
    if unit_id is not None:
        query = query.where(STATEMENT.c.unit_id.in_(scope.subtree(unit_id)))
    query = query.order_by(STATEMENT.c.released_at.desc(), STATEMENT.c.id.desc()).limit(limit)
    return [
        (row.id, f"{row.number:02d}/{row.year}" if row.number is not None else "", row.title)
        for row in session.execute(query)
    ]
