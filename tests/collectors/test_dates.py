"""Each way a Vietnamese newspaper is known to write, or spoil, a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import dates
from collectors.dates import date_from_url, is_clock_shift, judge_date, parse_date

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("Mon, 04 May 2026 12:05:08 GMT+7", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08 GMT+07:00", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08 UTC+0700", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08 +0700", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08 +07", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08 +7", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08 GMT", "2026-05-04T12:05:08"),
        ("Mon, 04 May 2026 12:05:08 -0500", "2026-05-04T17:05:08"),
        ("Mon, 04 May 2026 12:05:08 EST", "2026-05-04T17:05:08"),
        ("Mon, 04 May 2026 12:05:08 ICT", "2026-05-04T05:05:08"),
        ("Mon, 04 May 2026 12:05:08", "2026-05-04T05:05:08"),
        ("04 May 26 12:05 +0700", "2026-05-04T05:05:00"),
        ("Thứ 5, 28/05/2026 17:00:00 GMT+7", "2026-05-28T10:00:00"),
        ("Thứ năm, 28/5/2026, 17:00 (GMT+7)", "2026-05-28T10:00:00"),
        ("Chủ nhật, 28/05/2026 - 17:00", "2026-05-28T10:00:00"),
        ("09/25/2025 05:04:03 PM", "2025-09-25T10:04:03"),
        ("9/5/2025 12:04:03 AM", "2025-09-04T17:04:03"),
        ("05/09/2025 5:04 CH", "2025-09-05T10:04:00"),
        ("14/03/2024 23:23 GMT+7", "2024-03-14T16:23:00"),
        ("19/09/2025 16:52", "2025-09-19T09:52:00"),
        ("23:34 20/09/2025", "2025-09-20T16:34:00"),
        ("23:34 | 20-09-2025", "2025-09-20T16:34:00"),
        ("20.09.2025 7h05", "2025-09-20T00:05:00"),
        ("28 tháng 5 năm 2026, 17:00", "2026-05-28T10:00:00"),
        ("28/05/2026", "2026-05-27T17:00:00"),
        ("2026-05-28", "2026-05-27T17:00:00"),
        ("2026-05-28T17:00:00+07:00", "2026-05-28T10:00:00"),
        ("2026-05-28T17:00:00+0700", "2026-05-28T10:00:00"),
        ("2026-05-28T17:00:00+07", "2026-05-28T10:00:00"),
        ("2026-05-28T10:00:00Z", "2026-05-28T10:00:00"),
        ("2026-05-28T10:00:00.123Z", "2026-05-28T10:00:00"),
        ("2026-05-28T17:00:00", "2026-05-28T10:00:00"),
        ("2026-05-28 17:00:00", "2026-05-28T10:00:00"),
        ("20260528T170000+0700", "2026-05-28T10:00:00"),
        ("May 28, 2026 17:00", "2026-05-28T10:00:00"),
        ("5 phút trước", "2026-11-23T04:55:00"),
        ("  2 giờ  trước ", "2026-11-23T03:00:00"),
    ],
)
def test_written_dates(text: str, utc: str) -> None:
    found = parse_date(text, now=NOW)
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hôm nọ",
        "32/13/2026 10:00",
        "2026-02-30",
        "28/05/2026 25:00",
        "x" * 5000,
        "Mon, 04 Foo 2026 12:05:08",
        "0000-00-00 00:00:00",
        "28/05/2026 10:00 +99",
    ],
)
def test_no_date_is_none(text: str) -> None:
    assert parse_date(text, now=NOW) is None


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("0123456789/:-+T GMTZ.", max_size=40)))
def test_never_raises(text: str) -> None:
    found = parse_date(text, now=NOW)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("url", "utc"),
    [
        ("https://tuoitre.vn/bai-bia-20240314201155535.htm", "2024-03-14T13:11:55"),
        ("https://tuoitre.vn/bai-bia-20240314201155.htm", "2024-03-14T13:11:55"),
        ("https://thanhnien.vn/bai-bia-185250919234707022.htm", "2025-09-19T16:47:07"),
        ("https://kenh14.vn/bai-bia-215250919234707022.chn", "2025-09-19T16:47:07"),
        ("https://dantri.com.vn/giao-duc/bai-bia-20250919234707022.htm", "2025-09-19T16:47:07"),
    ],
)
def test_article_numbers_carry_a_date(url: str, utc: str) -> None:
    assert date_from_url(url) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://vnexpress.net/bai-bia-4954454.html",
        "https://a.vn/20251319234707022.htm",
        "https://a.vn/185259919234707022.htm",
        "https://a.vn/",
        "http://[",
        "https://a.vn/20250919.htm",
        "https://a.vn/20250919234707022/bai.htm",
        "https://a.vn/9" + "20250919234707022.htm",
    ],
)
def test_other_numbers_are_no_dates(url: str) -> None:
    assert date_from_url(url) is None


def test_future_and_ancient_dates_are_not_believed() -> None:
    assert judge_date(NOW + timedelta(hours=25), now=NOW) == (None, dates.FUTURE_DATE)
    assert judge_date(NOW + timedelta(hours=23), now=NOW) == (NOW + timedelta(hours=23), None)
    assert judge_date(datetime(1970, 1, 1, tzinfo=UTC), now=NOW) == (None, dates.ANCIENT_DATE)
    assert judge_date(None, now=NOW) == (None, dates.UNDATED)


@pytest.mark.parametrize(
    ("hours", "shifted"),
    [(-7, True), (-6.3, True), (-1, True), (0, False), (-0.1, False), (5, False), (-30, False)],
)
def test_stated_before_creation_is_a_wrong_zone(hours: float, shifted: bool) -> None:
    minted = NOW - timedelta(days=2)
    assert is_clock_shift(minted + timedelta(hours=hours), minted, now=NOW) is shifted


def test_seven_hours_later_is_a_wrong_zone_only_when_it_lies_ahead() -> None:
    fresh, old = NOW - timedelta(minutes=20), NOW - timedelta(days=2)
    assert is_clock_shift(fresh + timedelta(hours=7), fresh, now=NOW)
    assert is_clock_shift(fresh + timedelta(hours=14), fresh, now=NOW)
    assert not is_clock_shift(old + timedelta(hours=7), old, now=NOW)
