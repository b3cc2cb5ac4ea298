"""Statements: the list and register, a draft from a template, and one text with its marks.

The text stands on the left with every finding marked in place; what to mend stands beside it. What
is known and what is not stands side by side before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from alerts.statements import desk as acts
from alerts.statements.draft import field_keys
from alerts.statements.facts import gather_facts, unit_values
from alerts.statements.releasing import download, number_of
from dashboards.render import page, query_with
from dashboards.views import statement_page as shown
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.policy.statement_templates import Template, load_templates
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.statements import (
    StatementDetail,
    StatementFilter,
    contacts_of,
    get_statement,
    list_statements,
    places_of,
    unit_facts,
    units_for,
)

router = APIRouter()
router.include_router(shown.router)
PAGE = 20
STATES = {
    "": (), "du-thao": ("draft",), "cho-duyet": ("review",), "da-duyet": ("approved",),
    "so": ("released", "withdrawn"),
}  # fmt: skip
_Number = Annotated[int | None, Query(ge=1, le=MAX_ID)]
MAX_VALUE = 5000


@dataclass(frozen=True, slots=True)
class Stated:
    """What a form states: plain fields and, by field of the template, the facts."""

    fields: dict[str, str]
    values: dict[str, str]
    topics: tuple[str, ...]

    def number(self, name: str) -> int | None:
        """Return a field as a row's number, None when empty. Raises InputError."""
        typed = self.fields.get(name, "").strip()
        if not typed:
            return None
        if not (typed.isdecimal() and len(typed) < 11 and int(typed) <= MAX_ID):
            raise InputError("Số tham chiếu không đúng.", mend="Quay lại và kiểm tra.")
        return int(typed)


async def stated(request: Request) -> Stated:
    """Return the form of a draft; ``o.<id>`` are facts, ``chu_de`` topics."""
    form = await request.form()
    plain = {key: value for key, value in form.multi_items() if isinstance(value, str)}
    if any(len(value) > MAX_VALUE for value in plain.values()):
        raise InputError("Nội dung một mục quá dài.", mend="Rút gọn rồi gửi lại.")
    return Stated(
        {key: value for key, value in plain.items() if not key.startswith("o.")},
        {key[2:]: value for key, value in plain.items() if key.startswith("o.")},
        tuple(str(one) for one in form.getlist("chu_de"))[:20],
    )


@router.get("/phat-ngon")
def register(
    request: Request, caller: SignedIn, services: Served, loc: str = "", trang: str = ""
) -> Response:
    """Show drafts at work and the register of what was released."""
    if loc not in STATES:
        raise InputError("Bộ lọc không đúng.")
    wanted = StatementFilter(viewer_unit=caller.unit_scope, states=STATES[loc])
    with services.store.read() as session:
        found = list_statements(session, wanted, cursor=trang or None, limit=PAGE)
        places = places_of(session, [row.id or 0 for row in found.rows])
        names = dict(units_for(session, caller.unit_scope))
    return page(
        request,
        "statements.html",
        caller=caller,
        lines=[
            (
                row,
                acts.shown_words(row, caller)[0],
                number_of(row),
                [p for p in places if p.statement_id == row.id],
            )
            for row in found.rows
        ],
        names=names,
        loc=loc,
        filters=list(STATES),
        templates=load_templates().templates,
        incident=None,
        next=query_with(request, trang=found.next) if found.next else "",
    )


@router.get("/vu-viec/{incident_id}/phat-ngon")
def of_incident(
    request: Request, incident_id: RowId, caller: SignedIn, services: Served
) -> Response:
    """Show the statements of one incident, and what is known and unknown of it."""
    wanted = StatementFilter(viewer_unit=caller.unit_scope, incident_id=incident_id)
    templates = load_templates()
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        facts = gather_facts(
            session, incident_id, speaking=detail.line.row.unit_id, policy=services.policy,
            viewer_unit=caller.unit_scope, templates=templates, now=services.clock.now(),
        )  # fmt: skip
        found = list_statements(session, wanted, cursor=None, limit=50)
        names = dict(units_for(session, caller.unit_scope))
        places = places_of(session, [row.id or 0 for row in found.rows])
    return page(
        request,
        "statements.html",
        caller=caller,
        lines=[
            (
                row,
                acts.shown_words(row, caller)[0],
                number_of(row),
                [p for p in places if p.statement_id == row.id],
            )
            for row in found.rows
        ],
        names=names,
        loc="",
        filters=[],
        templates=templates.templates,
        incident=detail.line,
        known=_sides(templates.template("M1"), facts.values),
        next="",
    )


