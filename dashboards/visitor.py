"""Who looks at a page: the session's cookie, forged forms refused, rights as parameter types."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Path, Request
from fastapi.responses import RedirectResponse

from langnghe.core.auth import Action, Caller, caller_of
from langnghe.core.cookies import form_cookie, session_cookie
from langnghe.core.errors import ForbiddenError
from langnghe.core.services import Services

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class LoginRequired(Exception):
    """A detour, not an error: the page needs a signed-in visitor; carries where they were going."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def services_of(request: Request) -> Services:
    """Return the services the application was made with."""
    services: Services = request.app.state.services
    return services


Served = Annotated[Services, Depends(services_of)]


def visitor(request: Request, services: Served) -> Caller | None:
    """Return who is signed in, if anybody. Forms of strangers get a seed of their own."""
    seed = request.cookies.get(form_cookie(services.drill), "")
    request.state.csrf_seed = seed if 16 <= len(seed) <= 64 else secrets.token_urlsafe(24)
    secret = request.cookies.get(session_cookie(services.drill), "")
    return caller_of(services.store, secret, kind="browser", now=services.clock.now())


Visitor = Annotated[Caller | None, Depends(visitor)]


def signed_in(request: Request, caller: Visitor) -> Caller:
    """Return the signed-in visitor, or send them to the sign-in page and back."""
    if caller is None:
        query = f"?{request.url.query}" if request.url.query else ""
        raise LoginRequired(request.url.path + query if request.method == "GET" else "/")
    return caller


def same_site(request: Request) -> None:
    """Refuse a form that another site sent. Browsers say so; old ones at least name the origin."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin not in (None, "null") and urlsplit(origin or "").netloc != request.headers.get(
        "host", ""
    )
    if site not in ("same-origin", "none") or (foreign and "sec-fetch-site" not in request.headers):
        raise ForbiddenError("Biểu mẫu được gửi từ một trang khác.")


def form_checked(
    request: Request,
    caller: Visitor,
    services: Served,
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> None:
    """Refuse a form that does not carry the session's (or a stranger's own) token."""
    same_site(request)
    if caller is not None:
        fits = caller.csrf_matches(csrf)
    else:
        seed = request.cookies.get(form_cookie(services.drill), "")
        fits = bool(seed) and hmac.compare_digest(seed.encode(), csrf.encode())
    if not fits:
        raise ForbiddenError(
            "Biểu mẫu đã cũ hoặc không hợp lệ.", mend="Tải lại trang rồi gửi lại biểu mẫu."
        )


SignedIn = Annotated[Caller, Depends(signed_in)]
Checked = Depends(form_checked)


def acting(caller: SignedIn) -> Caller:
    """Return a visitor who may act on incidents. Raises ForbiddenError."""
    caller.require(Action.ACT)
    return caller


def unmasking(caller: SignedIn) -> Caller:
    """Return a visitor who may look behind a mask. Raises ForbiddenError."""
    caller.require(Action.UNMASK)
    return caller


def grouping(caller: SignedIn) -> Caller:
    """Return a visitor who may set the grouping of mentions right. Raises ForbiddenError."""
    caller.require(Action.GROUP)
    return caller


Acting = Annotated[Caller, Depends(acting)]
Grouping = Annotated[Caller, Depends(grouping)]
Unmasking = Annotated[Caller, Depends(unmasking)]


def to_login(error: LoginRequired) -> RedirectResponse:
    """Return the detour to the sign-in page."""
    return RedirectResponse(f"/dang-nhap?tiep={quote(error.wanted, safe='')}", 303)


def own_path(wanted: str) -> str:
    """Return ``wanted`` if it is a path of ours, else the overview."""
    fine = wanted.startswith("/") and wanted[1:2] not in ("/", "\\")
    return wanted if fine and wanted.isprintable() and len(wanted) < 2000 else "/"
