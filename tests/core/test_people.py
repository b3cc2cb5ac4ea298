"""Who is on duty, who comes next, when nobody is; and to whom a unit reported at what time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from langnghe.core.clock import HANOI
from langnghe.core.contacts import contact_problems, person_key, read_hours, tidy_hours, ways_of
from langnghe.core.duty import (
    Duty,
    Span,
    duty_changes,
    gaps,
    next_shift,
    on_duty,
    overlaps,
    say_gap,
    say_pattern,
    say_together,
    shifts,
)
from langnghe.core.errors import ProfileError
from langnghe.core.lines import (
    ADMINISTRATION,
    PROFESSION,
    TWO_TIERS,
    Line,
    default_lines,
    lines_at,
    overlapping,
)
from langnghe.core.profile import parse_profile
from langnghe.core.types import Contact, Place, Unit

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a Vietnamese moment of November 2026 (the 23rd is a Monday)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=HANOI)


def duty(person: str, since: datetime, until: datetime | None = None, **more: object) -> Duty:
    return Duty("th", "officer", person, since, until, **more)  # type: ignore[arg-type]


WEEK = duty("Cô Lan", at(23), days=(0, 1, 2, 3, 4), hours=(time(7), time(18)))
NIGHT = duty("Thầy Sơn", at(23), at(30), days=(5, 6), hours=(time(18), time(6)))


def test_the_end_of_a_shift_is_the_next_persons() -> None:
    rows = [duty("Cô Lan", at(23), at(24)), duty("Thầy Sơn", at(24), at(25))]
    assert [d.person for d in on_duty(rows, at(23))] == ["Cô Lan"]
    assert [d.person for d in on_duty(rows, at(24))] == ["Thầy Sơn"]
    assert on_duty(rows, at(25)) == ()
    assert on_duty(rows, at(22, 23, 59)) == ()


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(23, 7), True), (at(23, 6, 59), False), (at(23, 18), False), (at(27, 17, 59), True),
        (at(28, 9), False), (at(30, 8), True),
    ],
)  # fmt: skip
def test_a_weekly_pattern_counts_in_vietnamese_hours(moment: datetime, there: bool) -> None:
    assert bool(on_duty([WEEK], moment)) is there
    assert bool(on_duty([WEEK], moment.astimezone(UTC))) is there


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(28, 18), True), (at(29, 5, 59), True), (at(29, 6), False), (at(29, 18), True),
        (at(29, 23, 59), True), (at(30, 0), False), (at(28, 3), False),
    ],
)  # fmt: skip
def test_a_night_belongs_to_the_day_it_begins_on(moment: datetime, there: bool) -> None:
    assert bool(on_duty([NIGHT], moment)) is there


def test_listing_shifts_and_asking_for_a_moment_agree() -> None:
    for row in (WEEK, NIGHT, duty("A", at(24, 5), at(26, 9), days=(2,))):
        spans = shifts(row, at(20), at(30) + 5 * DAY)
        for hours in range(24 * 14):
            moment = at(20) + hours * HOUR
            listed = any(s.since <= moment < s.until for s in spans)
            assert listed is bool(on_duty([row], moment)), (row.person, moment)


def test_a_gap_is_said_plainly() -> None:
    rows = [WEEK, duty("Thầy Sơn", at(23, 18), at(28, 18))]
    first, *_ = gaps(rows, at(23, 7), at(30, 12))
    assert first == Span(at(28, 18), at(30, 7))
    assert say_gap(first) == (
        "Từ 18:00 thứ Bảy 28/11/2026 đến 07:00 thứ Hai 30/11/2026 không ai trực."
    )
    [last] = gaps([duty("A", at(23), at(25))], at(23), at(30))
    assert say_gap(last, through=at(30)) == "Từ 00:00 thứ Tư 25/11/2026 trở đi không ai trực."


def test_no_roster_is_one_long_gap_and_a_full_one_has_none() -> None:
    assert gaps([], at(23), at(25)) == (Span(at(23), at(25)),)
    assert gaps([duty("A", at(1))], at(23), at(25)) == ()


def test_two_on_duty_at_once_are_named() -> None:
    rows = [duty("Cô Lan", at(23), at(25)), duty("Thầy Sơn", at(24), at(26)), duty("B", at(26))]
    [both] = overlaps(rows, at(20), at(30))
    assert (both.people, both.span) == (("Cô Lan", "Thầy Sơn"), Span(at(24), at(25)))
    assert "nhiều người cùng trực: Cô Lan, Thầy Sơn." in say_together(both)
    again = duty("Cô Lan", at(24), at(25))
    assert overlaps([rows[0], again], at(20), at(30)) == (), "one person is no overlap"


def test_who_comes_next() -> None:
    shift = next_shift([WEEK, NIGHT], at(27, 12))
    assert shift is not None
    assert (shift.duty.person, shift.span.since) == ("Thầy Sơn", at(28, 18))
    assert next_shift([duty("A", at(1), at(2))], at(23)) is None


def test_those_whose_duty_changes_are_told_and_nobody_else() -> None:
    lan, son = duty("Cô Lan", at(23), at(30)), duty("Thầy Sơn", at(23), at(30), person_id=2)
    moved = [replace(lan, until=at(26)), duty("Cô Mai", at(26), at(30)), son]
    told = {c.person: (c.gained, c.lost) for c in duty_changes([lan, son], moved, at(24))}
    assert told == {
        "Cô Lan": ((), (Span(at(26), at(30)),)),
        "Cô Mai": ((Span(at(26), at(30)),), ()),
    }


def test_the_past_and_a_mere_rewriting_are_no_news() -> None:
    one = [duty("Cô Lan", at(20), at(30))]
    halves = [duty("Cô Lan", at(20), at(25)), duty("Cô Lan", at(25), at(30))]
    assert duty_changes(one, halves, at(22)) == ()
    assert duty_changes([duty("A", at(1), at(5))], [], at(22)) == ()


def test_a_pattern_in_words() -> None:
    assert say_pattern(NIGHT) == "T7, CN, 18:00–06:00"
    assert say_pattern(duty("A", at(1))) == ""


SCHOOL = Unit(
    "th", "school", "Trường Tiểu học Suối Mơ", "xa",
    places=(
        Place("xã Suối Mơ", "huyện Mây Cao", "tỉnh Mây Trắng", until=TWO_TIERS),
        Place("xã Bản Hoa", None, "tỉnh Mây Trắng", since=TWO_TIERS),
    ),
)  # fmt: skip
COMMUNE = Unit("xa", "commune", "Giáo dục xã Bản Hoa", "so")
SECTOR = Unit("so", "sector", "Sở GD&ĐT tỉnh Mây Trắng")


def test_a_school_has_one_line_before_july_2025_and_two_since() -> None:
    rows = default_lines(SCHOOL, (COMMUNE, SECTOR))
    before = lines_at(rows, "th", TWO_TIERS - timedelta(microseconds=1))
    assert [(r.line, r.to_name) for r in before] == [
        (ADMINISTRATION, "Phòng GD&ĐT huyện Mây Cao"), (PROFESSION, "Phòng GD&ĐT huyện Mây Cao")
    ]  # fmt: skip
    since = lines_at(rows, "th", TWO_TIERS)
    assert [(r.line, r.to_unit) for r in since] == [(ADMINISTRATION, "xa"), (PROFESSION, "so")]
    assert since[0].basis == "NĐ 142/2025/NĐ-CP"


def test_a_commune_that_is_not_watched_is_still_named() -> None:
    since = lines_at(default_lines(SCHOOL, (SECTOR,)), "th", TWO_TIERS)
    assert since[0].to_unit is None
    assert since[0].to_name == "UBND xã Bản Hoa – Phòng Văn hóa - Xã hội"


def test_an_upper_secondary_school_reports_to_the_department_on_both_lines() -> None:
    rows = default_lines(replace(SCHOOL, name="Trường THPT Mây Cao"), (SECTOR,))
    for moment in (TWO_TIERS - DAY, TWO_TIERS):
        assert [(r.line, r.to_unit) for r in lines_at(rows, "th", moment)] == [
            (ADMINISTRATION, "so"), (PROFESSION, "so")
        ]  # fmt: skip


def test_the_later_row_of_a_line_counts_and_the_overlap_is_found() -> None:
    old, new = Line("th", PROFESSION, "a"), Line("th", PROFESSION, "b", since=at(23))
    assert [r.to_unit for r in lines_at([new, old], "th", at(24))] == ["b"]
    assert [r.to_unit for r in lines_at([new, old], "th", at(22))] == ["a"]
    assert overlapping([old], new) is old
    assert overlapping([replace(old, until=at(23))], new) is None
    assert overlapping([replace(old, line=ADMINISTRATION)], new) is None
    assert overlapping([replace(old, id=7)], replace(new, id=7)) is None, "a row and its own edit"


def test_ways_stand_in_the_wanted_order() -> None:
    person = Contact(
        "officer", "Cô Lan", "lan@truong.example", "0912 000 111", zalo="123456",
        ways=("zalo_zns", "email", "sms"),
    )  # fmt: skip
    assert ways_of(person) == (
        ("zalo_zns", "0912 000 111"), ("email", "lan@truong.example"), ("sms", "0912 000 111")
    )  # fmt: skip
    assert [c for c, _ in ways_of(replace(person, ways=()))] == [
        "email", "zalo_oa", "zalo_zns", "sms"
    ]  # fmt: skip
    assert ways_of(Contact("officer", "Cô Lan")) == ()
    assert person_key(person) == "lan@truong.example"
    assert person_key(replace(person, email=None)) == "tel:0912000111"


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("21:30-05:30", "21:30-05:30"), ("18h – 6h", "18:00-06:00"), ("7:00–24:00", "07:00-00:00"),
        ("25:00-06:00", "25:00-06:00"), ("đêm", "đêm"), ("06:00-06:00", "06:00-06:00"),
    ],
)  # fmt: skip
def test_hours_are_stored_in_one_form(text: str, tidy: str) -> None:
    assert tidy_hours(text) == tidy
    unreadable = ("25:00-06:00", "đêm", "06:00-06:00")
    assert (read_hours(text) is None) is (text in unreadable)


def test_what_is_wrong_with_a_contact_is_told_field_by_field() -> None:
    bad = Contact(
        "", "A", "a@", "12", zalo="abc", telegram="a b", webhook="có dấu",
        ways=("fax", "apprise"), quiet="đêm",
    )  # fmt: skip
    assert [field for field, _ in contact_problems(bad)] == [
        "role", "email", "phone", "zalo", "telegram", "webhook", "ways[0]", "ways[1]", "quiet"
    ]  # fmt: skip


def profile(**unit: object) -> dict[str, object]:
    school = {"id": "th", "kind": "school", "name": "Trường A", "parent": "so"} | unit
    return {"name": "Hồ sơ", "units": [school, {"id": "so", "kind": "sector", "name": "Sở X"}]}


def test_a_profile_holds_ways_roster_and_lines() -> None:
    data = profile(
        contacts=[
            {"role": "officer", "name": "Cô Lan", "email": "lan@truong.example",
             "phone": "0912000111", "ways": ["sms", "email"], "quiet": "21h30-5h30"}
        ],
        duty=[
            {"role": "officer", "person": "Cô Lan", "since": "2026-11-28 18:00",
             "until": "2026-11-29", "days": ["T7", "chủ nhật"], "hours": "18:00-06:00"}
        ],
        lines=[
            {"line": "chuyen_mon", "to": "so", "since": "2025-07-01", "basis": "TT 15/2025"},
            {"line": "chuyen_mon", "office": "Phòng GD&ĐT huyện X", "until": "2025-06-30"},
        ],
    )  # fmt: skip
    unit = parse_profile(data, where="p").units[0]
    assert unit.contacts[0].ways == ("sms", "email")
    assert unit.contacts[0].quiet == "21:30-05:30"
    [row] = unit.duty
    assert (row.since, row.until) == (at(28, 18), at(30)), "a day that ends a row counts whole"
    assert (row.days, row.hours) == ((5, 6), (time(18), time(6)))
    assert [line.to_unit for line in lines_at(unit.lines, "th", TWO_TIERS)] == ["so"]
    assert [line.to_name for line in lines_at(unit.lines, "th", TWO_TIERS - HOUR)] == [
        "Phòng GD&ĐT huyện X"
    ]


def test_every_wrong_field_of_people_is_told_at_once() -> None:
    data = profile(
        contacts=[{"role": "officer", "name": "Cô Lan", "ways": ["sms"], "quiet": "đêm"}],
        duty=[
            {"role": "officer", "person": "Người lạ", "since": "2026-11-28"},
            {"person": "Cô Lan", "since": "mai", "days": ["T9"], "hours": "tối"},
            {"role": "officer", "person": "Cô Lan", "since": "2026-11-28", "until": "2026-11-01"},
        ],
        lines=[
            {"line": "doc", "to": "khong_co"},
            {"line": "chuyen_mon"},
            {"line": "hanh_chinh", "to": "th"},
            {"line": "hanh_chinh", "to": "so"},
        ],
    )
    with pytest.raises(ProfileError) as caught:
        parse_profile(data, where="p")
    for field in (
        "contacts[0].ways[0]", "contacts[0].quiet", "duty[0].person", "duty[1].role",
        "duty[1].since", "duty[1].days[0]", "duty[1].hours", "duty[2].until", "lines[0].line",
        "lines[0].to", "lines[1]", "lines[2].to", "lines[3]",
    ):  # fmt: skip
        assert f"- units[0].{field}: " in str(caught.value), field
