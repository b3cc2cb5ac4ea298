"""One reader of the store for all open pages: what happened, once, for every viewer who may know.

Asking is cheap: SQLite says by one number whether anybody committed anything (``data_version``),
and only then three indexed rows are read. Two hundred browsers cost one question, not two hundred.

On PostgreSQL two transactions may commit in another order than their numbers: an entry that comes
late below the newest one is still told, and a browser's place (``Mark.event_id``) never lies above
an entry that may still come.
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.to_thread
import structlog
from sqlmodel import Session

from langnghe.core.errors import LangNgheError
from langnghe.core.liveness import liveness
from langnghe.core.services import Services
from langnghe.core.store.live import events_between, seen_from
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.system import pulse

log = structlog.get_logger(__name__)
POLL_S = 0.1
"""Seconds between two looks while somebody listens."""
SERVER_POLL_S = 0.25
"""The same for a database server, which has to be asked for the newest rows."""
WHOLE_S = 1.0
"""Seconds after which everything is asked though nothing was committed: silence grows too."""
LATE_S = 20.0
"""Seconds for which a missing number may still be that of a transaction not yet over."""
LOOK_BACK = 200
KEPT = 1000
BATCH = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the news: all that happened up to it is known. Its text is an event's id."""

    event_id: int
    mention_id: int = 0
    life: str = ""

    def __str__(self) -> str:
        return f"{self.event_id}-{self.mention_id}-{self.life}"

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """Return the mark of a text that we wrote (or an event's bare number), else ``None``."""
        parts = text.split("-")
        numbers = parts[:2]
        if len(parts) > 3 or not all(
            part.isascii() and part.isdecimal() and len(part) < 11 and int(part) <= MAX_ID
            for part in numbers
        ):
            return None
        life = parts[2] if len(parts) == 3 else ""
        return cls(int(parts[0]), int(parts[1]) if len(parts) > 1 else -1, life[:8])


def life_mark(life: str) -> str:
    """Return a short sign of a state of the house, to be compared only."""
    return f"{zlib.crc32(life.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Beat:
    """What pages react to; equal beats mean that nothing worth a message happened."""

    event_id: int = 0
    mention_id: int = 0
    life: str = "starting"


@dataclass(frozen=True, slots=True)
class News:
    """One entry of a timeline as it goes out; ``scopes`` may hear of it (``None``: all units)."""

    event_id: int
    text: str
    scopes: frozenset[str | None]


@dataclass
class Gaps:
    """Which numbers were seen, and below which all are settled."""

    grace_s: float
    floor: int = 0
    known: set[int] = field(default_factory=set)
    missing: dict[int, float] = field(default_factory=dict)

    def start(self, ids: Iterable[int], newest: int, at: float) -> None:
        """Begin with what is there already; everything older than ``ids`` counts as settled."""
        self.known = set(ids)
        self.missing = {}
        self.floor = min(self.known, default=newest + 1) - 1 if self.grace_s else newest
        self.settle(at)

    def add(self, number: int) -> bool:
        """Take note of a number; return whether it is new."""
        if number <= self.floor or number in self.known:
            return False
        self.known.add(number)
        return True

    def settle(self, at: float) -> None:
        """Move the floor up to the first gap that may still be filled."""
        for number in sorted(self.known):
            if number > self.floor + 1 and self.grace_s:
                since = self.missing.setdefault(number, at)
                if at - since < self.grace_s:
                    break
            self.missing.pop(number, None)
            self.floor = number
        self.known = {number for number in self.known if number > self.floor}


