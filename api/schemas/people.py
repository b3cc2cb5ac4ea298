"""How people in office, the duty roster and the reporting lines look from outside.

Addresses go only to those who may act on incidents; everybody else sees names and offices.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from langnghe.core.contacts import WAY_FIELDS, read_hours, write_hours
from langnghe.core.duty import DAYS, Duty, Span, Together, say_gap, say_together
from langnghe.core.errors import InputError
from langnghe.core.lines import Line
from langnghe.core.people import Roster
from langnghe.core.people_board import RoleBoard, UnitBoard
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.people import Person
from langnghe.core.types import Contact

Text = Annotated[str, Field(max_length=300)]
_PERSON: dict[str, JsonValue] = {
    "unit": "th_suoi_mo", "role": "officer", "name": "Thư ký Hội đồng trường",
    "email": "thuky@suoimo.example", "phone": "0900000001", "ways": ["zalo_zns", "email"],
    "quiet": "21:30-05:30",
}  # fmt: skip


class PersonIn(BaseModel):
    """A person in office as written down; ``ways`` are ids of channels, the most wanted first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _PERSON})

    unit: Text
    role: Text
    name: Text
    email: Text | None = None
    phone: Text | None = None
    zalo: Text | None = None
    telegram: Text | None = None
    webhook: Text | None = None
    apprise: Text | None = None
    ways: list[Text] = Field(default_factory=list, max_length=len(WAY_FIELDS))
    quiet: Text | None = None

    def contact(self) -> Contact:
        """Return the domain object; the desk checks it."""
        values = self.model_dump(exclude={"unit", "ways"})
        return Contact(**values, ways=tuple(self.ways))


class PersonOut(BaseModel):
    """A person in office. Addresses are ``null`` for callers who may not act."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": 7} | _PERSON})

    id: int
    unit: str
    role: str
    name: str
    email: str | None
    phone: str | None
    zalo: str | None
    telegram: str | None
    webhook: str | None
    apprise: str | None
    ways: list[str]
    quiet: str | None

    @classmethod
    def of(cls, person: Person, *, addresses: bool) -> PersonOut:
        """Return the outside form."""
        c = person.contact
        reach = {
            f: getattr(c, f) if addresses else None for f in dict.fromkeys(WAY_FIELDS.values())
        }
        return cls(
            id=person.id, unit=person.unit_id, role=c.role, name=c.name, ways=list(c.ways),
            quiet=c.quiet if addresses else None, **reach,
        )  # fmt: skip


class DutyIn(BaseModel):
    """A row of the roster as written down; ``days`` of T2 … CN, ``hours`` like 18:00-06:00."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "unit": "th_suoi_mo", "role": "officer", "person": 7,
                "since": "2026-11-28T18:00:00+07:00", "until": "2026-11-30T07:00:00+07:00",
                "days": [], "hours": None,
            }
        },
    )  # fmt: skip

    unit: Text
    role: Text
    person: Annotated[int, Field(ge=1, le=MAX_ID)]
    since: AwareDatetime
    until: AwareDatetime | None = None
    days: list[Text] = Field(default_factory=list, max_length=7)
    hours: Text | None = None

    def duty(self) -> Duty:
        """Return the domain object. Raises InputError for days or hours that cannot be read."""
        if any(day not in DAYS for day in self.days):
            raise InputError("Ngày trong tuần không đúng.", mend=f"Dùng: {', '.join(DAYS)}.")
        hours = read_hours(self.hours) if self.hours else None
        if self.hours and hours is None:
            raise InputError("Giờ trực trong ngày không đọc được.", mend="Ghi như 18:00-06:00.")
        days = tuple(sorted({DAYS.index(day) for day in self.days}))
        return Duty(
            self.unit, self.role, "", self.since, self.until, days, hours, person_id=self.person
        )


class SpanOut(BaseModel):
    """A stretch of time, the end exclusive."""

    since: datetime
    until: datetime

    @classmethod
    def all_of(cls, spans: Iterable[Span]) -> list[SpanOut]:
        """Return the outside form of several."""
        return [cls(since=span.since, until=span.until) for span in spans]


class SaidSpanOut(SpanOut):
    """A stretch with the plain sentence about it."""

    text: str


class DutyOut(BaseModel):
    """A row of the roster."""

    id: int | None
    role: str
    person: int | None
    name: str
    since: datetime
    until: datetime | None
    days: list[str]
    hours: str | None

    @classmethod
    def of(cls, duty: Duty) -> DutyOut:
        """Return the outside form."""
        return cls(
            id=duty.id, role=duty.role, person=duty.person_id, name=duty.person, since=duty.since,
            until=duty.until, days=[DAYS[day] for day in duty.days], hours=write_hours(duty.hours),
        )  # fmt: skip


