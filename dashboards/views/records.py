"""The audit log and what goes with it: orders to keep, requests of persons, the keeping clock.

The log speaks of the whole house, so only those see it who may see every unit.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboards.render import page, query_with
from dashboards.visitor import Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import ForbiddenError
from langnghe.core.keeping import clock_state
from langnghe.core.store.audit import head, lines
from langnghe.core.store.holds import holds
from langnghe.core.subject import requests

router = APIRouter()
PAGE = 50


@router.get("/nhat-ky")
def audit_log(
    request: Request,
    caller: SignedIn,
    services: Served,
    viec: str = "",
    truoc: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """Show the newest lines of the audit log; ``viec`` asks for one kind of act."""
    _may_see(caller)
    with services.store.read() as session:
        found = lines(session, action=viec, before=truoc, limit=PAGE + 1)
        newest = head(session)
        standing = holds(session)
        asked = requests(session)[:20]
        clock = clock_state(session, services.settings)
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return page(
        request,
        "records.html",
        caller=caller,
        lines=found[:PAGE],
        older=query_with(request, truoc=str(older)) if older else "",
        action=viec,
        head=newest,
        holds=standing,
        requests=asked,
        clock=clock,
    )


def _may_see(caller: Caller) -> None:
    if not caller.may_audit:
        raise ForbiddenError("Chỉ quản trị và người đứng đầu cơ quan cao nhất xem được nhật ký.")
