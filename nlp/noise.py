"""Copies of training texts as people might have typed them, so that spelling does not hide harm.

Without such copies a model trained on newspapers loses a third of its accuracy on text typed
without marks. Writers differ, so each copy draws a writer first (which short forms, how many of
them, how much is left unmarked) and then types the whole text as that writer would. Copies are
made by seed and never leave memory.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

from langnghe.core.text import strip_marks
from nlp.normalise_short import BY_NEIGHBOUR, FIXED
from nlp.normalise_signs import SHOWN

_SHORT: dict[str, list[str]] = {}
for _short, _long in FIXED.items():
    _SHORT.setdefault(" ".join(_long), []).append(_short)
for _short, (_rules, _usual) in BY_NEIGHBOUR.items():
    if _usual:
        _SHORT.setdefault(_usual, []).append(_short)
# Forms that are met, but seldom: most writers leave these words alone.
_SELDOM = frozenset(
    ("cho", "vn", "này", "đang", "đi", "đừng", "nữa", "vậy", "bây giờ", "à", "ừ", "ông", "chị")
)
_LONGEST = max(len(phrase.split()) for phrase in _SHORT)

# What teencode does to words that have no short form of their own.
_SPELT: tuple[tuple[tuple[re.Pattern[str], str], ...], ...] = tuple(
    tuple((re.compile(pattern), put) for pattern, put in rules)
    for rules in (
        ((r"ng$", "g"),),
        ((r"nh$", "k"), (r"^ph", "f")),
        ((r"^ph", "f"), (r"^qu", "w")),
        ((r"^gi(?=[aeouăâêôơư])", "z"), (r"^d", "z")),
        ((r"i$", "j"),),
        ((r"^c(?=[aouăâôơưáàảãạ])", "k"),),
        ((r"ch$", "k"),),
    )
)
_SOUTHERN = {
    "vậy": "dậy", "về": "dìa", "không": "hổng", "gì": "gì dợ", "thế": "vầy", "bố": "ba",
    "mẹ": "má", "trời": "chời", "rồi": "gòi", "đánh": "oánh", "thôi": "thoai", "à": "hả",
}  # fmt: skip
_NEGATION = ("k", "ko", "hok", "hông", "khum", "kh", "hk", "khong", "kô", "hong")
_TAILS = (
    "ạ",
    "nha",
    "á",
    "luôn á",
    "vậy trời",
    "huhu",
    "haizz",
    "ơi là trời",
    "mn ơi",
    "😢",
    "nhé",
)
_TELEX_TONE = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_VNI_TONE = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_TELEX = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI = {"ă": "a8", "â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9"}
_MISPLACED = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "oè": "òe", "oé": "óe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
_MISPLACED |= {put: meant for meant, put in _MISPLACED.items()}
_STROKES = re.compile("|".join(_MISPLACED))
_LEET = str.maketrans({"a": "@", "o": "0", "i": "1", "e": "3"})
_TWINS = str.maketrans({"a": "а", "o": "о", "e": "е", "c": "с", "p": "р", "x": "х", "y": "у"})


def unmarked(text: str, dice: random.Random) -> str:
    """Return the text without any marks, at times in one case or with its dots gone."""
    bare = strip_marks(text)
    roll = dice.random()
    if roll < 0.25:
        bare = bare.lower()
    elif roll < 0.3:
        bare = bare.upper()
    return re.sub(r"[.,;:“”\"]", "", bare) if dice.random() < 0.15 else bare


def teencode(text: str, dice: random.Random) -> str:
    """Return the text in lower case with short forms put in, as one writer would."""
    density = dice.choice((0.35, 0.6, 0.85, 0.95))
    own: dict[str, str] = {"không": dice.choice(_NEGATION)}
    spelt = dice.sample(_SPELT, dice.choice((0, 0, 1, 2)))
    southern = dice.random() < 0.2
    bare = dice.random() < 0.25
    words = text.lower().split()
    out: list[str] = []
    at = 0
    while at < len(words):
        at = _shortened(words, at, density, own, dice, out)
        if out and southern and out[-1] in _SOUTHERN and dice.random() < 0.6:
            out[-1] = _SOUTHERN[out[-1]]
        elif out and spelt and out[-1].isalpha() and dice.random() < 0.3:
            out[-1] = _respelt(out[-1], spelt)
    if dice.random() < 0.3:
        out.append(dice.choice(_TAILS))
    typed = " ".join(out)
    return strip_marks(typed) if bare else typed


def mixed(text: str, dice: random.Random) -> str:
    """Return the text half marked, some words drawn out, cut apart, mistyped or in short form."""
    bare, short = dice.choice((0.1, 0.4, 0.6)), dice.choice((0.0, 0.2, 0.5))
    drawn, hidden = dice.choice((0.03, 0.08, 0.15)), dice.choice((0.0, 0.04, 0.1))
    keyed = dice.choice((0.0, 0.0, 0.03, 0.7))
    keys = dice.choice((_telexed, _vnied))
    own: dict[str, str] = {}
    out: list[str] = []
    words = text.split(" ")
    at = 0
    while at < len(words):
        at = _shortened(words, at, short, own, dice, out)
        word = out[-1]
        if dice.random() < bare:
            word = strip_marks(word)
        if dice.random() < drawn and word.isalpha():
            word += word[-1] * dice.randint(1, 4)
        elif dice.random() < hidden and word.isalpha() and 1 < len(word) < 8:
            word = _hidden(word, dice)
        elif dice.random() < keyed:
            word = keys(word)
        elif dice.random() < 0.1:
            word = _STROKES.sub(lambda m: _MISPLACED[m[0]], word)
        elif dice.random() < 0.01:
            word += f" {dice.choice(SHOWN)}"
        out[-1] = word
    typed = " ".join(out)
    return typed.lower() if dice.random() < 0.4 else typed


FORMS: tuple[Callable[[str, random.Random], str], ...] = (unmarked, mixed, teencode)


def _shortened(
    words: list[str],
    at: int,
    density: float,
    own: dict[str, str],
    dice: random.Random,
    out: list[str],
) -> int:
    """Append what the writer types for the words from ``at`` on; return where the next begin."""
    if density and dice.random() < density:
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + size])
            core = phrase.rstrip(".,!?;:…")
            shorts = _SHORT.get(core.lower())
            if shorts and (core.lower() not in _SELDOM or dice.random() < 0.25):
                if core not in own or dice.random() < 0.15:  # habits, with slips
                    own.setdefault(core, dice.choice(shorts))
                out.append(own[core] + phrase[len(core) :])
                return at + size
    out.append(words[at])
    return at + 1


def _respelt(word: str, spelt: list[tuple[tuple[re.Pattern[str], str], ...]]) -> str:
    for rules in spelt:
        for pattern, put in rules:
            word = pattern.sub(put, word)
    return word


def _hidden(word: str, dice: random.Random) -> str:
    """Return the word as somebody types it who fears a filter."""
    way = dice.randrange(6)
    if way == 0:
        return dice.choice("._-*/").join(word.lower())
    if way == 1:
        return " ".join(word.lower())
    cut = dice.randint(1, len(word) - 1)
    if way == 2:
        return word[:cut] + dice.choice("._-*") + word[cut:].lower()
    if way == 3:
        return word[:cut] + "\u200b" + word[cut:]
    return word.translate(_LEET if way == 4 else _TWINS)


def _telexed(word: str) -> str:
    return _keys(word, _TELEX, _TELEX_TONE)


def _vnied(word: str) -> str:
    return _keys(word, _VNI, _VNI_TONE)


def _keys(word: str, letters: dict[str, str], tones: dict[str, str]) -> str:
    """Return the keystrokes of a word, tone last, punctuation kept."""
    core = word.rstrip(".,!?;:…")
    tone, base = "", ""
    for char in unicodedata.normalize("NFD", core.lower()):
        if char in tones:
            tone = tones[char]
        else:
            base += char
    base = unicodedata.normalize("NFC", base)
    return "".join(letters.get(char, char) for char in base) + tone + word[len(core) :]
