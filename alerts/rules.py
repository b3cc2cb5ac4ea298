"""Do the playbook's rules hold for a story? Pure, and monotone: more harm never unmakes a match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.facts import LOUD, MentionFacts, StoryFacts
from langnghe.core.policy.model import Ceiling, Override, Policy, When


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds: the mentions that make it so, the value they state, their words."""

    rule: Override
    mention_ids: tuple[int, ...]
    value: float | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The story's numbers that rules and score share. ``outlets`` are own reports, not reposts."""

    live: tuple[MentionFacts, ...]
    outlets: int
    spread: float
    recent: float
    grievances: float
    harm_p: float
    topics: tuple[tuple[str, float], ...]
    themes: frozenset[str]
    """What each mention by itself is about: one more mention never takes one away."""

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """Ids of the topics the story is about, the main one first."""
        return tuple(topic for topic, _ in self.topics)


def is_live(mention: MentionFacts, policy: Policy) -> bool:
    """Tell whether a mention can raise a risk: Vietnamese education, and not a denial."""
    return (
        mention.education_p >= policy.score.live_education_p
        and mention.scope != "foreign"
        and mention.stance not in ("deny", "correct")
    )


def picture(facts: StoryFacts, policy: Policy) -> Picture:
    """Sum up the mentions that count."""
    score = policy.score
    live = tuple(m for m in facts.mentions if is_live(m, policy))
    outlets = {m.voice for m in live if m.kind != "comment" and not m.copy}
    comments = sum(m.kind == "comment" and not m.copy for m in live)
    copies = sum(m.copy for m in live)
    since = facts.now - score.velocity_window
    recent = [m for m in live if m.at > since and not m.copy]
    own = [m for m in live if not m.copy and sum(m.risk_p[1:]) >= score.grievance_p]
    return Picture(
        live=live,
        outlets=len(outlets),
        spread=len(outlets) + comments * score.comment_weight + copies * score.copy_weight,
        recent=_weigh(recent, score.comment_weight),
        grievances=len({m.voice for m in own if m.kind != "comment"})
        + sum(m.kind == "comment" for m in own) * score.comment_weight,
        harm_p=max((m.harm_p for m in live), default=0.0),
        topics=_topics(live),
        themes=frozenset(topic for m in live for topic, _ in _topics([m])),
    )


def _weigh(mentions: Sequence[MentionFacts], comment_weight: float) -> float:
    return sum(comment_weight if m.kind == "comment" else 1.0 for m in mentions)


def _topics(live: Sequence[MentionFacts]) -> tuple[tuple[str, float], ...]:
    best: dict[str, float] = {}
    total: dict[str, float] = {}
    for mention in live:
        for topic, p in mention.topics:
            best[topic] = max(best.get(topic, 0.0), p)
            total[topic] = total.get(topic, 0.0) + p
    ranked = sorted((t for t in best if best[t] >= 0.5), key=lambda t: (-total[t], t))
    if not ranked and best:
        ranked = [max(sorted(best), key=lambda t: best[t])]
    return tuple((t, best[t]) for t in ranked)


def matches(facts: StoryFacts, seen: Picture, policy: Policy) -> list[Match]:
    """Return every override that holds, in the playbook's order."""
    found = (_match(rule, facts, seen, policy) for rule in policy.overrides)
    return [match for match in found if match is not None]


def _match(rule: Override, facts: StoryFacts, seen: Picture, policy: Policy) -> Match | None:
    when = rule.when
    if facts.unit_confidence < when.unit_confidence or seen.outlets < when.outlets:
        return None
    if when.unit_kinds and facts.unit_kind not in when.unit_kinds:
        return None
    if when.with_fact and not any(f.kind == when.with_fact for m in seen.live for f in m.facts):
        return None
    hits = [m for m in seen.live if _holds(when, m, policy)]
    if not hits:
        return None
    stated = [f for m in hits for f in m.facts if f.kind == when.fact]
    words = [f.words for f in stated] if when.fact else [w for m in hits for w in m.words]
    return Match(
        rule,
        tuple(m.id for m in hits),
        max((f.value for f in stated if f.value is not None), default=None),
        tuple(dict.fromkeys(w for w in words if w))[:5],
    )


