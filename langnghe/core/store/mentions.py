"""Mentions: keep each text once, keep what it said before, and hand out what is still unread.

Everything here is bulk SQL through SQLAlchemy Core; one row at a time costs about 20 times more.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.corrections import over_machine
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import (
    DONE,
    NEW,
    READ,
    MentionRevisionRow,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
)
from langnghe.core.text import clean, digest, fold
from langnghe.core.types import Item, Reading
from langnghe.core.urls import canonical_url

MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
REVISION: sa.Table = MentionRevisionRow.__table__  # type: ignore[attr-defined]
READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
MENTION_UNIT: sa.Table = MentionUnitRow.__table__  # type: ignore[attr-defined]
UNFINISHED = sa.text("mention.stage < 2")
"""Word for word as in the partial index: SQLite uses that index for no other wording."""

MAX_TEXT = 100_000  # characters kept of one text; the longest real article seen has under 60,000


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch of items."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(
            self.new + other.new, self.revised + other.revised, self.unchanged + other.unchanged
        )


@dataclass(frozen=True, slots=True)
class Unread:
    """A mention waiting to be understood; ``revision`` fences the answer."""

    id: int
    revision: int
    item: Item


def mention_key(item: Item) -> str:
    """Return what makes two items the same mention: canonical URL, else the source's own id."""
    if item.url:
        return digest("url", canonical_url(item.url))
    return digest("id", item.source, item.id)


def content_hash(item: Item) -> str:
    """Return what tells one wording of a mention from another: a hash of title and text as kept."""
    title = clean(item.title) if item.title else ""
    return digest(title, clean(item.text[:MAX_TEXT]) if item.text else "")


def author_hash(secret: bytes, item: Item) -> str | None:
    """Return the keyed hash of an author, so that one pen can be told from two, and no more."""
    if not item.author:
        return None
    name = f"{item.source}\x1f{item.author}".encode()
    return hmac.new(secret, name, hashlib.sha256).hexdigest()[:32]


def keep(
    session: Session,
    items: Sequence[Item],
    *,
    now: datetime,
    secret: bytes,
    source_id: str | None = None,
) -> Kept:
    """Store a batch of items; an edited one becomes a new revision of the same mention.

    Going back to words a mention carried before is not news and changes nothing.
    """
    rows = [_row(item, now=now, secret=secret, source_id=source_id) for item in items]
    known = _known(session, [row["key"] for row in rows])
    fresh: dict[str, dict[str, Any]] = {}
    edited: dict[int, dict[str, Any]] = {}
    for row in rows:
        seen = known.get(row["key"])
        if seen is None:
            fresh.setdefault(row["key"], row)
        elif seen["purged_at"] is not None:
            continue  # deleted on purpose; a feed that still shows it must not bring it back
        elif seen["content_hash"] != row["content_hash"] and (row["text"] or not seen["text"]):
            edited.setdefault(seen["id"], row)
    edited = _never_said(session, edited)
    if fresh:
        insert = _insert_ignoring(session, MENTION, ["key"])
        session.execute(insert, list(fresh.values()))
    if edited:
        _revise(session, edited, now)
    return Kept(len(fresh), len(edited), len(rows) - len(fresh) - len(edited))


def known_urls(session: Session, urls: Sequence[str]) -> dict[str, bool]:
    """Return those of ``urls`` whose mention is already kept."""
    keys = {digest("url", canonical_url(url)): url for url in urls}
    return {keys[key]: True for key in _known(session, list(keys))}


