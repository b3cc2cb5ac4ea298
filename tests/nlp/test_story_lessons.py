"""Grouping learns from decisions: what it was not taught gets better too, or nothing changes."""

from __future__ import annotations

import json
import math
from datetime import timedelta

import pytest

from langnghe.core.errors import InputError
from langnghe.core.hand import Decision, Kind
from nlp.stories import StoryItem
from nlp.story_evidence import likeness
from nlp.story_lessons import (
    Lesson,
    agreement,
    learn,
    lessons_of,
    shifted,
    told,
)
from tests.conftest import NOW

SCHOOLS = (
    "Suối Mơ", "Đồi Thông", "Bản Hoa", "Núi Tím", "Sông Lam Trắng", "Cầu Đá", "Khe Gió",
    "Đồng Sậy", "Hang Dơi", "Bãi Cát Vàng", "Đèo Mây", "Ruộng Xanh",
)  # fmt: skip


def item(number: int, title: str, hours: int) -> StoryItem:
    return StoryItem(number, NOW + timedelta(hours=hours), title, title)


def people_part_what_only_shares_a_school() -> list[Lesson]:
    """A dozen decisions: the fee goes on for two weeks, the sports day is another story."""
    found = []
    for n, school in enumerate(SCHOOLS):
        fee = item(3 * n, f"Phụ huynh Trường Tiểu học {school} phản ánh khoản thu quỹ lớp", 0)
        back = item(
            3 * n + 1,
            f"Quỹ lớp Trường Tiểu học {school}: phụ huynh phản ánh xong được hoàn khoản thu", 300,
        )  # fmt: skip
        sport = item(
            3 * n + 2, f"Trường Tiểu học {school} tổ chức hội khỏe Phù Đổng, trao giải", 12
        )
        found += [Lesson(n, back, (fee,), True), Lesson(n, sport, (fee,), False)]
    return found


def test_decisions_it_was_not_taught_come_out_better() -> None:
    lessons = people_part_what_only_shares_a_school()
    before = agreement(lessons)
    assert before.joined_wrongly >= 10
    found = learn(lessons)
    assert found.better
    assert found.agreed[1] > found.agreed[0]
    assert found.loss[1] < found.loss[0]
    after = agreement(lessons, shifted(found.shift))
    assert after.agreed > before.agreed
    assert learn(lessons) == found  # without chance


def test_what_grouping_knows_already_shifts_it_little() -> None:
    lessons = [Lesson(one.decision, one.item, one.side, True)
               for one in people_part_what_only_shares_a_school()]  # fmt: skip
    found = learn(lessons)
    assert not found.better
    assert all(abs(value) < 1.2 for value in found.shift.values())


def test_too_few_decisions_teach_nothing() -> None:
    lessons = people_part_what_only_shares_a_school()[:10]
    with pytest.raises(InputError, match="chưa đủ"):
        learn(lessons)


def test_a_shift_is_read_back_and_nonsense_is_refused() -> None:
    found = learn(people_part_what_only_shares_a_school())
    assert told(json.loads(json.dumps(found.to_dict()))) == found.shift
    broken: tuple[object, ...] = (
        None, [], {}, {"format": 1}, {"format": 9, "shift": {}},
        {"format": 1, "shift": {"lạ": 1.0}}, {"format": 1, "shift": {"all": math.nan}},
        {"format": 1, "shift": {"all": "x"}},
    )  # fmt: skip
    for bad in broken:
        with pytest.raises(InputError):
            told(bad)


def test_without_a_shift_nothing_changes() -> None:
    lessons = people_part_what_only_shares_a_school()
    assert agreement(lessons, shifted({})) == agreement(lessons, likeness)


def test_lessons_of_each_kind_of_decision() -> None:
    items = {n: item(n, f"Tin {n}", n) for n in range(1, 7)}
    before = {"moved": [1, 2, 99], "left": [3, 4], "there": [5]}

    def taught(kind: Kind, **changes: list[int]) -> list[tuple[int, tuple[int, ...], bool]]:
        decision = Decision(7, kind, 1, 2, before=before | changes)
        return [
            (int(one.item.id), tuple(int(i.id) for i in one.side), one.same)
            for one in lessons_of(decision, items)
        ]

    assert taught(Kind.MOVE) == [
        (1, (3, 4), False), (1, (5,), True), (2, (3, 4), False), (2, (5,), True),
    ]  # fmt: skip
    assert taught(Kind.SPLIT, there=[]) == [
        (1, (3, 4), False), (1, (2,), True), (2, (3, 4), False), (2, (1,), True),
    ]  # fmt: skip
    assert taught(Kind.MERGE, left=[]) == [(1, (5,), True), (2, (5,), True)]
    assert taught(Kind.SAME, moved=[], left=[], there=[]) == []
