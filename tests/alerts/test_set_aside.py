"""One story that cannot be weighed or acted on waits by itself, aloud; the others go on."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from alerts.stage import ASIDE_ACT, ASIDE_ASSESS, assess_due
from alerts.watchdog import watch
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import stories_set_aside, try_set_aside_again
from langnghe.core.store.marks import HEARTBEAT, put_mark
from langnghe.core.store.tables import IncidentRow, OutboxRow, ReadingRow, StoryRow
from langnghe.doctor import examine
from tests.alerts.town import HOUR, MINUTE, POLICY, T0, Room, poisoning, settings_for


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Catch the log: drawing a traceback for a terminal would take seconds."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path, mail_fallback="truc@nghe.example")


def broken(room: Room) -> int:
    """Publish a story whose reading no release of the program ever wrote."""
    story = room.press.story("Cụm tin có bản đọc hỏng")
    mention = room.press.publish(story, "Cụm tin có bản đọc hỏng")
    with room.store.write() as session:
        session.execute(
            sa.update(ReadingRow)
            .where(sa.column("mention_id") == mention)
            .values(topics=[{"chu_de": "an_toan_thuc_pham"}])
        )
    return story


def aside(room: Room) -> list[tuple[int, str]]:
    with room.store.read() as session:
        return [(number, why) for number, _, why in stories_set_aside(session)]


def test_a_story_that_cannot_be_weighed_holds_up_none(
    room: Room, logged: list[MutableMapping[str, Any]]
) -> None:
    bad = broken(room)
    poisoning(room.press)
    room.sweep()
    assert len(room.rows(IncidentRow)) == 1
    assert aside(room) == [(bad, ASIDE_ASSESS)]
    said = [(e["story"], e["stage"]) for e in logged if e["event"] == "story_broke"]
    assert said == [(bad, "assess")]
    assert assess_due(room.store, POLICY, T0 + HOUR) == 0, "it is not tried again in vain"


def test_it_is_tried_again_when_it_grows_and_is_then_well(room: Room) -> None:
    bad = broken(room)
    room.sweep()
    with room.store.write() as session:
        session.execute(sa.update(ReadingRow).values(topics=[]))
    room.press.publish(bad, "Bản tin mới của cụm này", at=T0 + HOUR, outlet="Báo Khác")
    room.sweep(T0 + HOUR)
    assert aside(room) == []
    assert [s.assessed_at for s in room.rows(StoryRow)] == [T0 + HOUR]


def test_a_start_of_the_program_tries_it_again(room: Room) -> None:
    bad = broken(room)
    room.sweep()
    with room.store.write() as session:
        assert try_set_aside_again(session) == 1
    room.sweep(T0 + HOUR)
    assert aside(room) == [(bad, ASIDE_ASSESS)], "still broken, so it waits again"
    with room.store.write() as session:
        session.execute(sa.update(ReadingRow).values(topics=[]))
        try_set_aside_again(session)
    room.sweep(T0 + HOUR)
    assert aside(room) == []


def test_a_story_that_cannot_be_acted_on_leaves_nothing_half(room: Room) -> None:
    bad = poisoning(room.press)
    while assess_due(room.store, POLICY, T0):
        pass
    with room.store.write() as session:
        [row] = session.scalars(sa.select(StoryRow))
        row.parts = {**row.parts, "state": {**row.parts["state"], "again_at": "hôm qua"}}
    other = room.press.story("Học sinh Đồi Gió bị thương")
    room.press.publish(other, "Học sinh Đồi Gió bị thương", units={"thcs_doi_gio": 0.95})
    room.sweep()
    assert [row.story_id for row in room.rows(IncidentRow)] == [other]
    assert aside(room) == [(bad, ASIDE_ACT)]
    room.press.publish(bad, "Thêm tin về bữa ăn ở Suối Mơ", at=T0 + HOUR, outlet="Báo Khác")
    room.sweep(T0 + HOUR)
    assert aside(room) == []
    assert {row.story_id for row in room.rows(IncidentRow)} == {bad, other}


def test_a_fault_of_many_stories_sends_no_storm_of_letters(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'langnghe.db'}") as store:
        store.migrate()
        room = Room(store, tmp_path, mail_fallback="truc@nghe.example")
        bad = [broken(room) for _ in range(7)]
        room.sweep()
        for minute in range(2):
            watch(store, room.settings, T0 + minute * MINUTE, started=T0, channel=None)
        letters = [r.body_text for r in room.rows(OutboxRow) if r.recipient == "truc@nghe.example"]
        told = sorted(t for t in letters if "Cụm tin số" in t)
    assert [f"số {number}:" in text for number, text in zip(bad, told, strict=False)] == [True] * 5
    assert "có 7 cụm tin như vậy" in told[0]


def test_the_watchdog_tells_once_and_the_doctor_says_so(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'langnghe.db'}")
    store.migrate()
    room = Room(store, tmp_path, mail_fallback="truc@nghe.example")
    bad = broken(room)
    room.sweep()
    for minute in (0, 1, 2):
        now = T0 + minute * MINUTE
        with store.write() as session:
            put_mark(session, HEARTBEAT + "collect", now)
        watch(store, room.settings, now, started=T0 - timedelta(minutes=1), channel=None)
    letters = [row for row in room.rows(OutboxRow) if row.purpose == "watchdog"]
    assert sorted(row.recipient for row in letters) == ["thuky@suoimo.example", "truc@nghe.example"]
    assert f"số {bad}" in letters[0].body_text
    found = [f for f in examine(settings_for(tmp_path)) if f.check == "cụm tin chờ xử lý lại"]
    assert [f.ok for f in found] == [False]
    assert ASIDE_ASSESS in found[0].what
    store.close()