def _holds(when: When, mention: MentionFacts, policy: Policy) -> bool:
    return (
        mention.harm_p >= when.harm_p
        and mention.crisis_p >= when.crisis_p
        and mention.risk >= when.risk
        and (not when.stances or mention.stance in when.stances)
        and (when.tier_at_most is None or mention.tier <= when.tier_at_most)
        and (not when.linked or mention.unit_confidence >= policy.incident.min_unit_confidence)
        and (
            not when.topics
            or any(t in when.topics and p >= when.topic_p for t, p in mention.topics)
        )
        and (
            when.fact is None
            or any(
                f.kind == when.fact and (1.0 if f.value is None else f.value) >= when.at_least
                for f in mention.facts
            )
        )
    )


def ceiling(facts: StoryFacts, seen: Picture, policy: Policy) -> Ceiling | None:
    """Return the lowest ceiling that holds, or ``None``."""
    held = [rule for rule in policy.ceilings if _capped(rule, facts, seen)]
    return min(held, key=lambda rule: rule.level, default=None)


def _capped(rule: Ceiling, facts: StoryFacts, seen: Picture) -> bool:
    return (
        (rule.harm_p_below is None or seen.harm_p < rule.harm_p_below)
        and (rule.grievances_below is None or seen.grievances < rule.grievances_below)
        and (
            rule.unit_confidence_below is None or facts.unit_confidence < rule.unit_confidence_below
        )
        and (not rule.only_topics or (bool(seen.themes) and seen.themes <= set(rule.only_topics)))
    )


@dataclass(frozen=True, slots=True)
class Floor:
    """A topic's least level, because a mention of it states harm."""

    topic: str
    level: int
    mention_ids: tuple[int, ...]
    words: tuple[str, ...]


def floors(seen: Picture, policy: Policy) -> list[Floor]:
    """Return the floors of topics about which a mention states harm and the model agrees."""
    found: list[Floor] = []
    harmful = [
        m
        for m in seen.live
        if m.harm_p >= policy.harm_p and any(f.kind in policy.harm_facts for f in m.facts)
    ]
    for topic in seen.topic_ids:
        rule = policy.topics.get(topic)
        if rule is None or not rule.harm_floor:
            continue
        hits = [m for m in harmful if any(t == topic and p >= 0.5 for t, p in m.topics)]
        if hits:
            words = (f.words for m in hits for f in m.facts if f.kind in policy.harm_facts)
            found.append(
                Floor(
                    topic,
                    rule.harm_floor,
                    tuple(m.id for m in hits),
                    tuple(dict.fromkeys(w for w in words if w))[:5],
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Calm:
    """What the down rule says: how far to go down now, never below what, and when to look again."""

    levels: int
    not_below: int
    again_at: datetime | None
    mention_ids: tuple[int, ...]


def calm(facts: StoryFacts, policy: Policy) -> Calm:
    """Weigh an authority's denial or conclusion and the quiet after it."""
    rule = policy.down
    held_until = facts.peak_at + rule.hold if facts.peak_at else None
    holding = (
        held_until is not None and facts.peak_level >= rule.hold_after and facts.now < held_until
    )
    not_below = rule.hold_level if holding else 0
    words = [m for m in facts.mentions if m.authority and m.stance in rule.stances]
    if not words:
        return Calm(0, not_below, None, ())
    loud = [m.at for m in facts.mentions if m.stance in LOUD and not m.authority and not m.copy]
    quiet_at = max([min(m.at for m in words), *loud]) + rule.quiet
    ids = tuple(m.id for m in words)
    if facts.now < quiet_at:
        return Calm(0, not_below, quiet_at, ids)
    return Calm(rule.levels, not_below, held_until if holding else None, ids)
