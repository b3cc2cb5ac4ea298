"""What stands around a name in a text: the facts that weighing it rests on.

Each method answers one question an attentive reader asks: is a school's kind named beside it, is it
written like a name, does a place support it or say "elsewhere"?
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nlp.unit_index import TYPE_WORDS, Meaning, UnitIndex, levels_in
from nlp.unit_text import UnitText
from nlp.unit_words import (
    ADVERB,
    EDU_PLAIN_RE,
    EDU_RE,
    PERSON,
    SCHOOL_WORDS,
    STREET,
    TYPED_AREA,
)


@dataclass(frozen=True, slots=True)
class NameHit:
    """A watched name found in a text: its first and last word and what it may mean."""

    first: int
    last: int
    name: str
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A unit (its number in the index) that words ``first`` .. ``last`` may mean, and how surely.

    ``actor`` says that the unit itself acts or is addressed, not only the place it stands in.
    """

    unit: int
    confidence: float
    first: int
    last: int
    actor: bool = False


class Sight:
    """One text with the names found in it. Words are counted, not letters."""

    def __init__(
        self, index: UnitIndex, cut: UnitText, hits: Sequence[NameHit], at: datetime | None
    ) -> None:
        self.index = index
        self.cut = cut
        self.at = at
        self.hits = [hit for hit in hits if cut.unbroken(hit.first, hit.last)]
        self._elsewhere: dict[int, list[NameHit]] = {}

    def kind(self, unit: int) -> str:
        """Return what kind of unit a number of the index is."""
        return self.index.units[unit].kind

    def person_before(self, first: int) -> bool:
        """Say whether a word for a person stands right before ("bé Na", but not "ngã ba X")."""
        words = self.cut.words
        if not first or words[first - 1] not in PERSON:
            return False
        return first < 2 or words[first - 2] not in ("nga", "thu", "thay", "cac")

    def before(self, word: int, count: int = 7) -> str:
        """Return the folded words before a word, with a blank at each end."""
        return f" {' '.join(self.cut.words[max(0, word - count) : word])} " if word else " "

    def after(self, word: int, count: int = 12) -> str:
        """Return the folded words behind a word, with a blank at each end."""
        return f" {' '.join(self.cut.words[word + 1 : word + 1 + count])} "

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
        if at and words[at - 1] in ("xa", "phuong"):
            at -= 1
        start = at
        while start and start > at - 9 and words[start - 1] in TYPE_WORDS:
            start -= 1
            if words[start] in ("truong", "trg", "tr"):
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
        ):
            start += 1
        gathered = words[start:at]
        if not gathered:
            graded = self._grade_before(at)
            if graded[0]:
                return graded
            typo = at and words[at - 1] in ("trung", "truog", "truonh", "turong")
            return bool(typo), frozenset()
        if gathered[-1] in ("lop",) or (start and words[start - 1] == "lop"):
            return True, frozenset()
        joined = " ".join(gathered)
        levels = levels_in(joined)
        if not levels and not SCHOOL_WORDS & set(gathered):
            return self._grade_before(at)
        return True, levels

    def _grade_before(self, at: int) -> tuple[bool, frozenset[str]]:
        """Read "lớp 2 Lê Quý Đôn" as a primary school."""
        words = self.cut.words
        if at >= 2 and words[at - 2] == "lop" and words[at - 1][0].isdigit():
            digits = re.match(r"\d+", words[at - 1])
            grade = int(digits.group()) if digits and len(digits.group()) < 3 else 0
            if 1 <= grade <= 12:
                level = "th" if grade <= 5 else "thcs" if grade <= 9 else "thpt"
                return True, frozenset((level,))
        return False, frozenset()

    def edu_near(self, first: int, last: int) -> bool:
        """Say whether the words around speak of school."""
        cut = self.cut
        start = cut.start(max(0, first - 16))
        end = cut.end(min(len(cut.words) - 1, last + 16))
        pattern = EDU_RE if cut.marked else EDU_PLAIN_RE
        return pattern.search(cut.low, start, end) is not None

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
            whole = len(shown) >= 6 and (shown in exact or not cut.marked)
            return 0.9 if told or ((camel or whole) and strong) else 0.0
        if cut.cased and not capital and cut.capital(hit.first, hit.first) and hit.last > hit.first:
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

    def supported(self, hit: NameHit, unit: int) -> bool:
        """Say whether a place of the unit's chain is named elsewhere in the text."""
        places = self.index.places[unit]
        return any(
            (other.last < hit.first or other.first > hit.last)
            and any(
                m.key in places and m.role in ("support", "place", "province")
                for m in other.meanings
            )
            and not self.street(other)
            for other in self.hits
        )

    def foreign(self, unit: int) -> list[NameHit]:
        """Return the provinces and towns named in the text that the unit does not lie in."""
        if unit not in self._elsewhere:
            self._elsewhere[unit] = self._find_foreign(unit)
        return self._elsewhere[unit]

    def _find_foreign(self, unit: int) -> list[NameHit]:
        mine = self.index.provinces[unit]
        places = self.index.places[unit]
        return [
            hit
            for hit in self.hits
            if any(m.role == "foreign" and m.key not in mine for m in hit.meanings)
            and not any(m.role == "foreign" and m.key in mine for m in hit.meanings)
            and hit.name not in places
            and not self.street(hit)
            and (not self.cut.cased or self.cut.capital(hit.first, hit.last))
            and self._marks_fit(hit)
            and not self._end_of_a_name(hit)
        ]

    def _end_of_a_name(self, hit: NameHit) -> bool:
        """Say whether a one-word province ends a longer name ("bà Hồng Huế")."""
        before = hit.first - 1
        return (
            hit.first == hit.last
            and before >= 0
            and self.cut.cased
            and self.cut.touches(before, hit.first)
            and self.cut.capital(before, before)
            and self.cut.words[before] not in ("tp", "tinh", "dt", "ubnd", "pho", "gddt")
        )

    def _marks_fit(self, hit: NameHit) -> bool:
        shown = {form for m in hit.meanings if m.role == "foreign" for form in m.shown}
        return not shown or not self.cut.marked or self.cut.shown(hit.first, hit.last) in shown

    def street(self, hit: NameHit) -> bool:
        """Say whether a place name is only part of another name: a street, a school, a battle."""
        if STREET.search(self.before(hit.first, 3)):
            return True
        after = self.cut.words[hit.last + 1 : hit.last + 2]
        if not after or not self.cut.touches(hit.last, hit.last + 1):
            return False
        known = any(o.first == hit.first and o.last > hit.last for o in self.hits)
        follows = self.cut.clean[self.cut.start(hit.last + 1)]
        return (
            not known
            and self.cut.cased
            and (
                follows.isupper()
                and after[0] in ("phu", "dong", "ninh", "duong", "tay", "nam", "bac")
            )
        ) or (after[0] == "phu" and not known)
