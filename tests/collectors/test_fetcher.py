"""The one way out, against real servers on loopback: polite, capped, and out of private nets."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from collectors.faults import FetchFault
from collectors.fetcher import Fetcher, FetchPolicy
from langnghe.core.clock import VirtualClock
from langnghe.core.errors import ConfigError, FetchError

NOW = datetime(2026, 5, 29, 3, 0, tzinfo=UTC)
FEED = b"<rss version='2.0'><channel></channel></rss>"


class Ticks:
    """A monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    return httpserver


def at(server: HTTPServer) -> str:
    return f"{server.host}:{server.port}"


def fetcher(server: HTTPServer, **changes: object) -> Fetcher:
    settings: dict[str, object] = {
        "contact": "https://vidu.vn/lien-he",
        "min_delay_s": 0.0,
        "timeout_s": 5.0,
        "allow_private": frozenset({at(server)}),
        **changes,
    }
    return Fetcher(FetchPolicy(**settings), clock=VirtualClock(NOW))  # type: ignore[arg-type]


def fails(code: str, do: Callable[[], object]) -> FetchFault:
    with pytest.raises(FetchError) as caught:
        do()
    fault = caught.value
    assert isinstance(fault, FetchFault)
    assert fault.code == code
    assert fault.message.endswith(".")
    assert fault.mend
    return fault


def test_says_who_it_is_and_keeps_the_validators(site: HTTPServer) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response(
            FEED,
            headers={
                "ETag": '"v1"',
                "Last-Modified": "hôm qua".encode().hex(),
                "Content-Type": "text/xml",
                "X-Khac": "1",
            },
        )

    site.expect_request("/rss").respond_with_handler(answer)
    way = fetcher(site)
    first = way.get(site.url_for("/rss#phan"))
    assert (first.status, first.body, first.truncated) == (200, FEED, False)
    assert set(first.headers) == {"etag", "last_modified", "content_type"}
    second = way.get(site.url_for("/rss"), etag=first.headers["etag"])
    assert (second.status, second.body) == (304, None)
    assert seen[0].headers["User-Agent"] == "LangNghe/0.1 (+https://vidu.vn/lien-he)"
    assert "Cookie" not in seen[1].headers


def test_a_strange_stored_validator_is_not_sent(site: HTTPServer) -> None:
    site.expect_request("/rss").respond_with_data(FEED)
    assert fetcher(site).get(site.url_for("/rss"), etag="a\r\nX: 1", last_modified="ê").body == FEED


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad_url"), ("khong phai url", "bad_url"), ("ftp://a.vn/", "bad_url"),
        ("file:///etc/passwd", "bad_url"), ("http://", "bad_url"), ("http://[", "bad_url"),
        ("http://a.vn:99999/", "bad_url"), ("javascript:alert(1)", "bad_url"),
        ("http://ten:matkhau@a.vn/", "credentials"),
    ],
)  # fmt: skip
def test_wrong_urls(site: HTTPServer, url: str, code: str) -> None:
    fault = fails(code, lambda: fetcher(site).get(url))
    assert "matkhau" not in fault.message + fault.mend


def test_private_addresses_are_refused_after_resolution(site: HTTPServer) -> None:
    site.expect_request("/").respond_with_data("bí mật")
    shut = fetcher(site, allow_private=frozenset())
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"):
        fault = fails("private_address", lambda h=host: shut.get(f"http://{h}:{site.port}/"))
        assert fault.state == "refused"
    assert site.log == []


def test_a_name_is_resolved_once_and_connected_where_it_was_vetted(site: HTTPServer) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["10.255.255.1"]])
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    hosts: list[str] = []

    def answer(request: Request) -> Response:
        hosts.append(request.host)
        return Response(FEED)

    site.expect_request("/rss").respond_with_handler(answer)
    name = f"baovidu.vn:{site.port}"
    way = Fetcher(
        FetchPolicy(min_delay_s=0, allow_private=frozenset({name})),
        clock=VirtualClock(NOW), resolve=resolve,
    )  # fmt: skip
    assert way.get(f"http://{name}/rss").body == FEED
    assert (hosts, asked) == ([name], ["baovidu.vn"] * 2)  # robots.txt, then the feed


