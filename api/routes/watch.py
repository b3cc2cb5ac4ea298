"""GET watch: units of which more is said than usual."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.auth import Reader, Served
from api.pages import Cursor, Limit, PageOut, link_next
from api.problems import RESPONSES
from api.schemas.watch import UnusualOut
from langnghe.core.store.queries.unusual import UnusualFilter, list_unusual

router = APIRouter(prefix="/watch", tags=["watch"], responses=RESPONSES)


@router.get("", operation_id="list_unusual", summary="Đơn vị có số tin bất thường, mới trước")
def unusual(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    topic: Annotated[str | None, Query(max_length=200)] = None,
    kind: Literal["burst", "several_schools"] | None = None,
    closed: Annotated[bool, Query(description="Kể cả những lần đã hết.")] = False,
    once_in_days: Annotated[
        float, Query(ge=0, le=1e12, description="Chỉ những gì hiếm từ chừng này ngày một lần.")
    ] = 0.0,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[UnusualOut]:
    """Return a page of what is unusual about the units the caller may see."""
    wanted = UnusualFilter(caller.unit_scope, unit, topic, kind, closed, once_in_days)
    with services.store.read() as session:
        page = list_unusual(session, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(items=[UnusualOut.of(line) for line in page.rows], next=page.next)
