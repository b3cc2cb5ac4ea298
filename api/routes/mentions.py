"""GET mentions: filters, search, cursor pages; and what people set right about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from api.auth import Actor, Reader, Served
from api.pages import Cursor, Limit, PageOut, RowId, link_next
from api.problems import MEDIA_TYPE, RESPONSES
from api.schemas.corrections import CorrectionIn, CorrectionOut
from api.schemas.mentions import MentionOut
from langnghe.core.clock import as_utc
from langnghe.core.correcting import correct, undo
from langnghe.core.corrections import Field
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.corrections import history
from langnghe.core.store.queries.mentions import MentionFilter, get_mention, list_mentions
from langnghe.core.store.search import MAX_QUERY, parse_query
from nlp.shield import mask

router = APIRouter(prefix="/mentions", tags=["mentions"], responses=RESPONSES)
Word = Annotated[str | None, Query(max_length=200)]
_CONFLICT = {
    "description": "Bài đã được sửa hoặc đang được đọc lại",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@router.get("", operation_id="list_mentions", summary="Danh sách tin, mới thấy trước")
def mentions(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    q: Annotated[
        str | None,
        Query(
            max_length=MAX_QUERY,
            description="Tìm toàn văn, có dấu hoặc không; cụm từ đặt trong ngoặc kép.",
            examples=['"bữa ăn bán trú" ngộ độc'],
        ),
    ] = None,
    unit: Word = None,
    topic: Word = None,
    sentiment: Literal["neg", "neu", "pos"] | None = None,
    level: Annotated[int | None, Query(ge=0, le=99)] = None,
    source: Word = None,
    kind: Word = None,
    story: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    everything: Annotated[
        bool, Query(description="Gồm cả tin đã được xếp là không về giáo dục.")
    ] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[MentionOut]:
    """Return a page of mentions the caller may see."""
    wanted = MentionFilter(
        viewer_unit=caller.unit_scope,
        query=parse_query(q) if q else None,
        unit=unit,
        topic=topic,
        sentiment=sentiment,
        level=level,
        source=source,
        kind=kind,
        story_id=story,
        since=_utc(since),
        until=_utc(until),
        everything=everything,
    )
    with services.store.read() as session:
        page = list_mentions(session, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(items=[MentionOut.of(m) for m in page.rows], next=page.next)


@router.get("/{mention_id}", operation_id="get_mention", summary="Một tin")
def mention(mention_id: RowId, caller: Reader, services: Served) -> MentionOut:
    """Return one mention, masked."""
    with services.store.read() as session:
        return MentionOut.of(get_mention(session, mention_id, viewer_unit=caller.unit_scope))


@router.get(
    "/{mention_id}/corrections",
    operation_id="list_corrections",
    summary="Các lần chỉnh lại một tin, mới trước, gồm cả lần đã bỏ",
)
def corrections(mention_id: RowId, caller: Reader, services: Served) -> list[CorrectionOut]:
    """Return every correction of one mention."""
    with services.store.read() as session:
        get_mention(session, mention_id, viewer_unit=caller.unit_scope)
        return [CorrectionOut.of(one) for one in history(session, mention_id)]


@router.post(
    "/{mention_id}/corrections",
    operation_id="correct_mention",
    summary="Chỉnh lại cách đọc một tin",
    status_code=201,
    responses={409: _CONFLICT},
)
def set_right(
    mention_id: RowId, caller: Actor, services: Served, stated: CorrectionIn
) -> MentionOut:
    """Store one correction; the answer is the mention as it now counts."""
    correct(
        services.store, caller, mention_id, {Field(stated.field): stated.value},
        topics=services.policy.topics, now=services.clock.now(), note=mask(stated.note).text,
        revision=stated.revision,
    )  # fmt: skip
    with services.store.read() as session:
        return MentionOut.of(get_mention(session, mention_id, viewer_unit=caller.unit_scope))


@router.delete(
    "/{mention_id}/corrections/{correction_id}",
    operation_id="undo_correction",
    summary="Bỏ một lần chỉnh; điều có hiệu lực trước đó trở lại",
)
def take_back(
    mention_id: RowId, correction_id: RowId, caller: Actor, services: Served
) -> MentionOut:
    """Take a correction back. Doing it again changes nothing."""
    undo(services.store, caller, mention_id, correction_id, services.clock.now())
    with services.store.read() as session:
        return MentionOut.of(get_mention(session, mention_id, viewer_unit=caller.unit_scope))


def _utc(moment: datetime | None) -> datetime | None:
    return as_utc(moment) if moment is not None else None
