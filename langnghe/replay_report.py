"""What a replay came to: how often it alerts, how early, how often again, and by which rules.

The figures by which a playbook is judged before anybody is woken by it. Pure: what the store holds
comes in as ``Told`` (see ``replay_page``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from langnghe.core.clock import hanoi
from langnghe.core.policy.model import Policy
from langnghe.replay import BadLine


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it was given: to which event it belongs and what made its level.

    ``codes`` are those of its reasons (``override:tu_vong``, ``floor:…``, ``part:reach``);
    ``points`` what each part of the score gave.
    """

    at: datetime
    kind: str
    level: int
    event: int
    incident: int
    codes: tuple[str, ...] = ()
    points: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Affair:
    """One event that was alerted: its title, and when each of its mentions was seen, in order."""

    event: int
    title: str
    unit: str
    seen: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """All that a report is made of. ``held`` counts the stories each rule holds for at the end."""

    archives: tuple[str, ...]
    items: int
    kept: int
    first: datetime | None
    last: datetime | None
    bad_lines: tuple[BadLine, ...]
    alerts: tuple[Alert, ...]
    affairs: tuple[Affair, ...]
    held: Mapping[str, int]


def report(told: Told, policy: Policy) -> dict[str, Any]:
    """Return the report as plain values (the JSON form); ``lines`` tells the same to people."""
    by_event: dict[int, list[Alert]] = {}
    for alert in sorted(told.alerts, key=lambda a: (a.at, a.incident)):
        by_event.setdefault(alert.event, []).append(alert)
    events = [
        _event(affair, by_event[affair.event], policy)
        for affair in told.affairs
        if affair.event in by_event
    ]
    events.sort(key=lambda e: (e["first_alert"], e["event_id"]))
    days = _days(told, policy)
    quiet = [day["day"] for day in days if not day["alerts"]]
    return {
        "archives": list(told.archives),
        "items": told.items,
        "kept": told.kept,
        "from": told.first.isoformat() if told.first else None,
        "to": told.last.isoformat() if told.last else None,
        "policy_version": policy.version,
        "alerts": len(told.alerts),
        "events": events,
        "alerts_per_event": _ratio(len(told.alerts), len(events)),
        "first_alert_delay_minutes": _spread([e["delay_minutes"] for e in events]),
        "articles_at_first_alert": _spread([e["articles_at_first_alert"] for e in events]),
        "days": days,
        "quiet_days": len(quiet),
        "longest_quiet_days": _longest(days),
        "rules": _rules(told, policy),
        "bad_lines": [line._asdict() for line in told.bad_lines],
    }


def _event(affair: Affair, alerts: Sequence[Alert], policy: Policy) -> dict[str, Any]:
    first, began = alerts[0], affair.seen[0] if affair.seen else alerts[0].at
    top = max(alert.level for alert in alerts)
    return {
        "event_id": affair.event,
        "title": affair.title,
        "unit": affair.unit,
        "first_article": began.isoformat(),
        "first_alert": first.at.isoformat(),
        "delay_minutes": round((first.at - began) / timedelta(minutes=1)),
        "articles_at_first_alert": sum(seen <= first.at for seen in affair.seen),
        "first_level": policy.level(first.level).id,
        "top_level": policy.level(top).id,
        "articles": len(affair.seen),
        "alerts": len(alerts),
        "repeats": len(alerts) - 1,
    }


def _days(told: Told, policy: Policy) -> list[dict[str, Any]]:
    """Return every Vietnamese day of the archive with its alerts by level, quiet ones too."""
    found: dict[date, Counter[str]] = {}
    for alert in told.alerts:
        found.setdefault(hanoi(alert.at).date(), Counter())[policy.level(alert.level).id] += 1
    if told.first is None or told.last is None:
        return []
    ends = [hanoi(told.first).date(), hanoi(told.last).date(), *found]
    first, span = min(ends), (max(ends) - min(ends)).days + 1
    names = [level.id for level in policy.levels if level.opens]
    rows = []
    for day in (first + timedelta(days=n) for n in range(span)):
        counts = found.get(day, Counter())
        levels = {name: counts[name] for name in names}
        rows.append({"day": day.isoformat(), "alerts": counts.total(), "levels": levels})
    return rows


def _longest(days: Sequence[Mapping[str, Any]]) -> int:
    best = run = 0
    for day in days:
        run = 0 if day["alerts"] else run + 1
        best = max(best, run)
    return best


def _rules(told: Told, policy: Policy) -> list[dict[str, Any]]:
    """Return what each rule gave: how often it lifted an alert, and how often nothing else would.

    ``alone`` counts the alerts that would have had a lower level without it. A part of the score
    is decisive where the score without it would fall below the level it reached by itself.
    """
    levels = {f"override:{rule.id}": rule.level for rule in policy.overrides}
    levels |= {f"floor:{name}": topic.harm_floor for name, topic in policy.topics.items()}
    named: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for alert in told.alerts:
        points = {k: v for k, v in (alert.points or {}).items() if k != "rules"}
        base = sum(points.values())
        reached = policy.level_of(min(100.0, base))
        lifting = [c for c in alert.codes if levels.get(c, 0) >= alert.level > 0]
        named.update(lifting)
        if alert.points is not None and reached >= alert.level:
            low = policy.level(alert.level).min_score
            parts = [f"part:{name}" for name, value in points.items() if base - value < low]
            named.update(parts)
            if not lifting:
                alone.update(parts)
        elif len(lifting) == 1:
            alone.update(lifting)
    rows = [
        {"rule": code, "alerts": count, "alone": alone[code]} for code, count in named.most_common()
    ]
    held = {rule.id: told.held.get(rule.id, 0) for rule in policy.ceilings}
    return rows + [
        {"rule": f"ceiling:{name}", "stories_held": count}
        for name, count in sorted(held.items(), key=lambda pair: -pair[1])
        if count
    ]


def _ratio(count: int, of: int) -> float | None:
    return round(count / of, 2) if of else None


def _spread(values: Sequence[int]) -> dict[str, int] | None:
    if not values:
        return None
    ordered = sorted(values)
    return {
        "median": ordered[len(ordered) // 2],
        "p90": ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))],
        "most": ordered[-1],
    }
