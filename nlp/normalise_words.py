"""One run of letters and signs, read apart from its neighbours: what words it can be.

The results are cached: a language has few words, a day has many texts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from langnghe.core.text import strip_marks
from nlp.normalise_letters import (
    JOINERS,
    calm,
    keystrokes,
    leet,
    real_syllable,
    surely_keystrokes,
    uncensored,
    unmask,
)
from nlp.normalise_short import AMBIGUOUS, BY_NEIGHBOUR, FIXED, expand
from nlp.normalise_signs import EMOJI_CLASS, FACES, meaning

_WORD = rf"[^\W_]+(?:[{JOINERS}]+[^\W_]*)*"
_PARTERS = r"._*/\-·•|~+'’@$!"
_RAW = rf"(?:[@$](?=\w))?{_WORD}(?:(?:[{_PARTERS}]|[._*\-]{{2,3}}){_WORD})*"
SCAN = re.compile(rf"{_RAW}|[{EMOJI_CLASS}][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*|{FACES}")
_PIECE = re.compile(_WORD)
_FACES_AS_WORDS = {"t_t": "buồn", "t.t": "buồn", "tt_tt": "buồn", "x_x": "mỉa", "o_o": "sợ"}
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?"
)
_NEW_STYLE = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "oè": "òe", "oé": "óe", "oẻ": "ỏe",
    "oẽ": "õe", "oẹ": "ọe", "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
_OLD_STYLE = re.compile(rf"(?<!q)(?:{'|'.join(_NEW_STYLE)})(?!\w)")
_DIGIT = re.compile(r"\d")
_TONES = {"\u0300": "2", "\u0301": "1", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
LONGEST = 64
"""Letters of the longest run that is read as words."""


class Piece(NamedTuple):
    """One syllable of a run: its two forms, its span in the run, how it was typed, and the word."""

    marked: str
    plain: str
    start: int
    end: int
    written: str
    word: str


class Chunk(NamedTuple):
    """What one run of letters is, apart from its neighbours."""

    pieces: tuple[Piece, ...]
    odd: bool = False  # the neighbours have a say
    short: str = ""  # an ambiguous short form
    letter: str = ""  # a letter standing alone
    keys: tuple[Piece, ...] = ()  # what it is if it is raw keystrokes
    plain: str = ""
    capital: bool = False
    plainly: bool = False  # stands as it was typed


def tone_key(syllable: str) -> str:
    """Return the lower-case syllable with its tone moved to the end as a digit (hoà → hoa2).

    A lone final y is written i (kỷ → ki3): both spellings are usual.
    """
    syllable = syllable.lower()
    if syllable.isascii():
        return _one_i(syllable)
    tone, rest = "", []
    for char in unicodedata.normalize("NFD", syllable):
        if char in _TONES:
            tone = _TONES[char]
        else:
            rest.append(char)
    return _one_i(unicodedata.normalize("NFC", "".join(rest))) + tone


def _one_i(word: str) -> str:
    return f"{word[0]}i" if len(word) == 2 and word[1] == "y" and word[0] in "hklmst" else word


def is_syllable(text: str) -> bool:
    """Say whether the letters could be one Vietnamese syllable (marks are not looked at)."""
    return _SYLLABLE.fullmatch(strip_marks(text).lower()) is not None


def piece(word: str, start: int, end: int, written: str = "") -> Piece:
    """Return one syllable that stands at ``start`` to ``end`` of its run."""
    if not word.isascii():
        word = _OLD_STYLE.sub(lambda m: _NEW_STYLE[m[0]], word)
    return Piece(tone_key(word), _one_i(strip_marks(word).lower()), start, end, written, word)


def chunk(raw: str) -> Chunk:
    """Return what a run of letters, an emoji or a typed face can be."""
    size = len(raw)
    if size > LONGEST:  # no word: a pasted key or a link; its shape says enough
        return Chunk((Piece("<long>", "<long>", 0, size, "", ""),))
    return known_chunk(raw)


@lru_cache(maxsize=50_000)
def known_chunk(raw: str) -> Chunk:
    """Do what ``chunk`` does for runs of at most ``LONGEST`` letters, so that no key is large."""
    size = len(raw)
    if size < 6 and raw.lower() in _FACES_AS_WORDS:
        return _sign(f"<{_FACES_AS_WORDS[raw.lower()]}>", size)
    if not (raw[0].isalnum() or (raw[0] in "@$" and size > 1 and raw[1].isalnum())):
        return _sign(meaning(raw), size)
    found = [(unmask(m[0]), m.start(), m.end()) for m in _PIECE.finditer(raw)]
    found = [(word, start, end) for word, start, end in found if word]
    whole = _rejoined(unmask(raw), [word for word, _, _ in found])
    if whole is not None:
        found = [(whole, 0, size)]
    if len(found) == 1:
        alone = _single(*found[0], size)
        return alone if found[0][0] == raw else alone._replace(plainly=False)
    pieces = _together(found)
    return Chunk(tuple(pieces), plain=pieces[0].plain if pieces else "")


def _together(found: list[tuple[str, int, int]]) -> list[Piece]:
    """Return the pieces of words joined by a sign (GD-ĐT, gv/hs), each the other's neighbour."""
    degree = any(w[0].isupper() and w[1:].islower() and len(w) == 2 for w, _, _ in found)  # Ph.D
    plain = ["", *(strip_marks(word).lower() for word, _, _ in found), ""]
    pieces: list[Piece] = []
    for at, (word, start, end) in enumerate(found):
        low = word.lower()
        if low in AMBIGUOUS and not degree and not _initial(word):
            long = expand(low, plain[at], plain[at + 2], False)
            pieces += spoken(long or low, start, end, low if long else "")
        else:
            pieces += _words(word, start, end, bare=degree)
    return pieces


