"""The sweep that watches counts: closes days, weighs them, opens and closes what is unusual.

Every day is closed once, in a transaction of its own, from its own rows; afterwards only a day
whose mentions came late, were edited or corrected is counted again. The day that is not over is
looked at now and then: its count can only grow, so looking early is never a false alarm more.
Nothing here holds up an alert: one post with a harm fact rings by rule in the same turn.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from alerts.baseline.calendar import ONE_DAY, bounds, day_of
from alerts.watch_board import Board
from langnghe.core.policy.baseline import Baseline, load_baseline
from langnghe.core.policy.model import Policy
from langnghe.core.store.engine import Store
from langnghe.core.store.watch import (
    Pointers,
    Progress,
    changed_moments,
    lock_watching,
    next_heard,
    save_progress,
    settled,
    standing,
    unread_between,
)
from langnghe.core.store.watch_counts import touch, touched_days
from langnghe.core.types import Profile


def watch_due(
    store: Store, policy: Policy, profile: Profile, now: datetime, rule: Baseline | None = None
) -> int:
    """Close each day that is over, recount touched days, look at today; return how many days.

    0 means that there was nothing to do, found out by two short reads. Doing it again changes
    nothing. Days on which nothing was heard over all sources are no evidence and are passed over.
    """
    rule = rule or load_baseline()
    with store.read() as session:
        progress, newest = standing(session)
    if _ahead(progress, rule, now):
        with store.write() as session:
            progress = _rewind(Board(session, policy, profile, rule, now), now)
    closing, looking = _closing(progress, newest, now), _looking(progress, newest, rule, now)
    done = 0
    while closing:
        with store.write() as session:
            closing = _close_next(Board(session, policy, profile, rule, now), now)
        done += closing
    if looking:
        with store.write() as session:
            done += _look(Board(session, policy, profile, rule, now), now)
    return done


def _ahead(progress: Progress, rule: Baseline, now: datetime) -> bool:
    """Say whether a clock that was ahead and has been set right left days that are to come."""
    looked = progress.looked_at is not None and progress.looked_at - now > rule.today
    return looked or (progress.through is not None and progress.through > day_of(now))


def _rewind(board: Board, now: datetime) -> Progress:
    session = board.session
    lock_watching(session)
    progress, _ = standing(session)
    through = progress.through and min(progress.through, day_of(now) - ONE_DAY)
    if through is not None:
        board.rewind(through)
    # Nothing counts as looked at just now, so that the day of now is weighed at once.
    found = replace(progress, through=through, looked_at=now - board.rule.today)
    save_progress(session, found)
    return found


def _closing(progress: Progress, newest: Pointers, now: datetime) -> bool:
    yesterday = day_of(now) - ONE_DAY
    return newest.mention > 0 and (progress.through is None or progress.through < yesterday)


def _looking(progress: Progress, newest: Pointers, rule: Baseline, now: datetime) -> bool:
    rested = progress.looked_at is None or now - progress.looked_at >= rule.today
    return newest != progress.seen and rested


def _close_next(board: Board, now: datetime) -> bool:
    """Close the oldest open day on which something was heard; say whether there was one."""
    session = board.session
    lock_watching(session)
    progress, newest = standing(session)
    if progress.looked_at is None:  # the first time: all that lies there is counted by closing
        progress = replace(progress, looked_at=now, seen=settled(session, progress, newest))
    day = _next_day(board, progress)
    yesterday = day_of(now) - ONE_DAY
    if day is None or day > yesterday:
        save_progress(
            session, replace(progress, through=max(yesterday, progress.through or yesterday))
        )
        return False
    start, end = bounds(day)
    if now < end + board.rule.wait and unread_between(session, start, end):
        return False
    board.close(day)
    save_progress(session, replace(progress, through=day))
    return True


def _next_day(board: Board, progress: Progress) -> date | None:
    start = bounds(progress.through + ONE_DAY)[0] if progress.through else None
    moment = next_heard(board.session, start)
    return day_of(moment) if moment is not None else None


def _look(board: Board, now: datetime) -> int:
    """Count again what changed in closed days, then weigh the day that is not over."""
    session = board.session
    lock_watching(session)
    progress, newest = standing(session)
    done = 0
    if progress.through is not None:
        before = bounds(progress.through + ONE_DAY)[0]
        changed = {day_of(moment) for moment in changed_moments(session, progress, before)}
        touch(session, changed)
        days = sorted(changed | set(touched_days(session)))
        board.recount(days, progress.through)
        done += len(days)
    board.today(day_of(now))
    done += 1
    seen = settled(session, progress, newest)
    save_progress(session, replace(progress, looked_at=now, seen=seen))
    return done
