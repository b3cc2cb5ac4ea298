"""GET the plan's month; GET and POST the register of suggestions and complaints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from alerts.plan import feedback as acts
from alerts.plan.calendar import span, tally
from api.auth import Actor, Reader, Served
from api.problems import RESPONSES
from api.schemas.plan import (
    ArticleOut,
    FeedbackIn,
    FeedbackMonthOut,
    FeedbackOut,
    PlanMonthOut,
    TallyOut,
)
from langnghe.core.clock import hanoi
from langnghe.core.evidence.vault import vault_of
from langnghe.core.store import plan

router = APIRouter(tags=["plan"], responses=RESPONSES)
Month = Annotated[str, Path(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Ví dụ 2026-11.")]


@router.get("/plan/{month}", operation_id="get_plan_month", summary="Kế hoạch một tháng")
def month(month: Month, caller: Reader, services: Served) -> PlanMonthOut:
    """Return who owes articles in a month, and the articles."""
    with services.store.read() as session:
        writers = plan.writers(session, viewer_unit=caller.unit_scope)
        found = plan.articles(session, month, viewer_unit=caller.unit_scope)
    today = hanoi(services.clock.now()).date()
    lines = tally(writers, found, month, today)
    return PlanMonthOut(
        month=month,
        tally=[TallyOut.of(line) for line in lines],
        articles=[ArticleOut.of(row) for row in found],
    )


@router.get(
    "/feedback/{month}", operation_id="get_feedback_month", summary="Sổ góp ý, phản ánh một tháng"
)
def register(month: Month, caller: Reader, services: Served) -> FeedbackMonthOut:
    """Return a month's entries with the figures."""
    with services.store.read() as session:
        rows = plan.feedback(session, *span(month), viewer_unit=caller.unit_scope)
        counted = plan.feedback_counted(session, *span(month), viewer_unit=caller.unit_scope)
    return FeedbackMonthOut.of(month, acts.figures(counted, services.clock.now()), rows)


@router.post(
    "/feedback", operation_id="add_feedback", summary="Ghi một góp ý, phản ánh", status_code=201
)
def take_in(entry: FeedbackIn, caller: Actor, services: Served) -> FeedbackOut:
    """Enter one; a complaint is also weighed like every mention."""
    row = acts.take_in(
        services.store, caller, services.clock.now(), secret=services.settings.secret_key(),
        unit_id=entry.unit, text=entry.text, channel=entry.channel, kind=entry.kind,
        sender=entry.sender, topic=entry.topic, received_at=entry.received_at,
        vault=vault_of(services.settings),
    )  # fmt: skip
    return FeedbackOut.of(row)
