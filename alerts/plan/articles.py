"""The way of an article: planned, submitted, approved by the head, published by the secretary.

The plan says who does what: the organisations write, the head of the unit approves, the secretary
publishes and keeps the tally. Each act is one line of the audit log.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import Session

from alerts.plan.calendar import bounds
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ConflictError, ForbiddenError, InputError
from langnghe.core.store import plan
from langnghe.core.store.engine import Store
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables import ArticleRow, WriterRow
from langnghe.core.store.users import note
from langnghe.core.text import clean, digest
from langnghe.core.types import Role

LONGEST = 50_000
_BLANK = re.compile(r"\s")
_STATES = {
    "planned": "đã lên kế hoạch", "submitted": "chờ duyệt", "returned": "trả lại",
    "approved": "đã duyệt", "published": "đã đăng", "dropped": "đã bỏ",
}  # fmt: skip


def set_writer(
    store: Store, caller: Caller, now: datetime, *, unit_id: str, name: str, head: str = "",
    email: str = "", per_month: int = 1, since: date,
) -> int:  # fmt: skip
    """Add an organisation that owes articles, or change the one of that name; return its id.

    One that is changed goes on owing since when it did, and keeps its address where none is given.
    """
    caller.require(Action.ACT)
    name = clean(name)
    if not name or len(name) > 100:
        raise InputError("Cần ghi tên tổ chức (tối đa 100 ký tự).")
    if not 0 <= per_month <= 31:
        raise InputError("Số bài mỗi tháng phải từ 0 đến 31.")
    with store.write() as session:
        _in_scope(session, caller, unit_id)
        row = session.scalars(
            sa.select(WriterRow).where(plan.WRITER.c.unit_id == unit_id, plan.WRITER.c.name == name)
        ).one_or_none() or WriterRow(unit_id=unit_id, name=name, since=since)
        row.head, row.per_month = clean(head) or row.head, per_month
        row.email, row.until = clean(email) or row.email, None
        session.add(row)
        session.flush()
        note(session, now, caller.username, "plan_writer", f"{unit_id}:{name}")
        return row.id or 0


def propose(
    store: Store, caller: Caller, now: datetime, *, writer_id: int, month: str, title: str,
    theme: str = "", due_on: date | None = None, text: str = "", author: str = "",
) -> int:  # fmt: skip
    """Plan an article for an organisation; with a text it goes to the head at once."""
    caller.require(Action.ACT)
    bounds(month)
    title = clean(title)
    if not title or len(title) > 300:
        raise InputError("Cần ghi tên bài (tối đa 300 ký tự).")
    with store.write() as session:
        writer = plan.writer_of(session, writer_id, viewer_unit=caller.unit_scope)
        row = ArticleRow(
            unit_id=writer.unit_id, writer_id=writer_id, month=month, title=title,
            theme=clean(theme), author=clean(author), due_on=due_on, created_at=now,
            created_by=caller.username,
        )  # fmt: skip
        _write(row, text, now)
        session.add(row)
        session.flush()
        note(session, now, caller.username, "article_planned", f"article:{row.id}")
        return row.id or 0


def submit(store: Store, caller: Caller, article_id: int, text: str, now: datetime) -> None:
    """Hand the text in to the head; allowed until it is approved."""
    caller.require(Action.ACT)
    with store.write() as session:
        row = _article(session, caller, article_id, "planned", "submitted", "returned")
        if not clean(text):
            raise InputError("Bài chưa có nội dung.")
        _write(row, text, now)
        note(session, now, caller.username, "article_submitted", f"article:{article_id}")


def seen_of(row: ArticleRow) -> str:
    """Return what names the wording of an article: who approves sends back what they read."""
    return digest(row.title, row.text)


def approve(store: Store, caller: Caller, article_id: int, seen: str, now: datetime) -> None:
    """Approve the wording ``seen`` for publishing: the head of the unit alone."""
    _decide(store, caller, article_id, "approved", "", now, seen=seen)


def give_back(store: Store, caller: Caller, article_id: int, why: str, now: datetime) -> None:
    """Return to the writer with a reason: the head of the unit alone."""
    if not clean(why):
        raise InputError("Phải ghi lý do trả lại.")
    _decide(store, caller, article_id, "returned", clean(why), now)


def publish(store: Store, caller: Caller, article_id: int, url: str, now: datetime) -> None:
    """Write down that an approved article stands on the website, and where."""
    caller.require(Action.ACT)
    address = url.strip()
    if not _is_address(address) or len(address) > 1000:
        raise InputError("Cần ghi địa chỉ trang đã đăng.", mend="Dán đường dẫn bắt đầu bằng http.")
    with store.write() as session:
        row = _article(session, caller, article_id, "approved")
        row.state, row.published_at, row.published_by = "published", now, caller.shown_name
        row.url = address
        note(session, now, caller.username, "article_published", f"article:{article_id}")


def drop(store: Store, caller: Caller, article_id: int, why: str, now: datetime) -> None:
    """Strike an article that will not be written."""
    caller.require(Action.ACT)
    if not clean(why):
        raise InputError("Phải ghi lý do bỏ bài.")
    with store.write() as session:
        row = _article(session, caller, article_id, "planned", "submitted", "returned", "approved")
        row.state, row.note = "dropped", clean(why)
        note(session, now, caller.username, "article_dropped", f"article:{article_id}",
             reason=clean(why))  # fmt: skip


def _decide(
    store: Store, caller: Caller, article_id: int, state: str, why: str, now: datetime,
    *, seen: str | None = None,
) -> None:  # fmt: skip
    if caller.role is not Role.PRINCIPAL:
        raise ForbiddenError(
            "Chỉ người đứng đầu đơn vị duyệt bài.", mend="Trình hiệu trưởng duyệt."
        )
    with store.write() as session:
        row = _article(session, caller, article_id, "submitted")
        if seen is not None and seen != seen_of(row):
            raise ConflictError("Bài đã được sửa sau khi bạn mở.", mend="Tải lại trang, đọc lại.")
        row.state, row.note = state, why
        row.decided_at, row.decided_by = now, caller.shown_name
        note(session, now, caller.username, f"article_{state}", f"article:{article_id}",
             reason=why)  # fmt: skip


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not _BLANK.search(text)


def _write(row: ArticleRow, text: str, now: datetime) -> None:
    said = clean(text)
    if len(said) > LONGEST:
        raise InputError(f"Bài dài quá {LONGEST} ký tự.", mend="Rút gọn, hoặc chia thành hai bài.")
    if said:
        row.text, row.state, row.submitted_at = said, "submitted", now


def _article(session: Session, caller: Caller, article_id: int, *states: str) -> ArticleRow:
    row = plan.article_of(session, article_id, viewer_unit=caller.unit_scope)
    if row.state not in states:
        raise ConflictError(
            f"Bài này đang ở tình trạng «{_STATES[row.state]}».",
            mend="Tải lại trang để xem tình trạng mới nhất.",
        )
    return row


def _in_scope(session: Session, caller: Caller, unit_id: str) -> None:
    known = sa.select(UNIT.c.id).where(UNIT.c.id == unit_id)
    if caller.unit_scope is not None:
        known = known.where(UNIT.c.id.in_(subtree(caller.unit_scope)))
    if session.execute(known).first() is None:
        raise ForbiddenError("Đơn vị này ngoài phạm vi của bạn.")
