"""Numbered papers: take a number and keep what the paper says, list them, find one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.clock import hanoi
from langnghe.core.errors import NotFoundError
from langnghe.core.store.engine import apart
from langnghe.core.store.numbers import take_number
from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables.papers import PaperRow
from langnghe.core.store.users import note

PAPER: sa.Table = PaperRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """What a number is taken for. ``symbol`` is the part behind the number, «BC-THSM»."""

    key: str
    unit_id: str
    kind: str
    book: str
    symbol: str
    abstract: str
    facts: Mapping[str, Any]
    facts_hash: str
    incident_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def number_paper(session: Session, order: PaperOrder, now: datetime, actor: str) -> PaperRow:
    """Take the next number of the unit's book, keep the paper, write it into the audit trail.

    An order whose ``key`` was carried out already gives back what it made then.
    """
    before = _ordered(session, order.key)
    if before is not None:
        return before
    year = hanoi(now).year
    row = PaperRow(
        key=order.key, unit_id=order.unit_id, kind=order.kind, incident_id=order.incident_id,
        since=order.since, until=order.until, book=order.book, year=year, number=0,
        symbol=order.symbol, abstract=order.abstract, facts=dict(order.facts),
        facts_hash=order.facts_hash, numbered_at=now, numbered_by=actor,
    )  # fmt: skip
    try:
        with apart(session):  # a press beaten by its twin gives its number back
            row.number = take_number(session, order.unit_id, f"paper:{order.book}", year)
            session.add(row)
    except sa.exc.IntegrityError:
        before = _ordered(session, order.key)
        if before is None:
            raise
        return before
    number = row.number
    note(
        session, now, actor, "paper_numbered", f"paper:{row.id}",
        data={"unit": order.unit_id, "kind": order.kind, "number": number, "year": year,
              "symbol": order.symbol, "facts": order.facts_hash},
    )  # fmt: skip
    return row


def _ordered(session: Session, key: str) -> PaperRow | None:
    return session.scalars(sa.select(PaperRow).where(PAPER.c.key == key)).first()


def list_papers(
    session: Session, *, viewer_unit: str | None, cursor: str | None, limit: int
) -> Page[PaperRow]:
    """Return a page of numbered papers of the viewer's units, the newest first."""
    key = read_cursor(cursor, timed=False)
    query = sa.select(PaperRow).order_by(PAPER.c.id.desc())
    if viewer_unit is not None:
        query = query.where(PAPER.c.unit_id.in_(subtree(viewer_unit)))
    if key is not None:
        query = query.where(PAPER.c.id < key.id)
    return page_of(session.scalars(query.limit(limit + 1)).all(), limit, lambda r: Key(r.id or 0))


def get_paper(session: Session, paper_id: int, *, viewer_unit: str | None) -> PaperRow:
    """Return one numbered paper. Raises NotFoundError also when it lies outside the viewer's."""
    query = sa.select(PaperRow).where(PAPER.c.id == paper_id)
    if viewer_unit is not None:
        query = query.where(PAPER.c.unit_id.in_(subtree(viewer_unit)))
    row = session.scalars(query).first()
    if row is None:
        raise NotFoundError("Không có văn bản này, hoặc văn bản ngoài phạm vi của bạn.")
    return row


def units_within(session: Session, viewer_unit: str | None) -> list[tuple[str, str]]:
    """Return (id, name) of the active units a viewer may write for, wider ones first by name."""
    query = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.active).order_by(UNIT.c.name)
    if viewer_unit is not None:
        query = query.where(UNIT.c.id.in_(subtree(viewer_unit)))
    return [(row.id, row.name) for row in session.execute(query)]


def may_issue(session: Session, unit_id: str, viewer_unit: str | None) -> bool:
    """Tell whether a unit lies in the viewer's subtree."""
    if viewer_unit is None:
        return True
    query = sa.select(UNIT.c.id).where(UNIT.c.id == unit_id, UNIT.c.id.in_(subtree(viewer_unit)))
    return session.execute(query).first() is not None
