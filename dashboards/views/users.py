"""Users and rights: who may sign in, in what role, for which unit; locked, signed out, reset.

A password for one use is shown once on the answering page and stands nowhere else.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from alerts.invitation import invite
from dashboards.render import page, query_with
from dashboards.visitor import Checked, RowId, Served, SignedIn
from langnghe.core.accounts import (
    GIVES,
    LINK_HOURS,
    PAGE,
    change_person,
    create_person,
    end_sessions_of,
    mark_of,
    may_change,
    people_under,
    person_under,
    reset_password,
    revoke_token,
    sessions_of,
    set_locked,
    tidy,
)
from langnghe.core.auth import Caller
from langnghe.core.errors import ForbiddenError, LangNgheError
from langnghe.core.services import Services
from langnghe.core.store.tables import UserRow
from langnghe.core.types import Unit

router = APIRouter()
Text = Annotated[str, Form(max_length=200)]
Short = Annotated[str, Form(max_length=100)]
_BY_MAIL = "thu"
_MOST_UNITS = 300


@router.get("/nguoi-dung")
def people_page(
    request: Request,
    caller: SignedIn,
    services: Served,
    tim: Annotated[str, Query(max_length=100)] = "",
    sau: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show whom the caller looks after, by name, and the form that adds one."""
    return _list(request, services, caller, wanted=tim.strip(), after=sau)


@router.post("/nguoi-dung", dependencies=[Checked])
def add_person(
    request: Request,
    caller: SignedIn,
    services: Served,
    ten_dang_nhap: Text = "",
    ho_ten: Text = "",
    thu: Text = "",
    vai: Short = "",
    don_vi: Short = "",
    cach: Short = "",
) -> Response:
    """Add a user; hand the password over on the page, or by mail where that was asked for."""
    _no_drill(services)
    typed = {"ten_dang_nhap": ten_dang_nhap, "ho_ten": ho_ten, "thu": thu, "vai": vai,
             "don_vi": don_vi, "cach": cach}  # fmt: skip
    try:
        person = tidy(ho_ten, thu, vai, don_vi)
        user_id, password = create_person(
            services.store, caller, ten_dang_nhap, person, services.clock.now()
        )
    except ForbiddenError:
        raise
    except LangNgheError as error:
        return _list(request, services, caller, typed=typed, problem=error, status=error.status)
    return _hand_over(request, services, caller, user_id, password, by_mail=cach == _BY_MAIL)


