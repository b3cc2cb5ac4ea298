"""The one way out to the network: polite, guarded, and never surprised by what comes back.

Every request of every source goes through ``Fetcher.get``: robots.txt and a pause per host before
it, addresses vetted as it connects (``collectors.guard``), redirects followed by hand and each
checked anew, size capped before and after decompression while it streams, time capped as a whole.
Each request has a connection, client and cookie jar of its own, so nothing leaks between sources.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from collectors import robots
from collectors.faults import FetchFault, fault_of_status
from collectors.guard import (
    Deadline,
    GuardedBackend,
    GuardedTransport,
    Resolve,
    system_resolve,
)
from collectors.inflate import capped, inflater
from langnghe.core.clock import Clock, SystemClock
from langnghe.core.errors import ConfigError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_HEADERS = ("etag", "last-modified", "content-type", "retry-after")
_HOST = re.compile(rb"[A-Za-z0-9_.:-]+")
_LONGEST_HEADER = 512
_LONGEST_WAIT = timedelta(days=1)
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/html;q=0.8, */*;q=0.5"
)


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """How the fetcher behaves toward other people's servers; sizes in bytes, times in seconds.

    ``contact`` is a mail address or page a site's keeper can turn to; it goes into the User-Agent.
    ``allow_private`` names the ``host:port`` pairs on private addresses that tests may reach.
    """

    user_agent: str = "LangNghe/0.1"
    contact: str = ""
    timeout_s: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    max_inflated: int = 20 * 1024 * 1024
    min_delay_s: float = 5.0
    allow_private: frozenset[str] = frozenset()
    respect_robots: bool = True
    max_redirects: int = 5

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\x20-\x7e]+", self.user_agent + self.contact):
            raise ConfigError(
                "Tên chương trình hoặc địa chỉ liên hệ khi đọc nguồn tin có ký tự không dùng được.",
                mend="Chỉ dùng chữ không dấu, số và dấu câu thường.",
            )

    @property
    def agent_header(self) -> str:
        """The honest User-Agent, with contact where there is one."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent


@dataclass(frozen=True, slots=True)
class Fetched:
    """One good reply. ``body`` is ``None`` when nothing changed (304).

    ``url`` is the last one after redirects; ``truncated`` says the sender broke off and ``body`` is
    only what had come; ``elapsed`` in seconds. ``sent`` are all headers as the server sent them, in
    order, to be kept with the body as evidence.
    """

    status: int
    url: str
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    elapsed: float = 0.0
    truncated: bool = False
    sent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: httpx.Headers
    body: bytes
    truncated: bool


