"""The live stream: all open pages hear within a second of what happened in the store.

Server-sent events need nothing but HTTP. Every message carries a mark of what the browser then
knows (``newsroom.Mark``); one that lost the line says it by ``Last-Event-ID`` and misses nothing,
over a restart of the server too. Nothing is queued for a browser: each has a place in the news and
reads on from there, and a line that takes no bytes for ``DEAD_S`` is given up.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

import anyio.to_thread
import structlog
from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Message, Send

from dashboards.newsroom import BATCH, Mark, News, Newsroom, life_mark, words, written
from dashboards.visitor import SignedIn
from langnghe.core.auth import Caller, still_valid
from langnghe.core.liveness import Liveness
from langnghe.core.services import Services
from langnghe.core.store.live import events_between
from langnghe.core.store.queries.system import Pulse

log = structlog.get_logger(__name__)
router = APIRouter()
PING_S = 15.0
DEAD_S = 30.0
MAX_LISTENERS = 300
RETRY_MS = (1000, 4000)
"""A browser whose line broke waits some time between these, lest all come back in one instant."""


class EventStream(StreamingResponse):
    """A stream that gives up a browser which takes no bytes any more."""

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncGenerator[str, None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(messages, headers=headers)
        self._messages = messages

    async def stream_response(self, send: Send) -> None:
        """Send every message, each in ``DEAD_S`` at most."""

        async def patient(message: Message) -> None:
            async with asyncio.timeout(DEAD_S):
                await send(message)

        async with aclosing(self._messages):
            try:
                await super().stream_response(patient)
            except TimeoutError:
                log.info("live_line_dead")


def mark_of(found: Pulse, life: Liveness) -> str:
    """Return the place in the news that a page shows, for its ``/live?sau=``."""
    state = " ".join((life.state, *life.stalled))
    return str(Mark(found.event_id, found.mention_id, life_mark(state)))


@router.get("/live")
async def live(
    request: Request,
    caller: SignedIn,
    sau: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Stream what happens after ``Last-Event-ID`` (or ``sau``; without either, from now)."""
    room: Newsroom = request.app.state.live
    if room.closed or room.listeners >= MAX_LISTENERS:
        return Response(status_code=503, headers={"Retry-After": "30"})
    since = Mark.read(last_event_id) or Mark.read(sau)
    return EventStream(_stream(room, lambda: _services(request), caller, since))


def _services(request: Request) -> Services:
    services: Services = request.app.state.services  # may be replaced while the stream is open
    return services


async def _stream(
    room: Newsroom, services: Callable[[], Services], caller: Caller, since: Mark | None
) -> AsyncGenerator[str, None]:
    scope = caller.unit_scope
    await room.enter(scope)
    try:
        yield f"retry: {random.randint(*RETRY_MS)}\n\n"  # noqa: S311 - spreads, guards nothing
        known = since or room.mark
        if known.mention_id < 0:  # a page that says only which entry it has
            known = replace(room.mark, event_id=known.event_id)
        position: int | None = None
        caught_up: set[int] = set()
        check_at = time.monotonic() + random.uniform(0.5, 1) * PING_S  # noqa: S311
        while not room.closed:
            news = room.since(position) if position is not None else None
            if news is None:  # just come, or so slow that what it has not read is kept no more
                position, floor, newest = room.told, room.mark.event_id, room.beat.event_id
                caught_up, after, more = set(), known.event_id, True
                while more and after < newest:
                    found, after, more = await anyio.to_thread.run_sync(
                        _missed, services(), scope, after
                    )
                    for number, text in found:
                        caught_up |= {number} if number > floor else set()
                        known = replace(known, event_id=min(number, floor))
                        yield _message("incident", text, known)
                known = replace(known, event_id=floor)
                continue
            position, mark = room.told, room.mark
            for kind, text, place in _turn(room, scope, known, mark, news, caught_up):
                yield _message(kind, text, place)
            known = mark
            await room.wait(max(0.0, check_at - time.monotonic()))
            if time.monotonic() >= check_at:
                if not await anyio.to_thread.run_sync(_valid, services(), caller):
                    return
                yield ": ping\n\n"
                check_at = time.monotonic() + PING_S
    finally:
        room.leave(scope)


def _turn(
    room: Newsroom,
    scope: str | None,
    known: Mark,
    mark: Mark,
    news: Sequence[News],
    caught_up: set[int],
) -> Iterator[tuple[str, str, Mark]]:
    """Yield what is new; only the last message says that all of it is known."""
    parts = [
        ("incident", one.text)
        for one in news
        if scope in one.scopes and one.event_id not in caught_up
    ]
    if known.life and known.life != mark.life:
        parts.append(("heartbeat", written({"state": room.beat.life})))
    if 0 <= known.mention_id < mark.mention_id:
        parts.append(("mention", written({"newest": mark.mention_id})))
    for kind, text in parts[:-1]:
        yield kind, text, known
    for kind, text in parts[-1:]:
        yield kind, text, mark


def _valid(services: Services, caller: Caller) -> bool:
    return still_valid(services.store, caller, services.clock.now())


def _missed(
    services: Services, scope: str | None, after: int
) -> tuple[list[tuple[int, str]], int, bool]:
    """Return what this viewer missed after an entry, how far it reaches, whether there is more."""
    with services.store.read() as session:
        rows = events_between(session, after, scopes=(scope,), limit=BATCH)
    found = [(row.event_id, words(services, row)) for row in rows if scope in row.scopes]
    return found, rows[-1].event_id if rows else after, len(rows) == BATCH


def _message(kind: str, text: str, mark: Mark) -> str:
    return f"id: {mark}\nevent: {kind}\ndata: {text}\n\n"
