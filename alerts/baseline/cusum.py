"""Evidence that a series runs high: a likelihood-ratio CUSUM for negative-binomial counts.

Each day adds log(chance under a burst / chance under the usual rate) and the sum never falls below
zero. With a usual mean m and variance m + k·m², a burst means m1 = times·m + plus, so that on a
series of two mentions a month it is the added mentions that count, on a busy one the multiple.
Because the slope in the day's count is positive, more mentions never lower the sum, and the count
of a day not yet over can be weighed against the whole day: it can only grow, so looking early never
adds a false alarm.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from math import exp, lgamma, log, log1p

from langnghe.core.policy.baseline import Burst, Thresholds

POISSON_BELOW = 1e-6


def evidence(count: float, mean: float, excess: float, burst: Burst) -> float:
    """Return the log likelihood ratio of one day: burst against usual.

    ``mean`` > 0 mentions a day, ``excess`` k >= 0 of the variance m + k·m².
    """
    high = burst.times * mean + burst.plus
    if excess < POISSON_BELOW:
        return count * log(high / mean) - (high - mean)
    size = 1.0 / excess
    return count * log(high / mean) - (count + size) * log((size + high) / (size + mean))


def threshold(mean: float, excess: float, table: Thresholds) -> float:
    """Return the sum at which a series of this mean and excess is unusual.

    Between the rates of the table straight in log(rate), between its columns straight in excess;
    beyond the ends the nearest.
    """
    low, high, share = _between(_logs(table.rates), log(max(mean, 1e-12)))
    left, right, part = _between(table.excess, excess)

    def row(n: int) -> float:
        cells = table.table[n]
        return cells[left] + part * (cells[right] - cells[left])

    return row(low) + share * (row(high) - row(low))


def chance_at_least(count: int, mean: float, excess: float) -> float:
    """Return P(X >= count) of a negative-binomial count with variance mean + excess·mean²."""
    if count <= 0:
        return 1.0
    below = 0.0
    for n in range(count):
        below += exp(_log_chance(n, mean, excess))
    return max(0.0, 1.0 - below)


def _log_chance(n: int, mean: float, excess: float) -> float:
    if excess < POISSON_BELOW:
        return n * log(mean) - mean - lgamma(n + 1)
    size = 1.0 / excess
    head = lgamma(n + size) - lgamma(size) - lgamma(n + 1)
    return head - size * log1p(mean / size) + n * log(mean / (size + mean))


@lru_cache(maxsize=64)
def _logs(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(log(value) for value in values)


def _between(marks: tuple[float, ...], value: float) -> tuple[int, int, float]:
    """Return the two marks around ``value`` and how far it lies from the first to the second."""
    place = bisect_right(marks, value)
    if place == 0:
        return 0, 0, 0.0
    if place == len(marks):
        return place - 1, place - 1, 0.0
    first, second = marks[place - 1], marks[place]
    return place - 1, place, (value - first) / (second - first)