@router.get("/phat-ngon/soan")
def compose(
    request: Request,
    caller: Acting,
    services: Served,
    mau: str = "M1",
    vu_viec: _Number = None,
    dinh_chinh: _Number = None,
    tin: _Number = None,
    cum: _Number = None,
) -> Response:
    """Show the fields of a template, filled in with what the house knows."""
    templates = load_templates()
    template = templates.template(mau)
    with services.store.read() as session:
        units = units_for(session, caller.unit_scope)
        values: dict[str, str] = {}
        speaking = caller.unit_id
        if vu_viec is not None:
            detail = get_incident(session, vu_viec, viewer_unit=caller.unit_scope)
            own = unit_facts(session, detail.line.row.unit_id)
            units = [one for one in units if one[0] in own.chain]
            speaking = speaking or own.id
            facts = gather_facts(
                session, vu_viec, speaking=speaking, viewer_unit=caller.unit_scope,
                policy=services.policy, templates=templates, now=services.clock.now(),
            )  # fmt: skip
            values = facts.for_template(template)
        elif speaking is not None:
            unit = unit_facts(session, speaking)
            known = unit_values(unit, contacts_of(session, [unit.id]), services.policy)
            values = {f.id: known[f.source] for f in template.fields if f.source in known}
    return page(
        request,
        "statement_new.html",
        caller=caller,
        form=template,
        audiences=[templates.audience(one) for one in template.audiences],
        values=values,
        units=units,
        speaking=speaking,
        topics=services.policy.topics.values() if vu_viec is None else (),
        sides=_sides(template, values),
        refs={"vu_viec": vu_viec, "dinh_chinh": dinh_chinh, "tin": tin, "cum": cum},
    )


@router.post("/phat-ngon/soan", dependencies=[Checked])
def draft(caller: Acting, services: Served, said: Annotated[Stated, Depends(stated)]) -> Response:
    """Make the draft and show it."""
    template = load_templates().template(said.fields.get("mau", ""))
    keys = set(field_keys(template))
    asked = acts.Asked(
        template=template.id,
        audience=said.fields.get("nguoi_nhan", ""),
        unit_id=said.fields.get("don_vi") or None,
        incident_id=said.number("vu_viec"),
        story_id=said.number("cum"),
        mention_id=said.number("tin"),
        corrects_id=said.number("dinh_chinh"),
        topics=said.topics,
        values={key: value for key, value in said.values.items() if key in keys},
    )
    made = acts.draft(services.store, caller, services.policy, asked, services.clock.now())
    return RedirectResponse(f"/phat-ngon/{made}?xong=soan", 303)


@router.get("/phat-ngon/{statement_id}")
def one(request: Request, statement_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one text with its marks, what may be done with it, and what was done."""
    return shown.statement_page(request, caller, services, statement_id)


@router.get("/phat-ngon/{statement_id}/van-ban.txt")
def plain(statement_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Hand out a released text as the bytes its hash was taken over."""
    detail = _detail(services, caller, statement_id)
    if not detail.row.text_hash:
        raise InputError("Nội dung chưa đăng.", mend="Chỉ tải được nội dung đã đăng.")
    name = f"phat-ngon-{detail.row.number}-{detail.row.year}.txt"
    return Response(
        download(detail.row),
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _detail(services: Services, caller: Caller, statement_id: int) -> StatementDetail:
    with services.store.read() as session:
        return get_statement(session, statement_id, viewer_unit=caller.unit_scope)


def _sides(template: Template, values: dict[str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what is known (label, value), and what is not.

    ``values`` are by field or, from an incident, by the fact's own name.
    """
    known: list[tuple[str, str]] = []
    open_questions: list[str] = []
    for field in template.fields:
        value = values.get(field.id) or values.get(field.source) or ""
        if value and field.source == "unknown":
            open_questions.append(value)
        elif value:
            known.append((field.label, value))
        elif field.required and not field.default:
            open_questions.append(field.label)
    return known, open_questions
