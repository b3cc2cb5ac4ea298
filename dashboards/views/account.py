"""Sign in, sign out, choose a language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.device import device_of
from dashboards.i18n import LANGUAGE_COOKIE, language_of
from dashboards.kept import MAX_CHARS, unpack
from dashboards.resend import may_be_sent_again, resend_page, sign_in_page
from dashboards.visitor import Checked, Served, SignedIn, Visitor, own_path
from langnghe.core.auth import SignInError, ThrottledError, sign_in, sign_out
from langnghe.core.cookies import form_cookie, session_cookie

router = APIRouter()
MAX_CARRIED = 4 * MAX_CHARS
"""Characters of a form that is carried through the sign-in, as JSON."""


@router.get("/dang-nhap")
def login_page(request: Request, caller: Visitor, services: Served, tiep: str = "/") -> Response:
    """Show the sign-in form."""
    if caller is not None:
        return RedirectResponse(own_path(tiep), 303)
    return sign_in_page(request, services, wanted=own_path(tiep))


@router.post("/dang-nhap", dependencies=[Checked])
def login(
    request: Request,
    services: Served,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    tiep: Annotated[str, Form(max_length=2000)] = "/",
    giu: Annotated[str, Form(max_length=MAX_CARRIED)] = "",
) -> Response:
    """Check name and password; the answer never says which was wrong.

    A form that came after the session ended (``giu``) is shown again, never sent by itself.
    """
    settings = services.settings
    kept = unpack(giu) if giu else None
    place = request.client.host if request.client else "?"
    try:
        secret, caller = sign_in(
            services.store,
            username,
            password,
            place=place,
            now=services.clock.now(),
            hours=settings.session_hours,
            device=device_of(request.headers.get("user-agent", "")),
        )
    except (SignInError, ThrottledError) as error:
        return sign_in_page(
            request,
            services,
            wanted=own_path(tiep),
            problem=f"{error.message} {error.mend}".strip(),
            status=error.status,
            kept=kept,
        )
    answer: Response = RedirectResponse(own_path(tiep), 303)
    if kept is not None and may_be_sent_again(request, kept):
        answer = resend_page(
            request, services, caller, kept, sentence="Bạn đã đăng nhập lại.",
            mend="Xem lại nội dung đang gửi dở, rồi gửi.",
        )  # fmt: skip
    answer.set_cookie(
        session_cookie(services.drill),
        secret,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )
    answer.delete_cookie(form_cookie(services.drill))
    return answer


@router.post("/dang-xuat", dependencies=[Checked])
def logout(caller: SignedIn, services: Served) -> Response:
    """End this session."""
    sign_out(services.store, caller)
    answer = RedirectResponse("/dang-nhap", 303)
    answer.delete_cookie(session_cookie(services.drill))
    return answer


@router.post("/ngon-ngu", dependencies=[Checked])
def choose_language(
    services: Served,
    language: Annotated[str, Form(max_length=5)] = "",
    tiep: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Remember the language in a cookie."""
    answer = RedirectResponse(own_path(tiep), 303)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language_of(language),
        max_age=365 * 86400,
        httponly=True,
        samesite="lax",
        secure=services.settings.secure_cookies,
    )
    return answer