@router.get("/nguoi-dung/{user_id}")
def person_page(request: Request, user_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one user: role, unit, sessions, tokens, and what may be done."""
    return _person(request, services, caller, user_id)


@router.post("/nguoi-dung/{user_id}/sua", dependencies=[Checked])
def change(
    request: Request,
    user_id: RowId,
    caller: SignedIn,
    services: Served,
    ho_ten: Text = "",
    thu: Text = "",
    vai: Short = "",
    don_vi: Short = "",
) -> Response:
    """Change name, address, role or unit."""
    try:
        person = tidy(ho_ten, thu, vai, don_vi)
        change_person(services.store, caller, user_id, person, services.clock.now())
    except ForbiddenError:
        raise
    except LangNgheError as error:
        typed = {"ho_ten": ho_ten, "thu": thu, "vai": vai, "don_vi": don_vi}
        return _person(request, services, caller, user_id, typed=typed, problem=error)
    return RedirectResponse(f"/nguoi-dung/{user_id}?xong=nguoi-dung", 303)


@router.post("/nguoi-dung/{user_id}/khoa", dependencies=[Checked])
def lock(user_id: RowId, caller: SignedIn, services: Served, khoa: Short = "") -> Response:
    """Lock an account (``khoa`` is 1) or unlock it."""
    locked = khoa == "1"
    set_locked(services.store, caller, user_id, services.clock.now(), locked=locked)
    return RedirectResponse(f"/nguoi-dung/{user_id}?xong={'khoa' if locked else 'mo-khoa'}", 303)


@router.post("/nguoi-dung/{user_id}/mat-khau", dependencies=[Checked])
def new_password(
    request: Request, user_id: RowId, caller: SignedIn, services: Served, cach: Short = ""
) -> Response:
    """Give a new password for one use; the old one stops at once."""
    _no_drill(services)
    password = reset_password(services.store, caller, user_id, services.clock.now())
    return _hand_over(request, services, caller, user_id, password, by_mail=cach == _BY_MAIL)


@router.post("/nguoi-dung/{user_id}/thoat", dependencies=[Checked])
def end_all(user_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Sign the user out everywhere."""
    end_sessions_of(services.store, caller, user_id, services.clock.now())
    return RedirectResponse(f"/nguoi-dung/{user_id}?xong=thoat-het", 303)


@router.post("/nguoi-dung/{user_id}/huy-ma", dependencies=[Checked])
def end_token(user_id: RowId, caller: SignedIn, services: Served, phien: Short = "") -> Response:
    """End one token of the API."""
    revoke_token(services.store, caller, user_id, phien, services.clock.now())
    return RedirectResponse(f"/nguoi-dung/{user_id}?xong=huy-ma", 303)


def _list(
    request: Request, services: Services, caller: Caller, *, wanted: str = "", after: str = "",
    typed: dict[str, str] | None = None, problem: LangNgheError | None = None, status: int = 200,
) -> Response:  # fmt: skip
    with services.store.read() as session:
        found = people_under(session, caller, wanted=wanted, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    more = query_with(request, sau=shown[-1].username) if len(found) > PAGE else ""
    return page(
        request, "users.html", caller=caller, status=status, people=shown, more=more,
        wanted=wanted, after=after, roles=_roles(caller),
        every_unit=caller.unit_scope is None, units=_units(services, caller),
        unit_names=_unit_names(services, shown), mails=bool(services.settings.smtp_host),
        typed=typed or {}, problem=problem, hours=LINK_HOURS,
    )  # fmt: skip


def _person(
    request: Request, services: Services, caller: Caller, user_id: int, *,
    typed: dict[str, str] | None = None, problem: LangNgheError | None = None,
    password: str = "", sent_to: str = "",
) -> Response:  # fmt: skip
    now = services.clock.now()
    with services.store.read() as session:
        row = person_under(session, caller, user_id)
        devices = sessions_of(session, user_id, "browser", now)
        tokens = sessions_of(session, user_id, "token", now)
    said = typed or {
        "ho_ten": row.name, "thu": row.email or "", "vai": row.role, "don_vi": row.unit_id or ""
    }  # fmt: skip
    return page(
        request, "user.html", caller=caller, status=problem.status if problem else 200,
        person=row, devices=devices, tokens=tokens, mark=mark_of, typed=said, problem=problem,
        may_change=may_change(caller, row), own=row.id == caller.user_id, roles=_roles(caller),
        every_unit=caller.unit_scope is None,
        units=_units(services, caller), unit_names=_unit_names(services, [row]),
        mails=bool(services.settings.smtp_host), password=password, sent_to=sent_to,
        hours=LINK_HOURS,
    )  # fmt: skip


def _hand_over(
    request: Request, services: Services, caller: Caller, user_id: int, password: str, *,
    by_mail: bool,
) -> Response:  # fmt: skip
    """Show the password once, or send the link; where the mail fails the password is shown."""
    if not by_mail:
        return _person(request, services, caller, user_id, password=password)
    with services.store.read() as session:
        row = person_under(session, caller, user_id)
    try:
        invite(services.settings, services.store, row, services.clock.now())
    except LangNgheError as error:
        return _person(request, services, caller, user_id, password=password, problem=error)
    return _person(request, services, caller, user_id, sent_to=row.email or "")


def _roles(caller: Caller) -> list[str]:
    given = GIVES.get(caller.role, frozenset())
    return [role for role in ("officer", "principal", "analyst", "admin") if role in given]


def _units(services: Services, caller: Caller) -> list[Unit]:
    """Return the units that may be chosen: the own one, or all."""
    if caller.unit_scope is not None:
        own = services.profile.unit(caller.unit_scope)
        return [own] if own else []
    return list(services.profile.units[:_MOST_UNITS])


def _unit_names(services: Services, rows: list[UserRow]) -> dict[str, str]:
    wanted = {row.unit_id for row in rows}
    return {unit.id: unit.name for unit in services.profile.units if unit.id in wanted}


def _no_drill(services: Services) -> None:
    if services.drill:
        raise ForbiddenError("Buổi diễn tập không thêm người và không đổi mật khẩu.")
