"""What page, API and command line show of a unit's people: one reading of the same rows.

Who is on duty now and until when, who comes next, when nobody is, and the lines in force.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from langnghe.core.contacts import ways_of
from langnghe.core.duty import (
    HORIZON,
    Duty,
    Shift,
    Span,
    Together,
    gaps,
    next_shift,
    on_duty,
    overlaps,
    shifts,
)
from langnghe.core.lines import LINES, Line, lines_at
from langnghe.core.store.people import Person, duty_of, lines_of, people_of


@dataclass(frozen=True, slots=True)
class Serving:
    """A person on duty now. ``until`` is ``None`` where the shift has no end within the horizon."""

    duty: Duty
    until: datetime | None


@dataclass(frozen=True, slots=True)
class RoleBoard:
    """One role of a unit: who serves, who comes next, what is wrong in the coming two weeks."""

    role: str
    serving: tuple[Serving, ...]
    next: Shift | None
    gaps: tuple[Span, ...]
    together: tuple[Together, ...]


@dataclass(frozen=True, slots=True)
class UnitBoard:
    """Everything about who answers for one unit at one moment; ``lines`` are those in force."""

    people: tuple[Person, ...]
    roster: tuple[Duty, ...]
    roles: tuple[RoleBoard, ...]
    lines: tuple[Line, ...]
    all_lines: tuple[Line, ...]
    horizon: datetime

    @property
    def reachable(self) -> tuple[Person, ...]:
        """The people who have at least one address."""
        return tuple(person for person in self.people if ways_of(person.contact))


def unit_board(session: Session, unit_id: str, now: datetime) -> UnitBoard:
    """Return the board of one unit; the caller checks who may see it."""
    roster = duty_of(session, [unit_id])
    rows = lines_of(session, [unit_id])
    return UnitBoard(
        tuple(people_of(session, [unit_id])),
        tuple(duty for duty in roster if duty.until is None or duty.until > now),
        role_boards(roster, now),
        lines_at(rows, unit_id, now),
        tuple(sorted(rows, key=_line_order)),
        now + HORIZON,
    )


def role_boards(roster: Sequence[Duty], now: datetime) -> tuple[RoleBoard, ...]:
    """Return a board for each role that has a roster, in the order roles first appear."""
    end = now + HORIZON
    found = []
    for role in dict.fromkeys(duty.role for duty in roster):
        rows = [duty for duty in roster if duty.role == role]
        if all(duty.until is not None and duty.until <= now for duty in rows):
            continue  # a roster that is over says nothing about today
        serving = tuple(Serving(duty, _end(duty, now)) for duty in on_duty(rows, now))
        found.append(
            RoleBoard(
                role, serving, next_shift(rows, now), gaps(rows, now, end),
                overlaps(rows, now, end),
            )
        )  # fmt: skip
    return tuple(found)


def serving_now(
    session: Session, unit_ids: Collection[str], now: datetime
) -> dict[str, tuple[Duty, ...]]:
    """Return who is on duty in each of these units, whatever the role."""
    found: dict[str, list[Duty]] = {unit_id: [] for unit_id in unit_ids}
    for duty in duty_of(session, unit_ids):
        found[duty.unit_id].append(duty)
    return {unit_id: on_duty(rows, now) for unit_id, rows in found.items()}


def _line_order(row: Line) -> tuple[int, float]:
    order = list(LINES)
    place = order.index(row.line) if row.line in LINES else len(order)
    return place, row.since.timestamp() if row.since else float("-inf")


def _end(duty: Duty, now: datetime) -> datetime | None:
    end = now + HORIZON * 4
    for span in shifts(duty, now, end):
        if span.since <= now < span.until:
            return None if span.until >= end else span.until
    return None
