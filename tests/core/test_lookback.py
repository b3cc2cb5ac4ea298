"""What a word would have matched: by the index, bounded, held against the masked text."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from langnghe.core.store.engine import Store
from langnghe.core.store.queries.lookback import look_back
from langnghe.core.store.tables import (
    DONE,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    UnitRow,
)
from langnghe.core.text import digest, fold
from tests.conftest import NOW

SINCE = NOW - timedelta(days=30)


def put(
    store: Store, title: str, *, days_ago: float = 1, masked: str | None = None,
    unit: str | None = None,
) -> int:  # fmt: skip
    with store.write() as session:
        row = MentionRow(
            key=digest(title, str(days_ago)), title=title, folded=fold(title),
            content_hash=digest(title), source_name="Báo Thử", stage=DONE,
            seen_at=NOW - timedelta(days=days_ago), about_education=True,
        )  # fmt: skip
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add(
            ReadingRow(
                mention_id=row.id, revision=1, model="t", about_education=True,
                about_education_p=0.9, scope="vn", sentiment="neu", sentiment_p={},
                topics=[{"topic": "khoan_thu", "p": 0.9, "evidence": []}], risk=0, risk_p=[],
                stance="report", facts=[], masked_title=masked or title,
                masked_text=masked or title,
                units=[{"unit": "truong", "confidence": 0.9, "span": [0, 4]}],
            )
        )  # fmt: skip
        if unit:
            session.merge(UnitRow(id=unit, kind="school", name=unit))
            session.add(MentionUnitRow(mention_id=row.id, unit_id=unit, confidence=0.9))
        return row.id


def test_finds_the_phrase_in_the_time_newest_first(any_store: Store) -> None:
    old = put(any_store, "Quỹ măng non năm ngoái", days_ago=40)
    first = put(any_store, "Thu quỹ măng non ở trường", days_ago=9)
    second = put(any_store, "Lại thu quy mang non", days_ago=2)
    put(any_store, "Măng non của quỹ", days_ago=1)
    with any_store.read() as session:
        back = look_back(session, ["quỹ măng non"], SINCE)
    assert [one.id for one in back.found] == [second, first]
    assert old not in {one.id for one in back.found}
    assert not back.more
    told = back.found[1]
    assert told.topics == {"khoan_thu"}
    assert told.named == (("truong", 0, 4),)
    assert told.full_text == "Thu quỹ măng non ở trường"
    assert told.ours


def test_looks_at_a_bounded_number_and_says_so(any_store: Store) -> None:
    for number in range(6):
        put(any_store, f"Thu quỹ măng non lần {number}", days_ago=number + 1)
    with any_store.read() as session:
        back = look_back(session, ["quỹ măng non"], SINCE, limit=4)
    assert len(back.found) <= 4
    assert back.more
    for number in range(6):
        put(any_store, f"Quỹ hội khuyến học {number}", days_ago=60 - number)
    put(any_store, "Quỹ hội khuyến học nay", days_ago=1)
    with any_store.read() as session:
        back = look_back(session, ["quỹ hội khuyến học"], SINCE, limit=4)
    assert len(back.found) == 1
    assert not back.more  # the others are older than what was asked about


def test_what_the_shield_hides_is_not_found(any_store: Store) -> None:
    put(any_store, "Em Mẩy Xuân đạt giải", masked="Em [tên học sinh] đạt giải")
    with any_store.read() as session:
        assert look_back(session, ["mẩy xuân"], SINCE).found == ()


def test_a_unit_sees_its_own_and_what_is_nobodys(any_store: Store) -> None:
    mine = put(any_store, "Thu quỹ măng non ở Suối Mơ", unit="truong")
    nobodys = put(any_store, "Thu quỹ măng non nơi nào đó")
    put(any_store, "Thu quỹ măng non ở Đồi Gió", unit="khac")
    with any_store.read() as session:
        back = look_back(session, ["quỹ măng non"], SINCE, viewer_unit="truong")
    assert {one.id for one in back.found} == {mine, nobodys}


def test_signs_of_the_index_are_only_words(any_store: Store) -> None:
    put(any_store, "Thu quỹ măng non")
    with any_store.read() as session:
        for hostile in ('" OR *', "quỹ* NEAR", "'; DROP TABLE mention; --", "", "\u200b"):
            look_back(session, [hostile], SINCE)
        assert len(look_back(session, ['"quỹ" măng-non'], SINCE).found) == 1


def test_the_newest_come_out_of_the_index_without_sorting_or_scanning(store: Store) -> None:
    with store.read() as session:
        plan = session.execute(
            sa.text(
                "EXPLAIN QUERY PLAN SELECT rowid FROM mention_fts WHERE mention_fts MATCH 'a' "
                "ORDER BY rowid DESC LIMIT 5"
            )
        ).all()
    told = " | ".join(str(row[3]) for row in plan)
    assert "VIRTUAL TABLE INDEX" in told
    assert "TEMP B-TREE" not in told
