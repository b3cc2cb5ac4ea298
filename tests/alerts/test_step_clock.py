"""Steps are counted from the answer, by the level it was given at; a later one puts none off."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.incidents import acknowledge, raise_level
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import DeadlineRow, IncidentEventRow, StepRow
from tests.alerts.town import ALERT, HOUR, MINUTE, T0, Room

RED, ORANGE, YELLOW = 3, 2, 1


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def open_yellow(room: Room) -> int:
    story = room.press.story("Phụ huynh Trường Tiểu học Suối Mơ lo bữa ăn bán trú")
    room.press.publish(story, "Phụ huynh Trường Tiểu học Suối Mơ lo bữa ăn bán trú", risk_p=ALERT)
    room.sweep()
    assert room.incident().level == YELLOW
    return room.incident().id or 0


def due(room: Room, code: str) -> timedelta:
    step = next(s for s in room.rows(StepRow) if s.code == code)
    assert step.due_at is not None
    return step.due_at - T0


def reminders(room: Room, code: str) -> list[tuple[int, timedelta]]:
    return [
        (row.level, row.due_at - T0)
        for row in room.rows(DeadlineRow)
        if row.kind == f"step:{code}" and row.state == "open"
    ]


def said(room: Room) -> list[str]:
    return [row.text for row in room.rows(IncidentEventRow) if row.kind == "overdue"]


def lift(room: Room, level: int, at: datetime) -> None:
    raise_level(room.store, room.office, room.incident().id or 0, level, "Cô Hạnh", "nặng hơn", at)


def test_raised_without_an_answer_it_counts_from_the_answer(room: Room) -> None:
    number = open_yellow(room)
    lift(room, ORANGE, T0 + HOUR)  # B04 within two hours: passes unanswered
    lift(room, RED, T0 + 6 * HOUR)
    room.sweep(T0 + 7 * HOUR)
    acknowledge(room.store, number, "Cô Hạnh", T0 + 7 * HOUR)
    assert due(room, "B04") == 7 * HOUR + 30 * MINUTE
    assert due(room, "B07") == 11 * HOUR
    assert reminders(room, "B04") == [(RED, 7 * HOUR + 30 * MINUTE)]
    assert "overdue" not in room.events()
    room.sweep(T0 + 7 * HOUR + 30 * MINUTE)
    assert "Việc B04 đã quá hạn; nhắc Hiệu trưởng." in said(room)


def test_a_second_answer_puts_nothing_off_that_runs(room: Room) -> None:
    number = open_yellow(room)
    acknowledge(room.store, number, "Thầy An", T0 + HOUR)
    assert due(room, "B04") == 25 * HOUR
    lift(room, ORANGE, T0 + 24 * HOUR)  # its two hours would end later than what runs already
    assert due(room, "B04") == 25 * HOUR
    assert due(room, "B02") == 24 * HOUR
    room.sweep(T0 + 25 * HOUR)  # passes while nobody has answered the raise
    acknowledge(room.store, number, "Cô Hạnh", T0 + 25 * HOUR + 5 * MINUTE)
    assert due(room, "B04") == 25 * HOUR
    assert due(room, "B02") == 25 * HOUR + 5 * MINUTE
    assert reminders(room, "B04") == [(YELLOW, 25 * HOUR)]
    assert "overdue" not in room.events()
    room.sweep(T0 + 25 * HOUR + 6 * MINUTE)
    assert said(room) == [f"Việc {code} đã quá hạn; nhắc Hiệu trưởng." for code in ("B04", "B08")]
