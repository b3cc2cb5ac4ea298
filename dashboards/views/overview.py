"""The overview: is the house listening, what waits for a hand, how it stands against the usual.

The first part is what a head of a school reads at night on a phone; it and the newest mentions are
living parts. The charts below rest on daily tallies and are drawn when the page is opened.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from alerts.baseline.calendar import day_of
from alerts.baseline.words import number as few
from alerts.board import tree_of
from alerts.intake.waiting import GRAVE
from alerts.usual_days import heads, usual_days
from dashboards import board, board_charts
from dashboards.i18n import LANGUAGE_COOKIE, language_of, translations
from dashboards.live import mark_of
from dashboards.render import page
from dashboards.visitor import Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.liveness import Liveness, liveness
from langnghe.core.policy.baseline import load_baseline
from langnghe.core.schoolyear import SchoolYear, week_number
from langnghe.core.services import Services
from langnghe.core.store import intake
from langnghe.core.store.delivery import channel_troubles
from langnghe.core.store.evidence import gaps
from langnghe.core.store.queries import board as asked
from langnghe.core.store.queries import board_days as tallies
from langnghe.core.store.queries.mentions import MentionFilter, list_mentions
from langnghe.core.store.queries.system import pulse, source_states
from langnghe.core.store.queries.unusual import worth_showing

router = APIRouter()
NEWEST = 5
SHOWN = 6
WAITING = 5
MANY = 100
UNUSUAL = 4
STORIES = 5
DAYS = 30


@router.get("/")
def overview(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show the overview."""
    with services.store.read() as session:
        facts = {
            **(state := _state(request, session, services, caller)),
            **_newest(session, caller),
            **_charts(request, session, services, caller, state["ears"]),
        }
    return page(request, "overview.html", caller=caller, **facts)


@router.get("/manh/tong-quan")
def overview_part(request: Request, caller: SignedIn, services: Served) -> Response:
    """Return only the living part of the overview, for the page's script to put in place."""
    with services.store.read() as session:
        facts = _state(request, session, services, caller)
    return page(request, "_overview.html", caller=caller, **facts)


@router.get("/manh/tin-moi")
def newest_part(request: Request, caller: SignedIn, services: Served) -> Response:
    """Return only the newest mentions."""
    with services.store.read() as session:
        facts = _newest(session, caller)
    return page(request, "_newest.html", caller=caller, **facts)


def house_state(request: Request, services: Services, beats: Any) -> Liveness:
    """Judge the heartbeats as of now."""
    return liveness(
        beats,
        started=request.app.state.started,
        now=services.clock.now(),
        limit_s=services.settings.stalled_after_s,
    )


def _state(
    request: Request, session: Session, services: Services, caller: Caller
) -> dict[str, Any]:
    """Gather what the first screen says."""
    now, mine = services.clock.now(), caller.unit_scope
    beating = pulse(session)
    life = house_state(request, services, beating.beats)
    states = source_states(session)
    ears = board.ears_of(life, states, replaying=beating.replaying, drill=bool(services.drill))
    opened = asked.open_by_unit(session, mine)
    gravest = services.policy.levels[-1].value
    incidents = asked.open_incidents(session, mine, now, shown=SHOWN, gravest=gravest)
    unusual, unusual_count = worth_showing(
        session, mine, most_a_day=load_baseline().most_a_day, limit=UNUSUAL
    )
    statements = asked.statements_waiting(session, mine, limit=MANY)
    feedback = asked.feedback_late(session, mine, now, limit=MANY)
    deaf, last_heard = asked.deaf_sources(session, limit=WAITING)
    lacking, _why = gaps(session)
    tree = tree_of(services.profile)
    names = {unit.id: unit.name for unit in services.profile.units}
    missing = {o.unit_id for o in opened} - names.keys()
    shown_names = names | (asked.unit_names(session, missing) if missing else {})
    figures = board.figures(incidents, opened, now)
    about = tallies.tones_by_day(session, heads(tree, mine), day_of(now), day_of(now))
    troubles = channel_troubles(session)
    dead = asked.dead_notices(session, mine, now, limit=MANY)
    reports = intake.box_size(session, viewer_unit=mine)
    gravest_first = intake.in_box(session, viewer_unit=mine, limit=1) if reports else []
    grave = any((row.risk or 0) >= GRAVE for row in gravest_first)
    return {
        "ears": ears,
        "life": life,
        "live_mark": mark_of(beating, life),
        "replaying": beating.replaying,
        "open": figures,
        "levels": board.unit_levels(tree, names, opened, mine),
        "incidents": incidents[:SHOWN],
        "unit_names": shown_names,
        "statements": statements[:WAITING],
        "feedback": feedback[:WAITING],
        "dead": dead,
        "troubles": troubles,
        "more": len(statements[WAITING:]) + len(feedback[WAITING:]),
        "waits": len(statements) + len(feedback) + len(troubles) + bool(dead) + bool(reports),
        "reports": reports,
        "grave_report": grave,
        "unusual": unusual,
        "unusual_count": unusual_count,
        "few": few,
        "deaf_sources": deaf,
        "last_heard": last_heard,
        "lacking": lacking,
        "heard": tallies.heard_today(session, day_of(now)),
        "about_us": sum(sum(tones[1:]) for tones in about.values()),
        "calm": ears.mood == "listening" and not (figures.count or unusual_count or grave),
        "many": MANY,
    }


def _newest(session: Session, caller: Caller) -> dict[str, Any]:
    wanted = MentionFilter(viewer_unit=caller.unit_scope)
    return {"mentions": list_mentions(session, wanted, cursor=None, limit=NEWEST).rows}


def _charts(
    request: Request, session: Session, services: Services, caller: Caller, ears: board.Ears
) -> dict[str, Any]:
    """Draw what lies below the first screen."""
    now, mine = services.clock.now(), caller.unit_scope
    translate = translations(language_of(request.cookies.get(LANGUAGE_COOKIE))).gettext
    tree, rule = tree_of(services.profile), load_baseline()
    units = heads(tree, mine)
    days = usual_days(session, units, tree, rule, now, days=DAYS)
    year = SchoolYear.of(day_of(now))
    topics = tallies.topics_by_week(session, units, week_number(year.opens))
    return {
        "volume_said": board_charts.volume_words(
            days, translate, hearing=ears.mood in ("listening", "starting")
        ),
        "volume": board_charts.volume_chart(days, translate),
        "tones": board_charts.tone_chart(days, translate),
        "tones_said": board_charts.tone_words(days, translate),
        "topics": board_charts.topic_chart(
            topics, services.policy, year, week_number(day_of(now)), translate
        ),
        "year": year,
        "week": year.week(day_of(now)),
        "stories": [
            (story, board.phase_id(tallies.newest_of_story(session, story.id), story.first_at, now))
            for story in tallies.top_stories(session, mine, now, limit=STORIES)
        ],
    }
