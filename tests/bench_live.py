"""Two hundred open pages, a server killed in the middle: ``python -m tests.bench_live``.

The promise of the live stream is that nobody misses anything, whatever happens to the line or to
the server, and that a server which has told for long is no bigger than one which has just begun.
So a real server runs in a process of its own over a store that is written to all the time, many
listeners hold a line each (one in ten drops it now and then, as a phone does), the server is killed
with ``kill -9`` half-way and started again, and everything committed is held against everything
heard. Loopback only. Ends with 1 when something was lost, heard by a stranger, late or not flat.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import fmean

from dashboards.newsroom import Mark
from langnghe.core.clock import SystemClock
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.text import digest
from langnghe.demo.catcher import free_port
from langnghe.web import create_app, server_for
from tests.bench_pages import cpu_s, sign_in, wait_for
from tests.conftest import NOW
from tests.livetool import HEARS, Ledger, Listener
from tests.webhouse import POLICY, PROFILE, WebHouse

BAR_S = 1.0
GROWTH_MB = 10.0
MOST_LISTENERS, MOST_MINUTES = 250, 60.0
DROPPING = 10
"""Every so-manieth listener drops its line by itself now and then."""
BURST, BURST_EVERY = 20, 15
"""So many entries in one transaction, once in so many seconds."""
SETTLE_S = 30.0


class Pen:
    """Writes what happens: entries of two schools' incidents, and mentions."""

    def __init__(self, house: WebHouse) -> None:
        self._house = house
        self._incidents = {unit: house.incident(unit=unit) for unit in ("th_a", "th_b")}
        newest = house.event(self._incidents["th_a"], "Đầu sổ")
        self.start = str(Mark(newest))
        self.ledger = Ledger()

    def entries(self, number: int) -> None:
        """Commit so many entries in one transaction, of one school and the other in turn."""
        with self._house.store.write() as session:
            fresh: list[tuple[str, str]] = []
            for _ in range(number):
                count = len(self.ledger.entries) + len(fresh)
                unit = ("th_a", "th_b")[count % 2]
                fresh.append((f"Mục {count}", unit))
                session.add(
                    t.IncidentEventRow(incident_id=self._incidents[unit], at=NOW, kind="note",
                                       actor="máy", text=f"Mục {count}")
                )  # fmt: skip
            session.flush()
            self.ledger.entries |= {text: (time.monotonic(), unit) for text, unit in fresh}

    def mention(self) -> None:
        """Commit one mention."""
        title = f"Tin {len(self.ledger.mentions)}"
        with self._house.store.write() as session:
            row = t.MentionRow(
                key=digest(title), title=title, text=title, folded=title, source_name="Báo Thử",
                content_hash=digest(title), url="https://bao.example/1.html", seen_at=NOW,
                stage=t.DONE,
            )  # fmt: skip
            session.add(row)
            session.flush()
            self.ledger.mentions.append((time.monotonic(), int(row.id or 0)))

    async def write(self, seconds: float, rate: float) -> None:
        """Write for a while: ``rate`` entries a second, half as many mentions, now and then more.

        Times are kept by the clock, so that a slow commit does not thin out what follows.
        """
        began, done, bursts = time.monotonic(), 0, 1
        while (past := time.monotonic() - began) < seconds:
            await asyncio.to_thread(self.entries, 1)
            if done % 2:
                await asyncio.to_thread(self.mention)
            if past > bursts * BURST_EVERY:
                bursts += 1
                await asyncio.to_thread(self.entries, BURST)
            done += 1
            await asyncio.sleep(max(0.0, began + done / rate - time.monotonic()))


