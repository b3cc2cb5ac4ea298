"""What is usual: a rate of mentions a day learned from few counts, leaning on the parent unit.

Gamma-Poisson. The parent's rate for one child stands in as ``prior_mentions`` mentions of evidence;
the series' own days are added and slowly forgotten, the parent never is. So a school with no
history starts where its commune stands, and a commune where its province does. Days vary more than
Poisson allows (one matter brings several articles); that excess is learned too, from a common
value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from langnghe.core.policy.baseline import Learning

_LEAST_EXCESS, _MOST_EXCESS = 0.02, 5.0
# A single day teaches the rate, and the excess, no more than one so many deviations up.
_TAME, _WILD = 3.0, 6.0
_LEAST_RATE = 1e-5  # a mention in 270 years: keeps the logarithms finite


@dataclass(slots=True)
class Usual:
    """Evidence of one series: discounted ``mentions`` over discounted season-weighted ``days``.

    ``spread`` over ``square`` is the excess k of the variance m + k·m².
    """

    mentions: float = 0.0
    days: float = 0.0
    spread: float = 0.0
    square: float = 0.0
    # Days not yet learned: count, factor, mean, and whether the rate may learn from it too.
    waiting: list[tuple[float, float, float, bool]] = field(default_factory=list)


def rate(usual: Usual, prior: float, rule: Learning) -> float:
    """Return mentions a day before the season's factor; ``prior`` is the parent's for a child."""
    prior = max(prior, _LEAST_RATE)
    weight = rule.prior_mentions
    return (weight + usual.mentions) / (weight / prior + usual.days)


def excess(usual: Usual, rule: Learning) -> float:
    """Return k of the variance m + k·m²."""
    weight = rule.excess_weight
    found = (weight * rule.excess + usual.spread) / (weight + usual.square)
    return min(max(found, _LEAST_EXCESS), _MOST_EXCESS)


def doubt(usual: Usual, rule: Learning) -> float:
    """Return the excess that not knowing the rate well adds to a day's count."""
    return 1.0 / (rule.prior_mentions + usual.mentions + 1.0)


def learn(
    usual: Usual, count: float, factor: float, mean: float, rule: Learning, *, rising: bool = False
) -> None:
    """Put one listened day in line to be learned, and learn the one whose turn has come.

    With ``rising`` the day begins a burst: neither it nor those in line may raise the rate, for a
    burst must not become its own standard. They still teach how far days differ, else a series
    would forget its wildest days and take every next one for a wonder.
    """
    if rising:
        usual.waiting = [(c, f, m, False) for c, f, m, _ in usual.waiting]
    usual.waiting.append((count, factor, mean, not rising))
    if len(usual.waiting) <= rule.lag_days:
        return
    count, factor, mean, teaches = usual.waiting.pop(0)
    keep = 0.5 ** (1.0 / rule.half_life_days)
    k = excess(usual, rule)
    deviation = (mean + k * mean * mean) ** 0.5
    if teaches:
        usual.mentions = usual.mentions * keep + min(count, mean + _TAME * deviation + 2.0)
        usual.days = usual.days * keep + factor
    wild = min(count, mean + _WILD * deviation + 2.0)
    usual.spread = usual.spread * keep + (wild - mean) ** 2 - mean
    usual.square = usual.square * keep + mean * mean
