"""Vietnamese without marks, letter for letter: offsets in the plain text are offsets in the source.

``core.text.fold`` changes lengths, so what it finds cannot be pointed at in the original. The rule
modules search in both the marked and the plain form of the same text and must quote exact words.
"""

from __future__ import annotations

import re
import unicodedata

from langnghe.core.text import INVISIBLE

_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
DISGUISE = re.compile(f"[\u0300-\u036f]|{INVISIBLE.pattern}")
"""Loose marks and invisible characters: signs that a text must be cleaned before it is read."""


def _table() -> str:
    table = {ord("đ"): "d", ord("Đ"): "D"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1EFA)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    # Asking a string by place is twice as fast as asking a dictionary; what lies behind its end
    # (emoji, other scripts) stays as it is.
    return "".join(table.get(code, chr(code)) for code in range(0x2100))


_PLAIN = _table()
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_CASED = str.maketrans({"İ": "I", "ẞ": "S"})  # the letters whose lower case changes the length


def plain(text: str) -> str:
    """Return ``text`` without diacritics (đ→d), case kept, exactly as long as the source.

    Meant for NFC text: marks that are not composed with a letter stay as they are.
    """
    return text if text.isascii() else text.translate(_PLAIN)


def lower(text: str) -> str:
    """Return the lower-case text, exactly as long as the source."""
    low = text.lower()
    return low if len(low) == len(text) else text.translate(_CASED).lower()


def is_marked(text: str) -> bool:
    """Say whether a text is written with Vietnamese marks (not only đ or a stray sign).

    A text is taken as marked when at least one letter in twelve carries a mark; ordinary
    Vietnamese has one in three or four.
    """
    if text.isascii():
        return False
    marked = sum(map(str.isalpha, "".join(_BEYOND_ASCII.findall(text))))
    bare = len(text.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    return marked * 12 > marked + bare
