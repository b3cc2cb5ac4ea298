"""The public form of a unit, opened by a QR code and without signing in.

Nothing of the form is believed and nothing of it is lost: whatever is wrong, the page comes back
with what was typed and one plain sentence. Its body is read only while there is room for it.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from alerts.attachments import Upload
from alerts.intake import door as public
from dashboards.render import page
from dashboards.uploads import words_of
from dashboards.visitor import Served, Visitor, same_site
from langnghe.core import intake as rules
from langnghe.core.errors import InputError
from langnghe.core.services import Services

router = APIRouter()
_FIELDS = 12


@router.get("/gui/tra-cuu")
def ask_after(request: Request, _visitor: Visitor, services: Served, so: str = "") -> Response:
    """Tell the state of a receipt number and nothing else."""
    found = public.ask_after(services, so[:40]) if so.strip() else None
    return page(
        request, "public_receipt.html", number=rules.receipt_of(so[:40]), asked=bool(so.strip()),
        found=found, status=200 if found or not so.strip() else 404, code="", fresh=False,
    )  # fmt: skip


@router.get("/gui/{code}")
def blank(request: Request, code: str, _visitor: Visitor, services: Served) -> Response:
    """Show the empty form."""
    return _form(request, services, public.open_door(services, code), public.Left(""))


@router.post("/gui/{code}", dependencies=[Depends(same_site)])
async def leave(request: Request, code: str, _visitor: Visitor, services: Served) -> Response:
    """Take a report and show its receipt number; or show the form again, saying why."""
    place = request.client.host if request.client else "?"
    door = await run_in_threadpool(public.open_door, services, code)
    room = await run_in_threadpool(public.room_for_files, services, door, place)
    try:
        left, uploads = await _read(request, room=room)
    except ClientDisconnect as error:
        raise InputError("Phiếu chưa gửi xong.", mend="Gửi lại khi mạng ổn định.") from error

    def act() -> Response:
        try:
            receipt = public.leave(services, code, left, place, uploads)
        except public.RefusedError as refused:
            return _form(request, services, door, left, refused)
        return page(
            request, "public_receipt.html", number=receipt, asked=False, found=None, fresh=True,
            code=code, unit_name=door.unit_name, phone=door.phone,
        )  # fmt: skip

    return await run_in_threadpool(act)


async def _read(request: Request, *, room: bool) -> tuple[public.Left, list[Upload]]:
    """Return the words of the form, and its files; of files there is no room for only the names."""
    if room:
        form = await request.form(max_files=rules.MOST_FILES + 1, max_fields=_FIELDS)
    else:
        form = await words_of(request, rules.MOST_FILES + 1, _FIELDS)
    try:

        def field(name: str, most: int) -> str:
            value = form.get(name, "")
            return value[:most] if isinstance(value, str) else ""

        uploads = [
            Upload(part.filename, await part.read(rules.MAX_PUBLIC_FILE + 1) if room else b"")
            for part in form.getlist("anh")
            if isinstance(part, UploadFile) and part.filename
        ]
        left = public.Left(
            token=field("the", 200), text=field("noi_dung", 5 * rules.LONGEST_PUBLIC),
            link=field("duong_dan", 3000), name=field("ten", 200), phone=field("so_may", 60),
            trap=field("trang_web", 200),
        )  # fmt: skip
    finally:
        await form.close()
    return left, uploads


def _form(
    request: Request, services: Services, door: public.Door, left: public.Left,
    refused: public.RefusedError | None = None,
) -> Response:  # fmt: skip
    token = rules.form_token(services.settings.secret_key(), door.code, services.clock.now())
    return page(
        request, "public_form.html", door=door, left=left, token=token,
        refused=refused.message if refused else "", status=refused.status if refused else 200,
        longest=rules.LONGEST_PUBLIC, most=rules.MOST_FILES,
        most_mb=rules.MAX_PUBLIC_FILE // 1_000_000,
    )  # fmt: skip
