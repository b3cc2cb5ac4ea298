"""A person's word stands over the machine's: at once, after a new reading, until it is undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from alerts.stage import assess_due
from langnghe.core.auth import Caller
from langnghe.core.correcting import correct, undo
from langnghe.core.corrections import Field, Understood, checked, corrected
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store, alembic_config
from langnghe.core.store.incidents import story_mentions
from langnghe.core.store.mentions import keep
from langnghe.core.store.queries.corrections import history, lessons, uncorrected
from langnghe.core.store.queries.mentions import (
    MentionFilter,
    ShownMention,
    get_mention,
    list_mentions,
)
from langnghe.core.store.units import sync_units
from langnghe.core.types import Item, Reading, Role, UnitDoubt
from nlp.stage import Grouper, understand_due
from tests.conftest import NOW
from tests.fakes import PROFILE, FakeReader
from tests.webhouse import POLICY

GRAVE = "Hai mươi học sinh Trường TH&THCS Suối Mơ nhập viện"
MACHINE = Understood(
    about_education=False, about_education_p=0.1, scope="n/a", sentiment="neg",
    sentiment_p={"neg": 0.8, "neu": 0.1, "pos": 0.1}, topics=(), risk=0,
    risk_p=(0.9, 0.1, 0.0, 0.0), units={"truong": 0.9, "xa": 0.6},
)  # fmt: skip
OFFICER = Caller(7, "can_bo", "Đ/c Cán bộ", Role.OFFICER, None, "browser", "", "")


class House:
    """A store in which texts are read by a fake and grouped by the real thing."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reader = FakeReader()
        self.grouper = Grouper(store)
        with store.write() as session:
            sync_units(session, PROFILE, NOW)

    def hear(self, text: str, *, id: str = "bai", minutes: int = 0) -> int:
        item = Item(id=id, title=text, source="Báo Thử", url=f"https://bao.example/{id}.html")
        at = NOW + timedelta(minutes=minutes)
        with self.store.write() as session:
            keep(session, [item], now=at, secret=b"k")
        self.sweep()
        with self.store.read() as session:
            return int(session.scalar(sa.text("SELECT max(id) FROM mention")))

    def sweep(self) -> None:
        understand_due(self.store, self.reader)
        self.grouper.group_due()
        assess_due(self.store, POLICY, NOW + timedelta(hours=1))

    def say(self, mention: int, field: Field, value: Any, who: Caller = OFFICER) -> int:
        words, ids = {field: value}, list(POLICY.topics)
        return correct(self.store, who, mention, words, topics=ids, now=NOW)[0]

    def row(self, table: type[Any], key: int) -> Any:
        with self.store.read() as session:
            return session.get(table, key)

    def links(self, mention: int) -> dict[str, float]:
        query = sa.select(t.MentionUnitRow).where(t.MentionUnitRow.mention_id == mention)
        with self.store.read() as session:
            return {row.unit_id: row.confidence for row in session.scalars(query)}


@pytest.fixture
def house(any_store: Store) -> House:
    return House(any_store)


def test_pure_words_stand_over_the_machine() -> None:
    said = corrected(MACHINE, {Field.RISK: 2, Field.SENTIMENT: "pos"})
    assert (said.risk, said.risk_p) == (2, (0.0, 0.0, 1.0, 0.0))
    assert (said.sentiment, said.sentiment_p["pos"]) == ("pos", 1.0)
    assert (said.about_education, said.scope) == (True, "vn")  # a risk is said of education only
    assert corrected(MACHINE, {Field.NOT_ABOUT_US: ["truong"]}).units == {"xa": 0.6}
    assert corrected(MACHINE, {}) == MACHINE


