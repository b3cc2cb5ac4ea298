"""Weighing the names found in one text: which watched units are really meant.

Each rule answers one question an attentive reader asks: is a school's kind named beside it, are
its people, is it written like a name, does a place support it or say "elsewhere"?
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from langnghe.core.types import UnitHit
from nlp.names import RISKY_PLAIN
from nlp.unit_index import SCHOOL_KINDS, TYPE_WORDS, Meaning, UnitIndex, levels_in
from nlp.unit_text import UnitText
from nlp.unit_words import (
    ADVERB,
    AGENCY,
    EDU_PLAIN_RE,
    EDU_RE,
    LOWEST,
    NEAR,
    NOT_SCHOOL,
    NOW,
    OFFICE,
    PEOPLE,
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
class _Found:
    unit: int
    confidence: float
    first: int
    last: int
    actor: bool = False


class UnitReading:
    """One text with the names found in it, weighed."""

    def __init__(
        self, index: UnitIndex, cut: UnitText, hits: Sequence[NameHit], at: datetime | None
    ) -> None:
        self._index = index
        self._cut = cut
        self._at = at
        self._hits = [hit for hit in hits if cut.unbroken(hit.first, hit.last)]
        self._elsewhere: dict[int, list[NameHit]] = {}

    def units(self) -> tuple[UnitHit, ...]:
        """Return the weighed, thinned out hits."""
        found = self._schools()
        schools = [f for f in found if self._kind(f.unit) in SCHOOL_KINDS]
        found += self._offices(schools)
        best: dict[int, _Found] = {}
        for hit in found:
            if hit.confidence >= LOWEST and (
                hit.unit not in best or hit.confidence > best[hit.unit].confidence
            ):
                best[hit.unit] = hit
        below = {above for hit in best.values() for above in list(self._index.chain(hit.unit))[1:]}
        actors = {hit.unit for hit in found if hit.actor}
        kept = [hit for hit in best.values() if hit.unit not in below or hit.unit in actors]
        return tuple(
            UnitHit(
                self._index.units[hit.unit].id,
                round(min(hit.confidence, 0.99), 2),
                self._cut.span(hit.first, hit.last),
            )
            for hit in sorted(kept, key=lambda h: (h.first, h.last, h.unit))
        )

    def _kind(self, unit: int) -> str:
        return self._index.units[unit].kind

    def _person_before(self, first: int) -> bool:
        """Say whether a word for a person stands right before ("bé Na", but not "ngã ba X")."""
        words = self._cut.words
        if not first or words[first - 1] not in PERSON:
            return False
        return first < 2 or words[first - 2] not in ("nga", "thu", "thay", "cac")

    def _before(self, word: int, count: int = 7) -> str:
        return f" {' '.join(self._cut.words[max(0, word - count) : word])} " if word else " "

    def _after(self, word: int, count: int = 12) -> str:
        return f" {' '.join(self._cut.words[word + 1 : word + 1 + count])} "

    # Schools -------------------------------------------------------------------------------

    def _schools(self) -> list[_Found]:
        found: list[_Found] = []
        for hit in self._hits:
            cores = [m for m in hit.meanings if m.role == "core"]
            if not cores or self._inside_longer(hit):
                continue
            scored = [(self._school_score(hit, meaning), meaning) for meaning in cores]
            top = max(score for score, _ in scored)
            chosen = [m for score, m in scored if score == top and score >= LOWEST]
            if len(chosen) > 1:  # namesakes among the watched: only a place can tell them apart
                told = [m for m in chosen if self._supported(hit, m.unit)]
                chosen = told if len(told) == 1 else []
            found += [_Found(m.unit, top, hit.first, hit.last) for m in chosen]
        return found

    def _inside_longer(self, hit: NameHit) -> bool:
        """Say whether the hit is part of a longer watched or known name."""
        return any(
            other.first <= hit.first
            and hit.last <= other.last
            and other.last - other.first > hit.last - hit.first
            and any(m.role in ("core", "place", "support", "area") for m in other.meanings)
            and other.name.split()[0] not in TYPED_AREA | {"tinh", "huyen", "tp"}
            for other in self._hits
        )

    def _school_score(self, hit: NameHit, meaning: Meaning) -> float:
        first, last = hit.first, hit.last
        typed, levels = self._type_before(first)
        behind, levels_behind = self._type_behind(last)
        if not typed and behind:
            levels = levels_behind
        if levels and meaning.levels and not levels <= meaning.levels:
            return 0.0
        before = self._before(first)
        people = PEOPLE.search(before) is not None
        surface = self._surface(hit, meaning, strong=typed or behind)
        if surface == 0.0:
            return 0.0
        previous = self._cut.words[first - 1] if first else ""
        common = self._index.common[meaning.unit]
        if typed or behind:
            score = 0.9
        elif people and not common:
            score = 0.75
        elif common or self._person_before(first) or previous in TYPED_AREA:
            return 0.0
        else:
            near_type = self._type_near(last, meaning.levels)
            if not near_type and (previous in NOT_SCHOOL or not self._edu_near(first, last)):
                return 0.0
            score = 0.6 if near_type else 0.55
        return score * surface * self._place_factor(hit, meaning.unit, common)

    def _type_before(self, first: int) -> tuple[bool, frozenset[str]]:
        """Return whether type words of a school stand right before, and the levels they name."""
        words = self._cut.words
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
        words = self._cut.words
        if at >= 2 and words[at - 2] == "lop" and words[at - 1][0].isdigit():
            digits = re.match(r"\d+", words[at - 1])
            grade = int(digits.group()) if digits and len(digits.group()) < 3 else 0
            if 1 <= grade <= 12:
                level = "th" if grade <= 5 else "thcs" if grade <= 9 else "thpt"
                return True, frozenset((level,))
        return False, frozenset()

    def _type_behind(self, last: int) -> tuple[bool, frozenset[str]]:
        """Return the same for type words right behind ("Pom Lót bán trú thcs")."""
        words = self._cut.words[last + 1 : last + 6]
        length = 0
        while length < len(words) and words[length] in TYPE_WORDS - {
            "co",
            "va",
            "1",
            "2",
            "3",
            "hai",
        }:
            length += 1
        levels = levels_in(" ".join(words[:length]))
        return bool(levels), levels

    def _type_near(self, last: int, levels: frozenset[str]) -> bool:
        near = levels_in(self._after(last, 8))
        return bool(near) and (not levels or near <= levels)

    def _edu_near(self, first: int, last: int) -> bool:
        cut = self._cut
        start = cut.start(max(0, first - 16))
        end = cut.end(min(len(cut.words) - 1, last + 16))
        pattern = EDU_RE if cut.marked else EDU_PLAIN_RE
        return pattern.search(cut.low, start, end) is not None

    def _surface(self, hit: NameHit, meaning: Meaning, *, strong: bool) -> float:
        """Weigh how a name is written: 1 as it should be, less with slips, 0 if something else."""
        cut = self._cut
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
            return 0.0  # "Na u sần": a capital only because a sentence starts
        if shown in meaning.shown or not meaning.shown:
            if not cut.marked and not strong and not capital:
                return 0.9 if ADVERB.search(self._before(hit.first)) else 0.75
            return 1.0
        if not cut.marked:
            return 1.0 if strong or capital else 0.8
        if shown.isascii():
            return 0.95 if strong or capital else 0.8
        return 0.85 if strong or capital else 0.0

    def _supported(self, hit: NameHit, unit: int) -> bool:
        """Say whether a place of the unit's chain is named elsewhere in the text."""
        places = self._index.places[unit]
        return any(
            (other.last < hit.first or other.first > hit.last)
            and any(
                m.key in places and m.role in ("support", "place", "province")
                for m in other.meanings
            )
            and not self._street(other)
            for other in self._hits
        )

    def _foreign(self, unit: int) -> list[NameHit]:
        """Return the provinces and towns named in the text that the unit does not lie in."""
        if unit not in self._elsewhere:
            self._elsewhere[unit] = self._find_foreign(unit)
        return self._elsewhere[unit]

    def _find_foreign(self, unit: int) -> list[NameHit]:
        mine = self._index.provinces[unit]
        places = self._index.places[unit]
        return [
            hit
            for hit in self._hits
            if any(m.role == "foreign" and m.key not in mine for m in hit.meanings)
            and not any(m.role == "foreign" and m.key in mine for m in hit.meanings)
            and hit.name not in places
            and not self._street(hit)
            and (not self._cut.cased or self._cut.capital(hit.first, hit.last))
            and self._marks_fit(hit)
            and not self._end_of_a_name(hit)
        ]

    def _end_of_a_name(self, hit: NameHit) -> bool:
        """Say whether a one-word province ends a longer name ("bà Hồng Huế")."""
        before = hit.first - 1
        return (
            hit.first == hit.last
            and before >= 0
            and self._cut.cased
            and self._cut.touches(before, hit.first)
            and self._cut.capital(before, before)
            and self._cut.words[before] not in ("tp", "tinh", "dt", "ubnd", "pho", "gddt")
        )

    def _marks_fit(self, hit: NameHit) -> bool:
        shown = {form for m in hit.meanings if m.role == "foreign" for form in m.shown}
        return not shown or not self._cut.marked or self._cut.shown(hit.first, hit.last) in shown

    def _place_factor(self, hit: NameHit, unit: int, common: bool) -> float:
        foreign = self._foreign(unit)
        if self._supported(hit, unit):
            near = [f for f in foreign if 0 < f.first - hit.last <= 4]
            return 0.5 if near and common else 1.0
        if any(abs(f.first - hit.last) <= NEAR or abs(hit.first - f.last) <= NEAR for f in foreign):
            return 0.0
        if common:
            return 0.0  # hundreds of schools bear it: without a place nobody can tell
        return 0.7 if foreign else 0.95

    # Communes, departments, provinces ---------------------------------------------------------

    def _offices(self, schools: list[_Found]) -> list[_Found]:
        found: list[_Found] = []
        taken = {(f.first, f.last) for f in schools}
        for hit in self._hits:
            for meaning in hit.meanings:
                if meaning.unit < 0 or meaning.role == "core":
                    continue
                if meaning.role == "alias":
                    found.append(_Found(meaning.unit, 0.93, hit.first, hit.last, actor=True))
                elif meaning.role == "place":
                    if (hit.first, hit.last) not in taken or self._office_before(hit):
                        found += self._place(hit, meaning)
                elif meaning.role == "named":
                    found += self._named_after(hit, meaning)
                elif meaning.role in ("province", "area"):
                    found += self._province(hit, meaning)
        return found

    def _office_before(self, hit: NameHit) -> bool:
        return OFFICE.search(self._before(hit.first)) is not None

    def _age(self, meaning: Meaning) -> float:
        if meaning.until and (self._at is None or self._at > meaning.until):
            return 0.9
        if meaning.since and self._at and self._at < meaning.since:
            return 0.9
        return 1.0

    def _place(self, hit: NameHit, meaning: Meaning) -> list[_Found]:
        cut = self._cut
        if self._inside_longer(hit) and not meaning.typed:
            return []
        before = self._before(hit.first)
        previous = cut.words[hit.first - 1] if hit.first else ""
        typed_area = meaning.typed or previous in TYPED_AREA
        typed, levels = self._type_before(hit.first)
        actor = self._office_before(hit)
        surface = self._surface(hit, meaning, strong=typed_area or typed or actor)
        if surface == 0.0 or self._renamed(hit, meaning):
            return []
        if self._person_before(hit.first) or (previous in NOT_SCHOOL and not typed_area):
            return []
        old = meaning.until is not None
        if actor or typed_area:
            score = 0.85
        elif typed:
            score = 0.75 if levels or not old else 0.6
        elif old:
            return []
        else:
            if not cut.marked and not cut.cased and hit.first:
                surface = min(surface, 0.8)
            score = 0.6 if self._edu_near(hit.first, hit.last) else 0.3
        if not actor and STREET.search(before) and not typed:
            return []
        foreign = self._foreign(meaning.unit)
        if foreign and not self._supported(hit, meaning.unit):
            return []
        leads = hit.first == int(typed_area and not meaning.typed) and not typed
        return [
            _Found(
                meaning.unit,
                score * surface * self._age(meaning),
                hit.first,
                hit.last,
                actor=actor or leads,
            )
        ]

    def _renamed(self, hit: NameHit, meaning: Meaning) -> bool:
        """Say whether the text tells that this old name now is another place than the unit's.

        "xã X cũ, nay là xã Y" with Y foreign to the unit; and a name in force that is called
        "cũ" means its forerunner, whose schools went elsewhere.
        """
        after = self._after(hit.last, 12)
        called_old = after.startswith(" cu ")
        now = NOW.search(after)
        if now:
            rest = after[now.end() - 1 :]
            if not any(rest.startswith(f" {name} ") for name in self._index.places[meaning.unit]):
                return called_old or now.start() < 12
        if not called_old or meaning.until is not None:
            return False
        others = [
            m.until
            for m in hit.meanings
            if m.unit == meaning.unit and m.role == "place" and m.until is not None
        ]
        return not others

    def _street(self, hit: NameHit) -> bool:
        """Say whether a place name is only part of another name: a street, a school, a battle."""
        if STREET.search(self._before(hit.first, 3)):
            return True
        after = self._cut.words[hit.last + 1 : hit.last + 2]
        if not after or not self._cut.touches(hit.last, hit.last + 1):
            return False
        known = any(o.first == hit.first and o.last > hit.last for o in self._hits)
        follows = self._cut.clean[self._cut.start(hit.last + 1)]
        return (
            not known
            and self._cut.cased
            and (
                follows.isupper()
                and after[0] in ("phu", "dong", "ninh", "duong", "tay", "nam", "bac")
            )
        ) or (after[0] == "phu" and not known)

    def _province(self, hit: NameHit, meaning: Meaning) -> list[_Found]:
        cut = self._cut
        before = self._before(hit.first)
        if self._inside_longer(hit) and not self._longer_is_mine(hit, meaning):
            return []
        if AGENCY.search(before):
            return [_Found(meaning.unit, 0.95, hit.first, hit.last, actor=True)]
        if self._street(hit) or self._type_before(hit.first)[1]:
            return []
        foreign = self._foreign(meaning.unit)
        if meaning.role == "area":
            if cut.marked and cut.shown(hit.first, hit.last) not in meaning.shown:
                return []
            score = 0.65 if not foreign else 0.0
            return [_Found(meaning.unit, score, hit.first, hit.last)]
        told = meaning.typed or ADVERB.search(before) is not None
        shown = cut.shown(hit.first, hit.last)
        if meaning.shown and cut.marked and shown not in meaning.shown and not told:
            return []
        if cut.cased and not meaning.typed and not cut.capital(hit.first, hit.last):
            return []
        if not cut.cased and not told and set(hit.name.split()) & RISKY_PLAIN:
            return []
        if foreign and any(AGENCY.search(self._before(f.first)) for f in foreign):
            return []
        others = {m.key for f in foreign for m in f.meanings if m.role == "foreign"}
        leads = hit.last < 12
        if len(others) >= 3 and not leads:
            return []
        score = 0.75 if leads or told else 0.6
        return [_Found(meaning.unit, score * (0.8 if others else 1.0), hit.first, hit.last)]

    def _named_after(self, hit: NameHit, meaning: Meaning) -> list[_Found]:
        """Link a province through a school that bears a commune's name found in it alone."""
        cut = self._cut
        if (
            not cut.marked
            or cut.shown(hit.first, hit.last) not in meaning.shown
            or not cut.capital(hit.first, hit.last)
            or not self._type_before(hit.first)[1]
            or self._inside_longer(hit)
            or self._foreign(meaning.unit)
        ):
            return []
        return [_Found(meaning.unit, 0.5, hit.first, hit.last)]

    def _longer_is_mine(self, hit: NameHit, meaning: Meaning) -> bool:
        places = self._index.places[meaning.unit]
        return any(
            other.first <= hit.first
            and hit.last <= other.last
            and other.last - other.first > hit.last - hit.first
            and any(m.unit == meaning.unit or m.key in places for m in other.meanings)
            for other in self._hits
        )
