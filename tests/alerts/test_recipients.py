"""Who is told: people on duty first, never the same person twice, up the lines of that time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.duty_letters import duty_teller
from alerts.recipients import next_of, recipients_for
from alerts.ways import Quiet, Recipient, Way
from langnghe.core.duty import Duty
from langnghe.core.lines import ADMINISTRATION, PROFESSION, TWO_TIERS, Line
from langnghe.core.people import Desk
from langnghe.core.policy.loader import load_policy
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.people import lines_of, people_of
from langnghe.core.store.tables import OutboxRow
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Profile, Unit
from tests.conftest import NOW

POLICY = load_policy()
HOUR = timedelta(hours=1)
HEAD = Contact("principal", "Cô Hiệu trưởng", "hieutruong@suoimo.example")
CLERK = Contact("officer", "Thầy Thư ký", "thuky@suoimo.example")
SCHOOL = Unit("th", "school", "Trường TH Suối Mơ", "xa", contacts=(HEAD, CLERK))
COMMUNE = Unit(
    "xa", "commune", "Giáo dục xã Bản Hoa", "so",
    contacts=(Contact("culture", "Phòng Văn hóa xã", "vhxh@banhoa.example"),),
)  # fmt: skip
SECTOR = Unit(
    "so", "sector", "Sở GD&ĐT tỉnh Mây Trắng",
    contacts=(Contact("office", "Văn phòng Sở", "vanphong@so.example"),),
)  # fmt: skip
DISTRICT = Unit(
    "phong", "district", "Phòng GD&ĐT huyện Mây Cao", "so",
    contacts=(Contact("office", "Văn phòng Phòng", "vanphong@phong.example"),),
)  # fmt: skip


class Town:
    """Units and their people in a store, asked who is to be told."""

    def __init__(self, store: Store, home: Path, *units: Unit, fallback: str = "") -> None:
        self.store = store
        self.profile = Profile("Thử", units or (SCHOOL, COMMUNE, SECTOR), version="1")
        self.settings = Settings(home=home, mail_fallback=fallback)
        with store.write() as session:
            sync_units(session, self.profile, NOW)
        self.desk = Desk(store, "thử", None, NOW, duty_teller(self.settings, POLICY))

    def told(self, role: str, unit: str = "th", now: datetime = NOW) -> list[str]:
        with self.store.read() as session:
            found = recipients_for(
                session, role, unit, POLICY, self.profile, self.settings, now=now
            )
        return [person.name for person in found]

    def next(self, role: str, *already: str, unit: str = "th") -> list[str]:
        with self.store.read() as session:
            found = next_of(
                session, role, unit, already, POLICY, self.profile, self.settings, now=NOW
            )
        return [person.who for person in found]

    def person(self, name: str) -> int:
        with self.store.read() as session:
            return next(p.id for p in people_of(session) if p.contact.name == name)

    def serve(self, name: str, since: datetime, until: datetime | None, role: str) -> int:
        row = Duty("th", role, name, since, until, person_id=self.person(name))
        return self.desk.put_duty(row).id


@pytest.fixture
def town(any_store: Store, tmp_path: Path) -> Town:
    return Town(any_store, tmp_path)


def test_without_a_roster_the_roles_own_people_are_told(town: Town) -> None:
    assert town.told("officer") == ["Thầy Thư ký"]
    assert town.told("principal") == ["Cô Hiệu trưởng"]
    assert town.told("commune") == ["Phòng Văn hóa xã"]
    assert town.told("sector") == ["Văn phòng Sở"]
    assert town.told("nurse") == ["Cô Hiệu trưởng", "Thầy Thư ký"], "anybody of the unit"


def test_who_is_on_duty_is_told_instead_and_at_once(town: Town) -> None:
    shift = town.serve("Cô Hiệu trưởng", NOW, NOW + HOUR, "officer")
    assert town.told("officer") == ["Cô Hiệu trưởng"]
    assert town.told("officer", now=NOW + HOUR) == ["Thầy Thư ký"]
    assert town.told("officer", now=NOW - HOUR) == ["Thầy Thư ký"]
    town.desk.remove_duty(shift)
    assert town.told("officer") == ["Thầy Thư ký"]


def test_the_next_rung_never_reaches_the_same_person_while_there_is_another(
    store: Store, tmp_path: Path
) -> None:
    alone = replace(SCHOOL, contacts=(HEAD,))
    town = Town(store, tmp_path, alone, COMMUNE, SECTOR, fallback="truc@nghe.example")
    assert town.next("officer") == ["hieutruong@suoimo.example"]
    told = ["hieutruong@suoimo.example"]
    for expected in ("vhxh@banhoa.example", "vanphong@so.example", "truc@nghe.example"):
        assert town.next("principal", *told) == [expected]
        told.append(expected.upper())
    assert town.next("principal", *told) == [], "everybody has been told"


def test_the_next_rung_asks_colleagues_before_superiors(town: Town) -> None:
    assert town.next("principal", "hieutruong@suoimo.example") == ["thuky@suoimo.example"]


def test_one_person_with_two_offices_appears_once(store: Store, tmp_path: Path) -> None:
    both = replace(SCHOOL, contacts=(HEAD, replace(HEAD, role="officer", name="Cô Hiệu trưởng")))
    town = Town(store, tmp_path, both, COMMUNE, SECTOR)
    assert town.told("nurse") == ["Cô Hiệu trưởng"]


def test_who_has_no_address_does_not_stand_in_the_way(store: Store, tmp_path: Path) -> None:
    mute = replace(SCHOOL, contacts=(replace(CLERK, email=None), HEAD))
    town = Town(store, tmp_path, mute, COMMUNE, SECTOR)
    town.serve("Thầy Thư ký", NOW, None, "officer")
    assert town.told("officer") == ["Cô Hiệu trưởng"]
    nobody = replace(SCHOOL, contacts=(replace(CLERK, email=None),))
    with store.write() as session:
        profile = Profile("Thử", (nobody, COMMUNE, SECTOR), version="2")
        sync_units(session, profile, NOW)
    assert town.told("officer") == ["Phòng Văn hóa xã"]


def test_nobody_at_all_is_an_empty_answer_or_the_fallback(store: Store, tmp_path: Path) -> None:
    empty = [replace(unit, contacts=()) for unit in (SCHOOL, COMMUNE, SECTOR)]
    town = Town(store, tmp_path, *empty)
    assert town.told("principal") == []
    town.settings = Settings(home=tmp_path, mail_fallback="truc@nghe.example")
    assert town.told("principal") == ["người trực hệ thống"]


def test_a_crisis_is_told_on_both_lines_at_once(town: Town) -> None:
    above = [town.told(role) for role in POLICY.levels[-1].notify if POLICY.roles[role].unit_kinds]
    assert above == [["Phòng Văn hóa xã"], ["Văn phòng Sở"]]


def test_an_incident_of_2024_asks_the_lines_of_2024(store: Store, tmp_path: Path) -> None:
    dated = (
        Line("th", ADMINISTRATION, "phong", until=TWO_TIERS),
        Line("th", PROFESSION, "phong", until=TWO_TIERS),
        Line("th", ADMINISTRATION, "xa", since=TWO_TIERS),
        Line("th", PROFESSION, "so", since=TWO_TIERS),
    )
    town = Town(store, tmp_path, replace(SCHOOL, lines=dated), COMMUNE, SECTOR, DISTRICT)
    before = TWO_TIERS - 300 * 24 * HOUR
    assert town.told("commune", now=before) == ["Văn phòng Phòng"]
    assert town.told("sector", now=before) == ["Văn phòng Sở"], "above the district's office"
    assert town.told("commune", now=TWO_TIERS) == ["Phòng Văn hóa xã"]


def test_a_line_set_by_hand_leads_elsewhere_than_the_tree(town: Town) -> None:
    other = Unit("xa_b", "commune", "Giáo dục xã Đồi Gió", "so",
                 contacts=(Contact("culture", "Phòng xã bên", "vhxh@doigio.example"),))  # fmt: skip
    town.profile = Profile("Thử", (*town.profile.units, other), version="2")
    with town.store.write() as session:
        sync_units(session, town.profile, NOW)
    with town.store.read() as session:
        present = next(r for r in lines_of(session, ["th"]) if r.to_unit == "xa")
    town.desk.put_line(replace(present, until=NOW), present.id)
    town.desk.put_line(Line("th", ADMINISTRATION, "xa_b", since=NOW, basis="QĐ 12/QĐ-UBND"))
    assert town.told("commune", now=NOW - HOUR) == ["Phòng Văn hóa xã"]
    assert town.told("commune") == ["Phòng xã bên"]


def test_a_recipient_carries_ways_quiet_hours_and_one_key(store: Store, tmp_path: Path) -> None:
    reachable = replace(
        CLERK, phone="0912 000 111", ways=("zalo_zns", "email"), quiet="21:30-05:30"
    )
    town = Town(store, tmp_path, replace(SCHOOL, contacts=(reachable,)), COMMUNE, SECTOR)
    with store.read() as session:
        found = recipients_for(session, "officer", "th", POLICY, town.profile, town.settings)
    assert found == [
        Recipient(
            "officer", "Thầy Thư ký", "thuky@suoimo.example",
            (Way("zalo_zns", "0912 000 111"), Way("email", "thuky@suoimo.example")),
            Quiet(time(21, 30), time(5, 30)), "thuky@suoimo.example",
        )
    ]  # fmt: skip


def test_whose_duty_changes_gets_one_letter(town: Town) -> None:
    town.serve("Thầy Thư ký", NOW, NOW + 24 * HOUR, "officer")
    with town.store.read() as session:
        [letter] = session.scalars(sa.select(OutboxRow))
    assert letter.recipient == "thuky@suoimo.example"
    assert "Đồng chí trực thêm:\n- từ 08:00 thứ Hai 23/11/2026 đến" in letter.body_text
    assert "Thư ký Hội đồng trường" in letter.body_text
    assert letter.incident_id is None
