"""Two incidents that are one matter, and the timeline nobody rewrites; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.attachments import Upload, add_attachment, attachments_of
from alerts.incidents import Evidence, acknowledge, complete_step
from alerts.merging import merge_incidents, undo_merge
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.store.children import cover_told
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.tables import (
    DeadlineRow,
    IncidentEventRow,
    IncidentRow,
    MergerRow,
    StepRow,
    StoryRow,
)
from langnghe.core.store.timeline import timeline_pass
from tests.alerts.town import HOUR, MINUTE, OTHER, T0, Room, poisoning

FIRE = "Cháy bếp ăn Trường THCS Đồi Gió, hai học sinh bị bỏng"


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return two(store, tmp_path)


def two(store: Store, home: Path) -> Room:
    """Return a room with two incidents: 1 at Đỏ of one school, 2 below it of another."""
    room = Room(store, home)
    poisoning(room.press)
    story = room.press.story(FIRE)
    room.press.publish(story, FIRE, units={OTHER.id: 0.9}, topic="tai_nan_thuong_tich",
                       facts=(("injured", 2.0, "hai học sinh"),))  # fmt: skip
    room.sweep()
    assert [r.id for r in room.rows(IncidentRow)] == [1, 2]
    return room


def by_id(room: Room) -> dict[int, IncidentRow]:
    return {row.id or 0: row for row in room.rows(IncidentRow)}


def open_of(room: Room, incident: int) -> set[str]:
    return {
        d.kind for d in room.rows(DeadlineRow) if d.incident_id == incident and d.state == "open"
    }


def merge(room: Room, merged: int = 2, survivor: int = 1) -> None:
    merge_incidents(room.store, room.office, merged, survivor, "A", "cùng một sự việc", T0 + MINUTE)


def test_a_merger_moves_the_stories_and_loses_nothing(room: Room) -> None:
    add_attachment(room.store, room.settings, 2, Upload("a.pdf", b"%PDF-1.7"), "A", T0, "B03")
    note = Evidence(note="gọi 9 giờ", document="1/BC", link="https://a.example/1")
    complete_step(room.store, room.office, 2, "B04", "Thầy Thư ký", T0, note)
    before = len(room.rows(IncidentEventRow))
    merge(room)
    rows = by_id(room)
    assert (rows[2].state, rows[2].merged_into, rows[1].state) == ("closed", 1, "new")
    assert {s.incident_id for s in room.rows(StoryRow)} == {1}
    assert set(rows[2].topics) <= set(rows[1].topics)
    assert open_of(room, 2) == set()
    assert "ack" in open_of(room, 1)
    with room.store.read() as session:
        assert [f.incident_id for f in attachments_of(session, 1)] == [2]
    [step] = [s for s in room.rows(StepRow) if s.incident_id == 1 and s.code == "B04"]
    assert step.done_by == "Thầy Thư ký"
    assert step.note.startswith("(Vụ việc số 2) gọi")
    kinds = [e.kind for e in room.rows(IncidentEventRow)[before:]]
    assert {"merged", "absorbed"} <= set(kinds)
    assert "hệ thống" not in {e.actor for e in room.rows(IncidentEventRow)[before:]}
    told = room.told()
    room.sweep(T0 + 2 * MINUTE)
    assert [r.id for r in room.rows(IncidentRow)] == [1, 2]
    assert room.told() == told, "a merger is no alarm"


def test_merging_upwards_rings_unless_somebody_had_answered(room: Room) -> None:
    merge(room, merged=1, survivor=2)
    rows = by_id(room)
    assert (rows[2].level, rows[2].acknowledged_at) == (3, None)
    assert "ack" in open_of(room, 2)


def test_who_answered_the_graver_one_has_answered_both(room: Room) -> None:
    acknowledge(room.store, 1, "Cô Hiệu trưởng", T0)
    told = room.told()
    merge(room, merged=1, survivor=2)
    row = by_id(room)[2]
    assert (row.level, row.acknowledged_by, row.state) == (3, "Cô Hiệu trưởng", "acknowledged")
    assert "ack" not in open_of(room, 2)
    assert room.told() == told


def test_the_link_of_a_merged_incident_answers_the_one_that_goes_on(room: Room) -> None:
    merge(room)
    assert acknowledge(room.store, 2, "thuky@suoimo.example", T0 + HOUR)
    rows = by_id(room)
    assert rows[1].acknowledged_by == "thuky@suoimo.example"
    assert rows[2].acknowledged_at is None


def test_a_merger_is_taken_back(room: Room) -> None:
    before = {**{d.id: d.state for d in room.rows(DeadlineRow) if d.incident_id == 2}}
    note = Evidence(note="gọi 9 giờ", document="1/BC", link="https://a.example/1")
    complete_step(room.store, room.office, 2, "B04", "Thầy Thư ký", T0, note)
    before = {d.id: d.state for d in room.rows(DeadlineRow) if d.incident_id == 2}
    merge(room)
    with pytest.raises(InputError):
        undo_merge(room.store, 2, "A", " ", T0)
    undo_merge(room.store, 2, "A", "hai việc khác nhau", T0 + HOUR)
    rows = by_id(room)
    assert (rows[2].state, rows[2].merged_into, rows[2].closed_at) == ("new", None, None)
    assert {s.title: s.incident_id for s in room.rows(StoryRow)}[FIRE] == 2
    assert {d.id: d.state for d in room.rows(DeadlineRow) if d.incident_id == 2} == before
    [step] = [s for s in room.rows(StepRow) if s.incident_id == 1 and s.code == "B04"]
    assert (step.done_at, step.note) == (None, "")
    assert [e.incident_id for e in room.rows(IncidentEventRow) if e.kind == "unmerged"] == [2, 1]
    with pytest.raises(ConflictError):
        undo_merge(room.store, 2, "A", "lần nữa", T0 + HOUR)
    merge(room)
    assert [row.undone_by for row in room.rows(MergerRow)] == ["A", None]


def test_a_chain_of_mergers_is_taken_back_from_its_end(room: Room) -> None:
    third = room.press.story("Xe đưa đón học sinh trường Đồi Gió gặp nạn")
    room.press.publish(third, "Xe đưa đón học sinh trường Đồi Gió gặp nạn",
                       units={OTHER.id: 0.9}, topic="an_ninh_an_toan",
                       facts=(("injured", 2.0, "hai em"),))  # fmt: skip
    room.sweep()
    assert len(room.rows(IncidentRow)) == 3
    merge(room, 3, 2)
    merge(room, 2, 1)
    assert {row.merged_into for row in by_id(room).values()} == {None, 1}
    with pytest.raises(ConflictError, match="gộp tiếp"):
        undo_merge(room.store, 3, "A", "nhầm", T0)
    undo_merge(room.store, 2, "A", "nhầm", T0)
    assert by_id(room)[3].merged_into == 2
    undo_merge(room.store, 3, "A", "nhầm", T0)
    assert {row.merged_into for row in by_id(room).values()} == {None}


def test_what_cannot_be_merged(room: Room) -> None:
    with pytest.raises(InputError):
        merge(room, 1, 1)
    with pytest.raises(NotFoundError):
        merge(room, 1, 404)
    with pytest.raises(InputError):
        merge_incidents(room.store, room.office, 2, 1, "A", "", T0)
    merge(room)
    with pytest.raises(ConflictError, match="vụ việc số 1"):
        merge(room)
    with pytest.raises(ConflictError, match="gộp"):
        add_attachment(room.store, room.settings, 2, Upload("a.pdf", b"%PDF-1.7"), "A", T0)


def test_a_story_that_joins_a_merged_incident_goes_to_the_survivor(room: Room) -> None:
    merge(room)
    late = room.press.story(FIRE)
    room.press.publish(late, FIRE, units={OTHER.id: 0.9}, topic="tai_nan_thuong_tich",
                       at=T0, facts=(("injured", 2.0, "hai học sinh"),))  # fmt: skip
    room.sweep(T0 + MINUTE)
    assert {s.incident_id for s in room.rows(StoryRow)} == {1}
    assert len(room.rows(IncidentRow)) == 2


_LINE = "INTO incident_event VALUES (1, 1, '2026-09-24 01:00:00', 'note', 'A', 'khác', '{}')"


def test_the_database_refuses_to_rewrite_the_timeline(any_store: Store) -> None:
    with any_store.write() as session:
        add_event(session, 1, T0, "note", "A", "Cháu Mai bị ngã")
    by_kind = [f"INSERT OR REPLACE {_LINE}", f"REPLACE {_LINE}"]
    for change in (
        "UPDATE incident_event SET text = 'khác'", "UPDATE incident_event SET actor = 'B'",
        "DELETE FROM incident_event",
        *(by_kind if any_store.is_sqlite else ["TRUNCATE incident_event"]),
    ):  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), any_store.write() as session:
            session.execute(sa.text(change))
    with any_store.write() as session, timeline_pass(session, "cover"):
        session.execute(sa.text("UPDATE incident_event SET text = 'Cháu [tên] bị ngã'"))
    for wrong in ("UPDATE incident_event SET actor = 'B'", "DELETE FROM incident_event"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            any_store.write() as session,
            timeline_pass(session, "cover"),
        ):
            session.execute(sa.text(wrong))
    with pytest.raises(sa.exc.DBAPIError), any_store.write() as session:
        session.execute(sa.text("UPDATE incident_event SET text = 'lần nữa'"))
    with any_store.read() as session:
        assert session.execute(sa.text("SELECT text, actor FROM incident_event")).all() == [
            ("Cháu [tên] bị ngã", "A")
        ]
        assert session.execute(sa.text("SELECT count(*) FROM timeline_pass")).scalar() == 0
    with any_store.write() as session, timeline_pass(session, "retention"):
        session.execute(sa.text("DELETE FROM incident_event"))


def test_a_child_named_later_is_covered_in_the_merged_incident_too(room: Room) -> None:
    third = room.press.story("Chuyện thứ ba")
    merge(room)
    with room.store.write() as session:
        add_event(session, 2, T0, "note", "A", "Gia đình em Mẩy đã đến")
        incident = session.get(IncidentRow, 2)
        assert incident is not None
        incident.conclusion = "Em Mẩy ổn"
        story = session.get(StoryRow, third)
        assert story is not None
        story.incident_id = 1
        session.flush()
        cover_told(session, third, lambda text: text.replace("Mẩy", "[tên]"))
    assert room.rows(IncidentEventRow)[-1].text == "Gia đình em [tên] đã đến"
    assert by_id(room)[2].conclusion == "Em [tên] ổn"


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts at the same moment; return what each gave or raised."""
    found: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int) -> None:
        start.wait()
        try:
            found[place] = acts[place]()
        except ConflictError as error:
            found[place] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_many_hands_and_the_engine_at_once(any_store: Store, tmp_path: Path) -> None:
    room = two(any_store, tmp_path)
    said = at_once(*(lambda who=who: acknowledge(any_store, 1, who, T0) for who in "ABCD"))
    assert sorted(map(bool, said)) == [False, False, False, True]
    assert sum(e.kind == "acknowledged" for e in room.rows(IncidentEventRow)) == 1
    late = T0 + 6 * HOUR
    said = at_once(
        lambda: merge(room, 2, 1), lambda: merge(room, 1, 2), lambda: room.sweep(late),
        lambda: acknowledge(any_store, 2, "E", late), lambda: room.sweep(late),
    )  # fmt: skip
    rows = by_id(room)
    [merged] = [row for row in rows.values() if row.merged_into is not None]
    assert merged.state == "closed"
    assert open_of(room, merged.id or 0) == set()
    assert {s.incident_id for s in room.rows(StoryRow)} == {merged.merged_into}
    assert sum(isinstance(one, ConflictError) for one in said) >= 1
