"""What follows a failed try: the same way later, the next way, or the end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.outmail import NotConfigured, Unsure
from langnghe.core.errors import DeliveryError
from langnghe.core.store.tables import OutboxRow

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
LONGEST_URGENT_WAIT = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=2)
"""A mail server is repaired in that time or nobody looks."""
TWICE = "có thể trùng"
"""Put on a message that goes by another way although the first may have taken it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Try the same way again at ``due_at``."""

    due_at: datetime
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NextWay:
    """Go by another way from ``due_at`` on; ``changes`` are the columns of the message."""

    due_at: datetime
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Every way refused for good, or it was tried too often."""


def after_failure(row: OutboxRow, error: DeliveryError, now: datetime) -> Later | NextWay | GiveUp:
    """Return what to do with a message whose way failed.

    A way that refuses for good is not asked again. Another way is taken when this one has failed
    for as long as the message's patience allows; after the last way comes the first again.
    """
    ways = [dict(way) for way in row.ways] or [{"channel": row.channel, "address": row.recipient}]
    here = min(row.way, len(ways) - 1)
    if error.permanent:
        ways[here]["spoilt"] = True
    order = [n % len(ways) for n in range(here + 1, here + len(ways))]
    others = [n for n in order if not ways[n].get("spoilt")]
    if now - row.created_at >= GIVE_UP_AFTER or (error.permanent and not others):
        return GiveUp()
    doubt = row.doubt or isinstance(error, Unsure)
    changes: dict[str, Any] = {"ways": ways, "doubt": doubt}
    again = now + wait_before(row.attempts, urgent=row.patience_s == 0)
    if not others:
        return Later(again, changes)
    until = (row.way_since or now) + timedelta(seconds=row.patience_s)
    waits = not error.permanent and not isinstance(error, NotConfigured)
    if waits and now < until:
        return Later(min(again, until), changes)
    to = others[0]
    changes |= {"way": to, "channel": ways[to]["channel"], "recipient": ways[to]["address"]}
    if doubt and TWICE not in row.subject:
        note = f"(Thư này {TWICE}: đã gửi qua cách khác nhưng không rõ có tới không.)"
        changes["subject"] = f"{row.subject} ({TWICE})"
        changes["body_text"] = f"{row.body_text.rstrip()}\n\n{note}\n"
        changes["headers"] = {**row.headers, "X-Langnghe-Maybe-Twice": "1"}
    # Once round all ways: rest before beginning again, or dead channels would be asked nonstop.
    return NextWay(again if to <= here else now, changes)


def wait_before(attempts: int, *, urgent: bool = False) -> timedelta:
    """Return how long to wait after this many tries: 30 s, doubling, at most half an hour.

    What is ``urgent`` is tried again at least every other minute: the hour the server comes back is
    the hour it must arrive.
    """
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_URGENT_WAIT if urgent else LONGEST_WAIT)
