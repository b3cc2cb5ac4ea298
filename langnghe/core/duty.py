"""Who is on duty at a moment, who comes next, and when nobody is: pure arithmetic over the roster.

A row of the roster is a person, a role of a unit and a stretch of time, with or without a weekly
pattern. Days and hours are Vietnamese; moments are aware. Ends are exclusive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from langnghe.core.clock import HANOI, hanoi

DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
"""The days of the week as they are written in Vietnamese, Monday first."""
_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
HORIZON = timedelta(days=14)
_NEXT = timedelta(days=62)
_REACH = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the roster. ``days`` (0 = Monday) and ``hours`` repeat within the stretch.

    Without both the person is on duty all the time. Hours may span midnight; the shift then belongs
    to the day it begins on. ``person`` is the name shown, ``person_id`` the contact.
    """

    unit_id: str
    role: str
    person: str
    since: datetime
    until: datetime | None = None
    days: tuple[int, ...] = ()
    hours: tuple[time, time] | None = None
    person_id: int | None = None
    id: int | None = None

    @property
    def who(self) -> str:
        """What tells two people of a roster apart."""
        return str(self.person_id) if self.person_id is not None else self.person


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, the end exclusive."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch in which one row of the roster is in force."""

    duty: Duty
    span: Span


@dataclass(frozen=True, slots=True)
class Together:
    """A stretch in which several people are on duty for one role."""

    people: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class DutyChange:
    """What a change of the roster means for one person: the time gained and the time lost."""

    unit_id: str
    role: str
    person: str
    person_id: int | None
    gained: tuple[Span, ...]
    lost: tuple[Span, ...]


def in_reach(moment: datetime | None) -> bool:
    """Tell whether a moment is one people mean: near the ends of the calendar nothing can be
    reckoned, so that one row with the year 9999 would break every page that shows it."""
    return moment is None or _REACH[0] <= moment < _REACH[1]


def shifts(duty: Duty, start: datetime, end: datetime) -> tuple[Span, ...]:
    """Return the stretches of ``start``..``end`` in which the row is in force, in order."""
    start = max(start, duty.since)
    end = min(end, duty.until) if duty.until else end
    if start >= end:
        return ()
    if not duty.days and duty.hours is None:
        return (Span(start, end),)
    found = []
    day = hanoi(start).date() - _DAY
    last = hanoi(end).date()
    while day <= last:
        if not duty.days or day.weekday() in duty.days:
            since, until = _bounds(day, duty.hours)
            since, until = max(since, start), min(until, end)
            if since < until:
                found.append(Span(since, until))
        day += _DAY
    return joined(found)


def on_duty(rows: Iterable[Duty], moment: datetime) -> tuple[Duty, ...]:
    """Return the rows in force at ``moment``, each person once, in the order given."""
    found: dict[str, Duty] = {}
    for duty in rows:
        if _holds(duty, moment):
            found.setdefault(duty.who, duty)
    return tuple(found.values())


def next_shift(rows: Iterable[Duty], moment: datetime) -> Shift | None:
    """Return the shift that begins next after ``moment``, within two months, or ``None``."""
    coming = [
        Shift(duty, span)
        for duty in rows
        for span in shifts(duty, moment, moment + _NEXT)
        if span.since > moment
    ]
    return min(coming, key=lambda shift: shift.span.since, default=None)


def gaps(rows: Iterable[Duty], start: datetime, end: datetime) -> tuple[Span, ...]:
    """Return the stretches of ``start``..``end`` in which nobody is on duty."""
    covered = joined(span for duty in rows for span in shifts(duty, start, end))
    return minus((Span(start, end),), covered)


def overlaps(rows: Iterable[Duty], start: datetime, end: datetime) -> tuple[Together, ...]:
    """Return the stretches in which two or more people are on duty, with their names."""
    held = [(duty, span) for duty in rows for span in shifts(duty, start, end)]
    edges = sorted({edge for _, span in held for edge in (span.since, span.until)})
    found: list[Together] = []
    for since, until in pairwise(edges):
        here = {d.who: d.person for d, s in held if s.since <= since and until <= s.until}
        if len(here) < 2:
            continue
        people = tuple(sorted(here.values()))
        if found and found[-1].people == people and found[-1].span.until == since:
            found[-1] = Together(people, Span(found[-1].span.since, until))
        else:
            found.append(Together(people, Span(since, until)))
    return tuple(found)


