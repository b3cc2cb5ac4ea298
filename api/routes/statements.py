"""Statements and delegations: draft, review, release by right, take back, the register.

Whoever is signed in may try to release: the right is asked by the one guard, which also writes the
refusal into the audit. A role check before it would refuse unseen.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from alerts.statements import delegations, releasing
from alerts.statements import desk as statements
from alerts.statements.checks import CheckContext, check
from alerts.statements.matter import context_of, whole_text
from api.auth import Actor, Reader, Served
from api.pages import Cursor, Limit, PageOut, RowId, link_next
from api.problems import MEDIA_TYPE, RESPONSES
from api.schemas import statements as s
from langnghe.core.auth import Caller
from langnghe.core.clock import as_utc
from langnghe.core.errors import InputError
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.statements import (
    StatementFilter,
    get_statement,
    list_delegations,
    list_statements,
    places_of,
    released,
)

router = APIRouter(tags=["statements"], responses=RESPONSES)
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Nội dung đã được sửa, chưa duyệt, hoặc đã đăng",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
State = Literal["draft", "review", "approved", "released", "withdrawn"]


@router.get(
    "/statement-templates", operation_id="list_statement_templates", summary="Các mẫu phát ngôn"
)
def templates(caller: Reader) -> list[s.TemplateOut]:
    """Return the templates M1–M11 and the facts each takes."""
    known = load_templates()
    return [s.TemplateOut.of(one, known) for one in known.templates]


@router.post(
    "/statement-check", operation_id="check_statement_text", summary="Soát một đoạn văn bản"
)
def check_text(caller: Reader, said: s.TextIn) -> list[s.FindingOut]:
    """Return what the checks say of a free text; nothing is kept."""
    found = check(said.text, CheckContext(topics=tuple(said.topics)))
    return [s.FindingOut.of(one) for one in found]


@router.get("/statements", operation_id="list_statements", summary="Nội dung phát ngôn, mới trước")
def listing(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    state: State | None = None,
    incident: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[s.StatementOut]:
    """Return a page of the statements the caller may see."""
    wanted = StatementFilter(
        viewer_unit=caller.unit_scope, states=(state,) if state else (), incident_id=incident,
        unit=unit,
    )  # fmt: skip
    with services.store.read() as session:
        found = list_statements(session, wanted, cursor=cursor, limit=limit)
        places = places_of(session, [row.id or 0 for row in found.rows])
    link_next(request, response, found.next)
    items = [
        s.StatementOut.of(
            row, statements.shown_words(row, caller)[0],
            [place for place in places if place.statement_id == row.id],
        )
        for row in found.rows
    ]  # fmt: skip
    return PageOut(items=items, next=found.next)


@router.get(
    "/statement-register", operation_id="statement_register", summary="Sổ theo dõi phát ngôn"
)
def register(
    caller: Reader, services: Served, since: AwareDatetime, until: AwareDatetime
) -> list[s.StatementOut]:
    """Return what was released in [since, until), oldest first; withdrawn texts stay in it."""
    with services.store.read() as session:
        found = released(
            session, viewer_unit=caller.unit_scope, since=as_utc(since), until=as_utc(until)
        )
    return [s.StatementOut.of(row, row.title, places) for row, places in found]


@router.post(
    "/statements", operation_id="draft_statement", summary="Soạn dự thảo từ mẫu", status_code=201
)
def draft(caller: Actor, services: Served, said: s.DraftIn) -> s.StatementDetailOut:
    """Make a draft with the known facts filled in and the unknown ones marked."""
    asked = statements.Asked(
        template=said.template, audience=said.audience, unit_id=said.unit,
        incident_id=said.incident, story_id=said.story, mention_id=said.mention,
        corrects_id=said.corrects, topics=tuple(said.topics), values=said.values,
    )  # fmt: skip
    made = statements.draft(services.store, caller, services.policy, asked, services.clock.now())
    return _full(services, caller, made)


@router.get(
    "/statements/{statement_id}", operation_id="get_statement", summary="Một nội dung phát ngôn"
)
def statement(statement_id: RowId, caller: Reader, services: Served) -> s.StatementDetailOut:
    """Return one statement with what the checks say of it and its history."""
    return _full(services, caller, statement_id)


@router.put(
    "/statements/{statement_id}", operation_id="edit_statement", summary="Sửa nội dung chưa đăng",
    responses=_CONFLICT,
)  # fmt: skip
def edit(
    statement_id: RowId, caller: Actor, services: Served, said: s.WordsIn
) -> s.StatementDetailOut:
    """Change the words; an approved text becomes a draft again."""
    statements.edit(
        services.store, caller, statement_id, version=said.version, title=said.title,
        text=said.text, now=services.clock.now(),
    )  # fmt: skip
    return _full(services, caller, statement_id)


@router.post(
    "/statements/{statement_id}/submit", operation_id="submit_statement", summary="Trình duyệt",
    responses=_CONFLICT,
)  # fmt: skip
def submit(
    statement_id: RowId, caller: Actor, services: Served, said: s.VersionIn
) -> s.StatementDetailOut:
    """Hand a draft to review."""
    statements.submit(
        services.store, caller, statement_id, version=said.version, now=services.clock.now()
    )
    return _full(services, caller, statement_id)


@router.post(
    "/statements/{statement_id}/approve", operation_id="approve_statement", summary="Duyệt",
    responses=_CONFLICT,
)  # fmt: skip
def approve(
    statement_id: RowId, caller: Actor, services: Served, said: s.VersionIn
) -> s.ApprovedOut:
    """Approve a text as it stands."""
    warning = statements.approve(
        services.store, caller, statement_id, version=said.version, now=services.clock.now()
    )
    return s.ApprovedOut(warning=warning)


@router.post(
    "/statements/{statement_id}/return", operation_id="return_statement", summary="Trả lại",
    responses=_CONFLICT,
)  # fmt: skip
def send_back(
    statement_id: RowId, caller: Actor, services: Served, said: s.ReturnIn
) -> s.StatementDetailOut:
    """Return a text to its drafter with a comment."""
    statements.send_back(
        services.store, caller, statement_id, version=said.version, note=said.note,
        now=services.clock.now(),
    )  # fmt: skip
    return _full(services, caller, statement_id)


@router.post(
    "/statements/{statement_id}/release", operation_id="release_statement",
    summary="Đăng: chỉ người phát ngôn hoặc người được ủy quyền", responses=_CONFLICT,
)  # fmt: skip
def release(
    statement_id: RowId, caller: Reader, services: Served, said: s.ReleaseIn
) -> s.ReleasedOut:
    """Let an approved text out; a refusal is written into the audit."""
    places = [one.place() for one in said.places]
    return s.ReleasedOut.of(
        releasing.release(services, caller, statement_id, version=said.version, places=places)
    )


@router.post(
    "/statements/{statement_id}/withdraw", operation_id="withdraw_statement",
    summary="Thu hồi: vẫn còn trong sổ, kèm lý do", responses=_CONFLICT, status_code=204,
)  # fmt: skip
def withdraw(statement_id: RowId, caller: Reader, services: Served, said: s.ReasonIn) -> None:
    """Take a released text back."""
    releasing.withdraw(services.store, caller, statement_id, said.reason, services.clock.now())


@router.post(
    "/statements/{statement_id}/places", operation_id="add_statement_place",
    summary="Ghi thêm nơi đã đăng", responses=_CONFLICT, status_code=204,
)  # fmt: skip
def add_place(statement_id: RowId, caller: Actor, services: Served, said: s.PlaceIn) -> None:
    """Write down one more place where a released text stands."""
    releasing.add_posted(services.store, caller, statement_id, said.place(), services.clock.now())


@router.get("/delegations", operation_id="list_delegations", summary="Ủy quyền phát ngôn")
def all_delegations(caller: Reader, services: Served) -> list[s.DelegationOut]:
    """Return every delegation of the caller's units, newest first."""
    with services.store.read() as session:
        found = list_delegations(session, viewer_unit=caller.unit_scope)
    return [s.DelegationOut.of(row, holder) for row, holder in found]


