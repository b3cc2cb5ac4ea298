"""Source health: what is listened to, what fails, and how to mend it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dashboards.render import page
from dashboards.views.overview import house_state
from dashboards.visitor import Served, SignedIn
from langnghe.core.store.evidence import gaps
from langnghe.core.store.marks import heartbeats
from langnghe.core.store.queries.system import list_sources
from langnghe.core.words import WORDS

router = APIRouter()
_ORDER = {stage: place for place, stage in enumerate(WORDS["stage"])}


@router.get("/nguon-tin")
def sources(request: Request, caller: SignedIn, services: Served) -> Response:
    """Show all sources, those that need a hand first."""
    with services.store.read() as session:
        rows = list_sources(session)
        beats = heartbeats(session)
        lacking, why = gaps(session)
    return page(
        request,
        "sources.html",
        caller=caller,
        sources=rows,
        lacking=lacking,
        lacking_why=why,
        beats=sorted(beats.items(), key=lambda beat: _ORDER.get(beat[0], len(_ORDER))),
        life=house_state(request, services, beats),
    )
