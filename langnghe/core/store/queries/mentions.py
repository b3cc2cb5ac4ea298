"""Mentions as they may be shown: the masked text of the newest reading, never the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.corrections import Field as CorrectedField
from langnghe.core.errors import NotFoundError
from langnghe.core.store.paging import Page, read_cursor, write_cursor
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.corrections import ShownCorrection, corrections_of
from langnghe.core.store.queries.scope import MENTION, MENTION_UNIT, STORY, UNIT
from langnghe.core.store.queries.walk import walk
from langnghe.core.store.queries.wishes import READING, MentionFilter, has_json_word
from langnghe.core.text import fold

__all__ = [
    "READING", "MentionFilter", "ShownMention", "get_mention", "has_json_word", "list_mentions",
    "mentions_by_id", "newest_seen", "original", "shown_words",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownMention:
    """A mention fit for showing. ``read`` is False while its text is still being read."""

    id: int
    kind: str
    source: str | None
    url: str | None
    published_at: datetime | None
    seen_at: datetime
    read: bool
    title: str
    text: str
    about_education: bool | None
    sentiment: str | None
    stance: str | None
    risk: int | None
    topics: tuple[dict[str, Any], ...]
    facts: tuple[dict[str, Any], ...]
    units: tuple[tuple[str, str], ...]
    story_id: int | None
    level: int | None
    revision: int
    problems: tuple[str, ...]
    model: str | None
    undecided: tuple[dict[str, Any], ...] = ()
    """Units (``unit``, ``name``, ``confidence``, ``reason``) that only a person can decide on."""
    note: str | None = None
    """Why there was nothing to understand, an id of ``types.Reading.note``."""
    corrections: tuple[ShownCorrection, ...] = ()
    """What people set right and what stands now; the fields above already say so."""


_COLUMNS = (
    MENTION.c.id, MENTION.c.kind, MENTION.c.source_name, MENTION.c.source_id, MENTION.c.url,
    MENTION.c.published_at, MENTION.c.seen_at, MENTION.c.stage, MENTION.c.about_education,
    MENTION.c.story_id, MENTION.c.revision, MENTION.c.problems,
    READING.c.revision.label("read_revision"), READING.c.masked_title, READING.c.masked_text,
    READING.c.sentiment, READING.c.stance, READING.c.risk, READING.c.topics, READING.c.facts,
    READING.c.model, READING.c.undecided, READING.c.note, STORY.c.level,
)  # fmt: skip
_FROM = MENTION.outerjoin(READING, READING.c.mention_id == MENTION.c.id).outerjoin(
    STORY, STORY.c.id == MENTION.c.story_id
)


def list_mentions(
    session: Session,
    wanted: MentionFilter,
    *,
    cursor: str | None,
    limit: int,
    windows: Sequence[int] | None = None,
) -> Page[ShownMention]:
    """Return a page, newest seen first (a search or a filter by unit: newest taken in first).

    A search is held against the masked text row by row. A page may come short, with a cursor, when
    many rows had to be passed over (``windows``, see ``walk``).
    """
    key = read_cursor(cursor, timed=True)
    asked = wanted.query

    def fits(ids: Sequence[int]) -> set[int]:
        texts = sa.select(READING.c.mention_id, READING.c.masked_title, READING.c.masked_text)
        rows = session.execute(texts.where(READING.c.mention_id.in_(list(ids))))
        return {r.mention_id for r in rows if asked and asked.fits(r.masked_title, r.masked_text)}

    found, ended = walk(
        session, wanted, key, limit, fits=fits if asked is not None else None, windows=windows
    )
    shown = mentions_by_id(session, [one.id for one in found[:limit]])
    rows = tuple(shown[one.id] for one in found[:limit] if one.id in shown)
    if len(found) > limit:
        ended = found[limit - 1]
    return Page(rows, write_cursor(ended) if ended is not None else None)


def get_mention(session: Session, mention_id: int, *, viewer_unit: str | None) -> ShownMention:
    """Return one mention. Raises NotFoundError also when it lies outside the viewer's units."""
    query = sa.select(*_COLUMNS).select_from(_FROM).where(MENTION.c.id == mention_id)
    if viewer_unit is not None:
        query = query.where(scope.mention_in(viewer_unit) | scope.mention_corrected_in(viewer_unit))
    rows = session.execute(query).all()
    if not rows:
        raise NotFoundError("Không có tin này, hoặc tin ngoài phạm vi của bạn.")
    return _shown(session, rows)[0]


def mentions_by_id(session: Session, ids: Sequence[int]) -> dict[int, ShownMention]:
    """Return the mentions with these ids (those that exist)."""
    query = sa.select(*_COLUMNS).select_from(_FROM).where(MENTION.c.id.in_(list(ids)))
    return {m.id: m for m in _shown(session, session.execute(query).all())}


