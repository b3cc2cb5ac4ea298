"""The forms by which a person sets the grouping of mentions right, and takes that back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from dashboards.visitor import Checked, Grouping, RowId, Served
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.hand import MARKS, MAX_NOTE, Kind
from langnghe.core.handing import Hand
from langnghe.core.services import Services
from langnghe.core.store.hand import get_decision, leads_to
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.hand import decisions_about, neighbours
from langnghe.core.store.tables import StoryRow
from langnghe.core.undoing import undo
from nlp.covering import share_children
from nlp.shield import mask

router = APIRouter()
Note = Annotated[str, Form(max_length=MAX_NOTE)]
Ticked = Annotated[list[int] | None, Form(max_length=500)]
_DONE = {Kind.SAME: "cung-su-viec", Kind.UNRELATED: "khong-lien-quan"}


def hand_context(session: Session, caller: Caller, story: StoryRow) -> dict[str, Any]:
    """Return what ``_story_hand.html`` shows beside ``story`` and ``mentions``.

    ``neighbours``, ``decisions``, and ``led``: the story this one was merged into, if any.
    """
    return {
        "neighbours": neighbours(session, story, viewer_unit=caller.unit_scope),
        "decisions": decisions_about(session, story.id or 0),
        "led": leads_to(session).get(story.id or 0),
    }


def other_story(
    vao: Annotated[str, Form(max_length=40)] = "", vao_so: Annotated[str, Form(max_length=40)] = ""
) -> int:
    """Return the story a form names; a typed number counts more than a ticked one.

    Raises ``InputError`` for anything else.
    """
    typed = (vao_so.strip() or vao.strip()).lstrip("#")
    if not (typed.isdecimal() and len(typed) < 11 and 1 <= int(typed) <= MAX_ID):
        raise InputError("Chưa chọn cụm nào.", mend="Ghi số của cụm, có ở đầu trang cụm ấy.")
    return int(typed)


Other = Annotated[int, Depends(other_story)]


@router.post("/cum-tin/{story_id}/tach", dependencies=[Checked])
def split(
    story_id: RowId, caller: Grouping, services: Served, tin: Ticked = None, note: Note = ""
) -> Response:
    """Take the ticked mentions into a story of their own and show it."""
    done = _hand(services, caller).split(story_id, tin or [], mask(note).text)
    return _to(done.story, "tach")


@router.post("/cum-tin/{story_id}/chuyen", dependencies=[Checked])
def move(
    story_id: RowId,
    caller: Grouping,
    services: Served,
    vao: Other,
    tin: Ticked = None,
    note: Note = "",
) -> Response:
    """Move the ticked mentions to another story."""
    done = _hand(services, caller).move(story_id, tin or [], vao, mask(note).text)
    return _to(done.story, "chuyen")


@router.post("/cum-tin/{story_id}/gop", dependencies=[Checked])
def merge(
    story_id: RowId, caller: Grouping, services: Served, vao: Other, note: Note = ""
) -> Response:
    """Merge the story into another one and show that."""
    done = _hand(services, caller).merge(story_id, vao, mask(note).text)
    return _to(done.story, "gop")


@router.post("/cum-tin/{story_id}/danh-dau", dependencies=[Checked])
def mark(
    story_id: RowId,
    caller: Grouping,
    services: Served,
    vao: Other,
    la: Annotated[str, Form(max_length=20)] = "",
    note: Note = "",
) -> Response:
    """Mark two stories as one event, or as having nothing to do with each other."""
    if la not in MARKS:
        raise InputError("Chưa chọn cách đánh dấu.", mend="Chọn «cùng sự việc» hoặc ngược lại.")
    done = _hand(services, caller).mark(Kind(la), story_id, vao, mask(note).text)
    return _to(done.story, _DONE[Kind(la)])


@router.post("/cum-tin/{story_id}/quyet-dinh/{decision_id}/hoan-tac", dependencies=[Checked])
def take_back(story_id: RowId, decision_id: RowId, caller: Grouping, services: Served) -> Response:
    """Undo one decision; doing it again changes nothing. Never ends on a story left empty."""
    undo(services.store, caller, decision_id, now=services.clock.now(), share=share_children)
    with services.store.read() as session:
        row = session.get(StoryRow, story_id)
        empty = row is None or not row.mention_count
        back = get_decision(session, decision_id).story_id if empty else story_id
    return _to(back, "hoan-tac")


def _hand(services: Services, caller: Caller) -> Hand:
    return Hand(services.store, caller, services.clock.now(), share_children)


def _to(story_id: int, done: str) -> Response:
    return RedirectResponse(f"/cum-tin/{story_id}?xong={done}", 303)
