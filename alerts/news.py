"""What is new about a matter that was told already? One more repost or comment never is.

Pure. ``numbers`` turns a story into one number for each kind of news the playbook names; ``fresh``
compares the numbers of two moments. Only the numbers are kept with an incident, so an old story
need not be read again to know what had been told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts.facts import StoryFacts
from alerts.rules import Picture, is_press
from langnghe.core.policy.model import NewsRule, Policy

Numbers = Mapping[str, float]


def numbers(
    facts: StoryFacts, seen: Picture, overrides: Iterable[str], policy: Policy
) -> dict[str, float]:
    """Return, by id of a kind of news, how much of it the story holds; what is absent is 0."""
    held = set(overrides)
    found = {rule.id: _number(rule, facts, seen, held, policy) for rule in policy.cooldown.news}
    return {name: value for name, value in found.items() if value}


def _number(
    rule: NewsRule, facts: StoryFacts, seen: Picture, overrides: set[str], policy: Policy
) -> float:
    if rule.fact is not None:
        values = (
            1.0 if fact.value is None else fact.value
            for m in seen.live
            if m.harm_p >= rule.harm_p
            for fact in m.facts
            if fact.kind == rule.fact
        )
        return max(values, default=0.0)
    if rule.tier_at_most is not None:
        return float(any(is_press(m, policy) and m.tier <= rule.tier_at_most for m in seen.live))
    if rule.voices is not None:
        return float(seen.voices >= rule.voices)
    if rule.stances:
        return float(any(m.authority and m.stance in rule.stances for m in facts.mentions))
    return float(rule.override in overrides)


def fresh(before: Numbers, now: Numbers, policy: Policy) -> tuple[NewsRule, ...]:
    """Return the kinds of news that ``now`` holds beyond what was told ``before``."""
    return tuple(rule for rule in policy.cooldown.news if _grew(rule, before, now))


def _grew(rule: NewsRule, before: Numbers, now: Numbers) -> bool:
    told, seen = before.get(rule.id, 0.0), now.get(rule.id, 0.0)
    if not told:
        # what rings though the level stays must be as much as a step when first heard of
        return seen >= rule.step if rule.tell else seen > 0
    return seen >= told + rule.step and seen >= told * rule.factor


def say(rules: Iterable[NewsRule], now: Numbers) -> str:
    """Return the news as one Vietnamese phrase, without a full stop."""
    texts = (rule.text.format(value=f"{now.get(rule.id, 0):.0f}") for rule in rules)
    return "; ".join(texts)