async def play(
    pen: Pen,
    listeners: Sequence[Listener],
    *,
    seconds: float,
    rate: float,
    restart: Callable[[], Awaitable[None]],
) -> float:
    """Write while all listen, restart in the middle; return seconds until all lines were back.

    Then waits up to ``SETTLE_S`` until everybody has everything.
    """
    dice = random.Random(7)  # noqa: S311 - the same walk every time
    ears = [asyncio.create_task(one.listen(pen.ledger, dice)) for one in listeners]
    await _until(lambda: all(one.since is not None for one in listeners))
    writing = asyncio.create_task(pen.write(seconds, rate))
    await asyncio.sleep(seconds / 2)
    before, killed = [one.lines for one in listeners], time.monotonic()
    await restart()
    await _until(lambda: all(one.lines > n for one, n in zip(listeners, before, strict=True)))
    back = time.monotonic() - killed
    await writing
    await _until(lambda: not any(one.lost(pen.ledger) for one in listeners))
    await asyncio.sleep(0.5)  # what comes twice would come now
    for ear in ears:
        ear.cancel()
    ended = await asyncio.gather(*ears, return_exceptions=True)
    for end in ended:
        if not isinstance(end, asyncio.CancelledError):
            raise RuntimeError("a listener broke") from end
    return back


async def _until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + SETTLE_S
    while not true() and time.monotonic() < ends:  # noqa: ASYNC110 - asked of many, by the clock
        await asyncio.sleep(0.1)


