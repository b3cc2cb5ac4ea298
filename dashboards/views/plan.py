"""The content calendar: who owes an article this month, what waits for approval, what stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.plan import articles as acts
from alerts.plan.calendar import bounds, month_of, neighbours, tally
from dashboards.render import page
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.clock import hanoi
from langnghe.core.errors import InputError
from langnghe.core.store import plan
from langnghe.core.store.queries.system import list_units
from langnghe.core.types import Role

router = APIRouter()
Short = Annotated[str, Form(max_length=300)]
Long = Annotated[str, Form(max_length=acts.LONGEST)]


@router.get("/ke-hoach")
def calendar(request: Request, caller: SignedIn, services: Served, thang: str = "") -> Response:
    """Show one month: the tally, what waits for a decision, the articles, and good news."""
    now = services.clock.now()
    month = thang or month_of(now)
    first, last = bounds(month)
    scope = caller.unit_scope
    with services.store.read() as session:
        writers = plan.writers(session, viewer_unit=scope)
        found = plan.articles(session, month, viewer_unit=scope)
        news = plan.good_news(session, now - timedelta(days=7), now, viewer_unit=scope, limit=8)
        units = list_units(session, viewer_unit=scope)
    before, after = neighbours(month)
    return page(
        request,
        "plan.html",
        caller=caller,
        month=month,
        shown_month=f"{first:%m/%Y}",
        before=before,
        after=after,
        lines=tally(writers, found, month, hanoi(now).date()),
        articles=[a for a in found if a.state != "dropped"],
        waiting=[a for a in found if a.state == "submitted"],
        writers=writers,
        names={writer.id: writer.name for writer in writers},
        units=units,
        news=news,
        may_approve=caller.role is Role.PRINCIPAL,
        last_day=last,
    )


@router.get("/ke-hoach/bai/{article_id}")
def article(request: Request, article_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one article with the next act for whoever looks."""
    with services.store.read() as session:
        row = plan.article_of(session, article_id, viewer_unit=caller.unit_scope)
        writer = plan.writer_of(session, row.writer_id, viewer_unit=caller.unit_scope)
    return page(
        request, "article.html", caller=caller, article=row, writer=writer, seen=acts.seen_of(row),
        may_approve=caller.role is Role.PRINCIPAL,
    )  # fmt: skip


@router.post("/ke-hoach/to-chuc", dependencies=[Checked])
def writer(
    caller: Acting, services: Served, unit: Short, name: Short, head: Short = "",
    email: Short = "", per_month: Annotated[int, Form(ge=0, le=31)] = 1,
) -> Response:  # fmt: skip
    """Add an organisation that owes articles, or change it."""
    now = services.clock.now()
    acts.set_writer(
        services.store, caller, now, unit_id=unit, name=name, head=head, email=email,
        per_month=per_month, since=hanoi(now).date().replace(day=1),
    )  # fmt: skip
    return _back("to-chuc")


@router.post("/ke-hoach/bai", dependencies=[Checked])
def propose(
    caller: Acting, services: Served, writer_id: Annotated[int, Form(ge=1, le=2**31)], title: Short,
    month: Short, theme: Short = "", author: Short = "", due_on: Short = "", text: Long = "",
) -> Response:  # fmt: skip
    """Plan an article; with a text it goes to the head at once."""
    made = acts.propose(
        services.store, caller, services.clock.now(), writer_id=writer_id, month=month,
        title=title, theme=theme, author=author, due_on=_day(due_on), text=text,
    )  # fmt: skip
    return _to(made, "bai")


@router.post("/ke-hoach/bai/{article_id}/nop", dependencies=[Checked])
def submit(article_id: RowId, caller: Acting, services: Served, text: Long = "") -> Response:
    """Hand the text in."""
    acts.submit(services.store, caller, article_id, text, services.clock.now())
    return _to(article_id, "nop")


@router.post("/ke-hoach/bai/{article_id}/duyet", dependencies=[Checked])
def approve(article_id: RowId, caller: SignedIn, services: Served, seen: Short) -> Response:
    """Approve what was read: the head alone."""
    acts.approve(services.store, caller, article_id, seen, services.clock.now())
    return _to(article_id, "duyet")


@router.post("/ke-hoach/bai/{article_id}/tra-lai", dependencies=[Checked])
def give_back(
    article_id: RowId, caller: SignedIn, services: Served, reason: Short = ""
) -> Response:
    """Return with a reason: the head alone."""
    acts.give_back(services.store, caller, article_id, reason, services.clock.now())
    return _to(article_id, "tra-lai")


@router.post("/ke-hoach/bai/{article_id}/dang", dependencies=[Checked])
def publish(
    article_id: RowId, caller: Acting, services: Served,
    url: Annotated[str, Form(max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Write down where it stands."""
    acts.publish(services.store, caller, article_id, url, services.clock.now())
    return _to(article_id, "dang")


@router.post("/ke-hoach/bai/{article_id}/bo", dependencies=[Checked])
def drop(article_id: RowId, caller: Acting, services: Served, reason: Short = "") -> Response:
    """Strike it from the plan."""
    acts.drop(services.store, caller, article_id, reason, services.clock.now())
    return _back("bo-bai")


def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise InputError(f"Ngày «{typed}» không đúng.") from error


def _to(article_id: int, done: str) -> Response:
    return RedirectResponse(f"/ke-hoach/bai/{article_id}?xong={done}", 303)


def _back(done: str) -> Response:
    return RedirectResponse(f"/ke-hoach?xong={done}", 303)
