"""What acting needs beside rows, and how rows look to the deciding functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts.actions import Held, IncidentView, StoryView, Told
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.tables import IncidentRow, StoryRow
from langnghe.core.types import Profile

SYSTEM = "hệ thống"
STATE = "state"
"""The key in ``IncidentRow.parts`` under which an incident keeps what only the machine needs."""


@dataclass(frozen=True, slots=True)
class Office:
    """What acting needs beside rows: the playbook, the units and the settings in force."""

    policy: Policy
    profile: Profile
    settings: Settings

    def at(self, unit_id: str | None) -> Office:
        """Return the office as it stands for a unit: its own changes to the playbook applied."""
        chain = [unit.id for unit in self.profile.chain(unit_id or "")]
        policy = self.policy.for_units(chain)
        return self if policy is self.policy else replace(self, policy=policy)


def story_view(row: StoryRow) -> StoryView:
    """Return what the last assessment of a story said."""
    state = row.parts.get(STATE, {})
    again = state.get("again_at")
    return StoryView(
        level=row.level,
        score=row.score,
        overrides=tuple(state.get("overrides", ())),
        topics=tuple(row.topics),
        unit_id=row.unit_id,
        unit_confidence=state.get("unit_confidence", 0.0),
        again_at=datetime.fromisoformat(again) if again else None,
        unit_kind=state.get("unit_kind", ""),
        news=dict(state.get("news", {})),
    )


def incident_view(row: IncidentRow, done: Iterable[str] = ()) -> IncidentView:
    """Return an incident as the deciding functions see it."""
    state = row.parts.get(STATE, {})
    held, told = state.get("held"), state.get("told")
    return IncidentView(
        id=number(row),
        level=row.level,
        score=row.score,
        state=row.state,
        acknowledged=row.acknowledged_at is not None,
        round=state.get("round", 1),
        topics=tuple(row.topics),
        overrides=tuple(state.get("overrides", ())),
        held=Held(held["assessed"], tuple(held["overrides"])) if held else None,
        told=_told_before(told) if told else None,
        unit_kind=state.get("unit_kind", ""),
        done_steps=frozenset(done),
    )


def _told_before(state: Mapping[str, Any]) -> Told:
    return Told(state["level"], datetime.fromisoformat(state["at"]), dict(state["news"]))


def number(row: IncidentRow) -> int:
    """Return the id of a stored incident."""
    if row.id is None:
        raise RuntimeError("an incident without id")
    return row.id


def keep_state(row: IncidentRow, **values: Any) -> None:
    """Write into the incident's machine state (a JSON column changes only when set anew)."""
    row.parts = {**row.parts, STATE: {**row.parts.get(STATE, {}), **values}}


def round_of(row: IncidentRow) -> int:
    """Return which round of openings, raises and reopenings the incident is in, from 1."""
    return int(row.parts.get(STATE, {}).get("round", 1))