def test_what_is_not_about_education_carries_neither_topic_nor_risk() -> None:
    both = {Field.TOPICS: ["khoan_thu"], Field.RISK: 3, Field.ABOUT_EDUCATION: False}
    said = corrected(replace(MACHINE, about_education=True, scope="vn"), both)
    assert (said.about_education_p, said.topics, said.risk, said.scope) == (0.0, (), 0, "n/a")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.RISK, 4), (Field.RISK, True), (Field.RISK, None), (Field.SENTIMENT, "angry"),
        (Field.TOPICS, ["khong_co"]), (Field.TOPICS, "khoan_thu"), (Field.ABOUT_EDUCATION, "yes"),
        (Field.TOPICS, [f"t{n}" for n in range(6)]), (Field.NOT_ABOUT_US, ["truong_khac"]),
    ],
)  # fmt: skip
def test_nonsense_is_refused(field: Field, value: Any) -> None:
    topics = ["khoan_thu", *(f"t{n}" for n in range(6))]
    with pytest.raises(InputError):
        checked(field, value, topics=topics, units=["truong"])


def test_no_unit_to_reject() -> None:
    with pytest.raises(InputError, match="không được gắn"):
        checked(Field.NOT_ABOUT_US, [], topics=[], units=[])


def test_a_lower_risk_counts_in_the_next_sweep(house: House) -> None:
    mention = house.hear(GRAVE)
    story = house.row(t.MentionRow, mention).story_id
    before = house.row(t.StoryRow, story)
    assert before.level == 3
    house.say(mention, Field.RISK, 0)
    assert house.row(t.StoryRow, story).assess_due
    house.sweep()
    after = house.row(t.StoryRow, story)
    assert (after.level, after.assess_due) == (0, False)
    with house.store.read() as session:
        assert story_mentions(session, [story])[story][0].risk_p == [1.0, 0.0, 0.0, 0.0]


def test_not_about_us_takes_the_unit_from_the_story(house: House) -> None:
    mention = house.hear(GRAVE)
    story = house.row(t.MentionRow, mention).story_id
    assert house.row(t.StoryRow, story).unit_id == "truong"
    house.say(mention, Field.NOT_ABOUT_US, [])
    house.sweep()
    assert house.links(mention) == {}
    assert house.row(t.StoryRow, story).unit_id is None
    assert house.row(t.ReadingRow, mention).units == []


class Doubting(FakeReader):
    """Leaves the two units of the town undecided wherever they are named."""

    def _one(self, item: Item) -> Reading:
        doubts = (
            UnitDoubt("truong", 0.4, (0, 4), "namesakes"), UnitDoubt("xa", 0.3, (0, 4), "weak"),
            UnitDoubt("truong", 0.2, (9, 13), "weak"), UnitDoubt("da_bo", 0.9, (0, 4), "weak"),
        )  # fmt: skip
        return replace(super()._one(item), units=(), undecided=doubts, note="no_words")


def shown(house: House, mention: int) -> ShownMention:
    with house.store.read() as session:
        return get_mention(session, mention, viewer_unit=None)


def test_a_person_decides_what_the_machine_left_undecided(house: House) -> None:
    house.reader = Doubting()
    mention = house.hear(GRAVE)
    story = house.row(t.MentionRow, mention).story_id
    seen = shown(house, mention)
    assert [(d["unit"], d["reason"]) for d in seen.undecided] == [
        ("truong", "namesakes"), ("xa", "weak"),
    ]  # fmt: skip
    assert (seen.units, seen.note) == ((), "no_words")
    with pytest.raises(InputError):
        house.say(mention, Field.ABOUT_US, ["da_bo"])
    with pytest.raises(InputError):
        house.say(mention, Field.ABOUT_US, [])
    first = house.say(mention, Field.ABOUT_US, ["truong"])
    house.sweep()
    assert house.links(mention) == {"truong": 1.0}
    assert house.row(t.StoryRow, story).unit_id == "truong"
    assert [d["unit"] for d in shown(house, mention).undecided] == ["xa"]
    second = house.say(mention, Field.ABOUT_US, ["xa"])
    assert house.links(mention) == {"truong": 1.0, "xa": 1.0}  # the second adds to the first
    assert house.hear(f"{GRAVE}, nay đã khỏe", minutes=5) == mention
    assert house.links(mention) == {"truong": 1.0, "xa": 1.0}
    assert {hit["unit"] for hit in house.row(t.ReadingRow, mention).units} == {"truong", "xa"}
    with house.store.read() as session:
        assert [dict(one.said) for one in lessons(session)[0]] in ([], [{}])
    undo(house.store, OFFICER, mention, second, NOW)
    assert house.links(mention) == {"truong": 1.0}
    undo(house.store, OFFICER, mention, first, NOW)
    assert house.links(mention) == {}


