"""The profile and people's hands write the same rows: neither undoes the other without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from langnghe.core.duty import Duty, DutyChange
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.lines import ADMINISTRATION, PROFESSION, TWO_TIERS, Line
from langnghe.core.people import Desk
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store, alembic_config
from langnghe.core.store.people import duty_of, lines_of, people_of
from langnghe.core.store.units import contact_addresses, sync_units
from langnghe.core.types import Contact, Profile, Unit
from tests.conftest import NOW

DAY = timedelta(days=1)
LAN = Contact("officer", "Cô Lan", "lan@suoimo.example", "0912000111", ways=("sms", "email"))
SON = Contact("officer", "Thầy Sơn", "son@suoimo.example")
SHIFT = Duty("th", "officer", "Cô Lan", NOW, NOW + 7 * DAY, days=(5, 6))
SCHOOL = Unit("th", "school", "Trường TH Suối Mơ", "xa", contacts=(LAN, SON), duty=(SHIFT,))
COMMUNE = Unit("xa", "commune", "Giáo dục xã Bản Hoa", "so")
SECTOR = Unit("so", "sector", "Sở GD&ĐT tỉnh Mây Trắng")


class Book:
    """A store fed by profiles, and a desk over it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told: list[DutyChange] = []
        self.desk = Desk(store, "Cô Thư ký", None, NOW, lambda _s, c, _n: self.told.extend(c))
        self.version = 0

    def load(self, *units: Unit) -> None:
        self.version += 1
        profile = Profile("Thử", units or (SCHOOL, COMMUNE, SECTOR), version=str(self.version))
        with self.store.write() as session:
            assert sync_units(session, profile, NOW)
            assert not sync_units(session, profile, NOW)

    def people(self) -> dict[str, int]:
        with self.store.read() as session:
            return {p.contact.name: p.id for p in people_of(session)}

    def contact(self, name: str) -> Contact:
        with self.store.read() as session:
            return next(p.contact for p in people_of(session) if p.contact.name == name)

    def duty(self) -> list[Duty]:
        with self.store.read() as session:
            return duty_of(session)

    def lines(self) -> list[Line]:
        with self.store.read() as session:
            return lines_of(session, ["th"])

    def audit(self) -> list[tuple[str, str]]:
        with self.store.read() as session:
            return [(r.action, r.actor) for r in session.scalars(sa.select(t.AuditRow))]


@pytest.fixture
def book(any_store: Store) -> Book:
    book = Book(any_store)
    book.load()
    return book


def test_a_profile_is_laid_out_whole(book: Book) -> None:
    assert book.contact("Cô Lan") == LAN
    [row] = book.duty()
    assert (row.person, row.days, row.until) == ("Cô Lan", (5, 6), NOW + 7 * DAY)
    assert {(r.line, r.to_unit) for r in book.lines()} == {
        (ADMINISTRATION, "xa"), (PROFESSION, "so")
    }  # fmt: skip


def test_loading_again_keeps_every_number(book: Book) -> None:
    before = (book.people(), [d.id for d in book.duty()], [r.id for r in book.lines()])
    book.load(SCHOOL, COMMUNE, replace(SECTOR, name="Sở khác tên"))
    assert before == (book.people(), [d.id for d in book.duty()], [r.id for r in book.lines()])


def test_what_hands_changed_outlives_a_new_profile(book: Book) -> None:
    ids = book.people()
    book.desk.put_contact("th", replace(LAN, email="moi@suoimo.example"), ids["Cô Lan"])
    book.desk.remove_contact(ids["Thầy Sơn"])
    book.desk.put_contact("th", Contact("nurse", "Cô Y tế", "yte@suoimo.example"))
    book.desk.remove_duty(book.duty()[0].id or 0)
    book.load(SCHOOL, COMMUNE, replace(SECTOR, name="Sở khác tên"))
    assert book.contact("Cô Lan").email == "moi@suoimo.example"
    assert set(book.people()) == {"Cô Lan", "Cô Y tế"}
    assert book.duty() == []


def test_the_profiles_newer_word_about_a_row_counts_and_leaves_a_trace(book: Book) -> None:
    number = book.people()["Cô Lan"]
    book.desk.put_contact("th", replace(LAN, email="moi@suoimo.example"), number)
    book.load(replace(SCHOOL, contacts=(replace(LAN, email="moi-hon@suoimo.example"), SON)),
              COMMUNE, SECTOR)  # fmt: skip
    assert book.contact("Cô Lan").email == "moi-hon@suoimo.example"
    assert book.people()["Cô Lan"] == number
    assert ("contact_from_profile", "hồ sơ đơn vị") in book.audit()