@router.post(
    "/delegations", operation_id="add_delegation", status_code=201,
    summary="Ủy quyền phát ngôn: chỉ người phát ngôn, kèm văn bản đã ký",
)  # fmt: skip
def delegate(caller: Reader, services: Served, said: s.DelegationIn) -> s.MadeOut:
    """Let somebody speak for a unit within a time and topics."""
    try:
        content = base64.b64decode(said.file_base64, validate=True)
    except binascii.Error as error:
        raise InputError("Tệp văn bản không đúng dạng base64.") from error
    made = delegations.grant(
        services.store, caller, services.policy, holder=said.holder, unit_id=said.unit,
        topics=said.topics, from_at=as_utc(said.from_at), until_at=as_utc(said.until_at),
        document_number=said.document_number,
        paper=delegations.Paper(said.file_name, content), now=services.clock.now(),
    )  # fmt: skip
    return s.MadeOut(id=made)


@router.post(
    "/delegations/{delegation_id}/revoke", operation_id="revoke_delegation",
    summary="Thu hồi ủy quyền", responses=_CONFLICT, status_code=204,
)  # fmt: skip
def revoke(delegation_id: RowId, caller: Reader, services: Served, said: s.ReasonIn) -> None:
    """End a delegation now."""
    delegations.revoke(services.store, caller, delegation_id, said.reason, services.clock.now())


def _full(services: Services, caller: Caller, statement_id: int) -> s.StatementDetailOut:
    with services.store.read() as session:
        detail = get_statement(session, statement_id, viewer_unit=caller.unit_scope)
        found = check(whole_text(detail.row), context_of(session, detail.row))
    words = statements.shown_words(detail.row, caller)
    uncovered = words == (detail.row.title, detail.row.text)
    return s.StatementDetailOut.full(detail, words, found if uncovered else ())
