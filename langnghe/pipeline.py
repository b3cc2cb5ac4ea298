"""The way of a mention through the house, on one screen.

    collect ─► understand ─► group ─► watch ─► assess ─► act ─► escalate ─► tell
    sources    readings      stories  counts   risk      incidents deadlines  e-mail, live page

State lives in tables; a turn only moves it. Each stage is an idempotent sweep over rows that are
still due, so a killed process or a lost job costs a repetition, never a mention. A stage that fails
is reported and does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter

import structlog

from alerts.board import board_due
from alerts.intake.waiting import read_due, tell_due
from alerts.office import Office
from alerts.outbox import Channels, tell
from alerts.plan.reminders import remind_due
from alerts.stage import act_due, assess_due, fire_deadlines
from alerts.watch import watch_due
from collectors.intake import fetch_links
from collectors.recheck import recheck_due
from collectors.stage import Gets, collect_due
from langnghe.core.auditing import note_heads
from langnghe.core.errors import LangNgheError
from langnghe.core.evidence.purging import wipe_due
from langnghe.core.evidence.vault import vault_of
from langnghe.core.forgetting import forgetter
from langnghe.core.keeping import CLOCK, keep_due
from langnghe.core.services import Services
from langnghe.core.store.clock_mend import mend_clock, ran_ahead
from langnghe.core.store.marks import HEARTBEAT, put_mark
from nlp.stage import Grouper, Reads, understand_due

log = structlog.get_logger(__name__)
BEAT_EVERY = timedelta(seconds=30)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class House:
    """All that a turn needs: the services, and the parts that reach outside or remember."""

    services: Services
    reader: Reads
    grouper: Grouper
    fetcher: Gets | None
    channel: Channels | None
    seconds: dict[str, float] = field(default_factory=dict)
    beats: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did: rows handled by stage, and a plain sentence for each stage that failed."""

    done: dict[str, int]
    failed: dict[str, str]


def collect(house: House) -> int:
    """Poll the sources that are due; return how many."""
    if house.fetcher is None:
        return 0
    s = house.services
    vault, secret, now = vault_of(s.settings), s.settings.secret_key(), s.clock.now()
    fetch_links(s.store, house.fetcher, secret=secret, now=now, vault=vault)
    return collect_due(s.store, house.fetcher, secret=secret, now=now, vault=vault)


def recheck(house: House) -> int:
    """Look again at the pages of open incidents; wipe what was ordered to be purged."""
    s, now = house.services, house.services.clock.now()
    wipe_due(s.store, s.settings, now)
    if house.fetcher is None:
        return 0
    vault, secret = vault_of(s.settings), s.settings.secret_key()
    return recheck_due(s.store, house.fetcher, vault, secret=secret, now=now)


def understand(house: House) -> int:
    """Read every waiting mention, a batch at a time."""
    return _until_none(lambda: understand_due(house.services.store, house.reader))


def intake(house: House) -> int:
    """Read the reports that wait for a person; tell the officer of grave ones."""
    s, now = house.services, house.services.clock.now()
    read = _until_none(lambda: read_due(s.store, house.reader, now))
    tell_due(s.store, Office(s.policy, s.profile, s.settings), now)
    return read


def group(house: House) -> int:
    """Place every read mention in a story."""
    return _until_none(house.grouper.group_due)


def watch(house: House) -> int:
    """Weigh how many mentions each unit has against what is usual of it."""
    s = house.services
    days = watch_due(s.store, s.policy, s.profile, s.clock.now())
    return days + board_due(s.store, s.policy, s.profile, s.clock.now())


def assess(house: House) -> int:
    """Score every story that changed."""
    s = house.services
    return _until_none(lambda: assess_due(s.store, s.policy, s.clock.now()))


def act(house: House) -> int:
    """Open, raise and update incidents where a score asks for it."""
    s = house.services
    return _until_none(lambda: act_due(s.store, s.policy, s.profile, s.settings, s.clock.now()))


def escalate(house: House) -> int:
    """Tell the next role about every deadline that passed without an answer."""
    s = house.services
    return fire_deadlines(s.store, s.policy, s.profile, s.settings, s.clock.now())


def deliver(house: House) -> int:
    """Hand over the messages that are due."""
    if house.channel is None:
        return 0
    s = house.services
    return tell(s.store, house.channel, s.clock.now()).sent


def remind(house: House) -> int:
    """Write the plan's reminders whose day has come."""
    s = house.services
    return remind_due(s.store, Office(s.policy, s.profile, s.settings), s.clock.now())


def keep(house: House) -> int:
    """Delete what has been kept long enough, and note the audit log's seals outside."""
    s = house.services
    note_heads(s.store, s.settings)
    forget = forgetter(s.settings, CLOCK)
    return keep_due(s.store, s.settings, s.clock.now(), forget=forget).mentions


Stage = Callable[[House], int]
SWEEP: tuple[tuple[str, Stage], ...] = (
    ("understand", understand),
    ("intake", intake),
    ("group", group),
    ("watch", watch),
    ("assess", assess),
    ("act", act),
    ("escalate", escalate),
    ("remind", remind),
    ("tell", deliver),
    ("keep", keep),
)
COLLECT: tuple[tuple[str, Stage], ...] = (("collect", collect), ("recheck", recheck))


def turn(house: House, stages: Sequence[tuple[str, Stage]] = (*COLLECT, *SWEEP)) -> Turn:
    """Run the stages once, in order; never raises for one stage's failure."""
    done: dict[str, int] = {}
    failed: dict[str, str] = {}
    try:
        _mend_clock(house)
    except LangNgheError as error:
        log.error("clock_not_mended", why=error.message, mend=error.mend)
    for name, stage in stages:
        started = perf_counter()
        try:
            done[name] = stage(house)
        except LangNgheError as error:
            failed[name] = error.message
            log.error("stage_failed", stage=name, why=error.message, mend=error.mend)
        except Exception:
            failed[name] = "lỗi ngoài dự kiến, xem nhật ký"
            log.exception("stage_broke", stage=name)
        house.seconds[name] = house.seconds.get(name, 0.0) + perf_counter() - started
    try:
        _beat(house, done)
    except LangNgheError as error:
        log.error("no_heartbeat", why=error.message, mend=error.mend)
    return Turn(done, failed)


def _mend_clock(house: House) -> None:
    """Take back what a clock that ran ahead had put off; costs one short read where none did."""
    store, now = house.services.store, house.services.clock.now()
    with store.read() as session:
        if not ran_ahead(session, now):
            return
    with store.write() as session:
        mend_clock(session, now)
    log.warning("clock_had_run_ahead", now=now.isoformat())


def _beat(house: House, stages: Iterable[str]) -> None:
    """Leave the stages' heartbeats for the watchdog and the overview, at most every half minute."""
    now = house.services.clock.now()
    # A beat from the future is that of a clock since set right; it says nothing of now.
    due = [s for s in stages if not now - BEAT_EVERY < house.beats.get(s, _NEVER) <= now]
    if due:
        with house.services.store.write() as session:
            for stage in due:
                put_mark(session, HEARTBEAT + stage, now)
        house.beats |= dict.fromkeys(due, now)


def _until_none(sweep: Callable[[], int]) -> int:
    total = 0
    while count := sweep():
        total += count
    return total
