"""Papers: choose one, download it as Word or PDF, take its number, find numbered ones again."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from alerts.reports.desk import BOOKS, Wish, facts_for, kept_facts, number_facts
from alerts.reports.facts import OF_INCIDENT, OF_PERIOD, PaperKind
from dashboards.render import page, query_with
from dashboards.reports.compose import compose, symbol_of
from dashboards.reports.make import PaperFile, make
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.errors import InputError
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.papers import get_paper, list_papers, units_within
from langnghe.core.store.queries.incidents import IncidentFilter, list_incidents
from langnghe.core.store.queries.report_files import newest_released
from langnghe.core.store.users import note

router = APIRouter()
PAGE = 20
_CHOICES = 30
Text = Annotated[str, Query(max_length=200)]


@router.get("/bao-cao")
def papers(request: Request, caller: SignedIn, services: Served, trang: Text = "",
           vu_viec: Text = "") -> Response:  # fmt: skip
    """Show what papers can be made, and those that have a number."""
    with services.store.read() as session:
        numbered = list_papers(
            session, viewer_unit=caller.unit_scope, cursor=trang or None, limit=PAGE
        )
        incidents = list_incidents(
            session, IncidentFilter(viewer_unit=caller.unit_scope), cursor=None, limit=_CHOICES
        ).rows
        released = newest_released(session, caller.unit_scope, _CHOICES)
        units = units_within(session, caller.unit_scope)
    return page(
        request,
        "reports.html",
        caller=caller,
        papers=numbered.rows,
        next=query_with(request, trang=numbered.next) if numbered.next else "",
        incidents=incidents,
        chosen=vu_viec,
        released=released,
        units=units,
        unit_names=dict(units),
        of_period=[kind.value for kind in PaperKind if kind in OF_PERIOD],
        of_incident=[kind.value for kind in PaperKind if kind in OF_INCIDENT],
    )


@router.get("/bao-cao/tai")
def draft(
    caller: SignedIn,
    services: Served,
    loai: PaperKind,
    dang: Literal["pdf", "docx"],
    don_vi: Text = "",
    vu_viec: Text = "",
    phat_ngon: Text = "",
    tu: Text = "",
    den: Text = "",
) -> Response:
    """Download a draft: without a number, its date left to be filled in."""
    wish = _wish(loai, don_vi, vu_viec, phat_ngon, tu, den)
    facts = facts_for(services, wish, viewer_unit=caller.unit_scope)
    return download(make(facts, dang, drill=bool(services.drill)))


@router.get("/bao-cao/lay-so")
def ask_number(
    request: Request,
    caller: Acting,
    services: Served,
    loai: PaperKind,
    don_vi: Text = "",
    vu_viec: Text = "",
    tu: Text = "",
    den: Text = "",
) -> Response:
    """Show what is about to be numbered; a number cannot be given back."""
    if loai not in BOOKS:
        raise InputError("Loại văn bản này không lấy số tại đây.", mend="Tải về không cần lấy số.")
    wish = _wish(loai, don_vi, vu_viec, "", tu, den)
    facts = facts_for(services, wish, viewer_unit=caller.unit_scope)
    paper = compose(facts)
    return page(
        request,
        "report_number.html",
        caller=caller,
        kind=loai.value,
        abstract=paper.abstract,
        agency=paper.issuer.agency,
        symbol=symbol_of(paper),
        as_of=facts.as_of,
        wish={"loai": loai.value, "don_vi": don_vi, "vu_viec": vu_viec, "tu": tu, "den": den,
              "lan": secrets.token_urlsafe(16)},
    )  # fmt: skip


@router.post("/bao-cao/lay-so", dependencies=[Checked])
def take_number(
    caller: Acting,
    services: Served,
    loai: Annotated[PaperKind, Form()],
    lan: Annotated[str, Form(min_length=16, max_length=64)],
    don_vi: Annotated[str, Form(max_length=200)] = "",
    vu_viec: Annotated[str, Form(max_length=20)] = "",
    tu: Annotated[str, Form(max_length=20)] = "",
    den: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Give a paper the next number of its book and keep what it says; written into the audit."""
    wish = _wish(loai, don_vi, vu_viec, "", tu, den)
    facts = facts_for(services, wish, viewer_unit=caller.unit_scope)
    abstract = compose(facts).abstract
    with services.store.write() as session:
        number_facts(
            session, facts, abstract, key=f"{caller.user_id}:{lan}", now=services.clock.now(),
            actor=caller.username,
        )  # fmt: skip
    return RedirectResponse("/bao-cao?xong=lay-so", 303)


@router.get("/bao-cao/{paper_id}/{dang}")
def numbered(
    paper_id: RowId, dang: Literal["pdf", "docx"], caller: SignedIn, services: Served
) -> Response:
    """Download a numbered paper as it was when it took its number."""
    with services.store.read() as session:
        row = get_paper(session, paper_id, viewer_unit=caller.unit_scope)
        facts = kept_facts(session, row)
    made = make(facts, dang, row=row, drill=bool(services.drill))
    with services.store.write() as session:
        note(session, services.clock.now(), caller.username, "paper_taken", f"paper:{paper_id}",
             data={"form": dang})  # fmt: skip
    return download(made)


def download(made: PaperFile) -> Response:
    """Return a file to be saved; its name in UTF-8, with a plain one for old readers."""
    plain = made.name.encode("ascii", "replace").decode().replace("?", "_").replace("&", "_")
    return Response(
        made.content,
        media_type=made.media,
        headers={
            "Content-Disposition": f'attachment; filename="{plain}"; '
            f"filename*=UTF-8''{quote(made.name, safe='')}",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _wish(kind: PaperKind, unit: str, incident: str, statement: str, first: str, last: str) -> Wish:
    period = kind in OF_PERIOD
    return Wish(
        kind,
        unit=unit,
        incident=_number(incident, "vụ việc") if kind in OF_INCIDENT else None,
        statement=_number(statement, "phát ngôn") if kind is PaperKind.RELEASE else None,
        first=_day(first) if period else None,
        last=_day(last) if period else None,
    )


def _number(typed: str, what: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 11 and int(typed) <= MAX_ID):
        raise InputError(f"Số {what} không đúng.")
    return int(typed)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise InputError("Ngày không đúng.", mend="Chọn ngày trong ô lịch.") from error
