"""One statement on the screen: the stored words or those being typed, each finding in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from alerts.statements import desk as acts
from alerts.statements.checks import check
from alerts.statements.matter import context_of, topics_of, whole_text
from alerts.statements.releasing import CHANNELS, intact, number_of
from alerts.statements.spokesperson import may_release
from dashboards.render import page
from dashboards.views.statement_marks import paragraphs
from dashboards.visitor import Acting, Checked, RowId, Served
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import InputError
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.statements import get_statement

router = APIRouter()


@router.post("/phat-ngon/{statement_id}/soat", dependencies=[Checked])
def recheck(
    request: Request,
    statement_id: RowId,
    caller: Acting,
    services: Served,
    title: Annotated[str, Form(max_length=2000)] = "",
    text: Annotated[str, Form(max_length=100_000)] = "",
    version: Annotated[int, Form(ge=0, le=10**9)] = 0,
    ban: Annotated[int, Form(ge=0, le=MAX_ID)] = 0,
    phan: Annotated[bool, Form()] = False,
) -> Response:
    """Show what the checks say of words that are being typed; nothing is stored.

    ``phan``: only the marked text and the findings, for the page's script.
    """
    if len(title) > acts.MAX_TITLE or len(text) > acts.MAX_TEXT:
        raise InputError("Nội dung quá dài.", mend=f"Tối đa {acts.MAX_TEXT} ký tự.")
    typed = Typed(title, text.replace("\r\n", "\n"), (version, ban))
    return statement_page(request, caller, services, statement_id, typed, part=phan)


@dataclass(frozen=True, slots=True)
class Typed:
    """Words not stored yet, and the (version, act) their form was made from."""

    title: str
    text: str
    made_from: tuple[int, int]


def statement_page(
    request: Request,
    caller: Caller,
    services: Services,
    statement_id: int,
    typed: Typed | None = None,
    *,
    part: bool = False,
) -> Response:
    """Return the page of a stored text, or of words typed over it; ``part`` as in ``recheck``."""
    with services.store.read() as session:
        detail = get_statement(session, statement_id, viewer_unit=caller.unit_scope)
        row = detail.row
        out = row.state in ("released", "withdrawn")
        if typed is not None and out:
            raise InputError("Nội dung đã đăng thì không sửa được nữa.")
        said = f"{typed.title}\n\n{typed.text}" if typed else whole_text(row)
        found = check(said, context_of(session, row))
        refusal = may_release(
            session, caller.user_id, row.unit_id, topics_of(session, row), services.clock.now()
        )
    shown = acts.shown_words(row, caller)
    words = (typed.title, typed.text) if typed else shown
    uncovered = typed is not None or shown == (row.title, row.text)
    findings = found if uncovered and not out else ()
    newest = max((act.id or 0 for act in detail.acts), default=0)
    return page(
        request,
        "_statement_checked.html" if part else "statement.html",
        caller=caller,
        row=row,
        detail=detail,
        form=load_templates().template(row.template),
        audience=load_templates().audience(row.audience),
        title=words[0] or shown[0],
        words=words,
        made_from=typed.made_from if typed else (row.version, newest),
        rechecked=typed is not None,
        parts=paragraphs(f"{words[0]}\n\n{words[1]}", findings),
        findings=findings,
        blocked=any(one.severity == "block" for one in findings),
        refusal=refusal,
        reviewer=caller.may(Action.ACT) and caller.role in ("officer", "principal"),
        alone=caller.user_id in (row.created_by, row.updated_by),
        number=number_of(row),
        sound=not row.text_hash or intact(row),
        channels=CHANNELS,
    )
