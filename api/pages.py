"""Cursor pages: a ``next`` member in the body and the same as a ``Link`` header (RFC 8288)."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from langnghe.core.store.paging import MAX_ID

T = TypeVar("T")
MAX_LIMIT = 200
RowId = Annotated[int, Path(ge=1, le=MAX_ID)]

Cursor = Annotated[
    str | None,
    Query(description="Con trỏ của trang trước (trường «next»).", max_length=300),
]
Limit = Annotated[int, Query(description="Số dòng tối đa một trang.", ge=1, le=MAX_LIMIT)]


class PageOut(BaseModel, Generic[T]):
    """One page. ``next`` is null on the last one."""

    items: list[T]
    next: str | None = Field(None, description="Con trỏ của trang sau; null là hết.")


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add the ``Link: <…>; rel="next"`` header, relative so that no host name is trusted."""
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
