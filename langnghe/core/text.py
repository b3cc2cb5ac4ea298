"""Text at the door: NFC, one tone style's folded form, no disguises.

``clean`` is applied once when a mention is taken in; ``fold`` gives the form kept beside the text
for search and matching (SQLite's ``remove_diacritics`` does not fold đ, so we do it).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

# The marks Vietnamese writing uses: grave, acute, hook, tilde, dot below; breve, circumflex, horn.
VIETNAMESE_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_STROKE_D = str.maketrans({"đ": "d", "Đ": "D"})


def clean(text: str) -> str:
    """Return readable NFC text: disguising marks, invisible and control characters dropped.

    Combining marks that are not Vietnamese (``V̼ụ̼``) are removed; line breaks are kept as one
    ``\\n``, other white space is folded to one blank.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = INVISIBLE.sub("", text)
        if any(unicodedata.combining(c) for c in text):
            loose = unicodedata.normalize("NFD", text)
            text = unicodedata.normalize(
                "NFC",
                "".join(c for c in loose if not unicodedata.combining(c) or c in VIETNAMESE_MARKS),
            )
    text = _CONTROL.sub(" ", text)
    return _BLANK_LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def strip_marks(text: str) -> str:
    """Return ``text`` without diacritics, đ→d; letter case is kept, length may change by NFC."""
    if text.isascii():
        return text
    loose = unicodedata.normalize("NFD", text.translate(_STROKE_D))
    return unicodedata.normalize("NFC", "".join(c for c in loose if not unicodedata.combining(c)))


def fold(text: str) -> str:
    """Return lower-case words of a-z and 0-9 parted by single blanks: the search form of a text."""
    return _NOT_WORD.sub(" ", strip_marks(text).lower()).strip()


def digest(*parts: str | None) -> str:
    """Return a 32-digit hex hash of the parts (order and emptiness matter)."""
    joined = "\x1f".join("\x00" if part is None else part for part in parts)
    return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()


def shorten(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, cut at a word, closed by an ellipsis if cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rsplit(" ", 1)[0] or text[: limit - 1]
    return cut + "…"
