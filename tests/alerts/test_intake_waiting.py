"""Reports that wait: read at once, the officer told of grave ones, and no flood rings more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from alerts.intake.waiting import EVERY, letter, read_due, tell_due
from alerts.office import Office
from langnghe.core.settings import Settings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.units import sync_units
from langnghe.core.types import Item, Profile, Reading, Unit
from tests.conftest import NOW, count
from tests.fakes import FakeReader
from tests.webhouse import POLICY

PROFILE = Profile("Thử", (Unit("truong", "school", "Trường TH Suối Mơ"),), version="1")
GRAVE = "Hai mươi cháu Lò Thị Mẩy nhập viện sau bữa trưa."
CALM = "Cổng trường hôm nay mở muộn mười phút."


class Town:
    """A school with an officer, a box, and a reader of few words."""

    def __init__(self, store: Store, settings: Settings, *, officer: bool = True) -> None:
        self.store, self.left = store, 0
        self.office = Office(POLICY, PROFILE, settings)
        self.reader = FakeReader()
        with store.write() as session:
            sync_units(session, PROFILE, NOW)
            if officer:
                session.add(
                    t.ContactRow(
                        unit_id="truong", role="officer", name="Cô Nụ", email="nu@x.example"
                    )
                )

    def leave(self, text: str, at: datetime = NOW) -> None:
        """Leave a report in the box."""
        self.left += 1
        with self.store.write() as session:
            session.add(
                t.IntakeRow(
                    unit_id="truong", unit_name="Trường TH Suối Mơ", channel="qr", text=text,
                    masked=text.replace("Lò Thị Mẩy", "[tên học sinh]"), received_at=at,
                    receipt=f"R{self.left}",
                )
            )  # fmt: skip

    def sweep(self, now: datetime) -> int:
        """Run the stage once; return how many letters were written."""
        while read_due(self.store, self.reader, now, limit=50):
            pass
        return tell_due(self.store, self.office, now)

    def letters(self) -> list[t.OutboxRow]:
        """Return the messages, oldest first."""
        with self.store.read() as session:
            return list(session.scalars(sa.select(t.OutboxRow).order_by(sa.text("id"))))


@pytest.fixture
def town(any_store: Store, tmp_path) -> Town:
    return Town(any_store, Settings(home=tmp_path, base_url="https://nghe.example.vn"))


def test_a_grave_report_is_told_at_once_as_not_verified_and_masked(town: Town) -> None:
    town.leave(CALM)
    town.leave(GRAVE)
    assert town.sweep(NOW) == 1
    [mail] = town.letters()
    assert (mail.recipient, mail.level, mail.role) == ("nu@x.example", 3, "officer")
    assert "CHƯA XÁC MINH" in mail.subject
    assert "https://nghe.example.vn/tiep-nhan" in mail.body_text
    for text in (mail.subject, mail.body_text, mail.body_html, mail.short, str(mail.data)):
        assert "Mẩy" not in text
    assert "Cổng trường" not in mail.body_text
    assert count(town.store, "incident") == count(town.store, "mention") == 0
    assert town.sweep(NOW + timedelta(seconds=5)) == 0, "once"
    with town.store.read() as session:
        rows = list(session.scalars(sa.select(t.IntakeRow).order_by(sa.text("id"))))
    assert [(r.risk, r.told_at is None, r.state) for r in rows] == [
        (0, True, "waiting"), (3, False, "waiting")
    ]  # fmt: skip


def test_a_flood_of_grave_reports_rings_once_a_quarter_of_an_hour(town: Town) -> None:
    now = NOW
    for n in range(240):
        town.leave(f"{GRAVE} Lần {n}", now)
        if n % 4 == 0:
            town.sweep(now)
        now += timedelta(seconds=15)  # an hour in all
    assert 3 <= len(town.letters()) <= 5
    assert town.sweep(now + EVERY) == 1, "what came in between is told in the next letter"
    with town.store.read() as session:
        untold = sa.select(t.IntakeRow).where(sa.text("told_at IS NULL"))
        assert list(session.scalars(untold)) == []
    assert "phiếu nữa" in town.letters()[-1].body_text


def test_who_has_had_the_hour_s_messages_is_told_when_there_is_room(town: Town) -> None:
    with town.store.write() as session:
        for n in range(POLICY.notices.max_per_hour):
            session.add(
                t.OutboxRow(
                    key=f"k{n}", level=3, purpose="open", role="officer", person="nu@x.example",
                    recipient="nu@x.example", subject="x", body_text="", body_html="",
                    message_id=f"<{n}>", created_at=NOW, due_at=NOW,
                )
            )  # fmt: skip
    town.leave(GRAVE)
    assert town.sweep(NOW + timedelta(minutes=1)) == 0
    assert town.sweep(NOW + timedelta(minutes=62)) == 1


def test_without_anybody_to_tell_the_report_says_so(store: Store, tmp_path) -> None:
    town = Town(store, Settings(home=tmp_path), officer=False)
    town.leave(GRAVE)
    assert town.sweep(NOW) == 0
    with store.read() as session:
        assert "Không báo được cho ai" in session.get_one(t.IntakeRow, 1).note
    assert town.sweep(NOW) == 0


def test_what_the_reader_breaks_on_is_told(town: Town) -> None:
    class Broken(FakeReader):
        def predict(self, items: Sequence[Item]) -> list[Reading]:
            if any("hỏng" in item.full_text for item in items):
                raise ValueError("no word")
            return super().predict(items)

    town.reader = Broken()
    town.leave("chữ hỏng")
    town.leave(CALM)
    assert town.sweep(NOW) == 1
    [mail] = town.letters()
    assert mail.level == 2


def test_the_letter_names_at_most_three() -> None:
    rows = [
        t.IntakeRow(unit_id="u", unit_name="Trường X", channel="qr", receipt="", received_at=NOW,
                    masked=f"Chuyện {n} " + "dài " * 200)
        for n in range(5)
    ]  # fmt: skip
    subject, text = letter(rows, "Đỏ", "https://x/tiep-nhan")
    assert subject == "[Đỏ, CHƯA XÁC MINH] Trường X: có 5 phiếu cần xem ngay"
    assert text.count("Chuyện") == 3
    assert "và 2 phiếu nữa" in text
    assert len(text) < 1200