class Fetcher:
    """Gets public pages; safe for several threads.

    ``sleep`` and ``monotonic`` take and give seconds; ``resolve`` turns (host, port) into IP
    addresses. All are injected so that tests can stand still.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = system_resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._monotonic = monotonic
        self._resolve = resolve
        self._ssl = ssl_context or httpx.create_ssl_context(trust_env=False)
        self._lock = threading.Lock()
        self._next_slot: dict[str, float] = {}
        self._held_until: dict[str, datetime] = {}
        agent = policy.user_agent.partition("/")[0].strip()
        self._robots = robots.RobotsCache(self._read_robots, agent, self._clock.now)

    def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        """Return the page at ``url``, or that it has not changed since ``etag``/``last_modified``.

        Raises ``FetchFault`` (a ``FetchError``), whose ``state`` is the source's health and whose
        ``retry_at`` says when the site wants to be asked again.
        """
        started = self._monotonic()
        conditions = {
            name: value
            for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified))
            if value and _is_plain(value)
        }
        final, reply = self._follow(url, conditions, is_visit=True)
        return Fetched(
            status=reply.status,
            url=str(final),
            body=None if reply.status == 304 else reply.body,
            headers={
                name.replace("-", "_"): value
                for name in _KEPT_HEADERS
                if (value := reply.headers.get(name)) and _is_plain(value)
            },
            elapsed=self._monotonic() - started,
            truncated=reply.truncated,
            sent=tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in reply.headers.raw
            ),
        )

    def _follow(
        self, url: str, conditions: Mapping[str, str], *, is_visit: bool
    ) -> tuple[httpx.URL, _Reply]:
        current = _checked(url)
        visited: set[str] = set()
        time_left = self._policy.timeout_s
        for _ in range(self._policy.max_redirects + 1):
            # robots.txt and a redirect within a host belong to the same visit: one pause for all.
            delay = self._policy.min_delay_s if is_visit else 0.0
            if self._policy.respect_robots and is_visit:
                delay = max(delay, self._permitted(current))
            if current.host not in visited:
                self._wait_for_turn(current, delay)
                visited.add(current.host)
            begun = self._monotonic()
            reply = self._exchange(current, conditions, time_left)
            time_left -= self._monotonic() - begun
            if reply.status in _REDIRECTS:
                current = _joined(current, reply.headers.get("location"))
                continue
            if 200 <= reply.status < 300 or (reply.status == 304 and conditions):
                return current, reply
            raise self._fault(current, reply)
        raise FetchFault("redirects")

    def _permitted(self, url: httpx.URL) -> float:
        verdict = self._robots.ask(_origin(url), str(url))
        if not verdict.readable:
            raise FetchFault("robots_down")
        if not verdict.allowed:
            raise FetchFault("robots")
        return verdict.delay_s

    def _read_robots(self, url: str) -> tuple[int, bytes]:
        try:
            _, reply = self._follow(url, {}, is_visit=False)
        except FetchFault as fault:
            if fault.code in ("too_large", "bomb"):
                return 200, b""  # over the caps of a feed: no rules a crawler could be held to
            if fault.http_status is not None:
                return fault.http_status, b""
            if fault.code == "redirects":
                return 404, b""
            raise
        return reply.status, reply.body[: robots.MAX_BYTES]

    def _wait_for_turn(self, url: httpx.URL, delay: float) -> None:
        host = url.host
        with self._lock:
            held = self._held_until.get(host)
            if held is not None and self._clock.now() < held:
                raise FetchFault("rate_limited", retry_at=held)
            now = self._monotonic()
            turn = max(now, self._next_slot.get(host, now))
            self._next_slot[host] = turn + delay
        if turn > now:
            self._sleep(turn - now)

    def _fault(self, url: httpx.URL, reply: _Reply) -> FetchFault:
        retry_at = _retry_at(reply.headers.get("retry-after"), self._clock.now())
        if reply.status in (429, 503) and retry_at is not None:
            with self._lock:
                self._held_until[url.host] = retry_at
        return fault_of_status(reply.status, retry_at)

    def _exchange(self, url: httpx.URL, conditions: Mapping[str, str], seconds: float) -> _Reply:
        policy = self._policy
        deadline = Deadline(seconds, self._monotonic)
        backend = GuardedBackend(deadline, policy.allow_private, self._resolve)
        headers = {
            "User-Agent": policy.agent_header,
            "Accept": _ACCEPT,
            "Accept-Language": "vi, en;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            **conditions,
        }
        client = httpx.Client(
            transport=GuardedTransport(backend, self._ssl),
            trust_env=False,  # a proxy from the environment would go round the guard
            timeout=policy.timeout_s,
            follow_redirects=False,
        )
        try:
            with client, client.stream("GET", url, headers=headers) as response:
                if response.status_code != 200:
                    return _Reply(response.status_code, response.headers, b"", False)
                body, truncated = self._read(response, deadline)
                return _Reply(200, response.headers, body, truncated)
        except httpx.HTTPError as error:
            raise FetchFault("protocol") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchFault("bad_url") from error

    def _read(self, response: httpx.Response, deadline: Deadline) -> tuple[bytes, bool]:
        stated = response.headers.get("content-length", "")
        if stated.isdecimal() and int(stated) > self._policy.max_bytes:
            raise FetchFault("too_large")
        body = bytearray()
        truncated = False
        encoding = response.headers.get("content-encoding", "").strip().lower()
        inflate = inflater(encoding, self._policy.max_inflated)
        try:
            for chunk in capped(response.iter_raw(), self._policy.max_bytes, deadline):
                for piece in inflate(chunk):
                    body += piece
        except FetchFault as fault:
            if fault.code != "protocol" or not body:
                raise
            truncated = True
        return bytes(body), truncated or not inflate.finished


def _checked(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchFault("bad_url") from error
    named = _HOST.fullmatch(parsed.raw_host) is not None
    if parsed.scheme not in ("http", "https") or not named or not 0 < (parsed.port or 80) < 65536:
        raise FetchFault("bad_url")
    if parsed.userinfo:
        raise FetchFault("credentials")
    return parsed.copy_with(fragment=None)


def _joined(base: httpx.URL, location: str | None) -> httpx.URL:
    if not location:
        raise FetchFault("redirects")
    try:
        target = str(base.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFault("redirects") from error
    return _checked(target)


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _is_plain(value: str) -> bool:
    return len(value) <= _LONGEST_HEADER and value.isascii() and value.isprintable()


def _retry_at(header: str | None, now: datetime) -> datetime | None:
    """Return when Retry-After (seconds or a date) allows the next try, at most a day ahead."""
    text = (header or "").strip()
    if text.isdecimal() and text.isascii():
        wait = timedelta(seconds=int(text[:9]))
        return now + min(wait, _LONGEST_WAIT)
    try:
        stated = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    if stated.tzinfo is None:
        stated = stated.replace(tzinfo=UTC)
    return min(max(stated.astimezone(UTC), now), now + _LONGEST_WAIT)
