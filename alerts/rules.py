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
    """The story's numbers that rules and score share. ``outlets`` are own reports, not reposts.

    ``spread`` and ``recent`` count what speaks of something amiss; ``voices`` are the places that
    do, ``press`` the newspapers among them, ``official`` those that carry the word of an office
    about it. ``count`` and ``copies`` tell the size of the story, with what was only counted.
    """

    live: tuple[MentionFacts, ...]
    outlets: int
    voices: int
    press: int
    official: int
    count: int
    copies: int
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
        and not mention.digest
    )


def is_press(mention: MentionFacts, policy: Policy) -> bool:
    """Tell whether a mention is a newspaper's own report."""
    return (
        mention.kind == "news"
        and not mention.copy
        and mention.tier <= policy.credibility.press_tier
    )


def is_official(mention: MentionFacts, policy: Policy) -> bool:
    """Tell whether a mention carries the word of an office about something amiss."""
    rule = policy.credibility
    return (
        mention.kind != "comment"  # a rumour likes to quote the police
        and not mention.copy
        and _amiss(mention, policy)
        and any(fact.kind in rule.speakers for fact in mention.facts)
    )


def _amiss(mention: MentionFacts, policy: Policy) -> bool:
    """Tell whether a mention speaks of something amiss at all; praise beside it is no witness."""
    return (
        sum(mention.risk_p[1:]) >= policy.score.grievance_p
        or mention.harm_p >= policy.credibility.amiss_p
    )


def picture(facts: StoryFacts, policy: Policy) -> Picture:
    """Sum up the mentions that count."""
    score = policy.score
    live = tuple(m for m in facts.mentions if is_live(m, policy))
    outlets = {m.voice for m in live if m.kind != "comment" and not m.copy}
    copies = sum(m.copy for m in live)
    since = facts.now - score.velocity_window
    own = [m for m in live if not m.copy and sum(m.risk_p[1:]) >= score.grievance_p]
    amiss = [m for m in live if not m.copy and _amiss(m, policy)]
    press = [m for m in amiss if is_press(m, policy)]
    crowd, light = facts.crowd, score.comment_weight
    loud = {m.voice for m in amiss if m.kind != "comment"}
    talk = sum(m.kind == "comment" for m in amiss) + crowd.comments
    reposts = sum(m.copy and _amiss(m, policy) for m in live) + crowd.copies
    complaints = sum(m.kind == "comment" for m in own) + crowd.grievances
    return Picture(
        live=live,
        outlets=len(outlets),
        voices=len({m.voice for m in amiss}),
        press=len({m.voice for m in press}),
        official=len({m.voice for m in live if is_official(m, policy)}),
        count=len(live) + crowd.live,
        copies=copies + crowd.copies,
        spread=len(loud) + talk * light + reposts * score.copy_weight,
        recent=_weigh([m for m in amiss if m.at > since], light) + crowd.recent * light,
        grievances=len({m.voice for m in own if m.kind != "comment"}) + complaints * light,
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
    if facts.unit_confidence < when.unit_confidence:
        return None
    if facts.schools < when.schools:
        return None
    if when.unit_kinds and facts.unit_kind not in when.unit_kinds:
        return None
    if when.with_fact and not any(f.kind == when.with_fact for m in seen.live for f in m.facts):
        return None
    hits = [m for m in seen.live if _holds(when, m, policy)]
    told_by = {m.voice for m in hits if m.kind != "comment" and not m.copy}
    if not hits or len(told_by) < when.outlets:
        return None
    kinds = (when.fact,) if when.fact else when.any_fact
    stated = [f for m in hits for f in m.facts if f.kind in kinds]
    words = [f.words for f in stated] if kinds else [w for m in hits for w in m.words]
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
        and (not when.any_fact or any(f.kind in when.any_fact for f in mention.facts))
        and (
            when.fact is None
            or any(
                f.kind == when.fact and (1.0 if f.value is None else f.value) >= when.at_least
                for f in mention.facts
            )
        )
    )


def ceiling(
    facts: StoryFacts, seen: Picture, policy: Policy, *, firm: bool = False
) -> Ceiling | None:
    """Return the lowest ceiling that holds (``firm``: of those that hold rules down), if any."""
    held = [
        rule for rule in policy.ceilings if rule.firm == firm and _capped(rule, facts, seen, policy)
    ]
    return min(held, key=lambda rule: rule.level, default=None)


def _capped(rule: Ceiling, facts: StoryFacts, seen: Picture, policy: Policy) -> bool:
    def below(value: float, limit: float | None) -> bool:
        return limit is None or value < limit

    return (
        below(seen.harm_p, rule.harm_p_below)
        and below(seen.grievances, rule.grievances_below)
        and below(facts.unit_confidence, rule.unit_confidence_below)
        and below(seen.voices, rule.voices_below)
        and below(seen.press, rule.press_below)
        and below(seen.official, rule.official_below)
        and (not rule.only_topics or (bool(seen.themes) and seen.themes <= set(rule.only_topics)))
        and not any(
            f.kind in rule.without_facts and m.harm_p >= policy.harm_p
            for m in seen.live
            for f in m.facts
        )
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
    """Weigh an authority's denial or conclusion and the quiet after it.

    A conclusion that people recorded counts like one that was published.
    """
    rule = policy.down
    held_until = facts.peak_at + rule.hold if facts.peak_at else None
    holding = (
        held_until is not None and facts.peak_level >= rule.hold_after and facts.now < held_until
    )
    not_below = rule.hold_level if holding else 0
    words = [m for m in facts.mentions if m.authority and m.stance in rule.stances]
    spoken = [m.at for m in words]
    if facts.concluded_at is not None:
        spoken.append(facts.concluded_at)
    if not spoken:
        return Calm(0, not_below, None, ())
    loud = [m.at for m in facts.mentions if m.stance in LOUD and not m.authority and not m.copy]
    quiet_at = max([min(spoken), *loud]) + rule.quiet
    ids = tuple(m.id for m in words)
    if facts.now < quiet_at:
        return Calm(0, not_below, quiet_at, ids)
    return Calm(rule.levels, not_below, held_until if holding else None, ids)
