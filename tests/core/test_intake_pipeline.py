"""A report goes the whole way: taken down, read as its unit's, weighed, an incident and a mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from alerts.intake import taking
from langnghe.core import intake as rules
from langnghe.core.auth import Caller
from langnghe.core.errors import ConflictError
from langnghe.core.store import tables as t
from langnghe.core.types import Role
from langnghe.pipeline import SWEEP, House, turn
from tests.conftest import NOW
from tests.core.test_pipeline import house, mails, wait

__all__ = ["house"]
# Names no school, and no word by which the reader would know that it is about one.
SAID = "Hai mươi cháu nhập viện sau bữa trưa, các cháu còn đau bụng."
OFFICER = Caller(1, "nu", "Cô Nụ", Role.OFFICER, "truong", "browser", "c", "h")


@pytest.fixture(autouse=True)
def officer(house: House) -> None:
    with house.services.store.write() as session:
        session.add(
            t.UserRow(username="nu", name="Cô Nụ", password_hash="x", role="officer",
                      unit_id="truong", created_at=NOW)
        )  # fmt: skip


def test_what_a_parent_told_on_zalo_opens_the_incident_of_the_unit(house: House) -> None:
    taken = taking.take_in(house.services, OFFICER, taking.Said("truong", "zalo", SAID))
    assert turn(house, SWEEP).failed == {}
    with house.services.store.read() as session:
        mention = session.get_one(t.MentionRow, taken.mention_id)
        assert mention.about_education
        links = list(session.scalars(sa.select(t.MentionUnitRow)))
        incident = session.scalars(sa.select(t.IncidentRow)).one()
    assert [(link.unit_id, link.confidence) for link in links] == [("truong", 1.0)]
    assert (incident.unit_id, incident.verification) == ("truong", "unverified")
    assert any("suoimo.example" in mail.recipient for mail in mails(house))
    with pytest.raises(ConflictError):
        taking.undo(house.services, OFFICER, taken.id)


def test_what_a_stranger_left_rings_the_officer_alone_until_somebody_takes_it_up(
    house: House,
) -> None:
    with house.services.store.write() as session:
        session.add(
            t.IntakeRow(unit_id="truong", unit_name="Trường TH&THCS Suối Mơ", channel="qr",
                        text=SAID, masked=SAID, received_at=NOW, receipt="AAAAA-22222")
        )  # fmt: skip
    for _ in range(3):
        assert turn(house, SWEEP).failed == {}
        wait(house, 1)
    assert [mail.recipient for mail in mails(house)] == ["thuky@suoimo.example"]
    assert "CHƯA XÁC MINH" in mails(house)[0].subject
    with house.services.store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(t.IncidentRow)) == 0
    taking.accept(house.services, OFFICER, 1)
    assert turn(house, SWEEP).failed == {}
    with house.services.store.read() as session:
        assert session.scalars(sa.select(t.IncidentRow)).one().unit_id == "truong"


def test_a_page_read_later_stays_the_unit_s(house: House) -> None:
    """An edited mention is read again; that it is about the unit is a person's word and stays."""
    link = "https://bao.example/1.html"
    taken = taking.take_in(house.services, OFFICER, taking.Said("truong", "online", "", link))
    turn(house, SWEEP)
    with house.services.store.write() as session:
        row = session.get_one(t.MentionRow, taken.mention_id)
        row.text, row.revision, row.stage = "Chuyện bữa trưa.", row.revision + 1, 0
    wait(house, 5)
    turn(house, SWEEP)
    with house.services.store.read() as session:
        links = list(session.scalars(sa.select(t.MentionUnitRow)))
        row = session.get_one(t.MentionRow, taken.mention_id)
    assert [link.unit_id for link in links] == ["truong"]
    assert row.about_education


def test_the_times_are_sound() -> None:
    assert timedelta(0) < rules.YOUNGEST_FORM < rules.OLDEST_FORM < rules.KEEP_HITS
    assert rules.KEEP_ASIDE < rules.KEEP_CONTACT
