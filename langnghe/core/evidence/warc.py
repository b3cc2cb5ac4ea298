"""Records of a WARC 1.1 file: one gzip member each, so that any of them can be read by itself.

Written through warcio; read back by hand where speed counts (verification), which the tests hold
against warcio's own reader. The body is kept as it was after decompression, so the headers that
spoke of its transfer stand renamed (``X-Original-…``); cookies are left out, they are keys.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from langnghe import __version__
from langnghe.core.evidence.chain import moment
from langnghe.core.evidence.originals import HTTP, Original

_LEVEL = 6  # of gzip: level 9 costs three times the time for two hundredths of the size
_MAX_INFLATED = 64 * 1024 * 1024
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_SECRET = frozenset({"set-cookie", "set-cookie2"})
_PURGED = "X-Langnghe-Purged"
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Built:
    """A record ready to be appended. ``size`` is that of the payload, in bytes."""

    kind: str
    data: bytes
    sha256: str
    size: int
    url: str


@dataclass(frozen=True)
class Member:
    """A record read back: its WARC headers (names in lower case) and its block."""

    headers: Mapping[str, str]
    block: bytes

    @cached_property
    def kind(self) -> str:
        """The type of the record."""
        return self.headers.get("warc-type", "")

    @property
    def payload(self) -> bytes:
        """The block without the HTTP headers that may stand before it."""
        if not self.headers.get("content-type", "").startswith("application/http"):
            return self.block
        return self.block.partition(_END)[2]

    @property
    def purged_by(self) -> int | None:
        """The number of the purge that took the payload away, if one did."""
        stated = self.headers.get(_PURGED.lower(), "")
        return int(stated) if stated.isdecimal() else None


def original_record(original: Original) -> Built:
    """Return the record of an original as it came."""
    if original.kind == HTTP:
        return _build("response", original.url, original.at, original.body, original.sha256,
                      http=_http(original), truncated=original.truncated)  # fmt: skip
    return _build(
        "resource", original.url, original.at, original.body, original.sha256,
        media=original.media_type,
    )  # fmt: skip


def revisit_record(original: Original, first: datetime) -> Built:
    """Return the record of an original whose bytes are already kept, from ``first`` on."""
    return _build(
        "revisit", original.url, original.at, original.body, original.sha256,
        http=_http(original) if original.kind == HTTP else None, refers=first,
    )  # fmt: skip


def note_record(url: str, at: datetime, told: Mapping[str, Any]) -> Built:
    """Return a record of what was seen of a page (that it is gone, say), as JSON."""
    body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    return _build("metadata", url, at, body, sha256, media="application/json")


def info_record(name: str, at: datetime) -> bytes:
    """Return the record that opens a file."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
    record = writer.create_warcinfo_record(
        name, {"software": f"LangNghe/{__version__}", "format": "WARC File Format 1.1"}
    )
    record.rec_headers.replace_header("WARC-Date", moment(at))
    writer.write_record(record)
    return gzip.compress(out.getvalue(), _LEVEL, mtime=0)


def read_member(data: bytes) -> Member:
    """Return the record in ``data``, which must hold exactly one. Raises ValueError otherwise."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        raw = inflate.decompress(data, _MAX_INFLATED)
    except zlib.error as error:
        raise ValueError("not gzip") from error
    if not inflate.eof or inflate.unused_data:
        raise ValueError("not one whole member")
    head, mark, rest = raw.partition(_END)
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not mark or not lines[0].startswith("WARC/1."):
        raise ValueError("not a WARC record")
    pairs = (line.partition(":") for line in lines[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    stated = headers.get("content-length", "")
    if not stated.isdecimal() or rest[int(stated) :] != _END:
        raise ValueError("a record of another length")
    return Member(headers, rest[: int(stated)])


def whole_members(data: bytes) -> int:
    """Return how many bytes from the start of ``data`` are whole members."""
    good = 0
    while good < len(data):
        inflate = zlib.decompressobj(wbits=31)
        rest = data[good:]
        try:
            while rest and not inflate.eof:
                inflate.decompress(rest, 1 << 20)
                rest = inflate.unconsumed_tail
        except zlib.error:
            return good
        if not inflate.eof:
            return good
        good = len(data) - len(inflate.unused_data)
    return good


def tombstone(length: int, seq: int, purged_by: int, at: datetime) -> bytes:
    """Return a record of exactly ``length`` bytes that says a payload stood here.

    It takes the place of a record byte for byte, so every other one keeps its place in the file.
    Raises ValueError for a length too small for any record.
    """
    head = (
        f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\n"
        f"WARC-Date: {moment(at)}\r\n{_PURGED}: {purged_by}\r\nX-Langnghe-Record: {seq}\r\n"
        "Content-Type: text/plain\r\nContent-Length: 0\r\n"
    )
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    raw = (head + "\r\n").encode() + _END
    body = deflate.compress(raw) + deflate.flush()
    tail = struct.pack("<II", zlib.crc32(raw), len(raw))
    # The gap is filled with a gzip comment (FLG 0x10), which every reader skips.
    blank = length - (10 + len(body) + len(tail)) - 1
    if blank < 0:
        raise ValueError("the record is smaller than its tombstone")
    return b"\x1f\x8b\x08\x10" + bytes(5) + b"\xff" + b"." * blank + b"\x00" + body + tail


def _http(original: Original) -> StatusAndHeaders:
    headers = [
        (f"X-Original-{name}" if name.lower() in _TRANSFER else name, value)
        for name, value in original.headers
        if name.lower() not in _SECRET
    ]
    headers.append(("Content-Length", str(len(original.body))))
    return StatusAndHeaders(str(original.status), headers, protocol="HTTP/1.1")


def _build(
    kind: str, url: str, at: datetime, body: bytes, sha256: str, *,
    http: StatusAndHeaders | None = None, media: str = "", truncated: bool = False,
    refers: datetime | None = None,
) -> Built:  # fmt: skip
    url = url.replace(" ", "%20")
    headers = {"WARC-Payload-Digest": f"sha256:{sha256}"}
    if truncated:
        headers["WARC-Truncated"] = "disconnect"
    if refers is not None:
        headers |= {
            "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
            "WARC-Refers-To-Target-URI": url,
            "WARC-Refers-To-Date": moment(refers),
        }
    payload = b"" if kind == "revisit" else body
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
    record = writer.create_warc_record(
        url, kind, payload=BytesIO(payload), length=len(payload), http_headers=http,
        warc_content_type=media, warc_headers_dict=headers | {"WARC-Date": moment(at)},
    )  # fmt: skip
    writer.write_record(record)
    data = gzip.compress(out.getvalue(), _LEVEL, mtime=0)
    return Built(kind, data, sha256, len(body), url)
