"""A child named in one text of a story is covered in every text of it, on both databases.

What the reader covers by itself is left to a fake here: it covers nothing at all.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from langnghe.core.store import tables as t
from langnghe.core.store.children import any_due, make_due
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.text import strip_marks
from langnghe.core.types import Item
from nlp.stage import Grouper, cover_due, understand_due
from tests.conftest import NOW, count
from tests.fakes import FakeReader

SCHOOL = "Trường TH&THCS Suối Mơ: 20 học sinh nhập viện sau bữa sáng"
BARE = f"{SCHOOL}. Nghe noi trinh hoai nam van chua di hoc lai."  # read alone: no name is seen
CUED = f"{SCHOOL}. Em Trịnh Hoài Nam (lớp 5A) nằm viện."
MARK = "[tên học sinh]"


def put(store: Store, name: str, text: str, *, hours: int = 0) -> None:
    item = Item(id=name, title=SCHOOL, text=text, source="Báo Thử",
                seen_at=NOW + timedelta(hours=hours))  # fmt: skip
    with store.write() as session:
        keep(session, [item], now=NOW, secret=b"k")


def sweep(store: Store, grouper: Grouper | None = None) -> None:
    understand_due(store, FakeReader())
    grouper = grouper or Grouper(store)
    while grouper.group_due():
        pass


def shown(store: Store) -> list[str]:
    with store.read() as session:
        rows = session.execute(
            sa.select(t.ReadingRow.masked_text).order_by(t.ReadingRow.mention_id)  # type: ignore[call-overload]
        )
        return [row.masked_text for row in rows]


def named(text: str) -> bool:
    return "hoai nam" in strip_marks(text).lower()


def test_an_earlier_text_is_covered_when_a_later_one_tells(any_store: Store) -> None:
    put(any_store, "bai-1", BARE)
    sweep(any_store)
    assert named(shown(any_store)[0])  # nobody has said that this is a child
    put(any_store, "bai-2", CUED, hours=1)
    sweep(any_store)
    assert count(any_store, "story") == 1
    for text in shown(any_store):
        assert not named(text)
        assert MARK in text


def test_a_later_text_is_covered_by_what_an_earlier_one_told(any_store: Store) -> None:
    put(any_store, "bai-1", CUED)
    sweep(any_store)
    put(any_store, "bai-2", BARE, hours=1)
    sweep(any_store)
    assert count(any_store, "story") == 1
    assert not any(map(named, shown(any_store)))


def test_an_edited_text_never_shows_the_name(any_store: Store) -> None:
    put(any_store, "bai-1", CUED)
    sweep(any_store)
    put(any_store, "bai-1", BARE + " (cập nhật)")
    understand_due(any_store, FakeReader())  # not yet grouped again
    assert not named(shown(any_store)[0])


def test_another_story_knows_nothing_of_it(any_store: Store) -> None:
    put(any_store, "bai-1", CUED)
    item = Item(id="khac", title="Trường THPT Đồi Thông khánh thành thư viện",
                text="nghe noi trinh hoai nam tang sach cho thu vien", source="Báo Thử",
                seen_at=NOW + timedelta(days=40))  # fmt: skip
    with any_store.write() as session:
        keep(session, [item], now=NOW, secret=b"k")
    sweep(any_store)
    assert count(any_store, "story") == 2
    assert named(shown(any_store)[1])


def test_only_salted_hashes_are_kept_and_each_story_has_its_own_salt(any_store: Store) -> None:
    put(any_store, "bai-1", CUED)
    item = Item(id="khac", title="Trường THPT Đồi Thông khánh thành thư viện",
                text="Em Trịnh Hoài Nam đọc sách.", source="Báo Thử",
                seen_at=NOW + timedelta(days=40))  # fmt: skip
    with any_store.write() as session:
        keep(session, [item], now=NOW, secret=b"k")
    sweep(any_store)
    with any_store.read() as session:
        rows = list(session.scalars(sa.select(t.StoryChildRow)))
    assert len({row.salt for row in rows}) == 2
    first, second = (
        {row.digest for row in rows if row.story_id == story}
        for story in sorted({row.story_id for row in rows})
    )
    assert first
    assert second
    assert first.isdisjoint(second)
    assert all(set(row.digest + row.salt) <= set("0123456789abcdef") for row in rows)


def test_a_second_sweep_changes_nothing(any_store: Store) -> None:
    put(any_store, "bai-1", CUED)
    put(any_store, "bai-2", BARE, hours=1)
    grouper = Grouper(any_store)
    sweep(any_store, grouper)
    before, rows = shown(any_store), count(any_store, "story_child")
    assert grouper.group_due() == 0
    with any_store.write() as session:
        make_due(session, [1, 2])
        assert any_due(session)
        assert cover_due(session, 10) == 2
        assert cover_due(session, 10) == 0
    assert (shown(any_store), count(any_store, "story_child")) == (before, rows)


def test_more_than_one_batch_is_left_to_the_next_sweep(any_store: Store) -> None:
    for n in range(6):
        put(any_store, f"bai-{n}", BARE, hours=n)
    sweep(any_store)
    put(any_store, "bai-cuoi", CUED, hours=7)
    understand_due(any_store, FakeReader())
    grouper = Grouper(any_store)
    handled = []
    while done := grouper.group_due(limit=3):
        handled.append(done)
    assert len(handled) > 1
    assert count(any_store, "mask_due") == 0
    assert not any(map(named, shown(any_store)))


def test_a_failed_write_remembers_nothing(store: Store) -> None:
    put(store, "bai-1", CUED)
    understand_due(store, FakeReader())
    grouper = Grouper(store)
    fail = "CREATE TRIGGER cut BEFORE DELETE ON mask_due BEGIN SELECT RAISE(ABORT, 'cut'); END"
    with store.write() as session:
        session.execute(sa.text(fail))
    with pytest.raises(sa.exc.IntegrityError, match="cut"):
        grouper.group_due()
    assert (count(store, "story"), count(store, "story_child")) == (0, 0)
    with store.write() as session:
        session.execute(sa.text("DROP TRIGGER cut"))
    sweep(store, grouper)
    assert not named(shown(store)[0])


def test_what_was_told_before_is_covered_as_well(any_store: Store) -> None:
    put(any_store, "bai-1", BARE)
    sweep(any_store)
    said = "Trịnh Hoài Nam vẫn chưa đi học lại"
    with any_store.write() as session:
        session.execute(sa.update(t.StoryRow).values(
            title=said, summary=said, gist={"of": "0f", "sentences": [said]}, incident_id=1,
        ))  # fmt: skip
        session.add(
            t.IncidentRow(
                id=1, story_id=1, unit_id="truong", title=said, summary=said, level=2,
                peak_level=2, score=50, opened_at=NOW, updated_at=NOW, policy_version="1",
                reasons=[{"text": said, "words": ["Hoài Nam"]}],
                gist={"of": "0f", "sentences": [said], "phrases": ["Trịnh Hoài Nam"]},
            )
        )  # fmt: skip
        session.add(
            t.IncidentEventRow(
                incident_id=1, at=NOW, kind="opened", actor="máy", text=said,
                data={"tin": [{"title": said}]},
            )
        )  # fmt: skip
        session.add(
            t.OutboxRow(
                key="k", incident_id=1, level=2, purpose="alert", role="principal",
                recipient="a@b.example", subject=said, body_text=said, body_html=f"<p>{said}</p>",
                message_id="<1@x>", created_at=NOW, due_at=NOW,
            )
        )  # fmt: skip
    put(any_store, "bai-2", CUED, hours=1)
    sweep(any_store)
    with any_store.read() as session:
        for table in (t.StoryRow, t.IncidentRow, t.IncidentEventRow, t.OutboxRow):
            for row in session.scalars(sa.select(table)):
                assert "Hoài" not in row.model_dump_json(), table.__tablename__
                assert MARK in row.model_dump_json(), table.__tablename__
