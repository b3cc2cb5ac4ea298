"""GET the facts of a report as JSON, and the papers that were given a number."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from alerts.reports.desk import Wish, facts_for
from alerts.reports.facts import (
    IncidentFacts,
    OpinionFacts,
    PaperKind,
    RegisterFacts,
    ReleaseFacts,
)
from api.auth import Reader, Served
from api.pages import Cursor, Limit, PageOut, link_next
from api.problems import RESPONSES
from api.schemas.reports import PaperOut
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.papers import list_papers

router = APIRouter(prefix="/reports", tags=["reports"], responses=RESPONSES)
Row = Annotated[int | None, Query(ge=1, le=MAX_ID)]


@router.get("/papers", operation_id="list_papers", summary="Văn bản đã lấy số, mới trước")
def papers(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[PaperOut]:
    """Return a page of numbered papers of the caller's units."""
    with services.store.read() as session:
        page = list_papers(session, viewer_unit=caller.unit_scope, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(items=[PaperOut.of(row) for row in page.rows], next=page.next)


@router.get(
    "/{kind}", operation_id="get_report", summary="Số liệu của một báo cáo, tính đến lúc gọi"
)
def report(
    kind: PaperKind,
    caller: Reader,
    services: Served,
    unit: Annotated[str, Query(max_length=200, description="Đơn vị ban hành.")] = "",
    incident: Row = None,
    statement: Row = None,
    first: Annotated[date | None, Query(description="Ngày đầu kỳ (YYYY-MM-DD).")] = None,
    last: Annotated[date | None, Query(description="Ngày cuối kỳ, kể cả ngày ấy.")] = None,
) -> OpinionFacts | IncidentFacts | RegisterFacts | ReleaseFacts:
    """Return the facts a paper of this kind would be laid out from; texts are masked."""
    wish = Wish(kind, unit, incident, statement, first, last)
    return facts_for(services, wish, viewer_unit=caller.unit_scope)
