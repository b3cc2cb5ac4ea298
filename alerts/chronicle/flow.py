"""How many mentions came when, own reports, copies and comments apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.chronicle.spread import origins
from alerts.chronicle.told import Told
from langnghe.core.clock import HANOI, as_utc

MOST = 80
"""Stretches that a chart of a phone's width can still tell apart."""
_STEPS = (
    timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7),
    timedelta(days=28), timedelta(days=364),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came from ``at`` until the next stretch."""

    at: datetime
    originals: int
    copies: int
    comments: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Stretches of one length, those without a mention left out, oldest first."""

    step: timedelta
    stretches: tuple[Stretch, ...]


def flow_of(told: Sequence[Told]) -> Flow:
    """Return how a story came in. ``told`` in order, not empty."""
    origin = origins(told)
    first, last = told[0].at, told[-1].at
    step = next((s for s in _STEPS if (last - _floor(first, s)) // s < MOST), _STEPS[-1])
    start = _floor(first, step)
    counted: dict[int, list[int]] = {}
    for one in told:
        place = counted.setdefault((one.at - start) // step, [0, 0, 0])
        place[2 if one.is_comment else 0 if origin[one.id] == one.id else 1] += 1
    return Flow(
        step, tuple(Stretch(start + n * step, *counts) for n, counts in sorted(counted.items()))
    )


def _floor(at: datetime, step: timedelta) -> datetime:
    """Return the whole hour, quarter of a day or midnight (Vietnamese time) at or before ``at``."""
    local = at.astimezone(HANOI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        return as_utc(midnight)
    return as_utc(midnight + (local - midnight) // step * step)
