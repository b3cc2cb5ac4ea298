"""What a person told apart or put together is not one incident, or is, whatever the words say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from langnghe.core.auth import Caller
from langnghe.core.hand import Kind
from langnghe.core.handing import Hand
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import IncidentRow, StoryRow
from langnghe.core.types import Role
from langnghe.core.undoing import undo
from nlp.covering import share_children
from tests.alerts.town import HOUR, SECTOR, T0, Room

ANALYST = Caller(7, "phan_tich", "Đ/c Phân tích", Role.ANALYST, None, "browser", "", "")


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def two_bursts(room: Room) -> tuple[int, int]:
    """Two stories of one incident, by their words."""
    found = []
    for title, text in (
        ("Nhiều em ở điểm trường Khe Lau nhập viện",
         "Sáng nay, nhiều học sinh điểm trường Khe Lau đau bụng sau bữa trưa."),
        ("Công an lấy mẫu thức ăn tại Khe Lau",
         "Cơ quan chức năng đã đến Khe Lau lấy mẫu thức ăn của học sinh."),
    ):  # fmt: skip
        found.append(room.press.story(title))
        room.press.publish(found[-1], title, units={SECTOR.id: 0.9}, text=text)
        room.sweep()
    belongs = incidents(room)
    assert belongs[found[0]] == belongs[found[1]]
    return found[0], found[1]


def incidents(room: Room) -> dict[int | None, int | None]:
    return {s.id: s.incident_id for s in room.rows(StoryRow)}


def test_stories_told_apart_are_two_incidents(room: Room) -> None:
    one, two = two_bursts(room)
    hand = Hand(room.store, ANALYST, T0 + HOUR, share_children)
    done = hand.mark(Kind.UNRELATED, one, two)
    room.sweep(T0 + HOUR)
    room.sweep(T0 + HOUR + timedelta(minutes=5))
    belongs = incidents(room)
    assert belongs[two] not in (None, belongs[one])  # not attached again by its words
    own = belongs[two]
    assert undo(room.store, ANALYST, done.decision, now=T0 + 2 * HOUR, share=share_children)
    room.sweep(T0 + 2 * HOUR)
    assert incidents(room)[two] == own  # what was opened meanwhile is not taken away


def test_a_merged_story_goes_on_ringing_under_its_incident(room: Room) -> None:
    one, two = two_bursts(room)
    incident = incidents(room)[one]
    Hand(room.store, ANALYST, T0 + HOUR, share_children).merge(one, two)
    room.sweep(T0 + HOUR)
    (row,) = room.rows(IncidentRow)
    assert (row.id, row.story_id, row.state) == (incident, two, "new")
    assert row.level > 0
    assert "regrouped" in room.events()
