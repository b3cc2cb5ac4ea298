"""Work out the thresholds by simulation: ``python -m alerts.baseline.calibrate``.

Quiet series of many rates and excesses run through the very code that watches real ones: they learn
their rate from a wrong start and their excess from the common one, alarms end, bursts are not
learned. Where they ring more often than once in ``false_alarm_days`` the cells of the table that
decided are raised, else lowered, until it is even. Prints the lines for ``thresholds.by_rate``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from math import log

import numpy as np
from numpy.typing import NDArray

from alerts.baseline.rates import excess as excess_of
from alerts.baseline.series import Series, advance
from langnghe.core.policy.baseline import Baseline, Thresholds, load_baseline

RATES = (0.03, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0)
WARM = 60
"""Days of learning before alarms count."""
LEAST, MOST = 2.0, 9.0
_START = 700_000  # any ordinal
_FEWEST = 0.05  # false alarms seen are taken for no fewer than this: the log of none is endless


def noise(
    generator: np.random.Generator, mean: float, excess: float, shape: tuple[int, int]
) -> NDArray[np.int64]:
    """Return counts of variance mean + excess·mean² (Poisson where excess is 0)."""
    if excess == 0.0:
        return generator.poisson(mean, shape)
    size = 1.0 / excess
    return generator.negative_binomial(size, size / (size + mean), shape)


def false_alarms(
    counts: NDArray[np.int64], priors: Sequence[float], rule: Baseline, *, warm: int = WARM
) -> tuple[float, float]:
    """Return alarms per ``false_alarm_days`` of quiet series (one a row), and the excess learned.

    Days before ``warm`` do not count.
    """
    alarms = days = 0
    learned = 0.0
    for row, prior in zip(counts.tolist(), priors, strict=True):
        series = Series()
        for day, count in enumerate(row):
            stood = series.alarm
            advance(series, _START + day, count, 1.0, prior, rule)
            if day >= warm:
                days += 1
                alarms += series.alarm > 0 and not stood
        learned += excess_of(series.usual, rule.learning)
    return alarms * rule.false_alarm_days / days, learned / len(counts)


def fitted(
    rule: Baseline, *, seed: int, series: int, days: int, rounds: int, target: float = 0.9
) -> Thresholds:
    """Return the table at which quiet series of every kind ring ``target`` times in the interval.

    Under one, because an excess not yet learned is sometimes taken for smaller than it is.
    """
    columns = rule.thresholds.excess
    table = np.full((len(RATES), len(columns)), 3.3)
    for turn in range(rounds):
        found = Thresholds(columns, RATES, tuple(tuple(line) for line in table.tolist()))
        tried = replace(rule, thresholds=found)
        for n, mean in enumerate(RATES):
            step, weight = np.zeros(len(columns)), np.zeros(len(columns))
            for excess in columns:
                generator = np.random.default_rng([seed, n, int(excess * 10)])
                counts = noise(generator, mean, excess, (series, WARM + days))
                priors = (mean * np.exp(generator.normal(0.0, 0.5, series))).tolist()
                false, learned = false_alarms(counts, priors, tried)
                share = _shares(columns, learned)
                step += share * log(max(false, _FEWEST) / target)
                weight += share
            asked = weight > 0.1  # at low rates the learned excess hardly leaves the common one
            moved = step / np.where(asked, weight, 1.0)
            table[n] = np.clip(table[n] + moved * (0.9 if turn < 3 else 0.5), LEAST, MOST)
            table[n] = np.interp(columns, np.array(columns)[asked], table[n][asked])
    return Thresholds(columns, RATES, tuple(tuple(line) for line in table.tolist()))


def _shares(columns: Sequence[float], value: float) -> NDArray[np.float64]:
    """Return how much each column has to say at ``value``."""
    return np.array(
        [np.interp(value, columns, np.eye(len(columns))[n]) for n in range(len(columns))]
    )


if __name__ == "__main__":
    best = fitted(load_baseline(), seed=1, series=80, days=400, rounds=4)
    for rate_of, line in zip(best.rates, best.table, strict=True):
        sys.stdout.write(f"    {rate_of:g}: [{', '.join(f'{cell:.2f}' for cell in line)}]\n")
