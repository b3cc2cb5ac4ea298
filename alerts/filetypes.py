"""What a handed-in file really is, and a picture without the place and device it was taken with.

Pure: bytes in, bytes out. The name and the type a browser states are not believed. Pictures are
cleaned by leaving out the parts of the file that hold such notes; not one pixel is changed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIPPED = (
    (b"word/", f"{OFFICE}wordprocessingml.document"),
    (b"xl/", f"{OFFICE}spreadsheetml.sheet"),
    (b"ppt/", f"{OFFICE}presentationml.presentation"),
)
_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"msf1": "image/heic",
    b"avif": "image/avif", b"M4A ": "audio/mp4", b"qt  ": "video/quicktime",
}  # fmt: skip
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"bKGD",
    b"pHYs", b"sBIT", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE


class BrokenPictureError(ValueError):
    """The bytes begin like a picture and do not go on like one."""


def media_type_of(data: bytes) -> str | None:
    """Return the media type the bytes themselves show, ``None`` for what nobody should hand in."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if data[8:12] == b"WEBP" else "audio/wav"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    if data.startswith(b"PK\x03\x04"):
        return _zip_type(data)
    if data[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    return "text/plain" if _is_text(data) else None


def shows_people(media_type: str) -> bool:
    """Tell whether a file of this type may show a face, so that it counts as showing a child.

    An archive may be full of pictures, and nobody looks into it here.
    """
    return media_type.startswith(("image/", "video/")) or media_type == "application/zip"


def without_notes(data: bytes, media_type: str) -> bytes:
    """Return a JPEG, PNG or WebP without EXIF, GPS, XMP and comments; other types as they are.

    Raises ``BrokenPictureError`` where the file cannot be followed to its end.
    """
    cleaner = {
        "image/jpeg": _clean_jpeg, "image/png": _clean_png, "image/webp": _clean_webp
    }.get(media_type)  # fmt: skip
    if cleaner is None:
        return data
    try:
        return b"".join(cleaner(data))
    except (struct.error, IndexError) as error:
        raise BrokenPictureError(media_type) from error


def _zip_type(data: bytes) -> str:
    head = data[:4096]
    if head[30:38] == b"mimetype":
        size = int.from_bytes(head[22:26], "little")
        told = head[38 : 38 + min(size, 100)]
        if told.startswith(b"application/vnd.oasis.opendocument."):
            return told.decode("ascii", "replace")
    if b"[Content_Types].xml" in data:
        return next((kind for part, kind in _ZIPPED if part in data), "application/zip")
    return "application/zip"


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(data.strip())


def _clean_jpeg(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1  # fill bytes
        if data[at] != 0xFF:
            raise BrokenPictureError("image/jpeg")
        marker = data[at + 1]
        if marker == _EOI:
            yield data[at : at + 2]  # what phones append behind the picture is left out
            return
        (size,) = struct.unpack(">H", data[at + 2 : at + 4])
        end = at + 2 + size
        if size < 2 or end > len(data):
            raise BrokenPictureError("image/jpeg")
        if _kept(marker, data[at + 4 : end]):
            yield data[at:end]
        if marker == _SOS:
            start = end
            end = _after_scan(data, start)
            yield data[start:end]
        at = end


def _kept(marker: int, body: bytes) -> bool:
    if marker == _APP2:
        return body.startswith(b"ICC_PROFILE\0")
    if _APP0 <= marker <= _APP15:
        return marker in (_APP0, _APP14)
    return marker != _COM


def _after_scan(data: bytes, at: int) -> int:
    """Return where the next marker after coded picture data stands."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise BrokenPictureError("image/jpeg")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _clean_png(data: bytes) -> Iterator[bytes]:
    yield data[:8]
    at = 8
    while True:
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data):
            raise BrokenPictureError("image/png")
        if kind in _PNG_KEPT:
            yield data[at:end]
        if kind == b"IEND":
            return
        at = end


def _clean_webp(data: bytes) -> Iterator[bytes]:
    kept: list[bytes] = []
    (whole,) = struct.unpack("<I", data[4:8])
    at, stop = 12, min(8 + whole, len(data))
    while at + 8 <= stop:
        kind = data[at : at + 4]
        (size,) = struct.unpack("<I", data[at + 4 : at + 8])
        end = at + 8 + size + size % 2
        if at + 8 + size > stop:
            raise BrokenPictureError("image/webp")
        if kind == b"VP8X":
            kept.append(data[at : at + 8] + bytes([data[at + 8] & ~0x0C]) + data[at + 9 : end])
        elif kind not in (b"EXIF", b"XMP "):
            kept.append(data[at:end])
        at = end
    if not kept:
        raise BrokenPictureError("image/webp")
    body = b"WEBP" + b"".join(kept)
    yield b"RIFF" + struct.pack("<I", len(body)) + body
