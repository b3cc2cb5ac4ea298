"""The sweep that keeps the overview's tallies: today once a minute, older days a few a turn.

A day that watching closes or counts again is tallied in the same breath (``watch_board``), so page
and alarm rest on the same mentions. What is left is the day that is not over, and the days that
were closed before there were tallies: those are filled in the background, never by a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from alerts.baseline.calendar import ONE_DAY, bounds, day_of
from alerts.baseline.tally import Rules, Tree, tally
from alerts.baseline.tones import tone_tally
from langnghe.core.policy.baseline import Baseline, load_baseline
from langnghe.core.policy.model import Policy
from langnghe.core.store.board import (
    BoardProgress,
    board_progress,
    heard_on,
    save_board_day,
    save_board_progress,
    unfilled_days,
    voices,
)
from langnghe.core.store.engine import Store
from langnghe.core.store.watch import Pointers, Progress, lock_watching, settled, standing
from langnghe.core.store.watch_counts import Count, Key, Told, told
from langnghe.core.types import Profile

EVERY, SELDOM = timedelta(minutes=1), timedelta(minutes=15)
_A_MINUTE = 1000
"""Mentions of a day for which its next count waits a minute longer: counting must stay cheap."""
FILLED_A_TURN = 3
KEPT = timedelta(days=400)
"""Older days are not filled: no chart reaches further back than a school year."""
_TOPIC_P = 0.5


def board_due(
    store: Store, policy: Policy, profile: Profile, now: datetime, rule: Baseline | None = None
) -> int:
    """Tally today where something changed, and a few older days; return how many days.

    0 means that there was nothing to do, found out by two short reads.
    """
    rule = rule or load_baseline()
    with store.read() as session:
        progress = board_progress(session)
        _, newest = standing(session)
        known = heard_on(session, day_of(now))
    counting, done = _counting(progress, newest, known, now), 0
    if not counting and progress.done:
        return 0
    tree = tree_of(profile)
    if counting:
        with store.write() as session:
            lock_watching(session)
            count_day(session, day_of(now), tree, rules_of(policy, rule), now)
            seen = settled(session, Progress(seen=progress.seen), newest)
            progress = replace(progress, at=now, seen=seen)
            save_board_progress(session, progress)
        done = 1
    if not progress.done:
        done += _fill(store, progress, tree, rules_of(policy, rule), now)
    return done


def tree_of(profile: Profile) -> Tree:
    """Return the tree of the watched units."""
    return Tree.of((unit.id, unit.kind, unit.parent) for unit in profile.units)


def rules_of(policy: Policy, rule: Baseline) -> Rules:
    """Return which mentions count."""
    return Rules(
        policy.score.live_education_p, policy.incident.min_unit_confidence, _TOPIC_P,
        frozenset(rule.unwatched),
    )  # fmt: skip


def count_day(session: Session, day: date, tree: Tree, rules: Rules, now: datetime) -> None:
    """Tally one day from its own mentions."""
    mentions = told(session, *bounds(day))
    note_day(session, day, mentions, tally(mentions, tree, rules), tree, now)


def note_day(
    session: Session,
    day: date,
    mentions: Iterable[Told],
    counted: Mapping[Key, Count],
    tree: Tree,
    now: datetime,
) -> None:
    """Write the tallies of a day whose mentions were just read."""
    heard, sources = voices(session, *bounds(day))
    save_board_day(session, day, heard, sources, tone_tally(mentions, counted, tree), now)


def _counting(progress: BoardProgress, newest: Pointers, known: int, now: datetime) -> bool:
    pause = min(max(EVERY, EVERY * known / _A_MINUTE), SELDOM)
    # A moment that lies ahead was left by a clock since set right.
    rested = now - progress.at >= pause or progress.at > now
    return rested and (newest != progress.seen or day_of(now) != day_of(progress.at))


def _fill(store: Store, progress: BoardProgress, tree: Tree, rules: Rules, now: datetime) -> int:
    """Tally a few closed days that have none, newest first."""
    today = day_of(now)
    before = min(progress.filled or today, today)
    with store.read() as session:
        days = unfilled_days(session, before, today - KEPT, limit=FILLED_A_TURN)
    for day in days:
        with store.write() as session:
            lock_watching(session)
            count_day(session, day, tree, rules, now)
            progress = replace(progress, filled=day)
            save_board_progress(session, progress)
    if len(days) < FILLED_A_TURN:
        with store.write() as session:
            # Days closed from now on are tallied when they are closed.
            save_board_progress(session, replace(progress, filled=today - ONE_DAY, done=True))
    return len(days)
