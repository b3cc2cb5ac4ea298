"""The playbook as frozen objects. Levels are positions 0..n-1 in ``Policy.levels``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of escalation: nobody acknowledged after ``after``, so ``role`` is told."""

    after: timedelta
    role: str


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One level of risk. ``value`` is its position; colour never stands without word and shape."""

    value: int
    id: str
    name: str
    title: str
    colour: str
    shape: str
    min_score: float
    opens: bool
    ack: timedelta
    notify: tuple[str, ...]
    ladder: tuple[Rung, ...]
    monitor: str
    close: str


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who holds a role: somebody of the unit itself, or of the nearest parent of a kind."""

    id: str
    name: str
    unit_kinds: tuple[str, ...]
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentRule:
    """When a story becomes an incident, and when it joins one that is open."""

    min_unit_confidence: float
    attach: timedelta
    rare_terms: int
    history: timedelta


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
    outlets: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class When:
    """Conditions of an override; ``None`` or empty means "not asked"."""

    fact: str | None = None
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


@dataclass(frozen=True, slots=True)
class Override:
    """A rule that sets a least level directly."""

    id: str
    level: int
    when: When
    reason: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A rule that holds the scored level down while all its conditions are true."""

    id: str
    level: int
    reason: str
    harm_p_below: float | None = None
    grievances_below: float | None = None
    unit_confidence_below: float | None = None
    only_topics: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class StepRule:
    """One thing to do. ``due[level]`` is the time allowed, ``None`` where it does not apply."""

    code: str
    title: str
    detail: str
    role: str
    evidence: str
    remind: bool
    due: tuple[timedelta | None, ...]


@dataclass(frozen=True, slots=True)
class TopicRule:
    """What is special about one sensitive topic."""

    id: str
    name: str
    attribution: float
    harm_floor: int
    only_roles: tuple[str, ...]
    steps: tuple[StepRule, ...]
    do: tuple[str, ...]
    dont: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole playbook. ``version`` is a short hash of its content."""

    version: str
    levels: tuple[LevelRule, ...]
    roles: Mapping[str, RoleRule]
    incident: IncidentRule
    score: ScoreRule
    vulnerability: tuple[tuple[float, tuple[str, ...]], ...]
    harm_facts: tuple[str, ...]
    harm_p: float
    overrides: tuple[Override, ...]
    ceilings: tuple[Ceiling, ...]
    down: DownRule
    core_steps: tuple[StepRule, ...]
    topics: Mapping[str, TopicRule]
    do: tuple[str, ...]
    dont: tuple[str, ...]

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

    def role_name(self, role: str) -> str:
        """Return the Vietnamese name of a role, or its id."""
        rule = self.roles.get(role)
        return rule.name if rule else role


