"""Several schools of one place with one topic within a week: unusual, if not likely by chance.

Pure. A large place has two such schools every week, so what counts is whether that many are likely
where the place has as many mentions as it usually has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from alerts.baseline.cusum import chance_at_least
from alerts.baseline.series import strength_of
from alerts.baseline.tally import ALL, Tree
from langnghe.core.policy.baseline import Baseline
from langnghe.core.store.watch_counts import Count, Key


@dataclass(frozen=True, slots=True)
class Together:
    """Schools below ``unit`` that had mentions of ``topic``, and how seldom that is."""

    unit: str
    topic: str
    schools: tuple[str, ...]
    seen: int
    expected: float
    once_in: float
    strength: float
    mention_ids: tuple[int, ...]
    story_ids: tuple[int, ...]


Expects = Callable[[str, str], tuple[float, float]]
"""(unit, topic) to the mentions usual in the window and the excess k of their variance."""


Places = dict[Key, dict[str, list[Count]]]
"""(place, topic) to the days on which each school below it had mentions."""


def places_of(counts: Mapping[Key, Mapping[date, Count]], tree: Tree, rule: Baseline) -> Places:
    """Return the places with enough schools of one topic; ``counts`` by series and day."""
    found: Places = {}
    for (unit, topic), days in counts.items():
        if topic == ALL or tree.kinds.get(unit) not in rule.several.kinds:
            continue
        told = [count for count in days.values() if count.originals > 0]
        if told:
            for above in tree.upward(unit)[1:]:
                if tree.kinds[above] not in rule.several.kinds:
                    found.setdefault((above, topic), {})[unit] = told
    return {key: place for key, place in found.items() if len(place) >= rule.several.schools}


def together(places: Places, expects: Expects, rule: Baseline) -> list[Together]:
    """Return the places where that many schools at once are unlikely by chance."""
    found = []
    for (unit, topic), schools in sorted(places.items()):
        mentions = _ids(schools, lambda count: count.mention_ids)
        # One article that names two schools is one matter, not two schools with the same trouble.
        number = min(len(schools), len(mentions))
        if number < rule.several.schools:
            continue
        expected, excess = expects(unit, topic)
        chance = chance_at_least(number, expected, excess)
        if chance > rule.several.chance:
            continue
        once_in = rule.several.days / max(chance, 1e-9)
        found.append(
            Together(
                unit, topic, tuple(sorted(schools)), len(mentions), expected,
                once_in, strength_of(once_in / rule.false_alarm_days), mentions,
                _ids(schools, lambda count: count.story_ids),
            )
        )  # fmt: skip
    return found


def _ids(
    schools: Mapping[str, list[Count]], of: Callable[[Count], tuple[int, ...]]
) -> tuple[int, ...]:
    return tuple(sorted({i for told in schools.values() for count in told for i in of(count)}))
