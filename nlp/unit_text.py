"""A text cut into folded words that remember where they stood, for finding names of units.

Disguises (combining marks under every letter, invisible characters between them) are taken out
without losing the offsets of the text as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

from langnghe.core.text import INVISIBLE, VIETNAMESE_MARKS
from nlp.plain import DISGUISE, is_marked, lower, plain
from nlp.unit_words import EDU_PLAIN_RE, EDU_RE

# "N.Ư.", "t.r.ư.ờ.n.g", "N.a": letters parted by dots are one word.
_WORD = re.compile(r"(?<![a-z0-9.])(?:[a-z]\.)+[a-z]{1,2}(?![a-z0-9])|[a-z0-9]+")
_INSIDE = re.compile(r"[^.!?\s][ \u00a0(\"“'-]$")
_FANCY = re.compile("[\U0001d400-\U0001d7ff\uff21-\uff5a\u24b6-\u24e9]")  # "𝐓", "Ｔ", "Ⓣ"
_GAP = re.compile(r"[ \-–\u00a0]{1,3}")
_SHORT_GAP = re.compile(r"[ \u00a0]{1,3}|[-–]")
_GAP_AFTER_LETTERS = re.compile(r"\.? ?")


@dataclass(slots=True)
class UnitText:
    """``words`` joined by blanks in ``joined`` (one blank at each end); ``clean`` is as shown.

    Positions of words are indices; ``start(i)`` and ``end(i)`` lie in ``clean``.
    """

    source: str
    clean: str = ""
    low: str = ""
    words: list[str] = field(default_factory=list)
    joined: str = " "
    marked: bool = False
    cased: bool = False
    names_cased: bool = False  # capitals inside sentences too, not only those a telephone sets
    _origin: list[int] | None = None
    _spans: list[tuple[int, int]] = field(default_factory=list)
    _at: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> UnitText:
        """Cut ``text`` into words."""
        made = cls(text)
        if not text.isascii() and (DISGUISE.search(text) or _FANCY.search(text)):
            made.clean, made._origin = _undisguise(text)
        else:
            made.clean = text
        made.low = lower(made.clean)
        flat = plain(made.low)
        position = 1
        words, spans, at = made.words, made._spans, made._at
        for match in _WORD.finditer(flat):
            word = match[0]
            if "." in word:
                word = word.replace(".", "")
            if word[-1] == word[-2:-1]:
                word = _squeezed(word)
            words.append(word)
            spans.append(match.span())
            at.append(position)
            position += len(word) + 1
        made.joined = f" {' '.join(made.words)} "
        return made

    def settle(self) -> None:
        """Work out what only texts with a hit need: is it written with marks, with capitals?"""
        self.marked = is_marked(self.low)
        self.cased = (
            any(
                self.clean[start].isupper() and not self.clean[start:end].isupper()
                for start, end in self._spans
            )
            and not self.clean.islower()
        )
        self.names_cased = self.cased and any(
            self.clean[start].isupper() and _INSIDE.search(self.clean, max(0, start - 2), start)
            for start, _ in self._spans[1:]
        )

    def edu(self, start: int, end: int) -> bool:
        """Say whether the letters ``start`` .. ``end`` of ``clean`` speak of school."""
        if not self.marked and EDU_PLAIN_RE.search(self.low, start, end):
            return True
        return not self.low.isascii() and EDU_RE.search(self.low, start, end) is not None

    def word_at(self, joined_index: int) -> int:
        """Return the number of the word that covers a position of ``joined``."""
        return bisect_right(self._at, joined_index) - 1

    def start(self, word: int) -> int:
        """Return where a word starts in ``clean``."""
        return self._spans[word][0]

    def end(self, word: int) -> int:
        """Return where a word ends in ``clean``."""
        return self._spans[word][1]

    def shown(self, first: int, last: int) -> str:
        """Return the lower-case writing of the words ``first`` .. ``last`` (inclusive)."""
        return " ".join(self._form(i) for i in range(first, last + 1))

    def _form(self, word: int) -> str:
        form = self.low[slice(*self._spans[word])].replace(".", "")
        return _squeezed(form)

    def upper(self, word: int) -> bool:
        """Say whether a word is written in capitals, or with dots between its letters."""
        shown = self.clean[slice(*self._spans[word])]
        return shown.isupper() or "." in shown

    def between(self, first: int, second: int) -> str:
        """Return what stands between two words."""
        return self.clean[self._spans[first][1] : self._spans[second][0]]

    def capital(self, first: int, last: int) -> bool:
        """Say whether every word from ``first`` to ``last`` starts with a capital or digit."""
        return all(not self.clean[self._spans[i][0]].islower() for i in range(first, last + 1))

    def unbroken(self, first: int, last: int) -> bool:
        """Say whether only blanks or hyphens stand between the words (a dot behind initials).

        A dash with blanks parts short names ("Nam Định - Công An"), not written-out ones.
        """
        gap = _GAP if last - first > 2 else _SHORT_GAP
        return all(
            gap.fullmatch(self.clean, self._spans[i][1], self._spans[i + 1][0])
            or (
                len(self.words[i]) <= 2
                and self.upper(i)
                and _GAP_AFTER_LETTERS.fullmatch(
                    self.clean, self._spans[i][1], self._spans[i + 1][0]
                )
            )
            for i in range(first, last)
        )

    def touches(self, first: int, second: int) -> bool:
        """Say whether the second word follows the first with one blank between."""
        return self.clean[self._spans[first][1] : self._spans[second][0]] == " "

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the span of the words in the text as it was given."""
        start, end = self._spans[first][0], self._spans[last][1]
        if self._origin is None:
            return start, end
        stop = self._origin[end] if end < len(self._origin) else len(self.source)
        return self._origin[start], stop


def _squeezed(word: str) -> str:
    """Return a word without a drawn-out last letter ("trườngg"); "ii" and "tt" are left."""
    last = word[-1]
    if last != word[-2:-1] or not last.isalpha():
        return word
    core = word.rstrip(last)
    return core + last if core or last in "aeouăâêôơưy" else word


def _undisguise(text: str) -> tuple[str, list[int]]:
    """Return NFC text without disguises, and for each of its letters the place in ``text``."""
    parts: list[str] = []
    origin: list[int] = []
    cluster, at = "", 0
    for i, given in enumerate(text):
        char = unicodedata.normalize("NFKC", given) if _FANCY.match(given) else given
        if INVISIBLE.match(char):
            continue
        if unicodedata.combining(char):
            if char in VIETNAMESE_MARKS:
                cluster += char
            continue
        if cluster:
            composed = unicodedata.normalize("NFC", cluster)
            parts.append(composed)
            origin += [at] * len(composed)
        cluster, at = char, i
    if cluster:
        composed = unicodedata.normalize("NFC", cluster)
        parts.append(composed)
        origin += [at] * len(composed)
    return "".join(parts), origin
