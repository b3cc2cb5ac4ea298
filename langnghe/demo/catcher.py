"""A mailbox on this machine for demonstrations: SMTP in, a readable page out, nothing sent on."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from typing import Any

from aiosmtpd.controller import Controller
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, PlainTextResponse, Response


@dataclass(frozen=True, slots=True)
class Caught:
    """One caught message."""

    recipients: tuple[str, ...]
    message: EmailMessage

    def part(self, kind: str) -> str:
        """Return the body of the kind ``plain`` or ``html``, or an empty string."""
        body = self.message.get_body((kind,))
        content = body.get_content() if body is not None else ""
        return content if isinstance(content, str) else ""


class MailCatcher:
    """An SMTP server on the loopback address that keeps what it gets in memory."""

    def __init__(self, port: int | None = None, *, keep: int = 500) -> None:
        self._caught: list[Caught] = []
        self._keep = keep
        self._lock = threading.Lock()
        self.port = port or free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep one message (called by aiosmtpd)."""
        raw = envelope.content
        message = message_from_bytes(
            raw if isinstance(raw, bytes) else raw.encode(), policy=policy.default
        )
        assert isinstance(message, EmailMessage)  # noqa: S101 - policy.default makes only these
        with self._lock:
            self._caught.append(Caught(tuple(envelope.rcpt_tos), message))
            del self._caught[: -self._keep]
        return "250 OK"

    def start(self) -> None:
        """Listen on ``port``."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def caught(self) -> list[Caught]:
        """Return the messages, oldest first."""
        with self._lock:
            return list(self._caught)


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mailbox_router(catcher: MailCatcher, prefix: str = "/hop-thu-demo") -> APIRouter:
    """Return the pages that show the caught mails: a list, a text view and an HTML view."""
    router = APIRouter(prefix=prefix, include_in_schema=False)

    @router.get("")
    def listing() -> HTMLResponse:
        rows = "".join(
            f'<li><a href="{prefix}/{number}">{escape(str(mail.message["Subject"]))}</a>'
            f"<br><small>Tới {escape(', '.join(mail.recipients))}</small></li>"
            for number, mail in reversed(list(enumerate(catcher.caught())))
        )
        return _page("Hộp thư trình diễn", f"<ol reversed>{rows}</ol>" if rows else _EMPTY)

    @router.get("/{number}")
    def one(number: int) -> HTMLResponse:
        mails = catcher.caught()
        if not 0 <= number < len(mails):
            return _page("Không có thư này", "<p>Thư đã bị thay bằng thư mới hơn.</p>", 404)
        mail = mails[number]
        head = "".join(
            f"<dt>{name}</dt><dd>{escape(str(mail.message[name] or ''))}</dd>"
            for name in ("From", "To", "Date", "Subject", "Message-ID")
        )
        body = (
            f"<dl>{head}</dl><pre>{escape(mail.part('plain'))}</pre>"
            f'<p><a href="{prefix}/{number}/html">Xem bản HTML</a> · '
            f'<a href="{prefix}">Về hộp thư</a></p>'
        )
        return _page("Thư", body)

    @router.get("/{number}/html")
    def html(number: int) -> Response:
        mails = catcher.caught()
        if not 0 <= number < len(mails):
            return PlainTextResponse("Không có thư này.", 404)
        return HTMLResponse(
            mails[number].part("html"),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    return router


_EMPTY = "<p>Chưa có thư nào. Trang này không tự tải lại.</p>"


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="vi"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;"
        "max-width:44rem;padding:0 1rem}pre{white-space:pre-wrap}li{margin:.6rem 0}</style>"
        f"<h1>{title}</h1>{body}</html>",
        status_code=status,
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )
