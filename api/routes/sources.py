"""GET sources: what is listened to, and how each fares."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import Reader, Served
from api.pages import PageOut
from api.problems import RESPONSES
from api.schemas.system import SourceOut
from langnghe.core.store.queries.system import list_sources

router = APIRouter(prefix="/sources", tags=["sources"], responses=RESPONSES)


@router.get("", operation_id="list_sources", summary="Nguồn tin và tình trạng")
def sources(_caller: Reader, services: Served) -> PageOut[SourceOut]:
    """Return all sources, those that need a hand first."""
    with services.store.read() as session:
        rows = list_sources(session)
    return PageOut(items=[SourceOut.of(row) for row in rows], next=None)
