"""Who looks at a page: the session's cookie, forged forms refused, rights as parameter types."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Path, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from dashboards.kept import Kept, keep
from langnghe.core.auth import Action, Caller, caller_of
from langnghe.core.cookies import form_cookie, session_cookie
from langnghe.core.errors import ForbiddenError
from langnghe.core.formtoken import MAX_LENGTH, unmasked
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID

PASSWORD_PAGE = "/tai-khoan/mat-khau"  # noqa: S105 - an address, no secret
OWN_PAGES = ("/tai-khoan", "/dang-xuat")
"""What is open to somebody who has to set a password first."""
RowId = Annotated[int, Path(ge=1, le=MAX_ID)]


class LoginRequired(Exception):
    """A detour, not an error: the page needs a signed-in visitor; carries where they were going."""

    def __init__(self, wanted: str, kept: Kept | None = None) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.kept = kept


class PasswordDue(LoginRequired):
    """A detour: whoever came in with a password given for one use sets an own one first."""


class StaleFormError(ForbiddenError):
    """A form of our own whose token no longer fits: an old tab, or a sign-in meanwhile."""


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
    caller = caller_of(services.store, secret, kind="browser", now=services.clock.now())
    request.state.caller = caller
    return caller


Visitor = Annotated[Caller | None, Depends(visitor)]


def signed_in(request: Request, caller: Visitor) -> Caller:
    """Return the signed-in visitor, or send them to the sign-in page and back."""
    if caller is None:
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = request.url.path + query if request.method == "GET" else "/"
        raise LoginRequired(wanted, kept_of(request))
    if caller.must_change and not request.url.path.startswith(OWN_PAGES):
        raise PasswordDue(request.url.path)
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


def form_checked(request: Request, caller: Caller | None, services: Services, csrf: str) -> None:
    """Refuse a form that does not carry the session's (or a stranger's own) token.

    Raises ForbiddenError for another site's form, LoginRequired (with what was typed) where the
    session ran out, StaleFormError for an old tab.
    """
    same_site(request)
    stated = unmasked(csrf)
    if caller is not None:
        fits = caller.csrf_matches(stated)
    else:
        seed = request.cookies.get(form_cookie(services.drill), "")
        fits = bool(seed) and hmac.compare_digest(seed.encode(), stated.encode())
    if fits:
        return
    if caller is None and _for_the_signed_in(request):
        raise LoginRequired("/", kept_of(request))
    raise StaleFormError(
        "Biểu mẫu đã cũ hoặc không hợp lệ.", mend="Tải lại trang rồi gửi lại biểu mẫu."
    )


async def posted_form(
    request: Request,
    caller: Visitor,
    services: Served,
    csrf: Annotated[str, Form(max_length=MAX_LENGTH)] = "",
) -> None:
    """Keep what was posted at hand for whatever goes wrong, then check the form's token."""
    keep_posted(request, await request.form())
    form_checked(request, caller, services, csrf)


def keep_posted(request: Request, form: FormData) -> None:
    """Remember a posted form for this request, so that a refusal can hand it back."""
    query = f"?{request.url.query}" if request.url.query else ""
    request.state.kept = keep(request.url.path + query, form.multi_items())


def kept_of(request: Request) -> Kept | None:
    """Return what this request posted, where that was read."""
    found: Kept | None = getattr(request.state, "kept", None)
    return found


def _for_the_signed_in(request: Request) -> bool:
    """Tell whether the page that this form belongs to asks who somebody is."""
    waiting = [request.scope["route"].dependant]
    while waiting:
        one = waiting.pop()
        if one.call is signed_in:
            return True
        waiting += one.dependencies
    return False


SignedIn = Annotated[Caller, Depends(signed_in)]
Checked = Depends(posted_form)


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
    """Return the detour to the sign-in page, or to where a password is set."""
    if isinstance(error, PasswordDue):
        return RedirectResponse(PASSWORD_PAGE, 303)
    return RedirectResponse(f"/dang-nhap?tiep={quote(error.wanted, safe='')}", 303)


def own_path(wanted: str) -> str:
    """Return ``wanted`` if it is a path of ours, else the overview."""
    fine = wanted.startswith("/") and wanted[1:2] not in ("/", "\\")
    return wanted if fine and wanted.isprintable() and len(wanted) < 2000 else "/"
