"""Listeners of the live stream: what a browser's EventSource does, and a count of what it heard.

Own because the count needs the moment of every arrival, and because two hundred lines of a general
client cost more processor time than the server that is measured.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from json import loads

HEARS = {"officer": ("th_a", "th_b"), "of_a": ("th_a",), "of_b": ("th_b",)}
"""Who listens, and which schools' affairs they are to hear of."""


@dataclass
class Ledger:
    """What was committed: entries by their text, and mentions in order.

    The moment stands just before the commit, so that no delay is told shorter than it was.
    """

    entries: dict[str, tuple[float, str]] = field(default_factory=dict)
    mentions: list[tuple[float, int]] = field(default_factory=list)

    def due(self, who: str) -> set[str]:
        """Return the texts that this person has to hear."""
        return {text for text, (_, unit) in self.entries.items() if unit in HEARS[who]}


@dataclass
class Listener:
    """One browser: a line that is opened again with ``Last-Event-ID`` whenever it ends."""

    port: int
    who: str
    cookie: str
    mark: str
    patience_s: float | None = None
    """About how long it keeps a line; ``None``: for good."""
    haste: float = 1.0
    """Share of the time asked for that it waits before it comes back."""
    heard: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    mentions: int = 0
    """How many of the ledger's mentions it was told of."""
    delays: list[float] = field(default_factory=list)
    """From commit to arrival, of what was committed while its line was open."""
    late: list[float] = field(default_factory=list)
    """The same of what was committed while its line was down."""
    lines: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    since: float | None = None
    """When the line that is open now was opened."""
    _wait_s: float = 1.0

    async def listen(self, ledger: Ledger, dice: random.Random) -> None:
        """Listen until cancelled; a broken line is opened again after the time asked for."""
        while True:
            held = self.patience_s and dice.uniform(0.7, 1.3) * self.patience_s
            try:
                async with asyncio.timeout(held):
                    await self._line(ledger)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                if self.since is None:
                    self.refused[type(error).__name__] += 1
            self.since = None
            await asyncio.sleep(self.haste * self._wait_s)

    async def _line(self, ledger: Ledger) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(
                f"GET /live?sau=0-0- HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Accept: text/event-stream\r\nAccept-Encoding: gzip\r\nCookie: {self.cookie}\r\n"
                f"Last-Event-ID: {self.mark}\r\n\r\n".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if " 200 " not in head.split("\r\n")[0] or "content-encoding" in head:
                self.refused[head.split("\r\n")[0]] += 1
                return
            buffer = b""
            while size := int(await reader.readuntil(b"\r\n"), 16):
                buffer += (await reader.readexactly(size + 2))[:size]
                *whole, buffer = buffer.split(b"\n\n")  # a message cut in the middle counts not
                for message in whole:
                    self.take(message.decode(), ledger)
        finally:
            writer.transport.abort()

    def take(self, message: str, ledger: Ledger) -> None:
        """Take in one message of the stream."""
        now = time.monotonic()
        parts = dict(line.split(": ", 1) for line in message.split("\n"))
        if "retry" in parts:
            self._wait_s = int(parts["retry"]) / 1000
            self.since, self.lines = now, self.lines + 1
        kind = parts.get("event")
        if kind is None:
            return
        self.mark = parts["id"]
        data = loads(parts["data"])
        if kind == "mention":
            told = data["newest"]
            while self.mentions < len(ledger.mentions):
                at, number = ledger.mentions[self.mentions]
                if number > told:
                    break
                self.mentions += 1
                self._delay(at, now)
        elif kind == "incident":
            text = data["text"]
            self.heard[text] += 1
            at, unit = ledger.entries.get(text, (now, ""))
            if unit not in HEARS[self.who]:
                self.strange.append(text)
            elif self.heard[text] == 1:
                self._delay(at, now)

    def _delay(self, at: float, now: float) -> None:
        open_then = self.since is not None and at >= self.since
        (self.delays if open_then else self.late).append(now - at)

    def lost(self, ledger: Ledger) -> int:
        """Return how many entries and mentions it has not heard of."""
        return len(ledger.due(self.who) - self.heard.keys()) + len(ledger.mentions) - self.mentions

    @property
    def twice(self) -> int:
        """How many entries were told once too often."""
        return self.heard.total() - len(self.heard)
