"""Planted bursts: ``python -m tests.bench_baseline [--seed N] [--series N]``.

Negative-binomial noise of 0.1 to 2 mentions a day (variance m + k·m²; k = 0 is Poisson, 1 means
days at 2 a day have a deviation of 2.4). Every series runs 200 quiet days; then a burst is added to
the noise that goes on. Its size is the mentions added in all, said in deviations of what the noise
alone brings in the burst's days («z»), and never less than the floor. Shapes: even, a peak that
fades, a slow rise. A burst is found when an alarm stands on one of its days; the delay counts days
from its first (0 = that very day, at its end). All detectors see the same counts. EARS stands once
at its textbook limits and once with the limit of every row tuned, on another seed, to the rate of
false alarms that our detector has there: the most it could hope for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median

import numpy as np
from numpy.typing import NDArray

from alerts.baseline.calibrate import noise
from alerts.baseline.ears import LIMITS, ears
from alerts.baseline.series import Series, advance
from langnghe.core.policy.baseline import Baseline, load_baseline

RATES = (0.1, 0.2, 0.5, 1.0, 2.0)
EXCESS = (0.0, 0.5, 1.0, 2.0)
LENGTHS = (3, 5, 7)
SIZES = (3.0, 4.0, 5.0, 6.0, 8.0)
FLOOR = 6
BAR_SIZE = 6.0
WARM, QUIET = 60, 200
SHAPES = ("even", "fading", "rising")
_FIRST_DAY = 700_000


@dataclass(frozen=True)
class Planted:
    """Counts (a series a row) with a burst of ``length`` days from ``start``, 0 for none."""

    counts: NDArray[np.int64]
    start: int
    length: NDArray[np.int64]


def plant(
    generator: np.random.Generator, rate: float, excess: float, size: float, series: int
) -> Planted:
    """Return series of noise with one burst each after the quiet days."""
    start, longest = WARM + QUIET, max(LENGTHS)
    counts = noise(generator, rate, excess, (series, start + longest))
    lengths = generator.choice(LENGTHS, series)
    for n, length in enumerate(lengths):
        deviation = (length * (rate + excess * rate * rate)) ** 0.5
        added = int(np.ceil(max(FLOOR, size * deviation)))
        weights = {
            "even": np.ones(length),
            "fading": 0.6 ** np.arange(length),
            "rising": 1.0 + np.arange(length),
        }[str(generator.choice(SHAPES))]
        counts[n, start : start + length] += generator.multinomial(added, weights / weights.sum())
    return Planted(counts, start, lengths)


def standing(row: Sequence[int], prior: float, rule: Baseline) -> list[bool]:
    """Return on which days our alarm stands."""
    series, found = Series(), []
    for day, count in enumerate(row):
        verdict = advance(series, _FIRST_DAY + day, count, 1.0, prior, rule)
        found.append(verdict.unusual)
    return found


@dataclass(frozen=True)
class Score:
    """False alarms in 200 days, share of bursts found, mean and median delay in days."""

    false: float
    found: float
    delay: float
    middle: float


def score(alarms: Sequence[Sequence[bool]], planted: Planted) -> Score:
    """Judge alarms by day (a series a row) against what was planted."""
    rises = days = 0
    delays: list[int] = []
    for row, length in zip(alarms, planted.length, strict=True):
        quiet = row[WARM - 1 : planted.start]
        rises += sum(b and not a for a, b in pairwise(quiet))
        days += len(quiet) - 1
        burst = row[planted.start : planted.start + int(length)]
        if any(burst):
            delays.append(list(burst).index(True))
    nothing = float("nan")
    return Score(
        rises * 200 / days,
        len(delays) / len(alarms),
        mean(delays) if delays else nothing,
        median(delays) if delays else nothing,
    )


def judged(planted: Planted, rule: Baseline, priors: Sequence[float]) -> Score:
    """Return the score of our detector."""
    rows = planted.counts.tolist()
    return score([standing(r, p, rule) for r, p in zip(rows, priors, strict=True)], planted)


def judged_ears(planted: Planted, limits: dict[str, float]) -> dict[str, Score]:
    """Return the scores of C1, C2 and C3 under ``limits``."""
    values = [ears(row) for row in planted.counts.tolist()]
    return {
        name: score([[v > limit for v in one[name]] for one in values], planted)
        for name, limit in limits.items()
    }


def tuned(planted: Planted, false: float) -> dict[str, float]:
    """Return the limits at which EARS rings no more often than ``false`` in 200 days."""
    values = [ears(row) for row in planted.counts.tolist()]
    limits: dict[str, float] = {}
    for name in LIMITS:
        low, high = 0.0, 200.0
        for _ in range(24):
            middle = (low + high) / 2
            rows = [[v > middle for v in one[name]] for one in values]
            low, high = (middle, high) if score(rows, planted).false > false else (low, middle)
        limits[name] = high
    return limits


def rows_of(
    rule: Baseline, seed: int, series: int
) -> Iterator[tuple[float, float, dict[str, Score]]]:
    """Yield (rate, excess, scores by detector) at the size of the bar."""
    for rate in RATES:
        for excess in EXCESS:
            learning = np.random.default_rng([seed, 1, int(rate * 10), int(excess * 10)])
            judging = np.random.default_rng([seed, 2, int(rate * 10), int(excess * 10)])
            practice = plant(learning, rate, excess, BAR_SIZE, max(series // 2, 50))
            real = plant(judging, rate, excess, BAR_SIZE, series)
            priors = (rate * np.exp(judging.normal(0.0, 0.5, series))).tolist()
            ours = judged(real, rule, priors)
            textbook = judged_ears(real, LIMITS)
            same = judged_ears(real, tuned(practice, max(ours.false, 1.0)))
            found = {"ours": ours, **textbook, **{f"{k}*": v for k, v in same.items()}}
            yield rate, excess, found


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def bar_table(rule: Baseline, seed: int, series: int) -> None:
    """Print the table of the bar and its sums."""
    say(f"Bursts of {BAR_SIZE:g} deviations and at least {FLOOR} mentions over 3, 5 or 7 days")
    say("Cell: false alarms in 200 days / found % / mean delay.  * = limit tuned to our rate")
    names = ["ours", "C1", "C2", "C3", "C1*", "C2*", "C3*"]
    say("rate   k    " + "".join(f"{name:>18}" for name in names))
    sums: dict[str, list[Score]] = {name: [] for name in names}
    for rate, excess, found in rows_of(rule, seed, series):
        cells = ""
        for name in names:
            s = found[name]
            sums[name].append(s)
            cells += f"{s.false:8.2f} {100 * s.found:4.0f} {s.delay:4.1f}"
        say(f"{rate:<4g} {excess:4g}   {cells}")
    total = ""
    for name in names:
        s = sums[name]
        delays = [x.delay for x in s if x.delay == x.delay]
        total += (
            f"{mean(x.false for x in s):8.2f} {100 * mean(x.found for x in s):4.0f} "
            f"{mean(delays) if delays else float('nan'):4.1f}"
        )
    say(f"all         {total}")


def sweep(rule: Baseline, seed: int, series: int) -> None:
    """Print where finding falls off as bursts get smaller."""
    say(f"\nOurs by size in deviations (at least {FLOOR} mentions): found % / mean delay")
    say("rate   k    " + "".join(f"{f'z={z:g}':>12}" for z in SIZES))
    for rate in RATES:
        for excess in EXCESS:
            cells = ""
            for size in SIZES:
                generator = np.random.default_rng([seed, 3, int(rate * 10), int(excess * 10)])
                planted = plant(generator, rate, excess, size, max(series // 3, 50))
                s = judged(planted, rule, [rate] * len(planted.counts))
                cells += f"{100 * s.found:7.0f} {s.delay:4.1f}"
            say(f"{rate:<4g} {excess:4g}   {cells}")


def cold(rule: Baseline, seed: int, series: int) -> None:
    """Print what is found on the second day of a series that only its parent knows."""
    say("\nCold start (burst from day 2, no history but the parent's rate): found % / mean delay")
    for rate in RATES:
        generator = np.random.default_rng([seed, 4, int(rate * 10)])
        planted = plant(generator, rate, 1.0, BAR_SIZE, series)
        young = Planted(planted.counts[:, planted.start - 2 :], 2, planted.length)
        priors = (rate * np.exp(generator.normal(0.0, 0.5, series))).tolist()
        ours = _found(young, [standing(r, p, rule) for r, p in zip(
            young.counts.tolist(), priors, strict=True)])  # fmt: skip
        values = [ears(row) for row in young.counts.tolist()]
        best = max(
            _found(young, [[v > limit for v in one[name]] for one in values])[0]
            for name, limit in LIMITS.items()
        )
        say(f"rate {rate:<4g} ours {100 * ours[0]:4.0f} {ours[1]:4.1f}   best of EARS {best:4.0%}")


def _found(planted: Planted, alarms: Sequence[Sequence[bool]]) -> tuple[float, float]:
    delays = [
        list(row[planted.start : planted.start + int(length)]).index(True)
        for row, length in zip(alarms, planted.length, strict=True)
        if any(row[planted.start : planted.start + int(length)])
    ]
    return len(delays) / len(alarms), mean(delays) if delays else float("nan")


def main() -> None:
    """Run all three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--series", type=int, default=300)
    given = parser.parse_args()
    rule = load_baseline()
    bar_table(rule, given.seed, given.series)
    sweep(rule, given.seed, given.series)
    cold(rule, given.seed, given.series)


if __name__ == "__main__":
    main()
