"""The clock of forgetting under stress: a clock that jumps, large incidents, holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from langnghe.core.keeping import EVERY, JUMP, SETTLE, Forgotten, keep_due, look_again
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.holds import held, place_hold, release_hold
from tests.conftest import NOW
from tests.core.test_keeping import NEVER_WAIT, hear, house, open_incident, words_left

YEAR = timedelta(days=800)


def test_a_clock_that_jumps_ahead_deletes_nothing_until_it_has_settled(
    any_store: Store, tmp_path: Path
) -> None:
    settings = house(tmp_path)
    assert not keep_due(any_store, settings, NOW).anything
    hear(any_store, "mot", at=NOW)
    ahead = NOW + YEAR
    done = keep_due(any_store, settings, ahead)
    assert (done.waits, done.mentions) == (True, 0)
    assert "Chuyện mot" in words_left(any_store)
    back = NOW + EVERY  # somebody sets it right
    for n in range(3):
        assert not keep_due(any_store, settings, back + n * EVERY).anything
    assert "Chuyện mot" in words_left(any_store)
    later = back + YEAR  # and now it really is that late: the machine stood still for a summer
    turns = [keep_due(any_store, settings, later + n * EVERY) for n in range(SETTLE + 1)]
    assert [done.waits for done in turns] == [True] * SETTLE + [False]
    assert turns[-1].mentions == 1


def test_a_pause_of_some_days_is_no_jump_and_a_person_may_vouch_for_the_clock(
    store: Store, tmp_path: Path
) -> None:
    settings = house(tmp_path)
    keep_due(store, settings, NOW)
    hear(store, "mot")
    assert keep_due(store, settings, NOW + JUMP).mentions == 1
    hear(store, "hai")
    assert keep_due(store, settings, NOW + JUMP + YEAR).waits
    assert keep_due(store, settings, NOW + JUMP + YEAR, every=NEVER_WAIT, sure=True).mentions == 1


def test_an_incident_of_very_many_mentions_is_counted_in_parts(any_store: Store) -> None:
    hear(any_store, "mot")
    open_incident(any_store, 1, closed_at=NOW)
    with any_store.write() as session:
        number = place_hold(session, "story", 1, "CV 1", "ai", NOW)
        crowd = range(1, 300_000)
        assert held(session, crowd) == {1: "CV 1"}
        release_hold(session, number, "xong", "ai", NOW)
        look_again(session, list(crowd), NOW)


def test_a_released_hold_lets_the_notices_of_its_incident_go(
    any_store: Store, tmp_path: Path
) -> None:
    hear(any_store, "mot")
    open_incident(any_store, 1)
    old = NOW - timedelta(days=500)
    with any_store.write() as session:
        for n in range(2):
            session.add(
                t.OutboxRow(
                    key=f"k{n}", level=1, purpose="alert", role="officer", recipient="a@x.example",
                    subject="nói gì", body_text="đủ cả", body_html="", message_id=f"<{n}>",
                    created_at=old, due_at=old, state="sent", incident_id=1 if n == 0 else None,
                )
            )  # fmt: skip
        number = place_hold(session, "incident", 1, "CV 1", "ai", NOW)

    def said() -> list[str]:
        with any_store.read() as session:
            rows = session.scalars(sa.select(t.OutboxRow))
            return [row.subject for row in sorted(rows, key=lambda row: row.id or 0)]

    keep_due(any_store, house(tmp_path), NOW, every=NEVER_WAIT)
    assert said() == ["nói gì", ""]
    with any_store.write() as session:
        look_again(session, release_hold(session, number, "xong", "ai", NOW), NOW)
    keep_due(any_store, house(tmp_path), NOW, every=NEVER_WAIT)
    assert said() == ["", ""]


@pytest.mark.parametrize("answered", [600])
def test_a_batch_with_nothing_to_delete_does_not_end_the_work(
    store: Store, tmp_path: Path, answered: int
) -> None:
    names = [f"tin {n}" for n in range(answered)]
    hear(store, *names)
    with store.write() as session:
        session.execute(sa.text("UPDATE story SET incident_id = 99"))
    hear(store, "mot")
    settings = house(tmp_path)
    turns: list[Forgotten] = []
    while not turns or turns[-1].more:
        turns.append(keep_due(store, settings, NOW, every=NEVER_WAIT))
    assert sum(done.mentions for done in turns) == 1
