"""Who calls the API: a bearer token, or the browser's session. A right is a parameter's type."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from langnghe.core.auth import Action, Caller, SignInError, caller_of
from langnghe.core.cookies import session_cookie
from langnghe.core.errors import ForbiddenError
from langnghe.core.formtoken import unmasked
from langnghe.core.services import Services

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="Mã truy cập tạo bằng «langnghe user token».",
)
_SAFE = {"GET", "HEAD", "OPTIONS"}


def services_of(request: Request) -> Services:
    """Return the services the application was made with."""
    services: Services = request.app.state.services
    return services


Served = Annotated[Services, Depends(services_of)]


def signed_in(
    request: Request,
    services: Served,
    _described: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
) -> Caller:
    """Return the caller. Raises SignInError, or ForbiddenError for a forged form."""
    now = services.clock.now()
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        caller = caller_of(services.store, secret.strip(), kind="token", now=now)
        if caller is None:
            raise SignInError("Mã truy cập không đúng hoặc đã hết hạn.")
        return caller
    cookie = request.cookies.get(session_cookie(services.drill), "")
    caller = caller_of(services.store, cookie, kind="browser", now=now)
    if caller is None:
        raise SignInError("Cần mã truy cập hoặc phiên đăng nhập.")
    if request.method not in _SAFE and not caller.csrf_matches(
        unmasked(request.headers.get("x-csrf-token", ""))
    ):
        raise ForbiddenError("Thiếu mã chống giả mạo (X-CSRF-Token).")
    return caller


def acting(caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Return a caller who may act on incidents. Raises ForbiddenError."""
    caller.require(Action.ACT)
    return caller


def grouping(caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Return a caller who may set the grouping of mentions right. Raises ForbiddenError."""
    caller.require(Action.GROUP)
    return caller


Reader = Annotated[Caller, Depends(signed_in)]
Actor = Annotated[Caller, Depends(acting)]
Grouper = Annotated[Caller, Depends(grouping)]
