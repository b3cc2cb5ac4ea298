"""Feeds as they really come: quirks, damage and malice; the good items always survive."""

from __future__ import annotations

import codecs
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.feeds import parse_feed
from collectors.parsed import MAX_ENTRIES, ParsedFeed, plain

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 5, 29, 3, 0, tzinfo=UTC)
BASE = "https://baovidu.vn/rss/giao-duc.rss"


def parse(body: bytes, content_type: str | None = None) -> ParsedFeed:
    return parse_feed(body, base_url=BASE, content_type=content_type, now=NOW)


def codes(feed: ParsedFeed) -> set[str]:
    return {problem.code for problem in feed.problems}


def rss(*items: str, encoding: str = "utf-8") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel>'
        f"<title>Báo Ví Dụ</title>{body}</channel></rss>"
    )


ONE = "<title>Trường Hoa Ban được khen thưởng vì bữa ăn sạch</title><link>https://baovidu.vn/{}</link>"
TWO = (ONE.format(1), ONE.format(2))


def test_the_quirks_of_one_feed() -> None:
    feed = parse((FIXTURES / "rss_quirks.xml").read_bytes())
    by_title = {item.title: item for item in feed.items}
    assert (feed.kind, feed.title, len(feed.items)) == ("rss", "Giáo dục - Báo Ví Dụ", 8)
    assert codes(feed) == {"duplicate_entries", "empty_entries", "clock_shift"}

    first = by_title["Trường Hoa Ban khai giảng sớm"]
    assert first.text == "Sáng nay, 300 học sinh dự lễ."
    assert first.url == "https://baovidu.vn/khai-giang-1.htm"
    assert first.published_at == datetime(2026, 5, 4, 5, 5, 8, tzinfo=UTC)

    second = by_title['Phụ huynh & nhà trường "gỡ rối" bữa ăn']
    assert second.text == "Hai bên – đã gặp nhau.\nKết quả tốt."
    assert second.url == "https://baovidu.vn/bua-an-2.htm?utm_source=rss"
    assert second.published_at == datetime(2026, 5, 28, 10, 0, tzinfo=UTC)

    assert by_title["Bài không có ngày và không có liên kết"].problems == ("undated",)
    assert by_title["Bài không có ngày và không có liên kết"].url is None
    assert by_title[None].published_at == datetime(2025, 9, 25, 10, 4, 3, tzinfo=UTC)
    future = by_title["Bài hẹn từ tương lai"]
    assert (future.published_at, future.problems) == (None, ("future_date",))
    ancient = by_title["Bài từ thuở đồng hồ bắt đầu chạy"]
    assert (ancient.published_at, ancient.problems) == (None, ("ancient_date",))
    minted = by_title["Bài lấy ngày từ mã bài"]
    assert minted.published_at == datetime(2026, 5, 27, 13, 11, 55, tzinfo=UTC)
    assert minted.problems == ("date_from_url",)
    shifted = by_title["Bài ghi nhầm giờ quốc tế thành giờ Việt Nam"]
    assert shifted.published_at == datetime(2026, 5, 27, 12, 0, tzinfo=UTC)
    assert shifted.problems == ("clock_shift",)


def test_atom() -> None:
    feed = parse((FIXTURES / "atom.xml").read_bytes())
    assert (feed.kind, feed.title, feed.problems) == ("atom", "Trường Tiểu học Mận Trắng", ())
    assert [(i.title, i.text, i.url) for i in feed.items] == [
        ("Kế hoạch bán trú", "Nhà trường thông báo.", "https://mantrang.vidu.vn/ban-tru"),
        ("Lịch nghỉ lễ", "Nghỉ hai ngày.", None),
    ]
    assert feed.items[0].published_at == datetime(2026, 5, 28, 10, 0, tzinfo=UTC)
    assert feed.items[1].published_at == datetime(2026, 5, 27, 10, 0, tzinfo=UTC)


