"""What counts as unusual, as frozen objects; ``baseline.yaml`` says what each number means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Learning:
    """How the usual rate is learned; see the file for what each number means."""

    half_life_days: float
    prior_mentions: float
    lag_days: int
    warm_days: int
    first_rate: float
    excess: float
    excess_weight: float


@dataclass(frozen=True, slots=True)
class Burst:
    """What is looked for (``times`` x usual + ``plus`` a day) and when it is over."""

    times: float
    plus: float
    over_days: int
    new_normal_days: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """CUSUM thresholds: rows by rate (a day, rising), columns by excess (rising)."""

    excess: tuple[float, ...]
    rates: tuple[float, ...]
    table: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Several:
    """Schools of one place with one topic within ``days``."""

    schools: int
    days: int
    chance: float
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listening:
    """When a day with few items over all sources counts as not heard at all."""

    usual_days: int
    least_share: float
    from_usual: int


@dataclass(frozen=True, slots=True)
class Season:
    """Days around a fixed date or Tết (``first``..``last`` from it); no topics means all."""

    name: str
    around: tuple[int, int] | None
    first: int
    last: int
    factor: float
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Factors by weekday, by month and topic, and by season."""

    weekday: tuple[float, ...]
    months: Mapping[str, Mapping[int, float]]
    seasons: tuple[Season, ...]
    tet: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The whole file. ``version`` is a short hash of its content."""

    version: str
    false_alarm_days: int
    most_a_day: float
    least: int
    unwatched: tuple[str, ...]
    learning: Learning
    burst: Burst
    thresholds: Thresholds
    several: Several
    listening: Listening
    today: timedelta
    wait: timedelta
    calendar: Calendar
