"""One's own account: password, where one is signed in, tokens; and setting a password by a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.invitation import PATH as LINK_PAGE
from dashboards.device import device_of
from dashboards.render import page
from dashboards.visitor import (
    PASSWORD_PAGE,
    Checked,
    Served,
    SignedIn,
    Visitor,
)
from langnghe.core.accounts import (
    change_own_password,
    end_own_session,
    mark_of,
    revoke_token,
    sessions_of,
    set_by_link,
    user_of_link,
)
from langnghe.core.auth import MIN_PASSWORD, Caller, SignInError, ThrottledError, begin_session
from langnghe.core.cookies import form_cookie, session_cookie
from langnghe.core.errors import ConflictError, InputError, LangNgheError
from langnghe.core.services import Services

router = APIRouter()
Secret = Annotated[str, Form(max_length=1000)]
Mark = Annotated[str, Form(max_length=16)]


@router.get("/tai-khoan")
def my_account(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show one's own name and role, devices and tokens."""
    now = services.clock.now()
    with services.store.read() as session:
        devices = sessions_of(session, caller.user_id, "browser", now)
        tokens = sessions_of(session, caller.user_id, "token", now)
    unit = services.profile.unit(caller.unit_id) if caller.unit_id else None
    return page(
        request, "my_account.html", caller=caller, devices=devices, tokens=tokens, mark=mark_of,
        here=caller.token_hash, unit=unit,
    )  # fmt: skip


@router.get(PASSWORD_PAGE)
def password_form(request: Request, caller: SignedIn) -> Response:
    """Show the form that changes the own password."""
    return _password_page(request, caller)


@router.post(PASSWORD_PAGE, dependencies=[Checked])
def change_password(
    request: Request,
    caller: SignedIn,
    services: Served,
    mat_khau_cu: Secret = "",
    mat_khau_moi: Secret = "",
    mat_khau_lai: Secret = "",
) -> Response:
    """Change the own password; wrong old ones are counted as failed sign-ins are."""
    place = request.client.host if request.client else "?"
    try:
        _same(mat_khau_moi, mat_khau_lai)
        change_own_password(
            services.store, caller, mat_khau_cu, mat_khau_moi, place=place,
            now=services.clock.now(),
        )  # fmt: skip
    except SignInError:
        return _password_page(request, caller, problem="Mật khẩu cũ không đúng.", status=422)
    except (InputError, ThrottledError) as error:
        said = f"{error.message} {error.mend}".strip()
        return _password_page(request, caller, problem=said, status=error.status)
    return RedirectResponse("/tai-khoan?xong=mat-khau", 303)


@router.post("/tai-khoan/thoat", dependencies=[Checked])
def end_elsewhere(caller: SignedIn, services: Served, phien: Mark = "") -> Response:
    """Sign out on one other device, or on all others."""
    end_own_session(services.store, caller, phien, services.clock.now())
    return RedirectResponse("/tai-khoan?xong=thoat-noi-khac", 303)


@router.post("/tai-khoan/huy-ma", dependencies=[Checked])
def end_own_token(caller: SignedIn, services: Served, phien: Mark = "") -> Response:
    """End one of the own tokens."""
    revoke_token(services.store, caller, caller.user_id, phien, services.clock.now())
    return RedirectResponse("/tai-khoan?xong=huy-ma", 303)


@router.get(LINK_PAGE)
def link_form(request: Request, caller: Visitor, services: Served, ma: str = "") -> Response:
    """Show the form behind the link of an invitation; opening it uses nothing up."""
    row = user_of_link(services.store, ma, services.settings.secret_key())
    return _link_page(request, services, ma, row.username)


@router.post(LINK_PAGE, dependencies=[Checked])
def set_password(
    request: Request,
    services: Served,
    ma: Annotated[str, Form(max_length=1000)] = "",
    mat_khau_moi: Secret = "",
    mat_khau_lai: Secret = "",
) -> Response:
    """Set the password a link stands for and sign the person in."""
    now, secret = services.clock.now(), services.settings.secret_key()
    row = user_of_link(services.store, ma, secret)
    try:
        _same(mat_khau_moi, mat_khau_lai)
        row = set_by_link(services.store, ma, secret, mat_khau_moi, now)
    except (InputError, ConflictError) as error:
        return _link_page(request, services, ma, row.username, error)
    kept, _ = begin_session(
        services.store, row, place=request.client.host if request.client else "?", now=now,
        hours=services.settings.session_hours,
        device=device_of(request.headers.get("user-agent", "")),
    )  # fmt: skip
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        session_cookie(services.drill), kept, max_age=services.settings.session_hours * 3600,
        httponly=True, samesite="lax", secure=services.settings.secure_cookies,
    )  # fmt: skip
    return answer


def _same(new: str, again: str) -> None:
    if new != again:
        raise InputError("Hai lần nhập mật khẩu mới không giống nhau.")


def _password_page(
    request: Request, caller: Caller, *, problem: str = "", status: int = 200
) -> Response:
    return page(
        request, "password.html", caller=caller, status=status, problem=problem,
        shortest=MIN_PASSWORD, first=caller.must_change, token="", username=caller.username,
    )  # fmt: skip


def _link_page(
    request: Request, services: Services, token: str, username: str,
    error: LangNgheError | None = None,
) -> Response:  # fmt: skip
    answer = page(
        request, "password.html", status=error.status if error else 200, first=True,
        problem=f"{error.message} {error.mend}".strip() if error else "",
        shortest=MIN_PASSWORD, token=token, username=username,
    )  # fmt: skip
    answer.set_cookie(
        form_cookie(services.drill), request.state.csrf_seed, httponly=True, samesite="lax",
        secure=services.settings.secure_cookies,
    )  # fmt: skip
    return answer
