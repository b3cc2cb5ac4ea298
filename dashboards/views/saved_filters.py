"""Kept filters of the stream: a name for an address, one's own or shared within the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboards.views.stream_filter import STORIES, STREAM, fields_of
from dashboards.visitor import Checked, RowId, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import ConflictError, ForbiddenError, InputError
from langnghe.core.store.tables import SavedFilterRow
from langnghe.core.store.triage import filters_of, lock_filter
from langnghe.core.text import clean
from langnghe.core.triage import desk_of
from langnghe.core.types import Role

router = APIRouter()
MAX_NAME = 60
MOST = 30
"""Filters that one person may keep at one desk."""
PAGES = {"dong-tin": STREAM, "cum-tin": STORIES}
Name = Annotated[str, Form(max_length=500)]


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """One kept filter: where it leads, whether it is the one shown, whether one may change it."""

    id: int
    name: str
    href: str
    shared: bool
    here: bool
    mine: bool


def saved_shown(
    rows: Sequence[SavedFilterRow], query: str, caller: Caller, *, page: str = "dong-tin"
) -> list[ShownFilter]:
    """Return the kept filters of a page as its links."""
    return [
        ShownFilter(
            row.id or 0, row.name, f"/{row.page}?{row.query}", row.shared, row.query == query,
            _may_change(row, caller),
        )
        for row in rows
        if row.page == page
    ]  # fmt: skip


@router.post("/bo-loc", dependencies=[Checked])
def keep_filter(
    caller: SignedIn,
    services: Served,
    name: Name = "",
    query: Annotated[str, Form(max_length=4_000)] = "",
    trang: Annotated[str, Form(max_length=20)] = "dong-tin",
    chung: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Keep the filter in force under a name."""
    if trang not in PAGES:
        raise InputError("Trang của bộ lọc không đúng.")
    said = _name(name)
    kept = urlencode(fields_of(dict(parse_qsl(query)), PAGES[trang]))
    if not kept:
        raise InputError("Chưa lọc gì để lưu.", mend="Chọn điều kiện, bấm Tìm, rồi lưu lại.")
    desk = desk_of(caller)
    with services.store.write() as session:
        mine = [r for r in filters_of(session, desk, caller.user_id) if r.user_id == caller.user_id]
        if len(mine) >= MOST:
            raise ConflictError(f"Đã có {MOST} bộ lọc.", mend="Xóa bớt bộ lọc không dùng nữa.")
        if any(r.name == said for r in mine):
            raise ConflictError(f"Đã có bộ lọc tên «{said}».", mend="Đặt một tên khác.")
        session.add(
            SavedFilterRow(
                unit_id=desk, user_id=caller.user_id, page=trang, name=said, query=kept,
                shared=bool(chung), created_at=services.clock.now(),
            )
        )  # fmt: skip
    return RedirectResponse(f"/{trang}?{kept}&xong=bo-loc", 303)


@router.post("/bo-loc/{filter_id}/sua", dependencies=[Checked])
def change_filter(
    filter_id: RowId,
    caller: SignedIn,
    services: Served,
    name: Name = "",
    chung: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Give a kept filter another name, share it or keep it to oneself."""
    said = _name(name)
    with services.store.write() as session:
        row = lock_filter(session, desk_of(caller), caller.user_id, filter_id)
        _require(row, caller)
        row.name, row.shared = said, bool(chung)
        back = f"/{row.page}?{row.query}&xong=sua-bo-loc"
    return RedirectResponse(back, 303)


@router.post("/bo-loc/{filter_id}/xoa", dependencies=[Checked])
def drop_filter(filter_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Forget a kept filter; the mentions stay as they are."""
    with services.store.write() as session:
        row = lock_filter(session, desk_of(caller), caller.user_id, filter_id)
        _require(row, caller)
        back = f"/{row.page}?xong=xoa-bo-loc"
        session.delete(row)
    return RedirectResponse(back, 303)


def _may_change(row: SavedFilterRow, caller: Caller) -> bool:
    return row.user_id == caller.user_id or (row.shared and caller.role is Role.ADMIN)


def _require(row: SavedFilterRow, caller: Caller) -> None:
    if not _may_change(row, caller):
        raise ForbiddenError("Bộ lọc này do người khác lưu.", mend="Lưu một bộ lọc của riêng bạn.")


def _name(typed: str) -> str:
    said = clean(typed).replace("\n", " ")
    if not said or len(said) > MAX_NAME:
        raise InputError(f"Đặt tên từ 1 đến {MAX_NAME} ký tự.", mend="Viết tên ngắn, dễ nhớ.")
    return said
