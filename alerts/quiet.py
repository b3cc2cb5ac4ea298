"""Quiet hours: what may wait until morning does, and a clock that asks for answers stands still.

Two things follow from quiet hours, for every level that does not ignore them:

- a message to a person is held to the end of that person's quiet time (or of everybody's, where the
  person named none); the ladder goes on, so that somebody else is asked meanwhile;
- the time within which an answer is due does not run during everybody's quiet hours. Else a matter
  of 21:50 would climb every rung by midnight while all its messages wait, and the whole ladder
  would ring at once at six.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from alerts.ways import Quiet
from langnghe.core.clock import as_utc, hanoi

_DAY = timedelta(days=1)


def quiet_of(hours: tuple[time, time] | None) -> Quiet | None:
    """Return the playbook's quiet hours as those of a person."""
    return Quiet(*hours) if hours is not None else None


def quiet_end(moment: datetime, quiet: Quiet | None) -> datetime | None:
    """Return when the quiet time that ``moment`` lies in ends (UTC), ``None`` outside of it.

    The hours are Vietnamese local time and may pass midnight; their end does not belong to them.
    Equal ends mean no quiet time at all.
    """
    if quiet is None or quiet.since == quiet.until:
        return None
    local = hanoi(moment)
    for day in (local.date() - _DAY, local.date()):
        start = datetime.combine(day, quiet.since, local.tzinfo)
        last = day if quiet.since < quiet.until else day + _DAY
        end = datetime.combine(last, quiet.until, local.tzinfo)
        if start <= local < end:
            return as_utc(end)
    return None


def send_at(moment: datetime, quiet: Quiet | None, *, ignored: bool) -> datetime:
    """Return when a message written at ``moment`` may go out."""
    return moment if ignored else quiet_end(moment, quiet) or moment


def after(moment: datetime, span: timedelta, quiet: Quiet | None, *, ignored: bool) -> datetime:
    """Return the moment ``span`` later, on a clock that stands still in quiet hours."""
    if ignored or quiet is None or quiet.since == quiet.until:
        return moment + span
    at, left = quiet_end(moment, quiet) or moment, span
    while True:
        start = _next_start(at, quiet)
        if at + left <= start:
            return at + left
        left -= start - at
        at = quiet_end(start, quiet) or start


def _next_start(moment: datetime, quiet: Quiet) -> datetime:
    """Return the next beginning of the quiet time at or after ``moment``."""
    local = hanoi(moment)
    start = datetime.combine(local.date(), quiet.since, local.tzinfo)
    return as_utc(start if start >= local else start + _DAY)
