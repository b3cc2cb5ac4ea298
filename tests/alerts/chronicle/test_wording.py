"""Rival wordings: a turn is told when several publishers made it, and never otherwise."""

from __future__ import annotations

import pytest

from alerts.chronicle.wording import key_words, wording_of
from alerts.chronicle.wordings import WORDINGS, wordings_in
from tests.alerts.chronicle.stories import T0, told

LOCKED = "Cô giáo nhốt học sinh lớp 1 trong phòng ở Bản Hoa"
LEFT = "Giáo viên bỏ quên học sinh lớp 1 trong phòng"
STUCK = "Bé lớp 1 bị kẹt trong phòng học đến tối"


def path(*titles: str, outlets: str = "") -> list[tuple[str, ...]]:
    """Return the framings' paths of headlines told hour by hour, each by an outlet of its own."""
    rows = [told(n, n, title, outlet=outlets) for n, title in enumerate(titles)]
    return [framing.path for framing in wording_of(rows).framings]


def test_from_locking_in_to_forgetting_to_being_stuck() -> None:
    assert path(LOCKED, LOCKED, LEFT, LEFT, STUCK, STUCK) == [("nhốt", "bỏ quên", "kẹt")]


def test_no_turn_is_made_up() -> None:
    assert path(LOCKED, LOCKED, LOCKED, LOCKED) == []
    assert path(LOCKED, LOCKED, LEFT) == [], "three headlines are too few"
    assert path(LOCKED, LEFT, LOCKED, LEFT, LOCKED, LEFT) == [], "two ways at once are no turn"
    assert path(LOCKED, LOCKED, LOCKED, LEFT, LEFT, LEFT, outlets="Báo Mây") == []
    other = "Trường TH Suối Mơ khen thưởng học sinh giỏi"
    assert path(*[other] * 9) == []


def test_a_wording_of_one_publisher_is_no_step_of_the_path() -> None:
    rows = [
        told(1, 1, LOCKED), told(2, 2, LOCKED), told(3, 3, STUCK, outlet="Báo Mây"),
        told(4, 4, STUCK, outlet="Báo Mây"), told(5, 5, LEFT), told(6, 6, LEFT),
    ]  # fmt: skip
    [framing] = wording_of(rows).framings
    assert framing.path == ("nhốt", "bỏ quên")
    assert [(u.word, u.count) for u in framing.uses] == [("nhốt", 2), ("kẹt", 2), ("bỏ quên", 2)]
    assert framing.uses[2].at == T0.replace(hour=6)


def test_a_denied_wording_is_not_used() -> None:
    for title in (
        "Công an xã: không có dấu hiệu cố ý nhốt học sinh",
        "Chưa có cơ sở nói cô giáo cố ý nhốt học sinh",
        "UBND xã bác tin cô giáo nhốt học sinh",
    ):
        assert "lock" not in wordings_in(title.lower()), title
    both = "Bỏ quên học sinh do sơ suất, không có việc nhốt"
    assert wordings_in(both.lower())["lock"] == "bỏ quên"
    assert wordings_in("không phải ngộ độc, trẻ bị dị ứng")["food"] == "dị ứng"
    assert wordings_in("25 em nghi ngộ độc")["food"] == "nghi ngộ độc"


@pytest.mark.parametrize("group", sorted(WORDINGS))
def test_every_wording_is_found_by_its_own_name(group: str) -> None:
    for word in WORDINGS[group]:
        assert wordings_in(f"vụ {word} ở trường").get(group) == word


def test_copies_choose_no_words() -> None:
    rows = [told(1, 0, LOCKED), told(2, 1, LOCKED)]
    rows += [told(n, n, LEFT, copy_of=2) for n in range(3, 9)]
    assert wording_of(rows).framings == ()


def test_words_come_and_go_when_several_share_them() -> None:
    early = ["Clip học sinh xếp hàng xin cơm gây xôn xao dư luận", "Xôn xao dư luận clip xin cơm"]
    late = ["Đình chỉ hiệu trưởng để thanh tra bữa ăn", "Thanh tra bữa ăn, đình chỉ kế toán"]
    rows = [told(n, n, title) for n, title in enumerate([*early * 2, *late * 2])]
    told_of = wording_of(rows)
    assert "đình chỉ" in told_of.entered
    assert "thanh tra" in told_of.entered
    assert "dư luận" in told_of.left
    assert told_of.since == rows[4].at
    assert wording_of(rows[:6]).entered == ()


def test_names_are_no_key_words() -> None:
    words = key_words("Bé Giàng Thị Sủa xin lỗi cô Vàng Thị Dúa ở xã Bản Hoa")
    assert words == ("xin lỗi",)
    assert key_words("GIÀNG THỊ SỦA XIN LỖI") == ()
