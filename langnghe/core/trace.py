"""What decisions about stories mean for incidents, and the traces they leave.

An incident follows the story that carries its mentions; nothing of it is ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from langnghe.core.auth import Caller
from langnghe.core.hand import Kind
from langnghe.core.store import users
from langnghe.core.store.incidents import add_event, lock_incident
from langnghe.core.store.tables import StoryRow

Before = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """What to write down: the act, the two stories, how many mentions moved."""

    kind: Kind
    story: int
    other: int
    moved: int
    undone: bool = False

    def told(self) -> str:
        """Return the act in Vietnamese, without its doer."""
        return ("hoàn tác: " if self.undone else "") + {
            Kind.SPLIT: f"tách {self.moved} tin của cụm {self.story} thành cụm riêng {self.other}.",
            Kind.MOVE: f"chuyển {self.moved} tin từ cụm {self.story} sang cụm {self.other}.",
            Kind.MERGE: f"gộp cụm {self.story} ({self.moved} tin) vào cụm {self.other}.",
            Kind.SAME: f"đánh dấu cụm {self.story} và cụm {self.other} là cùng sự việc.",
            Kind.UNRELATED: f"đánh dấu cụm {self.story} và cụm {self.other} không liên quan.",
        }[self.kind]


def follow(session: Session, emptied: StoryRow, into: StoryRow) -> Before:
    """Let the incident of an emptied story go on with the story its mentions went to.

    The emptied row keeps its link, as a signpost. Where the other story has an incident of its own,
    both stay open, for closing one is a person's decision. Returns what changed, for undoing.
    """
    number = emptied.incident_id
    if number is None or into.id is None:
        return {}
    incident = lock_incident(session, number)
    before: Before = {}
    if incident.story_id == emptied.id:
        before["openers"] = {str(number): [emptied.id, into.id]}
        incident.story_id = into.id
        session.add(incident)
    if into.incident_id is None:
        before["incidents"] = {str(into.id): [None, number]}
        into.incident_id = number
    session.flush()
    return before


def detach(session: Session, a: StoryRow, b: StoryRow) -> Before:
    """Take a story out of the incident that the other one opened; it may open one of its own."""
    if a.incident_id is None or a.incident_id != b.incident_id:
        return {}
    number = a.incident_id
    opener = lock_incident(session, number).story_id
    guest = b if a.id == opener else a if b.id == opener else None
    if guest is None:
        return {}
    guest.incident_id, guest.assess_due = None, True
    session.flush()
    return {"incidents": {str(guest.id): [number, None]}}


def restore_incidents(session: Session, before: Before, stories: dict[int, StoryRow]) -> None:
    """Put back what ``follow`` or ``detach`` changed, unless it has changed again since."""
    for key, (old, new) in before.get("incidents", {}).items():
        story = stories[int(key)]
        if story.incident_id == new:
            story.incident_id, story.assess_due = old, True
    for key, (old, new) in before.get("openers", {}).items():
        incident = lock_incident(session, int(key))
        if incident.story_id == new:
            incident.story_id = old
            session.add(incident)
    session.flush()


def write_down(
    session: Session,
    caller: Caller,
    now: datetime,
    trace: Trace,
    decision: int,
    stories: Iterable[StoryRow],
    note: str,
) -> None:
    """Add a line to the audit trail and to the timeline of each incident concerned."""
    rows = list(stories)
    data = {"decision": decision, "kind": trace.kind.value, "stories": [trace.story, trace.other]}
    verb = f"story_{trace.kind.value}" + ("_undo" if trace.undone else "")
    users.note(
        session, now, caller.username, verb, f"story:{trace.story}", reason=note,
        data={**data, "moved": trace.moved},
    )  # fmt: skip
    taken = {int(i) for row in rows for i in _incidents_of(row)}
    for number in sorted(taken):
        # The note stays out: a timeline travels further than the page it was written on.
        text = f"{caller.shown_name} {trace.told()}"
        if trace.kind is Kind.MERGE and not trace.undone and len(taken) > 1:
            both = " và ".join(str(n) for n in sorted(taken))
            text += f" Hai cụm có hai vụ việc ({both}); nếu là một việc, đóng bớt một."
        add_event(session, number, now, "regrouped", caller.shown_name, text, data)


def _incidents_of(row: StoryRow) -> list[int]:
    return [row.incident_id] if row.incident_id is not None else []
