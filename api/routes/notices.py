"""GET notices: every message, what became of it, and the channels that are out of order."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.auth import Reader, Served
from api.pages import Cursor, Limit, PageOut, RowId, link_next
from api.problems import RESPONSES
from api.schemas.notices import ChannelTroubleOut, NoticeOut
from langnghe.core.store.delivery import channel_troubles
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.queries.notices import NoticeFilter, list_notices

router = APIRouter(prefix="/notices", tags=["notices"], responses=RESPONSES)


@router.get("", operation_id="list_notices", summary="Thông báo đã gửi và đang chờ, mới trước")
def notices(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    incident: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    state: Literal["due", "leased", "sent", "dead", "grouped", "withdrawn"] | None = None,
    channel: Annotated[str | None, Query(max_length=50)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[NoticeOut]:
    """Return a page of notices the caller may see."""
    wanted = NoticeFilter(caller.unit_scope, incident, state, channel)
    with services.store.read() as session:
        page = list_notices(session, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(
        items=[NoticeOut.of(line, services.policy) for line in page.rows], next=page.next
    )


@router.get(
    "/channels", operation_id="list_channel_troubles", summary="Các kênh đang không dùng được"
)
def troubles(caller: Reader, services: Served) -> list[ChannelTroubleOut]:
    """Return the channels that are out of order, the longest first."""
    del caller  # anybody who may read may know that the house cannot reach people
    with services.store.read() as session:
        return [ChannelTroubleOut.of(trouble) for trouble in channel_troubles(session)]


@router.get(
    "/of-incident/{incident_id}",
    operation_id="list_incident_notices",
    summary="Thông báo của một vụ việc",
)
def of_incident(
    request: Request,
    response: Response,
    incident_id: RowId,
    caller: Reader,
    services: Served,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[NoticeOut]:
    """Return a page of the notices of an incident, 404 outside the caller's units."""
    wanted = NoticeFilter(caller.unit_scope, incident_id)
    with services.store.read() as session:
        get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        page = list_notices(session, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(
        items=[NoticeOut.of(line, services.policy) for line in page.rows], next=page.next
    )
