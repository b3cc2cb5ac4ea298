"""A machine whose clock jumps: what was heard is kept, told, and watched again once it is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import heartbeats
from langnghe.core.store.mentions import keep
from langnghe.core.store.units import sync_units
from langnghe.core.store.watch import standing
from langnghe.core.types import Item
from langnghe.pipeline import SWEEP, House, turn
from nlp.stage import Grouper
from tests.conftest import NOW
from tests.core.test_pipeline import Letterbox, with_people
from tests.fakes import PROFILE, FakeReader

GRAVE = "Trường TH&THCS Suối Mơ: {n} học sinh nhập viện sau bữa sáng"
YEAR = timedelta(days=365)
DAY = timedelta(days=1)


class LooseClock:
    """A clock somebody sets: forward, and back again."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Machine:
    """A house on a machine with a loose clock."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store, self.clock, self.box = store, LooseClock(), Letterbox()
        profile = with_people(PROFILE)
        with store.write() as session:
            sync_units(session, profile, NOW)
        services = Services(
            store=store, settings=Settings(home=home), clock=self.clock, policy=load_policy(),
            profile=profile,
        )  # fmt: skip
        self.house = House(services, FakeReader(), Grouper(store), None, self.box)
        self.heard = 0

    def hear(self, *titles: str) -> None:
        self.heard += len(titles)
        items = [
            Item(id=f"{self.heard}-{n}", title=title, source="VnExpress", seen_at=self.clock.at)
            for n, title in enumerate(titles)
        ]
        with self.store.write() as session:
            keep(session, items, now=self.clock.at, secret=b"k")

    def turn(self) -> None:
        assert turn(self.house, SWEEP).failed == {}


@pytest.fixture
def machine(any_store: Store, tmp_path: Path) -> Machine:
    return Machine(any_store, tmp_path)


def test_x(machine: Machine) -> None:
    machine.hear("Giá vàng hôm nay")
    machine.turn()
    machine.clock.at = NOW + YEAR
    machine.hear(GRAVE.format(n=20))
    machine.box.broken = True
    machine.turn()
    machine.box.broken = False
    machine.clock.at = NOW + timedelta(minutes=5)
    machine.hear(GRAVE.format(n=25))
    machine.turn()
    with machine.store.read() as session:
        for r in session.execute(sa.text("select id,story_id,seen_at,stage from mention")): print(r)
        for r in session.execute(sa.text("select id,mention_count,level,score,set_aside,first_at,last_at from story")): print(r)
        for r in session.execute(sa.text("select id,level,state,opened_at,updated_at from incident")): print(r)
        for r in session.execute(sa.text("select id,state,purpose,recipient,due_at from outbox")): print(r)
        print(standing(session)); print(heartbeats(session))
    machine.clock.at = NOW + timedelta(minutes=50)
    machine.hear(GRAVE.format(n=41))
    machine.turn()
    print(len(machine.box.mails))
    for k in range(1, 4):
        machine.clock.at = NOW + DAY*k
        machine.hear(GRAVE.format(n=41+k))
        machine.turn()
    with machine.store.read() as session:
        for r in session.execute(sa.text("select id,state,purpose,recipient,due_at from outbox")): print(r)
        print(standing(session)); print(heartbeats(session))
        for r in session.execute(sa.text("select * from watch_day")): print(r)
        for r in session.execute(sa.text("select id,incident_id,kind,due_at,state from deadline order by due_at limit 20")): print(r)
    assert 0
