"""Locks that end with whoever held them: one sweep at a time, and who is the only one at work."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from langnghe.core.errors import StoreError
from langnghe.core.store.engine import Store
from langnghe.core.store.turns import all_in, alone, sign_in


def cut_all_others(store: Store) -> None:
    """End every other connection to the database, as their processes' death would."""
    query = sa.text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with store.read() as session:
        session.execute(query)


def test_a_turn_is_one_process_at_a_time(any_store: Store) -> None:
    with Store(any_store.url) as other:
        with alone(any_store, "sweep") as mine:
            assert mine
            with alone(other, "sweep") as second, alone(other, "collect") as elsewhere:
                assert second == any_store.is_sqlite, "on SQLite there is one process only"
                assert elsewhere
        with alone(other, "sweep") as afterwards:
            assert afterwards


def test_a_turn_ends_with_the_connection_of_who_was_killed(any_store: Store) -> None:
    if any_store.is_sqlite:
        with alone(any_store, "sweep") as free:
            assert free
        return
    with Store(any_store.url) as killed, Store(any_store.url) as other:
        turn = ExitStack()
        assert turn.enter_context(alone(killed, "sweep"))
        with alone(other, "sweep") as free:
            assert not free
        cut_all_others(other)
        with alone(other, "sweep") as free:
            assert free
        with pytest.raises(StoreError):
            turn.close()


def test_only_the_first_at_work_puts_the_house_in_order(any_store: Store) -> None:
    assert sign_in(any_store)
    all_in(any_store)
    if any_store.is_sqlite:
        return
    with Store(any_store.url) as second, Store(any_store.url) as third:
        assert not sign_in(second)
        cut_all_others(third)
        assert sign_in(third), "the others are no more"
        all_in(third)
        assert not sign_in(second), "a sign that was lost is shown again"
        assert not sign_in(any_store)
