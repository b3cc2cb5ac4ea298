"""Sources: what is listened to, how it fares, what it brought; switched, edited and added here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from pydantic import TypeAdapter
from sqlmodel import Session

from collectors.catalog import SHORTEST_INTERVAL, SourceConfig
from collectors.overlay import ADDED, checked
from dashboards.charts import Bucket, sparkline, timeline_chart
from dashboards.i18n import LANGUAGE_COOKIE, language_of, translations
from dashboards.render import page
from dashboards.views.house_edits import (
    Shaping,
    lay_edit,
    look_anew,
    may_shape,
    passed_over,
)
from dashboards.views.overview import house_state
from dashboards.visitor import Checked, Served, SignedIn
from langnghe.core.auth import Action
from langnghe.core.clock import HANOI, hanoi
from langnghe.core.errors import ConflictError
from langnghe.core.store.edits import Edited, edits_about, edits_of
from langnghe.core.store.evidence import gaps
from langnghe.core.store.marks import heartbeats
from langnghe.core.store.queries.system import list_sources
from langnghe.core.store.sources import get_source, make_one_due, volumes
from langnghe.core.store.tables import SourceRow
from langnghe.core.text import clean
from langnghe.core.words import WORDS

router = APIRouter()
_ORDER = {stage: place for place, stage in enumerate(WORDS["stage"])}
CONFIG = TypeAdapter(SourceConfig)
DAYS = 28
INTERVALS = (5, 15, 30, 60, 120, 360, 720, 1440)
TIERS = (1, 2, 3, 4)


@router.get("/nguon-tin")
def sources(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show all sources, those that need a hand first."""
    today = hanoi(services.clock.now()).date()
    with services.store.read() as session:
        rows = list_sources(session)
        beats = heartbeats(session)
        lacking, why = gaps(session)
        brought = volumes(session, today, DAYS)
        lost = passed_over(session, "source")
    listed = [row for row in rows if row.declared]
    charts = {
        row.id: _spark(request, f"n{number}", brought[row.id], row.name)
        for number, row in enumerate(listed)
        if row.id in brought and row.enabled
    }
    return page(
        request,
        "sources.html",
        caller=caller,
        groups=_groups(listed),
        gone=[row for row in rows if not row.declared],
        charts=charts,
        sums={key: sum(days) for key, days in brought.items()},
        lacking=lacking,
        lacking_why=why,
        lost=lost,
        may_shape=caller.may(Action.ACT) and may_shape(caller, services),
        beats=sorted(beats.items(), key=lambda beat: _ORDER.get(beat[0], len(_ORDER))),
        read_at=beats.get("collect"),
        life=house_state(request, services, beats),
    )


def _groups(rows: Sequence[SourceRow]) -> list[tuple[str, list[SourceRow]]]:
    """Return the sources under their headings: what needs a hand, what works, what is off."""
    found: dict[str, list[SourceRow]] = {"need": [], "fine": [], "off": []}
    for row in rows:
        fine = row.state in ("working", "unchecked")
        found["off" if not row.enabled else "fine" if fine else "need"].append(row)
    return [(name, group) for name, group in found.items() if group]


def _spark(request: Request, key: str, days: Sequence[int], name: str) -> Markup:
    _ = translations(language_of(request.cookies.get(LANGUAGE_COOKIE))).gettext
    title = _("Tin mỗi ngày, 28 ngày qua: %(name)s") % {"name": name}
    return sparkline(days, key=key, title=title, translate=_)


def _days(request: Request, days: Sequence[int], today: date) -> Markup:
    _ = translations(language_of(request.cookies.get(LANGUAGE_COOKIE))).gettext
    first = datetime.combine(today, time.min, HANOI) - timedelta(days=len(days) - 1)
    step = timedelta(days=1)
    return timeline_chart(
        [Bucket(first + number * step, count) for number, count in enumerate(days)], [],
        key="ngay", title=_("Tin mỗi ngày, 28 ngày qua"), step=step, translate=_,
    )  # fmt: skip


