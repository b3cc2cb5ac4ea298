"""The register of suggestions and complaints: take in, hand on, answer, count."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.plan import feedback as acts
from alerts.plan.calendar import bounds, month_of, neighbours, span
from dashboards.render import page
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.evidence.vault import vault_of
from langnghe.core.store import plan
from langnghe.core.store.queries.system import list_units

router = APIRouter()
Short = Annotated[str, Form(max_length=300)]
Long = Annotated[str, Form(max_length=acts.LONGEST)]


@router.get("/gop-y")
def register(request: Request, caller: SignedIn, services: Served, thang: str = "") -> Response:
    """Show a month's entries, open ones first (of now: of earlier months too), and its figures."""
    now = services.clock.now()
    month = thang or month_of(now)
    before, after = neighbours(month)
    with services.store.read() as session:
        rows = plan.feedback(session, *span(month), viewer_unit=caller.unit_scope)
        if month == month_of(now):  # what waits since earlier months is still to be answered
            rows += plan.feedback_open(session, span(month)[0], viewer_unit=caller.unit_scope)
        counted = plan.feedback_counted(session, *span(month), viewer_unit=caller.unit_scope)
        units = list_units(session, viewer_unit=caller.unit_scope)
    return page(
        request,
        "feedback.html",
        caller=caller,
        rows=sorted(rows, key=lambda row: (row.answered_at is not None, row.due_at)),
        figures=acts.figures(counted, now),
        units=units,
        unit_names={unit.id: unit.name for unit in units},
        channels=acts.CHANNELS,
        kinds=acts.KINDS,
        senders=acts.SENDERS,
        topics=services.policy.topics,
        month=month,
        shown_month=f"{bounds(month)[0]:%m/%Y}",
        before=before,
        after=after,
    )


@router.post("/gop-y", dependencies=[Checked])
def take_in(
    caller: Acting, services: Served, unit: Short, channel: Short, kind: Short, sender: Short,
    text: Long, topic: Short = "", reply_to: Short = "",
) -> Response:  # fmt: skip
    """Enter one."""
    acts.take_in(
        services.store, caller, services.clock.now(), secret=services.settings.secret_key(),
        unit_id=unit, text=text, channel=channel, kind=kind, sender=sender, topic=topic,
        reply_to=reply_to,
        vault=vault_of(services.settings),
    )  # fmt: skip
    return RedirectResponse("/gop-y?xong=gop-y", 303)


@router.post("/gop-y/{feedback_id}/tra-loi", dependencies=[Checked])
def answer(feedback_id: RowId, caller: Acting, services: Served, text: Long) -> Response:
    """Write down the answer given."""
    acts.answer(services.store, caller, feedback_id, text, services.clock.now())
    return RedirectResponse("/gop-y?xong=tra-loi", 303)


@router.post("/gop-y/{feedback_id}/giao", dependencies=[Checked])
def hand_over(
    feedback_id: RowId, caller: Acting, services: Served, owner: Short = "",
    incident: Annotated[str, Form(max_length=12, pattern="^[0-9]*$")] = "",
) -> Response:  # fmt: skip
    """Give it to somebody, or tie it to an incident."""
    acts.hand_over(
        services.store, caller, feedback_id, services.clock.now(), owner=owner,
        incident_id=int(incident) if incident else None,
    )  # fmt: skip
    return RedirectResponse("/gop-y?xong=giao", 303)
