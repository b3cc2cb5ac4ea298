"""Stories: the list of what matters most, and the page of one story from rumour to answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from alerts.chronicle.stances import STANCES
from alerts.chronicler import story_chronicle
from alerts.forecast.model import outlook
from dashboards.i18n import LANGUAGE_COOKIE, language_of, translations
from dashboards.render import page, query_with
from dashboards.views.saved_filters import saved_shown
from dashboards.views.story_chart import flow_chart
from dashboards.views.story_hand import hand_context
from dashboards.views.stream_filter import STORIES, chips_of, chosen, fields_of, level_of
from dashboards.views.triage import batch_shown
from dashboards.visitor import RowId, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store.queries.mentions import MentionFilter, list_mentions, newest_seen
from langnghe.core.store.queries.stories import get_story, story_event
from langnghe.core.store.queries.system import unit_names
from langnghe.core.store.queries.top_stories import TopFilter, grown, top_stories
from langnghe.core.store.triage import NONE, filters_of, marks_of
from langnghe.core.triage import desk_of

router = APIRouter()
PAGE = 15
MAX_CHOICES = 40
SPANS = {"1": 1, "7": 7, "30": 30, "365": 365}
"""Days back that the list can be bounded to; anything older is reached by «tất cả»."""
ALWAYS = "tat-ca"
USUAL = "7"
LEAST = ("1", "2", "5", "10")
DAY = timedelta(hours=24)


@router.get("/cum-tin")
def story_list(request: Request, caller: SignedIn, services: Served, trang: str = "") -> Response:
    """Show stories, the gravest and most active first. An unreadable filter is an error."""
    with services.store.read() as session:
        fields = fields_of(request.query_params, STORIES)
        units = unit_names(session, viewer_unit=caller.unit_scope)
        wanted = _wanted(caller, services, fields, units)
        newest_first = fields.get("xep") == "moi"
        levels = [] if newest_first else [level.value for level in services.policy.levels]
        found = top_stories(session, wanted, levels, cursor=trang or None, limit=PAGE)
        fresh = grown(session, [s.id or 0 for s in found.rows], services.clock.now() - DAY)
        kept = filters_of(session, desk_of(caller), caller.user_id)
        newest = newest_seen(session)
    here = urlencode(fields)
    return page(
        request,
        "stories.html",
        caller=caller,
        stories=found.rows,
        fresh=fresh,
        unit_names=dict(units),
        units=units if len(units) <= MAX_CHOICES else None,
        topics=[(topic.id, topic.name) for topic in services.policy.topics.values()],
        levels=[(level.value, level.name) for level in services.policy.levels],
        fields=fields,
        chips=chips_of(
            "/cum-tin", fields, {"don_vi": dict(units).get(wanted.unit or "")}, services
        ),
        here=here,
        saved=saved_shown(kept, here, caller, page="cum-tin"),
        next=urlencode({**fields, "trang": found.next}) if found.next else "",
        short=found.next is not None and len(found.rows) < PAGE,
        first=here if trang else None,
        newest=newest,
    )


@router.get("/cum-tin/{story_id}")
def story(
    request: Request,
    story_id: RowId,
    caller: SignedIn,
    services: Served,
    trang: str = "",
    viec: str = "",
) -> Response:
    """Show one story with its mentions."""
    now = services.clock.now()
    with services.store.read() as session:
        row = get_story(session, story_id, viewer_unit=caller.unit_scope)
        wanted = MentionFilter(viewer_unit=caller.unit_scope, story_id=story_id, everything=True)
        found = list_mentions(session, wanted, cursor=trang or None, limit=PAGE)
        marks = marks_of(session, desk_of(caller), [m.id for m in found.rows])
        told = story_chronicle(
            session, story_id, services.policy, now, viewer_unit=caller.unit_scope
        )
        event = story_event(session, row, viewer_unit=caller.unit_scope)
        hand = hand_context(session, caller, row)
        last = batch_shown(request, session, caller, viec)
    unit = services.profile.unit(row.unit_id) if row.unit_id else None
    translate = translations(language_of(request.cookies.get(LANGUAGE_COOKIE))).gettext
    return page(
        request,
        "story.html",
        caller=caller,
        story=row,
        told=told,
        chart=flow_chart(told, translate) if told else None,
        event=event,
        ahead=outlook(row.forecast, now, services.policy),
        unit_name=unit.name if unit else "",
        stance_names=STANCES,
        mentions=found.rows,
        marks=marks,
        unmarked=NONE,
        last=last,
        here=request.url.path + (f"?{urlencode({'trang': trang})}" if trang else ""),
        next=query_with(request, trang=found.next, viec=None) if found.next else "",
        **hand,
    )


def _wanted(
    caller: Caller, services: Services, fields: Mapping[str, str], units: list[tuple[str, str]]
) -> TopFilter:
    span, least = fields.get("trong", USUAL), fields.get("it_nhat", "2")
    if span not in (*SPANS, ALWAYS) or least not in LEAST or fields.get("xep", "") not in (
        "", "moi", "muc"
    ):  # fmt: skip
        raise InputError("Lựa chọn trong bộ lọc không đúng.", mend="Chọn lại trong danh sách.")
    since = None
    if span != ALWAYS:
        since = services.clock.now() - timedelta(days=SPANS[span])
    return TopFilter(
        viewer_unit=caller.unit_scope,
        unit=chosen(units, fields.get("don_vi")),
        topic=fields.get("chu_de"),
        level=level_of(fields.get("muc")),
        since=since,
        least=int(least),
    )
