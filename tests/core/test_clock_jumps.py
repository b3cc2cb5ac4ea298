"""A machine whose clock jumps: what was heard is kept, told, and watched again once it is right."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from langnghe.core.liveness import liveness
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store import hand, incidents
from langnghe.core.store import tables as t
from langnghe.core.store import watch as watching
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
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


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


def test_after_a_leap_of_a_year_and_back_nothing_waits_for_that_year(machine: Machine) -> None:
    machine.hear("Giá vàng hôm nay tăng")
    machine.turn()
    machine.clock.at, machine.box.broken = NOW + YEAR, True
    machine.hear(GRAVE.format(n=20))
    machine.turn()
    assert machine.box.mails == []
    machine.clock.at, machine.box.broken = NOW + 5 * MINUTE, False
    machine.turn()
    assert sorted(mail.recipient.split("@")[0] for mail in machine.box.mails) == [
        "hieutruong", "thuky", "xa",
    ]  # fmt: skip
    now = machine.clock.at
    with machine.store.read() as session:
        assert set(heartbeats(session).values()) == {now}
        deadlines = session.scalars(sa.select(t.DeadlineRow)).all()
        steps = session.scalars(sa.select(t.StepRow)).all()
        incident = session.scalars(sa.select(t.IncidentRow)).one()
        progress, _ = standing(session)
    assert now < min(d.due_at for d in deadlines) <= now + HOUR
    assert min(s.due_at for s in steps if s.due_at) == now  # the first step is due at once
    assert incident.opened_at == now
    assert progress.through is not None
    assert progress.through < now.date()
    machine.clock.at += HOUR  # nobody answered: the ladder goes on, and only once
    machine.turn()
    rungs = [m for m in machine.box.mails[3:] if m.recipient.startswith("hieutruong")]
    assert rungs
    before = len(machine.box.mails)
    machine.turn()
    assert len(machine.box.mails) == before


def test_an_hour_back_and_forth_loses_and_doubles_nothing(machine: Machine) -> None:
    for hours in (0, 1, 0, -1, 2):
        machine.clock.at = NOW + hours * HOUR
        machine.hear(GRAVE.format(n=20))
        machine.turn()
    with machine.store.read() as session:
        waiting = session.scalar(sa.text("SELECT count(*) FROM mention WHERE stage < 2"))
        members = session.scalar(sa.text("SELECT count(*) FROM story_mention"))
        opened = session.scalars(sa.select(t.IncidentRow)).all()
    assert (waiting, members, len(opened)) == (0, 5, 1)
    first = [m for m in machine.box.mails if "mở" in m.subject or m.recipient.startswith("thuky")]
    assert len({(m.recipient, m.subject) for m in first}) == len(first)


def test_days_counted_ahead_are_counted_again_when_they_come(machine: Machine) -> None:
    machine.hear("Giá vàng hôm nay tăng")
    machine.turn()
    machine.clock.at = NOW + 40 * DAY
    machine.hear(GRAVE.format(n=20))
    machine.turn()
    machine.clock.at += DAY
    machine.turn()
    for n in range(1, 4):
        machine.clock.at = NOW + n * DAY
        machine.hear(GRAVE.format(n=20))
        machine.turn()
    with machine.store.read() as session:
        days = {r.day: r.heard for r in session.scalars(sa.select(t.WatchDayRow))}
        counts = session.scalars(sa.select(t.WatchCountRow)).all()
        states = session.scalars(sa.select(t.WatchStateRow)).all()
        progress, _ = standing(session)
    today = NOW.date()
    assert days == {today: 1, today + DAY: 1, today + 2 * DAY: 1}
    assert {c.day for c in counts} == {today + DAY, today + 2 * DAY}
    assert {s.through for s in states} == {today + 2 * DAY}
    assert progress.through == today + 2 * DAY


def test_a_beat_from_the_future_is_no_sign_of_life() -> None:
    beats = {"group": NOW + YEAR, "tell": NOW + YEAR}
    seen = liveness(beats, started=NOW - HOUR, now=NOW, limit_s=300)
    assert seen.state == "stalled"
    assert liveness({"group": NOW}, started=NOW, now=NOW, limit_s=300).state == "listening"


def test_grouping_and_watching_do_not_wait_for_each_other() -> None:
    assert len({hand._GROUPING, watching._WATCHING, incidents._ACTING}) == 3
