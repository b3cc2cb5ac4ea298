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
# Signs nobody sees: they part a word so that no search finds it, or turn a line around so that it
# reads backwards: soft hyphen, joiners, direction marks, overrides and isolates, fillers, blanks
# drawn as letters, variation selectors (but the one that colours an emoji), tags; and the rings
# drawn around a letter, which have no combining class.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u0488\u0489\u2060-\u206f\u20dd-\u20e0\u20e2\u20e4\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_COLOURED_LETTER = re.compile("(?<=[^\\W\\d_])\ufe0f+|(?<=\ufe0f)\ufe0f+")
_HIGHEST = 4  # no Vietnamese letter has more than two marks
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_STROKE_D = str.maketrans({"đ": "d", "Đ": "D"})


def clean(text: str) -> str:
    """Return readable NFC text: disguising marks, invisible and control characters dropped.

    Combining marks that are not Vietnamese (``V̼ụ̼``) are removed, and those of a tower of Vietnamese
    marks that make no letter; line breaks are kept as one ``\\n``, other white space is folded to
    one blank. The bytes as they came stay in the evidence.
    """
    if not text.isascii():
        text = INVISIBLE.sub("", text)
        if "\ufe0f" in text:
            text = _COLOURED_LETTER.sub("", text)
        marked = any(map(unicodedata.combining, text))
        text = unicodedata.normalize("NFC", _without_towers(text) if marked else text)
        if marked:
            loose = unicodedata.normalize("NFD", text)
            kept = (c for c in loose if not unicodedata.combining(c) or c in VIETNAMESE_MARKS)
            text = unicodedata.normalize("NFC", "".join(kept))
            text = "".join(c for c in text if not unicodedata.combining(c))
    text = _CONTROL.sub(" ", text)
    return _BLANK_LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def _without_towers(text: str) -> str:
    # Marks of one letter are put in order before they are composed, in time that grows with the
    # square of their number: a tower of a million would hold the house up for hours.
    kept, height = [], 0
    for char in text:
        if not unicodedata.combining(char):
            height = 0
        elif char not in VIETNAMESE_MARKS or (height := height + 1) > _HIGHEST:
            continue
        kept.append(char)
    return "".join(kept)


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
