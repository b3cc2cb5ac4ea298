"""Full-text search on the folded text, with accents or without, on both databases.

The index holds what was published, but an answer is held against the masked text: otherwise a
search for a child's name would tell in which story the child appears.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from langnghe.core.store.tables import MentionRow
from langnghe.core.text import fold

MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
MAX_QUERY = 200
MAX_TERMS = 12
_PART = re.compile(r'["“”]([^"“”]*)["“”]|([^\s"“”]+)')


@dataclass(frozen=True, slots=True)
class Query:
    """Folded terms, all of which must occur; a term of several words is a phrase."""

    terms: tuple[str, ...]

    def fits(self, *texts: str | None) -> bool:
        """Return whether every term occurs, as whole words, in the texts taken together."""
        hay = f" {fold(' '.join(text for text in texts if text))} "
        return all(f" {term} " in hay for term in self.terms)


def parse_query(text: str) -> Query | None:
    """Return what a person asks for, or None when nothing searchable was typed.

    Words in quotes stand together; every other sign is passed over, so no input is an error and
    none reaches the database as syntax.
    """
    terms = [fold(quoted or word) for quoted, word in _PART.findall(text[:MAX_QUERY])]
    return Query(tuple(term for term in terms[:MAX_TERMS] if term)) if any(terms) else None


def matches(query: Query, dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition on ``mention`` for this database."""
    if dialect == "sqlite":
        # Terms hold a-z, 0-9 and blanks only; in quotes no word is an FTS operator.
        words = " ".join(f'"{term}"' for term in query.terms)
        found = sa.text("SELECT rowid FROM mention_fts WHERE mention_fts MATCH :words")
        ids = found.bindparams(words=words).columns(sa.column("rowid", sa.Integer))
        return MENTION.c.id.in_(ids)
    return _holds(query)


def newest_matching(query: Query, dialect: str, top: int | None, limit: int) -> sa.Select[Any]:
    """Return a query of the newest ``limit`` matching ids below ``top``, newest first.

    The index is walked from its end, so a word of every second text costs no more than a rare one.
    """
    if dialect == "sqlite":
        words = " ".join(f'"{term}"' for term in query.terms)
        below = "" if top is None else f" AND rowid < {int(top)}"
        # The value carries only a-z, 0-9, blanks and quotes; the numbers are ours.
        found = sa.text(
            f"SELECT rowid AS id FROM mention_fts WHERE mention_fts MATCH :words{below} "  # noqa: S608
            f"ORDER BY rowid DESC LIMIT {int(limit)}"
        )
        rows = found.bindparams(words=words).columns(sa.column("id", sa.Integer)).subquery()
        return sa.select(rows.c.id)
    wanted = sa.select(MENTION.c.id).where(_holds(query))
    if top is not None:
        wanted = wanted.where(MENTION.c.id < top)
    return wanted.order_by(MENTION.c.id.desc()).limit(limit)


def _holds(query: Query) -> sa.ColumnElement[bool]:
    search: sa.ColumnElement[Any] = sa.literal_column("mention.search")
    return sa.and_(
        *(
            search.op("@@", is_comparison=True)(sa.func.phraseto_tsquery("simple", term))
            for term in query.terms
        )
    )
