"""SMTP over real TLS servers: whom it trusts, what each refusal means, what a message holds."""

from __future__ import annotations

import gc
import socket
import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from alerts.channels.email import SmtpChannel
from alerts.outmail import Attached, ChannelDown, Unsure
from langnghe.core.errors import DeliveryError
from langnghe.core.settings import StatedSettings
from tests.alerts.channels.kit import Authority, notice, receipts

Start = Callable[..., "Server"]
Opens = Callable[..., SmtpChannel]
# The stand-in leaves its end of a refused handshake to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PASSWORD = "mat-khau-hop-thu"


class Handler:
    """Answers each stage as a test says, else as a good server does."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.raw: list[bytes] = []
        self.sessions: set[int] = set()
        self.hang_up = False

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.says:
            return self.says["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.says:
            return self.says.pop("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hang_up:
            server.transport.abort()
            return "250 never read"
        if "DATA" in self.says:
            return self.says.pop("DATA")
        self.raw.append(envelope.content)
        self.sessions.add(id(session))
        return "250 OK"

    def mail(self, number: int = -1) -> EmailMessage:
        return message_from_bytes(self.raw[number], policy=policy.default)


class Server(Controller):
    """A mail server on a free port of loopback: plain, offering STARTTLS, or TLS from the start."""

    def __init__(self, handler: Handler, implicit: ssl.SSLContext | None, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=0, ssl_context=implicit)
        self.options = options

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.options)

    def _trigger_server(self) -> None:
        """Learn the port the system gave before the first connection to it."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        socket.create_connection(("127.0.0.1", self.port), 1).close()


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """Collect what the stand-in left before a test of another file is blamed for it."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.make()


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Server] = []

    def begin(implicit: ssl.SSLContext | None = None, **options: Any) -> Server:
        server = Server(Handler(), implicit, **options)
        server.start()
        running.append(server)
        return server

    yield begin
    for server in running:
        server.stop(no_assert=True)


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Opens]:
    opened: list[SmtpChannel] = []

    def opens(server: Server, tls: ssl.SSLContext | None = None, **more: Any) -> SmtpChannel:
        fields: dict[str, Any] = {
            "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none",
            "smtp_timeout_s": 5, "mail_from": "Lắng Nghe <nghe@truong.example>",
        }  # fmt: skip
        settings = StatedSettings(home=tmp_path, **(fields | more))
        opened.append(SmtpChannel(settings, receipts=receipts(tmp_path), tls=tls))
        return opened[-1]

    yield opens
    for way in opened:
        way.close()


def log_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    fits = (data.login, data.password) == (b"nghe", PASSWORD.encode())
    return AuthResult(success=fits, handled=False)


LOGIN: dict[str, Any] = {"authenticator": log_in, "auth_required": True}


def test_starttls_with_a_login(
    channel: Opens, tmp_path: Path, authority: Authority, start: Start
) -> None:
    server = start(tls_context=authority.server(tmp_path), require_starttls=True, **LOGIN)
    with_tls = {"smtp_security": "starttls", "smtp_user": "nghe", "smtp_password": PASSWORD}
    way = channel(server, authority.trusting(), **with_tls)
    for key in ("k1", "k2", "k1"):
        way.send(notice("ht@truong.example", key=key))
    way.close()
    assert len(server.handler.raw) == 2, "one with a receipt is not sent again"
    assert len(server.handler.sessions) == 1, "the connection is used again"
    with pytest.raises(ChannelDown, match="tên đăng nhập hoặc mật khẩu") as caught:
        channel(server, authority.trusting(), **with_tls | {"smtp_password": "sai"}).send(
            notice("ht@truong.example", key="k3")
        )
    assert "sai" not in caught.value.message


def test_tls_from_the_start(
    channel: Opens, tmp_path: Path, authority: Authority, start: Start
) -> None:
    server = start(authority.server(tmp_path))
    channel(server, authority.trusting(), smtp_security="tls").send(notice("ht@truong.example"))
    assert server.handler.mail()["To"] == "ht@truong.example"


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("fault", ["stranger", "other name"])
def test_a_certificate_that_proves_nothing_is_refused(
    channel: Opens, tmp_path: Path, authority: Authority, start: Start, security: str, fault: str
) -> None:
    host = "127.0.0.1" if fault == "stranger" else "thu.khac.example"
    context = authority.server(tmp_path, host)
    server = start(context) if security == "tls" else start(tls_context=context)
    trusting = (Authority.make() if fault == "stranger" else authority).trusting()
    with pytest.raises(ChannelDown, match="TLS"):
        channel(server, trusting, smtp_security=security).send(notice("a@b.example"))
    assert server.handler.raw == []


def test_starttls_taken_away_on_the_way_is_refused(
    channel: Opens, tmp_path: Path, authority: Authority, start: Start
) -> None:
    server = start()  # what would offer STARTTLS, with that line taken out
    way = channel(
        server, authority.trusting(), smtp_security="starttls", smtp_user="nghe",
        smtp_password=PASSWORD,
    )  # fmt: skip
    with pytest.raises(ChannelDown, match="STARTTLS"):
        way.send(notice("a@b.example"))
    assert server.handler.raw == []


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "permanent"),
    [
        ("MAIL", "451 later", ChannelDown, False),
        ("MAIL", "553 not you", ChannelDown, False),
        ("RCPT", "450 busy", DeliveryError, False),
        ("RCPT", "550 nobody", DeliveryError, True),
        ("RCPT", "421 closing", ChannelDown, False),
        ("DATA", "451 later", DeliveryError, False),
        ("DATA", "554 spam", DeliveryError, True),
        ("DATA", "421 closing", ChannelDown, False),
    ],
)
def test_each_refusal_at_each_stage(
    channel: Opens,
    tmp_path: Path,
    start: Start,
    stage: str,
    answer: str,
    kind: type,
    permanent: bool,
) -> None:
    server = start()
    server.handler.says[stage] = answer
    way = channel(server)
    with pytest.raises(DeliveryError, match=answer[:3]) as caught:
        way.send(notice("ai@truong.example"))
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    server.handler.says.clear()
    way.send(notice("ai@truong.example"))
    assert len(server.handler.raw) == 1, "the next message is not spoilt"


def test_a_connection_lost_in_the_content_leaves_doubt(
    channel: Opens, tmp_path: Path, start: Start
) -> None:
    server = start()
    server.handler.hang_up = True
    way = channel(server)
    with pytest.raises(Unsure, match="im lặng"):
        way.send(notice("ai@truong.example"))
    server.handler.hang_up = False
    way.send(notice("ai@truong.example"))
    assert len(server.handler.raw) == 1


def test_a_calendar_travels_as_one(channel: Opens, tmp_path: Path, start: Start) -> None:
    server = start()
    ics = "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nSUMMARY:Hạn tiếp nhận\r\nEND:VCALENDAR\r\n"
    files = (
        Attached("han.ics", "text/calendar; method=PUBLISH; charset=utf-8", ics.encode()),
        Attached("bao-cao.pdf", "application/pdf", b"%PDF-1.7\x00\xff"),
    )
    thread = {"In-Reply-To": "<a@x.example>", "References": "<a@x.example>"}
    channel(server).send(notice("a@b.example", attachments=files, headers=thread))
    mail = server.handler.mail()
    calendar, report = mail.iter_attachments()
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "PUBLISH"
    assert calendar.get_filename() == "han.ics"
    assert calendar.get_content().splitlines() == ics.splitlines()
    assert report.get_content() == b"%PDF-1.7\x00\xff"
    assert mail["References"] == mail["In-Reply-To"] == "<a@x.example>"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Mức Đỏ" in body.get_content()
    assert server.handler.raw[0].isascii(), "servers that take seven bits take it"
    assert "Nghe" in str(mail["From"])


@pytest.mark.parametrize(
    "recipient",
    [
        "a@x.example, b@y.example", "a@x.example\r\nBcc: b@y.example", "A <a@x.example>", "a", "",
        "a@x.example>\r\nDATA", "a b@x.example", "a@", "a@-", "bé@x.example",
    ],
)  # fmt: skip
def test_an_address_is_one_address(
    channel: Opens, tmp_path: Path, start: Start, recipient: str
) -> None:
    server = start()
    with pytest.raises(DeliveryError) as caught:
        channel(server).send(notice(recipient))
    assert caught.value.permanent
    assert server.handler.raw == []


def test_a_line_break_in_a_subject_is_a_blank(channel: Opens, tmp_path: Path, start: Start) -> None:
    server = start()
    way = channel(server)
    way.send(notice("a@b.example", subject="Tin\r\nBcc: c@d.example\n\nlạ"))
    mail = server.handler.mail()
    assert mail["Subject"] == "Tin Bcc: c@d.example lạ"
    assert mail["Bcc"] is None
    way.send(notice("a@b.example", key="k2", subject="Tin\r\nBcc: c@d.example"))
    assert server.handler.mail()["Bcc"] is None


def test_another_has_its_own_connection_and_the_same_receipts(
    channel: Opens, tmp_path: Path, start: Start
) -> None:
    server = start()
    first = channel(server)
    second = first.another()
    first.send(notice("a@b.example"))
    second.send(notice("a@b.example"))
    second.send(notice("a@b.example", key="k2"))
    assert len(server.handler.raw) == 2
    assert first._server is not second._server
    second.close()
