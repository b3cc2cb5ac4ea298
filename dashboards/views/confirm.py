"""The signed link of a mail: it shows one incident and acknowledges it, without signing in.

Opening the page is only written down, because mail scanners open links too; what acknowledges is
the button alone. The link of a merged incident speaks for the one it went on in; that of somebody
who has left office no longer holds.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from alerts import incidents as acts
from alerts.links import Token, verify
from dashboards.render import page
from dashboards.visitor import Served, Visitor, same_site
from langnghe.core.errors import ForbiddenError
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

router = APIRouter()


@router.get("/xac-nhan/{token}")
def confirm_page(request: Request, token: str, _visitor: Visitor, services: Served) -> Response:
    """Show what the link is about, and write down its first opening."""
    found = _read(services, token)
    with services.store.read() as session:
        fresh = first_opening(session, found.incident_id, found.recipient, found.mark)
    if fresh:
        with services.store.write() as session:
            note_opened(
                session, found.incident_id, found.recipient, found.mark, services.clock.now()
            )
    return _show(request, services, token, found, just_now=False)


@router.post("/xac-nhan/{token}", dependencies=[Depends(same_site)])
def confirm(request: Request, token: str, _visitor: Visitor, services: Served) -> Response:
    """Acknowledge in the name of whom the mail was sent to."""
    found, now = _read(services, token), services.clock.now()
    with services.store.read() as session:
        mail = linked_message(session, found.incident_id, found.recipient, found.mark)
    actor = mail.name if mail is not None and mail.name else found.recipient
    if acts.acknowledge(services.store, found.incident_id, actor, now) and mail is not None:
        with services.store.write() as session:
            note_acknowledged(session, mail, now, actor)
    return _show(request, services, token, found, just_now=True)


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
    request: Request, services: Services, token: str, found: Token, *, just_now: bool
) -> Response:
    with services.store.read() as session:
        detail = get_incident(session, found.incident_id, viewer_unit=None)
        after = survivor_of(session, detail.line.row)
        if after.id is not None and after.id != found.incident_id:
            detail = get_incident(session, after.id, viewer_unit=None)
    reasons = [reason.get("text", "") for reason in detail.line.row.reasons]
    return page(
        request,
        "confirm.html",
        token=token,
        line=detail.line,
        incident=detail.line.row,
        reasons=reasons[:5],
        just_now=just_now,
    )
