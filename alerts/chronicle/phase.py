"""Which phase a story is in: new, spreading, steady or fading. Pure: times, voices and now.

- ``spreading`` (lan rộng): in the last 6 hours at least 3 publishers told it that never had before,
  or at least 3 own items came and they are 1.5 times those of the 6 hours before;
- ``fading`` (lắng): nothing new for 24 hours, or the last 24 hours brought at most a quarter of the
  busiest 24 hours (of at least 4 items);
- ``new`` (mới): first told less than 6 hours ago, or less than 24 hours ago by fewer than 3 voices;
- ``steady`` (duy trì): everything else.

They are asked in this order: silence first, then spreading, new, fading by quarter, steady. A copy
counts as a voice (the matter reaches new readers) but not as an item (it adds nothing).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.chronicle.told import Told

PHASES = ("new", "spreading", "steady", "fading")


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """The thresholds; see the module."""

    young: timedelta = timedelta(hours=6)
    young_few: timedelta = timedelta(hours=24)
    few_voices: int = 3
    window: timedelta = timedelta(hours=6)
    new_voices: int = 3
    least: int = 3
    growth: float = 1.5
    quiet: timedelta = timedelta(hours=24)
    day: timedelta = timedelta(hours=24)
    share: float = 0.25
    least_peak: int = 4


RULE = PhaseRule()


@dataclass(frozen=True, slots=True)
class Phase:
    """``id`` is one of ``PHASES``; ``recent`` and ``before`` count own items of two windows.

    ``new_voices`` are publishers first heard in the last window; ``quiet`` is how long nothing
    came.
    """

    id: str
    recent: int
    before: int
    new_voices: int
    quiet: timedelta


def phase_of(told: Sequence[Told], now: datetime, rule: PhaseRule = RULE) -> Phase:
    """Return the phase at ``now``. ``told`` in order, not empty.

    A clock behind the last mention counts as standing at that mention.
    """
    now = max(now, told[-1].at)
    own = [t.at for t in told if t.copy_of is None] or [t.at for t in told]
    heard: dict[str, datetime] = {}
    for one in told:
        if not one.is_comment:
            heard.setdefault(one.voice, one.at)
    since = now - rule.window
    recent = len(own) - bisect_right(own, since)
    before = bisect_right(own, since) - bisect_right(own, since - rule.window)
    fresh = sum(at > since for at in heard.values())
    quiet, age = now - told[-1].at, now - told[0].at
    found = Phase("", recent, before, fresh, quiet)
    return Phase(_name(found, age, len(heard), own, now, rule), recent, before, fresh, quiet)


def _name(
    seen: Phase,
    age: timedelta,
    voices: int,
    own: Sequence[datetime],
    now: datetime,
    rule: PhaseRule,
) -> str:
    if seen.quiet >= rule.quiet:
        return "fading"
    # Of a story younger than the window every voice is new: it spreads once there are several.
    grows = seen.recent >= rule.least and seen.recent >= rule.growth * max(seen.before, 1)
    if seen.new_voices >= rule.new_voices or grows:
        return "spreading"
    if age < rule.young or (age < rule.young_few and voices < rule.few_voices):
        return "new"
    peak = _busiest(own, rule.day)
    today = len(own) - bisect_right(own, now - rule.day)
    if peak >= rule.least_peak and today <= rule.share * peak:
        return "fading"
    return "steady"


def _busiest(times: Sequence[datetime], span: timedelta) -> int:
    """Return the most items that lie within one ``span``; ``times`` ascend."""
    return max((n + 1 - bisect_left(times, at - span) for n, at in enumerate(times)), default=0)
