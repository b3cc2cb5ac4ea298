"""From a pasted address to feeds, against real servers on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from collectors.catalog import SourceConfig, source_entries
from collectors.discover import (
    _SITEMAP_LINE,
    Found,
    address_of,
    config_of,
    discover,
    listed_already,
)
from collectors.fetcher import Fetcher, FetchPolicy
from langnghe.core.errors import InputError

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def feed(title: str, number: int = 12) -> str:
    items = "".join(
        f"<item><title>Trường Suối Mơ tổ chức ngày hội số {n}</title>"
        f"<link>https://xa.example/{n}.html</link>"
        f"<pubDate>Sun, {n + 1:02d} Nov 2026 08:00:00 +0700</pubDate></item>"
        for n in range(number)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"  # noqa: E501


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    return httpserver


def look(server: HTTPServer, path: str = "/", *, total_s: float = 10.0, **policy: object) -> Found:
    def make(out: Callable[[], bool]) -> Fetcher:
        stated: dict[str, object] = {
            "min_delay_s": 0.0, "timeout_s": 4.0,
            "allow_private": frozenset({f"{server.host}:{server.port}"}), **policy,
        }  # fmt: skip
        return Fetcher(FetchPolicy(**stated))  # type: ignore[arg-type]

    return discover(server.url_for(path), make, NOW, total_s=total_s)


def html(site: HTTPServer, body: str, path: str = "/") -> None:
    site.expect_request(path).respond_with_data(body, content_type="text/html; charset=utf-8")


def test_the_feed_named_in_the_head_is_read_and_its_newest_ten_shown(site: HTTPServer) -> None:
    html(site, "<html><head><link rel='alternate' type='application/rss+xml' href='/tin.rss'>"
               "</head><body>Trang xã</body></html>")  # fmt: skip
    site.expect_request("/tin.rss").respond_with_data(feed("Trang tin xã Bản Hoa"))
    found = look(site)
    (one,) = found.candidates
    assert (one.kind, one.title, one.url) == (
        "rss",
        "Trang tin xã Bản Hoa",
        site.url_for("/tin.rss"),
    )
    assert len(one.items) == 10
    assert one.items[0].title == "Trường Suối Mơ tổ chức ngày hội số 11"


def test_an_address_that_is_a_feed_itself_is_taken(site: HTTPServer) -> None:
    site.expect_request("/rss").respond_with_data(feed("Báo Thử"))
    assert [c.title for c in look(site, "/rss").candidates] == ["Báo Thử"]


def test_a_nukeviet_site_without_a_named_feed_is_known(site: HTTPServer) -> None:
    html(
        site,
        "<html><head><meta name='generator' content='NukeViet v4.5'></head><body>x</body></html>",
    )
    site.expect_request("/news/rss/").respond_with_data(feed("Cổng trường"))
    assert [c.title for c in look(site).candidates] == ["Cổng trường"]


def test_usual_addresses_are_tried_and_stop_at_the_first(site: HTTPServer) -> None:
    html(site, "<html><body><p>Trang không nói gì về RSS</p></body></html>")
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.path)
        return Response(feed("Trang"), content_type="application/rss+xml")

    for path in ("/rss", "/feed"):
        site.expect_request(path).respond_with_handler(answer)
    assert len(look(site).candidates) == 1
    assert asked == ["/rss"]


def test_links_on_another_site_are_not_followed(site: HTTPServer) -> None:
    html(site, "<html><body><a href='http://127.0.0.9/rss/a.rss'>RSS</a></body></html>")
    found = look(site)
    assert found.candidates == ()
    assert "Không thấy RSS" in found.why


def test_a_page_without_feed_is_read_by_its_list_of_articles(site: HTTPServer) -> None:
    titles = "".join(
        f"<article><h3><a href='/bai-{n}.html'>Nhà trường họp phụ huynh về bữa ăn lần {n}</a></h3>"
        f"</article>"
        for n in range(8)
    )
    html(
        site,
        "<html><title>Tin xã</title><body><nav><li><a href='/a'>Mục</a></li></nav>"
        f"{titles}</body></html>",
    )
    (one,) = look(site).candidates
    assert one.kind == "html"
    assert one.selectors is not None
    assert one.selectors.item == "article h3 a"
    assert len(one.items) == 8
    assert "không có RSS" in one.notes[0]
    raw = config_of(one.kind, one.url, one.selectors.item) | {"id": "x", "name": "Tin xã"}
    raw.pop("added")
    assert source_entries([raw], "thử")[0].selectors == one.selectors


def test_a_site_without_feed_is_read_by_its_news_sitemap(httpserver: HTTPServer) -> None:
    named = f"User-agent: *\nAllow: /\nSitemap: {httpserver.url_for('/tin-news.xml')}\n"
    httpserver.expect_request("/robots.txt").respond_with_data(named)
    html(httpserver, "<html><body><p>Trang hiện bài bằng chương trình</p></body></html>")
    httpserver.expect_request("/tin-news.xml").respond_with_data(
        "<urlset xmlns:news='n'><url><loc>/bai-1.html</loc><news:news><news:title>Trường họp"
        "</news:title></news:news></url></urlset>"
    )
    (one,) = look(httpserver).candidates
    assert one.kind == "sitemap"
    assert one.items[0].url == httpserver.url_for("/bai-1.html")


def test_a_robots_file_of_empty_lines_is_read_in_no_time() -> None:
    begun = time.monotonic()
    found = _SITEMAP_LINE.findall("\n" * 100_000 + "Sitemap: /a.xml\r\n")
    assert found == ["/a.xml"]
    assert time.monotonic() - begun < 1


def test_a_feed_without_items_says_so(site: HTTPServer) -> None:
    site.expect_request("/rss").respond_with_data(feed("Trang", 0))
    assert "hiện không có tin nào" in look(site, "/rss").why


def test_robots_are_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    found = look(httpserver)
    assert "không cho chương trình đọc" in found.why
    assert found.mend
    assert [request.path for request, _ in httpserver.log] == ["/robots.txt"]


def test_private_networks_are_not_reached(site: HTTPServer) -> None:
    html(site, "<html></html>")
    found = look(site, allow_private=frozenset())
    assert "mạng nội bộ" in found.why
    assert not site.log


def test_what_is_no_page_is_said(site: HTTPServer) -> None:
    site.expect_request("/anh.png").respond_with_data(
        b"\x89PNG\r\n\x1a\n\0\0", content_type="image/png"
    )
    assert "không phải trang web" in look(site, "/anh.png").why


def test_a_missing_page_is_said(site: HTTPServer) -> None:
    site.expect_request("/mat").respond_with_data("", status=404)
    assert "không còn" in look(site, "/mat").why


def test_a_slow_site_is_answered_in_time_with_what_was_found(site: HTTPServer) -> None:
    named = "<link rel=alternate type='application/rss+xml' href='/{}.rss'>"
    html(site, f"<html><head>{named.format('a')}{named.format('b')}</head></html>")
    site.expect_request("/a.rss").respond_with_data(feed("Nhanh"))
    gate = threading.Event()

    def slow(_request: Request) -> Response:
        gate.wait(5)
        return Response(feed("Chậm"))

    site.expect_request("/b.rss").respond_with_handler(slow)
    started = time.monotonic()
    found = look(site, total_s=0.8)
    assert time.monotonic() - started < 2
    gate.set()
    assert [c.title for c in found.candidates] == ["Nhanh"]
    assert not found.in_time


def test_one_that_drips_for_ever_is_given_up(site: HTTPServer) -> None:
    gate = threading.Event()

    def never(_request: Request) -> Response:
        gate.wait(3)
        return Response("")

    site.expect_request("/").respond_with_handler(never)
    found = look(site, total_s=0.4)
    gate.set()
    assert "quá chậm" in found.why


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xa.example", "https://xa.example/"),
        (" http://xa.example/tin?p=1#dau ", "http://xa.example/tin?p=1"),
        ("<https://xa.example/a>", "https://xa.example/a"),
        ("\u200bxa.example", "https://xa.example/"),
    ],
)
def test_the_address_meant(typed: str, meant: str) -> None:
    assert address_of(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "trang tin xã", "ftp://xa.example", "javascript:alert(1)", "https://", "xa",
     "https://a:b@xa.example", "https://xa.example:port/", "x" * 3000, "https://[::1"],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        address_of(typed)
    assert caught.value.mend


def test_a_listed_source_is_known_however_its_address_is_written() -> None:
    listed = [SourceConfig("a", "Báo", "rss", "https://www.bao.example/rss/")]
    assert listed_already("http://bao.example/rss", listed) is listed[0]
    assert listed_already("http://bao.example/rss2", listed) is None
