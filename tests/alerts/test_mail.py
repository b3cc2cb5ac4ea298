"""Mail over a real local server: content, threading, refusal, receipts, reuse of a connection."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from alerts.channels.email import SmtpChannel
from alerts.connections import CONNECTIONS
from alerts.links import acknowledge_url, sign, verify
from alerts.messages import due_words
from alerts.outbox import ChannelDown, OutMail, Receipts, replay_receipts, tell
from langnghe.core.errors import DeliveryError, ForbiddenError
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import put_mark
from langnghe.core.store.tables import IncidentRow, OutboxRow
from tests.alerts.town import MINUTE, SCHOOL, T0, Room, poisoning, settings_for


class Inbox:
    """What a mail server's owner decides: keep, or refuse some people."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.sessions: set[int] = set()
        self.refuse: dict[str, str] = {}

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.content)
        self.sessions.add(id(session))
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    kept = Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    kept.port = controller.port  # type: ignore[attr-defined]
    yield kept
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def room(store: Store, tmp_path: Path, inbox: Inbox) -> Room:
    return Room(
        store, tmp_path, smtp_host="127.0.0.1", smtp_port=inbox.port,  # type: ignore[attr-defined]
        smtp_security="none", mail_from="langnghe@suoimo.example",
    )  # fmt: skip


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def to(inbox: Inbox, name: str) -> list[EmailMessage]:
    return [m for m in inbox.mails if str(m["To"]).startswith(name)]


def test_a_mail_says_what_how_serious_why_and_what_next(room: Room, inbox: Inbox) -> None:
    poisoning(room.press)
    room.sweep()
    assert tell(room.store, SmtpChannel(room.settings), T0).sent == 4
    [mail] = to(inbox, "hieutruong")
    assert str(mail["Subject"]) == (
        "[Đỏ] Trường Tiểu học Suối Mơ: 20 học sinh Trường Tiểu học Suối Mơ nhập viện sau bữa trưa "
        "bán trú – cần xác nhận trước 08:15 ngày 24/09"
    )
    for body in (plain(mail), html(mail)):
        assert "Khủng hoảng" in body
        assert "■" in body
        assert "Báo Mây Trắng, 08:00 24/09" in body
        assert "Bảo đảm an toàn học sinh" in body
        assert "/xac-nhan/" in body
    assert "#cf222e" in html(mail)
    assert "<script" not in html(mail)
    assert len(inbox.sessions) <= CONNECTIONS, "a batch needs no connection a letter"
    assert re.fullmatch(r"<[0-9a-f]{32}@nghe\.example\.vn>", str(mail["Message-ID"]))


def test_markup_in_a_title_stays_text(room: Room, inbox: Inbox) -> None:
    story = room.press.story("Tin <img src=x onerror=alert(1)>\n& lạ")
    room.press.publish(story, "Tin lạ")
    room.sweep()
    tell(room.store, SmtpChannel(room.settings), T0)
    mail = inbox.mails[0]
    assert "<img" not in html(mail)
    assert "\n" not in str(mail["Subject"])


def test_no_space_of_a_long_subject_is_lost(room: Room) -> None:
    said = "Trường Tiểu học Suối Mơ – phụ huynh lo bữa ăn, 20 em nhập viện; cần xác nhận"
    words = said.split()
    channel = SmtpChannel(room.settings)
    for count in range(3, 45):
        subject = " ".join(words[i * 7 % len(words)] for i in range(count))
        mail = OutMail(
            key="k", recipient="a@truong.example", subject=subject, text="x", html="<p>x",
            headers={}, message_id="<k@nghe.example.vn>", created_at=T0,
        )  # fmt: skip
        raw = channel._compose(mail).as_bytes()
        assert str(message_from_bytes(raw, policy=policy.default)["Subject"]) == subject
        assert max(map(len, raw.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (None, "làm ngay"),
        (T0, "làm ngay"),
        (T0 + 30 * MINUTE, "quá hạn từ 08:30 ngày 24/09"),
        (T0 + 90 * MINUTE, "trước 09:30 ngày 24/09"),
    ],
)
def test_a_step_says_by_when(due: datetime | None, said: str) -> None:
    assert due_words(due, T0, T0 + 60 * MINUTE) == said


def test_later_mails_of_an_incident_hang_on_the_first(room: Room, inbox: Inbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, SmtpChannel(room.settings), T0)
    room.sweep(T0 + 15 * MINUTE)
    tell(room.store, SmtpChannel(room.settings), T0 + 15 * MINUTE)
    first, second = to(inbox, "hieutruong")
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert first["In-Reply-To"] is None
    assert second["Message-ID"] != first["Message-ID"]


def test_the_link_of_a_mail_opens_its_incident_for_its_reader(room: Room, inbox: Inbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, SmtpChannel(room.settings), T0)
    [mail] = to(inbox, "thuky")
    found = re.search(r"https://nghe\.example\.vn/xac-nhan/(\S+)", plain(mail))
    assert found
    token = verify(room.settings.secret_key(), found[1], T0)
    assert (token.incident_id, token.recipient) == (room.incident().id, "thuky@suoimo.example")


