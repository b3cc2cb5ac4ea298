"""The web application: API and pages, which know nothing of each other, put together.

Errors become a plain page or a problem document, never an exception's text; every answer carries
the headers that keep strangers' scripts and frames out.
"""

from __future__ import annotations

import re
import secrets
import socket
import traceback
from functools import cache
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import DESCRIPTION, PREFIX, TITLE, describe
from api.app import build_router as api_router
from api.problems import problem_of
from dashboards.app import build_router as pages_router
from dashboards.app import static_files
from dashboards.errors import error_page
from dashboards.newsroom import Newsroom
from dashboards.visitor import LoginRequired
from dashboards.wire import Squeeze
from langnghe import __version__
from langnghe.core.errors import LangNgheError, StoreError
from langnghe.core.services import Services
from langnghe.core.watermark import FILE_PREFIX, HEADER

log = structlog.get_logger(__name__)
MAX_BODY = 1_000_000
MAX_UPLOAD = 21_000_000
_UPLOADS = re.compile(
    r"/vu-viec/\d+/viec|/api/v1/incidents/\d+/attachments|/uy-quyen|/api/v1/delegations|/tiep-nhan"
)
"""Where one file may come in (``alerts.attachments.MAX_FILE``), from signed-in people only."""
MAX_READ_THROUGH = 4_000_000_000
_READ_THROUGH = re.compile(r"/vu-viec/\d+/viec|/uy-quyen|/tiep-nhan")
"""Forms that refuse a larger file themselves and hand its words back (``dashboards.uploads``)."""
MAX_LEFT = 16_000_000
_LEFT = re.compile(r"/gui/[\w-]{16,40}")
"""The public form: its files are read only where the unit takes some (``alerts.intake.door``)."""
DEAD_LINE_MS = 30_000
_PLAIN = ("/healthz", "/metrics")
_FILE_NAME = re.compile(r"""filename="?|filename\*=[\w-]+'\w*'""", re.IGNORECASE)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Signed links stand in addresses, so none is told to the next site.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(services: Services) -> FastAPI:
    """Return the application for these services; the store must be migrated."""
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.state.started = services.clock.now()
    app.state.live = Newsroom(lambda: app.state.services)
    app.include_router(api_router())
    app.include_router(pages_router())
    app.mount("/static", static_files(), name="static")

    @cache
    def document() -> dict[str, Any]:
        return describe(app)  # about a second of work, for a reader who seldom comes

    def openapi_json() -> JSONResponse:
        """Return the API's description."""
        return JSONResponse(document())

    app.add_api_route(f"{PREFIX}/openapi.json", openapi_json, include_in_schema=False)
    for kind in (LangNgheError, LoginRequired, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer_error)
    app.add_middleware(Squeeze)
    app.add_middleware(Guard, drill=bool(services.drill))
    return app


def _answer_error(request: Request, error: Exception) -> Response:
    known = (LangNgheError, LoginRequired, RequestValidationError, HTTPException)
    incident = ""
    if not isinstance(error, known):
        incident = secrets.token_hex(4)
        # Rendered here without local variables, which may hold a text that nobody may see.
        trace = "".join(traceback.format_exception(error))
        log.error("request_broke", incident=incident, path=request.url.path, trace=trace)
    elif isinstance(error, LangNgheError) and error.status >= 500:
        log.warning("request_failed", path=request.url.path, why=error.message)
        error = _without_inside(error)
    path = request.url.path
    if path.startswith("/api/") or path in _PLAIN:
        return problem_of(error, incident=incident)
    return error_page(request, error, incident=incident)


def _without_inside(error: LangNgheError) -> LangNgheError:
    """Return what a visitor may hear of a failure inside: no address, path or table's name."""
    if isinstance(error, StoreError):
        return StoreError(
            "Cơ sở dữ liệu tạm thời không trả lời.",
            mend="Thử lại sau một phút; nếu vẫn vậy, báo quản trị viên.",
        )
    return error


def _most(path: str) -> int:
    if _READ_THROUGH.fullmatch(path):
        return MAX_READ_THROUGH
    if _LEFT.fullmatch(path):
        return MAX_LEFT
    return MAX_UPLOAD if _UPLOADS.fullmatch(path) else MAX_BODY


class Guard:
    """Adds the headers to every answer, a broken one included; turns away what no page takes.

    In a drill every answer and every file to be saved says so, and there are no figures to count.
    """

    def __init__(self, app: ASGIApp, *, drill: bool = False) -> None:
        self.app = app
        self.drill = drill

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 400, 411 or 413 at once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        app = self.app
        if "transfer-encoding" in headers:
            app = Response("Thiếu Content-Length.", 411)
        elif not length.isdecimal() or int(length) > _most(scope["path"]):
            app = Response("Nội dung gửi lên quá lớn.", 413)
        elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
            app = Response("Địa chỉ không hợp lệ.", 400)  # no database takes this sign
        elif self.drill and scope["path"] == "/metrics":
            app = Response("Buổi diễn tập không có số đo.", 404)

        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
                if self.drill:
                    answer[HEADER] = "1"
                    if "content-disposition" in answer:
                        saved = answer["content-disposition"]
                        answer["content-disposition"] = _FILE_NAME.sub(
                            rf"\g<0>{FILE_PREFIX}", saved
                        )
            await send(message)

        try:
            await app(scope, receive, send_guarded)
        except Exception as error:
            if started:
                raise
            answer = _answer_error(Request(scope), error)
            await answer(scope, receive, send_guarded)


class Server(uvicorn.Server):
    """A server whose live streams end when it is told to stop, and dead lines by themselves."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does; the system gives up a line whose other end answers no more."""
        await super().startup(sockets)
        for server in self.servers if self.started else ():
            for listener in server.sockets:
                _end_dead_lines(listener)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop as uvicorn does."""
        app: Any = self.config.app
        if isinstance(app, FastAPI):
            await app.state.live.close()
        await super().shutdown(sockets)


def _end_dead_lines(listener: Any) -> None:
    """Let what this listener takes in die when sent bytes stay unanswered (Linux only)."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, option, DEAD_LINE_MS)


def server_for(app: FastAPI, *, host: str, port: int) -> Server:
    """Return a server for ``app``; run it with ``server.run()`` or ``await server.serve()``."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return Server(config)