def build_policy(data: Mapping[str, Any], version: str, names: Mapping[str, str]) -> Policy:
    """Turn checked playbook data into a ``Policy``; ``names`` are the topics' names by id."""
    order = {level["id"]: n for n, level in enumerate(data["levels"])}
    incident, score, down = data["incident"], data["score"], data["down"]
    return Policy(
        version=version,
        levels=tuple(_level(n, level) for n, level in enumerate(data["levels"])),
        roles={
            name: RoleRule(
                id=name,
                name=role["name"],
                unit_kinds=() if role.get("own") else tuple(role.get("unit_kind", ())),
                contacts=tuple(role.get("contacts", ())) or (name,),
            )
            for name, role in data["roles"].items()
        },
        incident=IncidentRule(
            min_unit_confidence=incident["min_unit_confidence"],
            attach=timedelta(days=incident["attach_days"]),
            rare_terms=incident["rare_terms"],
            history=timedelta(days=incident["history_days"]),
        ),
        score=ScoreRule(
            weights={name: float(value) for name, value in score["weights"].items()},
            risk_severity=tuple(score["risk_severity"]),
            live_education_p=score["live_education_p"],
            reach_full=score["reach_full"],
            velocity_window=timedelta(hours=score["velocity_hours"]),
            velocity_full=score["velocity_full"],
            comment_weight=score["comment_weight"],
            copy_weight=score["copy_weight"],
            tier_weight={int(k): float(v) for k, v in score["tier_weight"].items()},
            comment_tier=score["comment_tier"],
            attribution_default=score["attribution_default"],
            grievance_p=score["grievance_p"],
            outlets={int(k): tuple(v) for k, v in score["outlets"].items()},
        ),
        vulnerability=tuple((v["value"], tuple(v["words"])) for v in data["vulnerability"]),
        harm_facts=tuple(data["harm"]["facts"]),
        harm_p=data["harm"]["harm_p"],
        overrides=tuple(
            Override(rule["id"], order[rule["level"]], _when(rule["when"]), rule["reason"])
            for rule in data["overrides"]
        ),
        ceilings=tuple(
            Ceiling(
                id=rule["id"],
                level=order[rule["level"]],
                reason=rule["reason"],
                harm_p_below=rule["when"].get("harm_p_below"),
                grievances_below=rule["when"].get("grievances_below"),
                unit_confidence_below=rule["when"].get("unit_confidence_below"),
                only_topics=tuple(rule["when"].get("only_topics", ())),
            )
            for rule in data["ceilings"]
        ),
        down=DownRule(
            stances=tuple(down["stances"]),
            by=tuple(down["by"]),
            quiet=timedelta(hours=down["quiet_hours"]),
            levels=down["levels"],
            hold_after=order[down["hold"]["after"]],
            hold_level=order[down["hold"]["level"]],
            hold=timedelta(hours=down["hold"]["hours"]),
        ),
        core_steps=tuple(_step(step, order) for step in data["steps"]),
        topics={
            topic: TopicRule(
                id=topic,
                name=names[topic],
                attribution=body.get("attribution", score["attribution_default"]),
                harm_floor=order[body["harm_floor"]] if "harm_floor" in body else 0,
                only_roles=tuple(body.get("only_roles", ())),
                steps=tuple(_step(step, order) for step in body.get("steps", ())),
                do=tuple(body.get("do", ())),
                dont=tuple(body.get("dont", ())),
            )
            for topic, body in ((t, data["topics"].get(t, {})) for t in names)
        },
        do=tuple(data["do"]),
        dont=tuple(data["dont"]),
    )


def _level(value: int, level: Mapping[str, Any]) -> LevelRule:
    return LevelRule(
        value=value,
        id=level["id"],
        name=level["name"],
        title=level["title"],
        colour=level["colour"],
        shape=level["shape"],
        min_score=float(level["min_score"]),
        opens=level["opens"],
        ack=timedelta(minutes=level.get("ack_minutes", 1440)),
        notify=tuple(level.get("notify", ())),
        ladder=tuple(
            Rung(timedelta(minutes=rung["after"]), rung["role"]) for rung in level.get("ladder", ())
        ),
        monitor=level.get("monitor", ""),
        close=level.get("close", ""),
    )


def _when(when: Mapping[str, Any]) -> When:
    renamed = {"stance": "stances", "unit_kind": "unit_kinds"}
    values: dict[str, Any] = {
        renamed.get(name, name): tuple(value) if isinstance(value, list) else value
        for name, value in when.items()
    }
    return When(**values)


def _step(step: Mapping[str, Any], order: Mapping[str, int]) -> StepRule:
    due: list[timedelta | None] = []
    current: timedelta | None = None
    for name in order:  # from the lowest level up; a level left out keeps the one below it
        if name in step["due"]:
            minutes = step["due"][name]
            current = None if minutes is None else timedelta(minutes=minutes)
        due.append(current)
    return StepRule(
        code=step["code"],
        title=step["title"],
        detail=step.get("detail", ""),
        role=step["role"],
        evidence=step.get("evidence", ""),
        remind=step.get("remind", False),
        due=tuple(due),
    )
