"""Who answered what when: every alert of a drill, its deadline, and its acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from langnghe.core.policy.model import Policy
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import IncidentEventRow, IncidentRow

ASKS = ("opened", "raised", "reopened")
"""The lines of a timeline with which somebody was asked to answer."""
ROSE = (*ASKS, "raised_quietly")


@dataclass(frozen=True, slots=True)
class Answer:
    """One alert (an incident opened, raised or reopened) and what came back.

    ``event_id`` is the timeline's line of the acknowledgement; ``in_time`` is ``None`` while the
    deadline has not come.
    """

    incident_id: int
    title: str
    kind: str
    level: int
    at: datetime
    due: datetime
    event_id: int | None
    acked_at: datetime | None
    acked_by: str
    in_time: bool | None


@dataclass(frozen=True, slots=True)
class Reached:
    """The first moment at which some incident stood at ``level`` or above."""

    level: int
    at: datetime


def levels_in(store: Store) -> list[Reached]:
    """Return each level as it was first reached, told or not, in order of time."""
    found: list[Reached] = []
    for event in _events(store):
        level = int(event.data.get("level", event.data.get("to", 0)))
        if event.kind in ROSE and (not found or level > found[-1].level):
            found.append(Reached(level, event.at))
    return found


def answers_in(store: Store, policy: Policy, now: datetime) -> list[Answer]:
    """Return the alerts of a database in order, each with the first acknowledgement after it."""
    with store.read() as session:
        titles = {row.id: row.title for row in session.scalars(sa.select(IncidentRow))}
    events = _events(store)
    found = []
    for place, event in enumerate(events):
        if event.kind not in ASKS:
            continue
        level = int(event.data.get("level", event.data.get("to", 0)))
        due = event.at + policy.level(level).ack
        said = _answer(events[place + 1 :], event.incident_id)
        in_time = said.at <= due if said else (False if now > due else None)
        found.append(
            Answer(
                incident_id=event.incident_id,
                title=titles.get(event.incident_id, ""),
                kind=event.kind,
                level=level,
                at=event.at,
                due=due,
                event_id=said.id if said else None,
                acked_at=said.at if said else None,
                acked_by=said.actor if said else "",
                in_time=in_time,
            )
        )
    return found


def _events(store: Store) -> Sequence[IncidentEventRow]:
    with store.read() as session:
        return session.scalars(
            sa.select(IncidentEventRow).order_by(IncidentEventRow.id)  # type: ignore[arg-type]
        ).all()


def _answer(later: Sequence[IncidentEventRow], incident: int) -> IncidentEventRow | None:
    """The first acknowledgement afterwards; it also answers an alert that a raise overtook."""
    mine = (e for e in later if e.incident_id == incident and e.kind == "acknowledged")
    return next(mine, None)
