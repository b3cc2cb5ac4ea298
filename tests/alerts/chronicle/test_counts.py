"""«gần 20 → 25 → 41»: who said which number, what is a step and what only an echo."""

from __future__ import annotations

import pytest

from alerts.chronicle import Stated
from alerts.chronicle.numbers import dong, number_of
from tests.alerts.chronicle.stories import MINUTE, T0, numbers, read, told

SICK = "hospitalised"


def test_a_count_that_grows_is_told_as_it_was_said() -> None:
    [drift] = numbers([
        read(1, 0, "Gần 20 học sinh nhập viện sau bữa trưa ở xã Bản Hoa"),
        read(2, 2, "25 học sinh nhập viện, trường dừng bếp ăn"),
        read(3, 2.2, "Đã có 25 em nhập viện ở xã Bản Hoa"),
        read(4, 7, "Số học sinh nhập viện tăng lên 41 em"),
    ])  # fmt: skip
    assert drift.kind == SICK
    assert (drift.path, drift.noun) == ("gần 20 → 25 → 41", "học sinh")
    assert [s.turn for s in drift.steps] == ["first", "up", "up"]
    assert [s.voices for s in drift.steps] == [1, 2, 1]
    assert not drift.disputed


def test_the_same_number_again_is_no_step() -> None:
    rows = [told(n, n, facts=((SICK, 20.0, "20 học sinh nhập viện"),)) for n in range(1, 9)]
    [drift] = numbers(rows)
    assert (drift.path, len(drift.steps), drift.steps[0].voices) == ("", 1, 8)


def test_a_hedge_and_the_number_it_hides_agree() -> None:
    [drift] = numbers([
        told(1, 0, facts=((SICK, 40.0, "hơn 40 em nhập viện"),)),
        told(2, 0.3, facts=((SICK, 41.0, "41 em nhập viện"),)),
        told(3, 0.6, facts=((SICK, 40.0, "hơn 40 em nhập viện"),)),
    ])  # fmt: skip
    assert drift.path == "hơn 40 → 41"
    assert [s.turn for s in drift.steps] == ["first", "exact"]
    assert not any(s.disputed for s in drift.steps)
    assert drift.steps[1].voices == 2, "who says more than 40 now does not contradict 41"


def test_two_numbers_in_one_hour_disagree_and_later_ones_do_not() -> None:
    rows = [
        told(1, 0, facts=((SICK, 40.0, "40 em nhập viện"),)),
        told(2, 0.5, facts=((SICK, 31.0, "31 em nhập viện"),)),
    ]
    [drift] = numbers(rows)
    assert [(s.shown, s.turn, s.disputed) for s in drift.steps] == [
        ("40", "first", True), ("31", "other", True)
    ]  # fmt: skip
    late = [rows[0], rows[1]._replace(at=T0 + 61 * MINUTE)]
    [drift] = numbers(late)
    assert [s.disputed for s in drift.steps] == [False, False]
    one_voice = [rows[0], rows[1]._replace(voice=rows[0].voice)]
    [drift] = numbers(one_voice)
    assert not drift.disputed, "an outlet that corrects itself disagrees with nobody"


def test_a_lower_number_of_somebody_else_is_listed_and_moves_nothing() -> None:
    [drift] = numbers([
        told(1, 0, facts=((SICK, 20.0, "20 em nhập viện"),)),
        told(2, 3, facts=((SICK, 40.0, "40 em nhập viện"),)),
        told(3, 5, facts=((SICK, 25.0, "25 em nhập viện"),)),
        told(4, 6, facts=((SICK, 25.0, "25 em nhập viện"),)),
        told(5, 7, facts=((SICK, 41.0, "41 em nhập viện"),)),
    ])  # fmt: skip
    assert drift.path == "20 → 40 → 41"
    assert [(s.shown, s.turn, s.voices) for s in drift.steps if s.turn == "other"] == [
        ("25", "other", 2)
    ]
    assert drift.newest.shown == "41"


def test_many_voices_bring_a_rumoured_number_down() -> None:
    rows = [told(1, 0, facts=((SICK, 40.0, "40 em nhập viện"),))]
    rows += [told(n, 2 * n, facts=((SICK, 25.0, "25 em nhập viện"),)) for n in (2, 3, 4)]
    [drift] = numbers(rows[:3])
    assert (drift.newest.shown, drift.path, drift.disputed) == ("40", "", True)
    [drift] = numbers(rows)
    assert (drift.newest.shown, drift.path, drift.disputed) == ("25", "40 → 25", False)


def test_the_present_number_is_listed_whatever_else_is_told() -> None:
    rows = [told(1, 0, facts=((SICK, 90.0, "90 em nhập viện"),))]
    rows += [told(n, n, facts=((SICK, float(60 - n), "em nhập viện"),)) for n in range(2, 30)]
    [drift] = numbers(rows)
    assert drift.newest.shown == "90"
    assert len(drift.steps) == 12


def test_old_news_is_late_and_no_revision() -> None:
    [drift] = numbers([
        told(1, 0, facts=((SICK, 20.0, "20 em nhập viện"),)),
        told(2, 3, facts=((SICK, 35.0, "35 em nhập viện"),)),
        told(3, 8, facts=((SICK, 20.0, "20 em nhập viện"),)),
    ])  # fmt: skip
    assert drift.path == "20 → 35"
    assert [s.late for s in drift.steps] == [1, 0]


