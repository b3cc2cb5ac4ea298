"""The level and the score of a story, without a word of explanation: the part that is run again.

Pure. The score is a sum of named parts (0..100); hysteresis, ceilings, floors and overrides of the
playbook then move it, so score and level always agree. Holding ``now`` still, more harm, more
independent sources or a surer unit never lower it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from alerts.facts import StoryFacts
from alerts.rules import Calm, Floor, Match, Picture, calm, ceiling, floors, matches, picture
from langnghe.core.policy.model import Ceiling, Policy

DOWN = "ha_muc"
"""The id in ``Assessment.overrides`` that says the down rule was applied."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One weighing: what was seen, which rules held, and what came of it.

    ``scored`` is the level of the score with hysteresis; ``lifted`` the one floors and overrides
    made of it, before a ``firm`` ceiling and the down rule.
    """

    seen: Picture
    values: Mapping[str, float]
    points: Mapping[str, float]
    base: float
    scored: int
    lifted: int
    level: int
    score: float
    soft: Ceiling | None
    firm: Ceiling | None
    floors: tuple[Floor, ...]
    matches: tuple[Match, ...]
    quiet: Calm
    lowered: bool

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that set the level or hold it, overrides from the highest level down."""
        held = [cap.id for cap in (self.soft, self.firm) if cap is not None]
        down = [DOWN] if self.lowered else []
        return (*held, *(match.rule.id for match in self.matches), *down)


def weigh(facts: StoryFacts, policy: Policy) -> Weighed:
    """Return level and score of a story, and the rules that made them."""
    seen = picture(facts, policy)
    values = _values(facts, seen, policy)
    points = {name: round(policy.score.weights[name] * v, 2) for name, v in values.items()}
    base = min(100.0, sum(points.values()))
    scored = _scored(base, facts.scored, policy)
    soft = ceiling(facts, seen, policy)
    level = scored if soft is None else min(scored, soft.level)
    raised = tuple(floors(seen, policy))
    held = tuple(sorted(matches(facts, seen, policy), key=lambda match: -match.rule.level))
    lifted = max([level, *(f.level for f in raised), *(m.rule.level for m in held)])
    firm = ceiling(facts, seen, policy, firm=True)
    if firm is not None and firm.level >= lifted:
        firm = None
    level = lifted if firm is None else firm.level
    quiet = calm(facts, policy)
    lowered = max(level - quiet.levels, min(level, quiet.not_below), 0)
    return Weighed(
        seen=seen,
        values=values,
        points=points,
        base=base,
        scored=scored,
        lifted=lifted,
        level=lowered,
        score=_fit(base, lowered, policy),
        soft=soft if soft is not None and soft.level < scored else None,
        firm=firm,
        floors=raised,
        matches=held,
        quiet=quiet,
        lowered=lowered < level,
    )


def _scored(base: float, before: int, policy: Policy) -> int:
    """Return the level of a score; one that was reached is left only below its margin."""
    level = policy.level_of(base)
    kept = (
        rule.value
        for rule in policy.levels[: before + 1]
        if base >= rule.min_score - policy.score.margin
    )
    return max([level, *kept])


def _values(facts: StoryFacts, seen: Picture, policy: Policy) -> dict[str, float]:
    rule = policy.score
    if not seen.live:
        return dict.fromkeys(rule.weights, 0.0)
    tiers = (rule.comment_tier if m.kind == "comment" else m.tier for m in seen.live)
    blame = max(
        (
            p * policy.topics[t].attribution if t in policy.topics else 0.0
            for m in seen.live
            for t, p in m.topics
        ),
        default=rule.attribution_default,
    )
    # Few mentions where there are never any weigh beside many mentions anywhere.
    rare = rule.surprise * facts.unusual.strength if facts.unusual else 0.0
    values = {
        "severity": max(
            sum(p * s for p, s in zip(m.risk_p, rule.risk_severity, strict=True)) for m in seen.live
        ),
        "reach": log_share(seen.spread, rule.reach_full),
        "velocity": 1 - (1 - log_share(seen.recent, rule.velocity_full)) * (1 - rare),
        "source": max(rule.tier_weight.get(tier, 0.0) for tier in tiers),
        "attribution": blame * (0.5 + 0.5 * facts.unit_confidence),
        "vulnerability": facts.vulnerability[0] if facts.vulnerability else 0.0,
        "history": 1.0 if facts.history else 0.0,
    }
    return {name: round(min(1.0, max(0.0, value)), 4) for name, value in values.items()}


def log_share(amount: float, full: float) -> float:
    """Nothing for none, a little for one, 1 from ``full`` on; each further voice adds less."""
    return min(1.0, log(amount + 0.25) / log(full + 0.25)) if amount > 0.75 else 0.0


def _fit(base: float, level: int, policy: Policy) -> float:
    """Move the score into the band of ``level``, so that number and colour say the same."""
    low = policy.level(level).min_score
    top = policy.levels[level + 1].min_score - 0.1 if level + 1 < len(policy.levels) else 100.0
    return round(min(max(base, low), top), 1)
