"""Unpack a reply while it streams, so that a gzip bomb is noticed long before it fills memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from collectors.faults import FetchFault
from collectors.guard import Deadline

_CHUNK = 64 * 1024


class Inflater:
    """Undoes a content encoding piece by piece and stops at a size. ``finished``: none missing."""

    def __init__(self, limit: int, wbits: int | None) -> None:
        self._limit = limit
        self._wbits = wbits
        self._engine = None if wbits is None else zlib.decompressobj(wbits)
        self._made = 0

    @property
    def finished(self) -> bool:
        return self._engine is None or self._engine.eof or self._made == 0

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        if self._engine is None:
            yield chunk
            return
        while chunk and not self._engine.eof:
            try:
                piece = self._engine.decompress(chunk, _CHUNK)
            except zlib.error as error:
                if self._wbits == zlib.MAX_WBITS and self._made == 0:
                    # Some servers send "deflate" without its two header bytes.
                    self._wbits = -zlib.MAX_WBITS
                    self._engine = zlib.decompressobj(self._wbits)
                    continue
                raise FetchFault("encoding") from error
            self._made += len(piece)
            if self._made > self._limit:
                raise FetchFault("bomb")
            yield piece
            chunk = self._engine.unconsumed_tail


def inflater(encoding: str, limit: int) -> Inflater:
    """Return what undoes a Content-Encoding, up to ``limit`` bytes; raises ``FetchFault``."""
    if encoding in ("", "identity"):
        return Inflater(limit, None)
    if encoding in ("gzip", "x-gzip"):
        return Inflater(limit, 16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        return Inflater(limit, zlib.MAX_WBITS)
    raise FetchFault("encoding")  # we asked for nothing else


def capped(chunks: Iterable[bytes], limit: int, deadline: Deadline) -> Iterator[bytes]:
    """Yield the chunks of a body; raises ``FetchFault`` over ``limit`` bytes or the deadline."""
    size = 0
    for chunk in chunks:
        deadline.left()
        size += len(chunk)
        if size > limit:
            raise FetchFault("too_large")
        yield chunk
