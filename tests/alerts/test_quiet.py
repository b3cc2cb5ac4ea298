"""Quiet hours: around midnight, in Vietnamese time, with a clock that stands still meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.quiet import after, quiet_end, quiet_of, send_at
from alerts.ways import Quiet

NIGHT = Quiet(time(22), time(6))
NOON = Quiet(time(11, 30), time(13, 30))
MINUTE = timedelta(minutes=1)


def vn(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of September 2026 by the clocks of Vietnam (UTC+7), in UTC."""
    return datetime(2026, 9, day, hour, minute, tzinfo=timezone(timedelta(hours=7))).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "end"),
    [
        (vn(24, 21, 59), None),
        (vn(24, 22), vn(25, 6)),
        (vn(24, 23, 59), vn(25, 6)),
        (vn(25, 0), vn(25, 6)),
        (vn(25, 5, 59), vn(25, 6)),
        (vn(25, 6), None),
        (vn(25, 12), None),
    ],
)
def test_a_night_passes_midnight(at: datetime, end: datetime | None) -> None:
    assert quiet_end(at, NIGHT) == end


def test_it_is_the_hour_of_vietnam_that_counts() -> None:
    at = datetime(2026, 9, 24, 16, tzinfo=UTC)  # 23:00 in Hà Nội
    assert quiet_end(at, NIGHT) == datetime(2026, 9, 24, 23, tzinfo=UTC)
    assert quiet_end(at.astimezone(timezone(timedelta(hours=-8))), NIGHT) == quiet_end(at, NIGHT)
    assert quiet_end(datetime(2026, 9, 24, 22, tzinfo=UTC), NIGHT) == datetime(
        2026, 9, 24, 23, tzinfo=UTC
    )


def test_a_rest_at_noon_lies_within_a_day() -> None:
    assert quiet_end(vn(24, 12), NOON) == vn(24, 13, 30)
    assert quiet_end(vn(24, 23), NOON) is None


def test_equal_ends_are_no_quiet_time() -> None:
    never = Quiet(time(22), time(22))
    assert quiet_end(vn(24, 22), never) is None
    assert after(vn(24, 22), 5 * MINUTE, never, ignored=False) == vn(24, 22, 5)
    assert quiet_of(None) is None


def test_red_passes_and_the_others_wait() -> None:
    assert send_at(vn(24, 23), NIGHT, ignored=True) == vn(24, 23)
    assert send_at(vn(24, 23), NIGHT, ignored=False) == vn(25, 6)
    assert send_at(vn(24, 9), NIGHT, ignored=False) == vn(24, 9)
    assert send_at(vn(24, 23), None, ignored=False) == vn(24, 23)


@pytest.mark.parametrize(
    ("at", "minutes", "due"),
    [
        (vn(24, 9), 30, vn(24, 9, 30)),
        (vn(24, 21, 30), 30, vn(24, 22)),
        (vn(24, 21, 30), 60, vn(25, 6, 30)),
        (vn(25, 2), 30, vn(25, 6, 30)),
        (vn(24, 21), 60 + 16 * 60 + 30, vn(26, 6, 30)),
    ],
    ids=["by day", "to its edge", "over the night", "begun at night", "over two nights"],
)
def test_the_clock_stands_still_in_quiet_hours(at: datetime, minutes: int, due: datetime) -> None:
    assert after(at, minutes * MINUTE, NIGHT, ignored=False) == due
    assert after(at, minutes * MINUTE, NIGHT, ignored=True) == at + minutes * MINUTE


@given(
    st.integers(0, 366 * 1440).map(lambda n: vn(1, 0) + n * MINUTE),
    st.integers(1, 4000),
    st.times().map(lambda t: t.replace(second=0, microsecond=0, fold=0)),
    st.integers(1, 1439),
)
def test_no_answer_is_due_while_all_are_quiet(
    at: datetime, minutes: int, since: time, length: int
) -> None:
    until = (datetime.combine(at.date(), since) + length * MINUTE).time()
    quiet = Quiet(since, until)
    due = after(at, minutes * MINUTE, quiet, ignored=False)
    assert due >= at + minutes * MINUTE
    # The very beginning of the quiet time still belongs to the day.
    assert quiet_end(due - timedelta(microseconds=1), quiet) is None
    assert send_at(due, quiet, ignored=False) - due <= length * MINUTE
