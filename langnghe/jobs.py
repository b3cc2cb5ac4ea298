"""Two engines for one set of stages, chosen by the database URL alone.

- ``EmbeddedRunner``: SQLite, one process; APScheduler is its clock, and nothing else is installed.
- ``distributed_app``: PostgreSQL, any number of workers; procrastinate carries the same stages.

An engine decides only *when* a stage runs. What there is to do stands in the tables, so both may be
killed at any moment, and the pipeline's tests run on both databases.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from alerts.channels import open_channels
from alerts.channels.email import RECEIPTS_NAME
from alerts.outbox import BATCH as WAVE
from alerts.outbox import Lines, Receipts, as_channels, tell
from alerts.watchdog import watch
from langnghe.core.errors import LangNgheError
from langnghe.core.overlay_settings import new_ways
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.mentions import unread_ids
from langnghe.core.store.outbox import any_due, bell
from langnghe.core.store.turns import alone, sign_in
from langnghe.pipeline import COLLECT, SWEEP, House, Stage, turn
from nlp.stage import BATCH, understand_due

log = structlog.get_logger(__name__)

# The stages that must not run twice at once; reading may, on as many workers as there are.
SERIAL = SWEEP[1:]
# Handing over has threads of its own, because nobody may wait for a sweep to end.
TELL = "tell"
LOOK_S = 1.0
"""Seconds after which the outbox is looked at without a bell: another process may have written."""


class EmbeddedRunner:
    """Runs collecting, the sweep and the watchdog in background threads of this process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watchdog = Watchdog(house.services)
        self._ways = Ways(house)
        self._every = house.services.settings.collect_every_s
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(3)}
        )

    def start(self) -> None:
        """Begin at once; each job runs at most once at a time and missed turns are folded."""
        settings = self._house.services.settings
        jobs: tuple[tuple[str, Callable[[], object], int], ...] = (
            ("collect", lambda: turn(self._house, COLLECT), self._every),
            ("sweep", lambda: turn(self._house, without_tell(SWEEP)), settings.sweep_every_s),
            ("watchdog", self._watchdog.look, 60),
        )
        for name, job, seconds in jobs:
            self._scheduler.add_job(
                job, "interval", seconds=seconds, id=name, max_instances=1, coalesce=True,
                misfire_grace_time=None,
            )  # fmt: skip
        self._ways.start()
        self._scheduler.start()
        for name in ("collect", "sweep"):
            self._scheduler.modify_job(name, next_run_time=self._house.services.clock.now())

    def stop(self) -> None:
        """Let the running turn end, then stop."""
        self._scheduler.shutdown(wait=True)
        self._ways.stop()

    def take(self, services: Services) -> None:
        """Go by services that were changed on the screen: the rhythm, the ways out."""
        self._watchdog.take(services)
        self._ways.take(services)
        if services.settings.collect_every_s != self._every:
            self._every = services.settings.collect_every_s
            self._scheduler.reschedule_job("collect", trigger="interval", seconds=self._every)


def without_tell(stages: Sequence[tuple[str, Stage]]) -> tuple[tuple[str, Stage], ...]:
    """Return the stages without handing over."""
    return tuple(pair for pair in stages if pair[0] != TELL)


class Teller:
    """Hands messages over the moment they are committed: one thread a channel.

    A channel that hangs holds up nobody who is told by another. Each thread wakes at the bell of
    the outbox and at least every ``LOOK_S``; its connection stays open while there is work.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._ends = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; without a way out only the heartbeat of the stage is left."""
        lanes = tuple(as_channels(self._house.channel)) if self._house.channel else ()
        for name in lanes or ("",):
            thread = threading.Thread(target=self._run, args=(name, lanes), daemon=True)
            thread.name = f"tell-{name}"
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let what is being handed over be handed over, then stop."""
        self._ends.set()
        bell(self._house.services.store).set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str, lanes: Sequence[str]) -> None:
        rings = bell(self._house.services.store)
        ways = as_channels(self._house.channel) if self._house.channel is not None else {}
        lines = Lines({name: ways[name]} if name in ways else {})
        while not self._ends.is_set():
            rings.clear()  # before looking: what comes in afterwards rings again
            try:
                worked = self._hand_over(name, lanes, lines)
            except LangNgheError as error:
                worked = False
                log.error("stage_failed", stage="tell", why=error.message, mend=error.mend)
            except Exception:
                worked = False
                log.exception("stage_broke", stage="tell")
            if not worked:
                rings.wait(LOOK_S)
        lines.close()

    def _hand_over(self, name: str, lanes: Sequence[str], lines: Lines) -> bool:
        """Hand over one wave; return whether there may be more."""
        house, first = self._house, name == (lanes[0] if lanes else "")
        s = house.services
        if first:
            turn(house, ((TELL, lambda _house: 0),))  # the sign of life, and a clock set right
        if house.channel is None:
            return False
        # What names a channel that the house does not have is moved on by the first.
        only, others = ((), lanes[1:]) if first else ((name,), ())
        with s.store.read() as session:
            waiting = any_due(session, s.clock.now(), only=only, not_these=others)
        if not waiting:
            lines.close()
            return False
        now = s.clock.now()
        done = tell(s.store, lines, now, limit=WAVE, only=only, not_these=others)
        return done.tried > 0


class Ways:
    """The teller of a house, begun anew where the ways out were changed on the screen."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._settings = house.services.settings
        self._teller = Teller(house)
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to hand over."""
        self._teller.start()

    def stop(self) -> None:
        """Let what is being handed over be handed over, then stop."""
        with self._lock:
            self._teller.stop()

    def take(self, services: Services) -> None:
        """Open the ways out anew if they were changed; returns at once, nothing is dropped."""
        old, self._settings = self._settings, services.settings
        if new_ways(old, services.settings):
            threading.Thread(target=self._anew, args=(services,), name="ways", daemon=True).start()

    def _anew(self, services: Services) -> None:
        with self._lock:
            self._teller.stop()  # first: what it handed over must stand in the receipts
            receipts = Receipts(services.settings.home / RECEIPTS_NAME)
            try:
                ways = open_channels(services.settings, services.store, receipts)
                self._house.channel = ways or None
            except LangNgheError as error:
                log.error("ways_not_opened", why=error.message, mend=error.mend)
            self._teller = Teller(self._house)
            self._teller.start()


class Watchdog:
    """Looks whether the house still breathes, with a mail connection of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._started = services.clock.now()
        receipts = Receipts(services.settings.home / RECEIPTS_NAME)
        self._channel = open_channels(services.settings, services.store, receipts) or None

    def take(self, services: Services) -> None:
        """Go by services that were changed on the screen."""
        old, self._services = self._services.settings, services
        if new_ways(old, services.settings):
            receipts = Receipts(services.settings.home / RECEIPTS_NAME)
            try:
                self._channel = open_channels(services.settings, services.store, receipts) or None
            except LangNgheError as error:
                log.error("ways_not_opened", why=error.message, mend=error.mend)

    def look(self) -> tuple[str, ...]:
        """Look once; return the stages that stand still. A locked database is looked at later."""
        s = self._services
        try:
            sign_in(s.store)  # again, where the database has forgotten
            return watch(
                s.store, s.settings, s.clock.now(), started=self._started, channel=self._channel
            )
        except LangNgheError as error:
            log.error("watchdog_failed", why=error.message, mend=error.mend)
            return ()


