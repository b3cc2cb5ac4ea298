"""Who speaks, and can they be trusted? Kept apart from the level and from what is verified.

The level says how soon somebody must act, a person says whether it is true; this says only what
the sources are. Pure, and monotone: one more source never makes a story less credible.
"""

from __future__ import annotations

from alerts.rules import Picture, is_press
from langnghe.core.policy.model import CredibilityStep, Policy
from langnghe.core.types import Credibility


def credibility(seen: Picture, policy: Policy) -> Credibility:
    """Return the highest rung of the playbook whose numbers the story's sources reach."""
    best = min((m.tier for m in seen.live if is_press(m, policy)), default=None)

    def reached(step: CredibilityStep) -> bool:
        return (
            seen.voices >= step.voices
            and seen.press >= step.press
            and seen.official >= step.official
            and (step.tier_at_most is None or (best is not None and best <= step.tier_at_most))
        )

    # The lowest rung asks for nothing (the playbook is checked for it), so one is always reached.
    rung = max((s for s in policy.credibility.steps if reached(s)), key=lambda s: s.value)
    text = rung.text.format(voices=seen.voices, press=seen.press, official=seen.official)
    return Credibility(rung.id, rung.value, text, seen.voices, seen.press, seen.official)
