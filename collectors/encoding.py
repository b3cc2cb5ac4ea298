"""Read bytes as text although their label lies.

Feeds labelled utf-8 come in windows-1258 or UTF-16, and feeds labelled windows-1258 in UTF-8.
Vietnamese text that happens to be valid UTF-8 practically always is UTF-8, so that is tried first.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LABEL = re.compile(
    rb"""(?:<\?xml[^>]{0,200}?encoding\s*=|<meta[^>]{0,200}?charset\s*=)\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_TEXT_CODECS = frozenset(
    {
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "ascii", "cp1258", "cp1252",
        "iso8859-1", "iso8859-15",
    }
)  # fmt: skip
_HEAD = 2048


def decode(body: bytes, content_type: str | None = None) -> tuple[str, bool]:
    """Return the text of ``body`` and whether its label (BOM, declaration, header) told the truth.

    Never raises: what cannot be read becomes U+FFFD. A character cut at the very end is dropped.
    """
    for bom, codec in _BOMS:
        if body.startswith(bom):
            rest = body[len(bom) :] if codec == "utf-8" else body
            try:
                return _unfinished(rest, codec), True
            except UnicodeDecodeError:
                return rest.decode(codec, "replace"), False
    label = _label(body, content_type)
    if (wide := _wide(body)) is not None:
        return body.decode(wide, "replace"), label in ("utf-16", "utf-16-le", "utf-16-be")
    try:
        text = _unfinished(body, "utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, label)
    return text, label in (None, "utf-8", "ascii") or body.isascii()


def _not_utf8(body: bytes, label: str | None) -> tuple[str, bool]:
    loose = body.decode("utf-8", "replace")
    bad = loose.count("\ufffd")
    good = sum(1 for char in loose if char > "\x7f") - bad
    if good > 4 * bad:
        return loose, False  # UTF-8 with a few bytes spoilt on the way
    if label in ("cp1258", "cp1252", "iso8859-1", "iso8859-15"):
        return body.decode(label, "replace"), True
    return body.decode("cp1258", "replace"), False


def _unfinished(body: bytes, codec: str) -> str:
    # final=False lets a character that the end of the transfer cut in two pass without an error.
    return codecs.getincrementaldecoder(codec)("strict").decode(body, final=False)


def _wide(body: bytes) -> str | None:
    head = body[:_HEAD]
    head = head[: len(head) // 2 * 2]
    if len(head) < 4 or head.count(0) < len(head) // 4:
        return None
    return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"


def _label(body: bytes, content_type: str | None) -> str | None:
    found = _LABEL.search(body[:_HEAD])
    if found is not None:
        name = found[1].decode("ascii")
    elif content_type and (header := _CHARSET.search(content_type)):
        name = header[1]
    else:
        return None
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return name.lower()
    return codec if codec in _TEXT_CODECS else name.lower()
