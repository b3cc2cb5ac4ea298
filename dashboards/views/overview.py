"""The overview: what needs an answer now, whether the house is listening, what came in last."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from alerts.baseline.words import number as few
from dashboards.render import page
from dashboards.visitor import Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.liveness import Liveness, liveness
from langnghe.core.policy.baseline import load_baseline
from langnghe.core.services import Services
from langnghe.core.store.delivery import channel_troubles
from langnghe.core.store.evidence import gaps
from langnghe.core.store.queries.incidents import open_incidents
from langnghe.core.store.queries.mentions import MentionFilter, list_mentions
from langnghe.core.store.queries.system import pulse, source_states
from langnghe.core.store.queries.unusual import worth_showing

router = APIRouter()
NEWEST = 8
SHOWN = 20
UNUSUAL = 6


@router.get("/")
def overview(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show the overview."""
    return page(request, "overview.html", caller=caller, **_facts(request, services, caller))


@router.get("/manh/tong-quan")
def overview_part(request: Request, caller: SignedIn, services: Served) -> Response:
    """Return only the living part of the overview, for the page's script to put in place."""
    return page(request, "_overview.html", caller=caller, **_facts(request, services, caller))


def house_state(request: Request, services: Services, beats: Any) -> Liveness:
    """Judge the heartbeats as of now."""
    return liveness(
        beats,
        started=request.app.state.started,
        now=services.clock.now(),
        limit_s=services.settings.stalled_after_s,
    )


def _facts(request: Request, services: Services, caller: Caller) -> dict[str, Any]:
    with services.store.read() as session:
        now_beating = pulse(session)
        incidents = open_incidents(session, viewer_unit=caller.unit_scope, now=services.clock.now())
        states = source_states(session)
        troubles = channel_troubles(session)
        lacking, _why = gaps(session)
        newest = list_mentions(
            session, MentionFilter(viewer_unit=caller.unit_scope), cursor=None, limit=NEWEST
        )
        unusual, unusual_count = worth_showing(
            session, caller.unit_scope, most_a_day=load_baseline().most_a_day, limit=UNUSUAL
        )
    return {
        "unusual": unusual,
        "unusual_count": unusual_count,
        "few": few,
        "troubles": troubles,
        "life": house_state(request, services, now_beating.beats),
        "event_id": now_beating.event_id,
        "incidents": incidents[:SHOWN],
        "open_count": len(incidents),
        "waiting": sum(line.row.acknowledged_at is None for line in incidents),
        "deaf": not (states.get("working", 0) or states.get("unchecked", 0)),
        "replaying": now_beating.replaying,
        "sources_good": states.get("working", 0),
        "sources_total": sum(states.values()),
        "sources_bad": {
            state: n for state, n in states.items() if state not in ("working", "unchecked")
        },
        "mentions": newest.rows,
        "lacking": lacking,
    }
