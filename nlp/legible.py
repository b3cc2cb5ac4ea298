"""Whether a text can be read at all, said plainly where it cannot.

The models know Vietnamese only. Of a text in another language, of broken letters or of no words
they would still give some number; an honest reading says instead why there is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from langnghe.core.legacy import LONGEST_SYLLABLE, is_vietnamese_syllable, mend
from nlp.normalise import Token

NO_WORDS = "no_words"
BROKEN = "broken_encoding"
FOREIGN = "not_vietnamese"

LOOKED_AT = 2_000
_LEAST_WORDS = 6
# Share of words that must be Vietnamese syllables. Marks are a sign by themselves; without them a
# sentence of short English words comes nearer.
_SHARE_MARKED, _SHARE_PLAIN = 0.4, 0.5
_LETTERS = re.compile(r"[^\W\d_]+")  # whole runs: several times faster than letter by letter
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]+")
_LOST = "\ufffd"


def unreadable(text: str, sequence: Sequence[Token]) -> str | None:
    """Return why a text cannot be read as Vietnamese, or ``None`` if it can.

    ``sequence`` are the tokens of (the beginning of) the same text; short forms are expanded in
    it, so that teencode counts as Vietnamese. Fewer than six words are given the benefit of doubt.
    """
    head = text[:LOOKED_AT]
    if not _LETTERS.search(head):
        return NO_WORDS
    if mend(head):  # an old encoding that came past the door, where it would have been mended
        return BROKEN
    lost, latin = head.count(_LOST), len("".join(_LATIN.findall(head)))
    if lost >= 3 or latin * 2 < len(head):  # else there is no need to count
        letters = len("".join(_LETTERS.findall(head)))
        if lost >= 3 and lost * 50 >= letters:
            return BROKEN
        if latin * 2 < letters:
            return FOREIGN
    words = [token.plain for token in sequence if token.plain.isalpha()]
    if len(words) < _LEAST_WORDS:
        return None
    known = sum([_is_plain_syllable(w) for w in words if len(w) <= LONGEST_SYLLABLE])
    marked = any(token.marked != token.plain for token in sequence if token.plain.isalpha())
    return None if known >= (_SHARE_MARKED if marked else _SHARE_PLAIN) * len(words) else FOREIGN


@lru_cache(maxsize=20_000)
def _is_plain_syllable(word: str) -> bool:
    """Say whether a word without marks is some Vietnamese syllable without its marks."""
    return is_vietnamese_syllable(word) or any(
        is_vietnamese_syllable(unicodedata.normalize("NFC", word.replace(vowel, marked, 1)))
        for vowel, marked in _MARKED
    )


# A syllable typed without marks is known by one of the letters its vowel may have had.
_MARKED = (
    ("a", "â"), ("a", "ă"), ("e", "ê"), ("o", "ô"), ("o", "ơ"), ("u", "ư"), ("uo", "ươ"),
    ("d", "đ"), ("ie", "iê"), ("uo", "uô"), ("ye", "yê"),
)  # fmt: skip
