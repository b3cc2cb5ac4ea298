"""Two incidents that are one matter: one goes on, the other ends in it, and it can be undone.

Nothing is copied or lost: stories (and their mentions) move, files and the old timeline stay where
they were made and are read through the survivor.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from alerts.act_frame import RELOAD, not_closed, policy_of, required
from alerts.actions import AddEvent, CancelDeadlines, PlanSteps, SetLevel
from alerts.carry import Office, carry_out, incident_view, number
from alerts.decide import raised_round
from alerts.notify import withdraw_pending
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import (
    add_event,
    cancel_deadlines,
    incidents_by_id,
    lock_acting,
    lock_incident,
    steps_of,
    story_ids_of,
)
from langnghe.core.store.mergers import (
    merged_into,
    move_stories,
    open_again,
    open_deadlines,
    standing_merger,
)
from langnghe.core.store.tables import IncidentRow, MergerRow
from langnghe.core.types import IncidentState

__all__ = ["merge_incidents", "merged_into", "undo_merge"]


def merge_incidents(
    store: Store,
    office: Office,
    merged_id: int,
    survivor_id: int,
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    """Let ``merged_id`` go on in ``survivor_id``: stories, topics, work done, the higher level.

    The merged one is closed with a link and its deadlines are called off; notices go on in the
    survivor's thread. Where it stood higher and nobody had answered, the survivor rings at that
    level. Raises ``NotFoundError``, ``InputError``, and ``ConflictError`` if either is closed.
    """
    why = required(reason)
    if merged_id == survivor_id:
        raise InputError("Không gộp một vụ việc vào chính nó được.", mend="Chọn số khác.")
    with store.write() as session:
        merged, survivor = _both(session, merged_id, survivor_id)
        not_closed(merged)
        not_closed(survivor)
        before: dict[str, Any] = {
            "state": merged.state,
            "deadlines": open_deadlines(session, merged_id),
            "followers": [number(row) for row in merged_into(session, merged_id)],
        }
        own = story_ids_of(session, [merged_id]).get(merged_id, [])
        before["stories"] = move_stories(session, own, merged_id, survivor_id)
        for row in incidents_by_id(session, before["followers"]).values():
            row.merged_into = survivor_id
        cancel_deadlines(session, merged_id)
        merged.state, merged.closed_at = IncidentState.CLOSED, now
        merged.merged_into, merged.updated_at = survivor_id, now
        survivor.topics = list(dict.fromkeys([*survivor.topics, *merged.topics]))
        # First notices still go (their link answers the survivor); pressing on is the survivor's.
        why_not = f"gộp vào vụ việc số {survivor_id}"
        withdraw_pending(session, merged, now, why_not, by=actor, purposes=("escalate",))
        session.flush()
        data: dict[str, object] = {"merged": merged_id, "into": survivor_id}
        add_event(
            session, merged_id, now, "merged", actor,
            f"{actor} gộp vào vụ việc số {survivor_id}: {why}", data,
        )  # fmt: skip
        text = f"{actor} gộp vụ việc số {merged_id} («{merged.title}») vào đây: {why}"
        actions = (AddEvent("absorbed", text, data), *_rise(office, survivor, merged, now))
        carry_out(session, office, None, survivor, actions, now, actor=actor)
        before["steps"] = _take_over_steps(session, merged_id, survivor_id)
        session.add(
            MergerRow(
                merged_id=merged_id, survivor_id=survivor_id, at=now, by=actor, reason=why,
                before=before,
            )
        )  # fmt: skip


def undo_merge(store: Store, merged_id: int, actor: str, reason: str, now: datetime) -> None:
    """Take a merger back: the merged incident is as it was, with its stories and its deadlines.

    The survivor keeps its level; stories that joined it later stay. Raises ``ConflictError`` where
    nothing was merged, or where the survivor itself went on in another incident.
    """
    why = required(reason)
    with store.write() as session:
        lock_acting(session)
        row = standing_merger(session, merged_id)
        if row is None:
            raise ConflictError("Vụ việc này không phải vụ đã gộp.", mend=RELOAD)
        merged, survivor = _both(session, merged_id, row.survivor_id)
        if survivor.merged_into is not None:
            raise ConflictError(
                f"Vụ việc số {row.survivor_id} đã gộp tiếp vào vụ việc số {survivor.merged_into}.",
                mend=f"Hoàn tác lần gộp của vụ việc số {row.survivor_id} trước.",
            )
        before = row.before
        move_stories(session, before["stories"], row.survivor_id, merged_id)
        for follower in incidents_by_id(session, before["followers"]).values():
            follower.merged_into = merged_id
        merged.state, merged.closed_at, merged.merged_into = before["state"], None, None
        open_again(session, before["deadlines"])
        for step in steps_of(session, row.survivor_id):
            # A step is given back only where nobody has touched it since.
            if before["steps"].get(step.code) == [_iso(step.done_at), step.done_by, step.note]:
                step.done_at, step.done_by, step.note = None, None, ""
        row.undone_at, row.undone_by, row.undone_why = now, actor, why
        merged.updated_at = survivor.updated_at = now
        data: dict[str, object] = {"merged": merged_id, "into": row.survivor_id, "undone": True}
        for own, other in ((merged_id, row.survivor_id), (row.survivor_id, merged_id)):
            add_event(
                session, own, now, "unmerged", actor,
                f"{actor} hoàn tác việc gộp với vụ việc số {other}: {why}", data,
            )  # fmt: skip


def _both(session: Session, merged_id: int, survivor_id: int) -> tuple[IncidentRow, IncidentRow]:
    """Lock both in the order of their numbers, so that two mergers never wait crosswise."""
    lock_acting(session)
    rows = {own: lock_incident(session, own) for own in sorted((merged_id, survivor_id))}
    return rows[merged_id], rows[survivor_id]


def _rise(
    office: Office, survivor: IncidentRow, merged: IncidentRow, now: datetime
) -> tuple[Any, ...]:
    """What the survivor's level and ladder become; whoever answered either has answered both."""
    answered = merged.acknowledged_at is not None
    if merged.level > survivor.level and not answered:
        view = incident_view(survivor)
        rose = raised_round(
            merged.level,
            view.round + 1,
            view.topics,
            policy_of(office, survivor),
            now,
            view.unit_kind,
        )
        return (SetLevel(survivor.level, merged.level, fresh=True), *rose)
    if merged.level < survivor.level:
        return (PlanSteps(survivor.level),)
    calm: tuple[Any, ...] = ()
    if answered and survivor.acknowledged_at is None:
        survivor.acknowledged_at = merged.acknowledged_at
        survivor.acknowledged_by = merged.acknowledged_by
        if survivor.state in (IncidentState.NEW, IncidentState.REOPENED):
            survivor.state = IncidentState.ACKNOWLEDGED
        calm = (CancelDeadlines("ack"),)
    level = max(merged.level, survivor.level)
    return (SetLevel(survivor.level, level, fresh=False), *calm, PlanSteps(level))


def _take_over_steps(session: Session, merged_id: int, survivor_id: int) -> dict[str, list[Any]]:
    """Count what was done for the merged incident as done here; return what was written."""
    done = {s.code: s for s in steps_of(session, merged_id) if s.done_at is not None}
    taken: dict[str, list[Any]] = {}
    for step in steps_of(session, survivor_id):
        source = done.get(step.code)
        if source is None or step.done_at is not None:
            continue
        step.done_at, step.done_by = source.done_at, source.done_by
        step.note = f"(Vụ việc số {merged_id}) {source.note}".strip()
        step.link, step.document = source.link, source.document
        step.document_at = source.document_at
        cancel_deadlines(session, survivor_id, kind=f"step:{step.code}")
        taken[step.code] = [_iso(step.done_at), step.done_by, step.note]
    return taken


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
