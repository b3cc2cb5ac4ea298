"""Two engines for one set of stages, chosen by the database URL alone.

- ``EmbeddedRunner``: SQLite, one process; APScheduler is its clock, and nothing else is installed.
- ``distributed_app``: PostgreSQL, any number of workers; procrastinate carries the same stages.

An engine decides only *when* a stage runs. What there is to do stands in the tables, so both may be
killed at any moment, and the pipeline's tests run on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from alerts.channels.email import SmtpChannel
from alerts.watchdog import watch
from langnghe.core.errors import LangNgheError
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.mentions import unread_ids
from langnghe.pipeline import COLLECT, SWEEP, House, Stage, turn
from nlp.stage import BATCH, understand_due

log = structlog.get_logger(__name__)

# The stages that must not run twice at once; reading may, on as many workers as there are.
SERIAL = SWEEP[1:]


class EmbeddedRunner:
    """Runs collecting, the sweep and the watchdog in background threads of this process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watchdog = Watchdog(house.services)
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(3)}
        )

    def start(self) -> None:
        """Begin at once; each job runs at most once at a time and missed turns are folded."""
        settings = self._house.services.settings
        jobs: tuple[tuple[str, Callable[[], object], int], ...] = (
            ("collect", lambda: turn(self._house, COLLECT), min(60, settings.collect_every_s)),
            ("sweep", lambda: turn(self._house, SWEEP), settings.sweep_every_s),
            ("watchdog", self._watchdog.look, 60),
        )
        for name, job, seconds in jobs:
            self._scheduler.add_job(
                job, "interval", seconds=seconds, id=name, max_instances=1, coalesce=True,
                misfire_grace_time=None,
            )  # fmt: skip
        self._scheduler.start()
        for name in ("collect", "sweep"):
            self._scheduler.modify_job(name, next_run_time=self._house.services.clock.now())

    def stop(self) -> None:
        """Let the running turn end, then stop."""
        self._scheduler.shutdown(wait=True)


class Watchdog:
    """Looks whether the house still breathes, with a mail connection of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._started = services.clock.now()
        mail = bool(services.settings.smtp_host)
        self._channel = SmtpChannel(services.settings) if mail else None

    def look(self) -> tuple[str, ...]:
        """Look once; return the stages that stand still. A locked database is looked at later."""
        s = self._services
        try:
            return watch(
                s.store, s.settings, s.clock.now(), started=self._started, channel=self._channel
            )
        except LangNgheError as error:
            log.error("watchdog_failed", why=error.message, mend=error.mend)
            return ()


def distributed_app(settings: Settings, house: Callable[[], House]) -> Any:
    """Return the procrastinate app whose tasks are the stages; ``house`` is built on first use.

    Call ``ensure_queue`` once before a worker starts.
    """
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo(settings)))
    every = f"*/{max(1, min(30, settings.sweep_every_s))} * * * * *"

    def periodic(name: str, cron: str, job: Callable[[], object]) -> None:
        def task(timestamp: int) -> None:
            del timestamp  # the tables say what is due, not the clock of the queue
            job()

        registered = app.task(name=name, queueing_lock=name, lock=name, retry=False)(task)
        app.periodic(cron=cron)(registered)

    @app.task(name="understand", retry=3)
    def understand(ids: list[int]) -> None:
        understand_due(house().services.store, house().reader, limit=len(ids), ids=ids)

    dogs: list[Watchdog] = []

    def watchdog() -> None:
        if not dogs:
            dogs.append(Watchdog(house().services))
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

    stages: tuple[tuple[str, Stage], ...] = SERIAL
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
