"""«Phiếu tiếp nhận»: write down what was reported, look at what waits, decide and undo.

The unit's public form is opened in ``dashboards.views.intake_door``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from alerts.attachments import MAX_FILE, Upload
from alerts.intake import files, taking
from dashboards.render import page
from dashboards.uploads import saved, upload_form
from dashboards.views.incident_proof import moment_of
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn, Unmasking, Visitor
from langnghe.core import intake as rules
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store import intake as rows
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.mentions import mentions_by_id
from langnghe.core.store.statements import units_for
from langnghe.core.store.tables import IntakeRow

router = APIRouter()
FEW_UNITS = 60
"""Up to so many units are offered in a list; of more, one is named."""
RECENT = 30
BOX = 50
_FIELDS = 40
Reason = Annotated[str, Form(max_length=2000)]


async def report_form(
    request: Request, caller: Visitor, services: Served
) -> AsyncIterator[FormData]:
    """Yield the form of a visitor who may act, files and all. Raises for a forged or torn one."""
    async with upload_form(
        request, caller, services, max_files=rules.MOST_FILES + 1, max_fields=_FIELDS,
        needs=Action.ACT,
    ) as form:  # fmt: skip
        yield form


@router.get("/tiep-nhan")
def intake_page(
    request: Request, caller: SignedIn, services: Served, hop: str = "", tin: str = ""
) -> Response:
    """Show the box of what waits, the form to write a report down, and the newest reports."""
    boxed = rules.ASIDE if hop == "de-rieng" else rules.WAITING
    with services.store.read() as session:
        box = rows.in_box(session, viewer_unit=caller.unit_scope, state=boxed, limit=BOX)
        waiting = rows.box_size(session, viewer_unit=caller.unit_scope)
        if tin.isascii() and tin.isdecimal() and len(tin) < 11 and int(tin) <= MAX_ID:
            newest = rows.of_mention(session, int(tin), viewer_unit=caller.unit_scope)
        else:
            newest = rows.recent(session, viewer_unit=caller.unit_scope, limit=RECENT)
        told = mentions_by_id(session, [row.mention_id for row in newest if row.mention_id])
        units = units_for(session, caller.unit_scope)
    return page(
        request,
        "intake.html",
        caller=caller,
        box=box,
        waiting=waiting,
        aside=boxed == rules.ASIDE,
        rows=[(row, told.get(row.mention_id or 0)) for row in newest if row.state != rules.WAITING],
        of_mention=tin,
        units=units if len(units) <= FEW_UNITS else [],
        own=caller.unit_id,
        channels={k: v for k, v in rules.CHANNELS.items() if k != rules.QR},
        channel_names=rules.CHANNELS,
        states=rules.STATES,
        rules=rules,
    )


@router.post("/tiep-nhan")
async def write_down(
    services: Served, form: Annotated[FormData, Depends(report_form)], caller: Acting
) -> Response:
    """Write a report down and show what became of it."""
    uploads = []
    for part in form.getlist("tep"):
        if isinstance(part, UploadFile) and part.filename:
            data = await part.read(MAX_FILE + 1)
            child = False if form.get("khong_tre") == "1" else None
            uploads.append(Upload(part.filename, data, shows_child=child))

    def field(name: str) -> str:
        value = form.get(name, "")
        return value if isinstance(value, str) else ""

    def act() -> taking.Taken:
        return taking.take_in(
            services,
            caller,
            taking.Said(
                unit_id=_unit(services, caller, field("don_vi")), channel=field("nguon"),
                text=field("noi_dung"), link=field("duong_dan"), heard_at=moment_of(field("luc")),
                name=field("ten"), phone=field("so_may"),
            ),
            uploads,
        )  # fmt: skip

    taken = await run_in_threadpool(act)
    done = "phieu-trung" if taken.known else "phieu"
    return RedirectResponse(f"/tiep-nhan/{taken.id}?xong={done}", 303)


@router.post("/tiep-nhan/de-rieng", dependencies=[Checked])
def put_many_aside(
    caller: Acting,
    services: Served,
    phieu: Annotated[list[Annotated[int, Field(ge=1, le=MAX_ID)]] | None, Form()] = None,
    reason: Reason = "",
) -> Response:
    """Put the ticked reports aside: what a flood leaves behind is cleared in one go."""
    if not phieu:
        raise InputError("Chưa chọn phiếu nào.", mend="Đánh dấu các phiếu rồi gửi lại.")
    taking.set_many_aside(services, caller, phieu[:BOX], reason)
    return RedirectResponse("/tiep-nhan?xong=de-rieng", 303)


@router.get("/tiep-nhan/{intake_id}")
def one(request: Request, intake_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one report: what it says (masked), where it is, and what can be done."""
    return _one(request, services, caller, intake_id)


