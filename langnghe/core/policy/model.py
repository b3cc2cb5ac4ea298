"""The playbook as frozen objects. Levels are positions 0..n-1 in ``Policy.levels``.

How much something weighs (scores, overrides, ceilings) is one and the same for everybody; who acts
and by when may differ from unit to unit: ``Policy.for_units``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from langnghe.core.policy.model_acting import (
    Hotline,
    LegalLimit,
    LevelRule,
    NoticeRule,
    OutcomeRule,
    ReviewField,
    RoleRule,
    Rung,
    StepRule,
    TopicRule,
)

__all__ = [
    "Ceiling",
    "CooldownRule",
    "CredibilityRule",
    "CredibilityStep",
    "DownRule",
    "Hotline",
    "IncidentRule",
    "LegalLimit",
    "LevelRule",
    "NewsRule",
    "NoticeRule",
    "OutcomeRule",
    "Override",
    "Policy",
    "ReviewField",
    "RoleRule",
    "Rung",
    "ScoreRule",
    "StepRule",
    "TopicRule",
    "Variants",
    "VulnerableRule",
    "When",
]


@dataclass(frozen=True, slots=True)
class IncidentRule:
    """When a story becomes an incident, and when it joins one that is open."""

    min_unit_confidence: float
    attach: timedelta
    rare_terms: int
    history: timedelta
    history_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """The weights and scales of the 0..100 score."""

    weights: Mapping[str, float]
    risk_severity: tuple[float, ...]
    live_education_p: float
    reach_full: float
    velocity_window: timedelta
    velocity_full: float
    comment_weight: float
    copy_weight: float
    tier_weight: Mapping[int, float]
    comment_tier: int
    attribution_default: float
    grievance_p: float
    digests: tuple[str, ...]
    surprise: float
    margin: float
    outlets: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class VulnerableRule:
    """Whom a matter touches: ``words`` in names and titles, or a topic that says so by itself."""

    value: float
    words: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CredibilityStep:
    """One rung of how far the sources can be trusted; all its numbers must be reached."""

    id: str
    value: float
    text: str
    voices: int = 0
    press: int = 0
    official: int = 0
    tier_at_most: int | None = None


@dataclass(frozen=True, slots=True)
class CredibilityRule:
    """How sources are weighed, apart from the level and from what people have verified.

    ``press_tier`` is the last tier that counts as press; ``speakers`` are facts that say an office
    speaks in a text. ``steps`` go from the least to the most credible.
    """

    press_tier: int
    speakers: tuple[str, ...]
    amiss_p: float
    steps: tuple[CredibilityStep, ...]


@dataclass(frozen=True, slots=True)
class NewsRule:
    """What is news about a matter already told: a stated fact, a rank of outlet, one more place.

    Exactly one of ``fact``, ``tier_at_most``, ``voices``, ``stances`` (of an office) and
    ``override`` is set. A number counts
    as news when it grew by ``step`` and to ``factor`` times what was told. ``tell`` rings even when
    the level stays.
    """

    id: str
    text: str
    fact: str | None = None
    harm_p: float = 0.0
    tier_at_most: int | None = None
    voices: int | None = None
    stances: tuple[str, ...] = ()
    override: str | None = None
    step: float = 1.0
    factor: float = 1.0
    tell: bool = False


@dataclass(frozen=True, slots=True)
class CooldownRule:
    """After an alert of a level (by position) nothing further rings for so long, except news.

    Coming back to a level that was told rings only after ``same_level`` hours.
    """

    hours: Mapping[int, float]
    same_level: float
    news: tuple[NewsRule, ...]


@dataclass(frozen=True, slots=True)
class When:
    """Conditions of an override; ``None`` or empty means "not asked"."""

    fact: str | None = None
    any_fact: tuple[str, ...] = ()
    at_least: float = 1.0
    with_fact: str | None = None
    harm_p: float = 0.0
    crisis_p: float = 0.0
    risk: int = 0
    topics: tuple[str, ...] = ()
    topic_p: float = 0.5
    stances: tuple[str, ...] = ()
    tier_at_most: int | None = None
    linked: bool = False
    unit_confidence: float = 0.0
    unit_kinds: tuple[str, ...] = ()
    outlets: int = 0
    schools: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """A rule that sets a least level directly."""

    id: str
    level: int
    when: When
    reason: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A rule that holds the scored level down while all its conditions are true.

    A ``firm`` one holds down what floors and overrides ask for as well.
    """

    id: str
    level: int
    reason: str
    harm_p_below: float | None = None
    grievances_below: float | None = None
    unit_confidence_below: float | None = None
    voices_below: int | None = None
    press_below: int | None = None
    official_below: int | None = None
    without_facts: tuple[str, ...] = ()
    only_topics: tuple[str, ...] = ()
    firm: bool = False


