"""The school year and its weeks, as schools number them.

A school year begins on 5 September, the day all schools open, and lasts until the next; its first
week is the one whose Monday lies nearest to that day. The days before that Monday belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_MONTH, _DAY = 9, 5


def week_number(day: date) -> int:
    """Return a running number of the week (Monday to Sunday) that holds ``day``."""
    return (day.toordinal() - 1) // 7


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """The school year that begins in September of ``start``."""

    start: int

    @classmethod
    def of(cls, day: date) -> SchoolYear:
        """Return the school year that ``day`` lies in."""
        return cls(day.year if (day.month, day.day) >= (_MONTH, _DAY) else day.year - 1)

    @property
    def name(self) -> str:
        """Return ``2026–2027``."""
        return f"{self.start}–{self.start + 1}"

    @property
    def opens(self) -> date:
        """Return its first day."""
        return date(self.start, _MONTH, _DAY)

    @property
    def first_week(self) -> int:
        """Return the ``week_number`` of its first week."""
        return week_number(self.opens + timedelta(3))

    def week(self, day: date) -> int:
        """Return the week of this year that holds ``day``: 1 or more."""
        return max(week_number(day) - self.first_week + 1, 1)
