"""Working off the stream: marks, corrections and regrouping of many ticked mentions at once.

Every act is one form without any script; it ends on the list, which says what was done, what was
not and why, and offers to take all of it back. The script sends the same forms by single keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session

from dashboards.i18n import LANGUAGE_COOKIE, language_of, translations
from dashboards.views.corrections import quick_words
from dashboards.views.story_hand import other_story
from dashboards.visitor import Checked, RowId, Served, SignedIn, own_path
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.mentions import mentions_by_id
from langnghe.core.store.tables import TriageBatchRow
from langnghe.core.store.triage import find_batch, visible
from langnghe.core.triage import MARKING, Act, Outcome, Ticked, Triage, desk_of
from nlp.covering import share_children

router = APIRouter()
NOT_OURS = "khong-ta"
"""What the short form and the key «n» send: the mention is not about us."""
Translate = Callable[[str], str]
Typed = Annotated[str, Form(max_length=100)]


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """One act as the list tells of it; ``failed`` are (mention, its masked title, why)."""

    id: int
    text: str
    failed: tuple[tuple[int, str, str], ...]
    undone: bool
    story: int | None


@router.post("/dong-tin/xu-ly", dependencies=[Checked])
def work_off(
    request: Request,
    caller: SignedIn,
    services: Served,
    tin: Annotated[list[str] | None, Form(max_length=500)] = None,
    viec: Typed = "",
    mot: Typed = "",
    nhanh: Typed = "",
    vao: Annotated[str, Form(max_length=40)] = "",
    tiep: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Do one thing to the ticked mentions (``mot``: to a single one) and show the list again."""
    ticked = [_ticked(one) for one in tin or []]
    if mot:
        viec, _, one = mot.partition(":")
        ticked = [_ticked(one)]
    if viec == NOT_OURS:
        viec, nhanh = Act.CORRECT.value, "not_about_us"
    if viec not in list(Act):
        raise InputError("Chưa chọn việc cần làm.", mend="Bấm một nút dưới danh sách.")
    act = Act(viec)
    desk = _triage(services, caller)
    if act in MARKING:
        done = desk.mark(act, ticked)
    elif act is Act.CORRECT:
        if not nhanh:
            raise InputError("Chưa chọn điều đúng là gì.", mend="Chọn trong danh sách rồi bấm Ghi.")
        done = desk.correct(ticked, quick_words(nhanh), said=nhanh)
    elif act is Act.MOVE:
        done = desk.move(ticked, other_story(vao))
    else:
        done = desk.split(ticked)
    return _answer(request, caller, services, done, tiep)


@router.post("/dong-tin/viec/{batch_id}/hoan-tac", dependencies=[Checked])
def take_back(
    request: Request,
    batch_id: RowId,
    caller: SignedIn,
    services: Served,
    tiep: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Take one act back as a whole; doing it again changes nothing."""
    done = _triage(services, caller).undo(batch_id)
    return _answer(request, caller, services, done, tiep)


def batch_shown(
    request: Request, session: Session, caller: Caller, typed: str
) -> ShownBatch | None:
    """Return what the list says of an act in the visitor's language, ``None`` of no act."""
    if not (typed.isdecimal() and len(typed) < 11 and 1 <= int(typed) <= MAX_ID):
        return None
    row = find_batch(session, desk_of(caller), int(typed))
    if row is None:
        return None
    failed = row.data.get("kept") or ([] if row.undone_at else row.data.get("failed", []))
    ids = list(visible(session, [int(i) for i, _ in failed], viewer_unit=caller.unit_scope))
    known = mentions_by_id(session, ids)
    told = tuple(
        (int(i), (known[i].title or known[i].text) if i in known else "", why) for i, why in failed
    )
    translate = translations(language_of(request.cookies.get(LANGUAGE_COOKIE))).gettext
    return ShownBatch(
        row.id or 0, _said(row, translate), told, row.undone_at is not None, row.data.get("story")
    )


def _said(row: TriageBatchRow, translate: Translate) -> str:
    done, story = row.data.get("done", 0), row.data.get("story")
    if row.undone_at is not None:
        return translate("Đã hoàn tác lần xử lý này (%(n)s tin).") % {"n": done}
    if "kept" in row.data:
        return translate("Đã hoàn tác một phần; có tin không hoàn tác được.")
    if not done:
        return translate("Chưa tin nào được xử lý.")
    words = {
        Act.SEEN: translate("Đã đánh dấu %(n)s tin là đã xem."),
        Act.UNSEEN: translate("Đã đánh dấu %(n)s tin là chưa xem."),
        Act.STAR: translate("Đã gắn sao %(n)s tin."),
        Act.UNSTAR: translate("Đã bỏ sao %(n)s tin."),
        Act.NOISE: translate("Đã bỏ qua %(n)s tin (nhiễu); dòng tin của đơn vị không hiện nữa."),
        Act.NOT_NOISE: translate("Đã đưa %(n)s tin trở lại dòng tin."),
        Act.CORRECT: translate("Đã chỉnh lại %(n)s tin; mức rủi ro sẽ được tính lại."),
        Act.MOVE: translate("Đã chuyển %(n)s tin sang cụm %(story)s."),
        Act.SPLIT: translate("Đã gom %(n)s tin thành cụm riêng %(story)s."),
    }
    return words[Act(row.act)] % {"n": done, "story": story}


def _triage(services: Services, caller: Caller) -> Triage:
    return Triage(
        services.store, caller, services.clock.now(), services.policy.topics, share_children
    )


def _ticked(typed: str) -> Ticked:
    """Return the mention a form names: ``id`` or ``id:revision``. Raises ``InputError``."""
    number, _, revision = typed.partition(":")
    if not (number.isdecimal() and len(number) < 11 and 1 <= int(number) <= MAX_ID):
        raise InputError("Có tin được chọn không hợp lệ.", mend="Tải lại trang rồi chọn lại.")
    known = revision.isdecimal() and len(revision) < 10
    return Ticked(int(number), int(revision) if known else None)


def _answer(
    request: Request, caller: Caller, services: Services, done: Outcome, back: str
) -> Response:
    """Return to the list, or tell the script in a few words."""
    place, _, query = own_path(back).partition("?")
    if not place.startswith(("/dong-tin", "/cum-tin/")):
        place, query = "/dong-tin", ""
    if "application/json" not in request.headers.get("accept", ""):
        kept = [(k, v) for k, v in parse_qsl(query) if k not in ("viec", "xong")]
        return RedirectResponse(f"{place}?{urlencode([*kept, ('viec', str(done.batch))])}", 303)
    with services.store.read() as session:
        told = batch_shown(request, session, caller, str(done.batch))
    return JSONResponse({
        "batch": done.batch,
        "text": told.text if told else "",
        "failed": [why for _, _, why in told.failed] if told else [],
        "undo": f"/dong-tin/viec/{done.batch}/hoan-tac",
    })  # fmt: skip
