"""The last days of some units beside what is usual of them, by the series that ring.

The page that draws this and the alarm read the same state and the same model: what is called
unusual here is what stands in ``unusual``, and the band is the spread that alarms are weighed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from alerts.baseline.band import band, expected, prior_of
from alerts.baseline.calendar import ONE_DAY, Seasons, day_of
from alerts.baseline.series import Series
from alerts.baseline.tally import ALL, Tree
from langnghe.core.policy.baseline import Baseline
from langnghe.core.store.queries.board_days import DayTones, days_heard, tones_by_day
from langnghe.core.store.watch import unusual
from langnghe.core.store.watch_counts import known_days, states_of

_NOTHING = DayTones()
_BURST = "burst"
_SEASONS: dict[str, Seasons] = {}


@dataclass(frozen=True, slots=True)
class UsualDay:
    """One day: its tallies and the band of the usual. ``running``: it is not over."""

    day: date
    tones: DayTones
    low: int
    high: int
    unusual: bool
    deaf: bool
    running: bool


@dataclass(frozen=True, slots=True)
class UsualDays:
    """The days, oldest first. While ``learning`` nobody knows what is usual and bands are empty.

    ``known`` counts the days listened to so far, up to as many as learning takes.
    """

    days: tuple[UsualDay, ...]
    learning: bool
    known: int
    needed: int


def heads(tree: Tree, viewer_unit: str | None) -> list[str]:
    """Return the units that stand for all in view: the viewer's own, or every head of the house."""
    if viewer_unit is not None:
        return [viewer_unit]
    return sorted(unit for unit, parent in tree.parents.items() if parent is None)


def usual_days(
    session: Session, units: Sequence[str], tree: Tree, rule: Baseline, now: datetime, *, days: int
) -> UsualDays:
    """Return the last ``days`` days of these units together."""
    today = day_of(now)
    first = today - timedelta(days - 1)
    tones = tones_by_day(session, units, first, today)
    heard = days_heard(session, first, today)
    began = next(iter(known_days(session, date.min, today, limit=1)), today)
    warm = rule.learning.warm_days
    known = len(known_days(session, date.min, today, limit=warm)) if warm else 0
    bands = _bands(session, units, tree, rule, first, days) if known >= warm else None
    rings = [
        (found.since, found.through)
        for listed in unusual(session, units).values()
        for found in listed
        if found.kind == _BURST and found.topic == ALL
    ]
    lines = []
    for n in range(days):
        day = first + timedelta(n)
        low, high = bands[n] if bands else (0, 0)
        lines.append(
            UsualDay(
                day, tones.get(day, _NOTHING), low, high,
                unusual=any(since <= day <= through for since, through in rings),
                deaf=began <= day < today and not heard.get(day, False),
                running=day == today,
            )
        )  # fmt: skip
    return UsualDays(tuple(lines), bands is None, known, warm)


def _bands(
    session: Session, units: Sequence[str], tree: Tree, rule: Baseline, first: date, days: int
) -> list[tuple[int, int]]:
    keys = [(above, ALL) for unit in units for above in (unit, *tree.upward(unit))]
    series = {key: Series.from_json(data) for key, data in states_of(session, keys).items()}
    priors = {unit: prior_of(unit, ALL, tree, series, rule) for unit in units}
    seasons = _SEASONS.setdefault(rule.version, Seasons(rule.calendar))
    found = []
    for n in range(days):
        factor = seasons.factor(ALL, (first + n * ONE_DAY).toordinal())
        found.append(
            band(expected(series.get((unit, ALL)), priors[unit], factor, rule) for unit in units)
        )
    return found
