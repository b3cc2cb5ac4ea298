"""Every act on an incident that the page offers, for programs: the same functions, the same rules.

A file comes as the bare body of its request, so that nothing of it is read before it is known who
sends it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from alerts import concluding, incidents, merging
from alerts.attachments import (
    MAX_FILE,
    Upload,
    add_attachment,
    attachments_of,
    withdraw_attachment,
)
from alerts.carry import Office
from alerts.owning import assign, candidates
from alerts.since import refuse_changed
from api.auth import Actor, Reader, Served
from api.pages import RowId
from api.problems import MEDIA_TYPE, RESPONSES
from api.schemas import incident_acts as given
from api.schemas.incidents import IncidentDetailOut
from langnghe.core.auth import Action, Caller
from langnghe.core.clock import as_utc
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store.queries.incidents import get_incident

_CONFLICT = {
    "description": "Vụ việc đã đóng, chưa đủ điều kiện hoặc đã có thay đổi khác",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
router = APIRouter(
    prefix="/incidents/{incident_id}", tags=["incidents"], responses={**RESPONSES, 409: _CONFLICT}
)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/level", operation_id="set_incident_level", summary="Nâng mức hoặc hạ mức")
def set_level(
    incident_id: RowId, body: given.LevelIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Raise or lower the level by hand, with a reason."""
    present = _known(services, caller, incident_id).level.value
    if body.level == present:
        with services.store.read() as session:
            refuse_changed(session, incident_id, "level", body.seen)
        raise InputError("Vụ việc đang ở mức này rồi.", mend="Chọn mức khác.")
    act = incidents.raise_level if body.level > present else incidents.lower_level
    name, now = caller.shown_name, services.clock.now()
    act(
        services.store,
        _office(services),
        incident_id,
        body.level,
        name,
        body.reason,
        now,
        body.seen,
    )
    return _known(services, caller, incident_id)


