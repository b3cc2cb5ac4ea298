"""What a word would have matched last month: candidates by the search index, never by a scan.

Of each phrase the newest mentions are taken, a bounded number; a phrase is held against the masked
text too, as in any search, so that none can find out a child.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.queries import scope
from langnghe.core.store.queries.scope import MENTION, MENTION_UNIT
from langnghe.core.store.search import Query, matches
from langnghe.core.store.tables import NEW, ReadingRow
from langnghe.core.text import fold

READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
MOST = 300
"""Mentions of one phrase that are looked at, newest first."""


@dataclass(frozen=True, slots=True)
class Past:
    """One mention of the time looked back on. ``original`` (title, text) never leaves the house."""

    id: int
    seen_at: datetime
    published_at: datetime | None
    source: str
    title: str
    masked: str
    original: tuple[str | None, str | None]
    about_education: bool
    ours: bool
    topics: frozenset[str]
    units: frozenset[str]
    named: tuple[tuple[str, int, int], ...]
    """Where in the full text the machine read which unit."""

    @property
    def full_text(self) -> str:
        """Title and text as ``types.Item.full_text`` joins them."""
        return ". ".join(part for part in self.original if part)


@dataclass(frozen=True, slots=True)
class Lookback:
    """The mentions found, newest first; ``more`` says that there may be others."""

    found: tuple[Past, ...]
    more: bool


def look_back(
    session: Session,
    phrases: Sequence[str],
    since: datetime,
    *,
    viewer_unit: str | None = None,
    limit: int = MOST,
) -> Lookback:
    """Return the mentions seen from ``since`` on that hold one of the phrases, as far as seen.

    Looks at no more than ``limit`` mentions of each phrase.
    """
    dialect = session.get_bind().dialect.name
    wanted: dict[str, Query] = {}
    for phrase in phrases:
        if folded := fold(phrase):
            wanted[folded] = Query((folded,))
    ids: set[int] = set()
    more = False
    for query in wanted.values():
        some = _newest(session, query, since, dialect, limit + 1)
        more = more or (len(some) > limit and _seen_since(session, some[limit], since))
        ids |= set(some[:limit])
    rows = _rows(session, sorted(ids), since, viewer_unit)
    fit = [row for row in rows if any(q.fits(row.title, row.masked) for q in wanted.values())]
    return Lookback(tuple(sorted(fit, key=lambda m: (m.seen_at, m.id), reverse=True)), more)


def _newest(session: Session, query: Query, since: datetime, dialect: str, limit: int) -> list[int]:
    if dialect == "sqlite":
        # The index hands its rows out by number, newest first, and stops when it has enough.
        words = " ".join(f'"{term}"' for term in query.terms)
        found = session.execute(
            sa.text(
                "SELECT rowid FROM mention_fts WHERE mention_fts MATCH :words "
                "ORDER BY rowid DESC LIMIT :most"
            ),
            {"words": words, "most": limit},
        )
        return [row[0] for row in found]
    # Materialised, or the planner may walk all mentions by date looking for a rare word.
    hits = (
        sa.select(MENTION.c.id, MENTION.c.seen_at)
        .where(matches(query, dialect))
        .limit(20 * limit)
        .cte("hits")
        .prefix_with("MATERIALIZED")
    )
    at = sa.literal(since, MENTION.c.seen_at.type)
    newest = sa.select(hits.c.id).where(hits.c.seen_at >= at).order_by(hits.c.seen_at.desc())
    return list(session.scalars(newest.limit(limit)))


def _seen_since(session: Session, mention_id: int, since: datetime) -> bool:
    query = sa.select(MENTION.c.seen_at).where(MENTION.c.id == mention_id)
    return bool(session.execute(query).scalar_one() >= since)


def _rows(
    session: Session, ids: Sequence[int], since: datetime, viewer_unit: str | None
) -> list[Past]:
    found: list[Past] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        query = (
            sa.select(
                MENTION.c.id, MENTION.c.seen_at, MENTION.c.published_at, MENTION.c.source_name,
                MENTION.c.title, MENTION.c.text, MENTION.c.about_education,
                READING.c.masked_title, READING.c.masked_text, READING.c.scope, READING.c.topics,
                READING.c.units,
            )
            .join(READING, READING.c.mention_id == MENTION.c.id)
            .where(
                MENTION.c.id.in_(part),
                MENTION.c.seen_at >= since,
                MENTION.c.stage > NEW,
                READING.c.revision == MENTION.c.revision,
            )
        )  # fmt: skip
        if viewer_unit is not None:
            query = query.where(scope.mention_in(viewer_unit))
        rows = session.execute(query).all()
        linked = sa.select(MENTION_UNIT.c.mention_id, MENTION_UNIT.c.unit_id).where(
            MENTION_UNIT.c.mention_id.in_([row.id for row in rows])
        )
        units: dict[int, set[str]] = {}
        for mention, unit in session.execute(linked):
            units.setdefault(mention, set()).add(unit)
        found += [_past(row, frozenset(units.get(row.id, ()))) for row in rows]
    return found


def _past(row: Any, units: frozenset[str]) -> Past:
    return Past(
        id=row.id, seen_at=row.seen_at, published_at=row.published_at,
        source=row.source_name or "", title=row.masked_title, masked=row.masked_text,
        original=(row.title, row.text), about_education=bool(row.about_education),
        ours=bool(row.about_education) and row.scope == "vn",
        topics=frozenset(hit["topic"] for hit in row.topics), units=units,
        named=tuple((hit["unit"], *hit["span"]) for hit in row.units if "span" in hit),
    )  # fmt: skip
