"""One unit and topic from day to day: what is usual, the evidence, and whether it is unusual.

``advance`` takes one listened day after the other; days on which nothing could be heard are simply
not given to it. The whole memory of a series is the ``Series`` object, so history is never read
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import exp, log10
from typing import Any

from alerts.baseline.cusum import evidence, threshold
from alerts.baseline.rates import Usual, doubt, excess, learn, rate
from langnghe.core.policy.baseline import Baseline

_MOST = 15.0  # above the threshold: once in more days than there ever were


@dataclass(slots=True)
class Series:
    """Memory of one series. Days are ordinals; ``since`` is the first day of the present run."""

    usual: Usual = field(default_factory=Usual)
    total: float = 0.0
    since: int = 0
    seen: int = 0
    expected: float = 0.0
    alarm: int = 0  # the day on which it became unusual, 0 when it is not
    recent: list[tuple[int, float]] = field(default_factory=list)
    through: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain values that ``from_json`` reads."""
        u = self.usual
        return {
            "usual": [u.mentions, u.days, u.spread, u.square],
            "waiting": [list(day) for day in u.waiting],
            "run": [self.total, self.since, self.seen, self.expected],
            "alarm": self.alarm,
            "recent": [list(day) for day in self.recent],
            "through": self.through,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Series:
        """Return the series that ``to_json`` wrote."""
        mentions, days, spread, square = data["usual"]
        total, since, seen, expected = data["run"]
        waiting = [(c, f, m, bool(t)) for c, f, m, t in data["waiting"]]
        return cls(
            Usual(mentions, days, spread, square, waiting),
            total, since, seen, expected, data["alarm"],
            [(count, mean) for count, mean in data["recent"]], data["through"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a day says. ``seen`` of ``expected`` mentions from ``since`` on (an ordinal).

    ``once_in`` is about how many days pass between such runs where nothing is the matter;
    ``strength`` 0..1 says the same on a scale (one third at the threshold, 1 a hundred times
    rarer).
    """

    unusual: bool
    statistic: float
    threshold: float
    since: int
    seen: int
    expected: float
    mean: float
    once_in: float
    strength: float


def look(
    series: Series, day: int, count: int, factor: float, prior: float, rule: Baseline
) -> Verdict:
    """Weigh ``count`` mentions of ``day`` (which may not be over) without remembering them."""
    mean, k = _expectation(series, factor, prior, rule)
    spread = k + doubt(series.usual, rule.learning)
    total = series.total + evidence(count, mean, spread, rule.burst)
    fresh = series.total <= 0.0 and not series.alarm
    since = day if fresh else series.since
    seen = count if fresh else series.seen + count
    expected = mean if fresh else series.expected + mean
    limit = threshold(mean, k, rule.thresholds)
    total = max(total, 0.0)
    standing = series.alarm > 0
    once_in = rule.false_alarm_days * exp(min(total - limit, _MOST))
    return Verdict(
        unusual=standing or (total >= limit and seen >= rule.least),
        statistic=total,
        threshold=limit,
        since=since,
        seen=seen,
        expected=expected,
        mean=mean,
        once_in=once_in,
        strength=strength_of(exp(min(total - limit, _MOST))) if total > 0.0 else 0.0,
    )


def advance(
    series: Series, day: int, count: int, factor: float, prior: float, rule: Baseline
) -> Verdict:
    """Take in one whole listened day; return what it says. Changes ``series``."""
    verdict = look(series, day, count, factor, prior, rule)
    if verdict.statistic > 0.0 or series.alarm:
        series.total, series.since = verdict.statistic, verdict.since
        series.seen, series.expected = verdict.seen, verdict.expected
    else:
        _forget_run(series)
    series.recent.append((count, verdict.mean))
    del series.recent[: -rule.burst.over_days]
    if verdict.unusual and not series.alarm:
        series.alarm = day
        learn(series.usual, count, factor, verdict.mean, rule.learning, rising=True)
    elif series.alarm and _stays(series, day, rule):
        _take_as_usual(series, prior, rule)
        _end(series)
    elif series.alarm and _over(series, day, rule):
        _end(series)
    elif not series.alarm:
        learn(series.usual, count, factor, verdict.mean, rule.learning)
    series.through = day
    return verdict


def warm(series: Series, day: int, count: int, factor: float, rule: Baseline) -> None:
    """Take in one of the house's first days: nobody knows yet what is usual, so nothing rings."""
    series.usual.mentions += count
    series.usual.days += factor
    series.through = day


def quiet(
    series: Series,
    days: Sequence[int],
    factor_of: Callable[[int], float],
    prior: float,
    rule: Baseline,
) -> None:
    """Take in listened days without a mention; the same as ``advance`` with 0, only faster."""
    place = 0
    while place < len(days) and (series.total > 0.0 or series.alarm):
        advance(series, days[place], 0, factor_of(days[place]), prior, rule)
        place += 1
    for day in days[place:]:
        # Without evidence or alarm a day of none can only add to what is known of the rate.
        factor = factor_of(day)
        mean = rate(series.usual, prior, rule.learning) * factor
        series.recent.append((0, mean))
        learn(series.usual, 0, factor, mean, rule.learning)
        series.through = day
    del series.recent[: -rule.burst.over_days]


def _expectation(
    series: Series, factor: float, prior: float, rule: Baseline
) -> tuple[float, float]:
    """Return (mean of the day, excess of its variance)."""
    own = rate(series.usual, prior, rule.learning)
    return own * factor, excess(series.usual, rule.learning)


def _stays(series: Series, day: int, rule: Baseline) -> bool:
    """Say whether it has lasted so long that it is no burst but the new usual."""
    return day - series.alarm >= rule.burst.new_normal_days


def _over(series: Series, day: int, rule: Baseline) -> bool:
    """Say whether the last days were as usual."""
    if day - series.alarm < rule.burst.over_days:
        return False
    seen = sum(count for count, _ in series.recent)
    return seen <= 1.0 + 1.5 * sum(mean for _, mean in series.recent)


def _take_as_usual(series: Series, prior: float, rule: Baseline) -> None:
    """Let the days of the run stand for all that is known of the rate."""
    own = rate(series.usual, prior, rule.learning)
    series.usual.mentions, series.usual.days = float(series.seen), series.expected / own


def _end(series: Series) -> None:
    series.alarm = 0
    _forget_run(series)


def _forget_run(series: Series) -> None:
    series.total, series.since, series.seen, series.expected = 0.0, 0, 0, 0.0


def strength_of(rarer: float) -> float:
    """Return 0..1 for something ``rarer`` times as rare as a false alarm: 1/3 at 1, 1 at 100."""
    return min(max((1.0 + log10(max(rarer, 1e-9))) / 3.0, 0.0), 1.0)
