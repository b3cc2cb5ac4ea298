"""Hostile and broken sources, all at once, through the real fetcher, parser and store."""

from __future__ import annotations

import gzip
import json
import resource
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa

from collectors.catalog import load_catalog
from collectors.fetcher import Fetcher, FetchPolicy
from collectors.stage import collect_due, source_rows
from langnghe.core.clock import VirtualClock
from langnghe.core.store.engine import Store
from langnghe.core.store.sources import sync_sources
from langnghe.core.store.tables import MentionRow, SourceRow
from tests.conftest import NOW

GOOD = "Trường TH&THCS Suối Mơ tổ chức ngày hội đọc sách"
_DATE = "Mon, 23 Nov 2026 07:30:00 +0700"
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def entry(number: int, title: str = GOOD, date: str = _DATE) -> str:
    return (
        f"<item><title>{title} {number}</title><link>https://bao.example/bai-{number}.html</link>"
        f"<guid>g{number}</guid><pubDate>{date}</pubDate></item>"
    )


def rss(*entries: str, encoding: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel>'
        f"<title>Báo Suối Mơ</title>{''.join(entries)}</channel></rss>"
    )


class Site(BaseHTTPRequestHandler):
    """Plays one bad newspaper for each host name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.headers["Host"].partition(".")[0]
        if self.path == "/robots.txt":
            self.answer(404, b"")
            return
        try:
            play = BEHAVIOUR[name]
            if callable(play):
                play(self)
            else:
                self.answer(200, play if isinstance(play, bytes) else play.encode())
        except OSError:
            self.close_connection = True  # the reader had enough, which is what it should do

    def answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # the reader hung up on us

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def conditional(site: Site) -> None:
    if site.headers.get("If-None-Match") == '"one"':
        site.answer(304, b"")
    else:
        site.answer(200, rss(entry(1), entry(2)).encode(), ETag='"one"')


def cut(site: Site) -> None:
    body = rss(entry(10), entry(11), entry(12)).encode()
    site.answer(200, body[:-130], length=len(body))
    site.close_connection = True


def endless(site: Site) -> None:
    site.send_response(200)
    site.end_headers()
    site.wfile.write(b"<rss><channel>")
    for _ in range(200 * 16):
        site.wfile.write(b"<item>" * 10_922)
    site.close_connection = True


def bomb(site: Site) -> None:
    site.answer(200, gzip.compress(b" " * 100_000_000, 1), Content_Encoding="gzip")


def drip(site: Site) -> None:
    site.send_response(200)
    site.end_headers()
    for _ in range(40):
        site.wfile.write(b"<")
        time.sleep(0.1)
    site.close_connection = True


def status(code: int, **headers: str) -> Callable[[Site], None]:
    return lambda site: site.answer(code, b"", **headers)


BEHAVIOUR: dict[str, bytes | str | Callable[[Site], None]] = {
    "tot": conditional,
    "tot-khong-etag": rss(entry(5)),
    "doc-khong-noi": bytes(range(256)) * 400,
    "cut-ngang": cut,
    "trang-web": "<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' "
    "href='/tin.rss'></head><body>Trang chủ</body></html>",
    "sai-bang-ma": rss(entry(20), encoding="iso-8859-1"),
    "khong-lo": endless,
    "bom-gzip": bomb,
    "bom-thuc-the": f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{_LAUGHS}]>'
    "<rss version='2.0'><channel><item><title>&l9;</title></item></channel></rss>",
    "vao-noi-bo": status(302, Location="http://127.0.0.1:1/latest/meta-data"),
    "thieu-truong": rss(
        "<item><description>Chỉ có lời, không tên, không mã, không ngày</description></item>",
        "<item><guid>trong</guid></item>",
        entry(30),
    ),
    "ngay-la": rss(
        entry(40, date="Sat, 01 Jan 2099 00:00:00 +0700"),
        entry(41, date="Thu, 01 Jan 1970 00:00:00 GMT"),
        entry(42, date="hôm kia"),
    ),
    "nho-giot": drip,
    "khong-con": status(404),
    "loi-may-chu": status(500),
    "xin-doc-thua": status(429, Retry_After="7200"),
    "trong-rong": "",
    "nua-ky-tu": '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": '
    '[{"id": "\\ud800", "title": "Nửa ký tự \\ud800", "content_text": "a"}, 7, {}]}',
}  # fmt: skip

# source: (state, words of the reason, items kept)
EXPECTED: dict[str, tuple[str, str, int]] = {
    "tot": ("working", "bình thường", 2),
    "tot-khong-etag": ("working", "bình thường", 1),
    "doc-khong-noi": ("malformed", "không phải là RSS", 0),
    "cut-ngang": ("malformed", "cắt giữa chừng", 2),
    "trang-web": ("malformed", "trang web chứ không phải RSS", 0),
    "sai-bang-ma": ("working", "sai bảng mã", 1),
    "khong-lo": ("malformed", "quá lớn", 0),
    "bom-gzip": ("malformed", "phình quá lớn", 0),
    "bom-thuc-the": ("malformed", "bom thực thể", 0),
    "vao-noi-bo": ("refused", "mạng nội bộ", 0),
    "thieu-truong": ("working", "không có ngày đăng", 2),
    "ngay-la": ("undated", "không có ngày đăng dùng được", 3),
    "nho-giot": ("failing", "quá chậm", 0),
    "khong-con": ("failing", "không còn", 0),
    "loi-may-chu": ("failing", "báo lỗi (mã 500)", 0),
    "xin-doc-thua": ("refused", "đọc thưa hơn", 0),
    "trong-rong": ("malformed", "nội dung trống", 0),
    "nua-ky-tu": ("undated", "ngày đăng", 1),
}


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def fetcher(port: int, clock: VirtualClock) -> Fetcher:
    hosts = frozenset(f"{name}.example:{port}" for name in BEHAVIOUR)
    policy = FetchPolicy(timeout_s=1.5, min_delay_s=0, allow_private=hosts)
    return Fetcher(policy, clock=clock, resolve=lambda host, _: ["127.0.0.1"])


@pytest.fixture
def catalogue(tmp_path: Path, port: int, store: Store) -> Store:
    """Declare every bad newspaper in a catalogue file, and return the store that knows them."""
    sources = [
        {"id": name, "name": name, "url": f"http://{name}.example:{port}/tin.rss",
         "kind": "jsonfeed" if name == "nua-ky-tu" else "rss"}
        for name in BEHAVIOUR
    ]  # fmt: skip
    path = tmp_path / "catalog.yaml"
    path.write_text(json.dumps({"sources": sources}), encoding="utf-8")
    with store.write() as session:
        sync_sources(session, source_rows(load_catalog(path)), NOW)
    return store


def rows(store: Store) -> dict[str, SourceRow]:
    with store.read() as session:
        return {row.id: row for row in session.scalars(sa.select(SourceRow))}


def kept(store: Store) -> dict[str, list[MentionRow]]:
    found: dict[str, list[MentionRow]] = {name: [] for name in BEHAVIOUR}
    with store.read() as session:
        for mention in session.scalars(sa.select(MentionRow).order_by(sa.text("id"))):
            found[mention.source_id or ""].append(mention)
    return found


def test_every_bad_source_says_why_and_the_good_ones_are_kept(
    catalogue: Store, fetcher: Fetcher, clock: VirtualClock
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert seen == len(BEHAVIOUR)
    assert grown < 300_000  # KiB; 300 MB of bombs were sent
    mentions = kept(catalogue)
    for name, row in rows(catalogue).items():
        state, words, number = EXPECTED[name]
        assert (row.state, len(mentions[name])) == (state, number), (name, row.reason)
        assert words in row.reason, (name, row.reason)
        assert row.mend, name
        assert row.next_due_at is not None
        assert row.next_due_at > NOW, name
    assert mentions["sai-bang-ma"][0].title == f"{GOOD} 20"
    assert "tin.rss" in rows(catalogue)["trang-web"].mend
    assert {m.published_at for m in mentions["ngay-la"]} == {None}
    assert all(m.seen_at == NOW for m in mentions["ngay-la"])
    asked_for = rows(catalogue)["xin-doc-thua"].next_due_at
    assert asked_for is not None
    assert asked_for >= NOW + timedelta(hours=2)


def test_what_did_not_change_is_not_read_again(
    catalogue: Store, fetcher: Fetcher, clock: VirtualClock
) -> None:
    collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    first = rows(catalogue)
    before = {name: len(found) for name, found in kept(catalogue).items()}
    clock.move_to(NOW + timedelta(minutes=45))
    collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    second = rows(catalogue)
    assert {name: len(found) for name, found in kept(catalogue).items()} == before
    for name in ("tot", "tot-khong-etag", "sai-bang-ma", "ngay-la"):
        assert second[name].last_poll_at == clock.now()
        read_at = second[name].poll_state["reading"]["checked_at"]
        assert read_at == first[name].poll_state["reading"]["checked_at"], name
        assert second[name].state == first[name].state
    assert second["xin-doc-thua"].last_poll_at == NOW  # it asked for two hours
    assert second["loi-may-chu"].failures == 2
    assert "2 lần liên tiếp" in second["loi-may-chu"].reason


def test_a_fault_of_ours_in_one_source_leaves_the_others_alone(
    catalogue: Store, fetcher: Fetcher, clock: VirtualClock
) -> None:
    with catalogue.write() as session:
        row = session.get(SourceRow, "tot")
        assert row is not None
        row.poll_state = {"failures": "không phải số"}
        session.add(row)
    collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    after = rows(catalogue)
    assert after["tot"].state == "failing"
    assert "ngoài dự kiến" in after["tot"].reason
    assert after["tot-khong-etag"].state == "working"
    clock.move_to(NOW + timedelta(hours=2))
    collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    assert rows(catalogue)["tot"].state == "working"


def test_one_item_that_cannot_be_stored_costs_no_other_and_is_tried_again(
    catalogue: Store, fetcher: Fetcher, clock: VirtualClock
) -> None:
    with catalogue.write() as session:
        session.execute(
            sa.text(
                "CREATE TRIGGER refuse BEFORE INSERT ON mention WHEN NEW.title LIKE '%sách 1' "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    assert [m.title for m in kept(catalogue)["tot"]] == [f"{GOOD} 2"]
    told = rows(catalogue)["tot"]
    assert (told.state, told.item_count) == ("failing", 1)
    assert "1 tin không lưu được" in told.reason
    with catalogue.write() as session:
        session.execute(sa.text("DROP TRIGGER refuse"))
    clock.move_to(NOW + timedelta(hours=2))
    collect_due(catalogue, fetcher, secret=b"k" * 32, now=clock.now())
    assert len(kept(catalogue)["tot"]) == 2
    assert rows(catalogue)["tot"].state == "working"
