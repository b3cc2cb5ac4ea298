"""What a page may cost on a phone at 22:00: bytes, requests and the time to its first use.

The figures are those of a 2.5G line. ``first_use_s`` computes what such a line would take; the
browser tests measure the same in Chromium with its line made slow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_BYTES = 40 * 1024
MAX_REQUESTS = 6
FIRST_USE_S = 2.0
LINE_BITS = 250_000
ROUND_TRIP_S = 0.3
HEAD_BYTES = 900
"""Bytes of the headers of one request and its answer over the line, counted generously."""
_LOADED = re.compile(
    r"""<(?:link\b[^>]*\brel="(?:stylesheet|icon)"[^>]*\bhref|(?:img|script|iframe)\b[^>]*\bsrc)"""
    r"""="([^"]*)"|<link\b[^>]*\bhref="([^"]*)"[^>]*\brel="(?:stylesheet|icon)\""""
)
_BLOCKING = re.compile(r'<link\b[^>]*\brel="stylesheet"[^>]*\bhref="([^"]*)"')


def loaded_by(html: str) -> list[str]:
    """Return the addresses a browser fetches for a page by itself, each once."""
    found = [one or other for one, other in _LOADED.findall(html)]
    return list(dict.fromkeys(address.replace("&amp;", "&") for address in found))


def blocking(html: str) -> list[str]:
    """Return the addresses without which nothing is drawn: the style sheets."""
    return list(dict.fromkeys(address.replace("&amp;", "&") for address in _BLOCKING.findall(html)))


def first_use_s(page_bytes: int, style_bytes: Sequence[int]) -> float:
    """Return the seconds to the first drawn page on a line of 250 kbit/s and 300 ms.

    One round trip opens the line, one asks for the page, one for the style sheets, all at once;
    each sheet but the first opens a line of its own. Bytes are those over the line.
    """
    waits = 3 + (len(style_bytes) > 1)
    size = page_bytes + sum(style_bytes) + HEAD_BYTES * (1 + len(style_bytes))
    return waits * ROUND_TRIP_S + 8 * size / LINE_BITS