def test_rejecting_a_second_unit_does_not_bring_back_the_first(house: House) -> None:
    house.reader = Doubting()
    mention = house.hear(GRAVE)
    house.say(mention, Field.ABOUT_US, ["truong", "xa"])
    house.say(mention, Field.NOT_ABOUT_US, ["truong"])
    house.say(mention, Field.NOT_ABOUT_US, ["xa"])
    assert house.links(mention) == {}
    assert shown(house, mention).undecided == ()


def test_a_new_reading_never_overwrites_a_person(house: House) -> None:
    mention = house.hear(GRAVE)
    risk = house.say(mention, Field.RISK, 1)
    house.say(mention, Field.NOT_ABOUT_US, ["truong"])
    assert house.hear(f"{GRAVE}, nay đã khỏe", minutes=5) == mention
    reading = house.row(t.ReadingRow, mention)
    assert (reading.revision, reading.risk, reading.machine["risk"]) == (2, 1, 3)
    assert house.links(mention) == {}
    assert undo(house.store, OFFICER, mention, risk, NOW)
    assert house.row(t.ReadingRow, mention).risk == 3
    assert house.links(mention) == {}


def history_of(house: House, mention: int) -> list[Any]:
    with house.store.read() as session:
        return history(session, mention)


def test_the_latest_holds_and_each_can_be_undone(house: House) -> None:
    mention = house.hear(GRAVE)
    first = house.say(mention, Field.SENTIMENT, "neu")
    second = house.say(mention, Field.SENTIMENT, "pos")
    assert house.row(t.ReadingRow, mention).sentiment == "pos"
    assert undo(house.store, OFFICER, mention, second, NOW)
    assert not undo(house.store, OFFICER, mention, second, NOW)
    assert house.row(t.ReadingRow, mention).sentiment == "neu"
    assert undo(house.store, OFFICER, mention, first, NOW)
    reading = house.row(t.ReadingRow, mention)
    assert (reading.sentiment, reading.sentiment_p["neg"]) == ("neg", 0.9)
    assert reading.machine is None
    assert [one.undone_at is not None for one in history_of(house, mention)] == [True, True]
    with pytest.raises(NotFoundError):
        undo(house.store, OFFICER, mention, 999, NOW)


def test_undoing_brings_the_unit_back(house: House) -> None:
    mention = house.hear(GRAVE)
    undo(house.store, OFFICER, mention, house.say(mention, Field.NOT_ABOUT_US, []), NOW)
    assert house.links(mention) == {"truong": 0.95}
    assert [hit["unit"] for hit in house.row(t.ReadingRow, mention).units] == ["truong"]


def test_what_the_machine_passed_over_goes_on_to_be_grouped(house: House) -> None:
    mention = house.hear("Bữa cơm của các cháu toàn rau héo")
    assert house.row(t.MentionRow, mention).story_id is None
    house.say(mention, Field.TOPICS, ["an_toan_thuc_pham"])
    house.sweep()
    row = house.row(t.MentionRow, mention)
    assert row.about_education
    assert row.story_id is not None
    assert house.row(t.StoryRow, row.story_id).topics == ["an_toan_thuc_pham"]


def test_lists_and_filters_follow_the_person(house: House) -> None:
    mention = house.hear(GRAVE)
    house.say(mention, Field.ABOUT_EDUCATION, False)
    with house.store.read() as session:
        assert list_mentions(session, MentionFilter(), cursor=None, limit=5).rows == ()
        shown = get_mention(session, mention, viewer_unit=None)
    assert shown.about_education is False
    assert [(one.field, one.value, one.by) for one in shown.corrections] == [
        ("about_education", False, "–")  # this officer stands in no table
    ]


