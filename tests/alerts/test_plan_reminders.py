"""The secretary hears from the 25th who is behind; on the 1st the head gets the month's tally."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.office import Office
from alerts.plan.calendar import Line
from alerts.plan.reminders import letter, remind_due
from langnghe.core.policy.loader import load_policy
from langnghe.core.settings import StatedSettings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Profile, Unit

PROFILE = Profile(
    "thử",
    (
        Unit(
            "truong", "school", "Trường TH Suối Mơ",
            contacts=(Contact("officer", "Cô Thư", "thu@truong.example"),
                      Contact("principal", "Thầy Hiệu", "hieu@truong.example")),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def office(any_store: Store, tmp_path: Path) -> Office:
    with any_store.write() as session:
        sync_units(session, PROFILE, datetime(2026, 11, 1, tzinfo=UTC))
        for name in ("Chi đoàn", "Tổ Toán"):
            session.add(t.WriterRow(unit_id="truong", name=name, since=date(2026, 9, 1)))
        session.flush()
        session.add(
            t.ArticleRow(unit_id="truong", writer_id=1, month="2026-11", title="x",
                         state="published", created_at=datetime(2026, 11, 3, tzinfo=UTC))
        )  # fmt: skip
    return Office(load_policy(), PROFILE, StatedSettings(home=tmp_path))


def sent(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        rows = session.scalars(sa.select(t.OutboxRow)).all()
    return sorted((row.recipient, row.subject) for row in rows)


def test_each_reminder_is_written_once_on_its_day(any_store: Store, office: Office) -> None:
    for day, hour in ((20, 3), (24, 16), (25, 0), (25, 2), (25, 9), (26, 3), (30, 3)):
        remind_due(any_store, office, datetime(2026, 11, day, hour, tzinfo=UTC))
    assert sent(any_store) == [
        ("thu@truong.example", "Trường TH Suối Mơ: 1 tổ chức chưa đủ bài tháng 11/2026")
    ]
    for day in (1, 2, 3):
        remind_due(any_store, office, datetime(2026, 12, day, 3, tzinfo=UTC))
    assert sent(any_store)[0] == (
        "hieu@truong.example",
        "Trường TH Suối Mơ: tổng hợp viết bài tháng 11/2026, 1/2 tổ chức đủ bài",
    )
    assert len(sent(any_store)) == 2


def test_the_letters_name_who_is_behind() -> None:
    lines = [Line(2, "Tổ Toán", 1, 1, 0, "late"), Line(1, "Chi đoàn", 1, 1, 1, "done")]
    _, text = letter("Trường", "2026-11", lines, "officer", "http://x/ke-hoach")
    assert "Tổ Toán: còn thiếu 1 bài đăng (đã nộp 1)" in text
    assert "Chi đoàn" not in text
    _, text = letter("Trường", "2026-11", lines, "principal", "http://x/ke-hoach")
    assert "- Chi đoàn: 1/1 bài" in text
