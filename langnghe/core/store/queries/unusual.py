"""What is unusual, for the overview and the API: of the viewer's units, and rare enough to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries.scope import UNIT, Condition, subtree
from langnghe.core.store.tables import UnusualRow, WatchStateRow
from langnghe.core.store.watch import Unusual, plain

UNUSUAL: sa.Table = UnusualRow.__table__  # type: ignore[attr-defined]
STATE: sa.Table = WatchStateRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class UnusualLine:
    """One row with the names of its unit and of the schools that it speaks of."""

    found: Unusual
    unit_name: str
    schools: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnusualFilter:
    """What to list. ``viewer_unit`` bounds by rights, ``unit`` (and all below it) by wish."""

    viewer_unit: str | None = None
    unit: str | None = None
    topic: str | None = None
    kind: str | None = None
    closed: bool = False
    once_in_days: float = 0.0


def list_unusual(
    session: Session, wanted: UnusualFilter, *, cursor: str | None, limit: int
) -> Page[UnusualLine]:
    """Return a page, newest first; only what stands now unless ``closed`` is asked for too."""
    key = read_cursor(cursor, timed=False)
    query = sa.select(UnusualRow).where(*_conditions(wanted)).order_by(UNUSUAL.c.id.desc())
    if key is not None:
        query = query.where(UNUSUAL.c.id < key.id)
    rows = session.scalars(query.limit(limit + 1)).all()
    page = page_of(rows, limit, lambda row: Key(row.id or 0))
    return Page(tuple(_lines(session, page.rows)), page.next)


def worth_showing(
    session: Session, viewer_unit: str | None, *, most_a_day: float, limit: int
) -> tuple[list[UnusualLine], int]:
    """Return the strongest that stand now, and how many there are in all.

    Who looks over many units sees only what is so rare that chance alone would bring no more than
    ``most_a_day`` of them a day over all the series in view: a thousand schools are a thousand
    chances for a false alarm, one school is one.
    """
    series = sa.select(sa.func.count()).select_from(STATE)
    if viewer_unit is not None:
        series = series.where(STATE.c.unit_id.in_(subtree(viewer_unit)))
    number = session.execute(series).scalar_one()
    wanted = UnusualFilter(viewer_unit, once_in_days=number / most_a_day)
    found = sa.select(UnusualRow).where(*_conditions(wanted))
    order = (UNUSUAL.c.strength.desc(), UNUSUAL.c.once_in_days.desc(), UNUSUAL.c.id.desc())
    rows = session.scalars(found.order_by(*order).limit(limit)).all()
    count = sa.select(sa.func.count()).select_from(UNUSUAL).where(*_conditions(wanted))
    return _lines(session, rows), session.execute(count).scalar_one()


def _conditions(wanted: UnusualFilter) -> list[Condition]:
    found: list[Condition] = [
        UNUSUAL.c.unit_id.in_(subtree(unit))
        for unit in (wanted.viewer_unit, wanted.unit)
        if unit is not None
    ]
    if wanted.topic is not None:
        found.append(UNUSUAL.c.topic == wanted.topic)
    if wanted.kind is not None:
        found.append(UNUSUAL.c.kind == wanted.kind)
    if not wanted.closed:
        found.append(UNUSUAL.c.closed_at.is_(None))
    if wanted.once_in_days > 0:
        found.append(UNUSUAL.c.once_in_days >= wanted.once_in_days)
    return found


def _lines(session: Session, rows: Sequence[UnusualRow]) -> list[UnusualLine]:
    ids = {unit for row in rows for unit in (row.unit_id, *row.unit_ids)}
    query = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.id.in_(ids))
    names = {row.id: row.name for row in session.execute(query)}
    return [
        UnusualLine(
            plain(row),
            names.get(row.unit_id, ""),
            tuple((unit, names.get(unit, "")) for unit in row.unit_ids),
        )
        for row in rows
    ]
