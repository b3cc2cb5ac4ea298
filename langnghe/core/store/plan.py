"""All SQL of the communication plan: writers, articles and the feedback register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.parts import parts
from langnghe.core.store.queries.scope import MENTION, MENTION_UNIT, subtree
from langnghe.core.store.tables import ArticleRow, FeedbackRow, ReadingRow, WriterRow

WRITER: sa.Table = WriterRow.__table__  # type: ignore[attr-defined]
ARTICLE: sa.Table = ArticleRow.__table__  # type: ignore[attr-defined]
FEEDBACK: sa.Table = FeedbackRow.__table__  # type: ignore[attr-defined]
READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
GOOD_TOPIC = "hoat_dong_tich_cuc"
Row = TypeVar("Row", ArticleRow, WriterRow, FeedbackRow)


def writers(session: Session, *, viewer_unit: str | None) -> list[WriterRow]:
    """Return the organisations that owe articles, by unit and name."""
    query = sa.select(WriterRow).order_by(WRITER.c.unit_id, WRITER.c.name)
    if viewer_unit is not None:
        query = query.where(WRITER.c.unit_id.in_(subtree(viewer_unit)))
    return list(session.scalars(query))


def articles(session: Session, month: str, *, viewer_unit: str | None) -> list[ArticleRow]:
    """Return the articles that count for a month (``2026-11``), the oldest first."""
    query = sa.select(ArticleRow).where(ARTICLE.c.month == month).order_by(ARTICLE.c.id)
    if viewer_unit is not None:
        query = query.where(ARTICLE.c.unit_id.in_(subtree(viewer_unit)))
    return list(session.scalars(query))


def article_of(session: Session, article_id: int, *, viewer_unit: str | None) -> ArticleRow:
    """Return one article, locked. Raises NotFoundError also outside the viewer's units."""
    return _one(session, ArticleRow, ARTICLE, article_id, viewer_unit, "bài viết")


def writer_of(session: Session, writer_id: int, *, viewer_unit: str | None) -> WriterRow:
    """Return one writer, locked. Raises NotFoundError also outside the viewer's units."""
    return _one(session, WriterRow, WRITER, writer_id, viewer_unit, "tổ chức viết bài")


def feedback_of(session: Session, feedback_id: int, *, viewer_unit: str | None) -> FeedbackRow:
    """Return one entry, locked. Raises NotFoundError also outside the viewer's units."""
    return _one(session, FeedbackRow, FEEDBACK, feedback_id, viewer_unit, "góp ý, phản ánh")


def feedback(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    viewer_unit: str | None,
    limit: int = 500,
) -> list[FeedbackRow]:
    """Return the newest entries received in a time, the newest first."""
    query = (
        sa.select(FeedbackRow)
        .where(FEEDBACK.c.received_at >= since, FEEDBACK.c.received_at < until)
        .order_by(FEEDBACK.c.received_at.desc(), FEEDBACK.c.id.desc())
        .limit(limit)
    )
    if viewer_unit is not None:
        query = query.where(FEEDBACK.c.unit_id.in_(subtree(viewer_unit)))
    return list(session.scalars(query))


def feedback_open(
    session: Session, before: datetime, *, viewer_unit: str | None, limit: int = 200
) -> list[FeedbackRow]:
    """Return the entries received before then that nobody has answered, the oldest first."""
    query = (
        sa.select(FeedbackRow)
        .where(FEEDBACK.c.received_at < before, FEEDBACK.c.answered_at.is_(None))
        .order_by(FEEDBACK.c.received_at, FEEDBACK.c.id)
        .limit(limit)
    )
    if viewer_unit is not None:
        query = query.where(FEEDBACK.c.unit_id.in_(subtree(viewer_unit)))
    return list(session.scalars(query))


def feedback_saying(session: Session, fits: Callable[..., bool]) -> list[int]:
    """Return the ids of entries of which one text ``fits`` (reads the whole register)."""
    names = ("text", "masked", "answer", "owner", "reply_to")
    query = sa.select(FEEDBACK.c.id, *(FEEDBACK.c[name] for name in names)).order_by(FEEDBACK.c.id)
    rows = session.execute(query).yield_per(1000)
    return [row.id for row in rows if any(fits(text) for text in row[1:])]


def feedback_by_id(session: Session, ids: Sequence[int]) -> list[FeedbackRow]:
    """Return entries by their ids."""
    return [
        row
        for part in parts(ids)
        for row in session.scalars(sa.select(FeedbackRow).where(FEEDBACK.c.id.in_(part)))
    ]


def feedback_counted(
    session: Session, since: datetime, until: datetime, *, viewer_unit: str | None
) -> Sequence[Any]:
    """Return what figures need of every entry received in a time, without its text."""
    names = ("channel", "kind", "topic", "received_at", "due_at", "answered_at")
    query = sa.select(*(FEEDBACK.c[name] for name in names)).where(
        FEEDBACK.c.received_at >= since, FEEDBACK.c.received_at < until
    )
    if viewer_unit is not None:
        query = query.where(FEEDBACK.c.unit_id.in_(subtree(viewer_unit)))
    return session.execute(query).all()


def good_news(
    session: Session, since: datetime, until: datetime, *, viewer_unit: str | None, limit: int = 20
) -> Sequence[Any]:
    """Return masked good news of a time: rows of id, title, text, source, seen_at; newest first."""
    query = (
        sa.select(
            MENTION.c.id, READING.c.masked_title.label("title"),
            sa.func.substr(READING.c.masked_text, 1, 400).label("text"),
            MENTION.c.source_name.label("source"), MENTION.c.seen_at, READING.c.topics,
        )
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(
            MENTION.c.seen_at >= since,
            MENTION.c.seen_at < until,
            READING.c.sentiment == "pos",
            READING.c.risk == 0,
            MENTION.c.about_education,
            MENTION.c.kind == "news",
        )
        .order_by(MENTION.c.seen_at.desc(), MENTION.c.id.desc())
        .limit(limit * 5)
    )  # fmt: skip
    if viewer_unit is not None:
        linked = sa.select(MENTION_UNIT.c.mention_id).where(
            MENTION_UNIT.c.unit_id.in_(subtree(viewer_unit))
        )
        query = query.where(MENTION.c.id.in_(linked))
    rows = session.execute(query).all()
    good = [row for row in rows if any(hit["topic"] == GOOD_TOPIC for hit in row.topics)]
    return good[:limit]


def _one(
    session: Session,
    kind: type[Row],
    table: sa.Table,
    row_id: int,
    viewer_unit: str | None,
    name: str,
) -> Row:
    query = sa.select(kind).where(table.c.id == row_id).with_for_update()
    if viewer_unit is not None:
        query = query.where(table.c.unit_id.in_(subtree(viewer_unit)))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFoundError(f"Không có {name} số {row_id}, hoặc ngoài phạm vi của bạn.")
    return row
