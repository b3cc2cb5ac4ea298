"""What stands around a name in a text: the facts that weighing it rests on.

Each method answers one question an attentive reader asks: is a school's kind named beside it, is it
written like a name, does a place support it or say "elsewhere"?
"""

from __future__ import annotations

import re
from functools import cached_property

from nlp.unit_index import Meaning
from nlp.unit_names import TYPE_WORDS, levels_in
from nlp.unit_near import MOST_SPOTS, Found, NameHit, PlaceSight
from nlp.unit_words import (
    ADVERB,
    FILLERS,
    GENERAL_EDU_RE,
    HIGHER_EDU_RE,
    NO_SCHOOL_BEFORE,
    NOT_TYPE,
    PEOPLE,
    PERSON,
    SCHOOL_HEADS,
    SCHOOL_WORDS,
    SELLING,
    SELLING_MARKED,
    TRAVEL,
    TYPED_AREA,
    TYPOS,
)

__all__ = ["MOST_SPOTS", "Found", "NameHit", "Sight"]

_CLAUSE = re.compile(r"[,;.!?\n]")
# Words for one person that mean many, with the word before them.
_MANY = frozenset((("tre", "con"), ("ba", "con"), ("con", "em"), ("hoc", "con"), ("tre", "em")))


class Sight(PlaceSight):
    """One text with the names found in it. Words are counted, not letters."""

    def kind(self, unit: int) -> str:
        """Return what kind of unit a number of the index is."""
        return self.index.units[unit].kind

    def person_before(self, first: int) -> bool:
        """Say whether a word for a person stands right before ("bé Na", but not "ngã ba X")."""
        words = self.cut.words
        if not first or words[first - 1] not in PERSON:
            return False
        if first > 1 and (words[first - 2], words[first - 1]) in _MANY:
            return False
        return first < 2 or words[first - 2] not in ("nga", "thu", "thay", "cac")

    @cached_property
    def selling(self) -> bool:
        """Whether the text offers something for sale."""
        if self.cut.marked:
            return SELLING_MARKED.search(self.cut.low) is not None
        return SELLING.search(self.cut.joined) is not None

    @cached_property
    def travel(self) -> bool:
        """Whether the text is about a journey."""
        return TRAVEL.search(self.cut.joined) is not None

    @cached_property
    def higher(self) -> bool:
        """Whether the text speaks of universities, and of no school below them."""
        low = self.cut.low
        return HIGHER_EDU_RE.search(low) is not None and GENERAL_EDU_RE.search(low) is None

    def inside_longer(self, hit: NameHit) -> bool:
        """Say whether the hit is part of a longer watched or known name."""
        return any(
            other.first <= hit.first
            and hit.last <= other.last
            and other.last - other.first > hit.last - hit.first
            and any(m.role in ("core", "place", "support", "area") for m in other.meanings)
            and other.name.split()[0] not in TYPED_AREA | {"tinh", "huyen", "tp"}
            for other in self.hits
        )

    def type_before(self, first: int) -> tuple[bool, frozenset[str]]:
        """Return whether type words of a school stand right before, and the levels they name."""
        words = self.cut.words
        at = first
        told = self.type_touching(at)
        while not told[0] and at and first - at < 3 and words[at - 1] in FILLERS:
            at -= 1
            told = self.type_touching(at)
            if told[0] and at < first - 1 and not SCHOOL_WORDS & set(words[max(0, at - 4) : at]):
                return False, frozenset()
        return told

    def _is_type(self, word: int) -> bool:
        """Say whether "truong", "chuyen" are "trường", "chuyên", not "trưởng", "bóng chuyền"."""
        if self.cut.marked and self.cut.shown(word, word) in NOT_TYPE:
            return False
        return not (word and self.cut.words[word - 1] in NO_SCHOOL_BEFORE)

    def type_touching(self, at: int) -> tuple[bool, frozenset[str]]:
        """Do what ``type_before`` does, with no word between the type and the name."""
        words = self.cut.words
        start = at
        while start and start > at - 9 and words[start - 1] in TYPE_WORDS:
            if words[start - 1] in ("truong", "chuyen") and not self._is_type(start - 1):
                break
            start -= 1
            if words[start] in SCHOOL_HEADS:
                break
        while start < at and words[start] in (
            "va",
            "2",
            "1",
            "3",
            "hai",
            "ba",
            "mot",
            "khu",
            "diem",
            "co",
            "i",
        ):
            start += 1
        if start < at and words[start] == "tr" and start and words[start - 1].isdigit():
            start += 1  # "5 tr": millions
        gathered = words[start:at]
        if words[max(0, at - 2) : at] in (["nha", "tre"], ["nhom", "tre"]):
            return True, frozenset(("mn",))
        if not gathered:
            graded = self.grade_before(at)
            if graded[0]:
                return graded
            typo = at and words[at - 1] in TYPOS
            return bool(typo), frozenset()
        joined = " ".join(gathered)
        levels = levels_in(joined)
        if gathered[-1] == "lop" or (start and words[start - 1] == "lop"):
            return True, levels & {"mn"}
        boarding = " tru" in joined and ("noi" in gathered or "ban" in gathered)
        if not levels and not boarding and not SCHOOL_WORDS & set(gathered):
            return self.grade_before(at)
        return True, levels

    def grade_before(self, at: int) -> tuple[bool, frozenset[str]]:
        """Read "lớp 2 Lê Quý Đôn" as a primary school."""
        words = self.cut.words
        if at >= 2 and words[at - 2] == "lop" and words[at - 1][0].isdigit():
            digits = re.match(r"\d+", words[at - 1])
            grade = int(digits.group()) if digits and len(digits.group()) < 3 else 0
            if 1 <= grade <= 12:
                level = "th" if grade <= 5 else "thcs" if grade <= 9 else "thpt"
                return True, frozenset((level,))
        return False, frozenset()

    def people_of_type(self, first: int) -> bool:
        """Say whether people of a kind of school stand before ("giáo viên mầm non X")."""
        words, at = self.cut.words, first
        while at and first - at < 6 and words[at - 1] in TYPE_WORDS - SCHOOL_HEADS:
            at -= 1
            if PEOPLE.search(self.before(at)):
                return True
        return False

    def edu_near(self, first: int, last: int, reach: int = 16) -> bool:
        """Say whether ``reach`` words to each side speak of school."""
        cut = self.cut
        start = cut.start(max(0, first - reach))
        end = cut.end(min(len(cut.words) - 1, last + reach))
        return cut.edu(start, end)

    def edu_in_clause(self, first: int, last: int, reach: int) -> bool:
        """Say whether school is spoken of in the clause that holds the words, and close by."""
        cut, low, high = self.cut, first, last
        while low > max(0, first - reach) and not _CLAUSE.search(cut.between(low - 1, low)):
            low -= 1
        stop = min(len(cut.words) - 1, last + reach)
        while high < stop and not _CLAUSE.search(cut.between(high, high + 1)):
            high += 1
        return cut.edu(cut.start(low), cut.end(high))

    def surface(self, hit: NameHit, meaning: Meaning, *, strong: bool) -> float:
        """Weigh how a name is written: 1 as it should be, less with slips, 0 if something else."""
        cut = self.cut
        shown = cut.shown(hit.first, hit.last)
        capital = cut.capital(hit.first, hit.last)
        if meaning.glued:
            exact = {form.replace(" ", "") for form in meaning.shown}
            inner = cut.clean[cut.start(hit.first) + 1 : cut.end(hit.last)]
            camel = any(char.isupper() for char in inner) and not inner.isupper()
            told = shown in exact and not shown.isascii()
            if meaning.typed and any(shown.endswith(form) for form in exact):
                return 0.9  # "trườngsuốimơ"
            whole = len(shown) >= 6 and (shown in exact or shown.isascii())
            return 0.9 if told or ((camel or whole) and strong) else 0.0
        if (
            cut.cased
            and not capital
            and cut.capital(hit.first, hit.first)
            and hit.last > hit.first
            and not (strong and shown in meaning.shown)
        ):
            return 0.0  # "Hoa ban nở": a capital only because a sentence starts
        if shown in meaning.shown or not meaning.shown:
            if not cut.marked and not strong and not capital:
                return 0.9 if ADVERB.search(self.before(hit.first)) else 0.75
            return 1.0
        if not cut.marked:
            return 1.0 if strong or capital else 0.8
        if shown.isascii():
            return 0.95 if strong or capital else 0.8
        return 0.85 if strong or capital else 0.0
