"""POST decisions about stories: split, merge, move, one event or unrelated, and undo."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import Grouper, Reader, Served
from api.pages import RowId
from api.problems import MEDIA_TYPE, RESPONSES
from api.schemas.hand import (
    DecidedOut,
    DecisionOut,
    MarkIn,
    MergeIn,
    MoveIn,
    SplitIn,
    UndoneOut,
)
from langnghe.core.auth import Caller
from langnghe.core.hand import Kind
from langnghe.core.handing import Hand
from langnghe.core.services import Services
from langnghe.core.store.queries.hand import decisions_about
from langnghe.core.store.queries.stories import get_story
from langnghe.core.undoing import undo
from nlp.covering import share_children
from nlp.shield import mask

router = APIRouter(tags=["stories"], responses=RESPONSES)
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Trái với một quyết định còn hiệu lực; «mend» nói cần hoàn tác cái nào",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


@router.get(
    "/stories/{story_id}/decisions",
    operation_id="list_story_decisions",
    summary="Các quyết định của người về một cụm, mới trước, gồm cả cái đã hoàn tác",
)
def decisions(story_id: RowId, caller: Reader, services: Served) -> list[DecisionOut]:
    """Return every decision about one story."""
    with services.store.read() as session:
        get_story(session, story_id, viewer_unit=caller.unit_scope)
        return [DecisionOut.of(one) for one in decisions_about(session, story_id)]


@router.post(
    "/stories/{story_id}/split",
    operation_id="split_story",
    summary="Tách tin thành cụm riêng; vụ việc ở lại với cụm cũ",
    status_code=201,
    responses=_CONFLICT,
)
def split(story_id: RowId, caller: Grouper, services: Served, stated: SplitIn) -> DecidedOut:
    """Take mentions out of a story into one of their own."""
    hand = _hand(services, caller)
    return DecidedOut.of(hand.split(story_id, stated.mentions, mask(stated.note).text))


@router.post(
    "/stories/{story_id}/move",
    operation_id="move_mentions",
    summary="Chuyển tin sang cụm khác",
    status_code=201,
    responses=_CONFLICT,
)
def move(story_id: RowId, caller: Grouper, services: Served, stated: MoveIn) -> DecidedOut:
    """Move mentions to another story."""
    hand = _hand(services, caller)
    return DecidedOut.of(hand.move(story_id, stated.mentions, stated.into, mask(stated.note).text))


@router.post(
    "/stories/{story_id}/merge",
    operation_id="merge_story",
    summary="Gộp cả cụm vào cụm khác; vụ việc đi theo",
    status_code=201,
    responses=_CONFLICT,
)
def merge(story_id: RowId, caller: Grouper, services: Served, stated: MergeIn) -> DecidedOut:
    """Merge a story into another one."""
    hand = _hand(services, caller)
    return DecidedOut.of(hand.merge(story_id, stated.into, mask(stated.note).text))


@router.post(
    "/stories/{story_id}/same",
    operation_id="mark_same_event",
    summary="Đánh dấu hai cụm là cùng sự việc",
    status_code=201,
    responses=_CONFLICT,
)
def same(story_id: RowId, caller: Grouper, services: Served, stated: MarkIn) -> DecidedOut:
    """Say that two stories are one event."""
    hand = _hand(services, caller)
    return DecidedOut.of(hand.mark(Kind.SAME, story_id, stated.other, mask(stated.note).text))


@router.post(
    "/stories/{story_id}/unrelated",
    operation_id="mark_unrelated",
    summary="Đánh dấu hai cụm không liên quan; máy không bao giờ ghép lại",
    status_code=201,
    responses=_CONFLICT,
)
def unrelated(story_id: RowId, caller: Grouper, services: Served, stated: MarkIn) -> DecidedOut:
    """Say that two stories have nothing to do with each other."""
    hand = _hand(services, caller)
    return DecidedOut.of(hand.mark(Kind.UNRELATED, story_id, stated.other, mask(stated.note).text))


@router.post(
    "/decisions/{decision_id}/undo",
    operation_id="undo_decision",
    summary="Hoàn tác một quyết định; điều có trước đó trở lại",
    responses=_CONFLICT,
)
def take_back(decision_id: RowId, caller: Grouper, services: Served) -> UndoneOut:
    """Undo a decision. Doing it again changes nothing."""
    now = services.clock.now()
    return UndoneOut(
        undone=undo(services.store, caller, decision_id, now=now, share=share_children)
    )


def _hand(services: Services, caller: Caller) -> Hand:
    return Hand(services.store, caller, services.clock.now(), share_children)