class Process:
    """The server's process: killed, started again, and looked at once a second."""

    def __init__(self, file: Path) -> None:
        self.port = free_port()
        self._command = [sys.executable, "-m", "tests.bench_live", "--serve", str(file),
                         "--port", str(self.port)]  # fmt: skip
        self.lives: list[list[tuple[float, float]]] = []
        """For each life, MB of memory and seconds of processor time, one pair a second."""
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(self._command)
        wait_for(self.port)
        self.lives.append([])
        self._up = True

    async def restart(self) -> None:
        """Kill it without a word, as want of memory does, and start it again."""
        self._up = False
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)
        await asyncio.to_thread(self._start)

    async def watch(self) -> None:
        """Note its size until cancelled."""
        while True:
            await asyncio.sleep(1)
            if self._up:
                self.lives[-1].append((memory_mb(self.process.pid), cpu_s(self.process.pid)))

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def memory_mb(pid: int) -> float:
    """Return the memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def serve(file: Path, port: int) -> None:
    """Run the server over a store until the process is told to end."""
    with tempfile.TemporaryDirectory() as home, Store(f"sqlite:///{file}") as store:
        services = Services(store, Settings(home=Path(home)), SystemClock(), POLICY, PROFILE)
        server_for(create_app(services), host="127.0.0.1", port=port).run()


def crowd(port: int, pen: Pen, number: int) -> list[Listener]:
    """Return so many listeners, who signed in as three people."""
    cookies = [(who, sign_in(port, who)) for who in HEARS]
    return [
        Listener(port, *cookies[n % len(cookies)], pen.start, None if n % DROPPING else 25.0)
        for n in range(number)
    ]


async def measure(given: argparse.Namespace, folder: Path) -> bool:
    """Run once and print what was found; return whether everything held."""
    file = folder / "live.db"
    with Store(f"sqlite:///{file}") as store:
        store.migrate()
        pen = Pen(WebHouse(store, folder))
        server = Process(file)
        try:
            listeners = crowd(server.port, pen, given.listeners)
            watch = asyncio.create_task(server.watch())
            back = await play(
                pen, listeners, seconds=60 * given.minutes, rate=given.rate, restart=server.restart
            )
            watch.cancel()
        finally:
            server.close()
    heard = _print_heard(pen.ledger, listeners, given.minutes, back)
    return _print_size(server.lives) and heard


def _quantiles(delays: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(delays) or [0.0]
    p50, p95 = (ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.95))
    return p50, p95, ordered[-1]


def _print_heard(
    ledger: Ledger, listeners: Sequence[Listener], minutes: float, back: float
) -> bool:
    out = sys.stdout.write
    load = os.getloadavg()
    out(
        f"{len(listeners)} người nghe, {minutes:g} phút, "
        f"tải máy {load[0]:.1f} (5 phút {load[1]:.1f}, 15 phút {load[2]:.1f})\n"
    )
    out(f"đã ghi: {len(ledger.entries)} mục, {len(ledger.mentions)} tin\n")
    out(f"{'người nghe':<12}{'số':>4}{'mục':>6}{'tin':>6}{'ít nhất':>9}{'nhiều nhất':>12}"
        f"{'mất':>6}{'hai lần':>9}{'lạ':>5}{'đường':>7}\n")  # fmt: skip
    for who in HEARS:
        these = [one for one in listeners if one.who == who]
        got = [len(one.heard) - len(one.strange) + one.mentions for one in these]
        out(
            f"{who:<12}{len(these):>4}{len(ledger.due(who)):>6}{len(ledger.mentions):>6}"
            f"{min(got):>9}{max(got):>12}{sum(one.lost(ledger) for one in these):>6}"
            f"{sum(one.twice for one in these):>9}{sum(len(one.strange) for one in these):>5}"
            f"{sum(one.lines for one in these):>7}\n"
        )
    delays = [seconds for one in listeners for seconds in one.delays]
    late = [seconds for one in listeners for seconds in one.late]
    for name, found in (("đường đang mở", delays), ("lúc đứt đường", late)):
        p50, p95, most = (1000 * x for x in _quantiles(found))
        out(f"từ lúc ghi đến lúc nghe, {name}: p50 {p50:.0f}, p95 {p95:.0f}, lâu nhất {most:.0f} ms"
            f" ({len(found)} lần)\n")  # fmt: skip
    twice = max(one.twice for one in listeners)
    refused: Counter[str] = sum((one.refused for one in listeners), Counter())
    out(f"nghe hai lần nhiều nhất ở một người: {twice}; không mở được đường: {dict(refused)}\n")
    out(f"từ lúc diệt máy chủ đến lúc mọi người nghe lại: {back:.1f} s\n")
    lost = sum(one.lost(ledger) + len(one.strange) for one in listeners)
    return not lost and _quantiles(delays)[1] <= BAR_S


def _print_size(lives: Sequence[Sequence[tuple[float, float]]]) -> bool:
    """Print memory and processor time of each life; return whether memory stayed flat.

    The first third of a life is left out: a server takes its memory when it first does something.
    """
    out, flat = sys.stdout.write, True
    for number, life in enumerate(lives, 1):
        sizes = [size for size, _ in life]
        if len(sizes) < 2:
            continue
        settled = sizes[len(sizes) // 3 :]
        part = max(1, len(settled) // 4)
        growth = fmean(settled[-part:]) - fmean(settled[:part])
        flat = flat and growth <= GROWTH_MB
        busy = (life[-1][1] - life[0][1]) / (len(life) - 1)
        out(
            f"máy chủ, đời {number}: bộ nhớ đầu {sizes[0]:.0f}, giữa {sizes[len(sizes) // 2]:.0f}, "
            f"cuối {sizes[-1]:.0f}, cao nhất {max(sizes):.0f} MB; tăng sau khi ổn định "
            f"{growth:+.1f} MB trong {len(settled)} s; CPU {busy:.2f} nhân\n"
        )
    out(f"bộ nhớ {'phẳng' if flat else 'KHÔNG phẳng'} (ngưỡng {GROWTH_MB:g} MB)\n")
    return flat


def main() -> int:
    """Serve, listen, kill, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--listeners", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2, help="entries a second")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port)
        return 0
    if not (3 <= given.listeners <= MOST_LISTENERS and 0 < given.minutes <= MOST_MINUTES):
        parser.error(f"3-{MOST_LISTENERS} listeners, at most {MOST_MINUTES:g} minutes")
    if not 0 < given.rate <= 50:
        parser.error("at most 50 entries a second")
    with tempfile.TemporaryDirectory() as folder:
        return 0 if asyncio.run(measure(given, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
