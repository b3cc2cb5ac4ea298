"""Watching counts on real tables: days closed once, gaps, late items, corrections, two schools."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from alerts.watch import watch_due
from langnghe.core.policy.baseline import load_baseline
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import (
    NEW,
    CorrectionRow,
    MentionRow,
    ReadingRow,
    UnusualRow,
    WatchCountRow,
    WatchDayRow,
    WatchStateRow,
)
from langnghe.core.store.watch import unusual
from tests.alerts.town import COMMUNE, OTHER, SCHOOL, SECTOR, Room, Row

FEES = "khoan_thu"
DAY = timedelta(days=1)
# Eight in the morning of a Monday in Vietnam, far from Tết, from the fees and from the floods.
START = datetime(2026, 3, 30, 1, 0, tzinfo=UTC)
RULE = load_baseline()


class Town(Room):
    """The town with two weeks of listening behind it: other news every day, the school rarely."""

    other = 0

    def hear(self, at: datetime, *, topic: str = FEES, **more: object) -> int:
        story = self.press.story("Phụ huynh phản ánh khoản thu")
        return self.press.publish(story, "Phụ huynh phản ánh khoản thu", at=at, topic=topic, **more)  # type: ignore[arg-type]

    def chatter(self, at: datetime, number: int = 1) -> None:
        """News of no unit: it only shows that the sources were heard."""
        self.other = self.other or self.press.story("Tin khác")
        for _ in range(number):
            self.press.publish(self.other, "Tin khác", at=at, units={})

    def month(self, days: int = 16) -> datetime:
        with self.press.together():
            for n in range(days):
                self.chatter(START + n * DAY)
        return START + days * DAY

    def watch(self, now: datetime) -> int:
        return watch_due(self.store, self.policy, self.profile, now, RULE)

    def now_unusual(self, unit: str = SCHOOL.id) -> dict[str, str]:
        with self.store.read() as session:
            return {u.topic: u.kind for u in unusual(session, [unit]).get(unit, [])}

    def rows_of(self, kind: type[Row]) -> list[Row]:
        key = sa.inspect(kind).primary_key  # type: ignore[union-attr]
        with self.store.read() as session:
            return list(session.scalars(sa.select(kind).order_by(*key)))

    def all_rows(self) -> list[list[dict[str, object]]]:
        kinds = (WatchDayRow, WatchCountRow, WatchStateRow, UnusualRow)
        return [[row.model_dump() for row in self.rows_of(kind)] for kind in kinds]


@pytest.fixture
def town(any_store: Store, tmp_path: Path) -> Town:
    return Town(any_store, tmp_path)


def test_a_burst_is_unusual_for_the_school_and_ends(town: Town) -> None:
    now = town.month()
    town.watch(now)
    assert town.now_unusual() == {}
    ids = [town.hear(now + timedelta(hours=h)) for h in range(4)]
    town.watch(now + timedelta(hours=12))  # the day is not over
    assert town.now_unusual() == {FEES: "burst", "": "burst"}
    [fees] = [u for u in town.rows(UnusualRow) if u.unit_id == SCHOOL.id and u.topic == FEES]
    assert (fees.seen, fees.since, fees.mention_ids) == (
        4,
        (now + 7 * timedelta(hours=1)).date(),
        ids,
    )
    assert fees.expected < 0.5
    assert 0.3 <= fees.strength <= 1.0
    assert fees.once_in_days >= RULE.false_alarm_days
    assert fees.text.startswith("Trường Tiểu học Suối Mơ: 4 tin về ")
    assert "trong ngày, bình thường khoảng 0,0" in fees.text
    for n in range(1, 8):
        town.chatter(now + n * DAY)
        town.watch(now + n * DAY + timedelta(hours=1))
    assert town.now_unusual() == {}
    closed = next(u for u in town.rows(UnusualRow) if u.id == fees.id)
    assert closed.closed_because == "usual"
    assert len([u for u in town.rows(UnusualRow) if u.unit_id == SCHOOL.id]) == 2


def test_doing_it_again_changes_nothing(town: Town) -> None:
    now = town.month()
    for h in range(4):
        town.hear(now + timedelta(hours=h))
    later = now + DAY
    assert town.watch(later) == 18  # 17 days closed, and a look at what had come
    before = town.all_rows()
    assert town.watch(later) == 0
    assert town.watch(later + timedelta(minutes=45)) == 0
    assert town.all_rows() == before


def test_a_sweep_killed_between_two_days_comes_to_the_same(town: Town, tmp_path: Path) -> None:
    now = town.month()
    for h in range(4):
        town.hear(now + timedelta(hours=h) - 3 * DAY)
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    twin = Town(other, tmp_path)
    twin.month()
    for h in range(4):
        twin.hear(now + timedelta(hours=h) - 3 * DAY)
    for day in range(18):  # one sweep a day, as it runs in life, against one at the end
        twin.watch(min(START + day * DAY, now))
    town.watch(now)
    ours, theirs = town.all_rows(), twin.all_rows()
    assert _plain(ours[1]) == _plain(theirs[1])
    assert _plain(ours[2]) == _plain(theirs[2])
    other.close()


def _plain(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k not in ("mention_ids", "story_ids")} for row in rows]


def test_days_on_which_nothing_is_heard_are_no_evidence(town: Town) -> None:
    now = town.month()
    town.hear(now)
    town.watch(now + DAY)
    [before] = [s for s in town.rows_of(WatchStateRow) if (s.unit_id, s.topic) == (SCHOOL.id, FEES)]
    town.chatter(now + 40 * DAY)  # the service was off for a month and more
    town.hear(now + 40 * DAY)
    town.watch(now + 41 * DAY)
    [after] = [s for s in town.rows_of(WatchStateRow) if (s.unit_id, s.topic) == (SCHOOL.id, FEES)]
    assert len(town.rows_of(WatchDayRow)) == 18
    assert after.data["usual"][1] - before.data["usual"][1] < 3


def test_a_day_nearly_without_news_is_not_listened_to(town: Town) -> None:
    with town.press.together():
        for n in range(30):
            town.chatter(START + n * DAY, 25)
        town.chatter(START + 30 * DAY, 1)
    town.watch(START + 31 * DAY)
    days = {row.day: row for row in town.rows_of(WatchDayRow)}
    assert [d.heard for d in days.values() if not d.listened] == [1]


def test_a_late_item_is_counted_on_the_day_it_was_seen(town: Town) -> None:
    now = town.month()
    town.watch(now)
    late = now - 5 * DAY
    for h in range(4):
        town.hear(late + timedelta(hours=h))
    assert town.watch(now + timedelta(hours=1)) > 0
    [count] = [c for c in town.rows_of(WatchCountRow) if (c.unit_id, c.topic) == (SCHOOL.id, FEES)]
    assert (count.day, count.originals) == ((late + timedelta(hours=7)).date(), 4)
    assert town.now_unusual() == {}, "what was over before it was heard of does not ring"


def test_a_correction_counts_only_its_day_again(town: Town) -> None:
    now = town.month()
    ids = [town.hear(now + timedelta(hours=h)) for h in range(4)]
    town.chatter(now + DAY)
    town.watch(now + DAY)
    assert FEES in town.now_unusual()
    with town.store.write() as session:
        for mention in ids[:3]:
            row = session.get(MentionRow, mention)
            reading = session.get(ReadingRow, mention)
            assert row is not None
            assert reading is not None
            row.about_education = False
            reading.about_education_p = 0.0
        _correction(session, ids[0], now + DAY)
    counted = {d.day: d.counted_at for d in town.rows_of(WatchDayRow)}
    town.watch(now + DAY + timedelta(hours=1))
    assert town.now_unusual() == {}
    again = [d.day for d in town.rows_of(WatchDayRow) if counted.get(d.day) != d.counted_at]
    assert again == [(now + timedelta(hours=7)).date()]


def _correction(session: Session, mention: int, at: datetime) -> None:
    session.add(
        CorrectionRow(
            mention_id=mention, revision=1, field="about_education", value=False, user_id=1, at=at
        )
    )


def test_a_day_waits_for_mentions_that_are_not_read_yet(town: Town) -> None:
    now = town.month()
    mention = town.hear(now)
    with town.store.write() as session:
        row = session.get(MentionRow, mention)
        assert row is not None
        row.stage = NEW
    midnight = now.replace(hour=17)
    town.watch(midnight + timedelta(hours=1))
    assert len(town.rows_of(WatchDayRow)) == 16
    with town.store.write() as session:
        row = session.get(MentionRow, mention)
        assert row is not None
        row.stage = 2
    town.watch(midnight + timedelta(hours=2))
    assert len(town.rows_of(WatchDayRow)) == 17


def test_two_schools_with_one_topic_are_unusual_for_their_commune(town: Town) -> None:
    now = town.month()
    town.hear(now)
    town.chatter(now)
    town.watch(now + DAY)
    assert town.now_unusual(COMMUNE.id) == {}
    town.hear(now + 2 * DAY, units={OTHER.id: 0.9})
    town.watch(now + 2 * DAY + timedelta(hours=3))
    assert town.now_unusual(COMMUNE.id) == {FEES: "several_schools"}
    [row] = [u for u in town.rows(UnusualRow) if u.unit_id == COMMUNE.id]
    assert row.unit_ids == sorted([SCHOOL.id, OTHER.id])
    assert row.text.startswith("Giáo dục xã Bản Hoa: 2 trường cùng có tin về ")
    for n in range(3, 12):
        town.chatter(now + n * DAY)
        town.watch(now + n * DAY)
    assert town.now_unusual(COMMUNE.id) == {}


def test_one_article_about_two_schools_is_not_two_schools(town: Town) -> None:
    now = town.month()
    town.hear(now, units={SCHOOL.id: 0.9, OTHER.id: 0.9})
    town.watch(now + DAY)
    assert town.now_unusual(COMMUNE.id) == {}
    sector = [c for c in town.rows_of(WatchCountRow) if (c.unit_id, c.topic) == (SECTOR.id, FEES)]
    assert [c.originals for c in sector] == [1], "and the province counts it once"


def test_days_are_vietnamese_days(town: Town) -> None:
    now = town.month()
    town.hear(now.replace(hour=16, minute=59))
    town.hear(now.replace(hour=17, minute=0))
    town.watch(now + 3 * DAY)
    days = [c.day for c in town.rows_of(WatchCountRow) if (c.unit_id, c.topic) == (SCHOOL.id, FEES)]
    assert days == [now.date(), (now + DAY).date()]


def test_copies_and_denials_do_not_add_up(town: Town) -> None:
    now = town.month()
    first = town.hear(now)
    for _ in range(5):
        town.hear(now, copy_of=first)
        town.hear(now, stance="deny")
    town.watch(now + DAY)
    [count] = [c for c in town.rows_of(WatchCountRow) if (c.unit_id, c.topic) == (SCHOOL.id, FEES)]
    assert (count.originals, count.copies) == (1, 5)
    assert town.now_unusual() == {}


def test_nothing_rings_in_the_first_days_of_a_house(town: Town) -> None:
    for n in range(6):
        for _ in range(5):
            town.hear(START + n * DAY)
        town.watch(START + n * DAY + timedelta(hours=2))
    assert town.rows(UnusualRow) == []


def test_a_grave_post_does_not_wait_for_counts(town: Town) -> None:
    now = town.month()
    town.watch(now)
    story = town.press.story("Học sinh nhập viện")
    town.press.publish(
        story, "20 học sinh Trường Tiểu học Suối Mơ nhập viện", at=now,
        risk_p=(0.02, 0.08, 0.30, 0.60), facts=(("hospitalised", 20.0, "20 học sinh"),),
    )  # fmt: skip
    town.watch(now)
    assert town.now_unusual() == {}
    town.sweep(now)
    assert town.policy.level(town.incident().level).id == "do"


def test_a_unit_that_left_the_profile_is_let_go(town: Town) -> None:
    now = town.month()
    for h in range(4):
        town.hear(now + timedelta(hours=h))
    town.watch(now + DAY)
    assert town.now_unusual() != {}
    units = tuple(u for u in town.profile.units if u.id != SCHOOL.id)
    town.profile = replace(town.profile, units=units, version="t2")
    town.chatter(now + DAY)
    town.hear(now + DAY, units={OTHER.id: 0.9})
    town.watch(now + 2 * DAY)
    assert town.now_unusual() == {}
