"""The signed link of a mail: it shows one incident and acknowledges it, without signing in.

Opening the page is only written down, because mail scanners open links too; what acknowledges is
the button alone. It shows what the mail said, approves nothing and ends with the incident. The link
of a merged incident speaks for the one it went on in; that of somebody who has left office no
longer holds.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from alerts import incidents as acts
from alerts.links import Token, verify
from dashboards.render import page
from dashboards.views.phone import caller_sees, card_of
from dashboards.visitor import Served, Visitor, same_site
from langnghe.core.auth import Caller
from langnghe.core.errors import ConflictError, ForbiddenError
from langnghe.core.services import Services
from langnghe.core.store.delivery import (
    first_opening,
    in_office,
    linked_message,
    note_acknowledged,
    note_opened,
)
from langnghe.core.store.incidents import survivor_of
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.types import IncidentState

router = APIRouter()


@router.get("/xac-nhan/{token}")
def confirm_page(request: Request, token: str, caller: Visitor, services: Served) -> Response:
    """Show what the link is about, and write down its first opening."""
    found = _read(services, token)
    with services.store.read() as session:
        fresh = first_opening(session, found.incident_id, found.recipient, found.mark)
    if fresh:
        with services.store.write() as session:
            note_opened(
                session, found.incident_id, found.recipient, found.mark, services.clock.now()
            )
    return _show(request, services, caller, token, found, just_now=False)


@router.post("/xac-nhan/{token}", dependencies=[Depends(same_site)])
def confirm(request: Request, token: str, caller: Visitor, services: Served) -> Response:
    """Acknowledge in the name of whom the mail was sent to."""
    found, now = _read(services, token), services.clock.now()
    with services.store.read() as session:
        mail = linked_message(session, found.incident_id, found.recipient, found.mark)
    actor = mail.name if mail is not None and mail.name else found.recipient
    try:
        acts.acknowledge(services.store, found.incident_id, actor, now)
    except ConflictError:  # closed in the meantime: the page says so
        return _show(request, services, caller, token, found, just_now=False)
    if mail is not None:  # the second who confirms knows of it as well as the first
        with services.store.write() as session:
            note_acknowledged(session, mail, now, actor)
    return _show(request, services, caller, token, found, just_now=True)


def _read(services: Services, token: str) -> Token:
    found = verify(services.settings.secret_key(), token, services.clock.now())
    stand_in = services.settings.mail_fallback.strip().lower()
    with services.store.read() as session:
        if found.recipient.lower() != stand_in and not in_office(session, found.recipient):
            raise ForbiddenError(
                "Người nhận đường dẫn này không còn trong danh bạ.",
                mend="Người đang phụ trách xác nhận bằng đường dẫn của mình hoặc đăng nhập.",
            )
    return found


def _show(
    request: Request, services: Services, caller: Caller | None, token: str, found: Token, *,
    just_now: bool,
) -> Response:  # fmt: skip
    with services.store.read() as session:
        detail = get_incident(session, found.incident_id, viewer_unit=None)
        after = survivor_of(session, detail.line.row)
        if after.id is not None and after.id != found.incident_id:
            detail = get_incident(session, after.id, viewer_unit=None)
        if detail.line.row.state == IncidentState.CLOSED:
            # The link ends with the matter; how it ended stands in the last mail.
            return page(request, "phone_closed.html", status=410, number=detail.line.id)
        shown = card_of(session, services, detail, reader=found.recipient)
        mine = caller_sees(session, caller, detail.line.id)
    return page(request, "confirm.html", token=token, just_now=just_now, mine=mine, **shown)