def unread(session: Session, limit: int, *, ids: Sequence[int] | None = None) -> list[Unread]:
    """Return up to ``limit`` mentions not yet understood, oldest first."""
    query = (
        sa.select(
            MENTION.c.id, MENTION.c.revision, MENTION.c.external_id, MENTION.c.kind,
            MENTION.c.source_name, MENTION.c.url, MENTION.c.published_at, MENTION.c.seen_at,
            MENTION.c.title, MENTION.c.text,
        )
        .where(UNFINISHED, MENTION.c.stage == NEW)
        .order_by(MENTION.c.id)
        .limit(limit)
    )  # fmt: skip
    if ids is not None:
        query = query.where(MENTION.c.id.in_(ids))
    return [
        Unread(
            row.id,
            row.revision,
            Item(
                id=row.external_id, kind=row.kind, source=row.source_name, url=row.url,
                published_at=row.published_at, title=row.title, text=row.text, seen_at=row.seen_at,
            ),
        )
        for row in session.execute(query)
    ]  # fmt: skip


def unread_ids(session: Session, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` mentions not yet understood, oldest first."""
    query = sa.select(MENTION.c.id).where(UNFINISHED, MENTION.c.stage == NEW).order_by(MENTION.c.id)
    return list(session.scalars(query.limit(limit)))


def save_readings(session: Session, pairs: Sequence[tuple[Unread, Reading]]) -> int:
    """Store readings and move their mentions on; one edited meanwhile stays to be read again.

    Returns how many were stored. What a person corrected stays as they said. Mentions about
    Vietnamese education go on to be grouped, the rest are done.
    """
    current = {
        row.id: (row.revision, row.stage)
        for part in parts([u.id for u, _ in pairs])
        for row in session.execute(
            sa.select(MENTION.c.id, MENTION.c.revision, MENTION.c.stage)
            .where(MENTION.c.id.in_(part))
            .order_by(MENTION.c.id)
            .with_for_update()  # a correction made meanwhile waits, then finds this reading
        )
    }
    valid = [(u, r) for u, r in pairs if current.get(u.id) == (u.revision, NEW)]
    if not valid:
        return 0
    again = [u.id for u, _ in valid if u.revision > 1]
    for part in parts(again):
        session.execute(sa.delete(READING).where(READING.c.mention_id.in_(part)))
        session.execute(sa.delete(MENTION_UNIT).where(MENTION_UNIT.c.mention_id.in_(part)))
    rows = [_reading_row(u, r) for u, r in valid]
    links = over_machine(
        session,
        rows,
        [
            {"mention_id": u.id, "unit_id": hit.unit, "confidence": hit.confidence}
            for u, r in valid
            for hit in r.units
        ],
    )
    session.execute(_insert_ignoring(session, READING, ["mention_id"]), rows)
    if links:
        session.execute(_insert_ignoring(session, MENTION_UNIT, ["mention_id", "unit_id"]), links)
    moves: dict[tuple[int, bool], list[int]] = {}
    for row in rows:
        stage = READ if row["about_education"] and row["scope"] == "vn" else DONE
        moves.setdefault((stage, row["about_education"]), []).append(row["mention_id"])
    for (stage, about), ids in moves.items():
        for part in parts(ids):
            session.execute(
                sa.update(MENTION)
                .where(MENTION.c.id.in_(part))
                .values(stage=stage, about_education=about)
            )
    return len(valid)


def set_aside(session: Session, broken: Sequence[Unread]) -> None:
    """Mark mentions nobody can read yet: kept as they are, named a problem, in nobody's way.

    An edited one (a new revision) is tried again by itself.
    """
    for mention in broken:
        row = session.get(MentionRow, mention.id)
        if row is not None and (row.revision, row.stage) == (mention.revision, NEW):
            row.stage = DONE
            row.problems = [*row.problems, "unreadable"]
    session.flush()


def _row(item: Item, *, now: datetime, secret: bytes, source_id: str | None) -> dict[str, Any]:
    title = clean(item.title) if item.title else None
    text = clean(item.text[:MAX_TEXT]) if item.text else None
    problems = list(item.problems)
    if item.text and len(item.text) > MAX_TEXT:
        problems.append("truncated")
    return {
        "key": mention_key(item),
        "external_id": item.id[:200],
        "kind": item.kind,
        "source_id": source_id,
        "source_name": item.source,
        "url": item.url,
        "canonical_url": canonical_url(item.url) if item.url else None,
        "published_at": item.published_at,
        "seen_at": item.seen_at or now,
        "title": title,
        "text": text,
        "folded": fold(f"{title or ''} {text or ''}"),
        "content_hash": digest(title or "", text or ""),
        "author_hash": author_hash(secret, item),
        "problems": problems,
        "revision": 1,
        "stage": NEW,
    }


def _known(session: Session, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    return {
        row["key"]: dict(row)
        for part in parts(keys)
        for row in session.execute(
            sa.select(
                MENTION.c.key,
                MENTION.c.id,
                MENTION.c.content_hash,
                MENTION.c.text,
                MENTION.c.purged_at,
            ).where(MENTION.c.key.in_(part))
        ).mappings()
    }


def _never_said(session: Session, edited: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Leave out edits that only bring back an earlier revision (one article, two section feeds)."""
    if not edited:
        return edited
    said = {
        (row.mention_id, row.content_hash)
        for part in parts(list(edited))
        for row in session.execute(
            sa.select(REVISION.c.mention_id, REVISION.c.content_hash).where(
                REVISION.c.mention_id.in_(part)
            )
        )
    }
    return {i: row for i, row in edited.items() if (i, row["content_hash"]) not in said}


def _revise(session: Session, edited: dict[int, dict[str, Any]], now: datetime) -> None:
    for part in parts(list(edited)):
        session.execute(
            sa.insert(REVISION).from_select(
                ["mention_id", "revision", "title", "text", "content_hash", "seen_at"],
                sa.select(
                    MENTION.c.id, MENTION.c.revision, MENTION.c.title, MENTION.c.text,
                    MENTION.c.content_hash, sa.literal(now, MENTION.c.seen_at.type),
                ).where(MENTION.c.id.in_(part)),
            )
        )  # fmt: skip
    session.execute(
        sa.update(MENTION)
        .where(MENTION.c.id == sa.bindparam("b_id"))
        .values(
            title=sa.bindparam("b_title"),
            text=sa.bindparam("b_text"),
            folded=sa.bindparam("b_folded"),
            content_hash=sa.bindparam("b_hash"),
            revision=MENTION.c.revision + 1,
            stage=NEW,
        ),
        [
            {
                "b_id": i,
                "b_title": row["title"],
                "b_text": row["text"],
                "b_folded": row["folded"],
                "b_hash": row["content_hash"],
            }
            for i, row in edited.items()
        ],
    )


def _reading_row(unread: Unread, reading: Reading) -> dict[str, Any]:
    return {
        "mention_id": unread.id,
        "revision": unread.revision,
        "model": reading.model,
        "about_education": reading.about_education,
        "about_education_p": round(reading.about_education_p, 4),
        "scope": reading.scope,
        "sentiment": str(reading.sentiment),
        "sentiment_p": {k: round(v, 4) for k, v in reading.sentiment_p.items()},
        "topics": [asdict(hit) for hit in reading.topics],
        "risk": reading.risk,
        "risk_p": [round(p, 4) for p in reading.risk_p],
        "stance": str(reading.stance),
        "facts": [asdict(fact) for fact in reading.facts],
        "units": [asdict(hit) for hit in reading.units],
        "undecided": [asdict(doubt) for doubt in reading.undecided],
        "note": reading.note,
        "masked_title": reading.masked_title,
        "masked_text": reading.masked_text,
        "machine": None,
    }


def _insert_ignoring(session: Session, table: sa.Table, unique: list[str]) -> Any:
    """Return an INSERT that passes over rows another process has stored meanwhile."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table).on_conflict_do_nothing(index_elements=unique)
    from sqlalchemy.dialects.postgresql import insert as insert_postgres

    return insert_postgres(table).on_conflict_do_nothing(index_elements=unique)
