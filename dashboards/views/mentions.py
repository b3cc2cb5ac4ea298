"""The mention list with search, one mention, one story, and the look behind a mask."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from alerts.chronicle.stances import STANCES
from alerts.chronicler import story_chronicle
from alerts.forecast.model import outlook
from dashboards.render import page, query_with
from dashboards.views.story_hand import hand_context
from dashboards.visitor import Checked, RowId, Served, SignedIn, Unmasking
from langnghe.core.auth import Caller
from langnghe.core.clock import HANOI, as_utc
from langnghe.core.corrections import UNIT_FIELDS
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store import users
from langnghe.core.store.queries.mentions import (
    MentionFilter,
    ShownMention,
    get_mention,
    list_mentions,
    original,
)
from langnghe.core.store.queries.stories import get_story, story_event
from langnghe.core.store.queries.system import list_units, source_names
from langnghe.core.store.search import parse_query
from langnghe.core.text import clean, fold
from langnghe.core.words import WORDS

router = APIRouter()
PAGE = 15
MAX_CHOICES = 40
MIN_REASON = 5


@router.get("/dong-tin")
def mention_list(
    request: Request,
    caller: SignedIn,
    services: Served,
    tim: str = "",
    don_vi: str = "",
    chu_de: str = "",
    sac_thai: str = "",
    muc: str = "",
    nguon: str = "",
    loai: str = "",
    tu: str = "",
    den: str = "",
    tat_ca: str = "",
    trang: str = "",
) -> Response:
    """Show mentions, newest seen first. An unreadable filter value is an error, never ignored."""
    query = parse_query(tim)
    with services.store.read() as session:
        units = [
            (unit.id, unit.name) for unit in list_units(session, viewer_unit=caller.unit_scope)
        ]
        sources = source_names(session)
        wanted = MentionFilter(
            viewer_unit=caller.unit_scope,
            query=query,
            unit=_choice(units, don_vi),
            topic=chu_de or None,
            sentiment=sac_thai or None,
            level=_level(muc),
            source=_choice(sources, nguon),
            kind=loai or None,
            since=_day(tu),
            until=_day(den, after=True),
            everything=bool(tat_ca),
        )
        found = list_mentions(session, wanted, cursor=trang or None, limit=PAGE)
    return page(
        request,
        "mentions.html",
        caller=caller,
        mentions=found.rows,
        next=query_with(request, trang=found.next) if found.next else "",
        first=query_with(request, trang=None) if trang else None,
        # Only signs were typed: saying "nothing found" would be wrong.
        unsearchable=bool(tim.strip()) and query is None,
        units=units if len(units) <= MAX_CHOICES else None,
        sources=sources if len(sources) <= MAX_CHOICES else None,
        topics=[(topic.id, topic.name) for topic in services.policy.topics.values()],
        levels=[(level.value, level.name) for level in services.policy.levels],
        asked=dict(request.query_params),
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


@router.get("/cum-tin/{story_id}")
def story(
    request: Request, story_id: RowId, caller: SignedIn, services: Served, trang: str = ""
) -> Response:
    """Show one story with its mentions."""
    with services.store.read() as session:
        row = get_story(session, story_id, viewer_unit=caller.unit_scope)
        found = list_mentions(
            session,
            MentionFilter(viewer_unit=caller.unit_scope, story_id=story_id, everything=True),
            cursor=trang or None,
            limit=PAGE,
        )
        told = story_chronicle(
            session,
            story_id,
            services.policy,
            services.clock.now(),
            viewer_unit=caller.unit_scope,
        )
        event = story_event(session, row, viewer_unit=caller.unit_scope)
        hand = hand_context(session, caller, row)
    unit = services.profile.unit(row.unit_id) if row.unit_id else None
    return page(
        request,
        "story.html",
        caller=caller,
        story=row,
        told=told,
        event=event,
        ahead=outlook(row.forecast, services.clock.now(), services.policy),
        unit_name=unit.name if unit else "",
        stance_names=STANCES,
        mentions=found.rows,
        next=query_with(request, trang=found.next) if found.next else "",
        **hand,
    )


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


def _choice(known: list[tuple[str, str]], typed: str) -> str | None:
    """Return the id meant by ``typed``: an id, or the start or part of a name."""
    if not typed:
        return None
    if any(typed == key for key, _ in known):
        return typed
    wanted = fold(typed)
    named = [key for key, name in known if wanted and wanted in fold(name)]
    return named[0] if named else typed


def _level(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 2:
        raise InputError("Mức rủi ro trong bộ lọc không đúng.")
    return int(typed)


def _day(typed: str, *, after: bool = False) -> datetime | None:
    """Return the start (``after``: the end) of a day in Vietnamese time."""
    if not typed:
        return None
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=HANOI)
        return as_utc(day + timedelta(days=after))
    except (ValueError, OverflowError) as error:
        raise InputError(
            "Ngày trong bộ lọc không đúng.", mend="Viết theo mẫu 2026-11-23."
        ) from error
