"""A person's decision about stories holds: through later texts, other processes and restarts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.hand import Kind
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.types import Role
from nlp.stage import Grouper
from tests.core.handhouse import (
    ANALYST,
    FIRST,
    LONG,
    OTHER,
    OTHER_2,
    SECOND,
    THIRD,
    HandHouse,
    as_role,
)


@pytest.fixture
def house(any_store: Store) -> HandHouse:
    return HandHouse(any_store)


def test_a_split_off_mention_stays_apart(house: HandHouse) -> None:
    a, b = house.hear(FIRST), house.hear(SECOND)
    old = house.story(a)
    assert house.story(b) == old
    done = house.hand().split(old, [b], "Bài này nói chuyện khác")
    new = house.story(b)
    assert (done.story, house.story(a)) == (new, old)
    assert new != old
    assert [(house.row(s).mention_count, house.row(s).assess_due) for s in (old, new)] == [
        (1, True), (1, True),
    ]  # fmt: skip
    assert house.row(new).title == SECOND
    assert house.row(old).last_at < house.row(new).first_at
    assert house.event(new) != house.event(old)
    for restart in (False, True):
        if restart:
            house.restart()
        house.hear(THIRD)
        assert (house.story(a), house.story(b)) == (old, new)


def test_a_copy_follows_the_one_a_person_placed(house: HandHouse) -> None:
    a = house.hear(FIRST)
    b = house.hear(SECOND, SECOND + LONG)
    house.hand().split(house.story(a), [b])
    new = house.story(b)
    assert house.story(house.hear(SECOND, SECOND + LONG)) == new
    house.restart()
    assert house.story(house.hear(SECOND, SECOND + LONG)) == new
    assert (house.row(new).mention_count, house.row(new).copy_count) == (3, 2)


def test_copies_go_with_their_original_and_a_copy_alone_stands_for_it(house: HandHouse) -> None:
    a = house.hear(FIRST)
    b, c, d = (house.hear(SECOND, SECOND + LONG) for _ in range(3))
    old = house.story(a)
    before = house.state()
    first = house.hand().split(old, [b])
    assert {house.story(m) for m in (b, c, d)} == {first.story}
    assert house.row(first.story).copy_count == 2
    assert house.undo(first.decision)
    assert house.state() == before
    second = house.hand().split(old, [c, d])
    assert house.story(b) == old
    assert (house.row(old).copy_count, house.row(second.story).copy_count) == (0, 1)
    assert house.undo(second.decision)
    assert house.state() == before


def test_a_move_and_its_undoing(house: HandHouse) -> None:
    a, b, c = house.hear(FIRST), house.hear(SECOND), house.hear(OTHER)
    before = house.state()
    done = house.hand().move(house.story(a), [b], house.story(c))
    assert (done.story, house.story(b)) == (house.story(a), house.story(c))
    later = house.hear(THIRD)
    assert house.story(later) in (house.story(a), house.story(c))
    assert house.story(b) == house.story(c)
    assert house.undo(done.decision)
    assert not house.undo(done.decision)  # once is enough
    assert set(before) & set(house.state()) >= {m for m in before if len(m) == 4}


def test_a_merged_story_leads_to_the_other_and_its_incident_follows(house: HandHouse) -> None:
    a, b, c = house.hear(FIRST), house.hear(SECOND), house.hear(OTHER)
    away, kept = house.story(a), house.story(c)
    incident = house.incident(away)
    before = house.state()
    done = house.hand().merge(away, kept)
    assert {house.story(m) for m in (a, b, c)} == {kept} == {done.story}
    assert house.row(kept).incident_id == incident == house.row(away).incident_id
    assert (house.row(away).mention_count, house.row(away).level) == (0, 0)
    assert house.event(away) == house.event(kept)
    (line,) = house.timeline(incident)
    assert line == f"Đ/c Phân tích gộp cụm {away} (2 tin) vào cụm {kept}."
    with house.store.read() as session:
        assert session.get_one(t.IncidentRow, incident).story_id == kept
    for restart in (False, True):
        if restart:
            house.restart()
        assert house.story(house.hear(THIRD)) == kept  # never back to the emptied one
    with pytest.raises(ConflictError, match=f"đã được gộp vào cụm {kept}"):
        house.hand().mark(Kind.SAME, kept, away)
    assert house.undo(done.decision)
    assert {house.story(m) for m in (a, b)} == {away}
    assert [row for row in house.state() if len(row) == 2] == [(incident, away)]
    assert {r for r in before if len(r) == 4} <= set(house.state())
    assert "hoàn tác" in house.timeline(incident)[-1]


def test_two_incidents_both_stay_open_and_say_so(house: HandHouse) -> None:
    a, c = house.hear(FIRST), house.hear(OTHER)
    mine, theirs = house.incident(house.story(a)), house.incident(house.story(c))
    house.hand().merge(house.story(a), house.story(c))
    assert house.row(house.story(a)).incident_id == theirs
    for number in (mine, theirs):
        assert "hai vụ việc" in house.timeline(number)[-1]


def test_of_a_split_story_the_incident_stays(house: HandHouse) -> None:
    a, b = house.hear(FIRST), house.hear(SECOND)
    old = house.story(a)
    incident = house.incident(old)
    done = house.hand().split(old, [b])
    assert (house.row(old).incident_id, house.row(done.story).incident_id) == (incident, None)
    assert f"thành cụm riêng {done.story}" in house.timeline(incident)[-1]
    # What the new story set off meanwhile goes back with its mentions.
    own = house.incident(done.story)
    late = house.hear(SECOND + " ngày thứ hai", SECOND + LONG)
    assert house.undo(done.decision)
    assert house.story(b) == old
    with house.store.read() as session:
        assert session.get_one(t.IncidentRow, own).story_id == old
    assert house.story(late) == old
    assert house.row(done.story).mention_count == 0


def test_one_event_of_two_stories(house: HandHouse) -> None:
    a, c = house.hear(FIRST), house.hear(OTHER)
    one, two = house.story(a), house.story(c)
    assert house.event(one) != house.event(two)
    before = house.state()
    done = house.hand().mark(Kind.SAME, one, two)
    assert house.event(one) == house.event(two)
    assert (house.story(a), house.story(c)) == (one, two)
    for restart in (False, True):
        if restart:
            house.restart()
        house.hear(OTHER_2)
        house.hear(THIRD)
        assert house.event(one) == house.event(two)
    with pytest.raises(ConflictError, match=f"quyết định số {done.decision}"):
        house.hand().mark(Kind.SAME, two, one)
    with pytest.raises(ConflictError, match="cùng sự việc") as error:
        house.hand().mark(Kind.UNRELATED, two, one)
    assert str(done.decision) in error.value.mend
    assert house.undo(done.decision)
    assert house.event(one) != house.event(two)
    assert {r for r in before if len(r) == 4} <= set(house.state())


def test_what_was_told_apart_is_never_joined(house: HandHouse) -> None:
    a, c = house.hear(FIRST), house.hear(OTHER)
    one, two = house.story(a), house.story(c)
    incident = house.incident(one)
    with house.store.write() as session:
        session.execute(sa.update(t.StoryRow).values(event_id=one, incident_id=incident))
    done = house.hand().mark(Kind.UNRELATED, one, two)
    assert house.event(one) != house.event(two)
    assert (house.row(one).incident_id, house.row(two).incident_id) == (incident, None)
    assert "không liên quan" in house.timeline(incident)[-1]
    with pytest.raises(ConflictError, match="không liên quan") as error:
        house.hand().merge(two, one)
    assert f"hoàn tác quyết định số {done.decision}" in error.value.mend
    with pytest.raises(ConflictError, match="không liên quan"):
        house.hand().mark(Kind.SAME, two, one)
    assert house.undo(done.decision)
    assert house.event(one) == house.event(two)
    assert house.row(two).incident_id == incident


def test_what_newer_decisions_build_on_is_undone_after_them(house: HandHouse) -> None:
    a, b, c = house.hear(FIRST), house.hear(SECOND), house.hear(OTHER)
    first = house.hand().split(house.story(a), [b])
    second = house.hand().merge(first.story, house.story(c))
    before = house.state()
    with pytest.raises(ConflictError, match=f"số {second.decision}") as error:
        house.undo(first.decision)
    assert error.value.mend == f"Hoàn tác quyết định số {second.decision} trước."
    assert house.state() == before
    assert house.undo(second.decision)
    assert house.undo(first.decision)
    assert house.story(b) == house.story(a)


def test_another_process_hears_of_it(house: HandHouse) -> None:
    a, b = house.hear(FIRST), house.hear(SECOND)
    here, there = house.grouper, Grouper(house.store)
    house.grouper = there
    house.hear(OTHER)  # there knows everything now
    done = house.hand().split(house.story(a), [b])
    text = SECOND + LONG
    house.grouper = there
    first = house.story(house.hear(SECOND, text))
    house.grouper = here
    second = house.story(house.hear(SECOND, text))
    assert first == second
    house.undo(done.decision)
    house.grouper = there
    assert house.story(house.hear(SECOND, text)) == house.story(a)
    house.grouper = here
    assert house.story(house.hear(SECOND, text)) == house.story(a)


def test_a_decision_made_while_a_batch_is_decided_is_heeded(house: HandHouse) -> None:
    a, c = house.hear(FIRST), house.hear(OTHER)
    away, kept = house.story(a), house.story(c)

    class Slow(Grouper):
        """A grouping that a person is faster than, once."""

        def _decide(self, waiting):  # type: ignore[no-untyped-def]
            found = super()._decide(waiting)
            if house.row(away).mention_count:
                house.hand().merge(away, kept)
            return found

    house.grouper = Slow(house.store)
    assert house.story(house.hear(SECOND)) == kept
    assert house.row(away).mention_count == 0


def test_who_may_and_what_is_refused(house: HandHouse) -> None:
    a, b = house.hear(FIRST), house.hear(SECOND)
    old = house.story(a)
    before = house.state()
    with pytest.raises(ForbiddenError):
        house.hand(as_role(Role.PRINCIPAL)).split(old, [b])
    for mentions in ([], [a, b], list(range(1000, 1600))):
        with pytest.raises(InputError):
            house.hand().split(old, mentions)
    with pytest.raises(NotFoundError):
        house.hand().split(old, [b, 999])
    with pytest.raises(NotFoundError):
        house.hand().merge(old, 999)
    with pytest.raises(InputError, match="khác nhau"):
        house.hand().merge(old, old)
    with pytest.raises(InputError, match="dài quá"):
        house.hand().split(old, [b], "x" * 501)
    assert house.state() == before
    for role in (Role.OFFICER, Role.ANALYST, Role.ADMIN):
        done = house.hand(as_role(role)).split(old, [b])
        assert house.undo(done.decision)


def test_a_caller_of_one_unit_touches_only_its_own(house: HandHouse) -> None:
    a, b, c = house.hear(FIRST), house.hear(SECOND), house.hear(OTHER)
    with house.store.write() as session:
        session.execute(sa.text("UPDATE mention_unit SET unit_id = 'khac' WHERE mention_id = 2"))
        session.add(t.MentionUnitRow(mention_id=c, unit_id="noi_khac", confidence=1.0))
    mine = as_role(Role.ANALYST, "truong")
    with pytest.raises(NotFoundError):
        house.hand(mine).split(house.story(a), [b])
    with pytest.raises(NotFoundError):
        house.hand(mine).merge(house.story(a), house.story(c))
    with pytest.raises(NotFoundError):
        house.undo(house.hand().move(house.story(a), [b], house.story(c)).decision,
                   as_role(Role.ANALYST, "noi_la"))  # fmt: skip


def test_the_trail_says_who_and_the_note_stays_out_of_the_timeline(house: HandHouse) -> None:
    a, b = house.hear(FIRST), house.hear(SECOND)
    incident = house.incident(house.story(a))
    done = house.hand().split(house.story(a), [b], "Ghi chú riêng")
    house.undo(done.decision)
    with house.store.read() as session:
        rows = [r for r in session.scalars(sa.select(t.AuditRow)) if r.action.startswith("story_")]
    assert [(r.actor, r.action, r.reason) for r in rows] == [
        (ANALYST.username, "story_split", "Ghi chú riêng"),
        (ANALYST.username, "story_split_undo", ""),
    ]
    assert not any("Ghi chú" in line for line in house.timeline(incident))
