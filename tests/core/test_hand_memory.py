"""What people decided outlives the active window, and the child shield goes where mentions go."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from alerts.stage import assess_due
from langnghe.core.hand import Kind
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.hand import unrelated_to
from langnghe.core.text import strip_marks
from nlp.stage import Grouper
from tests.conftest import NOW, count
from tests.core.handhouse import FIRST, LONG, OTHER, OTHER_2, SECOND, THIRD, HandHouse
from tests.webhouse import POLICY

MONTH = 24 * 30
BARE = f"{SECOND}. Nghe noi trinh hoai nam van chua di hoc lai."  # read alone: no name is seen
CUED = f"{FIRST}. Em Trịnh Hoài Nam (lớp 5A) nằm viện."
AGAIN = "Vụ học sinh Trường TH&THCS Suối Mơ nhập viện sau bữa sáng: công bố kết luận về bếp ăn"


@pytest.fixture
def house(any_store: Store) -> HandHouse:
    return HandHouse(any_store)


def shown(house: HandHouse, mention: int) -> str:
    with house.store.read() as session:
        return session.get_one(t.ReadingRow, mention).masked_text


def named(text: str) -> bool:
    return "hoai nam" in strip_marks(text).lower()


def prints(house: HandHouse) -> dict[int, str | None]:
    with house.store.read() as session:
        return {row.id or 0: row.print for row in session.scalars(sa.select(t.StoryRow))}


def test_every_story_has_an_event_and_a_print(house: HandHouse) -> None:
    a, b, c = house.hear(FIRST), house.hear(SECOND), house.hear(OTHER)
    assert house.story(a) == house.story(b)
    assert house.event(house.story(a)) == house.story(a)
    assert house.event(house.story(c)) == house.story(c)
    assert all(prints(house).values())


@pytest.mark.parametrize("restart", [False, True])
def test_an_affair_comes_back_after_months(house: HandHouse, restart: bool) -> None:
    a = house.hear(FIRST)
    for text in (SECOND, THIRD):
        house.hear(text)
    house.hear(OTHER, hours=MONTH)
    if restart:
        house.restart()
    again = house.hear(AGAIN, hours=24)
    assert house.story(again) != house.story(a)
    assert house.event(house.story(again)) == house.event(house.story(a))


@pytest.mark.parametrize("restart", [False, True])
def test_after_a_merge_the_affair_is_that_of_the_story_it_went_into(
    house: HandHouse, restart: bool
) -> None:
    a, c = house.hear(FIRST), house.hear(OTHER)
    for text in (SECOND, THIRD):
        house.hear(text)
    away, kept = house.story(a), house.story(c)
    house.hand().merge(away, kept)
    house.hear("Trường THPT Núi Tím tổ chức hội khỏe cho học sinh toàn trường", hours=MONTH)
    assert prints(house)[away] is None
    assert prints(house)[kept] is not None  # drawn up anew from what it holds now
    if restart:
        house.restart()
    again = house.hear(AGAIN, hours=24)
    assert house.event(house.story(again)) == house.event(kept)
    assert house.story(again) != away


@pytest.mark.parametrize("restart", [False, True])
def test_a_mark_on_stories_long_silent_holds(house: HandHouse, restart: bool) -> None:
    a, c = house.hear(FIRST), house.hear(OTHER)
    one, two = house.story(a), house.story(c)
    for text in (SECOND, THIRD, OTHER_2):
        house.hear(text)
    house.hear("Trường THPT Núi Tím tổ chức hội khỏe cho học sinh toàn trường", hours=MONTH)
    house.hand().mark(Kind.SAME, one, two)
    if restart:
        house.restart()
    again = house.hear(AGAIN, hours=24)
    assert house.event(house.story(again)) == house.event(one) == house.event(two)


def test_the_machine_may_not_join_what_was_told_apart(house: HandHouse) -> None:
    a = house.hear(FIRST)
    for text in (SECOND, THIRD):
        house.hear(text)
    house.hear(OTHER, hours=MONTH)
    again = house.hear(AGAIN, hours=24)
    old, new = house.story(a), house.story(again)
    assert house.event(new) == house.event(old)
    done = house.hand().mark(Kind.UNRELATED, old, new)
    with house.store.read() as session:
        assert unrelated_to(session, new) == {old}
    for restart in (False, True):
        if restart:
            house.restart()
        more = house.hear(AGAIN + ", phụ huynh chờ", hours=5)
        assert house.story(more) == new
        assert house.event(new) != house.event(old)
    house.undo(done.decision)
    assert house.event(new) == house.event(old)


def test_a_name_told_in_the_old_story_stays_covered_in_the_new_one(house: HandHouse) -> None:
    told = house.hear(FIRST, CUED)
    bare = house.hear(SECOND, BARE)
    assert house.story(told) == house.story(bare)
    assert not named(shown(house, bare))
    new = house.hand().split(house.story(told), [bare]).story
    # An edit reads the text anew, and a later one repeats the name: both stand in the new story.
    with house.store.write() as session:
        session.execute(sa.update(t.MentionRow).values(stage=t.NEW, revision=2))
    house.sweep()
    later = house.hear(SECOND, BARE + LONG)
    house.hand().move(house.story(later), [later], new) if house.story(later) != new else None
    for mention in (told, bare, later):
        assert not named(shown(house, mention))


def test_a_name_goes_with_a_moved_or_merged_mention(house: HandHouse) -> None:
    told, second, c = house.hear(FIRST, CUED), house.hear(SECOND), house.hear(OTHER)
    target = house.story(c)
    bare = house.hear(OTHER_2, OTHER_2 + ". Nghe noi trinh hoai nam van chua di hoc lai.")
    assert house.story(bare) == target
    assert named(shown(house, bare))  # nobody there has said that this is a child
    with house.store.write() as session:
        session.execute(
            sa.update(t.StoryRow).where(t.StoryRow.id == target).values(summary="Trịnh Hoài Nam")  # type: ignore[arg-type]
        )
    done = house.hand().move(house.story(told), [told], target)
    assert not named(shown(house, bare))
    assert not named(house.row(target).summary)
    assert house.story(second) != target
    house.undo(done.decision)
    assert not named(shown(house, told))
    assert not named(shown(house, bare))  # what was covered once stays covered


def test_what_waits_to_be_covered_knows_its_new_story(house: HandHouse) -> None:
    told, c = house.hear(FIRST, CUED), house.hear(OTHER)
    bare = house.hear(OTHER_2, OTHER_2 + ". Nghe noi trinh hoai nam van chua di hoc lai.")
    with house.store.write() as session:
        session.add(t.MaskDueRow(mention_id=bare, story_id=house.story(c)))
    house.hand().move(house.story(c), [bare], house.story(told))
    house.sweep()
    assert not named(shown(house, bare))
    assert count(house.store, "mask_due") == 0


def test_hands_and_grouping_at_the_same_time(house: HandHouse) -> None:
    """Two processes group while a person splits and takes it back; every table agrees after."""
    first = house.hear(FIRST)
    second = house.hear(SECOND)
    start, failed = Barrier(3), []

    def decide() -> None:
        try:
            start.wait()
            for _ in range(6):
                done = house.hand().split(house.story(first), [second])
                house.undo(done.decision)
            house.hand().split(house.story(first), [second])
        except BaseException as error:
            failed.append(error)

    def group(grouper: Grouper) -> None:
        try:
            start.wait()
            for _ in range(40):
                grouper.group_due(limit=1)
        except BaseException as error:
            failed.append(error)

    house.grouper = Grouper(house.store)
    waiting = [house.hear_later(SECOND + f" {n}", SECOND + LONG) for n in range(12)]
    threads = [Thread(target=decide)]
    threads += [Thread(target=group, args=(Grouper(house.store),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    house.sweep()
    assert house.story(first) != house.story(second)
    stories = {house.story(m) for m in (first, second, *waiting)}
    for story in stories:
        with house.store.read() as session:
            real = session.execute(
                sa.text("SELECT count(*), count(copy_of) FROM story_mention WHERE story_id = :s"),
                {"s": story},
            ).one()
        assert (house.row(story).mention_count, house.row(story).copy_count) == tuple(real)


def test_both_stories_are_weighed_again(house: HandHouse) -> None:
    a, b, c = house.hear(FIRST), house.hear(SECOND), house.hear(OTHER)
    now = NOW + timedelta(hours=4)
    while assess_due(house.store, POLICY, now):
        pass
    away, kept = house.story(a), house.story(c)
    assert house.row(away).level > house.row(kept).level
    done = house.hand().merge(away, kept)
    while assess_due(house.store, POLICY, now):
        pass
    assert (house.row(away).level, house.row(away).assess_due) == (0, False)
    assert house.row(kept).level > 0
    house.undo(done.decision)
    while assess_due(house.store, POLICY, now):
        pass
    assert house.row(away).level > house.row(kept).level
    house.hand().split(away, [b])
    while assess_due(house.store, POLICY, now):
        pass
    assert house.row(house.story(b)).level > 0