@pytest.mark.parametrize("speakers", [("hospital",), ("commune", "school")])
def test_an_office_can_take_a_number_back(speakers: tuple[str, ...]) -> None:
    words = "20 em nhập viện"
    [drift] = numbers([
        told(1, 0, facts=((SICK, 20.0, words),)),
        told(2, 3, facts=((SICK, 35.0, "35 em nhập viện"),)),
        told(3, 8, facts=((SICK, 20.0, words),), speakers=speakers),
    ])  # fmt: skip
    assert drift.path == "20 → 35 → 20"
    assert drift.steps[-1].turn == "down"


def test_a_voice_can_take_its_own_number_back() -> None:
    [drift] = numbers([
        told(1, 0, facts=((SICK, 20.0, "20 em nhập viện"),)),
        told(2, 3, outlet="Báo Mây", facts=((SICK, 35.0, "35 em nhập viện"),)),
        told(3, 8, outlet="Báo Mây", facts=((SICK, 20.0, "20 em nhập viện"),)),
    ])  # fmt: skip
    assert drift.path == "20 → 35 → 20"


def test_a_copy_with_the_old_number_adds_nothing() -> None:
    [drift] = numbers([
        told(1, 0, facts=((SICK, 20.0, "20 em nhập viện"),)),
        told(2, 1.5, facts=((SICK, 25.0, "25 em nhập viện"),)),
        told(3, 1.6, copy_of=1, facts=((SICK, 20.0, "20 em nhập viện"),)),
    ])  # fmt: skip
    assert drift.path == "20 → 25"
    assert not drift.disputed


def test_the_newest_official_number_needs_an_office_beside_it() -> None:
    official = "Trạm Y tế xã Bản Hoa cho biết 25 học sinh nhập viện."
    rumour = (
        "30 học sinh nhập viện, theo lời kể của người bán hàng. Trời mưa to suốt buổi chiều. "
        "Đường vào bản bị ngập. Công an xã cho biết đang phân luồng giao thông."
    )
    rows = [read(1, 0, official), read(2, 5, rumour)]
    [drift] = numbers(rows)
    assert "police" in rows[1].speakers
    assert drift.path == "25 → 30"
    assert drift.official is not None
    assert (drift.official.shown, drift.official.by) == ("25", ("hospital",))
    assert numbers(rows, {})[0].official is None, "what cannot be shown proves nothing"


def test_being_taken_to_hospital_is_not_the_hospital_s_word() -> None:
    [drift] = numbers([read(1, 0, "Xe đưa 25 học sinh đến bệnh viện nhập viện trong đêm")])
    assert drift.official is None


def test_comments_count_only_where_no_publisher_does() -> None:
    said = told(1, 0, kind="comment", facts=((SICK, 50.0, "nghe nói 50 em nhập viện"),))
    [drift] = numbers([said])
    assert drift.steps[0].comment
    [drift] = numbers([said, told(2, 1, facts=((SICK, 3.0, "3 em nhập viện"),))])
    assert [s.shown for s in drift.steps] == ["3"]


def test_the_headline_s_number_goes_before_a_larger_one_behind() -> None:
    row = told(1, 0, "12 học sinh nhập viện", facts=((SICK, 56.0, "56 học sinh nhập viện"),))
    row = row._replace(facts=(*row.facts, Stated(SICK, 12.0, "12 học sinh nhập viện", 0)))
    [drift] = numbers([row])
    assert drift.steps[0].shown == "12"


def test_money_is_listed_and_never_joined() -> None:
    [drift] = numbers([
        told(1, 0, facts=(("money", 350_000.0, "350.000 đồng"),)),
        told(2, 1, facts=(("money", 1.2e9, "hơn 1,2 tỷ đồng"),)),
        told(3, 2, facts=(("money", 350_000.0, "350 nghìn đồng"),)),
    ])  # fmt: skip
    assert (drift.joined, drift.path, drift.noun) == (False, "", "")
    assert [(s.shown, s.voices) for s in drift.steps] == [
        ("350.000 đồng", 2), ("hơn 1,2 tỷ đồng", 1)
    ]  # fmt: skip


def test_suicides_are_never_counted_out() -> None:
    assert numbers([told(1, 0, facts=(("suicide", 2.0, "2 em"),))]) == []


@pytest.mark.parametrize(
    ("value", "words", "shown", "noun"),
    [
        (20.0, "Gần 20 học sinh nhập viện", "gần 20", "học sinh"),
        (40.0, "hon 40 hs nhap vien", "hơn 40", "học sinh"),
        (20.0, "gần hai mươi cháu", "gần 20", "học sinh"),
        (5.0, "có 5 người bị thương", "5", "người"),
        (1200.0, "khoảng 1.200 sinh viên", "khoảng 1.200", "sinh viên"),
        (3.0, "ít nhất 3 trẻ", "ít nhất 3", "học sinh"),
        (7.0, "em Gần 7 tuổi, 7 người", "gần 7", "học sinh"),
    ],
)
def test_a_number_is_kept_as_said(value: float, words: str, shown: str, noun: str) -> None:
    number = number_of(value, words)
    assert (number.shown, number.noun) == (shown, noun)


def test_nothing_of_the_words_but_the_hedge_gets_out() -> None:
    number = number_of(3.0, "Lò Thị Mẩy và 3 bạn nhập viện")
    assert (number.shown, number.noun) == ("3", "người")


def test_sums_are_written_as_people_say_them() -> None:
    sums = (350_000, 1_200_000_000, 3e9, 2_500_000, 765_000_000)
    assert [dong(v) for v in sums] == [
        "350.000 đồng", "1,2 tỷ đồng", "3 tỷ đồng", "2,5 triệu đồng", "765 triệu đồng",
    ]  # fmt: skip
