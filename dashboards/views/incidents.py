"""Incidents: the list, the ten-second page, and every action a person may take on one."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts import incidents as acts
from alerts.carry import Office
from alerts.chronicler import story_chronicle
from alerts.forecast.model import outlook
from dashboards.render import page, query_with
from dashboards.visitor import Acting, Checked, RowId, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store.queries.incidents import (
    IncidentDetail,
    IncidentFilter,
    get_incident,
    list_incidents,
)
from langnghe.core.store.queries.mentions import (
    MentionFilter,
    ShownMention,
    list_mentions,
    mentions_by_id,
    shown_words,
)
from langnghe.core.store.tables import StoryRow
from langnghe.core.text import clean
from langnghe.core.types import IncidentState, Verification
from langnghe.core.words import WORDS

router = APIRouter()
PAGE = 20
MENTIONS = 3
MAX_NOTE = 2000
REASON_MENTIONS = 4
Reason = Annotated[str, Form(max_length=2000)]


class StepNote(NamedTuple):
    """A step's code and the evidence noted for it."""

    code: str
    note: str


@router.get("/vu-viec")
def incident_list(
    request: Request,
    caller: SignedIn,
    services: Served,
    tinh_trang: str = "",
    muc: str = "",
    trang: str = "",
) -> Response:
    """Show incidents, newest opened first, closed ones included."""
    if muc and not (muc.isdecimal() and len(muc) <= 2):
        raise InputError("Mức rủi ro trong bộ lọc không đúng.")
    wanted = IncidentFilter(
        viewer_unit=caller.unit_scope,
        level=int(muc) if muc else None,
        is_open={"mo": True, "dong": False}.get(tinh_trang),
    )
    with services.store.read() as session:
        found = list_incidents(session, wanted, cursor=trang or None, limit=PAGE)
    return page(
        request,
        "incidents.html",
        caller=caller,
        lines=found.rows,
        asked=dict(request.query_params),
        next=query_with(request, trang=found.next) if found.next else "",
    )


@router.get("/vu-viec/{incident_id}")
def incident(request: Request, incident_id: RowId, caller: SignedIn, services: Served) -> Response:
    """Show one incident."""
    facts = _facts(services, caller, incident_id)
    with services.store.read() as session:
        told = story_chronicle(
            session,
            facts["incident"].story_id,
            services.policy,
            services.clock.now(),
            viewer_unit=caller.unit_scope,
        )
        row = session.get(StoryRow, facts["incident"].story_id)
    ahead = outlook(row.forecast if row else {}, services.clock.now(), services.policy)
    return page(
        request, "incident.html", caller=caller, changed=False, told=told, ahead=ahead, **facts
    )


@router.get("/manh/vu-viec/{incident_id}")
def incident_part(
    request: Request, incident_id: RowId, caller: SignedIn, services: Served
) -> Response:
    """Return only the timeline, for the page's script; the forms above it are left in peace."""
    return page(
        request,
        "_timeline.html",
        caller=caller,
        changed=True,
        **_facts(services, caller, incident_id),
    )


@router.post("/vu-viec/{incident_id}/tiep-nhan", dependencies=[Checked])
def take(incident_id: RowId, caller: Acting, services: Served) -> Response:
    """Acknowledge; doing it again changes nothing."""
    _in_scope(services, caller, incident_id)
    acts.acknowledge(services.store, incident_id, caller.shown_name, services.clock.now())
    return _back(incident_id, "tiep-nhan")


async def step_note(request: Request, code: Annotated[str, Form(max_length=100)]) -> StepNote:
    """Return which step's button was pressed and what its own field says."""
    note = (await request.form()).get(f"note.{code}", "")
    if not isinstance(note, str) or len(note) > MAX_NOTE:
        raise InputError("Ghi chú bằng chứng quá dài.")
    return StepNote(code, clean(note))


@router.post("/vu-viec/{incident_id}/viec", dependencies=[Checked])
def complete(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    step: Annotated[StepNote, Depends(step_note)],
) -> Response:
    """Write down that a step was done, with its evidence."""
    _in_scope(services, caller, incident_id)
    acts.complete_step(
        services.store,
        incident_id,
        step.code,
        caller.shown_name,
        services.clock.now(),
        step.note,
    )
    return _back(incident_id, "hoan-thanh")


@router.post("/vu-viec/{incident_id}/xac-minh", dependencies=[Checked])
def verify(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    verification: Annotated[Verification, Form()],
    reason: Reason = "",
) -> Response:
    """Set how far the matter has been checked; says nothing about the level."""
    _in_scope(services, caller, incident_id)
    acts.set_verification(
        services.store,
        incident_id,
        verification,
        caller.shown_name,
        services.clock.now(),
        _reason(reason),
    )
    return _back(incident_id, "xac-minh")