@router.post("/state", operation_id="set_incident_state", summary="Chuyển tình trạng")
def set_state(
    incident_id: RowId, body: given.StateIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Move an acknowledged incident along its life."""
    _known(services, caller, incident_id)
    now = services.clock.now()
    name = caller.shown_name
    incidents.set_state(services.store, incident_id, body.state, name, now, body.seen)
    return _known(services, caller, incident_id)


@router.post("/verification", operation_id="verify_incident", summary="Ghi mức xác minh")
def verify(
    incident_id: RowId, body: given.VerificationIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Record how far the matter has been checked; says nothing about the level."""
    _known(services, caller, incident_id)
    name, now = caller.shown_name, services.clock.now()
    incidents.set_verification(
        services.store, incident_id, body.verification, name, now, body.reason, body.seen
    )
    return _known(services, caller, incident_id)


@router.get("/candidates", operation_id="incident_candidates", summary="Ai có thể phụ trách")
def who_may(incident_id: RowId, caller: Actor, services: Served) -> list[given.CandidateOut]:
    """Return who may be made responsible."""
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        found = candidates(session, _office(services), detail.line.row)
    return [given.CandidateOut(key=c.key, name=c.name, office=c.office) for c in found]


@router.post("/owner", operation_id="assign_incident", summary="Giao người phụ trách")
def set_owner(
    incident_id: RowId, body: given.OwnerIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Make somebody responsible."""
    _known(services, caller, incident_id)
    name, now = caller.shown_name, services.clock.now()
    assign(services.store, _office(services), incident_id, body.owner, name, now, body.seen)
    return _known(services, caller, incident_id)


@router.post(
    "/steps/{code}", operation_id="complete_step", summary="Ghi nhận việc đã xong, kèm bằng chứng"
)
def complete(
    incident_id: RowId, code: str, body: given.EvidenceIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Record that a step is done; a file must have been attached to it before."""
    _known(services, caller, incident_id)
    proof = incidents.Evidence(
        body.note, body.link, body.document, as_utc(body.document_at) if body.document_at else None
    )
    name, now = caller.shown_name, services.clock.now()
    incidents.complete_step(
        services.store, _office(services), incident_id, code, name, now, proof, body.seen
    )
    return _known(services, caller, incident_id)


@router.post("/conclusion", operation_id="conclude_incident", summary="Ghi kết luận")
def conclude(
    incident_id: RowId, body: given.ConclusionIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Record the conclusion of a competent body."""
    _known(services, caller, incident_id)
    now = services.clock.now()
    said = concluding.Conclusion(
        body.outcome, body.reason, body.by, as_utc(body.at) if body.at else now
    )
    concluding.conclude(
        services.store, _office(services), incident_id, said, caller.shown_name, now, body.seen
    )
    return _known(services, caller, incident_id)


@router.get("/reviews", operation_id="list_reviews", summary="Các bản phiếu rút kinh nghiệm")
def reviews(incident_id: RowId, caller: Reader, services: Served) -> list[given.ReviewOut]:
    """Return all versions of the after-action form, oldest first."""
    _known(services, caller, incident_id)
    with services.store.read() as session:
        return [given.ReviewOut.of(row) for row in concluding.reviews_of(session, incident_id)]


@router.post("/reviews", operation_id="save_review", summary="Lưu phiếu rút kinh nghiệm")
def review(
    incident_id: RowId, body: given.ReviewIn, caller: Actor, services: Served
) -> given.ReviewOut:
    """Save a version of the after-action form."""
    _known(services, caller, incident_id)
    name, now = caller.shown_name, services.clock.now()
    row = concluding.save_review(
        services.store, _office(services), incident_id, body.fields, name, now, body.seen
    )
    return given.ReviewOut.of(row)


@router.post("/close", operation_id="close_incident", summary="Đóng vụ việc")
def close(
    incident_id: RowId, body: given.CloseIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Close; refused with what is missing unless the principal forces it."""
    if body.force:
        caller.require(Action.CLOSE_EARLY)
    _known(services, caller, incident_id)
    name, now = caller.shown_name, services.clock.now()
    concluding.close_incident(
        services.store, _office(services), incident_id, name, body.reason, now,
        force=body.force, seen=body.seen,
    )  # fmt: skip
    return _known(services, caller, incident_id)


@router.post("/reopen", operation_id="reopen_incident", summary="Mở lại vụ việc")
def reopen(
    incident_id: RowId, body: given.ReasonIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Open a closed incident again; its roles are told."""
    _known(services, caller, incident_id)
    name, now = caller.shown_name, services.clock.now()
    concluding.reopen_incident(
        services.store, _office(services), incident_id, name, body.reason, now
    )
    return _known(services, caller, incident_id)


@router.post("/merge", operation_id="merge_incident", summary="Gộp vào vụ việc khác")
def merge(
    incident_id: RowId, body: given.MergeIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Let this incident go on in another one; return that one."""
    _known(services, caller, incident_id)
    _known(services, caller, body.into)
    name, now = caller.shown_name, services.clock.now()
    merging.merge_incidents(
        services.store, _office(services), incident_id, body.into, name, body.reason, now
    )
    return _known(services, caller, body.into)


@router.post("/unmerge", operation_id="unmerge_incident", summary="Hoàn tác việc gộp")
def unmerge(
    incident_id: RowId, body: given.ReasonIn, caller: Actor, services: Served
) -> IncidentDetailOut:
    """Take the merger of this incident back."""
    survivor = _known(services, caller, incident_id).merged_into
    if survivor is not None:
        _known(services, caller, survivor)
    now = services.clock.now()
    merging.undo_merge(services.store, incident_id, caller.shown_name, body.reason, now)
    return _known(services, caller, incident_id)


@router.get("/attachments", operation_id="list_attachments", summary="Tệp bằng chứng")
def attachments(incident_id: RowId, caller: Reader, services: Served) -> list[given.AttachmentOut]:
    """Return the files of the incident, withdrawn ones included; never their bytes."""
    _known(services, caller, incident_id)
    with services.store.read() as session:
        return [given.AttachmentOut.of(row) for row in attachments_of(session, incident_id)]


@router.post(
    "/attachments",
    operation_id="attach_file",
    summary="Gửi một tệp bằng chứng (thân yêu cầu là nội dung tệp)",
    openapi_extra=_BODY,
    status_code=201,
)
async def attach_file(
    request: Request,
    incident_id: RowId,
    caller: Actor,
    services: Served,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    step: Annotated[str | None, Query(max_length=100)] = None,
    shows_child: Annotated[
        bool | None, Query(description="Có mặt trẻ em; bỏ trống: ảnh, clip, tệp nén coi là có.")
    ] = None,
    note: Annotated[str, Query(max_length=2000)] = "",
) -> given.AttachmentOut:
    """Attach a file to an incident or to one of its steps."""
    data = await _body(request)

    def act() -> given.AttachmentOut:
        _known(services, caller, incident_id)
        row = add_attachment(
            services.store, services.settings, incident_id, Upload(name, data, note, shows_child),
            caller.shown_name, services.clock.now(), step,
        )  # fmt: skip
        return given.AttachmentOut.of(row)

    return await run_in_threadpool(act)


@router.post(
    "/attachments/{file_id}/withdraw", operation_id="withdraw_attachment", summary="Rút một tệp"
)
def withdraw(
    incident_id: RowId, file_id: RowId, body: given.ReasonIn, caller: Actor, services: Served
) -> list[given.AttachmentOut]:
    """Withdraw a file with a reason; it stays on record."""
    _known(services, caller, incident_id)
    name, now = caller.shown_name, services.clock.now()
    withdraw_attachment(services.store, incident_id, file_id, name, body.reason, now)
    return attachments(incident_id, caller, services)


def _known(services: Services, caller: Caller, incident_id: int) -> IncidentDetailOut:
    """Return the incident as it is now. Raises NotFoundError outside the caller's scope."""
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
    return IncidentDetailOut.full(detail, services.policy)


def _office(services: Services) -> Office:
    return Office(services.policy, services.profile, services.settings)


async def _body(request: Request) -> bytes:
    data = bytearray()
    try:
        async for part in request.stream():
            data += part
            if len(data) > MAX_FILE:
                break
    except ClientDisconnect as error:
        raise InputError("Tệp chưa tải lên hết; vụ việc chưa thay đổi gì.") from error
    return bytes(data)