def test_a_link_ends_and_cannot_be_forged() -> None:
    token = sign(b"key", 7, "a@b.example", T0)
    assert acknowledge_url("http://h/", token) == f"http://h/xac-nhan/{token}"
    assert verify(b"key", token, T0 + timedelta(days=29)).incident_id == 7
    for secret, text, now in (
        (b"key", token, T0 + timedelta(days=30)),
        (b"other", token, T0),
        (b"key", token[:-2], T0),
        (b"key", "", T0),
    ):
        with pytest.raises(ForbiddenError):
            verify(secret, text, now)


def test_a_replay_says_so_in_subject_and_body(room: Room, inbox: Inbox) -> None:
    with room.store.write() as session:
        put_mark(session, "replay", T0)
    poisoning(room.press)
    room.sweep()
    tell(room.store, SmtpChannel(room.settings), T0)
    mail = inbox.mails[0]
    assert str(mail["Subject"]).startswith("[PHÁT LẠI] [Đỏ]")
    assert "PHÁT LẠI" in plain(mail)
    assert "PHÁT LẠI" in html(mail)


def test_one_refused_person_does_not_keep_the_others_from_knowing(room: Room, inbox: Inbox) -> None:
    inbox.refuse = {
        "hieutruong@suoimo.example": "550 no such user",
        "thuky@suoimo.example": "450 try later",
    }
    poisoning(room.press)
    room.sweep()
    report = tell(room.store, SmtpChannel(room.settings), T0)
    assert (report.sent, report.retried, report.dead) == (2, 1, 1)
    states = {r.recipient.split("@")[0]: r for r in room.rows(OutboxRow)}
    assert states["hieutruong"].state == "dead"
    assert "550" in states["hieutruong"].last_error
    assert states["thuky"].state == "due"
    inbox.refuse = {}
    assert tell(room.store, SmtpChannel(room.settings), T0 + MINUTE).sent == 1


def test_a_server_that_is_not_there_costs_one_try_and_one_plain_sentence(
    room: Room, tmp_path: Path
) -> None:
    poisoning(room.press)
    room.sweep()
    away = settings_for(
        tmp_path, smtp_host="127.0.0.1", smtp_port=free_port(), smtp_security="none"
    )
    assert tell(room.store, SmtpChannel(away), T0).retried == 4
    error = room.rows(OutboxRow)[0].last_error
    assert "từ chối kết nối" in error
    assert "smtp_host" in error
    assert "Errno" not in error


def test_a_server_without_tls_is_not_trusted_with_a_password(inbox: Inbox, tmp_path: Path) -> None:
    asks = settings_for(
        tmp_path, smtp_host="127.0.0.1", smtp_port=inbox.port,  # type: ignore[attr-defined]
        smtp_security="starttls", smtp_user="u", smtp_password="p",
    )  # fmt: skip
    with pytest.raises(ChannelDown, match="STARTTLS"):
        SmtpChannel(asks).send(letter())
    assert inbox.raw == []


def letter(recipient: str = "ai@do.example", key: str = "k1") -> OutMail:
    return OutMail(key, recipient, "Thử", "chữ", "<p>chữ</p>", {}, f"<{key}@x.example>", T0)


@pytest.mark.parametrize("recipient", ["không dấu@x.example", "a\nBcc: b@x.example"])
def test_an_address_that_cannot_be_is_given_up(room: Room, inbox: Inbox, recipient: str) -> None:
    channel = SmtpChannel(room.settings)
    with pytest.raises(DeliveryError) as caught:
        channel.send(letter(recipient))
    assert caught.value.permanent
    assert inbox.raw == []


def test_an_idle_connection_closed_by_the_server_is_opened_again(room: Room, inbox: Inbox) -> None:
    channel = SmtpChannel(room.settings)
    channel.send(letter())
    assert channel._server is not None
    channel._server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
    channel.send(letter(key="k2"))
    channel.close()
    assert len(inbox.raw) == 2


def test_a_receipt_keeps_a_mail_from_going_twice(room: Room, inbox: Inbox, tmp_path: Path) -> None:
    poisoning(room.press)
    room.sweep()
    row = room.rows(OutboxRow)[0]
    # The process died after the server's 250 and the receipt, before the commit.
    Receipts(tmp_path / "receipts.jsonl").append(row.key, T0)
    report = tell(room.store, SmtpChannel(room.settings), T0)
    assert report.sent == 4
    assert len(inbox.raw) == 3
    assert {r.state for r in room.rows(OutboxRow)} == {"sent"}


def test_receipts_are_brought_into_the_tables_at_start(room: Room, tmp_path: Path) -> None:
    poisoning(room.press)
    room.sweep()
    path = tmp_path / "receipts.jsonl"
    rows = room.rows(OutboxRow)
    Receipts(path).append(rows[0].key, T0)
    with path.open("ab") as handle:
        handle.write(b'{"key": "torn')
    Receipts(path).append(rows[1].key, T0)
    again = Receipts(path)
    assert [key for key, _ in again.items()] == [rows[0].key, rows[1].key]
    assert replay_receipts(room.store, again) == 2
    assert [r.state for r in room.rows(OutboxRow)] == ["sent", "sent", "due", "due"]
    assert replay_receipts(room.store, Receipts(path)) == 0


def test_the_incident_page_and_mail_name_the_same_unit(room: Room, inbox: Inbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, SmtpChannel(room.settings), T0)
    [incident] = room.rows(IncidentRow)
    assert incident.unit_id == SCHOOL.id
    assert f"/vu-viec/{incident.id}" in plain(inbox.mails[0])
