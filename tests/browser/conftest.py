"""The invented crisis of the demonstration behind a real server, for real browsers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from langnghe.cli.service import claim_port
from langnghe.core.types import Item
from langnghe.demo.catcher import free_port
from langnghe.demo.run import Demo, prepare, story_start
from langnghe.web import create_app, server_for
from tests.browser.chrome import missing_parts, start_chrome
from tests.conftest import cannot

REAL = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # dates in pages stay the same
HEIGHT = timedelta(hours=21)
"""Minute of the story at which press and rumours are at their loudest."""


@dataclass(slots=True)
class Town:
    """The demonstration at work: its address, and the parts a test reaches into."""

    base: str
    demo: Demo

    def wait_told(self, timeout_s: float = 120) -> None:
        """Wait until the archive is replayed and the desk is laid out."""
        until = time.monotonic() + timeout_s
        while not self.demo.told.is_set():
            assert time.monotonic() < until, "the demonstration did not come to its end"
            time.sleep(0.05)


@contextmanager
def open_town(home: Path, *, until: timedelta) -> Iterator[Town]:
    """Serve the demonstration, played up to ``until``; from then on its time runs as outside."""
    home.mkdir(exist_ok=True)
    port = free_port()
    begun = story_start(REAL)

    def heard(item: Item) -> bool:
        return (item.published_at or begun) - begun <= until

    demo = prepare(home, port=port, real=lambda: REAL + (datetime.now(UTC) - _BEGUN), heard=heard)
    listener = claim_port("127.0.0.1", port)
    server = server_for(create_app(demo.services), host="127.0.0.1", port=port)
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    playing = threading.Thread(target=demo.play, args=(0.001,))
    serving.start()
    playing.start()
    town = Town(f"http://127.0.0.1:{port}", demo)
    try:
        town.wait_told()
        yield town
    finally:
        demo.stop()
        server.should_exit = True
        playing.join(timeout=20)
        serving.join(timeout=20)


_BEGUN = datetime.now(UTC)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The second afternoon of the crisis, all pages filled. Tests only look at it."""
    if (why := missing_parts()) is not None:
        cannot(why)
    with open_town(tmp_path_factory.mktemp("town"), until=HEIGHT) as town:
        yield town


@pytest.fixture
def open_chrome(tmp_path: Path) -> Iterator[Callable[..., Chrome]]:
    """Start browsers; all of them end with the test."""
    if (why := missing_parts()) is not None:
        cannot(why)
    opened: list[Chrome] = []

    def start(*, width: int = 1280, height: int = 900, script: bool = True) -> Chrome:
        chrome = start_chrome(
            tmp_path / f"chrome{len(opened)}", width=width, height=height, script=script
        )
        opened.append(chrome)
        return chrome

    yield start
    for chrome in opened:
        chrome.quit()