def test_a_public_name_with_private_addresses_is_refused(site: HTTPServer) -> None:
    way = Fetcher(
        FetchPolicy(min_delay_s=0, allow_private=frozenset()),
        clock=VirtualClock(NOW), resolve=lambda host, port: ["192.168.1.1", "fe80::1"],
    )  # fmt: skip
    fails("private_address", lambda: way.get("https://baovidu.vn/rss"))


def test_redirects_are_followed_and_each_checked(site: HTTPServer) -> None:
    def to(path: str, location: str, status: int = 302) -> None:
        site.expect_request(path).respond_with_data("", status, {"Location": location})

    site.expect_request("/moi").respond_with_data(FEED)
    to("/cu", "/moi", 301)
    to("/noi-bo", f"http://127.0.0.1:{site.port}/moi")
    to("/tep", "file:///etc/passwd")
    to("/mat-khau", f"http://a:b@{at(site)}/moi")
    to("/vong", "/vong")
    to("/trong", "")
    way = fetcher(site)
    reply = way.get(site.url_for("/cu"))
    assert (reply.body, reply.url) == (FEED, site.url_for("/moi"))
    fails("private_address", lambda: way.get(site.url_for("/noi-bo")))
    fails("bad_url", lambda: way.get(site.url_for("/tep")))
    fails("credentials", lambda: way.get(site.url_for("/mat-khau")))
    fails("redirects", lambda: way.get(site.url_for("/vong")))
    fails("redirects", lambda: way.get(site.url_for("/trong")))


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [(401, "forbidden", "refused"), (403, "forbidden", "refused"), (404, "not_found", "failing"),
     (410, "not_found", "failing"), (429, "rate_limited", "refused"),
     (500, "http_error", "failing"), (503, "unavailable", "refused"),
     (418, "http_error", "failing")],
)  # fmt: skip
def test_statuses(site: HTTPServer, status: int, code: str, state: str) -> None:
    site.expect_request("/rss").respond_with_data("<b>lỗi</b>", status)
    fault = fails(code, lambda: fetcher(site).get(site.url_for("/rss")))
    assert (fault.state, fault.http_status) == (state, status)
    assert str(status) in fault.message


@pytest.mark.parametrize(
    ("header", "wait"),
    [("120", timedelta(minutes=2)), ("Fri, 29 May 2026 03:30:00 GMT", timedelta(minutes=30)),
     ("999999999999", timedelta(days=1)), ("Fri, 29 May 2020 03:30:00 GMT", timedelta(0)),
     ("sau này", None), ("", None)],
)  # fmt: skip
def test_retry_after(site: HTTPServer, header: str, wait: timedelta | None) -> None:
    raw = header.encode().decode("latin-1")
    site.expect_request("/rss").respond_with_data("", 429, {"Retry-After": raw})
    fault = fails("rate_limited", lambda: fetcher(site).get(site.url_for("/rss")))
    assert fault.retry_at == (None if wait is None else NOW + wait)


def test_a_host_that_asked_for_a_pause_is_left_alone_by_all_its_sources(site: HTTPServer) -> None:
    site.expect_request("/a").respond_with_data("", 429, {"Retry-After": "600"})
    site.expect_request("/b").respond_with_data(FEED)
    clock = VirtualClock(NOW)
    policy = FetchPolicy(min_delay_s=0, allow_private=frozenset({at(site)}))
    way = Fetcher(policy, clock=clock)
    fails("rate_limited", lambda: way.get(site.url_for("/a")))
    held = fails("rate_limited", lambda: way.get(site.url_for("/b")))
    assert held.retry_at == NOW + timedelta(minutes=10)
    clock.move_to(NOW + timedelta(minutes=10))
    assert way.get(site.url_for("/b")).body == FEED


