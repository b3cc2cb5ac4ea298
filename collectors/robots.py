"""Ask a site's robots.txt before reading, as RFC 9309 has it, and remember the answer.

No file (4xx) allows everything; a site whose file cannot be read (5xx) is left alone until it can.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from protego import Protego

MAX_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB; what comes after is passed over
_KEEP = timedelta(hours=12)
_KEEP_UNREADABLE = timedelta(minutes=10)
_SLOWEST = 60.0


class ReadRobots(Protocol):
    """Fetches the file at a URL: (status, body). Connection failures come as ``FetchError``."""

    def __call__(self, url: str) -> tuple[int, bytes]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What robots.txt says of one URL. ``delay_s`` is the pause it asks for between requests."""

    allowed: bool
    readable: bool = True
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego | None
    readable: bool
    until: datetime


class RobotsCache:
    """The robots.txt of each origin, read once in twelve hours.

    ``agent`` is the product name rules are looked up by (``LangNghe``). Safe for several threads.
    """

    def __init__(self, read: ReadRobots, agent: str, now: Callable[[], datetime]) -> None:
        self._read = read
        self._agent = agent
        self._now = now
        self._rules: dict[str, _Rules] = {}
        self._lock = threading.Lock()

    def ask(self, origin: str, url: str) -> Verdict:
        """Return what the file of ``origin`` (``https://host[:port]``) says of ``url``."""
        with self._lock:
            rules = self._rules.get(origin)
        if rules is None or self._now() >= rules.until:
            rules = self._load(origin)
            with self._lock:
                self._rules[origin] = rules
        if not rules.readable:
            return Verdict(allowed=False, readable=False)
        if rules.parsed is None:
            return Verdict(allowed=True)
        delay = rules.parsed.crawl_delay(self._agent) or 0.0
        return Verdict(
            allowed=bool(rules.parsed.can_fetch(url, self._agent)),
            delay_s=min(max(float(delay), 0.0), _SLOWEST),
        )

    def _load(self, origin: str) -> _Rules:
        status, body = self._read(f"{origin}/robots.txt")
        if 200 <= status < 300:
            parsed = Protego.parse(body.decode("utf-8-sig", errors="replace"))
            return _Rules(parsed, True, self._now() + _KEEP)
        if status >= 500 or status == 429:
            return _Rules(None, False, self._now() + _KEEP_UNREADABLE)
        return _Rules(None, True, self._now() + _KEEP)
