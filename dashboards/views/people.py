"""Who answers for a unit: the tree, the directory, who is on duty now and next, the dated lines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from alerts.duty_letters import duty_teller
from dashboards.render import page
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.clock import hanoi
from langnghe.core.contacts import WAY_FIELDS, WAY_NAMES, read_hours, ways_of, write_hours
from langnghe.core.duty import DAYS, Duty, say_pattern
from langnghe.core.errors import InputError
from langnghe.core.lines import LINES, Line
from langnghe.core.people import Desk
from langnghe.core.people_board import serving_now, unit_board
from langnghe.core.profile_people import moment_of
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.people import Person, people_of, unit_in_scope
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables import UnitRow
from langnghe.core.text import clean, fold
from langnghe.core.types import Contact, Unit

router = APIRouter()
_MOST = 200
_LONGEST = 500
_DEEPEST = 4  # storeys the style sheet sets in
_ADDRESSES = tuple(dict.fromkeys(WAY_FIELDS.values()))


class Typed:
    """The fields of a form: texts only, none of them long."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self.fields = fields

    def one(self, name: str) -> str:
        """Return a field's text, empty when it is missing."""
        return clean(self.fields.get(name, [""])[0])

    def many(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [clean(value) for value in self.fields.get(name, [])]

    def number(self, name: str) -> int | None:
        """Return the id a hidden field carries. Raises InputError."""
        said = self.one(name)
        if not said:
            return None
        if not (said.isascii() and said.isdecimal() and len(said) < 11 and int(said) <= MAX_ID):
            raise InputError("Biểu mẫu không đúng.", mend="Tải lại trang rồi gửi lại.")
        return int(said)


async def typed(request: Request) -> Typed:
    """Return what a form says. Raises InputError for files and for what is too long."""
    form = await request.form()
    fields = {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}
    if any(len(value) > _LONGEST for values in fields.values() for value in values):
        raise InputError("Nội dung gửi lên quá dài.")
    return Typed(fields)


Said = Annotated[Typed, Depends(typed)]


@router.get("/don-vi")
def units(request: Request, caller: SignedIn, services: Served, tim: str = "") -> Response:
    """Show the top of the caller's tree, or the units whose name is searched for."""
    with services.store.read() as session:
        found = _search(session, caller, tim) if tim.strip() else _tops(session, caller)
        shown = _cards(session, services, [u.id for u, _ in found])
    return page(
        request, "units.html", caller=caller, asked=tim, most=_MOST,
        units=[(unit, deep, shown.get(unit.id)) for unit, deep in found],
    )  # fmt: skip


@router.get("/don-vi/{unit_id}")
def unit_page(request: Request, unit_id: str, caller: SignedIn, services: Served) -> Response:
    """Show who answers for one unit, with the forms to change that."""
    now = services.clock.now()
    with services.store.read() as session:
        unit = unit_in_scope(session, unit_id, caller.unit_scope)
        board = unit_board(session, unit_id, now)
        below = _children(session, unit_id)
        shown = _cards(session, services, [u.id for u in below])
        names = _names(session, {r.to_unit for r in board.all_lines if r.to_unit})
    roles = dict.fromkeys([*services.policy.roles, *(p.contact.role for p in board.people)])
    return page(
        request, "unit.html", caller=caller, unit=unit, board=board, names=names, days=DAYS,
        children=[(u, 1, shown.get(u.id)) for u in below], above=_above(services, caller, unit_id),
        roles=list(roles), channels=WAY_NAMES, line_names=list(LINES), most=_MOST,
        offices=_offices(services, unit_id), ways=_ways, pattern=say_pattern, hours=write_hours,
        local=hanoi, last=_last_day, stamp=lambda moment: f"{hanoi(moment):%Y-%m-%dT%H:%M}",
    )  # fmt: skip


@router.post("/don-vi/{unit_id}/nguoi", dependencies=[Checked])
def put_person(unit_id: str, caller: Acting, services: Served, said: Said) -> Response:
    """Enter a person, or change one."""
    ways = [said.one(f"cach{n}") for n in range(1, len(WAY_FIELDS) + 1)]
    contact = Contact(
        said.one("vai"), said.one("ten"), **{f: said.one(f) for f in _ADDRESSES},
        ways=tuple(way for way in ways if way), quiet=said.one("yen_lang"),
    )  # fmt: skip
    _desk(services, caller).put_contact(unit_id, contact, said.number("so"))
    return _back(unit_id, "danh-ba")


@router.post("/don-vi/{unit_id}/nguoi/{row_id}/go", dependencies=[Checked])
def remove_person(unit_id: str, row_id: RowId, caller: Acting, services: Served) -> Response:
    """Take a person out of the directory and the roster."""
    _desk(services, caller).remove_contact(row_id)
    return _back(unit_id, "go")


@router.post("/don-vi/{unit_id}/truc", dependencies=[Checked])
def put_duty(unit_id: str, caller: Acting, services: Served, said: Said) -> Response:
    """Enter a row of the roster, or change one; it counts at once."""
    since = moment_of(said.one("tu"))
    until = moment_of(said.one("den"), end=True)
    person = said.number("nguoi")
    if since is None or (said.one("den") and until is None) or person is None:
        raise InputError(
            "Ca trực chưa đủ: cần người trực và lúc bắt đầu.", mend="Điền các ô ấy rồi gửi lại."
        )
    days = said.many("ngay")
    if any(day not in DAYS for day in days):
        raise InputError("Ngày trong tuần không đúng.", mend="Chọn từ T2 đến CN.")
    hours = read_hours(said.one("gio")) if said.one("gio") else None
    if said.one("gio") and hours is None:
        raise InputError(
            "Giờ trực trong ngày không đọc được.", mend="Ghi như 18:00-06:00, hoặc để trống."
        )
    duty = Duty(
        unit_id, said.one("vai"), "", since, until,
        tuple(sorted({DAYS.index(day) for day in days})), hours, person,
    )  # fmt: skip
    _desk(services, caller).put_duty(duty, said.number("so"))
    return _back(unit_id, "lich-truc")


@router.post("/don-vi/{unit_id}/truc/{row_id}/go", dependencies=[Checked])
def remove_duty(unit_id: str, row_id: RowId, caller: Acting, services: Served) -> Response:
    """Take a row off the roster; it counts at once."""
    _desk(services, caller).remove_duty(row_id)
    return _back(unit_id, "lich-truc")


@router.post("/don-vi/{unit_id}/tuyen", dependencies=[Checked])
def put_line(unit_id: str, caller: Acting, services: Served, said: Said) -> Response:
    """Enter a dated row of the reporting chain, or change one."""
    since, until = moment_of(said.one("tu")), moment_of(said.one("den"), end=True)
    if (said.one("tu") and since is None) or (said.one("den") and until is None):
        raise InputError("Ngày không đọc được.", mend="Chọn ngày trong lịch, hoặc để trống.")
    line = Line(
        unit_id, said.one("tuyen"), said.one("len") or None, said.one("co_quan"), since, until,
        said.one("can_cu"),
    )  # fmt: skip
    _desk(services, caller).put_line(line, said.number("so"))
    return _back(unit_id, "tuyen")


@router.post("/don-vi/{unit_id}/tuyen/{row_id}/go", dependencies=[Checked])
def remove_line(unit_id: str, row_id: RowId, caller: Acting, services: Served) -> Response:
    """Take a row out of the reporting chain."""
    _desk(services, caller).remove_line(row_id)
    return _back(unit_id, "go")


def _ways(person: Person) -> list[tuple[str, str]]:
    return [(WAY_NAMES[channel], address) for channel, address in ways_of(person.contact)]


def _last_day(until: datetime) -> datetime:
    """Return the last moment an exclusive end still allows, to be shown as a day."""
    return hanoi(until - timedelta(microseconds=1))


def _desk(services: Services, caller: Caller) -> Desk:
    tell = duty_teller(services.settings, services.policy)
    return Desk.of(services, caller, tell)


def _back(unit_id: str, done: str) -> Response:
    return RedirectResponse(f"/don-vi/{unit_id}?xong={done}", 303)


def _tops(session: Session, caller: Caller) -> list[tuple[UnitRow, int]]:
    """Return the caller's tree, each unit with its depth; of a large one the two upper storeys."""
    query = sa.select(UnitRow).where(UNIT.c.active).order_by(UNIT.c.name)
    scope = caller.unit_scope
    if scope is not None:
        query = query.where(UNIT.c.id.in_(subtree(scope)))
    units = list(session.scalars(query.limit(_MOST + 1)))
    if len(units) > _MOST:
        top = query.where(UNIT.c.id == scope if scope else UNIT.c.parent_id.is_(None))
        tops = list(session.scalars(top.limit(_MOST)))
        units = [*tops, *(unit for top in tops for unit in _children(session, top.id))]
    known = {unit.id for unit in units}
    below: dict[str | None, list[UnitRow]] = {}
    for unit in units:
        parent = unit.parent_id if unit.parent_id in known and unit.id != scope else None
        below.setdefault(parent, []).append(unit)
    found: list[tuple[UnitRow, int]] = []

    def walk(parent: str | None, depth: int) -> None:
        for unit in below.get(parent, ()):
            found.append((unit, min(depth, _DEEPEST)))
            walk(unit.id, depth + 1)

    walk(None, 1)
    return found[: _MOST + 1]


def _children(session: Session, unit_id: str) -> list[UnitRow]:
    query = sa.select(UnitRow).where(UNIT.c.active, UNIT.c.parent_id == unit_id)
    return list(session.scalars(query.order_by(UNIT.c.name).limit(_MOST + 1)))


def _search(session: Session, caller: Caller, text: str) -> list[tuple[UnitRow, int]]:
    """Return the units whose name holds the text, with or without marks."""
    query = sa.select(UnitRow).where(UNIT.c.active).order_by(UNIT.c.name)
    if caller.unit_scope:
        query = query.where(UNIT.c.id.in_(subtree(caller.unit_scope)))
    wanted = fold(text)
    return [(u, 1) for u in session.scalars(query) if wanted in fold(u.name)][: _MOST + 1]


def _cards(session: Session, services: Services, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return for each unit who is on duty now and how many people can be reached."""
    serving = serving_now(session, ids, services.clock.now())
    reached: dict[str, int] = dict.fromkeys(ids, 0)
    for person in people_of(session, ids):
        reached[person.unit_id] += bool(ways_of(person.contact))
    return {
        unit_id: {"serving": [d.person for d in serving[unit_id]], "reached": reached[unit_id]}
        for unit_id in ids
    }


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    rows = session.execute(sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _above(services: Services, caller: Caller, unit_id: str) -> list[Unit]:
    """Return the units above, topmost first, as far up as the caller may see."""
    found: list[Unit] = []
    if unit_id == caller.unit_scope:
        return found
    for unit in services.profile.chain(unit_id)[1:]:
        found.insert(0, unit)
        if unit.id == caller.unit_scope:
            break
    return found


def _offices(services: Services, unit_id: str) -> list[Unit]:
    """Return the units a line may lead to: offices, not schools."""
    return [
        unit
        for unit in services.profile.units
        if unit.id != unit_id and unit.kind not in ("school", "kindergarten")
    ][: _MOST * 2]
