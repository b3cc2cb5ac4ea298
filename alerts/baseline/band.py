"""Between what counts usual days lie, by the very model that rings. Pure.

A day is negative binomial with the mean and the spread that ``series.look`` weighs it by. Several
series seen as one (a house with several heads) add up their means and variances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

from alerts.baseline.rates import doubt, excess, rate
from alerts.baseline.series import Series
from alerts.baseline.tally import ALL, Tree
from langnghe.core.policy.baseline import Baseline

_TAIL = 0.05
_MANY = 400.0
_NORMAL = 1.645  # of a normal distribution 5 % lie beyond so many deviations


@dataclass(frozen=True, slots=True)
class Expected:
    """One series' day: its mean and the excess k of the variance m + k·m²."""

    mean: float
    k: float


def prior_of(
    unit: str, topic: str, tree: Tree, series: Mapping[tuple[str, str], Series], rule: Baseline
) -> float:
    """Return the rate that the parent expects of this child, from what is known of the parents."""
    above = tree.parents.get(unit)
    first = rule.learning.first_rate
    if above is None:
        return first if topic == ALL else first / 10
    parent = series.get((above, topic))
    own = prior_of(above, topic, tree, series, rule)
    known = rate(parent.usual, own, rule.learning) if parent else own
    return known / tree.children[above]


def expected(series: Series | None, prior: float, factor: float, rule: Baseline) -> Expected:
    """Return what a day with this season's factor is expected to bring."""
    usual = (series or Series()).usual
    spread = excess(usual, rule.learning) + doubt(usual, rule.learning)
    return Expected(rate(usual, prior, rule.learning) * factor, spread)


def band(days: Iterable[Expected]) -> tuple[int, int]:
    """Return (low, high): of usual days about one in twenty lies below, one in twenty above."""
    parts = list(days)
    mean = sum(part.mean for part in parts)
    variance = sum(part.mean + part.k * part.mean**2 for part in parts)
    if mean <= 0.0:
        return 0, 0
    k = max((variance - mean) / mean**2, 1e-6)
    if mean > _MANY:  # a gamma distribution then, and its quantiles by Wilson and Hilferty
        middle, reach = 1.0 - k / 9.0, _NORMAL * sqrt(k) / 3.0
        return round(mean * max(middle - reach, 0.0) ** 3), round(mean * (middle + reach) ** 3)
    return _quantile(mean, k, _TAIL), _quantile(mean, k, 1.0 - _TAIL)


def _quantile(mean: float, k: float, wanted: float) -> int:
    """Return the least n that at least ``wanted`` of all days do not go beyond."""
    r = 1.0 / k
    share, held = log(r / (r + mean)), log(mean / (r + mean))
    total, n = 0.0, 0
    limit = int(mean + 60.0 * sqrt(mean + k * mean * mean)) + 60
    while n < limit:
        total += exp(lgamma(n + r) - lgamma(r) - lgamma(n + 1.0) + r * share + n * held)
        if total >= wanted:
            break
        n += 1
    return n
