"""Incidents: the list, the ten-second page, and the acts of the first hours."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts import incidents as acts
from alerts.chronicler import story_chronicle
from alerts.forecast.model import outlook
from alerts.owning import assign, owner_shown
from alerts.since import refuse_changed
from dashboards.render import page, query_with
from dashboards.views.incident_facts import incident_facts, links_of, office_of
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.incidents import (
    IncidentDetail,
    IncidentFilter,
    get_incident,
    list_incidents,
    queue_of,
)
from langnghe.core.store.statements import units_for
from langnghe.core.store.tables import StoryRow
from langnghe.core.text import clean
from langnghe.core.types import IncidentState, Verification

router = APIRouter()
PAGE = 20
STATES: dict[str, bool | None] = {"": True, "dong": False, "tat-ca": None}
Reason = Annotated[str, Form(max_length=2000)]
Seen = Annotated[int | None, Form(ge=0, le=MAX_ID)]
"""The newest timeline entry that stood on the page a form came from."""


@router.get("/vu-viec")
def incident_list(
    request: Request,
    caller: SignedIn,
    services: Served,
    tinh_trang: str = "",
    muc: str = "",
    don_vi: str = "",
    chu_de: str = "",
    nhan: str = "",
    trang: str = "",
) -> Response:
    """Show what stands open by what is due first; closed ones apart, newest opened first."""
    state = {"mo": ""}.get(tinh_trang, tinh_trang)
    if muc and not (muc.isdecimal() and len(muc) <= 2):
        raise InputError("Mức rủi ro trong bộ lọc không đúng.")
    if state not in STATES or nhan not in ("", "chua"):
        raise InputError("Bộ lọc không đúng.", mend="Bắt đầu lại từ danh sách vụ việc.")
    wanted = IncidentFilter(
        viewer_unit=caller.unit_scope,
        unit=don_vi[:200] or None,
        topic=chu_de[:100] or None,
        level=int(muc) if muc else None,
        is_open=STATES[state],
        acknowledged=False if nhan and state != "dong" else None,
    )
    listed = list_incidents if state else queue_of
    with services.store.read() as session:
        found = listed(session, wanted, cursor=trang or None, limit=PAGE)
        units = units_for(session, caller.unit_scope)
    office = office_of(services)
    return page(
        request,
        "incidents.html",
        caller=caller,
        lines=found.rows,
        owners={line.id: owner_shown(office, line.row) for line in found.rows},
        units=units,
        asked=dict(request.query_params),
        asked_state=state,
        narrowed=bool(muc or don_vi or chu_de or nhan),
        next=query_with(request, trang=found.next) if found.next else "",
    )


@router.get("/vu-viec/{incident_id}")
def incident(request: Request, incident_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one incident."""
    facts = incident_facts(services, caller, incident_id)
    with services.store.read() as session:
        told = story_chronicle(
            session,
            facts["incident"].story_id,
            services.policy,
            services.clock.now(),
            viewer_unit=caller.unit_scope,
        )
        row = session.get(StoryRow, facts["incident"].story_id)
    ahead = outlook(row.forecast if row else {}, services.clock.now(), services.policy)
    links = links_of(request, incident_id)
    return page(
        request, "incident.html", caller=caller, changed=False, told=told, ahead=ahead,
        links=links, **facts,
    )  # fmt: skip


@router.get("/manh/vu-viec/{incident_id}")
def incident_part(
    request: Request, incident_id: RowId, caller: SignedIn, services: Served
) -> Response:
    """Return only the timeline, for the page's script; the forms above it are left in peace."""
    return page(
        request,
        "_timeline.html",
        caller=caller,
        changed=True,
        **incident_facts(services, caller, incident_id),
    )


@router.post("/vu-viec/{incident_id}/tiep-nhan", dependencies=[Checked])
def take(incident_id: RowId, caller: Acting, services: Served) -> Response:
    """Acknowledge; doing it again changes nothing."""
    in_scope(services, caller, incident_id)
    acts.acknowledge(services.store, incident_id, caller.shown_name, services.clock.now())
    return back(incident_id, "tiep-nhan")


@router.post("/vu-viec/{incident_id}/phu-trach", dependencies=[Checked])
def hand_on(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    owner: Annotated[str, Form(max_length=60)] = "",
    ban: Seen = None,
) -> Response:
    """Make somebody responsible; nobody chosen means the level's owner role."""
    in_scope(services, caller, incident_id)
    assign(
        services.store,
        office_of(services),
        incident_id,
        owner,
        caller.shown_name,
        services.clock.now(),
        ban,
    )
    return back(incident_id, "phu-trach")


@router.post("/vu-viec/{incident_id}/xac-minh", dependencies=[Checked])
def verify(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    verification: Annotated[Verification, Form()],
    reason: Reason = "",
    ban: Seen = None,
) -> Response:
    """Set how far the matter has been checked; says nothing about the level."""
    in_scope(services, caller, incident_id)
    acts.set_verification(
        services.store,
        incident_id,
        verification,
        caller.shown_name,
        services.clock.now(),
        reason_of(reason),
        ban,
    )
    return back(incident_id, "xac-minh")


@router.post("/vu-viec/{incident_id}/tinh-trang", dependencies=[Checked])
def move(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    state: Annotated[IncidentState, Form()],
    ban: Seen = None,
) -> Response:
    """Move an acknowledged incident along its life."""
    in_scope(services, caller, incident_id)
    now = services.clock.now()
    acts.set_state(services.store, incident_id, state, caller.shown_name, now, ban)
    return back(incident_id, "tinh-trang")


@router.post("/vu-viec/{incident_id}/muc", dependencies=[Checked])
def change_level(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    level: Annotated[int, Form(ge=0, le=99)],
    reason: Reason = "",
    ban: Seen = None,
) -> Response:
    """Raise or lower the level by hand, with a reason."""
    why = reason_of(reason)
    present = in_scope(services, caller, incident_id).line.row.level
    if level == present:
        with services.store.read() as session:
            refuse_changed(session, incident_id, "level", ban)
        raise InputError("Vụ việc đang ở mức này rồi.", mend="Chọn mức khác rồi gửi lại.")
    act = acts.raise_level if level > present else acts.lower_level
    now = services.clock.now()
    act(services.store, office_of(services), incident_id, level, caller.shown_name, why, now, ban)
    return back(incident_id, "muc")


def in_scope(services: Services, caller: Caller, incident_id: int) -> IncidentDetail:
    """Return the incident the caller wants to act on. Raises NotFoundError outside the scope."""
    with services.store.read() as session:
        return get_incident(session, incident_id, viewer_unit=caller.unit_scope)


def reason_of(typed: str) -> str:
    """Return a typed reason. Raises InputError for none or next to none."""
    reason = clean(typed)
    if len(reason) < 5:
        raise InputError("Cần ghi rõ lý do.", mend="Quay lại và ghi lý do rồi gửi lại.")
    return reason


def back(incident_id: int, done: str) -> Response:
    """Return the way back to the incident's page, which says what was done."""
    return RedirectResponse(f"/vu-viec/{incident_id}?xong={done}", 303)
