"""What a visitor does to a statement, and the delegations of the spokesperson.

Release, withdrawal and delegation are open to whoever is signed in: the one guard asks the right
and writes every refusal into the audit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from alerts.statements import delegations
from alerts.statements import desk as acts
from alerts.statements.releasing import Place, add_posted, release, withdraw
from dashboards.render import page
from dashboards.uploads import upload_form
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn, Visitor
from langnghe.core.clock import HANOI, as_utc
from langnghe.core.errors import InputError, NotFoundError
from langnghe.core.store import users
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.statements import list_delegations, paper_of, unit_within, units_for
from langnghe.core.store.tables import DelegationRow
from langnghe.core.types import Role

router = APIRouter()
Version = Annotated[int, Form(ge=1, le=10**9)]
Note = Annotated[str, Form(max_length=2000)]


@router.post("/phat-ngon/{statement_id}/sua", dependencies=[Checked])
def edit(
    statement_id: RowId,
    caller: Acting,
    services: Served,
    version: Version,
    title: Annotated[str, Form(max_length=2000)] = "",
    text: Annotated[str, Form(max_length=100_000)] = "",
    ban: Annotated[int | None, Form(ge=0, le=MAX_ID)] = None,
) -> Response:
    """Change the words."""
    acts.edit(
        services.store, caller, statement_id, version=version, title=title, text=text,
        now=services.clock.now(), seen=ban,
    )  # fmt: skip
    return _back(statement_id, "sua")


@router.post("/phat-ngon/{statement_id}/trinh", dependencies=[Checked])
def submit(statement_id: RowId, caller: Acting, services: Served, version: Version) -> Response:
    """Hand to review."""
    acts.submit(services.store, caller, statement_id, version=version, now=services.clock.now())
    return _back(statement_id, "trinh")


@router.post("/phat-ngon/{statement_id}/duyet", dependencies=[Checked])
def approve(statement_id: RowId, caller: Acting, services: Served, version: Version) -> Response:
    """Approve the text as it stands."""
    acts.approve(services.store, caller, statement_id, version=version, now=services.clock.now())
    return _back(statement_id, "duyet-phat-ngon")


@router.post("/phat-ngon/{statement_id}/tra-lai", dependencies=[Checked])
def send_back(
    statement_id: RowId, caller: Acting, services: Served, version: Version, note: Note = ""
) -> Response:
    """Return to the drafter with a comment."""
    acts.send_back(
        services.store, caller, statement_id, version=version, note=note, now=services.clock.now()
    )
    return _back(statement_id, "tra-lai-phat-ngon")


async def places_stated(request: Request) -> list[Place]:
    """Return the ticked channels, each with the address in its own field."""
    form = await request.form()
    ticked = [str(one) for one in form.getlist("kenh")]
    return [Place(one, str(form.get(f"url.{one}", "")).strip()) for one in ticked[:20]]


@router.post("/phat-ngon/{statement_id}/dang", dependencies=[Checked])
def let_out(
    statement_id: RowId,
    caller: SignedIn,
    services: Served,
    version: Version,
    places: Annotated[list[Place], Depends(places_stated)],
) -> Response:
    """Release the text, by right."""
    release(services, caller, statement_id, version=version, places=places)
    return _back(statement_id, "dang-phat-ngon")


@router.post("/phat-ngon/{statement_id}/thu-hoi", dependencies=[Checked])
def take_back(
    statement_id: RowId, caller: SignedIn, services: Served, reason: Note = ""
) -> Response:
    """Withdraw a released text."""
    withdraw(services.store, caller, statement_id, reason, services.clock.now())
    return _back(statement_id, "thu-hoi")


@router.post("/phat-ngon/{statement_id}/noi-dang", dependencies=[Checked])
def posted(
    statement_id: RowId,
    caller: Acting,
    services: Served,
    channel: Annotated[str, Form(max_length=20)],
    url: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Write down one more place."""
    add_posted(
        services.store, caller, statement_id, Place(channel, url.strip()), services.clock.now()
    )
    return _back(statement_id, "noi-dang")


