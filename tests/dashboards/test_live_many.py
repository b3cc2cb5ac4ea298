"""Many open pages, lines that drop and a server that is started anew: nobody misses anything.

The small sister of ``tests.bench_live``, which does it with two hundred and ``kill -9``.
"""

from __future__ import annotations

import asyncio
import threading
import time

from langnghe.demo.catcher import free_port
from langnghe.web import Server, create_app, server_for
from tests.bench_live import Pen, crowd, play
from tests.livetool import HEARS, Ledger, Listener
from tests.webhouse import WebHouse


class Again:
    """A server in this process that can be ended and started on the same port."""

    def __init__(self, house: WebHouse) -> None:
        self.port = free_port()
        self._house = house
        self._begin()

    def _begin(self) -> None:
        app = create_app(self._house.services)
        self._server: Server = server_for(app, host="127.0.0.1", port=self.port)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        ends = time.monotonic() + 10
        while not self._server.started and time.monotonic() < ends:
            time.sleep(0.02)
        assert self._server.started

    def end(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    async def restart(self) -> None:
        """End it and start it again."""
        await asyncio.to_thread(self.end)
        await asyncio.to_thread(self._begin)


def test_nobody_misses_anything_over_dropped_lines_and_a_restart(house: WebHouse) -> None:
    server, pen = Again(house), Pen(house)
    try:
        listeners = crowd(server.port, pen, 15)
        for one in listeners:
            one.haste = 0.1
        for one in listeners[:5]:
            one.patience_s = 0.5
        asyncio.run(play(pen, listeners, seconds=1.5, rate=12, restart=server.restart))
    finally:
        server.end()
    assert len(pen.ledger.entries) >= 10
    assert pen.ledger.mentions
    assert {one.who for one in listeners} == set(HEARS)
    assert [one.lost(pen.ledger) for one in listeners] == [0] * 15
    assert [one.strange for one in listeners] == [[]] * 15
    assert all(one.lines > 1 for one in listeners)
    assert any(one.late for one in listeners)


def test_what_is_lost_told_twice_or_told_to_a_stranger_is_counted() -> None:
    ledger = Ledger({"a": (0.0, "th_a"), "b": (0.0, "th_a"), "c": (0.0, "th_b")}, [(0.0, 5)])
    one = Listener(0, "of_a", "", "0")
    for text in ("a", "a", "c"):
        one.take(f'id: 7-0-\nevent: incident\ndata: {{"text":"{text}"}}', ledger)
    assert one.mark == "7-0-"
    assert (one.lost(ledger), one.twice, one.strange) == (2, 1, ["c"])
    one.take('id: 8-4-\nevent: mention\ndata: {"newest":4}', ledger)
    assert one.lost(ledger) == 2
    one.take('id: 8-5-\nevent: mention\ndata: {"newest":5}', ledger)
    assert one.lost(ledger) == 1
