"""The audit log and what goes with it: orders to keep, requests of persons, the keeping clock.

The log speaks of the whole house, so only those see it who may see every unit.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from dashboards.audit_words import act_words, formula_safe, subject_words
from dashboards.render import page, query_with
from dashboards.visitor import Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.clock import HANOI, as_utc, say
from langnghe.core.errors import ForbiddenError, InputError
from langnghe.core.keeping import clock_state
from langnghe.core.store import users
from langnghe.core.store.audit import head, lines, newest_sound
from langnghe.core.store.holds import holds
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.tables import AuditRow
from langnghe.core.subject import requests
from langnghe.core.words import WORDS

router = APIRouter()
PAGE = 50
MOST = 10_000
"""Lines of one export: a spreadsheet a person can read, and a bounded query."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the visitor wants to see of the log. Days are Vietnamese days, the last included."""

    action: str
    person: str
    since: date | None
    until: date | None


def asked(
    viec: Annotated[str, Query(max_length=60)] = "",
    ai: Annotated[str, Query(max_length=200)] = "",
    tu: Annotated[str, Query(max_length=10)] = "",
    den: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    """Return the filter of the address. Raises InputError for a date that is none."""
    return Asked(viec.strip(), ai.strip(), _day(tu), _day(den))


Filter = Annotated[Asked, Depends(asked)]


@router.get("/nhat-ky")
def audit_log(
    request: Request,
    caller: SignedIn,
    services: Served,
    wanted: Filter,
    truoc: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
) -> Response:
    """Show the newest lines of the audit log that the filter asks for."""
    _may_see(caller)
    with services.store.read() as session:
        found = _lines(session, wanted, before=truoc, limit=PAGE + 1)
        newest = head(session)
        looked_at, broken = newest_sound(session)
        people = users.everybody(session)[:500]
        standing = holds(session)
        received = requests(session)[:20]
        clock = clock_state(session, services.settings)
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return page(
        request,
        "records.html",
        caller=caller,
        lines=[(row, act_words(row.action), *subject_words(row)) for row in found[:PAGE]],
        older=query_with(request, truoc=str(older)) if older else "",
        export=query_with(request, truoc=None),
        wanted=wanted,
        kinds=sorted(WORDS["act"].items(), key=lambda pair: pair[1]),
        people=people,
        head=newest,
        looked_at=looked_at,
        broken=broken,
        holds=standing,
        requests=received,
        clock=clock,
    )


@router.get("/nhat-ky.csv")
def export_log(caller: SignedIn, services: Served, wanted: Filter) -> Response:
    """Return the lines the filter asks for as CSV that a spreadsheet opens; itself in the log."""
    _may_see(caller)
    now = services.clock.now()
    with services.store.read() as session:
        found = _lines(session, wanted, before=None, limit=MOST)
    with services.store.write() as session:
        said = {"lines": len(found), "action": wanted.action, "person": wanted.person}
        users.note(session, now, caller.username, "audit_exported", "audit", data=said)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["Số", "Lúc", "Ai", "Việc", "Về", "Lý do", "Niêm phong"])
    for row in found:
        about, _ = subject_words(row)
        cells = [say(row.at), row.actor, act_words(row.action), about, row.reason, row.chain[:16]]
        sheet.writerow([row.seq or "", *map(formula_safe, cells)])
    return Response(
        "\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="nhat-ky-{now:%Y%m%d}.csv"',
                 "Cache-Control": "no-store"},
    )  # fmt: skip


def _lines(session: Session, wanted: Asked, *, before: int | None, limit: int) -> list[AuditRow]:
    """Return lines; a person is meant by the sign-in name and by the name shown."""
    names: list[str] = []
    if wanted.person:
        row = users.by_username(session, wanted.person.lower())
        names = [wanted.person, *([row.username, row.name] if row is not None else [])]
    return lines(
        session, action=wanted.action, actors=[name for name in names if name],
        since=_begin(wanted.since), until=_begin(wanted.until, after=True), before=before,
        limit=limit,
    )  # fmt: skip


def _begin(day: date | None, *, after: bool = False) -> datetime | None:
    """Return the first moment of a Vietnamese day, or of the day after it."""
    if day is None or (after and day == date.max):
        return None
    day = day + timedelta(days=1) if after else day
    return as_utc(datetime.combine(day, time.min, HANOI)) if day.year > 1 else None


def _day(said: str) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise InputError("Ngày không đọc được.", mend="Chọn ngày trong lịch.") from error


def _may_see(caller: Caller) -> None:
    if not caller.may_audit:
        raise ForbiddenError("Chỉ quản trị và người đứng đầu cơ quan cao nhất xem được nhật ký.")
