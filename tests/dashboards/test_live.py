"""The live stream, over a real server on this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from dashboards.newsroom import Gaps, Mark
from langnghe.web import Server, server_for
from tests.conftest import NOW
from tests.webhouse import WebHouse


@dataclass
class Running:
    """A server at work and where it is."""

    url: str
    server: Server
    thread: threading.Thread

    def stop(self) -> float:
        """Tell the server to stop; return the seconds it took."""
        begin = time.monotonic()
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()
        return time.monotonic() - begin


@pytest.fixture
def running(house: WebHouse) -> Iterator[Running]:
    """Yield the house behind a real server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = server_for(house.app, host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    found = Running(f"http://127.0.0.1:{port}", server, thread)
    yield found
    found.stop()


@contextmanager
def listening(
    running: Running,
    house: WebHouse,
    who: str = "officer",
    since: int | None = None,
    last: str = "",
) -> Iterator[Iterator[tuple[str, dict[str, object], str]]]:
    """Yield the stream's messages as (event, data, id)."""
    cookies = {"langnghe_session": house.browser(who).cookies["langnghe_session"]}
    path = "/live" if since is None else f"/live?sau={since}"
    headers = {"Last-Event-ID": last} if last else {}
    with (
        httpx.Client(base_url=running.url, cookies=cookies, timeout=8) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        yield messages(lines)


def messages(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, object], str]]:
    """Read messages from the lines of a stream."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and "event" in fields:
            yield fields["event"], json.loads(fields["data"]), fields.get("id", "")
            fields = {}
        elif name:
            fields[name] = value


def test_an_alert_arrives_live(house: WebHouse, running: Running) -> None:
    with listening(running, house, since=0) as stream:
        number = house.incident("Việc vừa xảy ra", level=3)
        event, data, event_id = next(stream)
    assert event == "incident"
    assert data["incident"] == number
    assert data["title"] == "Việc vừa xảy ra"
    assert data["level"] == "Đỏ – Khủng hoảng"
    assert event_id.startswith("1-")


def test_a_line_lost_for_a_while_misses_nothing(house: WebHouse, running: Running) -> None:
    number = house.incident()
    wanted = [house.event(number, f"Mục {n}") for n in range(130)]  # more than one batch
    with listening(running, house, since=0, last="1") as stream:
        got = [int(next(stream)[2].split("-")[0]) for _ in wanted]
    assert got == wanted


def test_only_the_viewer_s_units_are_heard_of(house: WebHouse, running: Running) -> None:
    ours = house.incident(unit="th_a")
    with listening(running, house, "of_b", since=0) as stream:
        house.event(ours, "Chuyện của trường A")
        theirs = house.incident(unit="th_b")
        _, data, _ = next(stream)
    assert data["incident"] == theirs


def test_without_a_place_to_start_only_what_is_new_is_told(
    house: WebHouse, running: Running
) -> None:
    number = house.incident()
    with listening(running, house) as stream:
        time.sleep(1.5)
        house.event(number, "Mới")
        assert next(stream)[1]["text"] == "Mới"


def test_new_mentions_and_a_standstill_are_told(house: WebHouse, running: Running) -> None:
    house.beat()
    with listening(running, house) as stream:
        time.sleep(1.5)
        house.mention("Một tin")
        assert next(stream)[0] == "mention"
        house.clock.move_to(NOW + timedelta(hours=1))
        event, data, _ = next(stream)
    assert event == "heartbeat"
    assert str(data["state"]).startswith("stalled")


def test_open_streams_do_not_hold_up_a_stop(house: WebHouse, running: Running) -> None:
    with listening(running, house, since=0) as stream:
        house.incident()
        next(stream)
        assert running.stop() < 3
        assert list(stream) == []


def test_a_stranger_hears_nothing(house: WebHouse, running: Running) -> None:
    assert httpx.get(f"{running.url}/live", timeout=5).status_code == 303


def test_what_was_missed_while_the_line_was_down_is_told_of_every_kind(
    house: WebHouse, running: Running
) -> None:
    house.beat()
    number = house.incident()
    with listening(running, house, since=0) as stream:
        mark = next(stream)[2]
    house.mention("Một tin khi mất mạng")
    house.event(number, "Một việc khi mất mạng")
    house.clock.move_to(NOW + timedelta(hours=1))
    with listening(running, house, since=0, last=mark) as stream:
        told = [next(stream) for _ in range(3)]
    assert [kind for kind, _, _ in told] == ["incident", "heartbeat", "mention"]
    assert told[0][1]["text"] == "Một việc khi mất mạng"


def test_a_mark_is_read_back_and_nothing_else_is() -> None:
    assert Mark.read(str(Mark(12, 3, "0a1b2c3d"))) == Mark(12, 3, "0a1b2c3d")
    assert Mark.read("12") == Mark(12, -1, "")
    for odd in ("", "x", "-1", "1-2-3-4", "9" * 30, "١"):
        assert Mark.read(odd) is None


def test_an_entry_that_comes_late_below_the_newest_is_not_lost() -> None:
    gaps = Gaps(20.0)
    gaps.start([8, 9], 9, at=0.0)
    assert gaps.floor == 9
    assert gaps.add(11)
    gaps.settle(1.0)
    assert gaps.floor == 9  # 10 may still be on its way: nobody's place lies above it
    assert gaps.add(10)
    assert not gaps.add(11)
    gaps.settle(2.0)
    assert gaps.floor == 11
    gaps.add(13)
    gaps.settle(3.0)
    gaps.settle(30.0)
    assert gaps.floor == 13  # 12 was taken back for good
