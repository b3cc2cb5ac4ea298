"""Listing pages by selectors, articles by what they say of themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.html import ListingSelectors, parse_article, parse_listing

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 5, 29, 3, 0, tzinfo=UTC)
BASE = "https://baovidu.vn/"


def test_listing_with_selectors() -> None:
    feed = parse_listing(
        (FIXTURES / "listing.html").read_bytes(), BASE,
        ListingSelectors(item=".card", title="h3", summary=".sapo", date=".time"),
        now=NOW, source="Báo Ví Dụ",
    )  # fmt: skip
    assert (feed.kind, feed.title, feed.problems) == ("html", "Báo Ví Dụ", ())
    assert [(i.title, i.text, i.url, i.problems) for i in feed.items] == [
        ("Trường Hoa Ban sửa mái nhà ăn", "Xong trước mùa mưa.",
         "https://baovidu.vn/tin-bai/giao-duc/hoa-ban", ()),
        ("Bữa ăn bán trú & giá rau", None,
         "https://baovidu.vn/tin-bai/giao-duc/ban-tru", ("undated",)),
    ]  # fmt: skip
    assert feed.items[0].published_at == datetime(2026, 5, 19, 9, 52, tzinfo=UTC)
    assert feed.items[0].source == "Báo Ví Dụ"


def test_links_harvested_from_a_home_page_once_each_with_their_words() -> None:
    feed = parse_listing(
        (FIXTURES / "listing.html").read_bytes(), BASE,
        ListingSelectors(item="a[href]", must_contain="/tin-bai/"), now=NOW,
    )  # fmt: skip
    assert [i.title for i in feed.items] == [
        "Trường Hoa Ban sửa mái nhà ăn", "Bữa ăn bán trú & giá rau",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<", b"<div class=card>", b"<a href=http://[>x",
                                  b"<div>" * 20_000])  # fmt: skip
def test_a_page_without_articles_says_so(body: bytes) -> None:
    feed = parse_listing(body, BASE, ListingSelectors(item="a[href], .card"), now=NOW)
    assert feed.items == ()
    assert {p.code for p in feed.problems} <= {"not_html", "selectors_found_nothing"}
    assert feed.problems


def test_selectors_are_checked() -> None:
    assert ListingSelectors(item="div > a").wrong_field() is None
    assert ListingSelectors(item="div", date="::[").wrong_field() == "date"


def test_article_by_json_ld_with_the_body_of_the_page() -> None:
    body = (FIXTURES / "article.html").read_bytes()
    item = parse_article(body, "https://m.baovidu.vn/nha-an-moi-9.htm?utm_source=x", now=NOW)
    assert item is not None
    assert item.title == "Trường Hoa Ban có nhà ăn mới"
    assert item.url == "https://baovidu.vn/nha-an-moi-9.htm"
    assert item.published_at == datetime(2026, 5, 27, 1, 0, tzinfo=UTC)
    assert item.text is not None
    assert item.text.startswith("Nhà ăn đủ chỗ cho 300 em.\nSáng 27/5,")
    assert "sổ góp ý" in item.text
    assert "Bản quyền" not in item.text


def test_article_falls_back_to_meta_then_heading() -> None:
    meta = parse_article(
        b'<html><head><meta property="og:title" content="Tin &amp; b\xc3\xa0i">'
        b'<meta name="description" content="Sapo."><meta name="pubdate" '
        b'content="2026-05-27T08:00:00+07:00"><script type="application/ld+json">{sai</script>'
        b"</head><body></body></html>",
        "https://baovidu.vn/a",
        now=NOW,
    )
    assert meta is not None
    assert (meta.title, meta.text) == ("Tin & bài", "Sapo.")
    assert meta.published_at == datetime(2026, 5, 27, 1, 0, tzinfo=UTC)
    bare = parse_article("<h1>Chỉ có tít</h1>".encode(), "https://baovidu.vn/b", now=NOW)
    assert bare is not None
    assert (bare.title, bare.problems) == ("Chỉ có tít", ("undated",))


def test_a_page_cannot_claim_to_be_another_sites_article() -> None:
    page = b'<link rel="canonical" href="https://khac.vn/x"><h1>T</h1>'
    item = parse_article(page, "https://baovidu.vn/that", now=NOW)
    assert item is not None
    assert item.url == "https://baovidu.vn/that"


@pytest.mark.parametrize("body", [b"", b"chu tron", b"<html></html>", b"\x00" * 100, b"<p>" * 9999])
def test_nothing_readable_is_none(body: bytes) -> None:
    assert parse_article(body, "https://baovidu.vn/x", now=NOW) is None
