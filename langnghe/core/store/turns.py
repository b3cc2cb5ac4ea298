"""Who is at work: locks of PostgreSQL that end with the connection, so also when it is killed.

A lock kept in a table, or by a job queue, outlives a process that died with it; these do not. On
SQLite there is one process only, and nothing to ask.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from langnghe.core.store.engine import Store, plain_store_error

# Any fixed numbers: the first halves of the names of these locks.
_TURN, _ALIVE = 7_210_121, 7_210_122
_SIGNS: WeakKeyDictionary[sa.Engine, sa.Connection] = WeakKeyDictionary()


@contextmanager
def alone(store: Store, name: str) -> Iterator[bool]:
    """Yield whether no other process is in the block of this ``name``; it never waits."""
    if store.is_sqlite:
        yield True
        return
    key = zlib.crc32(name.encode()) & 0x7FFF_FFFF
    with _plain(store), store.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        got = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_TURN, key))))
        try:
            yield got
        finally:
            if got and not connection.invalidated:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_TURN, key)))


def sign_in(store: Store) -> bool:
    """Show, until this process ends, that it is at work; return whether it is the only one.

    Calling it again renews a sign that was lost with the connection, and then returns ``False``.
    """
    if store.is_sqlite:
        return True
    with _plain(store):
        sign = _SIGNS.get(store.engine)
        if sign is not None:
            try:
                sign.execute(sa.select(1))
            except sa.exc.OperationalError:
                del _SIGNS[store.engine]
                sign.invalidate()
                sign.close()
            else:
                return False
        again = sign is not None
        sign = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        first = not again and bool(sign.scalar(sa.select(sa.func.pg_try_advisory_lock(_ALIVE, 0))))
        _SIGNS[store.engine] = sign
        sign.execute(sa.select(sa.func.pg_advisory_lock_shared(_ALIVE, 0)))
        return first


def all_in(store: Store) -> None:
    """Let others sign in: whoever was the only one has put the house in order."""
    sign = _SIGNS.get(store.engine)
    if sign is not None:
        with _plain(store):
            sign.execute(sa.select(sa.func.pg_advisory_unlock(_ALIVE, 0)))


@contextmanager
def _plain(store: Store) -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        raise plain_store_error(error, store.url) from error
