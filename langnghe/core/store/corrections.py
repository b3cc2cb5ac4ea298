"""Write what people set right, and let it stand over every reading of the machine.

The columns of ``reading`` and the links of ``mention_unit`` always hold what counts; what the
machine said is kept beside them in ``reading.machine`` for as long as a person's word stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.corrections import Field, Understood, corrected
from langnghe.core.errors import ConflictError, NotFoundError
from langnghe.core.store.tables import (
    DONE,
    NEW,
    READ,
    CorrectionRow,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    StoryRow,
)

CORRECTION: sa.Table = CorrectionRow.__table__  # type: ignore[attr-defined]
LINK: sa.Table = MentionUnitRow.__table__  # type: ignore[attr-defined]
MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
_COPIED = (
    "about_education", "about_education_p", "scope", "sentiment", "sentiment_p", "topics", "risk",
    "risk_p", "units",
)  # fmt: skip
Row = dict[str, Any]


def record(
    session: Session,
    mention_id: int,
    words: Iterable[tuple[Field, Any]],
    *,
    note: str,
    user_id: int,
    now: datetime,
    revision: int,
) -> list[int]:
    """Store checked corrections of one mention and apply them; return their ids.

    Raises ``ConflictError`` when the text is no longer the ``revision`` that the person had before
    them, or has no reading yet.
    """
    mention, reading = _locked(session, mention_id)
    if mention.revision != revision or reading is None or reading.revision != revision:
        raise ConflictError(
            "Bài đã được sửa hoặc đang được đọc lại, chưa chỉnh được.",
            mend="Tải lại trang sau một phút, xem lại nội dung rồi chỉnh.",
        )
    rows = [
        CorrectionRow(
            mention_id=mention_id, story_id=mention.story_id, revision=revision, field=field.value,
            value=value, note=note, user_id=user_id, at=now,
        )
        for field, value in words
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    _apply(session, mention, reading)
    return [row.id for row in rows if row.id is not None]


def take_back(
    session: Session, mention_id: int, correction_id: int, *, user_id: int, now: datetime
) -> CorrectionRow | None:
    """Undo one correction: what stood before it holds again.

    Returns it, or ``None`` when it was taken back before. Raises ``NotFoundError``.
    """
    mention, reading = _locked(session, mention_id)
    row = session.get(CorrectionRow, correction_id)
    if row is None or row.mention_id != mention_id:
        raise NotFoundError("Không có lần chỉnh này.", mend="Tải lại trang để xem các lần chỉnh.")
    if row.undone_at is not None:
        return None
    row.undone_at, row.undone_by = now, user_id
    session.flush()
    if reading is not None:
        _apply(session, mention, reading)
    return row


def standing(session: Session, mention_ids: Sequence[int]) -> dict[int, dict[Field, Any]]:
    """Return what people's word on these mentions is now: of each field the newest, if any."""
    query = (
        sa.select(CORRECTION.c.mention_id, CORRECTION.c.field, CORRECTION.c.value)
        .where(CORRECTION.c.mention_id.in_(mention_ids), CORRECTION.c.undone_at.is_(None))
        .order_by(CORRECTION.c.id)
    )
    found: dict[int, dict[Field, Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.mention_id, {})[Field(row.field)] = row.value
    return found


def over_machine(session: Session, rows: Sequence[Row], links: Sequence[Row]) -> list[Row]:
    """Put people's word over fresh readings before they are stored.

    ``rows`` are rows of ``reading`` and are changed in place, ``links`` rows of ``mention_unit``;
    returns the links that count.
    """
    said: dict[int, dict[Field, Any]] = {}
    ids = [row["mention_id"] for row in rows]
    for start in range(0, len(ids), 500):
        said |= standing(session, ids[start : start + 500])
    if not said:
        return list(links)
    own: dict[int, dict[str, float]] = {}
    for link in links:
        own.setdefault(link["mention_id"], {}).setdefault(link["unit_id"], link["confidence"])
    kept: dict[int, Mapping[str, float]] = {}
    for row in rows:
        number = row["mention_id"]
        if number in said:
            row["machine"] = _snapshot(row, own.get(number, {}))
            kept[number] = _overlay(row, row["machine"], said[number])
    return [
        *(link for link in links if link["mention_id"] not in kept),
        *(
            {"mention_id": number, "unit_id": unit, "confidence": p}
            for number, units in kept.items()
            for unit, p in units.items()
        ),
    ]


def _locked(session: Session, mention_id: int) -> tuple[MentionRow, ReadingRow | None]:
    """Lock story, then mention, in the order in which grouping writes them."""
    story = session.scalar(sa.select(MENTION.c.story_id).where(MENTION.c.id == mention_id))
    if story is not None:
        session.execute(sa.select(STORY.c.id).where(STORY.c.id == story).with_for_update())
    mention = session.scalars(
        sa.select(MentionRow).where(MENTION.c.id == mention_id).with_for_update()
    ).one_or_none()
    if mention is None:
        raise NotFoundError("Không có tin này, hoặc tin ngoài phạm vi của bạn.")
    return mention, session.get(ReadingRow, mention_id)


def _apply(session: Session, mention: MentionRow, reading: ReadingRow) -> None:
    """Let the reading say what counts now; the story is weighed again by the next sweep."""
    if mention.id is None:
        raise RuntimeError("a stored mention has an id")
    said = standing(session, [mention.id]).get(mention.id, {})
    links = {
        row.unit_id: row.confidence
        for row in session.execute(sa.select(LINK).where(LINK.c.mention_id == mention.id))
    }
    machine = reading.machine or _snapshot({n: getattr(reading, n) for n in _COPIED}, links)
    row: Row = {}
    units = _overlay(row, machine, said)
    for name, value in row.items():
        setattr(reading, name, value)
    reading.machine = machine if said else None
    if dict(units) != links:
        session.execute(sa.delete(LINK).where(LINK.c.mention_id == mention.id))
        session.add_all(
            MentionUnitRow(mention_id=mention.id, unit_id=unit, confidence=p)
            for unit, p in units.items()
        )
    if reading.revision == mention.revision:
        mention.about_education = reading.about_education
        counts = reading.about_education and reading.scope == "vn"
        if mention.stage != NEW and mention.story_id is None:
            mention.stage = READ if counts else DONE
    if mention.story_id is not None:
        session.execute(
            sa.update(STORY).where(STORY.c.id == mention.story_id).values(assess_due=True)
        )
    session.flush()


def _snapshot(row: Mapping[str, Any], links: Mapping[str, float]) -> Row:
    """Return the machine's word as plain values."""
    return {**{name: row[name] for name in _COPIED}, "links": dict(links)}


def _overlay(row: Row, machine: Row, said: Mapping[Field, Any]) -> Mapping[str, float]:
    """Write what counts into ``row``; return the units that are linked."""
    found = corrected(
        Understood(
            about_education=machine["about_education"],
            about_education_p=machine["about_education_p"],
            scope=machine["scope"],
            sentiment=machine["sentiment"],
            sentiment_p=machine["sentiment_p"],
            topics=tuple(machine["topics"]),
            risk=machine["risk"],
            risk_p=tuple(machine["risk_p"]),
            units=machine["links"],
        ),
        said,
    )
    wrong = set(said.get(Field.NOT_ABOUT_US, ()))
    linked = {hit["unit"] for hit in machine["units"]}
    named = [
        {"unit": unit, "confidence": 1.0, "span": [0, 0]}  # a person's word has no place in a text
        for unit in said.get(Field.ABOUT_US, ())
        if unit not in linked
    ]
    row |= {
        "about_education": found.about_education,
        "about_education_p": found.about_education_p,
        "scope": found.scope,
        "sentiment": found.sentiment,
        "sentiment_p": dict(found.sentiment_p),
        "topics": [dict(hit) for hit in found.topics],
        "risk": found.risk,
        "risk_p": list(found.risk_p),
        "units": [hit for hit in [*machine["units"], *named] if hit["unit"] not in wrong],
    }
    return found.units