class Newsroom:
    """Watches the store while somebody listens, and wakes the listeners."""

    def __init__(self, services: Callable[[], Services], *, every_s: float = POLL_S) -> None:
        self._services = services
        self._started = services().clock.now()
        self._every_s = every_s
        self._scopes: Counter[str | None] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Event()
        self._limiter: anyio.CapacityLimiter | None = None
        self._whole_at = 0.0
        self._version: object = None
        self.beat = Beat()
        self.news: deque[News] = deque(maxlen=KEPT)
        self.told = 0
        """How many entries were ever put into ``news``: the end of it as a position."""
        self._gaps = Gaps(0.0)
        self._floor = 0
        self.ready = asyncio.Event()
        self.closed = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return self._scopes.total()

    @property
    def mark(self) -> Mark:
        """The place up to which everything is known now."""
        return Mark(self._floor, self.beat.mention_id, life_mark(self.beat.life))

    async def enter(self, scope: str | None) -> None:
        """Count one listener in and wait for the first look; the first one starts the watch."""
        self._scopes[scope] += 1
        if self._task is None or self._task.done():
            self.ready.clear()
            self._task = asyncio.get_running_loop().create_task(self._watch())
        await self.ready.wait()

    def leave(self, scope: str | None) -> None:
        """Count one listener out."""
        self._scopes[scope] -= 1
        if self._scopes[scope] <= 0:
            del self._scopes[scope]

    def since(self, position: int) -> list[News] | None:
        """Return the entries after a position, ``None`` when some of them are no longer kept."""
        wanted = self.told - position
        if wanted > len(self.news):
            return None
        return list(self.news)[len(self.news) - wanted :] if wanted else []

    async def wait(self, timeout_s: float) -> None:
        """Return at the next change, or after ``timeout_s``."""
        turn = self._turn
        try:
            async with asyncio.timeout(timeout_s):
                await turn.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """End every stream, so that the server can stop."""
        self.closed = True
        self.ready.set()
        self._wake()

    def _wake(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    async def _watch(self) -> None:
        self._limiter = anyio.CapacityLimiter(1)
        self._version = None
        first, every = True, self._every_s
        eye = self._services().store.eye()
        try:
            while self._scopes and not self.closed:
                try:
                    looked = await anyio.to_thread.run_sync(
                        self._look, eye, first, list(self._scopes), limiter=self._limiter
                    )
                except LangNgheError as error:
                    log.warning("live_poll_failed", why=error.message)
                except Exception:
                    # One bad question must not leave every open page deaf.
                    log.exception("live_poll_broke")
                else:
                    self._take(looked, first)
                    first = False
                    every = self._every_s if self._services().store.is_sqlite else SERVER_POLL_S
                await asyncio.sleep(every)
        finally:
            eye.close()

    def _look(
        self, eye: Any, first: bool, scopes: list[str | None]
    ) -> tuple[Beat, int, list[News]] | None:
        """Ask the store, in a thread; ``None`` when nothing was committed since the last look."""
        now = time.monotonic()
        version = eye.version()
        waiting = bool(self._gaps.missing)
        fresh = version is not None and version == self._version
        if fresh and not first and not waiting and now - self._whole_at < WHOLE_S:
            return None
        services = self._services()
        with services.store.read() as session:
            found = pulse(session)
            if first:
                self._gaps.grace_s = 0.0 if services.store.is_sqlite else LATE_S
                ids = seen_from(session, found.event_id - LOOK_BACK) if self._gaps.grace_s else ()
                self._gaps.start(ids, found.event_id, now)
                news: list[News] = []
            else:
                news = self._news(session, services, scopes) if self._behind(found.event_id) else []
                self._gaps.settle(now)
        self._version, self._whole_at = version, now
        life = liveness(
            found.beats,
            started=self._started,
            now=services.clock.now(),
            limit_s=services.settings.stalled_after_s,
        )
        state = " ".join((life.state, *life.stalled))
        return Beat(found.event_id, found.mention_id, state), self._gaps.floor, news

    def _behind(self, newest: int) -> bool:
        return newest > max(self._gaps.known, default=self._gaps.floor) or bool(self._gaps.missing)

    def _news(self, session: Session, services: Services, scopes: list[str | None]) -> list[News]:
        found: list[News] = []
        after = self._gaps.floor
        while rows := events_between(session, after, scopes=scopes, limit=BATCH):
            found += [
                News(row.event_id, words(services, row), row.scopes)
                for row in rows
                if self._gaps.add(row.event_id)
            ]
            after = rows[-1].event_id
            if len(rows) < BATCH:
                break
        return found

    def _take(self, looked: tuple[Beat, int, list[News]] | None, first: bool) -> None:
        if looked is not None:
            beat, self._floor, news = looked
            changed = beat != self.beat or bool(news)
            self.beat = beat
            self.news.extend(news)
            self.told += len(news)
            if changed:
                self._wake()
        if first:
            self.ready.set()


def words(services: Services, row: Any) -> str:
    """Return what an entry says on the line, as JSON."""
    level = services.policy.level(row.level)
    return written(
        {
            "incident": row.incident_id,
            "kind": row.kind,
            "level": f"{level.name} – {level.title}",
            "title": row.title,
            "text": row.text,
        }
    )


def written(data: Mapping[str, object]) -> str:
    """Return ``data`` as one line of JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