def spoken(words: str, start: int, end: int, written: str) -> list[Piece]:
    """Return the syllables of some words that all stand at one place; digits keep their shape."""
    return [
        piece(_DIGIT.sub("0", part), start, end, written)._replace(word=part)
        for part in words.split()
    ]


def _sign(name: str, size: int) -> Chunk:
    return Chunk((Piece(name, name, 0, size, "", ""),))


def _rejoined(raw: str, pieces: list[str]) -> str | None:
    """Return the one word a run of letters and signs hides (``ch.ử.i``, ``b@o``), if any."""
    if raw.isalpha():
        return None
    low = raw.lower()
    if (meant := leet(low) or uncensored(low)) is not None:
        return meant
    if len(pieces) < 2:
        return None
    joined = "".join(pieces)
    if not (joined.isalpha() and all(piece.islower() for piece in pieces[1:])):
        return None
    letters = all(len(piece) == 1 for piece in pieces)
    low = joined.lower()
    if letters and len(pieces) < 4 and joined.islower() and (low in FIXED or low in AMBIGUOUS):
        return low  # h/s, p.h
    if not letters and (".." in raw or all(map(is_syllable, pieces))):
        return None  # và/hoặc, đang...học
    return joined if real_syllable(strip_marks(calm(low))) else None


def _single(word: str, start: int, end: int, size: int) -> Chunk:
    low = word.lower()
    keys: tuple[Piece, ...] = ()
    pieces = tuple(_words(word, start, end))
    short = low if low in AMBIGUOUS and not _initial(word) else ""
    alone = len(low) == 1 and low.isalpha()
    if not short and low.isascii() and (meant := keystrokes(low)) is not None:
        keys = (piece(meant, start, end),)
        if surely_keystrokes(low):
            pieces = keys
    plain = strip_marks(low)
    return Chunk(
        pieces,
        bool(short or alone or keys),
        short,
        word if alone else "",
        keys,
        plain,
        word[:1].isupper(),
        len(pieces) == 1 and not (short or alone or keys) and pieces[0].word == low and size == end,
    )


def _initial(word: str) -> bool:
    """Say whether a word is a lone capital (em K., lớp trưởng R.) or pH: no short form."""
    return (len(word) == 1 and word.isupper()) or word == "pH"


def _words(word: str, start: int, end: int, *, bare: bool = False) -> list[Piece]:
    low = word.lower()
    if not low.isalpha():
        shape = _DIGIT.sub("0", low)
        if len(shape) > 1 and shape.startswith("l0"):  # "l6" is how pupils write "lớp 6"
            return [
                piece("lớp", start, end, "l0"),
                piece(shape[1:], start, end, "l0")._replace(word=low[1:]),
            ]
        return [piece(shape, start, end)._replace(word=low)]
    if not bare and not _initial(word):
        long = FIXED.get(low) or FIXED.get(drawn := calm(low))
        if long is None and len(low) > 1:
            rule = BY_NEIGHBOUR.get(low)
            long = tuple(rule[1].split()) if rule and rule[1] else None
            low = drawn
        if long:
            written = word.lower()
            return [piece(part, start, end, written) for part in long]
    return [piece(calm(low), start, end)]
