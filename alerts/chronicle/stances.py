"""What mentions did with the claim over time, and how long the first official word took. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.chronicle.spread import Source, source
from alerts.chronicle.told import OFFICES, Told
from langnghe.core.clock import HANOI, as_utc

STANCES = ("report", "comment", "confirm", "deny", "correct", "conclude")
MOST = 12
_WIDTHS = (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 30, 24 * 90, 24 * 365)  # hours
# "Nhà trường chưa lên tiếng" names the school and is nobody's word.
_SILENT = re.compile(
    r"(?<!\w)(?:chưa|không)(?: \w+){0,2} (?:lên tiếng|trả lời|phản hồi|thông tin)|im lặng|"
    r"im hơi|từ chối (?:trả lời|bình luận|cung cấp)"
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Mentions (copies too) of one stretch of time, by stance in the order of ``STANCES``."""

    start: datetime
    end: datetime
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Voice:
    """The first word of a side, by speaker ids, and how long after the first mention it came."""

    source: Source
    by: tuple[str, ...]
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Stances:
    """Stretches without a gap, at most ``MOST``; the first office and the first school voice."""

    buckets: tuple[Bucket, ...]
    office: Voice | None
    school: Voice | None

    @property
    def highest(self) -> int:
        """Return the most mentions of any stretch."""
        return max(bucket.total for bucket in self.buckets)


def stances_of(told: Sequence[Told]) -> Stances:
    """Return stances over time. ``told`` in order, not empty."""
    return Stances(_buckets(told), _first(told, OFFICES), _first(told, ("school",)))


def _buckets(told: Sequence[Told]) -> tuple[Bucket, ...]:
    """Return stretches of equal length, cut at whole hours or midnights of Vietnamese time."""
    first, last = told[0].at, told[-1].at
    for hours in _WIDTHS:
        width = timedelta(hours=hours)
        start = _floor(first, width)
        number = (last - start) // width + 1
        if number <= MOST:
            break
    else:
        number = MOST
        width = (last - start) / number + timedelta(seconds=1)
    counted: list[Counter[str]] = [Counter() for _ in range(number)]
    for one in told:
        counted[(one.at - start) // width][one.stance] += 1
    return tuple(
        Bucket(start + n * width, start + (n + 1) * width, tuple(c[s] for s in STANCES))
        for n, c in enumerate(counted)
    )


def _floor(at: datetime, width: timedelta) -> datetime:
    local = at.astimezone(HANOI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if width >= timedelta(days=1):
        return as_utc(midnight)
    return as_utc(midnight + (local - midnight) // width * width)


def _first(told: Sequence[Told], side: Sequence[str]) -> Voice | None:
    for one in told:
        by = tuple(who for who in one.speakers if who in side)
        if by and not one.is_comment and not _SILENT.search(one.title.lower()):
            return Voice(source(one), by, one.at - told[0].at)
    return None
