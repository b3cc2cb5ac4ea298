"""The mail server of the story: real SMTP on loopback that knows the story's clock and can die."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller

from langnghe.core.clock import Clock
from langnghe.demo.catcher import free_port
from tests.crisis.town import PERSON, told_at

LEVELS = {"vang": "Vàng", "cam": "Cam", "do": "Đỏ"}
# What each kind of letter says of itself; written here by hand, not taken from the product.
LEADS = {
    "mới": "Vụ việc mới cần xác nhận.",
    "nâng mức": "Mức rủi ro vừa được nâng lên.",
    "diễn biến": "Vụ việc đã báo có diễn biến mới.",
    "mở lại": "Vụ việc đã đóng nay mở lại.",
    "báo lên": "Chưa ai xác nhận khi đến hạn, nên báo cáo lên",
    "nhắc việc": "Một việc trong kịch bản đã quá hạn mà chưa ghi nhận xong.",
    "đã xử lý": "Vụ việc đã xử lý xong và được đóng lại.",
}
_SIGNED = re.compile(r"Gửi (?P<name>[^(\n]+) \((?P<role>.+)\)\. Mở lúc ")


class Told(NamedTuple):
    """One letter as the story's table writes it."""

    minute: str
    matter: int
    purpose: str
    level: str
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as the server took it."""

    at: datetime
    to: str
    message: EmailMessage

    @property
    def plain(self) -> str:
        """The words for people without HTML."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    @property
    def told(self) -> Told:
        """The letter as one row of the table."""
        plain = self.plain
        purpose = [name for name, lead in LEADS.items() if lead in plain]
        signed = _SIGNED.search(plain)
        assert len(purpose) == 1, f"which kind of letter is this? {plain}"
        assert signed, f"to whom? {plain}"
        assert signed["name"] == PERSON[self.to], "the letter greets somebody else"
        return Told(
            told_at(self.at), int(self.message["X-Langnghe-Incident"]), purpose[0],
            LEVELS[self.message["X-Langnghe-Level"]], signed["name"], signed["role"],
        )  # fmt: skip

    @property
    def link(self) -> str:
        """The path of the signed link in it."""
        found = re.search(r"https://\S+?(/xac-nhan/\S+)", self.plain)
        assert found, self.plain
        return found[1]


class PostOffice:
    """An SMTP server that keeps what it takes; ``die`` and ``live`` are its outages."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.port = free_port()
        self.letters: list[Letter] = []
        self._server: Controller | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep one message (called by aiosmtpd)."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        [to] = envelope.rcpt_tos
        self.letters.append(Letter(self._clock.now(), to, message))
        return "250 OK"

    def live(self) -> None:
        """Listen, on the same port as before."""
        if self._server is None:
            self._server = Controller(self, hostname="127.0.0.1", port=self.port)
            self._server.start()

    def die(self) -> None:
        """Stop listening: whoever connects is refused."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def last(self, person: str) -> Letter:
        """Return the newest letter to somebody."""
        return next(one for one in reversed(self.letters) if PERSON[one.to] == person)