def test_json_feed_whole_and_broken_off() -> None:
    document = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Cổng tin Ví Dụ",
            "items": [
                {
                    "id": 7,
                    "url": "/bai/7",
                    "title": "Bài bảy",
                    "date_published": "2026-05-28T10:00:00Z",
                },
                {"id": "8", "content_html": "<p>Chỉ có <b>chữ</b></p>"},
                "không phải mục",
            ],
        },
        ensure_ascii=False,
    ).encode()
    feed = parse(document)
    assert (feed.kind, feed.title, codes(feed)) == ("jsonfeed", "Cổng tin Ví Dụ", set())
    assert [(i.title, i.text, i.url) for i in feed.items] == [
        ("Bài bảy", None, "https://baovidu.vn/bai/7"),
        (None, "Chỉ có chữ", None),
    ]
    cut = parse(document[: document.index(b'"8"') + 5])
    assert [i.id for i in cut.items] == [feed.items[0].id]
    assert codes(cut) == {"truncated"}


def test_id_is_the_canonical_url_then_guid_then_content() -> None:
    def one(item: str, base: str = BASE) -> str:
        return parse_feed(rss(item).encode(), base_url=base, now=NOW).items[0].id

    link = "<title>A</title><link>https://baovidu.vn/x.htm</link>"
    assert one(link) == one(
        "<title>Tiêu đề sửa</title><link>http://m.baovidu.vn/x.htm?fbclid=2</link><guid>9</guid>"
    )
    guid = "<title>A</title><guid isPermaLink='false'>9</guid>"
    assert one(guid) == one(guid.replace("A", "B"))
    assert one(guid) == one(guid, "http://www.baovidu.vn/rss/khac.rss")
    assert one(guid) != one(guid, "https://baokhac.vn/rss")
    assert one("<title>A</title>") == one("<title>A</title><pubDate>2026-05-01</pubDate>")
    assert one("<title>A</title>") != one("<title>B</title>")


@pytest.mark.parametrize(
    ("body", "content_type", "wrong"),
    [
        (rss(*TWO).encode(), None, False),
        (codecs.BOM_UTF8 + rss(*TWO).encode(), None, False),
        (rss(*TWO, encoding="utf-16").encode("utf-16"), None, False),
        (rss(*TWO).encode("utf-16"), None, False),
        (rss(*TWO).encode("utf-16-le"), None, True),
        (rss(*TWO, encoding="windows-1258").encode(), None, True),
        (rss(*TWO, encoding="khong-co").encode(), None, True),
        (rss(*TWO).split("?>")[1].encode(), "text/xml; charset=iso-8859-1", True),
        (rss(*TWO, encoding="ascii").encode(), None, False),
    ],
)
def test_mislabelled_encodings(body: bytes, content_type: str | None, wrong: bool) -> None:
    feed = parse(body, content_type)
    assert [i.title for i in feed.items] == ["Trường Hoa Ban được khen thưởng vì bữa ăn sạch"] * 2
    assert ("wrong_encoding" in codes(feed)) is wrong


def test_windows_1258_labelled_utf8() -> None:
    # The code page writes tones as marks of their own: "ê" + grave and so on.
    title = "H\u00f4\u0300i \u0111\u00f4\u0300ng tr\u01b0\u01a1\u0300ng Hoa Ban ho\u0323p"
    feed = parse(rss(f"<title>{title}</title>").replace("Báo Ví Dụ", "Tin").encode("cp1258"))
    assert feed.items[0].title == "Hồi đồng trường Hoa Ban họp"
    assert codes(feed) == {"wrong_encoding"}


def test_truncated_anywhere_keeps_exactly_the_whole_items() -> None:
    text = rss(*(ONE.format(n) for n in range(5)))
    body = text.encode()
    for cut in range(body.index(b"<item>") + 6, len(body) - 5, 7):
        feed = parse(body[:cut])
        whole = body[:cut].count(b"</item>")
        assert [i.url for i in feed.items] == [f"https://baovidu.vn/{n}" for n in range(whole)]
        assert "truncated" in codes(feed), cut


def test_a_stray_character_costs_nothing() -> None:
    feed = parse(rss("<title>Ăn & uống\x0b ở Trường TH&THCS A</title>", ONE.format(2)).encode())
    assert feed.items[0].title == "Ăn & uống ở Trường TH&THCS A"
    assert len(feed.items) == 2
    assert codes(feed) == set()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b" \n ", "empty_body"),
        (b"\x00" * 5000, "empty_body"),
        ("xin chào".encode(), "not_feed"),
        (b"{", "not_feed"),
        (b'{"items": 5}', "not_feed"),
        (b'{"items":[' + b"[" * 100_000, "not_feed|unreadable"),
        (b"<rss>", "not_feed|truncated"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not_feed"),
        (b"<!DOCTYPE html><html><body><p>Trang</p></body></html>", "html_not_feed"),
    ],
)
def test_what_is_no_feed_says_so(body: bytes, code: str) -> None:
    feed = parse(body)
    assert feed.items == ()
    assert codes(feed) <= set(code.split("|"))
    assert feed.problems
    assert all(p.message_vi.endswith(".") and p.mend_vi for p in feed.problems)


