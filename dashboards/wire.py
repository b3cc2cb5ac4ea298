"""What goes over the line: texts compressed, static files from memory and kept for good.

The principal reads on 2.5G, where a page's bytes are its seconds. What is compressed holds no
secret that its length could tell: tokens of forms are masked anew (``langnghe.core.formtoken``).
"""

from __future__ import annotations

import hashlib
import mimetypes
import zlib
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST = 600
"""Below this many bytes nothing is won: one packet carries it either way."""
LARGE = 256_000
"""From this many bytes on compressing leaves the loop for a thread."""
LEVEL = 5
_TEXTS = frozenset({
    "text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar",
    "application/json", "application/problem+json", "image/svg+xml",
})  # fmt: skip
FOR_GOOD = "public, max-age=31536000, immutable"


def takes_gzip(accept_encoding: str) -> bool:
    """Return whether a browser that says this takes gzip."""
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def squeezed(body: bytes, level: int = LEVEL) -> bytes:
    """Return ``body`` as gzip; the same bytes for the same body (no time in it)."""
    packer = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()


class Squeeze:
    """Compresses the texts that come in one piece; a live stream and files pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and compress its answer where that is wanted and worth it."""
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return
        wanted = takes_gzip(Headers(scope=scope).get("accept-encoding", ""))
        start: Message | None = None

        async def send_squeezed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if _is_text(message):
                    MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
                    if wanted:
                        start = message  # until the first piece shows whether it is the only one
                        return
                await send(message)
                return
            if start is not None:
                head, start = start, None
                body = message.get("body", b"")
                if not message.get("more_body", False) and len(body) >= SMALLEST:
                    packed = await _packed(body)
                    headers = MutableHeaders(scope=head)
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Length"] = str(len(packed))
                    message = {**message, "body": packed}
                await send(head)
            await send(message)

        await self.app(scope, receive, send_squeezed)


async def _packed(body: bytes) -> bytes:
    if len(body) < LARGE:
        return squeezed(body)
    return await anyio.to_thread.run_sync(squeezed, body)


def _is_text(start: Message) -> bool:
    headers = Headers(raw=start.get("headers", []))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in _TEXTS and "content-encoding" not in headers


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes out: as it is and, where that is smaller, compressed."""

    kind: str
    digest: str
    plain: bytes
    packed: bytes | None

    @classmethod
    def of(cls, body: bytes, kind: str) -> Asset:
        """Return the asset of these bytes; ``kind`` is their media type."""
        packed = squeezed(body, 9) if kind.partition(";")[0] in _TEXTS else None
        smaller = packed if packed is not None and len(packed) < len(body) else None
        return cls(kind, hashlib.sha256(body).hexdigest()[:10], body, smaller)

    def answer(self, headers: Headers, asked_for: str) -> Response:
        """Return the answer to a GET that names ``asked_for`` as the version it wants."""
        packed = self.packed is not None and takes_gzip(headers.get("accept-encoding", ""))
        tag = f'"{self.digest}{"z" if packed else ""}"'
        said = {
            # An old page's address must not tie the new content to the old name for good.
            "Cache-Control": FOR_GOOD if asked_for == self.digest else "no-cache",
            "ETag": tag,
            "Vary": "Accept-Encoding",
        }
        if tag in (known.strip() for known in headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=said)
        if packed:
            said["Content-Encoding"] = "gzip"
        body = self.packed if packed and self.packed is not None else self.plain
        return Response(body, media_type=self.kind, headers=said)


class StaticAssets:
    """Serves the files of one folder from memory: they are few, small and never change."""

    def __init__(self, folder: Path) -> None:
        self._assets = {
            path.name: Asset.of(path.read_bytes(), kind_of(path.name))
            for path in sorted(folder.iterdir())
            if path.is_file()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD for a file's name, 404 or 405 for anything else."""
        name = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        found = self._assets.get(name)
        answer: Response
        if scope["type"] != "http" or found is None:
            answer = Response("Không có tệp này.", 404)
        elif scope["method"] not in ("GET", "HEAD"):
            answer = Response(status_code=405, headers={"Allow": "GET, HEAD"})
        else:
            answer = found.answer(Headers(scope=scope), version_in(scope["query_string"]))
        await answer(scope, receive, send)


def kind_of(name: str) -> str:
    """Return the media type of a file by its name."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"text/javascript": "text/javascript", "application/javascript": "text/javascript"}.get(
        kind, kind
    )


def version_in(query: bytes) -> str:
    """Return what a query string says after ``v=``, "" for none."""
    for part in query.decode("latin-1").split("&"):
        if part.startswith("v="):
            return part[2:]
    return ""
