"""GET units: the tree this installation watches."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import Reader, Served
from api.pages import PageOut
from api.problems import RESPONSES
from api.schemas.system import UnitOut
from langnghe.core.store.queries.system import list_units

router = APIRouter(prefix="/units", tags=["units"], responses=RESPONSES)


@router.get("", operation_id="list_units", summary="Đơn vị được theo dõi")
def units(caller: Reader, services: Served) -> PageOut[UnitOut]:
    """Return the units the caller may see."""
    with services.store.read() as session:
        rows = list_units(session, viewer_unit=caller.unit_scope)
    return PageOut(items=[UnitOut.of(row) for row in rows], next=None)
