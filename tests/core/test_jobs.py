"""Both engines run the same stages to the same end, without anybody calling ``turn``."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from langnghe.core.clock import SystemClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Item
from langnghe.jobs import EmbeddedRunner, distributed_app, ensure_queue
from langnghe.pipeline import House
from nlp.stage import Grouper
from tests.conftest import count
from tests.core.test_pipeline import Letterbox
from tests.fakes import PROFILE, FakeReader
from tests.postgres import PostgresServer

GRAVE = "Trường TH&THCS Suối Mơ: 20 học sinh nhập viện sau bữa sáng"


def furnished(store: Store, settings: Settings) -> House:
    clock = SystemClock()
    school = replace(
        PROFILE.units[0], contacts=(Contact("principal", "Hiệu trưởng", "ht@suoimo.example"),)
    )
    profile = replace(PROFILE, units=(school, *PROFILE.units[1:]))
    with store.write() as session:
        sync_units(session, profile, clock.now())
        titles = [GRAVE, *(f"Trường số {n} tổ chức hội thao" for n in range(250))]
        items = [Item(id=t, title=t, source="VnExpress", seen_at=clock.now()) for t in titles]
        keep(session, items, now=clock.now(), secret=b"k")
    services = Services(store, settings, clock, load_policy(), profile)
    return House(services, FakeReader(), Grouper(store), fetcher=None, channel=Letterbox())


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def all_done(house: House) -> bool:
    assert isinstance(house.channel, Letterbox)
    store = house.services.store
    return (
        count(store, "reading") == 251
        and count(store, "story_mention") == 251
        and count(store, "incident") == 1
        and bool(house.channel.mails)
    )


def test_the_embedded_engine_moves_everything(store: Store, tmp_path: Path) -> None:
    house = furnished(store, Settings(home=tmp_path, sweep_every_s=1))
    runner = EmbeddedRunner(house)
    runner.start()
    try:
        wait_until(lambda: all_done(house))
    finally:
        runner.stop()


@pytest.mark.postgres
def test_workers_on_postgres_move_everything(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.fresh_database()
    settings = Settings(home=tmp_path, database_url=url, sweep_every_s=1)
    store = Store(settings.database)
    store.migrate()
    ensure_queue(settings)
    ensure_queue(settings)  # a second worker starting finds it there
    house = furnished(store, settings)
    app = distributed_app(settings, lambda: house)

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=4, install_signal_handlers=False)

    loop = asyncio.new_event_loop()
    task = loop.create_task(work())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(lambda: all_done(house))
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=20)
        store.close()
    assert not thread.is_alive()
