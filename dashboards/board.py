"""What the overview says, put together from rows: pure, so that every state of it can be tested.

Three moods of listening come first, because nothing else can be believed without them: blind,
half deaf, listening. Calm is only said by a house that listens well and has nothing open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.baseline.tally import Tree
from alerts.chronicle.phase import phase_of
from alerts.chronicle.told import Told
from langnghe.core.liveness import Liveness
from langnghe.core.store.queries.board import OpenIncident, UnitOpen
from langnghe.core.store.queries.board_days import Seen

SHOWN_UNITS = 8
"""A tree of so many units is shown whole; of a larger one only where something is open."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Ears:
    """How well the house hears. ``mood``: stalled, starting, partial or listening.

    ``deaf`` says that it is the sources that give nothing, not the stages that stand still.
    """

    mood: str
    deaf: bool
    good: int
    total: int
    bad: Mapping[str, int]


def ears_of(life: Liveness, states: Mapping[str, int], *, replaying: bool, drill: bool) -> Ears:
    """Judge the stages and the sources together; a replay and a drill need no sources."""
    total, good = sum(states.values()), states.get("working", 0)
    fine = good + states.get("unchecked", 0)
    bad = {s: n for s, n in states.items() if s not in ("working", "unchecked")}
    needs = not replaying and not drill
    deaf = needs and fine == 0
    mood: str = life.state
    if mood == "listening" and deaf:
        mood = "stalled"
    elif mood == "listening" and needs and fine < _HALF * total:
        mood = "partial"
    return Ears(mood, deaf, good, total, bad)


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: the highest open level of it and all below it, how many are open, its depth."""

    id: str
    name: str
    level: int
    count: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class UnitLevels:
    """The units where something is open, the worst first; how many more, and how many are calm."""

    lines: tuple[UnitLine, ...]
    more: int
    calm: int


def unit_levels(
    tree: Tree, names: Mapping[str, str], opened: Sequence[UnitOpen], viewer_unit: str | None
) -> UnitLevels:
    """Return how the units in view stand: a few as a tree, many as a list of those not calm.

    In the tree a unit answers for all below it; in the list each for itself.
    """
    own = {one.unit_id: one for one in opened}
    whole = {
        unit for unit in (*names, *own)
        if viewer_unit is None or unit in own or viewer_unit in tree.upward(unit)
    }  # fmt: skip
    reach: dict[str, list[UnitOpen]] = {}
    for one in opened:
        above = [unit for unit in tree.upward(one.unit_id) if unit in whole]
        for unit in above or [one.unit_id]:
            reach.setdefault(unit, []).append(one)
    if len(reach) <= SHOWN_UNITS:
        lines = [
            UnitLine(unit, names.get(unit, unit), max(one.level for one in reach[unit]),
                     sum(one.open for one in reach[unit]), depth)
            for unit, depth in _walk(tree, reach)
        ]  # fmt: skip
        return UnitLevels(tuple(lines), 0, len(whole) - len(lines))
    listed = sorted(
        (UnitLine(one.unit_id, names.get(one.unit_id, one.unit_id), one.level, one.open)
         for one in opened),
        key=lambda line: (-line.level, -line.count, line.name, line.id),
    )  # fmt: skip
    return UnitLevels(
        tuple(listed[:SHOWN_UNITS]), len(listed[SHOWN_UNITS:]), len(whole) - len(listed)
    )


def _walk(tree: Tree, reach: Mapping[str, Sequence[UnitOpen]]) -> list[tuple[str, int]]:
    """Return the units with their depth, each after its parent, the worst branch first."""
    below: dict[str | None, list[str]] = {}
    for unit in reach:
        above = tree.parents.get(unit)
        below.setdefault(above if above in reach else None, []).append(unit)
    found: list[tuple[str, int]] = []

    def visit(above: str | None, depth: int) -> None:
        for unit in sorted(
            below.get(above, ()), key=lambda u: (-max(one.level for one in reach[u]), u)
        ):
            found.append((unit, depth))
            visit(unit, depth + 1)

    visit(None, 0)
    return found


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """How the open incidents stand: all, not taken up, with something late."""

    count: int
    waiting: int
    late: int


def figures(incidents: Sequence[OpenIncident], opened: Sequence[UnitOpen], now: datetime) -> (
    OpenFigures
):  # fmt: skip
    """Count the open incidents; ``opened`` knows all of them, ``incidents`` the worst."""
    return OpenFigures(
        sum(one.open for one in opened),
        sum(one.acknowledged_at is None for one in incidents),
        sum(one.late(now) for one in incidents),
    )


def phase_id(seen: Sequence[Seen], first_at: datetime, now: datetime) -> str:
    """Return the phase of a story (``alerts.chronicle.phase``) from its newest mentions."""
    told = sorted(
        (
            Told(
                one.id, min(one.published_at or one.seen_at, one.seen_at), one.source, one.source,
                kind=one.kind, copy_of=one.copy_of,
            )
            for one in seen
        ),
        key=lambda t: (t.at, t.id),
    )  # fmt: skip
    if not told:
        return ""
    if told[0].at > first_at:  # only the newest were read: it is as old as its first
        told.insert(0, Told(0, first_at, told[0].outlet, told[0].voice))
    return phase_of(told, now).id
