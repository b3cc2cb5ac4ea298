"""Evidence of an incident's steps: words, links, papers and files handed in, and files taken out.

A form with a file is read only after the visitor has proved who they are: nobody else may make the
house take in megabytes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from alerts import attachments as files
from alerts import incidents as acts
from dashboards.uploads import saved, upload_form
from dashboards.views.incident_facts import office_of
from dashboards.views.incidents import Reason, back, in_scope, reason_of
from dashboards.visitor import Acting, Checked, RowId, Served, Unmasking, Visitor
from langnghe.core.auth import Action
from langnghe.core.clock import HANOI
from langnghe.core.errors import InputError
from langnghe.core.store.paging import MAX_ID
from langnghe.core.text import clean

router = APIRouter()
MAX_NOTE = 2000
_FIELDS = 120


async def proof_form(
    request: Request, caller: Visitor, services: Served
) -> AsyncIterator[FormData]:
    """Yield the form of a visitor who may act, files and all. Raises for a forged or torn one."""
    async with upload_form(
        request, caller, services, max_files=4, max_fields=_FIELDS, needs=Action.ACT
    ) as form:
        yield form


Proof = Annotated[FormData, Depends(proof_form)]


@router.post("/vu-viec/{incident_id}/viec")
async def prove(incident_id: RowId, form: Proof, caller: Acting, services: Served) -> Response:
    """Write down that a step was done (or only keep its evidence), or keep a file of no step."""
    code = _field(form, "code", 100)
    only_keep = _field(form, "luu", 100)
    made_from = _field(form, "ban", 18)
    seen = min(int(made_from), MAX_ID) if made_from.isdecimal() else None
    upload = await _upload(form, code or only_keep)
    evidence = _evidence(form, code or only_keep)

    def act() -> str:
        in_scope(services, caller, incident_id)
        name, now = caller.shown_name, services.clock.now()
        store, office = services.store, office_of(services)
        if not code and not only_keep:
            if upload is None:
                raise InputError("Chưa chọn tệp.", mend="Chọn tệp rồi gửi lại.")
            files.add_attachment(store, services.settings, incident_id, upload, name, now)
            return "bang-chung"
        kept = files.keep_file(services.settings, upload) if upload else None
        proof = acts.Evidence(
            evidence.note, evidence.link, evidence.document, evidence.document_at, kept
        )
        if only_keep:
            acts.add_evidence(store, incident_id, only_keep, name, now, proof, seen)
            return "bang-chung"
        acts.complete_step(store, office, incident_id, code, name, now, proof, seen)
        return "hoan-thanh"

    return back(incident_id, await run_in_threadpool(act))


@router.post("/vu-viec/{incident_id}/tep/{file_id}/rut", dependencies=[Checked])
def withdraw(
    incident_id: RowId, file_id: RowId, caller: Acting, services: Served, reason: Reason = ""
) -> Response:
    """Withdraw a file; it stays on record."""
    in_scope(services, caller, incident_id)
    files.withdraw_attachment(
        services.store,
        incident_id,
        file_id,
        caller.shown_name,
        reason_of(reason),
        services.clock.now(),
    )
    return back(incident_id, "rut-tep")


@router.get("/vu-viec/{incident_id}/tep/{file_id}")
def take_out(incident_id: RowId, file_id: RowId, caller: Acting, services: Served) -> Response:
    """Hand out a file that shows no child, to be saved, never shown in the page.

    Only to who works on the incident: a list or a report may name pupils without showing one.
    """
    in_scope(services, caller, incident_id)
    with services.store.read() as session:
        row, data = files.read_file(session, services.settings, incident_id, file_id)
    return saved(row.name, data)


@router.post("/vu-viec/{incident_id}/tep/{file_id}", dependencies=[Checked])
def look_behind(
    incident_id: RowId, file_id: RowId, caller: Unmasking, services: Served, reason: Reason = ""
) -> Response:
    """Hand out a file that may show a child; the look and its reason go into the audit trail."""
    in_scope(services, caller, incident_id)
    row, data = files.look_behind(
        services.store,
        services.settings,
        incident_id,
        file_id,
        caller.username,
        reason_of(reason),
        services.clock.now(),
    )
    return saved(row.name, data)


def moment_of(typed: str) -> datetime | None:
    """Return the moment of a form's ``datetime-local`` field, which is Vietnamese time."""
    if not typed.strip():
        return None
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=HANOI)
    except ValueError as error:
        raise InputError("Ngày giờ không đúng.", mend="Chọn lại ngày giờ rồi gửi lại.") from error


def _field(form: FormData, name: str, longest: int) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise InputError("Ghi chú bằng chứng quá dài.")
    return clean(value)


def _evidence(form: FormData, code: str) -> acts.Evidence:
    return acts.Evidence(
        note=_field(form, f"note.{code}", MAX_NOTE),
        link=_field(form, f"link.{code}", MAX_NOTE),
        document=_field(form, f"so.{code}", 200),
        document_at=moment_of(_field(form, f"luc.{code}", 40)),
    )


async def _upload(form: FormData, code: str) -> files.Upload | None:
    file = form.get(f"tep.{code}")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    data = await file.read(files.MAX_FILE + 1)
    child = {"1": True, "0": False}.get(_field(form, f"tre.{code}", 5))
    return files.Upload(file.filename, data, _field(form, f"note.{code}", MAX_NOTE), child)
