"""A unit's public form as its people see it: open or shut, the QR code, the sheet to hang up.

The form itself is in ``dashboards.views.public_form``.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from alerts.intake import door
from dashboards.render import page
from dashboards.views.intake import FEW_UNITS
from dashboards.visitor import Acting, Checked, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store import intake as rows
from langnghe.core.store import intake_door as forms
from langnghe.core.store.people import unit_in_scope
from langnghe.core.store.statements import units_for

router = APIRouter()


@router.get("/tiep-nhan/ma-qr")
def doors(request: Request, caller: SignedIn, services: Served, don_vi: str = "") -> Response:
    """Show the public form of the caller's unit, or ask of which unit."""
    wanted = don_vi or caller.unit_id or ""
    with services.store.read() as session:
        units = units_for(session, caller.unit_scope)
        if not wanted and len(units) == 1:
            wanted = units[0][0]
        unit = rows.unit_named(session, wanted, viewer_unit=caller.unit_scope) if wanted else ""
        row = forms.door_of(session, unit) if unit else None
    address = door.form_address(services.settings.public_url, row.code) if row else ""
    return page(
        request,
        "intake_door.html",
        caller=caller,
        units=units if len(units) <= FEW_UNITS else [],
        asked=don_vi,
        unit=unit,
        unit_name=dict(units).get(unit, "") or _name(services, caller, unit),
        door=row,
        address=address,
        qr=_qr(address) if row and row.open else "",
        local=services.settings.public_url.startswith(("http://127.", "http://localhost")),
    )


@router.post("/tiep-nhan/ma-qr", dependencies=[Checked])
def change(
    caller: Acting,
    services: Served,
    don_vi: Annotated[str, Form(max_length=200)],
    viec: Annotated[str, Form(max_length=20)],
    so_may: Annotated[str, Form(max_length=40)] = "",
    tep: Annotated[bool, Form()] = False,
) -> Response:
    """Open, shut, change or renew a unit's form."""
    if viec not in ("mo", "dong", "doi-ma"):
        raise InputError("Biểu mẫu không đúng.", mend="Tải lại trang rồi gửi lại.")
    door.change_door(
        services, caller, don_vi, open_=viec != "dong", uploads=tep, phone=so_may,
        renew=viec == "doi-ma",
    )  # fmt: skip
    return RedirectResponse(f"/tiep-nhan/ma-qr?don_vi={quote(don_vi, safe='')}&xong=ma-qr", 303)


@router.get("/tiep-nhan/ma-qr/in")
def sheet(request: Request, caller: SignedIn, services: Served, don_vi: str) -> Response:
    """Show the sheet to hang up: A5, the code, what it is for and what it is not."""
    with services.store.read() as session:
        unit = unit_in_scope(session, don_vi, caller.unit_scope)
        row = forms.door_of(session, unit.id)
    if row is None or not row.open:
        raise InputError("Đơn vị này chưa mở biểu mẫu công khai.", mend="Mở biểu mẫu rồi in.")
    address = door.form_address(services.settings.public_url, row.code)
    return page(
        request, "intake_sheet.html", caller=caller, unit_name=unit.name, door=row,
        address=address, qr=_qr(address), hotlines=services.policy.hotlines,
    )  # fmt: skip


def _name(services: Services, caller: Caller, unit_id: str) -> str:
    if not unit_id:
        return ""
    with services.store.read() as session:
        return unit_in_scope(session, unit_id, caller.unit_scope).name


def _qr(address: str) -> Markup:
    """Return the code as SVG with attributes only: black on white, also on a dark screen."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(scale=1, border=4, light="#fff", omitsize=True, svgclass="qr",
                            lineclass=None)  # fmt: skip
    return Markup(drawn)  # noqa: S704 - drawn by segno from an address of our own
