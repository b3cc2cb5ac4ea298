"""The overview's tallies: of today within a minute, right after every change, filled bit by bit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.baseline.tally import Tree
from alerts.board import board_due
from alerts.usual_days import UsualDays, heads, usual_days
from alerts.watch import watch_due
from langnghe.core.policy.baseline import load_baseline
from langnghe.core.schoolyear import week_number
from langnghe.core.store.engine import Store
from langnghe.core.store.queries.board_days import heard_today, tones_by_day, topics_by_week
from langnghe.core.store.tables import (
    BoardCountRow,
    BoardDayRow,
    CorrectionRow,
    MentionRow,
    ReadingRow,
    UnusualRow,
    WatchCountRow,
)
from tests.alerts.town import COMMUNE, OTHER, PROFILE, SCHOOL, SECTOR, Room

FEES, PRAISE = "khoan_thu", "hoat_dong_tich_cuc"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
START = datetime(2026, 3, 30, 1, 0, tzinfo=UTC)
RULE = load_baseline()
TREE = Tree.of((unit.id, unit.kind, unit.parent) for unit in PROFILE.units)


class Hall(Room):
    """The town with its board: mentions are heard, watched and tallied."""

    story = 0

    def hear(self, at: datetime, tone: str = "neg", *, topic: str = FEES, **more: object) -> int:
        self.story = self.story or self.press.story("Chuyện ở trường")
        number = self.press.publish(self.story, "Chuyện ở trường", at=at, topic=topic, **more)  # type: ignore[arg-type]
        with self.store.write() as session:
            reading = session.get(ReadingRow, number)
            assert reading is not None
            reading.sentiment = tone
        return number

    def turn(self, now: datetime) -> int:
        watch_due(self.store, self.policy, self.profile, now, RULE)
        return board_due(self.store, self.policy, self.profile, now, RULE)

    def tones(self, day: datetime, unit: str = SCHOOL.id) -> tuple[int, ...] | None:
        when = (day + timedelta(hours=7)).date()
        with self.store.read() as session:
            found = tones_by_day(session, [unit], when, when).get(when)
        return tuple(found) if found else None

    def days(self, now: datetime, units: list[str], number: int = 10) -> UsualDays:
        with self.store.read() as session:
            return usual_days(session, units, TREE, RULE, now, days=number)

    def rows_left(self) -> int:
        with self.store.read() as session:
            return len(session.scalars(sa.select(BoardCountRow)).all())

    def correct(self, mention: int, at: datetime, **fields: object) -> None:
        with self.store.write() as session:
            reading = session.get(ReadingRow, mention)
            assert reading is not None
            for name, value in fields.items():
                setattr(reading, name, value)
            session.add(
                CorrectionRow(mention_id=mention, revision=1, field="sentiment", value="pos",
                              user_id=1, at=at)
            )  # fmt: skip


@pytest.fixture
def hall(any_store: Store, tmp_path: Path) -> Hall:
    return Hall(any_store, tmp_path)


def test_today_is_counted_within_a_minute_up_the_tree_and_by_tone(hall: Hall) -> None:
    first = hall.hear(START, "neg")
    hall.hear(START, "neu", copy_of=first)
    hall.hear(START, "pos", topic=PRAISE, units={OTHER.id: 0.9})
    hall.hear(START, "pos", stance="deny")
    assert hall.turn(START + MINUTE) == 1
    # originals are what the alarm counts: no copy, no denial, no praise
    assert hall.tones(START) == (1, 1, 1, 1)
    assert hall.tones(START, OTHER.id) == (0, 0, 0, 1)
    assert hall.tones(START, COMMUNE.id) == hall.tones(START, SECTOR.id) == (1, 1, 1, 2)
    with hall.store.read() as session:
        heard = heard_today(session, date(2026, 3, 30))
        week = week_number(date(2026, 3, 30))
        assert topics_by_week(session, [SECTOR.id], week) == {FEES: {week: 3}, PRAISE: {week: 1}}
        assert topics_by_week(session, [SECTOR.id], week + 1) == {}
    assert heard is not None
    assert (heard.heard, heard.sources) == (4, 1)


def test_nothing_new_costs_nothing_and_news_wait_a_minute_at_most(hall: Hall) -> None:
    hall.hear(START)
    assert hall.turn(START + MINUTE) == 1
    hall.hear(START + MINUTE)
    assert hall.turn(START + MINUTE + MINUTE / 2) == 0
    assert hall.turn(START + 2 * MINUTE) == 1
    assert hall.tones(START) == (2, 2, 0, 0)
    assert hall.turn(START + 9 * MINUTE) == 0


def test_a_busy_day_is_counted_less_often(hall: Hall) -> None:
    hall.hear(START)
    hall.turn(START + MINUTE)
    with hall.store.write() as session:
        row = session.get(BoardDayRow, date(2026, 3, 30))
        assert row is not None
        row.heard = 5000
    hall.hear(START + MINUTE)
    assert hall.turn(START + 5 * MINUTE) == 0
    assert hall.turn(START + 6 * MINUTE) == 1


def test_a_correction_and_a_late_item_count_their_day_again(hall: Hall) -> None:
    wrong = hall.hear(START, "neg")
    hall.hear(START + 2 * DAY)
    hall.turn(START + 2 * DAY)
    assert hall.tones(START) == (1, 1, 0, 0)
    hall.correct(wrong, START + 2 * DAY, sentiment="pos")
    hall.hear(START + MINUTE, "neu")
    hall.turn(START + 2 * DAY + timedelta(hours=2))
    assert hall.tones(START) == (2, 0, 1, 1)


def test_an_item_that_no_longer_speaks_of_us_leaves_no_row(hall: Hall) -> None:
    wrong = hall.hear(START)
    hall.turn(START + MINUTE)
    with hall.store.write() as session:
        row = session.get(MentionRow, wrong)
        assert row is not None
        row.about_education = False
    hall.correct(wrong, START + MINUTE, about_education=False)
    hall.turn(START + 3 * MINUTE)
    assert hall.tones(START) is None
    assert hall.rows_left() == 0


def test_an_older_house_is_filled_a_few_days_a_turn(hall: Hall) -> None:
    for n in range(8):
        hall.hear(START + n * DAY, "pos" if n % 2 else "neg")
    now = START + 8 * DAY
    watch_due(hall.store, hall.policy, hall.profile, now, RULE)
    with hall.store.write() as session:  # as it was before there were tallies
        session.execute(sa.delete(BoardCountRow))
        session.execute(sa.delete(BoardDayRow))
    steps = [board_due(hall.store, hall.policy, hall.profile, now + n * MINUTE) for n in range(5)]
    assert steps == [4, 3, 2, 0, 0], "the first turn counts today too"
    assert [hall.tones(START + n * DAY) for n in (0, 1, 7)] == [
        (1, 1, 0, 0), (1, 0, 0, 1), (1, 0, 0, 1),
    ]  # fmt: skip


def test_a_clock_that_ran_ahead_leaves_no_days_to_come(hall: Hall) -> None:
    hall.hear(START)
    ahead = START + 30 * DAY
    hall.hear(ahead)
    hall.turn(ahead + DAY)
    assert hall.tones(ahead) is not None
    hall.turn(START + DAY)
    with hall.store.read() as session:
        last = session.scalar(sa.select(sa.func.max(BoardDayRow.day)))
    assert last is not None
    assert last <= date(2026, 3, 31)


def test_page_and_alarm_count_the_same_mentions(hall: Hall) -> None:
    for n in range(5):
        hall.hear(START + n * DAY, copy_of=1 if n == 3 else None)
        hall.hear(START + n * DAY, kind="comment")
        hall.hear(START + n * DAY, kind="comment")
    hall.turn(START + 5 * DAY)
    with hall.store.read() as session:
        rung = {
            (row.unit_id, row.topic, row.day): row.originals
            for row in session.scalars(sa.select(WatchCountRow))
        }
        shown = {
            (row.unit_id, row.topic, row.day): row.originals
            for row in session.scalars(sa.select(BoardCountRow))
            if row.originals
        }
    assert shown == rung


def test_a_house_that_still_learns_calls_nothing_high(hall: Hall) -> None:
    hall.hear(START)
    hall.turn(START + DAY)
    found = hall.days(START + DAY, [SCHOOL.id])
    assert found.learning
    assert (found.known, found.needed) == (1, RULE.learning.warm_days)
    assert [d.running for d in found.days] == [False] * 9 + [True]
    assert [d.deaf for d in found.days].count(True) == 0, "before the first day nobody was deaf"


def test_what_the_alarm_calls_unusual_is_unusual_on_the_page_and_nothing_else(hall: Hall) -> None:
    for n in range(16):
        hall.hear(START + n * DAY, topic=PRAISE, units={})
    now = START + 16 * DAY
    hall.hear(now, topic=PRAISE, units={})
    hall.turn(now)
    calm = hall.days(now, [SCHOOL.id])
    assert not calm.learning
    assert not any(d.unusual for d in calm.days)
    for n in range(5):
        hall.hear(now + n * MINUTE)
    hall.turn(now + timedelta(hours=2))
    with hall.store.read() as session:
        rows = session.scalars(sa.select(UnusualRow).where(UnusualRow.unit_id == SCHOOL.id)).all()  # type: ignore[arg-type]
    assert {row.topic for row in rows} == {FEES, ""}
    [today] = [d for d in hall.days(now + timedelta(hours=2), [SCHOOL.id]).days if d.running]
    assert today.unusual
    assert today.tones.originals == 5 > today.high


def test_days_without_any_news_are_days_of_deaf_ears(hall: Hall) -> None:
    hall.hear(START)
    hall.hear(START + 3 * DAY)
    hall.turn(START + 4 * DAY)
    found = hall.days(START + 4 * DAY, [SCHOOL.id], 6)
    assert [d.deaf for d in found.days] == [False, False, True, True, False, False]


def test_who_sees_all_sees_every_head_of_the_house() -> None:
    tree = Tree.of([("a", "school", None), ("b", "sector", None), ("c", "school", "b")])
    assert heads(tree, None) == ["a", "b"]
    assert heads(tree, "c") == ["c"]