def test_robots(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data(
        "User-agent: LangNghe\nDisallow: /cam\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /"
    )
    httpserver.expect_request("/rss").respond_with_data(FEED)
    httpserver.expect_request("/cam").respond_with_data(FEED)
    httpserver.expect_request("/sang-cam").respond_with_data("", 302, {"Location": "/cam"})
    ticks = Ticks()
    way = Fetcher(
        FetchPolicy(min_delay_s=2, allow_private=frozenset({at(httpserver)})),
        clock=VirtualClock(NOW), sleep=ticks.sleep, monotonic=ticks.monotonic,
    )  # fmt: skip
    assert way.get(httpserver.url_for("/rss")).body == FEED
    assert fails("robots", lambda: way.get(httpserver.url_for("/cam"))).state == "refused"
    fails("robots", lambda: way.get(httpserver.url_for("/sang-cam")))
    assert [r.path for r, _ in httpserver.log] == ["/robots.txt", "/rss", "/sang-cam"]
    assert ticks.slept == [7.0]
    rude = fetcher(httpserver, respect_robots=False)
    assert rude.get(httpserver.url_for("/cam")).body == FEED


def test_unreadable_robots_keeps_away_until_it_can_be_read(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/robots.txt").respond_with_data("", 500)
    httpserver.expect_request("/rss").respond_with_data(FEED)
    clock = VirtualClock(NOW)
    way = Fetcher(FetchPolicy(min_delay_s=0, allow_private=frozenset({at(httpserver)})),
                  clock=clock)  # fmt: skip
    fails("robots_down", lambda: way.get(httpserver.url_for("/rss")))
    httpserver.expect_request("/robots.txt").respond_with_data("<html>không có</html>")
    fails("robots_down", lambda: way.get(httpserver.url_for("/rss")))
    clock.move_to(NOW + timedelta(minutes=11))
    assert way.get(httpserver.url_for("/rss")).body == FEED


def test_a_pause_between_visits_of_one_host(site: HTTPServer) -> None:
    site.expect_request("/rss").respond_with_data(FEED)
    site.expect_request("/cu").respond_with_data("", 302, {"Location": "/rss"})
    ticks = Ticks()
    way = Fetcher(
        FetchPolicy(min_delay_s=3, allow_private=frozenset({at(site)})),
        clock=VirtualClock(NOW), sleep=ticks.sleep, monotonic=ticks.monotonic,
    )  # fmt: skip
    for path in ("/rss", "/cu", "/rss"):
        way.get(site.url_for(path))
    assert ticks.slept == [3.0, 3.0]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw-deflate"])
def test_compressed_bodies(site: HTTPServer, encoding: str) -> None:
    packed = {
        "gzip": gzip.compress(FEED),
        "deflate": zlib.compress(FEED),
        "raw-deflate": zlib.compress(FEED)[2:-4],
    }[encoding]
    name = encoding.removeprefix("raw-")
    site.expect_request("/rss").respond_with_data(packed, headers={"Content-Encoding": name})
    reply = fetcher(site).get(site.url_for("/rss"))
    assert (reply.body, reply.truncated) == (FEED, False)


def test_size_caps_before_and_after_decompression(site: HTTPServer) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    packed = {"Content-Encoding": "gzip"}
    site.expect_request("/bom").respond_with_data(bomb, headers=packed)
    site.expect_request("/to").respond_with_data(b"x" * 200_000)
    site.expect_request("/chay").respond_with_handler(
        lambda _: Response(b"x" * 1000 for _ in range(10_000))
    )
    site.expect_request("/la").respond_with_data(b"x", headers={"Content-Encoding": "br"})
    site.expect_request("/hong").respond_with_data(b"khong phai gzip", headers=packed)
    way = fetcher(site, max_bytes=100_000, max_inflated=1_000_000)
    assert len(bomb) < 100_000
    assert fails("bomb", lambda: way.get(site.url_for("/bom"))).state == "malformed"
    fails("too_large", lambda: way.get(site.url_for("/to")))
    fails("too_large", lambda: way.get(site.url_for("/chay")))
    fails("encoding", lambda: way.get(site.url_for("/la")))
    fails("encoding", lambda: way.get(site.url_for("/hong")))


def test_a_gzip_body_that_breaks_off_is_kept_and_marked(site: HTTPServer) -> None:
    text = "".join(f"<item>{n * n}</item>" for n in range(9000)).encode()
    site.expect_request("/rss").respond_with_data(
        gzip.compress(text)[:-5000], headers={"Content-Encoding": "gzip"}
    )
    reply = fetcher(site).get(site.url_for("/rss"))
    assert reply.truncated
    assert reply.body
    assert text.startswith(reply.body)


class RawServer:
    """Says fixed bytes, then one filler byte at a time if there is one, then hangs up."""

    def __init__(self, reply: bytes, drip: bytes = b"") -> None:
        self._reply, self._drip = reply, drip
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port = self._socket.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(2)
                connection.recv(65536)
                try:
                    connection.sendall(self._reply)
                    while self._drip and not self._stop.wait(0.05):
                        connection.sendall(self._drip)
                except OSError:
                    continue

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2)
        self._socket.close()


@pytest.fixture
def raw() -> Iterator[Callable[..., tuple[Fetcher, str]]]:
    servers: list[RawServer] = []

    def start(reply: bytes, drip: bytes = b"") -> tuple[Fetcher, str]:
        server = RawServer(reply, drip)
        servers.append(server)
        policy = FetchPolicy(
            timeout_s=0.6, min_delay_s=0, respect_robots=False,
            allow_private=frozenset({f"127.0.0.1:{server.port}"}),
        )  # fmt: skip
        return Fetcher(policy, clock=VirtualClock(NOW)), f"http://127.0.0.1:{server.port}/rss"

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("reply", "drip"),
    [(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>", b"x"),
     (b"HTTP/1.1 200 OK\r\nX-Cham: ", b"x"), (b"", b"H")],
)  # fmt: skip
def test_a_dripping_server_is_left_in_time(
    raw: Callable[..., tuple[Fetcher, str]], reply: bytes, drip: bytes
) -> None:
    way, url = raw(reply, drip)
    started = time.monotonic()
    with pytest.raises(FetchFault):
        way.get(url)
    assert time.monotonic() - started < 3


def test_a_body_shorter_than_stated_is_kept_and_marked(
    raw: Callable[..., tuple[Fetcher, str]],
) -> None:
    way, url = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss><item>")
    reply = way.get(url)
    assert (reply.body, reply.truncated) == (b"<rss><item>", True)


@pytest.mark.parametrize("reply", [b"", b"xin chao\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_says_so(raw: Callable[..., tuple[Fetcher, str]], reply: bytes) -> None:
    way, url = raw(reply)
    fails("protocol", lambda: way.get(url))


def test_nobody_there_and_no_such_name(site: HTTPServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = fetcher(site, allow_private=frozenset({f"127.0.0.1:{port}"}), respect_robots=False)
    fails("connect", lambda: gone.get(f"http://127.0.0.1:{port}/"))

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(8, "no such host")

    lost = Fetcher(FetchPolicy(min_delay_s=0), clock=VirtualClock(NOW), resolve=unknown)
    fails("dns", lambda: lost.get("https://khongco.vidu.vn/"))


def test_a_resolver_that_hangs_is_left_in_time() -> None:
    release = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        release.wait(10)
        return []

    way = Fetcher(FetchPolicy(timeout_s=0.3, min_delay_s=0), clock=VirtualClock(NOW), resolve=hang)
    fails("timeout", lambda: way.get("https://cham.vidu.vn/"))
    release.set()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_tls_is_checked_against_the_name_not_the_address(tmp_path: Path) -> None:
    cert, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
         "-out", cert, "-subj", "/CN=baovidu.vn", "-addext", "subjectAltName=DNS:baovidu.vn"],
        check=True, capture_output=True,
    )  # fmt: skip
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(cert, key)
    trusting = ssl.create_default_context(cafile=str(cert))
    with HTTPServer(ssl_context=serving) as server:
        server.expect_request("/rss").respond_with_data(FEED)
        allowed = frozenset(f"{name}:{server.port}" for name in ("baovidu.vn", "baokhac.vn"))
        way = Fetcher(
            FetchPolicy(min_delay_s=0, allow_private=allowed, respect_robots=False),
            clock=VirtualClock(NOW), resolve=lambda h, p: ["127.0.0.1"], ssl_context=trusting,
        )  # fmt: skip
        assert way.get(f"https://baovidu.vn:{server.port}/rss").body == FEED
        fails("tls", lambda: way.get(f"https://baokhac.vn:{server.port}/rss"))


def test_a_proxy_in_the_environment_does_not_go_round_the_guard(
    site: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{at(site)}")
    site.expect_request("/rss").respond_with_data(FEED)
    fails("private_address", lambda: fetcher(site).get("http://10.0.0.1/rss"))
    assert site.log == []


def test_a_policy_that_would_break_headers_is_refused() -> None:
    with pytest.raises(ConfigError):
        FetchPolicy(contact="a\r\nX: 1")
