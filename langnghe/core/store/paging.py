"""Keyset pages: a cursor names the last row seen, so new rows never shift or repeat a page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from langnghe.core.clock import as_utc
from langnghe.core.errors import InputError

T = TypeVar("T")
MAX_ID = 2**31 - 1
"""The largest number of a row: INTEGER in PostgreSQL, which refuses a larger one."""


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page ended: a time and an id, or an id alone."""

    id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next page (None on the last)."""

    rows: tuple[T, ...]
    next: str | None


def write_cursor(key: Key) -> str:
    """Return the opaque form of ``key``."""
    raw = json.dumps([key.id, key.at.isoformat() if key.at else None]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(cursor: str | None, *, timed: bool) -> Key | None:
    """Return the key inside ``cursor``. Raises InputError for one we did not write."""
    if not cursor:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        number, moment = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        at = as_utc(datetime.fromisoformat(moment)) if moment is not None else None
        if type(number) is not int or not 0 <= number <= MAX_ID or (at is None) == timed:
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error, OverflowError, RecursionError) as error:
        raise InputError(
            "Con trỏ trang (cursor) không hợp lệ.", mend="Bắt đầu lại từ trang đầu."
        ) from error
    return Key(number, at)


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], Key]) -> Page[T]:
    """Cut ``limit + 1`` fetched rows to a page; the one too many says that there is a next page."""
    shown = tuple(rows[:limit])
    more = len(rows) > limit and shown
    return Page(shown, write_cursor(key(shown[-1])) if more else None)
