"""Corrections for showing beside a mention, for its history, and as lessons for training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.corrections import Field
from langnghe.core.store.corrections import CORRECTION, standing
from langnghe.core.store.tables import MentionRow, ReadingRow, UserRow
from langnghe.core.types import Item

MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
USER: sa.Table = UserRow.__table__  # type: ignore[attr-defined]
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """One correction as it may be shown. ``undone_at`` is set on one that was taken back."""

    id: int
    mention_id: int
    field: str
    value: Any
    note: str
    by: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A masked text and what is right about it.

    ``said`` holds what a person stated; ``reading`` the whole reading with their word over the
    machine's. No word that the child shield hides is in here.
    """

    item: Item
    said: Mapping[Field, Any]
    reading: Mapping[str, Any]


def history(session: Session, mention_id: int) -> list[ShownCorrection]:
    """Return every correction of a mention, newest first, those taken back included."""
    return list(reversed(_shown(session, CORRECTION.c.mention_id == mention_id)))


def corrections_of(
    session: Session, mention_ids: Sequence[int]
) -> dict[int, tuple[ShownCorrection, ...]]:
    """Return by mention what stands now: of each field the newest not taken back."""
    if not mention_ids:
        return {}
    stands = CORRECTION.c.mention_id.in_(mention_ids) & CORRECTION.c.undone_at.is_(None)
    newest: dict[int, dict[str, ShownCorrection]] = {}
    for one in _shown(session, stands):
        newest.setdefault(one.mention_id, {})[one.field] = one
    return {number: tuple(by.values()) for number, by in newest.items()}


def lessons(session: Session) -> tuple[list[Lesson], int]:
    """Return (what can be learnt from, how many corrected texts were changed since and cannot)."""
    ids = session.scalars(
        sa.select(CORRECTION.c.mention_id)
        .where(CORRECTION.c.undone_at.is_(None))
        .distinct()
        .order_by(CORRECTION.c.mention_id)
    ).all()
    found: list[Lesson] = []
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        said = standing(session, part)
        seen = {
            row.mention_id: row.revision
            for row in session.execute(
                sa.select(
                    CORRECTION.c.mention_id, sa.func.max(CORRECTION.c.revision).label("revision")
                )
                .where(CORRECTION.c.mention_id.in_(part), CORRECTION.c.undone_at.is_(None))
                .group_by(CORRECTION.c.mention_id)
            )
        }
        for mention, row in _masked(session, MENTION.c.id.in_(part)):
            if row.revision == seen[mention]:
                # Which unit is meant teaches a reader of texts nothing.
                taught: dict[Field, Any] = {
                    f: v for f, v in said[mention].items() if f is not Field.ABOUT_US
                }
                found.append(Lesson(_item(row), taught, row._asdict()))
    return found, len(ids) - len(found)


def uncorrected(session: Session, limit: int) -> list[Item]:
    """Return up to ``limit`` of the newest read mentions nobody corrected, masked."""
    corrected = sa.select(CORRECTION.c.mention_id).where(CORRECTION.c.undone_at.is_(None))
    rows = _masked(session, MENTION.c.id.not_in(corrected), limit=limit)
    return [_item(row) for _, row in rows]


def _masked(
    session: Session, wanted: sa.ColumnElement[bool], limit: int | None = None
) -> Iterator[tuple[int, Any]]:
    query = (
        sa.select(
            MENTION.c.id, MENTION.c.kind, MENTION.c.revision, READING.c.masked_title,
            READING.c.masked_text, READING.c.about_education, READING.c.scope,
            READING.c.sentiment, READING.c.topics, READING.c.risk,
        )
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(READING.c.revision == MENTION.c.revision, wanted)
        .order_by(MENTION.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    for row in session.execute(query):
        yield row.id, row


def _item(row: Any) -> Item:
    title = row.masked_title
    text = row.masked_text.removeprefix(title).removeprefix(". ") if title else row.masked_text
    return Item(id=str(row.id), kind=row.kind, title=title or None, text=text or None)


def _shown(session: Session, wanted: sa.ColumnElement[bool]) -> list[ShownCorrection]:
    query = (
        sa.select(CORRECTION, USER.c.name.label("user_name"), USER.c.username)
        .outerjoin(USER, USER.c.id == CORRECTION.c.user_id)
        .where(wanted)
        .order_by(CORRECTION.c.id)
    )
    return [
        ShownCorrection(
            id=row.id,
            mention_id=row.mention_id,
            field=row.field,
            value=row.value,
            note=row.note,
            by=row.user_name or row.username or "–",
            at=row.at,
            undone_at=row.undone_at,
        )
        for row in session.execute(query)
    ]
