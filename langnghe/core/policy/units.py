"""A unit's own changes to the playbook, laid over everybody's.

Only what people do may differ (who is told, by when, with what proof), never how a matter is
weighed: a story has one score, however many units read it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from langnghe.core.policy.model import Policy
from langnghe.core.text import digest

Data = Mapping[str, Any]
Builder = Callable[[Data, tuple[str, ...], "UnitPolicies"], Policy]


class UnitPolicies:
    """The playbooks of the units, each made once, when it is first asked for."""

    def __init__(self, data: Data, build: Builder) -> None:
        self._data = data
        self._patches: Data = data.get("units", {})
        self._build = build
        self._made: dict[tuple[str, ...], Policy] = {}

    def of(self, policy: Policy, unit_ids: Sequence[str]) -> Policy:
        """Return the playbook for the units, nearest first; ``policy`` where nothing changes."""
        mine = tuple(unit for unit in reversed(unit_ids) if unit in self._patches)
        if mine == policy.applied:
            return policy
        if mine not in self._made:
            # Two threads may both build it; they build the same, and one of them is kept.
            self._made.setdefault(mine, self._build(self._data, mine, self))
        return self._made[mine]


def version_of(data: Data) -> str:
    """Return a short hash of what a playbook says, whatever its comments and order of keys.

    Changes for units are left out: those of one unit must not give every other a new version.
    """
    told = {name: value for name, value in data.items() if name != "units"}
    return digest(json.dumps(told, sort_keys=True, ensure_ascii=False))[:12]


def laid_over(data: Data, units: Iterable[str]) -> dict[str, Any]:
    """Return the playbook's data with the changes of ``units``, the last one on top."""
    result = copy.deepcopy({name: value for name, value in data.items() if name != "units"})
    for unit in units:
        _apply(result, data["units"][unit])
    return result


def steps_in(data: Data) -> dict[str, dict[str, Any]]:
    """Return every step of a playbook's data by its code, those of topics too."""
    return {
        step["code"]: step
        for steps in (data["steps"], *(t.get("steps", []) for t in data["topics"].values()))
        for step in steps
    }


def _apply(data: dict[str, Any], patch: Data) -> None:
    data["notices"].update(patch.get("notices", {}))
    levels = {level["id"]: level for level in data["levels"]}
    for name, change in patch.get("levels", {}).items():
        levels[name].update(copy.deepcopy(change))
    for name, change in patch.get("roles", {}).items():
        data["roles"][name].update(copy.deepcopy(change))
    steps = steps_in(data)
    for code, change in patch.get("steps", {}).items():
        due = {**steps[code]["due"], **change.get("due", {})}
        steps[code].update(copy.deepcopy({**change, "due": due}))
    data["steps"].extend(copy.deepcopy(patch.get("extra_steps", [])))
    for topic, change in patch.get("topics", {}).items():
        body = data["topics"].setdefault(topic, {})
        extra = copy.deepcopy(change.get("extra_steps", []))
        body["steps"] = [*body.get("steps", []), *extra]
        if "only_roles" in change:
            body["only_roles"] = change["only_roles"]
        _say_too(body, change)
    _say_too(data, patch)


def _say_too(body: dict[str, Any], change: Data) -> None:
    for name in ("do", "dont"):
        if name in change:
            body[name] = list(dict.fromkeys([*body.get(name, []), *change[name]]))