@router.post("/tiep-nhan/{intake_id}/nhan", dependencies=[Checked])
def accept(intake_id: RowId, caller: Acting, services: Served) -> Response:
    """Take a waiting report up."""
    taken = taking.accept(services, caller, intake_id)
    return _back(intake_id, "phieu-trung" if taken.known else "phieu")


@router.post("/tiep-nhan/{intake_id}/de-rieng", dependencies=[Checked])
def put_aside(intake_id: RowId, caller: Acting, services: Served, reason: Reason = "") -> Response:
    """Put a waiting report aside."""
    taking.set_aside(services, caller, intake_id, reason)
    return _back(intake_id, "de-rieng")


@router.post("/tiep-nhan/{intake_id}/hoan-tac", dependencies=[Checked])
def undo(intake_id: RowId, caller: Acting, services: Served) -> Response:
    """Put a decided report back into the box."""
    taking.undo(services, caller, intake_id)
    return _back(intake_id, "phieu-lai")


@router.post("/tiep-nhan/{intake_id}/nguoi-bao", dependencies=[Checked])
def who(
    request: Request, intake_id: RowId, caller: Unmasking, services: Served, reason: Reason = ""
) -> Response:
    """Show who reported, once; the look and its reason go into the audit trail."""
    shown = taking.show_contact(services, caller, intake_id, reason)
    return _one(request, services, caller, intake_id, shown=shown)


@router.get("/tiep-nhan/{intake_id}/tep/{file_id}")
def take_out(intake_id: RowId, file_id: RowId, caller: Acting, services: Served) -> Response:
    """Hand out a file that shows no child."""
    row, data = files.take_out(services, caller, intake_id, file_id)
    return saved(row.name, data)


@router.post("/tiep-nhan/{intake_id}/tep/{file_id}", dependencies=[Checked])
def look_behind(
    intake_id: RowId, file_id: RowId, caller: Unmasking, services: Served, reason: Reason = ""
) -> Response:
    """Hand out a file that may show a child, with a reason."""
    row, data = files.take_out(services, caller, intake_id, file_id, reason)
    return saved(row.name, data)


@router.post("/tiep-nhan/{intake_id}/tep/{file_id}/khong-tre", dependencies=[Checked])
def clear_file(intake_id: RowId, file_id: RowId, caller: Unmasking, services: Served) -> Response:
    """Write down that a file shows no child."""
    files.shows_no_child(services, caller, intake_id, file_id)
    return _back(intake_id, "tep-khong-tre")


def _one(
    request: Request, services: Services, caller: Caller, intake_id: int,
    shown: tuple[str, str] | None = None,
) -> Response:  # fmt: skip
    with services.store.read() as session:
        row = rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope)
        told = mentions_by_id(session, [row.mention_id] if row.mention_id else [])
        contact = rows.contact_of(session, intake_id)
        kept = rows.files_of(session, [intake_id])[intake_id]
    return page(
        request,
        "intake_one.html",
        caller=caller,
        row=row,
        mention=told.get(row.mention_id or 0),
        files=kept,
        contact=contact,
        covered=_covered(contact.name, contact.phone) if contact else "",
        shown=shown,
        channel_names=rules.CHANNELS,
        states=rules.STATES,
        rules=rules,
        level=services.policy.level(row.risk) if row.risk is not None else None,
        fetched=_fetched(row),
    )


def _covered(name: str, phone: str) -> str:
    return " · ".join(
        part for part in (rules.covered_name(name), rules.covered_phone(phone)) if part
    )


def _fetched(row: IntakeRow) -> str:
    if row.link and row.state != rules.WAITING and not rules.may_be_fetched(row.link):
        return "closed"
    return row.visit


def _unit(services: Services, caller: Caller, typed: str) -> str:
    wanted = typed.strip() or caller.unit_id or ""
    with services.store.read() as session:
        found = rows.unit_named(session, wanted, viewer_unit=caller.unit_scope)
    if not found:
        raise InputError(
            "Chưa rõ đơn vị nào.", mend="Chọn đơn vị trong danh sách hoặc ghi đúng tên đơn vị."
        )
    return found


def _back(intake_id: int, done: str) -> Response:
    return RedirectResponse(f"/tiep-nhan/{intake_id}?xong={done}", 303)
