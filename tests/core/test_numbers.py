"""A number book gives every number once and leaves none out, also when two ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from langnghe.core.store.engine import Store
from langnghe.core.store.numbers import take_number


def take(store: Store, unit: str = "th_a", year: int = 2026) -> int:
    with store.write() as session:
        return take_number(session, unit, "statement", year)


def test_each_book_counts_from_one(any_store: Store) -> None:
    assert [take(any_store) for _ in range(3)] == [1, 2, 3]
    assert (take(any_store, "th_b"), take(any_store, year=2027)) == (1, 1)


def test_many_at_once_get_every_number_once(any_store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: take(any_store), range(24)))
    assert sorted(taken) == list(range(1, 25))


def test_what_fails_gives_its_number_back(any_store: Store) -> None:
    take(any_store)

    def torn() -> None:
        with any_store.write() as session:
            take_number(session, "th_a", "statement", 2026)
            raise KeyError

    with pytest.raises(KeyError):
        torn()
    assert take(any_store) == 2