def distributed_app(settings: Settings, house: Callable[[], House], *, tells: bool = True) -> Any:
    """Return the procrastinate app whose tasks are the stages; ``house`` is built on first use.

    Without ``tells`` handing over is left to a ``Teller`` that runs beside it. Call
    ``ensure_queue`` once before a worker starts.
    """
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo(settings)))
    every = f"*/{max(1, min(30, settings.sweep_every_s))} * * * * *"

    def periodic(name: str, cron: str, job: Callable[[], object]) -> None:
        def task(timestamp: int) -> None:
            del timestamp  # the tables say what is due, not the clock of the queue
            try:
                # Not the queue's own lock: a worker that is killed would hold it for ever.
                with alone(house().services.store, name) as free:
                    if free:
                        job()
            except LangNgheError as error:
                log.error("stage_failed", stage=name, why=error.message, mend=error.mend)

        registered = app.task(name=name, queueing_lock=name, retry=False)(task)
        app.periodic(cron=cron)(registered)

    @app.task(name="understand", retry=3)
    def understand(ids: list[int]) -> None:
        understand_due(house().services.store, house().reader, limit=len(ids), ids=ids)

    dogs: list[Watchdog] = []

    def watchdog() -> None:
        if not dogs:
            dogs.append(Watchdog(house().services))
        dogs[0].take(house().services)
        dogs[0].look()

    def hand_out() -> None:
        try:
            with house().services.store.read() as session:
                waiting = unread_ids(session, 50 * BATCH)
        except LangNgheError as error:
            log.error("stage_failed", stage="hand_out", why=error.message, mend=error.mend)
            return
        for batch in _batches(waiting):
            try:
                understand.configure(queueing_lock=f"understand-{batch[0]}").defer(ids=batch)
            except procrastinate.exceptions.AlreadyEnqueued:
                log.debug("already_handed_out", first=batch[0])

    @app.periodic(cron="30 * * * * *")
    @app.task(name="clear", queueing_lock="clear", retry=False)
    async def clear(timestamp: int) -> None:
        """Drop the jobs of workers that are no more; what they were to do stands in the tables."""
        del timestamp
        for job in await app.job_manager.get_stalled_jobs():
            await app.job_manager.finish_job(job, procrastinate.jobs.Status.FAILED, True)

    stages = SERIAL if tells else without_tell(SERIAL)
    periodic("collect", "*/30 * * * * *", lambda: turn(house(), COLLECT))
    periodic("hand_out", every, hand_out)
    periodic("sweep", every, lambda: turn(house(), stages))
    periodic("watchdog", "0 * * * * *", watchdog)
    return app


def ensure_queue(settings: Settings) -> None:
    """Create procrastinate's own tables when they are not there yet."""
    import procrastinate
    import psycopg

    with psycopg.connect(conninfo(settings)) as connection:
        found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
    if found is not None and found[0] is not None:
        return
    app = procrastinate.App(
        connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo(settings))
    )
    with app.open():
        app.schema_manager.apply_schema()


def conninfo(settings: Settings) -> str:
    """Return the database URL as libpq reads it."""
    return settings.database.replace("postgresql+psycopg://", "postgresql://", 1)


def _batches(ids: Sequence[int]) -> list[list[Any]]:
    return [list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]
