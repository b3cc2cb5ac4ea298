"""GET stories: mentions of one event, with their score and reasons."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from alerts.chronicler import story_chronicle
from alerts.forecast.model import outlook
from api.auth import Reader, Served
from api.pages import Cursor, Limit, PageOut, RowId, link_next
from api.problems import RESPONSES
from api.schemas.chronicle import StoryDetailOut
from api.schemas.incidents import StoryOut
from langnghe.core.store.queries.stories import (
    StoryFilter,
    get_story,
    list_stories,
    story_event,
)

router = APIRouter(prefix="/stories", tags=["stories"], responses=RESPONSES)


@router.get("", operation_id="list_stories", summary="Danh sách cụm tin, mới trước")
def stories(
    request: Request,
    response: Response,
    caller: Reader,
    services: Served,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    topic: Annotated[str | None, Query(max_length=200)] = None,
    level: Annotated[int | None, Query(ge=0, le=99)] = None,
    min_mentions: Annotated[int, Query(ge=1, le=10_000)] = 1,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[StoryOut]:
    """Return a page of stories the caller may see."""
    wanted = StoryFilter(caller.unit_scope, unit, topic, level, min_mentions)
    with services.store.read() as session:
        page = list_stories(session, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return PageOut(items=[StoryOut.of(row, services.policy) for row in page.rows], next=page.next)


@router.get("/{story_id}", operation_id="get_story", summary="Một cụm tin và diễn biến của nó")
def story(story_id: RowId, caller: Reader, services: Served) -> StoryDetailOut:
    """Return one story with its chronicle, drawn from the mentions the caller may see."""
    with services.store.read() as session:
        row = get_story(session, story_id, viewer_unit=caller.unit_scope)
        told = story_chronicle(
            session,
            story_id,
            services.policy,
            services.clock.now(),
            viewer_unit=caller.unit_scope,
        )
        event = story_event(session, row, viewer_unit=caller.unit_scope)
    ahead = outlook(row.forecast, services.clock.now(), services.policy)
    return StoryDetailOut.full(row, services.policy, told, event, ahead)
