"""A playbook against the units of a profile: changes for nobody, roles that nobody holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langnghe.core.policy.checks_acting import Found
from langnghe.core.policy.checks_units import chain_problems
from langnghe.core.policy.marks import Marked, Problem, field_name
from langnghe.core.types import Profile, Unit


def profile_problems(marked: Marked, profile: Profile) -> list[Problem]:
    """Return what of a playbook without mistakes does not fit the units of ``profile``.

    Changes for a unit that is not there are an error: they would never act. A role that is told of
    incidents and has no person of that name is a warning, for the nearest person is told instead.
    """
    found = [*_units(marked.data, profile), *_holders(marked.data, profile)]
    told = dict.fromkeys(
        Problem(marked.line(f.path), field_name(f.path), f.text, f.warning) for f in found
    )
    return list(told)


def _units(data: Mapping[str, Any], profile: Profile) -> Iterator[Found]:
    changed = data.get("units", {})
    for unit in changed:
        if profile.unit(unit) is None:
            text = f"hồ sơ theo dõi không có đơn vị «{unit}»"
            yield Found(("units", unit), text)
            continue
        chain = tuple(u.id for u in reversed(profile.chain(unit)) if u.id in changed)
        if len(chain) > 1:
            yield from chain_problems(data, chain)


def _holders(data: Mapping[str, Any], profile: Profile) -> Iterator[Found]:
    kinds = {unit.kind for unit in profile.units}
    names = {unit.id: {contact.role for contact in unit.contacts} for unit in profile.units}
    lowest = _lowest(profile)
    for name in _told(data):
        role = data["roles"][name]
        wanted = set(role.get("contacts", ())) or {name}
        above = [] if role.get("own") else role.get("unit_kind", [])
        below = [unit for unit in lowest if _reached(data, above, unit)]
        if below and above and not kinds & set(above):
            text = f"hồ sơ không có đơn vị nào thuộc loại {', '.join(above)}"
            yield Found(("roles", name, "unit_kind"), text, warning=True)
            continue
        without = [
            unit.name
            for unit in below
            if not any(names[u.id] & wanted for u in profile.chain(unit.id))
        ]
        if without:
            more = f" và {len(without) - 1} đơn vị khác" if len(without) > 1 else ""
            text = f"chưa có ai giữ vai này cho {without[0]}{more}; người gần nhất sẽ được báo thay"
            yield Found(("roles", name), text, warning=True)


def _reached(data: Mapping[str, Any], kinds: list[str], unit: Unit) -> bool:
    """Tell whether a unit of ``kinds`` can stand at or above ``unit``; no kinds: its own people."""
    ranks = data["unit_ranks"]
    own = ranks.get(unit.kind)
    return own is None or not kinds or max(ranks[kind] for kind in kinds) >= own


def _told(data: Mapping[str, Any]) -> list[str]:
    told: dict[str, None] = {}
    for level in data["levels"]:
        told.update(dict.fromkeys(level.get("notify", [])))
        told.update((rung["role"], None) for rung in level.get("ladder", []))
    return list(told)


def _lowest(profile: Profile) -> list[Unit]:
    parents = {unit.parent for unit in profile.units}
    return [unit for unit in profile.units if unit.id not in parents]