def test_a_web_page_that_advertises_its_feed_names_it() -> None:
    page = (
        b'<html><head><link rel="alternate" type="application/rss+xml" href="/news/rss/">'
        b"</head></html>"
    )
    assert "https://baovidu.vn/news/rss/" in parse(page).problems[0].mend_vi


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY a "x">]>',
        '<!-- <rss> --><!DOCTYPE r [ <!-- ]> --> <!ENTITY a "x">]>',
        '<?a <b>?>\n<!DOCTYPE r PUBLIC "a>b" \'c[d\' [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]>',
    ],
)
def test_entity_declarations_are_refused(doctype: str) -> None:
    body = doctype + rss("<title>&a;</title>").split("?>")[1]
    for text in (body, '<?xml version="1.0"?>' + body):
        feed = parse(text.encode())
        assert (feed.items, codes(feed)) == ((), {"entity_declaration"})


def test_an_entity_bomb_does_not_go_off() -> None:
    feed = parse((FIXTURES / "bomb.xml").read_bytes())
    assert (feed.items, codes(feed)) == ((), {"entity_declaration"})


def test_a_doctype_without_entities_is_fine() -> None:
    netscape = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    body = rss(*TWO).replace("?>", "?>" + netscape, 1)
    assert len(parse(body.encode()).items) == 2


def test_a_feed_without_end_is_cut_and_said_so() -> None:
    started = time.perf_counter()
    feed = parse(rss(*(ONE.format(n) for n in range(MAX_ENTRIES * 30))).encode())
    assert len(feed.items) == MAX_ENTRIES
    assert codes(feed) == {"too_many"}
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    "filler",
    ["<a>" * 60_000, "<" * 500_000, "&" * 300_000, "<!--" * 100_000, "<![CDATA[" * 100_000,
     "<a " + " ".join(f'b{n}="x"' for n in range(100_000)), "<a " + ' b="' * 100_000,
     "<title>&lt;" + " " * 500_000, "<title>" + "a<b " * 100_000],
)  # fmt: skip
def test_hostile_filler_neither_hangs_nor_hides_the_good_item(filler: str) -> None:
    started = time.perf_counter()
    feed = parse(rss(ONE.format(1)).replace("</channel></rss>", "<item>" + filler).encode())
    assert "https://baovidu.vn/1" in [item.url for item in feed.items]
    assert time.perf_counter() - started < 20


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_never_raises(noise: bytes, position: int) -> None:
    good = rss(*TWO).encode()
    for body in (noise, good[:position] + noise + good[position:]):
        feed = parse(body)
        assert all(item.id and (item.title or item.text) for item in feed.items)


def test_seven_hours_late_as_a_whole_feed_trusts_the_article_numbers() -> None:
    late = [
        f"<title>Bài {n}</title><link>https://baovidu.vn/a-202605270{n}0000123.htm</link>"
        f"<pubDate>Wed, 27 May 2026 0{n}:02:00 GMT</pubDate>"
        for n in range(1, 5)
    ]
    feed = parse(rss(*late).encode())
    assert {i.problems for i in feed.items} == {("clock_shift",)}
    assert feed.items[0].published_at == datetime(2026, 5, 26, 18, 0, tzinfo=UTC)
    alone = parse(rss(late[0]).encode())
    assert alone.items[0].problems == ()
    assert alone.items[0].published_at == datetime(2026, 5, 27, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("5 < 7 & 8 > 3", "5 < 7 & 8 > 3"),
        ("Điểm <TB vẫn lên lớp", "Điểm <TB vẫn lên lớp"),
        ("a<br>b</br>c<BR/>d", "a\nb\nc\nd"),
        ("&amp;lt;b&amp;gt;đậm", "đậm"),
        ("<style>p{}</style>chữ", "chữ"),
        ("<p></p>", None),
        ("Tru\u031bo\u031b\u0300ng", "Trường"),
    ],
)  # fmt: skip
def test_plain_text(markup: str, text: str | None) -> None:
    assert plain(markup) == text