@router.post("/vu-viec/{incident_id}/tinh-trang", dependencies=[Checked])
def move(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    state: Annotated[IncidentState, Form()],
) -> Response:
    """Move an acknowledged incident along its life."""
    _in_scope(services, caller, incident_id)
    acts.set_state(services.store, incident_id, state, caller.shown_name, services.clock.now())
    return _back(incident_id, "tinh-trang")


@router.post("/vu-viec/{incident_id}/muc", dependencies=[Checked])
def change_level(
    incident_id: RowId,
    caller: Acting,
    services: Served,
    level: Annotated[int, Form(ge=0, le=99)],
    reason: Reason = "",
) -> Response:
    """Raise or lower the level by hand, with a reason."""
    why = _reason(reason)
    present = _in_scope(services, caller, incident_id).line.row.level
    if level == present:
        raise InputError("Vụ việc đang ở mức này rồi.", mend="Chọn mức khác rồi gửi lại.")
    office = Office(services.policy, services.profile, services.settings)
    act = acts.raise_level if level > present else acts.lower_level
    act(services.store, office, incident_id, level, caller.shown_name, why, services.clock.now())
    return _back(incident_id, "muc")


@router.post("/vu-viec/{incident_id}/dong", dependencies=[Checked])
def close(incident_id: RowId, caller: Acting, services: Served, reason: Reason = "") -> Response:
    """Close with a conclusion."""
    _in_scope(services, caller, incident_id)
    acts.close_incident(
        services.store, incident_id, caller.shown_name, _reason(reason), services.clock.now()
    )
    return _back(incident_id, "dong")


def _in_scope(services: Services, caller: Caller, incident_id: int) -> IncidentDetail:
    with services.store.read() as session:
        return get_incident(session, incident_id, viewer_unit=caller.unit_scope)


def _reason(typed: str) -> str:
    reason = clean(typed)
    if len(reason) < 5:
        raise InputError("Cần ghi rõ lý do.", mend="Quay lại và ghi lý do rồi gửi lại.")
    return reason


def _back(incident_id: int, done: str) -> Response:
    return RedirectResponse(f"/vu-viec/{incident_id}?xong={done}", 303)


def _facts(services: Services, caller: Caller, incident_id: int) -> dict[str, Any]:
    with services.store.read() as session:
        detail = get_incident(session, incident_id, viewer_unit=caller.unit_scope)
        wanted = MentionFilter(
            viewer_unit=caller.unit_scope, incident_id=incident_id, everything=True
        )
        found = list_mentions(session, wanted, cursor=None, limit=MENTIONS)
        cited = [i for r in detail.line.row.reasons for i in r.get("mention_ids", [])]
        mentions = mentions_by_id(session, list(dict.fromkeys(cited))[:100])
    row = detail.line.row
    return {
        "line": detail.line,
        "incident": row,
        "steps": detail.steps,
        "events": detail.events,
        "event_id": max((event.id or 0 for event in detail.events), default=0),
        "sentences": row.gist.get("sentences") or [row.summary] * bool(row.summary),
        "phrases": row.gist.get("phrases", []),
        "speakers": [who for who in row.gist.get("speakers", ()) if who in WORDS["speaker"]],
        "reasons": [_reason_shown(reason, mentions) for reason in row.reasons],
        "mentions": found.rows,
        "more": found.next is not None,
        "states": [state.value for state in IncidentState if state.value not in ("new", "closed")],
        "verifications": list(WORDS["verification"]),
        "dos": [d for t in row.topics for d in _topic(services, t)[0]] + list(services.policy.do),
        "donts": [d for t in row.topics for d in _topic(services, t)[1]]
        + list(services.policy.dont),
    }


def _topic(services: Services, topic: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rule = services.policy.topics.get(topic)
    return (rule.do, rule.dont) if rule else ((), ())


def _reason_shown(reason: dict[str, Any], mentions: dict[int, ShownMention]) -> dict[str, Any]:
    cited = [mentions[i] for i in reason.get("mention_ids", ()) if i in mentions]
    masked = [text for m in cited for text in (m.title, m.text)]
    return {
        "text": reason.get("text", ""),
        "points": reason.get("points", 0.0),
        "words": shown_words(reason.get("words", ()), *masked)[:12],
        "mentions": [m for m in cited if m.read][:REASON_MENTIONS],
    }
