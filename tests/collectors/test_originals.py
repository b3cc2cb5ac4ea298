"""Collecting keeps what the source really sent, byte for byte, through the one way out."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from warcio.archiveiterator import ArchiveIterator
from werkzeug import Response

from collectors.catalog import SourceConfig
from collectors.fetcher import Fetcher, FetchPolicy
from collectors.html import ListingSelectors
from collectors.stage import collect_due, source_rows
from langnghe.core.evidence.vault import FOLDER
from langnghe.core.store.engine import Store
from langnghe.core.store.sources import make_due, sync_sources
from tests.conftest import NOW, count
from tests.core.evidencehouse import EvidenceHouse

ARTICLE = "<html><head><title>Bữa ăn</title></head><body><article><p>{}</p></article></body></html>"


@pytest.fixture
def house(store: Store, tmp_path: Path) -> Iterator[EvidenceHouse]:
    """Return an installation without any source yet."""
    made = EvidenceHouse(store, tmp_path)
    yield made
    made.vault.close()


def collect(house: EvidenceHouse, server: HTTPServer, minutes: int = 0) -> None:
    """Visit every source once."""
    now = NOW + timedelta(minutes=minutes)
    policy = FetchPolicy(
        min_delay_s=0.0, allow_private=frozenset({f"{server.host}:{server.port}"}),
        respect_robots=False,
    )  # fmt: skip
    with house.store.write() as session:
        make_due(session, now)
    collect_due(house.store, Fetcher(policy), secret=b"k", now=now, vault=house.vault)


def declare(house: EvidenceHouse, source: SourceConfig) -> None:
    """Put a source into the table."""
    with house.store.write() as session:
        sync_sources(session, source_rows([source]), NOW)


def bodies(house: EvidenceHouse) -> list[bytes]:
    """Return the payloads kept, as another reader of WARC sees them."""
    with house.warc().open("rb") as stream:
        return [
            r.content_stream().read()
            for r in ArchiveIterator(stream, check_digests="raise")
            if r.rec_type == "response"
        ]


def rss(*titles: str) -> bytes:
    """Return a feed."""
    items = "".join(f"<item><title>{t}</title><link>/{t}</link></item>" for t in titles)
    return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()


def test_a_feed_is_kept_with_its_headers_and_not_again(
    house: EvidenceHouse, httpserver: HTTPServer
) -> None:
    told = [rss("a", "b")]

    def answer(_request: object) -> Response:
        return Response(
            gzip.compress(told[0]),
            headers={"Content-Encoding": "gzip", "Content-Type": "text/xml", "Set-Cookie": "k=1",
                     "X-May-Chu": "suoi-mo"},
        )  # fmt: skip

    httpserver.expect_request("/rss").respond_with_handler(answer)
    declare(house, SourceConfig(id="s", name="Báo", kind="rss", url=httpserver.url_for("/rss")))
    collect(house, httpserver)
    collect(house, httpserver, 30)
    assert bodies(house) == [told[0]]
    told[0] = rss("a", "b", "c")
    collect(house, httpserver, 60)
    assert bodies(house)[1:] == [told[0]]
    with house.warc().open("rb") as stream:
        heads = [r.http_headers for r in ArchiveIterator(stream) if r.rec_type == "response"]
    assert heads[0].get_header("X-May-Chu") == "suoi-mo"
    assert heads[0].get_header("X-Original-content-encoding") == "gzip"
    assert heads[0].get_header("Set-Cookie") is None
    assert [len(r.mentions) for r in house.rows()] == [2, 1]
    assert house.verify().ok


def test_an_article_is_kept_from_its_own_page_and_read_anew_after_a_full_disk(
    house: EvidenceHouse, httpserver: HTTPServer
) -> None:
    page = ARTICLE.format("Phụ huynh phản ánh bữa ăn bán trú của con. " * 20).encode()
    listing = (
        b"<html><body><div class='tin'><a href='/bai'>B\xe1\xbb\xafa \xc4\x83n</a></div></body>"
    )
    httpserver.expect_request("/").respond_with_data(listing, content_type="text/html")
    httpserver.expect_request("/bai").respond_with_data(page, content_type="text/html")
    declare(
        house,
        SourceConfig(id="s", name="Xã", kind="html", url=httpserver.url_for("/"),
                     selectors=ListingSelectors(item=".tin")),
    )  # fmt: skip
    blocked = house.home / FOLDER
    blocked.write_bytes(b"")
    collect(house, httpserver)
    assert (count(house.store, "mention"), count(house.store, "evidence_gap")) == (1, 1)
    blocked.unlink()
    collect(house, httpserver, 30)
    assert count(house.store, "evidence_gap") == 0
    assert bodies(house) == [page]
    assert house.verify().ok