def test_who_leaves_the_profile_goes_and_may_come_back(book: Book) -> None:
    book.load(replace(SCHOOL, contacts=(SON,), duty=()), COMMUNE, SECTOR)
    assert set(book.people()) == {"Thầy Sơn"}
    assert book.duty() == []
    book.load()
    assert set(book.people()) == {"Cô Lan", "Thầy Sơn"}
    assert [d.person for d in book.duty()] == ["Cô Lan"]


def test_stated_lines_take_the_place_of_the_usual_ones(book: Book) -> None:
    stated = (Line("th", PROFESSION, "so", since=TWO_TIERS, basis="QĐ riêng"),)
    book.load(replace(SCHOOL, lines=stated), COMMUNE, SECTOR)
    assert [(r.line, r.basis) for r in book.lines()] == [(PROFESSION, "QĐ riêng")]


def test_every_change_leaves_an_audit_line_without_addresses(book: Book) -> None:
    ids = book.people()
    book.desk.put_contact("th", replace(LAN, phone="0912000222"), ids["Cô Lan"])
    done = book.desk.put_duty(Duty("th", "officer", "", NOW, None, person_id=ids["Thầy Sơn"]))
    book.desk.remove_duty(done.id)
    number = book.desk.put_line(Line("th", ADMINISTRATION, to_name="Phòng GD", until=TWO_TIERS))
    book.desk.remove_line(number)
    book.desk.remove_contact(ids["Cô Lan"])
    actions = [action for action, _ in book.audit()]
    assert actions == [
        "contact_changed", "duty_added", "duty_removed", "line_added", "line_removed",
        "contact_removed",
    ]  # fmt: skip
    with book.store.read() as session:
        rows = list(session.scalars(sa.select(t.AuditRow)))
    assert "091" not in str([row.data for row in rows])
    assert rows[0].data["changed"] == ["phone"]


def test_a_change_of_the_roster_tells_whom_it_touches(book: Book) -> None:
    son = book.people()["Thầy Sơn"]
    book.desk.put_duty(Duty("th", "officer", "", NOW, NOW + DAY, person_id=son))
    assert [(c.person, bool(c.gained), bool(c.lost)) for c in book.told] == [
        ("Thầy Sơn", True, False)
    ]


def test_the_desk_refuses_what_makes_no_sense(book: Book) -> None:
    lan = book.people()["Cô Lan"]
    desk = book.desk
    shift = Duty("th", "officer", "", NOW, NOW + DAY, person_id=lan)
    for bad in (
        replace(shift, until=NOW), replace(shift, role=""), replace(shift, days=(7,)),
        replace(shift, unit_id="xa"), replace(shift, until=NOW + 9999 * DAY),
    ):  # fmt: skip
        with pytest.raises(InputError):
            desk.put_duty(bad)
    for line in (
        Line("th", "doc", "so"), Line("th", PROFESSION), Line("th", PROFESSION, "th"),
        Line("th", PROFESSION, "khong_co"), Line("th", PROFESSION, "so", to_name="cả hai"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            desk.put_line(line)
    with pytest.raises(ConflictError):
        desk.put_line(Line("th", PROFESSION, "xa", since=NOW))
    with pytest.raises(NotFoundError):
        replace(desk, scope="so_khac").put_contact("th", LAN)
    with pytest.raises(NotFoundError):
        desk.remove_line(9999)
    assert [a for a, _ in book.audit()] == []


def test_removed_people_get_no_house_mail(book: Book) -> None:
    with book.store.read() as session:
        assert contact_addresses(session, ["officer"]) == [LAN.email, SON.email]
    book.desk.remove_contact(book.people()["Cô Lan"])
    with book.store.read() as session:
        assert contact_addresses(session, ["officer"]) == [SON.email]


def test_nothing_ties_people_in_office_to_what_is_said() -> None:
    offices = {"contact", "duty", "reporting_line"}
    tables = t.UnitRow.metadata.tables
    for name, table in tables.items():
        columns = {column.name for column in table.columns}
        if name in offices:
            assert not [c for c in columns if "mention" in c or "story" in c or "author" in c]
        else:
            assert "contact_id" not in columns, name
        assert not [f for f in table.foreign_keys if f.column.table.name in offices], name


def test_contacts_of_the_version_before_are_laid_out_anew(any_store: Store) -> None:
    book = Book(any_store)
    book.load()
    with any_store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection.execution_options(langnghe_write=True)
        command.downgrade(config, "0008")
        connection.execute(
            sa.text("INSERT INTO contact (unit_id, role, name) VALUES ('th', 'x', 'Cũ')")
        )
        connection.commit()
    any_store.migrate()
    assert set(book.people()) == {"Cô Lan", "Thầy Sơn", "Cũ"}
    book.load()
    assert set(book.people()) == {"Cô Lan", "Thầy Sơn"}
    assert book.contact("Cô Lan").ways == ("sms", "email")