def duty_changes(
    before: Sequence[Duty], after: Sequence[Duty], now: datetime, *, ahead: timedelta = _NEXT
) -> tuple[DutyChange, ...]:
    """Return who must be told that their duty changes between ``now`` and ``now + ahead``.

    What is already past and a rewriting that changes nobody's time are no news.
    """
    end = now + ahead
    people: dict[tuple[str, str, str], Duty] = {}
    for duty in (*before, *after):
        people[duty.unit_id, duty.role, duty.who] = duty
    found = []
    for key, duty in people.items():
        old, new = (
            joined(
                span
                for row in rows
                if (row.unit_id, row.role, row.who) == key
                for span in shifts(row, now, end)
            )
            for rows in (before, after)
        )
        gained, lost = minus(new, old), minus(old, new)
        if gained or lost:
            found.append(
                DutyChange(duty.unit_id, duty.role, duty.person, duty.person_id, gained, lost)
            )
    return tuple(found)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans sorted, touching and overlapping ones made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.since, s.until)):
        if found and span.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, span.until))
        else:
            found.append(span)
    return tuple(found)


def minus(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``spans`` without ``taken``."""
    left = list(spans)
    for cut in taken:
        pieces = []
        for span in left:
            if cut.until <= span.since or span.until <= cut.since:
                pieces.append(span)
                continue
            if span.since < cut.since:
                pieces.append(Span(span.since, cut.since))
            if cut.until < span.until:
                pieces.append(Span(cut.until, span.until))
        left = pieces
    return tuple(left)


def say_moment(moment: datetime) -> str:
    """Return ``18:00 thứ Bảy 28/11/2026`` in Vietnamese time."""
    local = hanoi(moment)
    return f"{local:%H:%M} {_NAMES[local.weekday()]} {local:%d/%m/%Y}"


def say_span(span: Span) -> str:
    """Return ``từ 18:00 thứ Bảy 28/11/2026 đến 07:00 thứ Hai 30/11/2026``."""
    return f"từ {say_moment(span.since)} đến {say_moment(span.until)}"


def say_gap(gap: Span, *, through: datetime | None = None) -> str:
    """Return the plain sentence for a gap; one that lasts to ``through`` is said to go on."""
    if through is not None and gap.until >= through:
        return f"Từ {say_moment(gap.since)} trở đi không ai trực."
    return f"T{say_span(gap)[1:]} không ai trực."


def say_together(together: Together) -> str:
    """Return the plain sentence for a stretch with several people on duty."""
    return f"T{say_span(together.span)[1:]} có nhiều người cùng trực: {', '.join(together.people)}."


def say_pattern(duty: Duty) -> str:
    """Return ``T7, CN, 18:00–06:00``, or nothing for a row without a weekly pattern."""
    days = ", ".join(DAYS[day] for day in sorted(duty.days))
    hours = f"{duty.hours[0]:%H:%M}–{duty.hours[1]:%H:%M}" if duty.hours else ""
    return ", ".join(part for part in (days, hours) if part)


def _holds(duty: Duty, moment: datetime) -> bool:
    """Return whether the row is in force at the moment, without listing its shifts."""
    if moment < duty.since or (duty.until is not None and moment >= duty.until):
        return False
    if not duty.days and duty.hours is None:
        return True
    today = hanoi(moment).date()
    for day in (today - _DAY, today):
        if not duty.days or day.weekday() in duty.days:
            since, until = _bounds(day, duty.hours)
            if since <= moment < until:
                return True
    return False


def _bounds(day: date, hours: tuple[time, time] | None) -> tuple[datetime, datetime]:
    """Return begin and end of the shift that begins on a Vietnamese day."""
    first, last = hours or (time.min, time.min)
    since = datetime.combine(day, first, HANOI)
    until = datetime.combine(day, last, HANOI)
    return since, until if until > since else until + _DAY
