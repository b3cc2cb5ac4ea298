"""Two people at one thing: whoever acts says which version they saw, and hears what came since.

One check for incidents and statements, pages and API alike: a number the form was made from (an
event's id, a version), what happened after it, and one error that names who did what. The form
keeps its words; sending them again says "I have seen this".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from langnghe.core.clock import say
from langnghe.core.errors import ConflictError
from langnghe.core.store.queries.incidents import events_since
from langnghe.core.text import shorten

MOST = 4
"""Changes named in the sentence; the page has them all."""
_DETAILS = 8
_LEVEL = frozenset({"raised", "raised_quietly", "lowered", "reopened"})
TOUCHES: Mapping[str, frozenset[str]] = {
    "owner": frozenset({"assigned"}),
    "verification": frozenset({"verification", "concluded"}),
    "state": frozenset({"state", "concluded", "reopened"}),
    "level": _LEVEL,
    "conclusion": frozenset({"concluded"}),
    "review": frozenset({"review"}),
    "step": frozenset({"step_done", "evidence"}),
    "close": _LEVEL | {
        "concluded", "verification", "state", "evidence", "step_done", "attached_file",
        "withdrew_file", "review", "news", "absorbed", "unmerged", "statement",
    },
}  # fmt: skip
"""By act: the kinds of timeline entries that whoever does it must have seen."""
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done since: ``number`` is its version, ``text`` one plain sentence."""

    number: int
    at: datetime
    by: str
    text: str
    details: tuple[str, ...] = ()


class ChangedError(ConflictError):
    """Somebody else was quicker. Carries what they did, and the numbers that stand now.

    ``current`` gives, by the form's hidden field, what the form would be made from now.
    ``carries_on``: the same form may be sent again with that, once its writer has read the changes;
    never so for acts that vouch for a text as it stands, such as approving it.
    """

    def __init__(
        self, what: str, changes: Sequence[Change], current: Mapping[str, int], *, carries_on: bool
    ) -> None:
        told = "; ".join(
            f"{one.by}, {say(one.at)}: {shorten(one.text, 160).rstrip('.')}"
            for one in changes[:MOST]
        )
        super().__init__(
            f"{what} đã có thay đổi sau khi bạn mở trang. {told}.",
            mend="Đọc thay đổi, xem lại nội dung của bạn rồi gửi lại."
            if carries_on
            else "Tải lại trang để đọc bản mới nhất rồi quyết định.",
        )
        self.changes = tuple(changes)
        self.current = dict(current)
        self.carries_on = carries_on


def check_since(
    what: str,
    seen: int | None,
    changes: Sequence[Change],
    current: Mapping[str, int],
    *,
    carries_on: bool = True,
) -> None:
    """Raise ``ChangedError`` where a change bears a higher number than the one that was seen.

    ``None`` claims to have seen everything: a program that does not say asks for no check.
    """
    since = [one for one in changes if seen is not None and one.number > seen]
    if since:
        raise ChangedError(what, since, current, carries_on=carries_on)


def refuse_changed(
    session: Session, incident_id: int, act: str, seen: int | None, *, step: str = ""
) -> None:
    """Raise ``ChangedError`` where an incident's timeline says that ``act`` was made from old news.

    ``seen`` is the id of the newest timeline entry on the page; ``step`` narrows to one step.
    """
    if seen is None:
        return
    rows = [
        row
        for row in events_since(session, incident_id, seen, TOUCHES[act])
        if not step or row.data.get("step") == step
    ]
    changes = [Change(row.id or 0, row.at, row.actor, row.text) for row in rows]
    newest = max((one.number for one in changes), default=0)
    check_since(f"Vụ việc số {incident_id}", seen, changes, {"ban": newest})


def told_apart(before: str, after: str) -> tuple[str, ...]:
    """Return what one text has and the other has not, sentence by sentence, in reading order."""
    old, new = (
        [one.strip() for one in _SENTENCE.findall(text) if one.strip()] for text in (before, after)
    )
    found = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in ("delete", "replace"):
            found += [f"Bỏ: «{shorten(one, 240)}»" for one in old[a:b]]
        if kind in ("insert", "replace"):
            found += [f"Thêm: «{shorten(one, 240)}»" for one in new[c:d]]
    rest = len(found) - _DETAILS
    return (*found[:_DETAILS], *((f"và {rest} chỗ khác",) if rest > 0 else ()))
