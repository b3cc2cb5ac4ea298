"""Understanding and grouping are sweeps: run twice, killed or restarted, they end the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep, save_readings, unread
from langnghe.core.store.tables import DONE, MentionRow, StoryRow
from langnghe.core.types import Item
from nlp.stage import Grouper, understand_due
from tests.conftest import NOW, count
from tests.fakes import FakeReader

KEY = b"k"
FIRST = "Trường TH&THCS Suối Mơ: 20 học sinh nhập viện sau bữa sáng"
SECOND = "Vụ 20 học sinh Trường TH&THCS Suối Mơ nhập viện: xã cử đoàn kiểm tra bữa sáng"
OTHER = "Trường THPT Đồi Thông khánh thành thư viện mới cho học sinh"


def put(store: Store, *titles: str, hours: int = 0) -> None:
    items = [
        Item(id=title, title=title, source="Báo Thử",
             seen_at=NOW + timedelta(hours=hours))
        for title in titles
    ]  # fmt: skip
    with store.write() as session:
        keep(session, items, now=NOW, secret=KEY)


def stories(store: Store) -> list[tuple[str, ...]]:
    """Return the titles of each story's mentions."""
    with store.read() as session:
        rows = session.execute(sa.select(MentionRow.story_id, MentionRow.title)).all()  # type: ignore[call-overload]
    found: dict[int, list[str]] = {}
    for story, title in rows:
        if story is not None:
            found.setdefault(story, []).append(title)
    return sorted(tuple(sorted(titles)) for titles in found.values())


def test_same_event_one_story_other_event_another(any_store: Store) -> None:
    put(any_store, FIRST, SECOND, OTHER, "Giá vàng hôm nay tăng mạnh")
    assert understand_due(any_store, FakeReader()) == 4
    assert Grouper(any_store).group_due() == 3
    assert stories(any_store) == sorted([tuple(sorted((FIRST, SECOND))), (OTHER,)])


def test_a_second_sweep_finds_nothing(any_store: Store) -> None:
    put(any_store, FIRST)
    grouper = Grouper(any_store)
    assert (understand_due(any_store, FakeReader()), grouper.group_due()) == (1, 1)
    assert (understand_due(any_store, FakeReader()), grouper.group_due()) == (0, 0)
    assert count(any_store, "story_mention") == 1


def test_another_process_comes_to_the_same_story(any_store: Store) -> None:
    put(any_store, FIRST)
    understand_due(any_store, FakeReader())
    here = Grouper(any_store)
    here.group_due()
    put(any_store, SECOND, hours=3)
    understand_due(any_store, FakeReader())
    Grouper(any_store).group_due()  # a fresh process that knows only the tables
    put(any_store, "Cập nhật vụ 20 học sinh Trường TH&THCS Suối Mơ nhập viện sau bữa sáng", hours=6)
    understand_due(any_store, FakeReader())
    here.group_due()  # the first one has to catch up with what the other decided
    assert len(stories(any_store)) == 1
    assert len(stories(any_store)[0]) == 3


def test_a_failed_write_leaves_the_work_to_the_next_sweep(store: Store) -> None:
    put(store, FIRST, OTHER)
    understand_due(store, FakeReader())
    grouper = Grouper(store)
    # The last thing a batch writes fails, when stories and their members already stand.
    fail = "CREATE TRIGGER cut BEFORE UPDATE ON mention BEGIN SELECT RAISE(ABORT, 'power cut'); END"
    with store.write() as session:
        session.execute(sa.text(fail))
    with pytest.raises(sa.exc.IntegrityError, match="power cut"):
        grouper.group_due()
    assert count(store, "story") == 0  # rolled back as a whole
    with store.write() as session:
        session.execute(sa.text("DROP TRIGGER cut"))
    assert grouper.group_due() == 2
    assert len(stories(store)) == 2


def test_an_edited_mention_is_read_again_and_keeps_its_story(any_store: Store) -> None:
    put(any_store, FIRST)
    reader, grouper = FakeReader(), Grouper(any_store)
    understand_due(any_store, reader)
    grouper.group_due()
    with any_store.write() as session:
        session.execute(sa.update(StoryRow).values(assess_due=False))
        edited = Item(id=FIRST, title=FIRST + " (cập nhật)", text="Mới.", source="Báo Thử")
        keep(session, [edited], now=NOW, secret=KEY)
    assert (understand_due(any_store, reader), grouper.group_due()) == (1, 1)
    with any_store.read() as session:
        story = session.scalars(sa.select(StoryRow)).one()
        mention = session.scalars(sa.select(MentionRow)).one()
    assert (story.mention_count, story.assess_due, mention.revision) == (1, True, 2)


def test_a_text_edited_while_being_read_stays_to_be_read(store: Store) -> None:
    put(store, FIRST)
    with store.read() as session:
        waiting = unread(session, 10)
    with store.write() as session:
        keep(
            session,
            [Item(id=FIRST, title="Sửa rồi", text="x", source="Báo Thử")],
            now=NOW,
            secret=KEY,
        )
    with store.write() as session:
        stale = FakeReader().predict([waiting[0].item])
        assert save_readings(session, [(waiting[0], stale[0])]) == 0
    with store.read() as session:
        assert [w.item.title for w in unread(session, 10)] == ["Sửa rồi"]


def test_what_is_not_about_schools_is_done_at_once(store: Store) -> None:
    put(store, "Giá vàng hôm nay tăng mạnh")
    understand_due(store, FakeReader())
    with store.read() as session:
        assert session.scalars(sa.select(MentionRow)).one().stage == DONE


class Choking(FakeReader):
    """A reader with a bug: one text makes it raise."""

    def predict(self, items):  # type: ignore[no-untyped-def]
        if any("nghẹn" in (item.title or "") for item in items):
            raise ZeroDivisionError("a bug of ours")
        return super().predict(items)


def test_one_text_that_breaks_the_reader_holds_up_no_other(any_store: Store) -> None:
    put(any_store, FIRST, "Bài làm máy nghẹn", OTHER)
    assert understand_due(any_store, Choking()) == 3
    assert understand_due(any_store, Choking()) == 0  # set aside, not tried for ever
    assert count(any_store, "reading") == 2
    with any_store.read() as session:
        kept = session.scalars(
            sa.select(MentionRow).where(MentionRow.title == "Bài làm máy nghẹn")  # type: ignore[arg-type]
        ).one()
    assert kept.problems == ["unreadable"]
