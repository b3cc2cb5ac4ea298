"""One mention's whole way, on both databases: kept, read, grouped, scored, opened, mailed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.incidents import acknowledge
from alerts.outbox import OutMail
from langnghe.core.clock import VirtualClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import heartbeats
from langnghe.core.store.mentions import keep
from langnghe.core.store.tables import IncidentRow, OutboxRow, StepRow
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Item, Profile
from langnghe.pipeline import SWEEP, House, turn
from nlp.stage import Grouper
from tests.conftest import NOW, count
from tests.fakes import PROFILE, FakeReader

GRAVE = "Trường TH&THCS Suối Mơ: 20 học sinh nhập viện sau bữa sáng"


class Letterbox:
    """A channel that keeps what it is handed; ``broken`` makes it fail as a bug would."""

    def __init__(self) -> None:
        self.mails: list[OutMail] = []
        self.broken = False

    def send(self, mail: OutMail) -> None:
        if self.broken:
            raise RuntimeError("a bug in the channel")
        self.mails.append(mail)

    def close(self) -> None:
        """Nothing to close."""


def with_people(profile: Profile) -> Profile:
    school, commune = profile.units
    return replace(
        profile,
        units=(
            replace(school, contacts=(
                Contact("principal", "Hiệu trưởng", "hieutruong@suoimo.example"),
                Contact("officer", "Thư ký", "thuky@suoimo.example"),
            )),
            replace(commune, contacts=(Contact("commune", "Chủ tịch", "xa@suoimo.example"),)),
        ),
    )  # fmt: skip


@pytest.fixture
def house(any_store: Store, tmp_path: Path) -> House:
    clock = VirtualClock(NOW)
    profile = with_people(PROFILE)
    with any_store.write() as session:
        sync_units(session, profile, NOW)
    services = Services(
        store=any_store, settings=Settings(home=tmp_path), clock=clock, policy=load_policy(),
        profile=profile,
    )  # fmt: skip
    return House(services, FakeReader(), Grouper(any_store), fetcher=None, channel=Letterbox())


def hear(house: House, *titles: str) -> None:
    now = house.services.clock.now()
    items = [Item(id=t, title=t, source="VnExpress", seen_at=now) for t in titles]
    with house.services.store.write() as session:
        keep(session, items, now=now, secret=b"k")


def wait(house: House, minutes: float) -> None:
    clock = house.services.clock
    assert isinstance(clock, VirtualClock)
    clock.move_to(clock.now() + timedelta(minutes=minutes))


def mails(house: House) -> list[OutMail]:
    assert isinstance(house.channel, Letterbox)
    return house.channel.mails


def test_a_grave_article_becomes_one_incident_with_steps_and_mail(house: House) -> None:
    hear(house, GRAVE, "Giá vàng hôm nay tăng mạnh")
    assert turn(house, SWEEP).failed == {}
    with house.services.store.read() as session:
        incident = session.scalars(sa.select(IncidentRow)).one()
        steps = session.scalars(sa.select(StepRow)).all()
    assert (incident.unit_id, incident.level, incident.state) == ("truong", 3, "new")
    assert len(steps) >= 15
    assert all(step.role and step.title for step in steps)
    told = {mail.recipient for mail in mails(house)}
    assert {"hieutruong@suoimo.example", "thuky@suoimo.example"} <= told
    mail = mails(house)[0]
    assert "Đỏ" in mail.subject
    assert "/xac-nhan/" in mail.text


def test_a_second_turn_changes_nothing(house: House) -> None:
    hear(house, GRAVE)
    turn(house, SWEEP)
    before = {t: count(house.services.store, t) for t in ("incident", "step", "outbox", "deadline")}
    sent = len(mails(house))
    turn(house, SWEEP)
    assert {t: count(house.services.store, t) for t in before} == before
    assert len(mails(house)) == sent


def test_another_report_of_it_is_the_same_incident_and_no_new_mail(house: House) -> None:
    hear(house, GRAVE)
    turn(house, SWEEP)
    sent = len(mails(house))
    wait(house, 5)
    hear(house, "Vụ 20 học sinh Trường TH&THCS Suối Mơ nhập viện: xã cử đoàn kiểm tra bữa sáng")
    turn(house, SWEEP)
    assert count(house.services.store, "incident") == 1
    assert len(mails(house)) == sent


def test_without_an_answer_the_next_role_is_told(house: House) -> None:
    hear(house, GRAVE)
    turn(house, SWEEP)
    before = {mail.key for mail in mails(house)}
    for _ in range(8):
        wait(house, 15)
        turn(house, SWEEP)
    later = [mail for mail in mails(house) if mail.key not in before]
    assert any(mail.recipient == "xa@suoimo.example" for mail in later)


def test_an_answer_stops_the_ladder(house: House) -> None:
    hear(house, GRAVE)
    turn(house, SWEEP)
    store = house.services.store
    with store.read() as session:
        incident_id = session.scalars(sa.select(IncidentRow.id)).one()
    assert incident_id is not None
    assert acknowledge(store, incident_id, "Hiệu trưởng", house.services.clock.now())
    with store.read() as session:
        before = set(session.scalars(sa.select(OutboxRow.key).where(OutboxRow.purpose != "step")))
    for _ in range(8):
        wait(house, 15)
        turn(house, SWEEP)
    with store.read() as session:
        later = session.scalars(sa.select(OutboxRow)).all()
    assert not [r for r in later if r.purpose.startswith("escalate") and r.key not in before]


def test_one_stage_breaking_does_not_stop_the_others_nor_lose_anything(house: House) -> None:
    assert isinstance(house.channel, Letterbox)
    house.channel.broken = True
    hear(house, GRAVE)
    report = turn(house, SWEEP)
    assert count(house.services.store, "incident") == 1
    assert mails(house) == []
    house.channel.broken = False
    for _ in range(4):
        wait(house, 31)
        report = turn(house, SWEEP)
    assert report.failed == {}
    assert {"hieutruong@suoimo.example", "thuky@suoimo.example"} <= {
        m.recipient for m in mails(house)
    }


def test_every_stage_leaves_a_heartbeat(house: House) -> None:
    turn(house, SWEEP)
    with house.services.store.read() as session:
        assert set(heartbeats(session)) == {name for name, _ in SWEEP}
