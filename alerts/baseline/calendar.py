"""The school year as factors: how much more or less of a topic is usual on a day.

Days are calendar days of Asia/Ho_Chi_Minh, which has no summer time: a day is always 24 hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from langnghe.core.clock import HANOI, hanoi
from langnghe.core.policy.baseline import Calendar, Season

ONE_DAY = timedelta(days=1)


class Seasons:
    """Answers for one calendar, remembering every day asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[str, int], float] = {}

    def factor(self, topic: str, day: int) -> float:
        """Return the factor of ``topic`` ("" = all) on a day given as ``date.toordinal()``."""
        key = (topic, day)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = factor(self._calendar, topic, date.fromordinal(day))
        return known


def factor(calendar: Calendar, topic: str, day: date) -> float:
    """Return how many times the yearly mean is usual for ``topic`` on ``day`` (> 0)."""
    months = calendar.months.get(topic, calendar.months["default"])
    found = months.get(day.month, 1.0) * calendar.weekday[day.weekday()]
    for season in calendar.seasons:
        if (not season.topics or topic in season.topics) and _within(calendar, season, day):
            found *= season.factor
    return found


def season_names(calendar: Calendar, topic: str, day: date) -> tuple[str, ...]:
    """Return the names of the seasons that hold on ``day``."""
    return tuple(
        s.name
        for s in calendar.seasons
        if (not s.topics or topic in s.topics) and _within(calendar, s, day)
    )


def day_of(moment: datetime) -> date:
    """Return the Vietnamese day of an aware moment."""
    return hanoi(moment).date()


@lru_cache(maxsize=64)
def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of ``day`` and of the next, in UTC."""
    start = datetime.combine(day, time.min, HANOI).astimezone(UTC)
    return start, datetime.combine(day + ONE_DAY, time.min, HANOI).astimezone(UTC)


def _within(calendar: Calendar, season: Season, day: date) -> bool:
    if season.around is None:
        centres = calendar.tet
    else:
        month, number = season.around
        centres = tuple(_dated(day.year + step, month, number) for step in (-1, 0, 1))
    return any(season.first <= (day - centre).days <= season.last for centre in centres)


def _dated(year: int, month: int, day: int) -> date:
    """Return a day of ``year``; 29 February falls on the 28th where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, day - 1)