@router.get("/uy-quyen")
def delegated(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show who may speak beside the spokesperson, from when until when."""
    with services.store.read() as session:
        found = list_delegations(session, viewer_unit=caller.unit_scope)
        names = dict(units_for(session, caller.unit_scope))
        people = [
            one
            for one in users.everybody(session)
            if one.active and one.role != Role.ADMIN and one.id != caller.user_id
            and (one.unit_id is None or unit_within(session, one.unit_id, caller.unit_scope))
        ]  # fmt: skip
    return page(
        request,
        "delegations.html",
        caller=caller,
        lines=found,
        names=names,
        people=people,
        topics=services.policy.topics.values(),
        speaks=caller.role == Role.PRINCIPAL,
    )


async def paper_form(
    request: Request, caller: Visitor, services: Served
) -> AsyncIterator[FormData]:
    """Yield the form with the signed file, of a visitor who is signed in and meant it."""
    async with upload_form(request, caller, services, max_files=1, max_fields=60) as form:
        yield form


@router.post("/uy-quyen")
async def delegate(
    form: Annotated[FormData, Depends(paper_form)], caller: SignedIn, services: Served
) -> Response:
    """Let somebody speak; the guard refuses whoever is not the spokesperson."""
    upload = form.get("van_ban")
    paper = delegations.Paper("", b"")
    if isinstance(upload, UploadFile):
        content = await upload.read(delegations.MAX_PAPER + 1)
        paper = delegations.Paper(upload.filename or "", content)

    def field(name: str) -> str:
        value = form.get(name, "")
        return value if isinstance(value, str) else ""

    def act() -> None:
        from_at, until_at = _moment(field("tu")), _moment(field("den"))
        delegations.grant(
            services.store, caller, services.policy, holder=field("nguoi"),
            unit_id=field("don_vi") or None,
            topics=[str(one) for one in form.getlist("chu_de")][:20], from_at=from_at,
            until_at=until_at, document_number=field("so"), paper=paper,
            now=services.clock.now(),
        )  # fmt: skip

    await run_in_threadpool(act)
    return RedirectResponse("/uy-quyen?xong=uy-quyen", 303)


@router.post("/uy-quyen/{delegation_id}/thu-hoi", dependencies=[Checked])
def revoke(delegation_id: RowId, caller: SignedIn, services: Served, reason: Note = "") -> Response:
    """End a delegation."""
    delegations.revoke(services.store, caller, delegation_id, reason, services.clock.now())
    return RedirectResponse("/uy-quyen?xong=thu-hoi-uy-quyen", 303)


@router.get("/uy-quyen/{delegation_id}/van-ban")
def paper(delegation_id: RowId, caller: Acting, services: Served) -> Response:
    """Hand out the signed file, to be saved, never shown in the page."""
    with services.store.read() as session:
        row = session.get(DelegationRow, delegation_id)
        if row is None or not unit_within(session, row.unit_id, caller.unit_scope):
            raise NotFoundError("Không có ủy quyền này, hoặc ngoài phạm vi của bạn.")
        kept = paper_of(session, row)
    if kept is None:
        raise NotFoundError("Không còn tệp của ủy quyền này.")
    return Response(
        kept.content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="uy-quyen-{delegation_id}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _moment(typed: str) -> datetime:
    """Return the moment of a ``datetime-local`` field, which is Vietnamese time."""
    try:
        return as_utc(datetime.fromisoformat(typed.strip()).replace(tzinfo=HANOI))
    except ValueError as error:
        raise InputError("Ngày giờ không đúng.", mend="Chọn lại ngày giờ.") from error


def _back(statement_id: int, done: str) -> Response:
    return RedirectResponse(f"/phat-ngon/{statement_id}?xong={done}", 303)
