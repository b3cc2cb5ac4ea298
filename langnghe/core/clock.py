"""Time comes in from outside, so that a month can be replayed in a minute and tests stand still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Anything that knows the present moment."""

    def now(self) -> datetime:
        """Return an aware UTC datetime."""
        ...


class SystemClock:
    """The real clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that only moves when told to; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = as_utc(start)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Advance to ``moment``; an earlier moment leaves the clock where it is."""
        self._now = max(self._now, as_utc(moment))


def as_utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; a naive one is refused, because guessing a zone loses hours."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment!r}")
    return moment.astimezone(UTC)


def hanoi(moment: datetime) -> datetime:
    """Return ``moment`` as shown to people (Asia/Ho_Chi_Minh)."""
    return as_utc(moment).astimezone(HANOI)


def say(moment: datetime | None) -> str:
    """Return ``23/11/2026 08:30`` in Vietnamese time, or a dash for nothing."""
    return hanoi(moment).strftime("%d/%m/%Y %H:%M") if moment else "–"
