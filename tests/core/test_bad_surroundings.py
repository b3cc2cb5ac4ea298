"""A mail server that misbehaves, a full disk, a lock held elsewhere: plain words, nothing lost."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from alerts.channels.email import SmtpChannel
from alerts.outbox import Receipts, replay_receipts, tell
from langnghe.core.clock import VirtualClock
from langnghe.core.errors import ConfigError, StoreError
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.store.outbox import enqueue
from langnghe.core.store.tables import OutboxRow
from langnghe.core.store.units import sync_units
from langnghe.core.types import Item
from langnghe.doctor import examine
from langnghe.pipeline import SWEEP, House, turn
from nlp.stage import Grouper
from tests.conftest import NOW, count
from tests.fakes import PROFILE, FakeReader

LATER = NOW + timedelta(hours=1)


@dataclass
class Post:
    """A mail server that answers as told: ``script`` maps a command to its answer; "" hangs up."""

    script: dict[str, str] = field(default_factory=dict)
    banner: str = "220 thu.example"
    letters: list[str] = field(default_factory=list)
    port: int = 0

    def serve(self, door: socket.socket) -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as talk:
                try:
                    self.talk(talk)  # type: ignore[arg-type]
                except OSError:
                    continue

    def talk(self, talk: socket.SocketIO) -> None:
        def say(text: str) -> None:
            talk.write(text.encode() + b"\r\n")
            talk.flush()

        say(self.banner)
        while line := talk.readline():
            word = line.decode().split()[0].upper()
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 ok")
            answer = self.script.get(word, usual)
            if not answer:
                return
            say(answer)
            if word == "QUIT":
                return
            if word == "DATA" and answer.startswith("354"):
                letter = b""
                while (part := talk.readline()) not in (b".\r\n", b""):
                    letter += part
                verdict = self.script.get(".", "250 taken")
                if not verdict:
                    return
                if verdict.startswith("250"):
                    self.letters.append(letter.decode())
                say(verdict)


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post()
    door = socket.create_server(("127.0.0.1", 0))
    office.port = door.getsockname()[1]
    thread = threading.Thread(target=office.serve, args=(door,), daemon=True)
    thread.start()
    yield office
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join(timeout=5)


def settings(home: Path, post: Post) -> Settings:
    return Settings(
        home=home, smtp_host="127.0.0.1", smtp_port=post.port, smtp_security="none",
        mail_from="nghe@suoimo.example", smtp_timeout_s=2,
    )  # fmt: skip


@pytest.fixture
def waiting(store: Store) -> Store:
    """Return a store with one message to one person in its outbox."""
    with store.write() as session:
        enqueue(session, OutboxRow(
            key="thu-1", level=3, purpose="alert", role="principal", subject="[Đỏ] Có việc gấp",
            recipient="hieutruong@suoimo.example", body_text="Có việc gấp.", body_html="<p>Gấp</p>",
            message_id="<thu-1@suoimo.example>", created_at=NOW, due_at=NOW,
        ))  # fmt: skip
    return store


def letter(store: Store) -> OutboxRow:
    with store.read() as session:
        return session.scalars(sa.select(OutboxRow)).one()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"RCPT": "451 greylisted, come back later"}, "451"),
        ({"DATA": ""}, "im lặng khi đang nhận thư"),
        ({".": ""}, "im lặng khi đang nhận thư"),
        ({"MAIL": ""}, "ngắt kết nối giữa chừng"),
        ({".": "452 disk full"}, "452"),
        ({"MAIL": "530 authenticate first"}, "từ chối người gửi"),
        ({"DATA": "%%% not smtp"}, "Máy chủ thư"),
        ({"EHLO": "421 closing", "HELO": "421 closing"}, "Máy chủ thư"),
    ],
)
def test_a_server_with_a_bad_day_gets_the_mail_later(
    waiting: Store, post: Post, tmp_path: Path, script: dict[str, str], words: str
) -> None:
    post.script = script
    channel = SmtpChannel(settings(tmp_path, post))
    assert tell(waiting, channel, NOW).sent == 0
    kept = letter(waiting)
    assert (kept.state, kept.attempts) == ("due", 1)
    assert words in kept.last_error, kept.last_error
    assert post.letters == []
    post.script = {}
    assert tell(waiting, channel, LATER).sent == 1
    assert "<thu-1@suoimo.example>" in post.letters[0]
    assert (letter(waiting).state, letter(waiting).last_error) == ("sent", "")


def test_who_is_refused_for_good_is_told_once_and_doctor_says_so(
    waiting: Store, post: Post, tmp_path: Path
) -> None:
    post.script = {"RCPT": "550 no such person"}
    assert tell(waiting, SmtpChannel(settings(tmp_path, post)), NOW).dead == 1
    assert "550" in letter(waiting).last_error
    told = {f.check: f for f in examine(
        settings(tmp_path, post).model_copy(update={"database_url": waiting.url})
    )}  # fmt: skip
    assert not told["thư bị từ chối"].ok
    assert "550" in told["thư bị từ chối"].what
    assert told["thư điện tử"].ok


def test_a_mail_that_went_out_is_not_sent_twice_for_a_full_disk(
    waiting: Store, post: Post, tmp_path: Path
) -> None:
    (tmp_path / "receipts.jsonl").symlink_to("/dev/full")
    channel = SmtpChannel(settings(tmp_path, post))
    assert tell(waiting, channel, NOW).sent == 1
    assert tell(waiting, channel, LATER).sent == 0
    assert len(post.letters) == 1


def test_receipts_that_cannot_be_used_stop_the_start_in_plain_words(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "receipts.jsonl"
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"receipts\.jsonl: đây là một thư mục"):
        replay_receipts(store, Receipts(folder))


def heard(store: Store, number: int, length: int = 10) -> None:
    text = " ".join(f"lời{number}x{n}" for n in range(length))
    item = Item(id=f"tin-{number}", title=f"Trường số {number} hội thao", text=text, source="Báo")
    with store.write() as session:
        keep(session, [item], now=NOW, secret=b"k" * 32)


def heard_until_full(store: Store) -> None:
    for number in range(1, 200):
        heard(store, number, 2000)


def test_a_full_disk_is_said_and_what_was_kept_stays(store: Store) -> None:
    limit = [0]

    def bounded(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    heard(store, 0)
    with store.read() as session:
        limit[0] = int(session.execute(sa.text("PRAGMA page_count")).scalar_one()) + 8
    store.close()  # connections made from now on have a small disk
    sa.event.listen(store.engine, "connect", bounded)
    with pytest.raises(StoreError, match="Đĩa đã đầy") as told:
        heard_until_full(store)
    assert "Giải phóng" in told.value.mend
    kept = count(store, "mention")
    assert kept >= 1
    with store.read() as session:
        assert session.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"
    limit[0] = 1_000_000
    store.close()
    heard(store, 500, 2000)
    assert count(store, "mention") == kept + 1


def test_a_lock_held_elsewhere_stops_no_stage_for_good(store: Store, tmp_path: Path) -> None:
    impatient = Store(store.url, busy_timeout_s=0.1)
    services = Services(
        impatient, Settings(home=tmp_path), VirtualClock(NOW), load_policy(), PROFILE
    )
    with store.write() as session:
        sync_units(session, PROFILE, NOW)
    heard(store, 1)
    house = House(services, FakeReader(), Grouper(impatient), fetcher=None, channel=None)
    holder = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    blocked = turn(house, SWEEP)
    assert "đang bị tiến trình khác giữ khóa" in blocked.failed["understand"]
    assert count(store, "reading") == 0
    holder.execute("ROLLBACK")
    holder.close()
    assert turn(house, SWEEP).failed == {}
    assert count(store, "reading") == 1
    impatient.close()
