"""GET what is kept of an incident: records, versions, removals seen. Originals never leave here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from alerts.evidence import dossier
from api.auth import Reader, Served
from api.pages import RowId
from api.problems import RESPONSES
from api.schemas.evidence import EvidenceOut

router = APIRouter(prefix="/incidents", tags=["evidence"], responses=RESPONSES)


@router.get(
    "/{incident_id}/evidence",
    operation_id="get_incident_evidence",
    summary="Bằng chứng đã giữ của một vụ việc",
)
def evidence(
    incident_id: RowId,
    caller: Reader,
    services: Served,
    limit: Annotated[int, Query(ge=1, le=500, description="Số tin mới nhất.")] = 100,
) -> EvidenceOut:
    """Return records, versions and removals seen of an incident's newest mentions."""
    with services.store.read() as session:
        kept = dossier(session, incident_id, viewer_unit=caller.unit_scope, limit=limit)
    return EvidenceOut.of(kept)
