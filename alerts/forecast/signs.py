"""What a story shows at one moment, small enough to be stored and read again at a later hour.

Silence speaks too: the same story is worth less worry after six quiet hours. So arrivals are kept
as times and turned into numbers only when a moment is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from math import log, log1p
from typing import Any

from alerts.facts import StoryFacts
from alerts.rules import picture
from langnghe.core.policy.model import Policy
from langnghe.core.types import Assessment

KEPT = 24
"""Arrivals remembered: enough for six lively hours; more of them would say little more."""
NAMES = ("score", "harm", "crisis", "harm_fact", "voices", "fresh_6h", "age", "silence", "hours")
"""The numbers of one moment and one horizon. Few, for few stories ever rise."""


@dataclass(frozen=True, slots=True)
class Signs:
    """One story as far as its near future hangs on it.

    ``score`` 0..100, ``harm`` and ``crisis`` 0..1 (the worst mention), ``voices`` independent
    press outlets, ``times`` the latest own reports and posts, oldest first.
    """

    level: int
    score: float
    harm: float
    crisis: float
    harm_fact: bool
    voices: int
    first: datetime
    times: tuple[datetime, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; ``from_json`` gives the same signs back."""
        return asdict(self) | {
            "first": self.first.isoformat(),
            "times": [moment.isoformat() for moment in self.times],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Signs:
        """Read what ``to_json`` wrote. Raises KeyError or ValueError for anything else."""
        values = {field.name: data[field.name] for field in fields(cls)}
        values["first"] = datetime.fromisoformat(data["first"])
        values["times"] = tuple(datetime.fromisoformat(moment) for moment in data["times"])
        return cls(**values)


def signs_of(facts: StoryFacts, found: Assessment, policy: Policy) -> Signs | None:
    """Return the signs of a story, ``None`` where nothing of it counts (no live mention)."""
    seen = picture(facts, policy)
    if not seen.live:
        return None
    own = sorted(m.at for m in seen.live if not m.copy) or [min(m.at for m in seen.live)]
    return Signs(
        level=int(found.level),
        score=found.score,
        harm=seen.harm_p,
        crisis=max(m.crisis_p for m in seen.live),
        harm_fact=any(f.kind in policy.harm_facts for m in seen.live for f in m.facts),
        voices=seen.outlets,
        first=own[0],
        times=tuple(own[-KEPT:]),
    )


def vector(signs: Signs, now: datetime, hours: float) -> tuple[float, ...]:
    """Return the numbers of ``NAMES`` at ``now``, for a horizon of so many ``hours``."""
    since = now - timedelta(hours=6)
    return (
        signs.score / 25,
        signs.harm,
        signs.crisis,
        float(signs.harm_fact),
        log1p(signs.voices),
        log1p(sum(since < moment <= now for moment in signs.times)),
        log1p(age(signs, now)),
        log1p(silence(signs, now)),
        log(hours),
    )


def age(signs: Signs, now: datetime) -> float:
    """Return hours since the first arrival, not below 0."""
    return max(0.0, (now - signs.first).total_seconds() / 3600)


def silence(signs: Signs, now: datetime) -> float:
    """Return hours since the last arrival, not below 0."""
    return max(0.0, (now - signs.times[-1]).total_seconds() / 3600)
