"""Figures of quality with their uncertainty: a table without intervals invites false pride."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]
RESAMPLES = 1_000
SEED = 118


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


@dataclass(frozen=True)
class ClassFigures:
    """Precision, recall and F1 of one class; ``support`` is how many items truly have it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Family:
    """One family of labels: its classes, and the averages over them with intervals."""

    classes: dict[str, ClassFigures]
    micro: Figure
    macro: Figure
    rows: int


def family(truth: Flags, told: Flags, classes: Sequence[str]) -> Family:
    """Return the figures of one family; both arrays have shape (items, classes).

    The macro average is over classes that occur in ``truth`` or were told.
    """
    hits, extra, missed = truth & told, told & ~truth, truth & ~told
    counts = np.stack([hits, extra, missed]).astype(np.float64)  # (3, items, classes)
    total = counts.sum(axis=1)
    occurs = total.sum(axis=0) > 0
    weights = _resamples(len(truth))
    resampled = np.einsum("bi,kic->kbc", weights, counts)
    micro = _f1(*resampled.sum(axis=2))
    macro = _f1(*resampled)[:, occurs].mean(axis=1) if occurs.any() else np.zeros(len(weights))
    return Family(
        classes={
            name: ClassFigures(
                precision=_share(total[0, at], total[0, at] + total[1, at]),
                recall=_share(total[0, at], total[0, at] + total[2, at]),
                f1=float(_f1(*total)[at]),
                support=int(total[0, at] + total[2, at]),
            )
            for at, name in enumerate(classes)
            if occurs[at]
        },
        micro=_figure(float(_f1(*total.sum(axis=1))), micro),
        macro=_figure(float(_f1(*total)[occurs].mean()) if occurs.any() else 0.0, macro),
        rows=len(truth),
    )


def ranking(truth: Flags, score: Values) -> dict[str, Figure]:
    """Return average precision and precision at 95 % recall of a score, or nothing to rank."""
    if not truth.any() or truth.all():
        return {}
    return {
        "average_precision": _bootstrap(
            truth, score, lambda t, s: float(average_precision_score(t, s))
        ),
        "precision_at_95_recall": _bootstrap(truth, score, precision_at_recall),
    }


def precision_at_recall(truth: Flags, score: Values, recall: float = 0.95) -> float:
    """Return the best precision among cuts that still find ``recall`` of the true ones."""
    precisions, recalls, _ = precision_recall_curve(truth, score)
    return float(precisions[recalls >= recall].max())


def _bootstrap(truth: Flags, score: Values, measure: Callable[[Flags, Values], float]) -> Figure:
    dice = np.random.default_rng(SEED)
    drawn: list[float] = []
    for _ in range(RESAMPLES // 4):
        rows = dice.integers(0, len(truth), len(truth))
        if truth[rows].any():
            drawn.append(measure(truth[rows], score[rows]))
    return _figure(measure(truth, score), np.asarray(drawn))


def _resamples(rows: int) -> Values:
    dice = np.random.default_rng(SEED)
    return dice.multinomial(rows, [1 / rows] * rows, size=RESAMPLES).astype(np.float64)


def _figure(value: float, drawn: Values) -> Figure:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(value, float(low), float(high))


def _f1(hits: Values, extra: Values, missed: Values) -> Values:
    below = 2 * hits + extra + missed
    return np.asarray(np.divide(2 * hits, below, out=np.zeros_like(below), where=below > 0))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
