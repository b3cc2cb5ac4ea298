"""The live stream: one poller asks the store about once a second, all open pages hear of changes.

Server-sent events need nothing but HTTP. An ``incident`` event carries the timeline entry's id, so
a browser that lost the line says by ``Last-Event-ID`` what it has and misses nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import anyio.to_thread
import structlog
from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse

from dashboards.visitor import Served, SignedIn
from langnghe.core.auth import Caller, still_valid
from langnghe.core.errors import LangNgheError
from langnghe.core.liveness import liveness
from langnghe.core.services import Services
from langnghe.core.store.queries.incidents import events_after
from langnghe.core.store.queries.system import pulse

log = structlog.get_logger(__name__)
router = APIRouter()
POLL_S = 1.0
PING_S = 15.0
MAX_LISTENERS = 300
BATCH = 100
RETRY_MS = 3000


@dataclass(frozen=True, slots=True)
class Beat:
    """What pages react to; equal beats mean that nothing worth a message happened."""

    event_id: int = 0
    mention_id: int = 0
    life: str = "starting"


class LiveHub:
    """Wakes listeners when the beat changes. Polls only while somebody listens."""

    def __init__(self, ask: Callable[[], Beat], *, every_s: float = POLL_S) -> None:
        self._ask = ask
        self._every_s = every_s
        self._beat = Beat()
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self.listeners = 0
        self.closed = False

    @property
    def beat(self) -> Beat:
        """The last beat seen."""
        return self._beat

    def enter(self) -> None:
        """Count one listener in; the first one starts the poller."""
        self.listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._poll())

    def leave(self) -> None:
        """Count one listener out."""
        self.listeners -= 1

    async def wait(self, known: Beat, timeout_s: float) -> Beat:
        """Return the next beat that differs from ``known``, or ``known`` after ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self.closed or self._beat != known)
        except TimeoutError:
            return known
        return self._beat

    async def close(self) -> None:
        """End every stream, so that the server can stop."""
        self.closed = True
        async with self._changed:
            self._changed.notify_all()

    async def _poll(self) -> None:
        while self.listeners and not self.closed:
            try:
                found = await anyio.to_thread.run_sync(self._ask)
            except LangNgheError as error:
                log.warning("live_poll_failed", why=error.message)
            except Exception:
                # One bad question must not leave every open page deaf.
                log.exception("live_poll_broke")
            else:
                if found != self._beat:
                    async with self._changed:
                        self._beat = found
                        self._changed.notify_all()
            await asyncio.sleep(self._every_s)


def hub_for(services: Services) -> LiveHub:
    """Return a hub that watches this store."""
    started = services.clock.now()

    def ask() -> Beat:
        with services.store.read() as session:
            found = pulse(session)
        life = liveness(
            found.beats,
            started=started,
            now=services.clock.now(),
            limit_s=services.settings.stalled_after_s,
        )
        return Beat(found.event_id, found.mention_id, " ".join((life.state, *life.stalled)))

    return LiveHub(ask)


@router.get("/live")
async def live(
    request: Request,
    caller: SignedIn,
    services: Served,
    sau: int = -1,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Stream what happens after event ``Last-Event-ID`` (or ``sau``; without either, from now)."""
    hub: LiveHub = request.app.state.live
    if hub.closed or hub.listeners >= MAX_LISTENERS:
        return Response(status_code=503, headers={"Retry-After": "30"})
    since = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 19 else sau
    return StreamingResponse(
        _stream(hub, services, caller, since),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    hub: LiveHub, services: Services, caller: Caller, since: int
) -> AsyncIterator[str]:
    known: Beat | None = None
    hub.enter()
    try:
        yield f"retry: {RETRY_MS}\n\n"
        while not hub.closed:
            beat = await hub.wait(known or Beat(), PING_S)
            if hub.closed:
                return
            if known is not None and beat == known:
                valid = await anyio.to_thread.run_sync(_valid, services, caller)
                if not valid:
                    return
                yield ": ping\n\n"
                continue
            if since < 0:
                since = beat.event_id
            while beat.event_id > since:
                messages, since = await anyio.to_thread.run_sync(
                    _news, services, caller, since, beat.event_id
                )
                for message in messages:
                    yield message
            if known is not None and beat.life != known.life:
                yield _message("heartbeat", {"state": beat.life})
            if known is not None and beat.mention_id != known.mention_id:
                yield _message("mention", {"newest": beat.mention_id})
            known = beat
    finally:
        hub.leave()


def _valid(services: Services, caller: Caller) -> bool:
    return still_valid(services.store, caller, services.clock.now())


def _news(services: Services, caller: Caller, since: int, until: int) -> tuple[list[str], int]:
    """Return the messages after ``since`` and the event id they reach to."""
    with services.store.read() as session:
        found = events_after(session, since, viewer_unit=caller.unit_scope, limit=BATCH)
    messages = []
    for event, incident in found:
        level = services.policy.level(incident.level)
        data = {
            "incident": incident.id,
            "kind": event.kind,
            "level": f"{level.name} – {level.title}",
            "title": incident.title,
            "text": event.text,
        }
        messages.append(_message("incident", data, event.id))
    reached = (found[-1][0].id or 0) if len(found) == BATCH else until
    return messages, max(reached, since + 1)


def _message(kind: str, data: Mapping[str, object], number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
