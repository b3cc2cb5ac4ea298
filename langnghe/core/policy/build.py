"""Checked playbook data into the frozen objects of ``langnghe.core.policy.model``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from typing import Any

from langnghe.core.policy.model import (
    Ceiling,
    CooldownRule,
    CredibilityRule,
    CredibilityStep,
    DownRule,
    Hotline,
    IncidentRule,
    LegalLimit,
    LevelRule,
    NewsRule,
    NoticeRule,
    OutcomeRule,
    Override,
    Policy,
    ReviewField,
    RoleRule,
    Rung,
    ScoreRule,
    StepRule,
    TopicRule,
    VulnerableRule,
    When,
)
from langnghe.core.policy.units import UnitPolicies, laid_over, version_of
from langnghe.core.types import Verification

EVIDENCE_KINDS = ("note", "file", "link", "number")


def build_policy(data: Mapping[str, Any], names: Mapping[str, str]) -> Policy:
    """Turn checked playbook data into a ``Policy``; ``names`` are the topics' names by id."""
    variants = UnitPolicies(data, partial(_for_units, names))
    return replace(_build(data, version_of(data), names), variants=variants)


def _for_units(
    names: Mapping[str, str],
    data: Mapping[str, Any],
    units: tuple[str, ...],
    variants: UnitPolicies,
) -> Policy:
    changed = laid_over(data, units)
    policy = _build(changed, version_of(changed), names)
    return replace(policy, applied=units, variants=variants)


def _build(data: Mapping[str, Any], version: str, names: Mapping[str, str]) -> Policy:
    order = {level["id"]: n for n, level in enumerate(data["levels"])}
    incident, score, down = data["incident"], data["score"], data["down"]
    credibility = data["credibility"]
    return Policy(
        version=version,
        levels=tuple(_level(n, level) for n, level in enumerate(data["levels"])),
        roles={
            name: RoleRule(
                id=name,
                name=role["name"],
                unit_kinds=() if role.get("own") else tuple(role.get("unit_kind", ())),
                contacts=tuple(role.get("contacts", ())) or (name,),
                rank=_rank(role, data["unit_ranks"]),
            )
            for name, role in data["roles"].items()
        },
        incident=IncidentRule(
            min_unit_confidence=incident["min_unit_confidence"],
            attach=timedelta(days=incident["attach_days"]),
            rare_terms=incident["rare_terms"],
            history=timedelta(days=incident["history_days"]),
            history_kinds=tuple(incident["history_kinds"]),
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
            digests=tuple(score["digests"]),
            surprise=score["surprise"],
            margin=score["margin"],
            outlets={int(k): tuple(v) for k, v in score["outlets"].items()},
        ),
        vulnerability=tuple(
            VulnerableRule(v["value"], tuple(v.get("words", ())), tuple(v.get("topics", ())))
            for v in data["vulnerability"]
        ),
        credibility=CredibilityRule(
            press_tier=credibility["press_tier"],
            speakers=tuple(credibility["speakers"]),
            amiss_p=credibility["amiss_p"],
            steps=tuple(CredibilityStep(**step) for step in credibility["steps"]),
        ),
        cooldown=CooldownRule(
            hours={order[name]: float(hours) for name, hours in data["cooldown"]["hours"].items()},
            same_level=float(data["cooldown"]["same_level_hours"]),
            news=tuple(NewsRule(**_plain(rule)) for rule in data["cooldown"]["news"]),
        ),
        unit_ranks=dict(data["unit_ranks"]),
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
                firm=rule.get("firm", False),
                **_plain(rule["when"]),
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
        notices=_notices(data["notices"]),
        legal=tuple(
            LegalLimit(
                id=rule["id"],
                name=rule["name"],
                step=rule["step"],
                role=rule["role"],
                limit=timedelta(hours=rule["hours"]),
                levels=tuple(order[name] for name in rule["levels"]),
                basis=rule["basis"],
            )
            for rule in data["legal"]
        ),
        outcomes={
            name: OutcomeRule(name, rule["label"], Verification(rule["verification"]))
            for name, rule in data["outcomes"].items()
        },
        review=tuple(
            ReviewField(rule["id"], rule["label"], rule["required"]) for rule in data["review"]
        ),
        hotlines=tuple(Hotline(**rule) for rule in data["hotlines"]),
    )


def _notices(rule: Mapping[str, Any]) -> NoticeRule:
    quiet = rule["quiet"]
    return NoticeRule(
        quiet=None if quiet is None else _clock_times(quiet),
        group=timedelta(minutes=rule["group_minutes"]),
        resolved=rule["resolved"],
        max_per_hour=rule["max_per_hour"],
    )


def _clock_times(pair: Sequence[str]) -> tuple[time, time]:
    return time.fromisoformat(pair[0]), time.fromisoformat(pair[1])


def _minutes(level: Mapping[str, Any], name: str) -> timedelta | None:
    return timedelta(minutes=level[name]) if level.get(name) else None


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
        owner=level.get("owner", ""),
        ignores_quiet=level.get("ignores_quiet", False),
        quiet_close=timedelta(hours=level["quiet_close_hours"]),
        close_steps=tuple(level.get("close_steps", ())),
        watch_every=_minutes(level, "watch_minutes"),
        report_every=_minutes(level, "report_minutes"),
    )


def _when(when: Mapping[str, Any]) -> When:
    return When(**_plain(when))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by the names of the dataclasses, lists as tuples."""
    renamed = {"stance": "stances", "unit_kind": "unit_kinds"}
    return {
        renamed.get(name, name): tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
    }


def _rank(role: Mapping[str, Any], ranks: Mapping[str, int]) -> int | None:
    """Return the highest rank of unit at which the role is held; ``None`` for any unit's own."""
    if role.get("own"):
        return None
    return max((ranks[kind] for kind in role.get("unit_kind", ()) if kind in ranks), default=None)


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
        assists=tuple(step.get("with", ())),
        templates=tuple(step.get("templates", ())),
        evidence_kinds=tuple(step.get("evidence_kinds", EVIDENCE_KINDS)),
        # Proof that is named is asked for, unless the playbook says that a tick is enough.
        evidence_required=step.get("evidence_required", bool(step.get("evidence"))),
        longer=step.get("longer", ""),
    )
