"""Where a new notice goes among those already on their way to the same person. Pure.

A person reads one message about an incident, not four: what was written but not sent yet makes room
for what says more. And a person in a storm reads one list, not a hundred messages: above so many in
an hour the rest go together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
URGENT_WINDOW = timedelta(minutes=1)
"""The least time between two digests to one person when the matter ignores quiet hours."""
ASKING = ("open", "raise", "reopen", "escalate")
"""Purposes that ask for an acknowledgement."""
_LAST = "resolved"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message to the same person about the same incident that nobody has begun to hand over."""

    id: int
    level: int
    purpose: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """What becomes of a new notice.

    ``replaces`` are withdrawn in its favour; ``joins`` is a waiting message that says more and is
    written anew instead of it; else it goes at ``due_at``.
    """

    due_at: datetime
    replaces: tuple[int, ...] = ()
    joins: int | None = None


def kind_of(purpose: str) -> str:
    """Return the kind of a purpose: ``news`` of ``news:injured=3``."""
    return purpose.partition(":")[0]


def place(
    level: int,
    purpose: str,
    due_at: datetime,
    waiting: Sequence[Waiting],
    *,
    now: datetime,
    last_same: datetime | None,
    group: timedelta,
) -> Place:
    """Return where a notice goes that is written ``now`` and may go out at ``due_at``.

    ``last_same`` is when the newest message of its kind about the incident went to the person:
    what asks for no answer follows it no sooner than ``group``.
    """
    kind = kind_of(purpose)
    if kind not in ASKING and kind != _LAST and last_same is not None:
        due_at = max(due_at, last_same + group)
    weight = _weight(level, kind)
    graver = [w for w in waiting if _weight(w.level, kind_of(w.purpose)) > weight]
    if graver:
        return Place(due_at, joins=max(graver, key=lambda w: (w.level, w.id)).id)
    # A lesser one that may go before this one is left to go: nobody waits longer for more news.
    idle = [
        w.id
        for w in waiting
        if kind == _LAST
        or (due_at <= max(now, w.due_at) and (kind in ASKING or kind == kind_of(w.purpose)))
    ]
    return Place(due_at, replaces=tuple(sorted(idle)))


def _weight(level: int, kind: str) -> tuple[int, int]:
    if kind == _LAST:
        return (1_000, 0)  # the end says all that was to be said
    return (level, 1 if kind in ASKING else 0)


def digest_time(
    due_at: datetime,
    sent_in_hour: int,
    most: int,
    last_digest: datetime | None,
    window: timedelta,
) -> datetime | None:
    """Return when a digest should carry a message due at ``due_at``, ``None`` if it goes alone."""
    if sent_in_hour < most:
        return None
    return due_at if last_digest is None else max(due_at, last_digest + window)