@router.post("/nguon-tin/cong-tac", dependencies=[Checked])
def switch(
    request: Request,
    caller: Shaping,
    services: Served,
    bat: Annotated[str, Form(max_length=80)] = "",
    tat: Annotated[str, Form(max_length=80)] = "",
    ve: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Switch one source on or off."""
    key = bat or tat
    with services.store.write() as session:
        row = get_source(session, key)
        if row.enabled != bool(bat):
            said = _edit_of(session, key) | {"enabled": bool(bat)}
            _put(request, session, caller, row, said)
    look_anew(request)
    return back_to(key if ve else "", "bat-nguon" if bat else "tat-nguon")


@router.get("/nguon-tin/{source_id}")
def source(request: Request, source_id: str, caller: SignedIn, services: Served) -> Response:
    """Show one source: its health, what it brought, and the forms to change it."""
    today = hanoi(services.clock.now()).date()
    with services.store.read() as session:
        row = get_source(session, source_id)
        brought = volumes(session, today, DAYS, source_id=source_id).get(source_id, [0] * DAYS)
        edit = _edit_of(session, source_id)
        history = edits_about(session, Edited.SOURCE, source_id, limit=10)
        lost = [one for one in passed_over(session, "source") if one.key == source_id]
    return page(
        request, "source.html", caller=caller, s=row, edit=edit, history=history, lost=lost,
        added=bool(edit.get(ADDED)), brought=sum(brought),
        chart=_days(request, brought, today),
        may_shape=caller.may(Action.ACT) and may_shape(caller, services), **choices(),
    )  # fmt: skip


@router.post("/nguon-tin/{source_id}", dependencies=[Checked])
def change(
    request: Request,
    source_id: str,
    caller: Shaping,
    services: Served,
    ten: Annotated[str, Form(max_length=200)] = "",
    hang: Annotated[int, Form(ge=1, le=4)] = 4,
    noi: Annotated[str, Form(max_length=200)] = "",
    chu_ky: Annotated[int, Form(ge=SHORTEST_INTERVAL, le=10_080)] = 30,
) -> Response:
    """Change how a source is called, ranked, placed and how often it is read."""
    said = {"name": clean(ten), "tier": hang, "place": clean(noi), "interval_minutes": chu_ky}
    with services.store.write() as session:
        row = get_source(session, source_id)
        _put(request, session, caller, row, _edit_of(session, source_id) | said)
    look_anew(request)
    return back_to(source_id, "sua-nguon")


@router.post("/nguon-tin/{source_id}/doc", dependencies=[Checked])
def read_now(request: Request, source_id: str, caller: Shaping, services: Served) -> Response:
    """Let the next turn of collecting read a source, whatever its rhythm says."""
    with services.store.write() as session:
        make_one_due(session, source_id, services.clock.now())
    return back_to(source_id, "doc-nguon")


@router.post("/nguon-tin/{source_id}/tra-lai", dependencies=[Checked])
def giveback_to(request: Request, source_id: str, caller: Shaping, services: Served) -> Response:
    """Take a source added here off the list, or give the word back to the catalogue."""
    with services.store.write() as session:
        get_source(session, source_id)
        edit = _edit_of(session, source_id)
        if edit:
            lay_edit(request, session, Edited.SOURCE, source_id, None, caller=caller)
    look_anew(request)
    gone = bool(edit.get(ADDED))
    return back_to("" if gone else source_id, "go-nguon" if gone else "tra-nguon")


def _put(
    request: Request, session: Session, caller: Shaping, row: SourceRow, value: dict[str, Any]
) -> None:
    """Check a change with the catalogue's own rules, then lay it."""
    added = bool(value.get(ADDED))
    if not row.declared and not added:
        raise ConflictError("Nguồn này đã rời danh mục.", mend="Thêm lại bằng địa chỉ của trang.")
    known = None if added else CONFIG.validate_python(row.config)
    checked(known, row.id, value)
    lay_edit(request, session, Edited.SOURCE, row.id, value, caller=caller)


def _edit_of(session: Session, source_id: str) -> dict[str, Any]:
    said = edits_of(session, Edited.SOURCE).get(source_id)
    return dict(said) if isinstance(said, dict) else {}


def choices() -> dict[str, Any]:
    """Return what the forms of a source offer."""
    return {"intervals": INTERVALS, "tiers": TIERS}


def back_to(source_id: str, done: str) -> Response:
    """Lead back to a source, or to the list, and say what was done."""
    return RedirectResponse(f"/nguon-tin{'/' if source_id else ''}{source_id}?xong={done}", 303)
