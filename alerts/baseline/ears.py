"""EARS C1, C2 and C3, the textbook method, as the reference beside our own.

C1 compares a day with the mean and standard deviation of the seven days before it, C2 leaves two
days between, C3 adds up what C2 lies above one deviation over three days. Limits are three
deviations for C1 and C2 and two for C3. On sparse counts the deviation is zero most weeks, so it is
kept from falling below ``FLOOR``, as its users do (R package ``surveillance``: ``minSigma`` 0.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

BASE, LAG = 7, 2
FLOOR = 0.5
LIMITS = {"C1": 3.0, "C2": 3.0, "C3": 2.0}


def ears(counts: Sequence[int]) -> dict[str, list[float]]:
    """Return the statistic of each day for C1, C2 and C3; 0 where there is no baseline yet."""
    first = [_deviation(counts, day, 0) for day in range(len(counts))]
    second = [_deviation(counts, day, LAG) for day in range(len(counts))]
    third = [
        sum(max(0.0, value - 1.0) for value in second[max(0, day - 2) : day + 1])
        for day in range(len(counts))
    ]
    return {"C1": first, "C2": second, "C3": third}


def _deviation(counts: Sequence[int], day: int, lag: int) -> float:
    start = day - lag - BASE
    if start < 0:
        return 0.0
    base = counts[start : start + BASE]
    mean = sum(base) / BASE
    variance = sum((value - mean) ** 2 for value in base) / (BASE - 1)
    return (counts[day] - mean) / max(sqrt(variance), FLOOR)
