"""Lines of items: good ones are read, bad ones are named, nothing falls over."""

import json
from datetime import UTC, datetime

import pytest

from langnghe.core.errors import InputError
from langnghe.core.items import parse_item, read_items
from langnghe.core.types import Item


def test_naive_time_is_vietnamese_and_zones_are_kept() -> None:
    item = parse_item({"id": "a", "title": "Khai giảng", "published_at": "2026-09-05 07:30:00"})
    assert item.published_at is not None
    assert item.published_at.astimezone(UTC) == datetime(2026, 9, 5, 0, 30, tzinfo=UTC)
    zoned = parse_item({"id": "a", "text": "x", "published_at": "2026-09-05T07:30:00+0700"})
    assert zoned.published_at == item.published_at


@pytest.mark.parametrize("date", ["hôm qua", "0001-01-01", "2026-13-40", "9999-99"])
def test_unreadable_date_keeps_the_item(date: str) -> None:
    item = parse_item({"id": "a", "text": "x", "published_at": date})
    assert item.published_at is None
    assert item.problems == ("undated",)


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        ({"title": "x"}, "id"),
        ({"id": "", "title": "x"}, "id"),
        ({"id": True, "title": "x"}, "id"),
        ({"id": "a"}, "title"),
        ({"id": "a", "title": " \u200b ", "text": ""}, "title"),
        ({"id": "a", "title": ["x"]}, "title"),
        ({"id": "a", "title": "x", "kind": "video"}, "kind"),
        ({"id": "a", "title": "x", "published_at": 7}, "published_at"),
    ],
)
def test_bad_field_is_named(obj: dict[str, object], field: str) -> None:
    with pytest.raises(InputError, match=f"“{field}”"):
        parse_item(obj)


def test_text_is_cleaned_and_half_characters_are_dropped() -> None:
    odd = {"id": 7, "kind": None, "title": "Lo\u0323\u0302\u200b đề", "text": "a\ud800b"}
    item = parse_item(odd)
    assert (item.id, item.kind, item.title) == ("7", "news", "Lộ đề")
    assert item.text is not None
    item.text.encode("utf-8")


def test_stream_goes_on_after_bad_lines() -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "a", "title": "x", "extra": [1]}\r\n',
        b"\n",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"{oops",
        b"[" * 200_000,
        json.dumps({"id": "b", "text": "y"}).encode(),
    ]
    found = list(read_items(lines))
    assert [n for n, _ in found] == [1, 3, 4, 5, 6, 7]
    assert [getattr(f, "id", None) for _, f in found] == ["a", None, None, None, None, "b"]
    assert all(isinstance(f, Item | InputError) for _, f in found)


def test_text_lines_are_taken_too() -> None:
    assert [n for n, f in read_items(['{"id":"a","text":"x"}']) if isinstance(f, Item)] == [1]


@pytest.mark.parametrize("year", ["0001-01-02", "1899-12-31", "2200-01-01", "9999-12-30"])
def test_a_date_at_the_edge_of_the_calendar_is_no_date(year: str) -> None:
    item = parse_item({"id": "a", "title": "Tin", "published_at": f"{year}T10:00:00+07:00"})
    assert (item.published_at, item.problems) == (None, ("undated",))
    seen = parse_item({"id": "a", "title": "Tin", "seen_at": f"{year}T10:00:00+07:00"})
    assert seen.seen_at is None


@pytest.mark.parametrize("year", [1970, 2099])
def test_an_old_or_far_date_stands(year: int) -> None:
    item = parse_item({"id": "a", "title": "Tin", "published_at": f"{year}-05-01T10:00:00+07:00"})
    assert item.published_at is not None
    assert item.published_at.year == year
