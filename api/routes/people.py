"""People in office, duty roster, reporting lines: read, and changed within one's units."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from alerts.duty_letters import duty_teller
from api.auth import Actor, Reader, Served
from api.pages import PageOut, RowId
from api.problems import MEDIA_TYPE, RESPONSES
from api.schemas.people import (
    DutyIn,
    LineIn,
    LineOut,
    PersonIn,
    PersonOut,
    RosterOut,
    SavedOut,
    UnitDutyOut,
)
from langnghe.core.auth import Action, Caller
from langnghe.core.clock import as_utc
from langnghe.core.duty import in_reach
from langnghe.core.errors import InputError
from langnghe.core.people import Desk
from langnghe.core.people_board import unit_board
from langnghe.core.services import Services
from langnghe.core.store.people import people_of, unit_in_scope

router = APIRouter(tags=["people"], responses=RESPONSES)
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Trùng thời gian với dòng khác của cùng tuyến",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
Unit = Annotated[str, Query(max_length=200, description="Mã đơn vị.")]
At = Annotated[AwareDatetime | None, Query(description="Thời điểm cần biết; mặc định là lúc này.")]


@router.get("/people", operation_id="list_people", summary="Danh bạ của một đơn vị")
def people(caller: Reader, services: Served, unit: Unit) -> PageOut[PersonOut]:
    """Return the people of one unit; addresses only to those who may act."""
    with services.store.read() as session:
        unit_in_scope(session, unit, caller.unit_scope)
        found = people_of(session, [unit])
    shown = caller.may(Action.ACT)
    return PageOut(items=[PersonOut.of(p, addresses=shown) for p in found], next=None)


@router.post(
    "/people", operation_id="add_person", summary="Thêm người vào danh bạ", status_code=201
)
def add_person(caller: Actor, services: Served, said: PersonIn) -> SavedOut:
    """Enter a person in office."""
    return SavedOut(id=_desk(services, caller).put_contact(said.unit, said.contact()))


@router.put("/people/{person_id}", operation_id="change_person", summary="Sửa một người")
def change_person(person_id: RowId, caller: Actor, services: Served, said: PersonIn) -> SavedOut:
    """Replace what is written down of a person in office."""
    return SavedOut(id=_desk(services, caller).put_contact(said.unit, said.contact(), person_id))


@router.delete(
    "/people/{person_id}", operation_id="remove_person", summary="Gỡ một người", status_code=204
)
def remove_person(person_id: RowId, caller: Actor, services: Served) -> None:
    """Take a person out of the directory and the roster."""
    _desk(services, caller).remove_contact(person_id)


@router.get("/duty", operation_id="get_duty", summary="Ai đang trực, ai kế tiếp, khi nào không ai")
def duty(caller: Reader, services: Served, unit: Unit, at: At = None) -> UnitDutyOut:
    """Return the duty of one unit at a moment."""
    moment = _moment(at, services)
    with services.store.read() as session:
        unit_in_scope(session, unit, caller.unit_scope)
        return UnitDutyOut.of(unit, moment, unit_board(session, unit, moment))


@router.post("/duty", operation_id="add_duty", summary="Thêm ca trực", status_code=201)
def add_duty(caller: Actor, services: Served, said: DutyIn) -> RosterOut:
    """Enter a row of the roster; it counts at once, and whose duty changes is told."""
    return RosterOut.of(_desk(services, caller).put_duty(said.duty()))


@router.put("/duty/{duty_id}", operation_id="change_duty", summary="Sửa ca trực")
def change_duty(duty_id: RowId, caller: Actor, services: Served, said: DutyIn) -> RosterOut:
    """Replace a row of the roster."""
    return RosterOut.of(_desk(services, caller).put_duty(said.duty(), duty_id))


@router.delete("/duty/{duty_id}", operation_id="remove_duty", summary="Gỡ ca trực")
def remove_duty(duty_id: RowId, caller: Actor, services: Served) -> RosterOut:
    """Take a row off the roster; tells what gap that leaves."""
    return RosterOut.of(_desk(services, caller).remove_duty(duty_id))


@router.get("/reporting-lines", operation_id="list_lines", summary="Tuyến báo cáo của một đơn vị")
def lines(caller: Reader, services: Served, unit: Unit, at: At = None) -> PageOut[LineOut]:
    """Return every dated row of one unit, those in force at the moment marked."""
    moment = _moment(at, services)
    with services.store.read() as session:
        unit_in_scope(session, unit, caller.unit_scope)
        board = unit_board(session, unit, moment)
    items = [LineOut.of(row, in_force=row in board.lines) for row in board.all_lines]
    return PageOut(items=items, next=None)


@router.post(
    "/reporting-lines",
    operation_id="add_line",
    summary="Thêm dòng báo cáo",
    status_code=201,
    responses=_CONFLICT,
)
def add_line(caller: Actor, services: Served, said: LineIn) -> SavedOut:
    """Enter a dated row of the reporting chain."""
    return SavedOut(id=_desk(services, caller).put_line(said.row()))


@router.put(
    "/reporting-lines/{line_id}",
    operation_id="change_line",
    summary="Sửa dòng báo cáo",
    responses=_CONFLICT,
)
def change_line(line_id: RowId, caller: Actor, services: Served, said: LineIn) -> SavedOut:
    """Replace a dated row, for instance to give it an end."""
    return SavedOut(id=_desk(services, caller).put_line(said.row(), line_id))


@router.delete(
    "/reporting-lines/{line_id}", operation_id="remove_line", summary="Gỡ dòng báo cáo",
    status_code=204,
)  # fmt: skip
def remove_line(line_id: RowId, caller: Actor, services: Served) -> None:
    """Take a row out of the reporting chain."""
    _desk(services, caller).remove_line(line_id)


def _moment(at: datetime | None, services: Services) -> datetime:
    if not in_reach(at):
        raise InputError("Thời điểm không đúng.", mend="Ghi một năm từ 1900 đến 2199.")
    return as_utc(at) if at is not None else services.clock.now()


def _desk(services: Services, caller: Caller) -> Desk:
    tell = duty_teller(services.settings, services.policy)
    return Desk.of(services, caller, tell)
