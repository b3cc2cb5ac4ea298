"""News sitemaps: headlines and dates out, whatever the bytes are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.sitemap import parse_sitemap

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?><urlset "
    "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
    "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>"
)


def entry(number: int, title: str = "Trường Suối Mơ họp phụ huynh") -> str:
    return (
        f"<url><loc>https://xa.example/{number}.html</loc><news:news>"
        "<news:publication><news:name>Trang xã</news:name></news:publication>"
        "<news:publication_date>2026-11-22T08:00:00+07:00</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
    )


def read(text: str) -> list[tuple[str | None, str | None, datetime | None]]:
    parsed = parse_sitemap(text.encode(), base_url="https://xa.example/s.xml", now=NOW)
    return [(item.title, item.url, item.published_at) for item in parsed.items]


def test_headlines_addresses_and_dates_are_read() -> None:
    assert read(f"{HEAD}{entry(1)}</urlset>") == [
        (
            "Trường Suối Mơ họp phụ huynh", "https://xa.example/1.html",
            datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "<html></html>", f"{HEAD}</urlset>",
        f"{HEAD}<url><loc>https://xa.example/gioi-thieu</loc></url></urlset>",
        f"<!DOCTYPE x [<!ENTITY a 'b'>]>{HEAD}{entry(1)}</urlset>",
        HEAD + "<a>" * 200_000,
    ],
)  # fmt: skip
def test_what_is_no_news_sitemap_gives_a_problem(text: str) -> None:
    parsed = parse_sitemap(text.encode(), base_url="https://xa.example/s.xml", now=NOW)
    assert parsed.items == ()
    assert parsed.problems[0].mend_vi


def test_one_cut_short_gives_what_is_whole() -> None:
    assert len(read(f"{HEAD}{entry(1)}{entry(2)}<url><loc>https://xa")) == 2


def test_markup_in_a_headline_is_only_text() -> None:
    ((title, _, _),) = read(f"{HEAD}{entry(1, '&lt;b&gt;Họp&lt;/b&gt; phụ huynh')}</urlset>")
    assert title == "Họp phụ huynh"