class ServingOut(BaseModel):
    """Somebody on duty: from ``since`` (``null`` for now) until ``until`` (``null``: open)."""

    person: int | None
    name: str
    since: datetime | None
    until: datetime | None


class RoleDutyOut(BaseModel):
    """One role: who serves, who comes next, what is wrong in the coming two weeks."""

    role: str
    serving: list[ServingOut]
    next: ServingOut | None
    gaps: list[SaidSpanOut]
    together: list[SaidSpanOut]

    @classmethod
    def of(cls, board: RoleBoard, horizon: datetime) -> RoleDutyOut:
        """Return the outside form."""
        coming = board.next
        return cls(
            role=board.role,
            serving=[
                ServingOut(person=s.duty.person_id, name=s.duty.person, since=None, until=s.until)
                for s in board.serving
            ],
            next=ServingOut(
                person=coming.duty.person_id, name=coming.duty.person, since=coming.span.since,
                until=coming.span.until,
            ) if coming else None,
            gaps=_gaps(board.gaps, horizon),
            together=_together(board.together),
        )  # fmt: skip


class UnitDutyOut(BaseModel):
    """The duty of one unit at one moment, and the roster from then on."""

    unit: str
    at: datetime
    roles: list[RoleDutyOut]
    roster: list[DutyOut]

    @classmethod
    def of(cls, unit_id: str, at: datetime, board: UnitBoard) -> UnitDutyOut:
        """Return the outside form."""
        return cls(
            unit=unit_id, at=at, roster=[DutyOut.of(duty) for duty in board.roster],
            roles=[RoleDutyOut.of(role, board.horizon) for role in board.roles],
        )  # fmt: skip


class DutyChangeOut(BaseModel):
    """What a change of the roster means for one person, who has been told if there is an e-mail."""

    person: int | None
    name: str
    gained: list[SpanOut]
    lost: list[SpanOut]


class RosterOut(BaseModel):
    """What a change of the roster led to."""

    id: int
    changes: list[DutyChangeOut]
    gaps: list[SaidSpanOut]
    together: list[SaidSpanOut]

    @classmethod
    def of(cls, done: Roster) -> RosterOut:
        """Return the outside form."""
        changes = [
            DutyChangeOut(
                person=c.person_id, name=c.person, gained=SpanOut.all_of(c.gained),
                lost=SpanOut.all_of(c.lost),
            )
            for c in done.changes
        ]  # fmt: skip
        return cls(
            id=done.id, changes=changes, gaps=_gaps(done.gaps, None),
            together=_together(done.together),
        )  # fmt: skip


class LineIn(BaseModel):
    """A dated row of the reporting chain: to a unit, or to an office by name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "unit": "th_suoi_mo", "line": "hanh_chinh", "to_unit": "xa_suoi_mo",
                "to_name": "", "since": "2025-07-01T00:00:00+07:00", "until": None,
                "basis": "NĐ 142/2025/NĐ-CP",
            }
        },
    )  # fmt: skip

    unit: Text
    line: Text
    to_unit: Text | None = None
    to_name: Text = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    basis: Text = ""

    def row(self) -> Line:
        """Return the domain object; the desk checks it."""
        return Line(
            self.unit, self.line, self.to_unit, self.to_name, self.since, self.until, self.basis
        )


class LineOut(BaseModel):
    """A dated row of the reporting chain; ``in_force`` at the moment asked for."""

    id: int | None
    unit: str
    line: str
    to_unit: str | None
    to_name: str
    since: datetime | None
    until: datetime | None
    basis: str
    in_force: bool

    @classmethod
    def of(cls, line: Line, *, in_force: bool) -> LineOut:
        """Return the outside form."""
        return cls(
            id=line.id, unit=line.unit_id, line=line.line, to_unit=line.to_unit,
            to_name=line.to_name, since=line.since, until=line.until, basis=line.basis,
            in_force=in_force,
        )  # fmt: skip


class SavedOut(BaseModel):
    """The number under which something was stored."""

    id: int


def _gaps(spans: Iterable[Span], horizon: datetime | None) -> list[SaidSpanOut]:
    return [
        SaidSpanOut(since=s.since, until=s.until, text=say_gap(s, through=horizon)) for s in spans
    ]


def _together(found: Iterable[Together]) -> list[SaidSpanOut]:
    return [
        SaidSpanOut(since=t.span.since, until=t.span.until, text=say_together(t)) for t in found
    ]