def newest_seen(session: Session) -> datetime | None:
    """Return when the newest mention was seen, ``None`` before the first."""
    query = sa.select(MENTION.c.seen_at).order_by(MENTION.c.seen_at.desc(), MENTION.c.id.desc())
    return session.scalar(query.limit(1))


def original(session: Session, mention_id: int) -> tuple[str, str]:
    """Return (title, text) as published. Only for an unmasking that was just written down."""
    row = session.execute(
        sa.select(MENTION.c.title, MENTION.c.text).where(MENTION.c.id == mention_id)
    ).one()
    return row.title or "", row.text or ""


def shown_words(words: Sequence[str], *masked: str) -> tuple[str, ...]:
    """Return the words that stand in a masked text too: evidence never shows what was masked."""
    hay = f" {fold(' '.join(masked))} "
    return tuple(w for w in words if (folded := fold(w)) and f" {folded} " in hay)


def _shown(session: Session, rows: Sequence[Any]) -> tuple[ShownMention, ...]:
    units: dict[int, list[tuple[str, str]]] = {}
    linked = (
        sa.select(MENTION_UNIT.c.mention_id, UNIT.c.id, UNIT.c.name)
        .join(UNIT, UNIT.c.id == MENTION_UNIT.c.unit_id)
        .where(MENTION_UNIT.c.mention_id.in_([row.id for row in rows]))
        .order_by(MENTION_UNIT.c.confidence.desc(), UNIT.c.id)
    )
    for link in session.execute(linked) if rows else ():
        units.setdefault(link.mention_id, []).append((link.id, link.name))
    said = corrections_of(session, [row.id for row in rows])
    doubted = {doubt["unit"] for row in rows for doubt in row.undecided or ()}
    named = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.id.in_(doubted), UNIT.c.active)
    names = {row.id: row.name for row in session.execute(named)} if doubted else {}
    return tuple(
        _one(row, tuple(units.get(row.id, ())), names, said.get(row.id, ())) for row in rows
    )


def _one(
    row: Any,
    units: tuple[tuple[str, str], ...],
    names: Mapping[str, str],
    said: tuple[ShownCorrection, ...],
) -> ShownMention:
    # A reading of an older revision says nothing about the words that stand there now.
    read = row.read_revision is not None and row.read_revision == row.revision
    title, text = (row.masked_title, row.masked_text) if read else ("", "")
    return ShownMention(
        id=row.id,
        kind=row.kind,
        source=row.source_name or row.source_id,
        url=row.url,
        published_at=row.published_at,
        seen_at=row.seen_at,
        read=read,
        title=title,
        text=_body(title, text),
        about_education=row.about_education if read else None,
        sentiment=row.sentiment if read else None,
        stance=row.stance if read else None,
        risk=row.risk if read else None,
        topics=tuple(_topic(hit, title, text) for hit in row.topics) if read else (),
        facts=tuple(_fact(fact, title, text) for fact in row.facts) if read else (),
        units=units,
        story_id=row.story_id,
        level=row.level,
        revision=row.revision,
        problems=tuple(row.problems),
        model=row.model if read else None,
        undecided=_undecided(row.undecided, units, names, said) if read else (),
        note=row.note if read else None,
        corrections=said,
    )


def _undecided(
    doubts: Sequence[dict[str, Any]],
    units: tuple[tuple[str, str], ...],
    names: Mapping[str, str],
    said: tuple[ShownCorrection, ...],
) -> tuple[dict[str, Any], ...]:
    """Return what is still open, surest first: neither linked nor rejected, one line a unit."""
    settled = {unit for unit, _ in units}
    settled |= {unit for one in said if one.field == CorrectedField.NOT_ABOUT_US
                for unit in one.value}  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for doubt in sorted(doubts, key=lambda d: -d["confidence"]):
        unit = doubt["unit"]
        if unit in names and unit not in settled:
            found.setdefault(unit, {
                "unit": unit, "name": names[unit], "confidence": doubt["confidence"],
                "reason": doubt["reason"],
            })  # fmt: skip
    return tuple(found.values())


def _body(title: str, text: str) -> str:
    """Return the text without the title that the masked text starts with."""
    return text.removeprefix(title).removeprefix(". ") if title else text


def _topic(hit: dict[str, Any], title: str, text: str) -> dict[str, Any]:
    words = shown_words(hit.get("evidence", ()), title, text)
    return {"topic": hit["topic"], "p": hit["p"], "evidence": list(words)}


def _fact(fact: dict[str, Any], title: str, text: str) -> dict[str, Any]:
    words = shown_words([fact.get("text", "")], title, text)
    return {"kind": fact["kind"], "value": fact["value"], "text": words[0] if words else ""}
