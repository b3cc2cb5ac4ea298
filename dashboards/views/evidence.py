"""The file of an incident: what is kept of each mention, what changed since, and the way out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response, StreamingResponse

from alerts.evidence import dossier, first_sight
from alerts.incident_export import SHORTEST_REASON, export_incident, file_name
from alerts.incident_export import Request as Wanted
from dashboards.render import page
from dashboards.visitor import Checked, RowId, Served, SignedIn
from langnghe.core.evidence.vault import FOLDER
from langnghe.core.evidence.verify import spot_check
from langnghe.core.store.queries.incidents import get_incident

router = APIRouter()
SHOWN = 100
_PIECE = 1 << 16


@router.get("/vu-viec/{incident_id}/ho-so")
def incident_file(
    request: Request, incident_id: RowId, caller: SignedIn, services: Served
) -> Response:
    """Show what is kept of an incident's newest mentions, and hold their records against it."""
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        kept = dossier(session, incident_id, viewer_unit=caller.unit_scope, limit=SHOWN)
    own = {row.seq: row for m in kept.mentions for row in m.records}
    wrong = spot_check(services.settings.home / FOLDER, [own[seq] for seq in sorted(own)])
    return page(
        request,
        "incident_file.html",
        caller=caller,
        incident=detail.line.row,
        number=incident_id,
        kept=kept,
        first_sight=first_sight,
        wrong=wrong,
        records=len(own),
        shortest=SHORTEST_REASON,
    )


@router.post("/vu-viec/{incident_id}/ho-so/xuat", dependencies=[Checked])
def incident_pack(
    incident_id: RowId,
    caller: SignedIn,
    services: Served,
    originals: Annotated[bool, Form()] = False,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Return the incident as a ZIP; with originals only by right and with a reason."""
    wanted = Wanted(incident_id, caller.shown_name, caller, originals, reason)
    out = tempfile.TemporaryFile(dir=services.settings.home)  # noqa: SIM115 - closed when sent
    try:
        done = export_incident(services, wanted, out)
    except BaseException:
        out.close()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(wanted)}"',
        "Content-Length": str(done.size),
        "Cache-Control": "no-store",
        "X-Content-SHA256": done.sha256,
    }
    return StreamingResponse(_pieces(out), media_type="application/zip", headers=headers)


def _pieces(out: BinaryIO) -> Iterator[bytes]:
    with out:
        while piece := out.read(_PIECE):
            yield piece
