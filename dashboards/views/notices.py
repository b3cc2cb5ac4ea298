"""What was sent to whom and what became of it, of one incident and of all; and dead channels."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dashboards.render import page, query_with
from dashboards.visitor import RowId, Served, SignedIn
from langnghe.core.errors import InputError
from langnghe.core.store.delivery import channel_troubles
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.queries.notices import NoticeFilter, list_notices
from langnghe.core.words import WORDS

router = APIRouter()
PAGE = 30


@router.get("/thong-bao")
def notices(
    request: Request,
    caller: SignedIn,
    services: Served,
    tinh_trang: str = "",
    kenh: str = "",
    trang: str = "",
) -> Response:
    """Show every notice the caller may see, newest first."""
    if tinh_trang and tinh_trang not in WORDS["notice"]:
        raise InputError("Không có tình trạng thông báo này.", mend="Chọn lại trong bộ lọc.")
    if kenh and kenh not in WORDS["way"]:
        raise InputError("Không có cách gửi này.", mend="Chọn lại trong bộ lọc.")
    wanted = NoticeFilter(
        viewer_unit=caller.unit_scope, state=tinh_trang or None, channel=kenh or None
    )
    with services.store.read() as session:
        found = list_notices(session, wanted, cursor=trang or None, limit=PAGE)
        troubles = channel_troubles(session)
    return page(
        request,
        "notices.html",
        caller=caller,
        incident=None,
        lines=found.rows,
        troubles=troubles,
        states=list(WORDS["notice"]),
        ways=list(WORDS["way"]),
        asked=dict(request.query_params),
        next=query_with(request, trang=found.next) if found.next else "",
    )


@router.get("/vu-viec/{incident_id}/thong-bao")
def incident_notices(
    request: Request, incident_id: RowId, caller: SignedIn, services: Served, trang: str = ""
) -> Response:
    """Show the notices of one incident, newest first."""
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        wanted = NoticeFilter(viewer_unit=caller.unit_scope, incident_id=incident_id)
        found = list_notices(session, wanted, cursor=trang or None, limit=PAGE)
        troubles = channel_troubles(session)
    return page(
        request,
        "notices.html",
        caller=caller,
        incident=detail.line,
        lines=found.rows,
        troubles=troubles,
        states=[],
        ways=[],
        asked={},
        next=query_with(request, trang=found.next) if found.next else "",
    )
