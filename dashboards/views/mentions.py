"""The stream with its filters, one mention, and the look behind a mask."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from dashboards.render import page
from dashboards.views.saved_filters import saved_shown
from dashboards.views.stream_filter import read_stream
from dashboards.views.triage import batch_shown
from dashboards.visitor import Checked, RowId, Served, SignedIn, Unmasking
from langnghe.core.auth import Caller
from langnghe.core.corrections import UNIT_FIELDS
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store import users
from langnghe.core.store.queries.mentions import (
    ShownMention,
    get_mention,
    list_mentions,
    newest_seen,
    original,
)
from langnghe.core.store.queries.system import list_units
from langnghe.core.store.triage import NONE, filters_of, marks_of
from langnghe.core.text import clean
from langnghe.core.triage import desk_of
from langnghe.core.words import WORDS

router = APIRouter()
PAGE = 15
MAX_CHOICES = 40
MIN_REASON = 5


@router.get("/dong-tin")
def mention_list(
    request: Request, caller: SignedIn, services: Served, trang: str = "", viec: str = ""
) -> Response:
    """Show mentions, newest seen first. An unreadable filter value is an error, never ignored."""
    desk = desk_of(caller)
    with services.store.read() as session:
        asked = read_stream(session, caller, services, request.query_params)
        found = list_mentions(session, asked.wanted, cursor=trang or None, limit=PAGE)
        marks = marks_of(session, desk, [m.id for m in found.rows])
        newest = newest_seen(session)
        last = batch_shown(request, session, caller, viec)
        kept = filters_of(session, desk, caller.user_id)
    here = asked.address
    return page(
        request,
        "mentions.html",
        caller=caller,
        mentions=found.rows,
        marks=marks,
        unmarked=NONE,
        next=urlencode({**asked.fields, "trang": found.next}) if found.next else "",
        short=found.next is not None and len(found.rows) < PAGE,
        first=here if trang else None,
        here=f"/dong-tin?{urlencode({**asked.fields, **({'trang': trang} if trang else {})})}",
        newest=newest,
        last=last,
        saved=saved_shown(kept, here, caller),
        unsearchable=asked.unsearchable,
        units=asked.units if len(asked.units) <= MAX_CHOICES else None,
        sources=asked.sources if len(asked.sources) <= MAX_CHOICES else None,
        topics=[(topic.id, topic.name) for topic in services.policy.topics.values()],
        levels=[(level.value, level.name) for level in services.policy.levels],
        asked=asked,
    )


@router.get("/tin/{mention_id}")
def mention(request: Request, mention_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one mention, masked."""
    with services.store.read() as session:
        shown = get_mention(session, mention_id, viewer_unit=caller.unit_scope)
    return _one(request, caller, services, shown, None)


@router.post("/tin/{mention_id}/xem-goc", dependencies=[Checked])
def unmask(
    request: Request,
    mention_id: RowId,
    caller: Unmasking,
    services: Served,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Show the original once. What is asked and why is written down before anything is shown."""
    why = clean(reason)
    if len(why) < MIN_REASON:
        raise InputError(
            "Cần ghi lý do xem bản gốc chưa che.", mend="Quay lại và ghi rõ lý do rồi gửi lại."
        )
    with services.store.read() as session:
        shown = get_mention(session, mention_id, viewer_unit=caller.unit_scope)
    with services.store.write() as session:
        users.note(
            session,
            services.clock.now(),
            caller.username,
            "unmask",
            f"mention:{mention_id}",
            reason=why,
            data={"revision": shown.revision, "role": str(caller.role)},
        )
    with services.store.read() as session:
        opened = original(session, mention_id)
    return _one(request, caller, services, shown, opened)


def _one(
    request: Request,
    caller: Caller,
    services: Services,
    shown: ShownMention,
    opened: tuple[str, str] | None,
) -> Response:
    judged = [i for c in shown.corrections if c.field in UNIT_FIELDS for i in c.value]
    known = {i: services.profile.unit(i) for i in judged}
    mine: set[str] = set()
    if shown.undecided:
        with services.store.read() as session:
            mine = {unit.id for unit in list_units(session, viewer_unit=caller.unit_scope)}
    return page(
        request,
        "mention.html",
        caller=caller,
        m=shown,
        opened=opened,
        mine=mine,
        fact_kinds=WORDS["fact"],  # dates, places and who speaks say nothing about the class
        unit_names={i: unit.name if unit else i for i, unit in known.items()},
    )
