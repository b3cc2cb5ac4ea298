"""The school year and its weeks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from langnghe.core.schoolyear import SchoolYear, week_number


@pytest.mark.parametrize(
    ("day", "name", "week"),
    [
        (date(2026, 9, 4), "2025–2026", 52),
        (date(2026, 9, 5), "2026–2027", 1),  # a Saturday: the first full week is the first
        (date(2026, 9, 13), "2026–2027", 1),
        (date(2026, 9, 14), "2026–2027", 2),
        (date(2026, 11, 23), "2026–2027", 12),
        (date(2023, 9, 5), "2023–2024", 1),  # a Tuesday: its own week is the first
        (date(2023, 9, 11), "2023–2024", 2),
        (date(2027, 1, 1), "2026–2027", 17),
    ],
)
def test_weeks_are_numbered_from_the_opening_on(day: date, name: str, week: int) -> None:
    year = SchoolYear.of(day)
    assert (year.name, year.week(day)) == (name, week)


def test_every_week_begins_on_a_monday_and_none_is_left_out() -> None:
    day = date(2024, 9, 5)
    for _ in range(1200):
        following = day + timedelta(1)
        step = week_number(following) - week_number(day)
        assert step == (1 if following.weekday() == 0 else 0)
        one, two = SchoolYear.of(day), SchoolYear.of(following)
        if one == two:
            assert two.week(following) - one.week(day) in (0, 1)
        else:
            assert two.week(following) == 1
            assert 51 <= one.week(day) <= 53
        day = following
