"""Light or dark: the device decides unless the person has chosen; the choice is a cookie."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboards.i18n import LOOK_COOKIE, look_of
from dashboards.visitor import Checked, Served, own_path

router = APIRouter()


@router.post("/giao-dien", dependencies=[Checked])
def choose_look(
    services: Served,
    nen: Annotated[str, Form(max_length=10)] = "",
    tiep: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Remember light or dark, or forget the choice."""
    answer = RedirectResponse(own_path(tiep), 303)
    if look := look_of(nen):
        answer.set_cookie(
            LOOK_COOKIE,
            look,
            max_age=365 * 86400,
            httponly=True,
            samesite="lax",
            secure=services.settings.secure_cookies,
        )
    else:
        answer.delete_cookie(LOOK_COOKIE)
    return answer
