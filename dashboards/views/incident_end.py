"""How an incident ends on the page: conclusion, after-action form, closing, reopening, merging."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from alerts.concluding import (
    Conclusion,
    close_incident,
    conclude,
    reopen_incident,
    save_review,
)
from alerts.merging import merge_incidents, undo_merge
from dashboards.views.incident_facts import office_of
from dashboards.views.incident_proof import moment_of
from dashboards.views.incidents import Reason, Seen, back, in_scope, reason_of
from dashboards.visitor import Acting, Checked, RowId, Served
from langnghe.core.auth import Action
from langnghe.core.store.paging import MAX_ID

router = APIRouter()
_FIELD = "muc."


@router.post("/vu-viec/{incident_id}/ket-luan", dependencies=[Checked])
def concluded(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    outcome: Annotated[str, Form(max_length=100)],
    by: Annotated[str, Form(max_length=200)] = "",
    at: Annotated[str, Form(max_length=40)] = "",
    reason: Reason = "",
    ban: Seen = None,
) -> Response:
    """Record the conclusion; no time stated means now."""
    in_scope(services, caller, incident_id)
    now = services.clock.now()
    said = Conclusion(outcome, reason_of(reason), by, moment_of(at) or now)
    conclude(services.store, office_of(services), incident_id, said, caller.shown_name, now, ban)
    return back(incident_id, "ket-luan")


async def review_form(request: Request) -> dict[str, str]:
    """Return the fields of the after-action form by their ids."""
    form = await request.form()
    return {
        name.removeprefix(_FIELD): value
        for name, value in form.items()
        if name.startswith(_FIELD) and isinstance(value, str)
    }


@router.post("/vu-viec/{incident_id}/rut-kinh-nghiem", dependencies=[Checked])
def review(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    fields: Annotated[dict[str, str], Depends(review_form)],
    ban: Seen = None,
) -> Response:
    """Save a version of the after-action form."""
    in_scope(services, caller, incident_id)
    save_review(
        services.store,
        office_of(services),
        incident_id,
        fields,
        caller.shown_name,
        services.clock.now(),
        ban,
    )
    return back(incident_id, "rut-kinh-nghiem")


@router.post("/vu-viec/{incident_id}/dong", dependencies=[Checked])
def close(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    reason: Reason = "",
    som: Annotated[bool, Form()] = False,
    ban: Seen = None,
) -> Response:
    """Close; before all is done only by who answers for that."""
    if som:
        caller.require(Action.CLOSE_EARLY)
    in_scope(services, caller, incident_id)
    close_incident(
        services.store,
        office_of(services),
        incident_id,
        caller.shown_name,
        reason_of(reason),
        services.clock.now(),
        force=som,
        seen=ban,
    )
    return back(incident_id, "dong")


@router.post("/vu-viec/{incident_id}/mo-lai", dependencies=[Checked])
def reopen(incident_id: RowId, caller: Acting, services: Served, reason: Reason = "") -> Response:
    """Open a closed incident again."""
    in_scope(services, caller, incident_id)
    reopen_incident(
        services.store,
        office_of(services),
        incident_id,
        caller.shown_name,
        reason_of(reason),
        services.clock.now(),
    )
    return back(incident_id, "mo-lai")


@router.post("/vu-viec/{incident_id}/gop", dependencies=[Checked])
def merge(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    vao: Annotated[int, Form(ge=1, le=MAX_ID)],
    reason: Reason = "",
) -> Response:
    """Let this incident go on in another one; both must lie in the caller's scope."""
    in_scope(services, caller, incident_id)
    in_scope(services, caller, vao)
    merge_incidents(
        services.store,
        office_of(services),
        incident_id,
        vao,
        caller.shown_name,
        reason_of(reason),
        services.clock.now(),
    )
    return back(vao, "gop-vu")


@router.post("/vu-viec/{incident_id}/bo-gop", dependencies=[Checked])
def unmerge(incident_id: RowId, caller: Acting, services: Served, reason: Reason = "") -> Response:
    """Take the merger of this incident back; the survivor must lie in the scope as well."""
    survivor = in_scope(services, caller, incident_id).line.row.merged_into
    if survivor is not None:
        in_scope(services, caller, survivor)
    undo_merge(
        services.store, incident_id, caller.shown_name, reason_of(reason), services.clock.now()
    )
    return back(incident_id, "tach-vu")
