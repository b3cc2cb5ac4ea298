"""Web push of the visitor's own browsers: turn on, turn off, and the worker that shows notices."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.channels.webpush import checked_keys, sender_key
from dashboards.render import STATIC, page
from dashboards.visitor import Checked, RowId, Served, SignedIn
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.services import Services
from langnghe.core.store.channels import subscribe, subscriptions_of, unsubscribe
from langnghe.core.store.users import note

router = APIRouter()
PAGE = "/thong-bao-day"
MOST = 10
"""Most browsers of one person."""


@router.get(PAGE)
def push_page(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show the visitor's browsers and the button that adds this one."""
    settings = services.settings
    enabled = settings.channels.push.enabled and not services.drill
    with services.store.read() as session:
        browsers = [
            {"id": row.id, "host": urlsplit(row.endpoint).hostname, "since": row.created_at,
             "last": row.last_ok_at}
            for row in subscriptions_of(session, caller.user_id)
        ]  # fmt: skip
    key = sender_key(settings.channels.push, settings.home).public if enabled else ""
    return page(request, "push.html", caller=caller, enabled=enabled, key=key, browsers=browsers)


@router.post(f"{PAGE}/bat", dependencies=[Checked])
def turn_on(
    caller: SignedIn,
    services: Served,
    endpoint: Annotated[str, Form(max_length=2000)] = "",
    p256dh: Annotated[str, Form(max_length=200)] = "",
    auth: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Keep this browser's subscription."""
    _possible(services)
    checked_keys(p256dh, auth)
    if not _acceptable(endpoint, services):
        raise InputError("Địa chỉ nhận thông báo của trình duyệt không hợp lệ.")
    now = services.clock.now()
    with services.store.write() as session:
        known = subscriptions_of(session, caller.user_id)
        if len(known) >= MOST and endpoint not in {row.endpoint for row in known}:
            raise ConflictError(
                f"Mỗi người bật được trên nhiều nhất {MOST} trình duyệt.",
                mend="Tắt bớt trình duyệt không dùng nữa.",
            )
        subscribe(session, caller.user_id, endpoint, p256dh, auth, now)
        note(session, now, caller.username, "push_on", caller.username)
    return RedirectResponse(f"{PAGE}?xong=bat-day", 303)


@router.post(f"{PAGE}/{{number}}/tat", dependencies=[Checked])
def turn_off(number: RowId, caller: SignedIn, services: Served) -> Response:
    """Forget one of the visitor's own browsers; somebody else's is left alone."""
    with services.store.write() as session:
        if unsubscribe(session, caller.user_id, number):
            note(session, services.clock.now(), caller.username, "push_off", caller.username)
    return RedirectResponse(f"{PAGE}?xong=tat-day", 303)


@router.get("/sw.js")
def worker() -> Response:
    """Return the service worker, from the root because it works for the pages below its place."""
    return Response(
        (STATIC / "sw.js").read_bytes(),
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


def _possible(services: Services) -> None:
    if not services.settings.channels.push.enabled or services.drill:
        raise ConflictError(
            "Thông báo đẩy chưa được bật cho hệ thống này.",
            mend="Nhờ quản trị viên đặt enabled = true trong mục channels.push.",
        )


def _acceptable(endpoint: str, services: Services) -> bool:
    """Whether a push service may stand there; where it leads is checked anew at every notice."""
    try:
        parts = urlsplit(endpoint)
        place = f"{parts.hostname}:{parts.port or 443}"
    except ValueError:
        return False
    plain = place in services.settings.allow_private_hosts and parts.scheme == "http"
    return (
        endpoint.isascii()
        and endpoint.isprintable()
        and bool(parts.hostname)
        and parts.username is None
        and (parts.scheme == "https" or plain)
    )