@dataclass(frozen=True, slots=True)
class DownRule:
    """An authority denied, corrected or concluded, and it has been quiet: the level goes down."""

    stances: tuple[str, ...]
    by: tuple[str, ...]
    quiet: timedelta
    levels: int
    hold_after: int
    hold_level: int
    hold: timedelta


class Variants(Protocol):
    """Makes the playbook of some units from that of all."""

    def of(self, policy: Policy, unit_ids: Sequence[str]) -> Policy:
        """Return the playbook as it stands for the units, nearest first."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole playbook. ``version`` is a short hash of its content.

    ``applied`` names the units whose changes it holds, farthest first; empty for everybody's.
    """

    version: str
    levels: tuple[LevelRule, ...]
    roles: Mapping[str, RoleRule]
    incident: IncidentRule
    score: ScoreRule
    vulnerability: tuple[VulnerableRule, ...]
    credibility: CredibilityRule
    cooldown: CooldownRule
    unit_ranks: Mapping[str, int]
    harm_facts: tuple[str, ...]
    harm_p: float
    overrides: tuple[Override, ...]
    ceilings: tuple[Ceiling, ...]
    down: DownRule
    core_steps: tuple[StepRule, ...]
    topics: Mapping[str, TopicRule]
    do: tuple[str, ...]
    dont: tuple[str, ...]
    notices: NoticeRule
    legal: tuple[LegalLimit, ...]
    outcomes: Mapping[str, OutcomeRule]
    review: tuple[ReviewField, ...]
    hotlines: tuple[Hotline, ...]
    applied: tuple[str, ...] = ()
    variants: Variants | None = field(default=None, repr=False, compare=False)

    def for_units(self, unit_ids: Sequence[str]) -> Policy:
        """Return the playbook as it stands for a unit: its own changes over those of its parents.

        ``unit_ids`` are the unit and the units above it, nearest first, as ``Profile.chain`` gives
        them. Unknown ids change nothing. The same object comes back for the same changes, this one
        where nothing changes; scores and levels are those of everybody.
        """
        return self if self.variants is None else self.variants.of(self, unit_ids)

    def level(self, value: int) -> LevelRule:
        """Return the level at ``value``; one beyond either end gives the nearest."""
        return self.levels[min(max(value, 0), len(self.levels) - 1)]

    def level_id(self, level_id: str) -> LevelRule | None:
        """Return the level named ``level_id``, or ``None``."""
        return next((level for level in self.levels if level.id == level_id), None)

    def level_of(self, score: float) -> int:
        """Return the highest level whose least score is reached."""
        return max(level.value for level in self.levels if score >= level.min_score)

    def steps_for(self, topics: tuple[str, ...], level: int) -> tuple[StepRule, ...]:
        """Return the steps that apply, the core ones first, then those of the topics."""
        special = (s for t in topics if t in self.topics for s in self.topics[t].steps)
        at = self.level(level).value
        return tuple(s for s in (*self.core_steps, *special) if s.due[at] is not None)

    def topic_name(self, topic: str) -> str:
        """Return the Vietnamese name of a topic, or its id."""
        rule = self.topics.get(topic)
        return rule.name if rule else topic

    def reaches(self, role: str, unit_kind: str) -> bool:
        """Tell whether somebody of ``role`` can stand at or above a unit of this kind."""
        rule, own = self.roles.get(role), self.unit_ranks.get(unit_kind)
        return rule is None or rule.rank is None or own is None or rule.rank >= own

    def role_name(self, role: str) -> str:
        """Return the Vietnamese name of a role, or its id."""
        rule = self.roles.get(role)
        return rule.name if rule else role
