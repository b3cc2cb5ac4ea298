"""GET incidents, and POST the one thing a phone or a bot must be able to do: acknowledge."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from alerts.incidents import acknowledge
from api.auth import Actor, Reader, Served
from api.pages import Cursor, Limit, PageOut, RowId, link_next
from api.problems import MEDIA_TYPE, RESPONSES
from api.schemas.incidents import IncidentDetailOut, IncidentOut
from langnghe.core.clock import as_utc
from langnghe.core.store.queries.incidents import IncidentFilter, get_incident, list_incidents
from langnghe.core.types import IncidentState

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=RESPONSES)
_CONFLICT = {
    "description": "Vụ việc đã đóng hoặc đã có thay đổi khác",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@router.get("", operation_id="list_incidents", summary="Danh sách vụ việc, mới mở trước")
def incidents(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    topic: Annotated[str | None, Query(max_length=200)] = None,
    level: Annotated[int | None, Query(ge=0, le=99)] = None,
    min_level: Annotated[int | None, Query(ge=0, le=99)] = None,
    state: IncidentState | None = None,
    status: Annotated[
        Literal["open", "closed"] | None, Query(description="Đang mở hay đã đóng.")
    ] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[IncidentOut]:
    """Return a page of incidents the caller may see."""
    wanted = IncidentFilter(
        viewer_unit=caller.unit_scope,
        unit=unit,
        topic=topic,
        level=level,
        min_level=min_level,
        state=state.value if state else None,
        is_open=None if status is None else status == "open",
        since=_utc(since),
        until=_utc(until),
    )
    with services.store.read() as session:
        page = list_incidents(session, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(
        items=[IncidentOut.of(line, services.policy) for line in page.rows], next=page.next
    )


@router.get("/{incident_id}", operation_id="get_incident", summary="Một vụ việc")
def incident(incident_id: RowId, caller: Reader, services: Served) -> IncidentDetailOut:
    """Return one incident with its reasons, steps and timeline."""
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
    return IncidentDetailOut.full(detail, services.policy)


@router.post(
    "/{incident_id}/acknowledge",
    operation_id="acknowledge_incident",
    summary="Tiếp nhận vụ việc",
    responses={409: _CONFLICT},
)
def take(incident_id: RowId, caller: Actor, services: Served) -> IncidentDetailOut:
    """Acknowledge an incident. Doing it again changes nothing."""
    store = services.store
    with store.read() as session:  # the caller's scope is checked before anything is written
        get_incident(session, incident_id, viewer_unit=caller.unit_scope)
    acknowledge(store, incident_id, caller.shown_name, services.clock.now())
    with store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
    return IncidentDetailOut.full(detail, services.policy)


def _utc(moment: datetime | None) -> datetime | None:
    return as_utc(moment) if moment is not None else None
