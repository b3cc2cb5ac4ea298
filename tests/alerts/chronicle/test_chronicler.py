"""The chronicle drawn from the tables: what is read, for whom, and how much of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.chronicle import Chronicle
from alerts.chronicler import story_chronicle
from langnghe.core.store.engine import Store
from langnghe.core.store.queries.stories import story_event
from langnghe.core.store.tables import MentionRow, ReadingRow, StoryRow
from tests.alerts.town import HOUR, MINUTE, POLICY, SCHOOL, T0, Room

SICK = ("hospitalised", 20.0, "gần 20 học sinh nhập viện")


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def drawn(room: Room, story: int, *, unit: str | None = None) -> Chronicle | None:
    with room.store.read() as session:
        return story_chronicle(session, story, POLICY, T0 + 2 * HOUR, viewer_unit=unit)


def test_rows_become_a_chronicle(room: Room) -> None:
    story = room.press.story("Bữa trưa ở Suối Mơ")
    title = "Gần 20 học sinh Suối Mơ nhập viện sau bữa trưa"
    first = room.press.publish(story, title, facts=(SICK,), outlet="VnExpress")
    room.press.publish(
        story, title, at=T0 + MINUTE, outlet="Trang Gió", copy_of=first, facts=(SICK,)
    )
    answer = "25 học sinh nhập viện, Trạm Y tế xã cho biết"
    room.press.publish(
        story, answer, text=f"{answer}. Các em đã ổn định.", at=T0 + HOUR, outlet="Báo Bản Hoa",
        stance="confirm",
        facts=(("hospitalised", 25.0, "25 học sinh nhập viện"),
               ("speaker_hospital", None, "Trạm Y tế")),
    )  # fmt: skip
    told = drawn(room, story)
    assert told is not None
    [drift] = told.drifts
    assert drift.path == "gần 20 → 25"
    assert drift.official is not None
    assert drift.official.by == ("hospital",)
    assert (told.spread.independent, told.spread.copies) == (2, 1)
    assert told.spread.first.tier == 1, "outlets of the playbook have their tier"
    assert told.stances.office is not None
    assert told.stances.office.delay == HOUR


def test_a_time_before_it_was_seen_counts_and_one_behind_does_not(room: Room) -> None:
    story = room.press.story("Bữa trưa")
    late = room.press.publish(story, "Bài đến muộn", outlet="Báo Mây", at=T0 + HOUR)
    dated = room.press.publish(story, "Bài ghi ngày mai", outlet="Báo Gió", at=T0)
    with room.store.write() as session:
        session.execute(
            sa.update(MentionRow)
            .where(sa.column("id") == late)
            .values(published_at=T0 - timedelta(days=1))
        )
        session.execute(
            sa.update(MentionRow)
            .where(sa.column("id") == dated)
            .values(published_at=T0 + timedelta(days=1))
        )
    told = drawn(room, story)
    assert told is not None
    assert (told.spread.first.id, told.spread.first.at) == (late, T0 - timedelta(days=1))
    assert told.stances.buckets[-1].end <= T0 + timedelta(days=1)


def test_a_reading_of_words_that_stand_there_no_more_tells_nothing(room: Room) -> None:
    story = room.press.story("Bữa trưa")
    edited = room.press.publish(story, "Bài đã sửa", facts=(SICK,))
    with room.store.write() as session:
        session.execute(sa.update(MentionRow).values(revision=2))
    assert drawn(room, story) is None
    with room.store.write() as session:
        session.execute(
            sa.update(ReadingRow).where(sa.column("mention_id") == edited).values(revision=2)
        )
    assert drawn(room, story) is not None


def test_only_what_the_viewer_may_see_is_told(room: Room) -> None:
    story = room.press.story("Hai trường một chuyện")
    room.press.publish(story, "Việc trường Suối Mơ", outlet="Báo Mây")
    room.press.publish(story, "Việc trường Đồi Gió", outlet="Báo Gió", units={"thcs_doi_gio": 0.9})
    mine = drawn(room, story, unit=SCHOOL.id)
    assert mine is not None
    assert mine.spread.originals == 1
    assert "Đồi Gió" not in repr(mine)
    everything = drawn(room, story)
    assert everything is not None
    assert everything.spread.originals == 2


def test_pages_of_one_network_are_voices_of_their_own(room: Room) -> None:
    story = room.press.story("Chuyện trên mạng")
    for n, outlet in enumerate(("Góc Bản Hoa", "Suối Mơ 24h")):
        room.press.publish(story, f"Bài {n}", outlet=outlet)
    with room.store.write() as session:
        session.execute(sa.update(MentionRow).values(url="https://www.facebook.com/bai/1"))
    told = drawn(room, story)
    assert told is not None
    assert told.spread.independent == 2
    with room.store.write() as session:
        session.execute(sa.update(MentionRow).values(url="https://m.baomay.example/bai/1"))
    told = drawn(room, story)
    assert told is not None
    assert told.spread.independent == 1


def test_the_bursts_of_one_affair_oldest_first(room: Room) -> None:
    old, new, other = (room.press.story(title) for title in ("Đợt một", "Đợt hai", "Chuyện khác"))
    with room.store.write() as session:
        for n, story in enumerate((old, new, other)):
            session.execute(
                sa.update(StoryRow)
                .where(sa.column("id") == story)
                .values(event_id=old if story != other else other, mention_count=2,
                        first_at=T0 + n * HOUR, unit_id=SCHOOL.id)
            )  # fmt: skip
    with room.store.read() as session:
        row, alone = session.get_one(StoryRow, new), session.get_one(StoryRow, other)
        assert [s.id for s in story_event(session, row, viewer_unit=None)] == [old, new]
        assert [s.id for s in story_event(session, row, viewer_unit=SCHOOL.id)] == [old, new]
        assert story_event(session, row, viewer_unit="thcs_doi_gio") == []
        assert story_event(session, alone, viewer_unit=None) == []
