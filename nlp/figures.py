"""Figures of quality with their uncertainty: a table without intervals invites false pride.

A figure is a function of the weight each row carries. The bootstrap draws those weights; the same
draws serve every figure, so that differences (two models, two written forms) are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]
Measure = Callable[[Values], Values]
"""Row weights, shape (draws, rows), to figures, shape (draws,); NaN where there is none."""

RESAMPLES = 1_000
SEED = 118
_AT_ONCE = 100
_BINS = 10


@dataclass(frozen=True)
class Figure:
    """One figure with its 95 % bootstrap interval over items."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return plain values, rounded to four digits."""
        return {
            "value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)
        }  # fmt: skip

    def line(self, name: str) -> str:
        """Return the row of a printed table."""
        return f"{name:44}{self.value:8.3f}   {self.low:.3f} – {self.high:.3f}"


@dataclass(frozen=True)
class Gauge:
    """A measure with its good direction; a change of more than ``material`` matters.

    A ``material`` of 0 stands for what may not get worse at all.
    """

    measure: Measure
    higher_is_better: bool = True
    material: float = 0.02


@dataclass(frozen=True)
class Drawn:
    """A figure (NaN where there is none) and what it was in each draw."""

    value: float
    draws: Values

    def figure(self) -> Figure | None:
        """Return value and interval, or ``None`` where there was nothing to measure."""
        if np.isnan(self.value):
            return None
        low, high = np.nanquantile(self.draws, [0.025, 0.975])
        return Figure(self.value, float(low), float(high))


def bootstrap(measures: Mapping[str, Measure], groups: Sequence[str]) -> dict[str, Drawn]:
    """Return every measure over the rows as they are, and over seeded draws of them.

    ``groups`` has one name a row; rows of one group (the written forms of one sentence) are drawn
    together, for they are no independent witnesses.
    """
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    dice = np.random.default_rng(SEED)
    found: dict[str, list[Values]] = {name: [] for name in measures}
    for _ in range(RESAMPLES // _AT_ONCE):
        drawn = dice.multinomial(len(names), [1 / len(names)] * len(names), size=_AT_ONCE)
        weights = drawn[:, member].astype(np.float64)
        for name, measure in measures.items():
            found[name].append(measure(weights))
    whole = np.ones((1, len(member)))
    return {
        name: Drawn(float(measure(whole)[0]), np.concatenate(found[name]))
        for name, measure in measures.items()
    }


@dataclass(frozen=True)
class Counts:
    """Right, wrongly told and missed answers, each of shape (rows, classes)."""

    hits: Values
    extra: Values
    missed: Values

    @classmethod
    def of(cls, truth: Flags, told: Flags) -> Counts:
        """Return the counts of true and told classes, both of shape (rows, classes)."""
        pairs = (truth & told, told & ~truth, truth & ~told)
        return cls(*(part.astype(np.float64) for part in pairs))

    def at(self, rows: Flags) -> Counts:
        """Return the same counts with only these rows in."""
        keep = rows[:, None]
        return Counts(self.hits * keep, self.extra * keep, self.missed * keep)

    def only(self, classes: Flags) -> Counts:
        """Return the counts of some classes."""
        return Counts(self.hits[:, classes], self.extra[:, classes], self.missed[:, classes])

    @property
    def support(self) -> Values:
        """Return how many rows truly have each class."""
        return np.asarray((self.hits + self.missed).sum(axis=0))

    @property
    def occurs(self) -> Flags:
        """Say of each class whether it is true of any row or was told."""
        return np.asarray((self.hits + self.extra + self.missed).sum(axis=0) > 0)


def micro_f1(counts: Counts) -> Measure:
    """Return the F1 over all answers together."""
    hits, extra, missed = (part.sum(axis=1) for part in _parts(counts))
    return lambda w: _over(2 * (w @ hits), 2 * (w @ hits) + w @ extra + w @ missed)


def macro_f1(counts: Counts) -> Measure:
    """Return the mean F1 over classes that occur in truth or answers (of that draw)."""
    hits, extra, missed = _parts(counts)

    def measure(w: Values) -> Values:
        each = _over(2 * (w @ hits), 2 * (w @ hits) + w @ extra + w @ missed)
        return _over(np.nansum(each, axis=1), np.isfinite(each).sum(axis=1).astype(np.float64))

    return measure


def precision(counts: Counts) -> Measure:
    """Return the share of told answers that are right."""
    return share(counts.hits.sum(axis=1), (counts.hits + counts.extra).sum(axis=1))


def recall(counts: Counts) -> Measure:
    """Return the share of true answers that were told."""
    return share(counts.hits.sum(axis=1), (counts.hits + counts.missed).sum(axis=1))


def share(part: Values, whole: Values) -> Measure:
    """Return the sum of ``part`` over the sum of ``whole``, both one number a row."""
    return lambda w: _over(w @ part, w @ whole)


def mean(values: Values, rows: Flags) -> Measure:
    """Return the mean of a number over some rows."""
    return share(np.where(rows, values, 0.0), rows.astype(np.float64))


def average_precision(truth: Flags, score: Values, rows: Flags) -> Measure:
    """Return the area under the precision-recall curve of a score."""

    def measure(w: Values) -> Values:
        right, found = _curve(w, truth, score, rows)
        steps = np.diff(found, axis=1, prepend=0.0)
        return np.asarray((steps * right).sum(axis=1))  # NaN where nothing is true

    return measure


def precision_at_recall(truth: Flags, score: Values, rows: Flags, wanted: float = 0.95) -> Measure:
    """Return the best precision among cuts that still find ``wanted`` of the true ones."""

    def measure(w: Values) -> Values:
        right, found = _curve(w, truth, score, rows)
        reached = np.where(found >= wanted - 1e-12, right, 0.0).max(axis=1)
        return np.asarray(np.where(np.isnan(found[:, -1]), np.nan, reached))

    return measure


def calibration_error(truth: Flags, p: Values, rows: Flags) -> Measure:
    """Return the expected calibration error over ten equal steps of probability."""
    step = np.minimum((p * _BINS).astype(int), _BINS - 1)
    bins = (step[:, None] == np.arange(_BINS)) & rows[:, None]
    gap = bins * (truth - p)[:, None]
    count = bins.astype(np.float64)
    return lambda w: _over(np.abs(w @ gap).sum(axis=1), (w @ count).sum(axis=1))


def difference(one: Measure, other: Measure) -> Measure:
    """Return ``one`` minus ``other`` under the same weights."""
    return lambda w: one(w) - other(w)


def _curve(w: Values, truth: Flags, score: Values, rows: Flags) -> tuple[Values, Values]:
    """Return precision and recall at each distinct score, from high to low."""
    at = np.flatnonzero(rows)
    if not len(at):
        return np.zeros((len(w), 1)), np.full((len(w), 1), np.nan)
    order = at[np.argsort(-score[at], kind="stable")]
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    drawn = w[:, order]
    hits = np.cumsum(drawn * truth[order], axis=1)[:, ends]
    told = np.cumsum(drawn, axis=1)[:, ends]
    return np.nan_to_num(_over(hits, told)), _over(hits, np.broadcast_to(hits[:, -1:], hits.shape))


def _parts(counts: Counts) -> tuple[Values, Values, Values]:
    return counts.hits, counts.extra, counts.missed


def _over(part: Values, whole: Values) -> Values:
    nothing = np.full(np.shape(part), np.nan)
    return np.asarray(np.divide(part, whole, out=nothing, where=whole > 0))
