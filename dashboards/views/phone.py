"""The incident on one screen of a telephone: what, how grave, why, what next; and one thumb to act.

``card_of`` is what the signed link of a mail may show as well (``dashboards.views.confirm``): what
the mail said, masked. Approving a statement is only here, behind the sign-in, by the same guard as
everywhere (``alerts.statements.desk``).
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from alerts import incidents as acts
from alerts.phone import calls_to, hotlines_for, who_knows
from alerts.recipients import recipients_for
from alerts.statements import desk
from alerts.statements.checks import check
from alerts.statements.matter import context_of, topics_of, whole_text
from alerts.statements.spokesperson import may_release
from dashboards.render import page
from dashboards.views.incident_facts import office_of
from dashboards.views.statement_marks import paragraphs
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import NotFoundError
from langnghe.core.services import Services
from langnghe.core.store.queries.incidents import IncidentDetail, get_incident
from langnghe.core.store.queries.notices import NoticeFilter, list_notices
from langnghe.core.store.statements import StatementFilter, get_statement, list_statements

router = APIRouter()
NOTICES = 60
REASONS = 3
STATEMENTS = 5
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]{3,30}")
_CALLED = ("officer", "principal", "commune")


@router.get("/dt/vu-viec/{incident_id}")
def incident(request: Request, incident_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one incident to somebody who is signed in."""
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        shown = card_of(session, services, detail, reader=caller.shown_name)
        wanted = StatementFilter(
            viewer_unit=caller.unit_scope, incident_id=incident_id, states=("review", "approved")
        )
        waiting = list_statements(session, wanted, cursor=None, limit=STATEMENTS).rows
    return page(
        request,
        "phone.html",
        caller=caller,
        statements=[(row, desk.shown_words(row, caller)[0]) for row in waiting],
        just_now=request.query_params.get("xong") == "nhan",
        **shown,
    )


@router.post("/dt/vu-viec/{incident_id}/nhan", dependencies=[Checked])
def take(incident_id: RowId, caller: Acting, services: Served) -> Response:
    """Acknowledge; doing it again changes nothing."""
    with services.store.read() as session:
        get_incident(session, incident_id, viewer_unit=caller.unit_scope)
    acts.acknowledge(services.store, incident_id, caller.shown_name, services.clock.now())
    return RedirectResponse(f"/dt/vu-viec/{incident_id}?xong=nhan", 303)


@router.get("/dt/phat-ngon/{statement_id}")
def statement(
    request: Request, statement_id: RowId, caller: SignedIn, services: Served
) -> Response:
    """Show a whole statement with its findings, to be approved or sent back."""
    with services.store.read() as session:
        detail = get_statement(session, statement_id, viewer_unit=caller.unit_scope)
        found = check(whole_text(detail.row), context_of(session, detail.row))
        refusal = may_release(
            session, caller.user_id, detail.row.unit_id, topics_of(session, detail.row),
            services.clock.now(),
        )  # fmt: skip
    title, text = desk.shown_words(detail.row, caller)
    uncovered = (title, text) == (detail.row.title, detail.row.text)
    findings = found if uncovered else ()
    return page(
        request,
        "phone_statement.html",
        caller=caller,
        row=detail.row,
        unit_name=detail.unit_name,
        title=title,
        parts=paragraphs(f"{title}\n\n{text}", findings),
        findings=findings,
        blocked=any(one.severity == "block" for one in found),
        refusal=refusal,
        reviewer=caller.may(Action.ACT) and caller.role in ("officer", "principal"),
        alone=caller.user_id in (detail.row.created_by, detail.row.updated_by),
        just_now=request.query_params.get("xong", ""),
    )


@router.post("/dt/phat-ngon/{statement_id}/duyet", dependencies=[Checked])
def approve(
    statement_id: RowId,
    caller: Acting,
    services: Served,
    version: Annotated[int, Form(ge=1, le=10**9)],
) -> Response:
    """Approve the text as it was read; the desk asks for the right to release."""
    desk.approve(services.store, caller, statement_id, version=version, now=services.clock.now())
    return RedirectResponse(f"/dt/phat-ngon/{statement_id}?xong=duyet", 303)


@router.post("/dt/phat-ngon/{statement_id}/tra-lai", dependencies=[Checked])
def send_back(
    statement_id: RowId,
    caller: Acting,
    services: Served,
    version: Annotated[int, Form(ge=1, le=10**9)],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Return the text to its drafter, with what must be mended."""
    desk.send_back(
        services.store, caller, statement_id, version=version, note=note, now=services.clock.now()
    )
    return RedirectResponse(f"/dt/phat-ngon/{statement_id}?xong=tra-lai", 303)


def card_of(
    session: Session, services: Services, detail: IncidentDetail, *, reader: str = ""
) -> dict[str, Any]:
    """Return what the one screen shows of an incident; all of it masked, as in a mail.

    ``reader`` is who holds the link: they need not ring themselves.
    """
    row, office, now = detail.line.row, office_of(services), services.clock.now()
    policy = office.at(row.unit_id).policy
    told = list_notices(
        session, NoticeFilter(incident_id=detail.line.id), cursor=None, limit=NOTICES
    ).rows
    names = {role: policy.role_name(role) for role in policy.roles}
    groups = [
        (
            names.get(role, ""),
            recipients_for(
                session, role, row.unit_id, policy, services.profile, services.settings, now=now
            ),
        )
        for role in _CALLED
    ]
    knows, colour = who_knows(told, names), policy.level(row.level).colour
    return {
        "line": detail.line,
        "incident": row,
        "level": policy.level(row.level),
        "colour": colour if _COLOUR.fullmatch(colour) else "#667",
        "playbook": policy,
        "reasons": [reason.get("text", "") for reason in row.reasons][:REASONS],
        "calls": calls_to(groups, hotlines_for(row.topics, policy.hotlines), not_to=reader),
        "knows": knows,
        "answered": sum(one.answered_at is not None for one in knows),
    }


def caller_sees(session: Session, caller: Caller | None, incident_id: int) -> bool:
    """Tell whether the person who holds the link is signed in and may open the incident."""
    if caller is None:
        return False
    try:
        get_incident(session, incident_id, viewer_unit=caller.unit_scope)
    except NotFoundError:
        return False
    return True
