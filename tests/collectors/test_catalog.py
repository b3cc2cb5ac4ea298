"""Adding a source is data; a wrong entry is named by file, line, entry and field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from collectors.catalog import load_catalog
from collectors.fetcher import Fetcher, FetchPolicy
from collectors.poll import PollState, poll
from langnghe.core.clock import VirtualClock
from langnghe.core.errors import ConfigError
from langnghe.core.types import SourceState

NOW = datetime(2026, 5, 29, 3, 0, tzinfo=UTC)
GOOD = "  - id: bao-vi-du\n    name: Báo Ví Dụ\n    kind: rss\n    url: https://baovidu.vn/rss\n"


def test_the_catalog_that_comes_with_the_program() -> None:
    sources = load_catalog()
    by_id = {source.id: source for source in sources}
    assert len(by_id) == len(sources) >= 55
    hosts = " ".join(source.url for source in sources)
    for host in ("vnexpress.net", "tuoitre.vn", "thanhnien.vn", "dantri.com.vn", "vietnamnet.vn",
                 "giaoducthoidai.vn", "tienphong.vn", "laodong.vn", "vietnamplus.vn", "nhandan.vn",
                 "baotintuc.vn", "vov.vn", "vtv.vn", "sggp.org.vn", "plo.vn", "nld.com.vn",
                 "kenh14.vn", "soha.vn", "afamily.vn", "cand.com.vn", "anninhthudo.vn",
                 "baodantoc.vn", "baochinhphu.vn", "24h.com.vn", "baodienbienphu", "baosonla",
                 "baolaichau", "baolaocai", "news.google.com"):  # fmt: skip
        assert host in hosts
    assert all(s.evidence == "ok" for s in sources if s.enabled)
    assert by_id["baodienbienphu"].selectors is not None
    assert {s.tier for s in sources} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (GOOD.replace("rss\n    url", "fax\n    url"), "kind"),
        (GOOD.replace("https://baovidu.vn/rss", "ftp://baovidu.vn"), "url"),
        (GOOD.replace("https://", "https://a:b@"), "url"),
        (GOOD.replace("    name: Báo Ví Dụ\n", ""), "name"),
        (GOOD.replace("bao-vi-du", "Báo Ví Dụ"), "id"),
        (GOOD + "    tier: 9\n", "tier"),
        (GOOD + "    interval_minutes: 1\n", "interval_minutes"),
        (GOOD + "    enabled: có\n", "enabled"),
        (GOOD + "    mau: đỏ\n", "mau"),
        (GOOD + "    evidence: nghe nói\n", "evidence"),
        (GOOD + "    selectors: {item: a}\n", "selectors"),
        (GOOD.replace("kind: rss", "kind: html"), "selectors.item"),
        (GOOD.replace("kind: rss", "kind: html") + "    selectors: {item: '::['}\n",
         "selectors.item"),
        (GOOD.replace("kind: rss", "kind: html") + "    selectors: {item: a, lik: b}\n",
         "selectors.lik"),
        (GOOD + GOOD, "id"),
        ("  - chỉ là chữ\n", "-"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named(tmp_path: Path, entry: str, field: str) -> None:
    path = tmp_path / "nguon.yaml"
    first = GOOD.replace("bao-vi-du", "nguon-dung")
    path.write_text("sources:\n" + first + entry, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_catalog(path)
    line = 10 if entry == GOOD + GOOD else 6
    assert f"nguon.yaml”, dòng {line}," in caught.value.message
    assert f"trường “{field}”" in caught.value.message
    assert caught.value.mend


@pytest.mark.parametrize("text", ["", "- a", "sources: {a: [", "sources: 5", "\x07"])
def test_what_is_no_catalog_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "nguon.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"nguon\.yaml"):
        load_catalog(path)
    with pytest.raises(ConfigError):
        load_catalog(tmp_path / "khong-co.yaml")


def test_an_empty_catalog_is_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "nguon.yaml"
    path.write_text("sources: []", "utf-8")
    assert load_catalog(path) == ()


def test_a_new_source_is_data_not_code(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", 404)
    httpserver.expect_request("/news/rss/").respond_with_data(
        "<rss version='2.0'><channel><title>Trường Hoa Ban</title><item>"
        "<title>Họp phụ huynh</title><link>/news/hop.html</link>"
        "<pubDate>Fri, 29 May 2026 08:00:00 +0700</pubDate></item></channel></rss>",
        content_type="application/rss+xml",
    )
    httpserver.expect_request("/tin").respond_with_data(
        "<h3><a href='/tin/1'>Lịch thi học kỳ hai</a></h3>", content_type="text/html"
    )
    path = tmp_path / "nguon.yaml"
    path.write_text(
        f"""
sources:
  - id: truong-hoa-ban
    name: Trang trường Hoa Ban
    kind: rss
    url: {httpserver.url_for("/news/rss/")}
    tier: 2
    place: Điện Biên
    evidence: ok
    interval_minutes: 20
  - id: truong-hoa-ban-tin
    name: Trang tin
    kind: html
    url: {httpserver.url_for("/tin")}
    selectors: {{item: h3, link: a}}
""",
        "utf-8",
    )
    here = frozenset({f"{httpserver.host}:{httpserver.port}"})
    way = Fetcher(FetchPolicy(min_delay_s=0, allow_private=here), clock=VirtualClock(NOW))
    rss, listing = (poll(source, PollState(), way, NOW) for source in load_catalog(path))
    assert [(i.title, i.source) for i in rss.items] == [("Họp phụ huynh", "Trang trường Hoa Ban")]
    assert rss.items[0].url == httpserver.url_for("/news/hop.html")
    assert rss.health.state is SourceState.WORKING
    assert rss.state.next_due_at == NOW + timedelta(minutes=20)
    assert [i.title for i in listing.items] == ["Lịch thi học kỳ hai"]
    assert listing.health.state is SourceState.UNDATED