def test_the_trail_says_who_and_what(house: House) -> None:
    mention = house.hear(GRAVE)
    number = house.say(mention, Field.RISK, 1)
    undo(house.store, OFFICER, mention, number, NOW)
    with house.store.read() as session:
        audit = session.scalars(sa.select(t.AuditRow).order_by(t.AuditRow.id)).all()
    assert [(a.actor, a.action, a.subject, a.data) for a in audit] == [
        ("can_bo", "correct", f"mention:{mention}", {"risk": 1}),
        ("can_bo", "correct_undo", f"mention:{mention}", {"risk": 1}),
    ]


def test_a_text_that_changed_meanwhile_is_not_corrected_blindly(house: House) -> None:
    mention = house.hear(GRAVE)
    house.hear(f"{GRAVE}, nay đã khỏe", minutes=5)
    with pytest.raises(ConflictError):
        correct(
            house.store, OFFICER, mention, {Field.RISK: 0}, topics=[], now=NOW, revision=1
        )  # fmt: skip
    with house.store.read() as session:
        assert history(session, mention) == []


def test_an_analyst_may_not(house: House) -> None:
    mention = house.hear(GRAVE)
    with pytest.raises(ForbiddenError):
        house.say(mention, Field.RISK, 0, replace(OFFICER, role=Role.ANALYST))


def test_one_of_several_wrong_fields_stores_nothing(house: House) -> None:
    mention = house.hear(GRAVE)
    words = {Field.SENTIMENT: "pos", Field.RISK: 9}
    with pytest.raises(InputError):
        correct(house.store, OFFICER, mention, words, topics=[], now=NOW)
    assert history_of(house, mention) == []
    assert house.row(t.ReadingRow, mention).sentiment == "neg"


def test_lessons_are_what_people_said_of_the_text_as_it_stands(house: House) -> None:
    first = house.hear(GRAVE)
    other = house.hear("Trường TH&THCS Suối Mơ khai giảng", id="khac")
    house.say(first, Field.RISK, 1)
    with house.store.read() as session:
        found, stale = lessons(session)
        assert [item.id for item in uncorrected(session, 10)] == [str(other)]
    assert stale == 0
    assert (found[0].item.title, dict(found[0].said)) == (GRAVE, {Field.RISK: 1})
    assert found[0].reading["risk"] == 1
    house.hear(f"{GRAVE}, nay đã khỏe", minutes=5)
    with house.store.read() as session:
        assert lessons(session) == ([], 1)


def test_a_database_of_the_first_version_keeps_its_readings(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'old.db'}")
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection.execution_options(langnghe_write=True)
        command.upgrade(config, "0001")
        connection.execute(
            sa.text(
                "INSERT INTO reading VALUES (1, 1, 'm', 1, 0.9, 'vn', 'neg', '{}', '[]', 2,"
                " '[]', 'report', '[]', '[]', 'Tiêu đề', 'Nội dung')"
            )
        )
        connection.commit()
    store.migrate()
    with store.read() as session:
        row = session.get(t.ReadingRow, 1)
        assert row is not None
        assert (row.risk, row.masked_title, row.machine) == (2, "Tiêu đề", None)
    found, newest = store.schema_versions()
    assert found == newest
    store.close()


def test_a_database_of_the_third_version_gains_empty_doubts_and_can_go_back(
    any_store: Store,
) -> None:
    with any_store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection.execution_options(langnghe_write=True)
        command.downgrade(config, "0003")
        connection.execute(
            sa.text(
                "INSERT INTO reading (mention_id, revision, model, about_education,"
                " about_education_p, scope, sentiment, sentiment_p, topics, risk, risk_p, stance,"
                " facts, units, masked_title, masked_text) VALUES (1, 1, 'm', :yes, 0.9, 'vn',"
                " 'neg', '{}', '[]', 2, '[]', 'report', '[]', '[]', 'Tiêu đề', 'Nội dung')"
            ),
            {"yes": True},
        )
        connection.commit()
    any_store.migrate()
    with any_store.read() as session:
        row = session.get_one(t.ReadingRow, 1)
    assert (row.masked_title, row.undecided, row.note) == ("Tiêu đề", [], None)
