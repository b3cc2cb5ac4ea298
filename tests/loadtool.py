"""A load tool of a few lines: users on kept connections who open pages, read, and go on.

Own because a general one costs more processor time a request than the pages that are measured,
and shares the machine with them.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request got: status, bytes of the body over the line, seconds to the last byte."""

    status: int
    size: int
    seconds: float
    body: bytes


class Line:
    """One browser's connection to a server on this machine; opened anew when it was closed."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port = port
        self._cookie = cookie
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Answer:
        """Ask for a page and read all of it. Raises OSError or TimeoutError."""
        started = time.perf_counter()
        async with asyncio.timeout(TIMEOUT_S):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
                f"Accept-Encoding: gzip\r\nCookie: {self._cookie}\r\n\r\n".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines if line)
            }
            size = int(headers.get("content-length", "0"))
            body = await reader.readexactly(size) if size else b""
            if headers.get("connection") == "close":
                self.close()
        return Answer(int(first.split()[1]), size, time.perf_counter() - started, body)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass
class Taken:
    """What the answers to one kind of page took."""

    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Return the seconds that this share of the answers stayed within."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def drive(
    port: int,
    cookies: Sequence[str],
    pages: Sequence[tuple[str, Sequence[str]]],
    *,
    users: int,
    seconds: float,
    pause_s: float,
) -> dict[str, Taken]:
    """Let ``users`` open pages of all kinds for a while; return what each kind took.

    ``pages`` are pairs of a name and addresses; a user waits ``pause_s`` on average between two.
    """
    found = {name: Taken() for name, _ in pages}
    ends = time.monotonic() + seconds

    async def user(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - the same walk every time
        line = Line(port, cookies[number % len(cookies)])
        await asyncio.sleep(dice.uniform(0, pause_s))
        place = number * 7
        while time.monotonic() < ends:
            name, addresses = pages[place % len(pages)]
            place += 1
            path = dice.choice(addresses)
            try:
                answer = await line.get(path)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                found[name].bad.append(f"{path}: {type(error).__name__}")
                line.close()
                continue
            found[name].seconds.append(answer.seconds)
            found[name].sizes.append(answer.size)
            if answer.status != 200:
                found[name].bad.append(f"{path}: {answer.status}")
            await asyncio.sleep(dice.uniform(0.5, 1.5) * pause_s)
        line.close()

    await asyncio.gather(*(user(number) for number in range(users)))
    return found
