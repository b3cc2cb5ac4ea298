"""Where a text says a unit is: places that support a name, and those that say "elsewhere".

Each method answers one question an attentive reader asks; words are counted, not letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from nlp.unit_index import COMMUNE, DISTRICT, Meaning, UnitIndex
from nlp.unit_names import TYPE_WORDS, stem
from nlp.unit_places import history
from nlp.unit_text import UnitText
from nlp.unit_words import (
    AREA_RANK,
    CONNECTORS,
    EDU_RE,
    FILLERS,
    GUEST,
    INSTITUTION,
    STREET,
    TYPED_AREA,
)

MOST_SPOTS = 20  # places of one name looked at: bounds hostile input
_DIRECTIONS = frozenset(("phu", "dong", "ninh", "duong", "tay", "nam", "bac", "ha", "thuong"))
_BREAK = re.compile(r"[.!?;\n](?:\s|$)|\n")


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

    ``actor`` says that the unit itself acts or is addressed, not only the place it stands in;
    ``reason`` why it is no surer (``core.types.UnitDoubt``).
    """

    unit: int
    confidence: float
    first: int
    last: int
    actor: bool = False
    reason: str = "weak"


class PlaceSight:
    """One text with the names found in it, and what its places tell."""

    def __init__(
        self, index: UnitIndex, cut: UnitText, hits: Sequence[NameHit], at: datetime | None
    ) -> None:
        self.index = index
        self.cut = cut
        self.at = at
        self.hits = [hit for hit in hits if cut.unbroken(hit.first, hit.last)]
        self._elsewhere: dict[int, list[NameHit]] = {}

    def before(self, word: int, count: int = 7) -> str:
        """Return the folded words before a word, with a blank at each end."""
        return f" {' '.join(self.cut.words[max(0, word - count) : word])} " if word else " "

    def after(self, word: int, count: int = 12) -> str:
        """Return the folded words behind a word, with a blank at each end."""
        return f" {' '.join(self.cut.words[word + 1 : word + 1 + count])} "

    def area_list(self, first: int) -> bool:
        """Say whether a name goes on a list of communes ("xã A và B", "xã A, B")."""
        words = self.cut.words
        at = first - (1 if first and words[first - 1] in ("va", "cung", "voi") else 0)
        return at > 0 and any(
            hit.last == at - 1
            and hit.first > 0
            and words[hit.first - 1] in TYPED_AREA
            and (at < first or self.cut.between(at - 1, at).strip() == ",")
            for hit in self.hits
        )

    def support(self, hit: NameHit, unit: int) -> int:
        """Return how closely the text tells where the unit is: 0 not, 1 province .. 3 commune."""
        places = self.index.places[unit]
        best = 0
        for key, spots in self.told_places.items():
            rank = places.get(key, 0)
            if rank > best and any(
                first > hit.last or last < hit.first for first, last in spots[:MOST_SPOTS]
            ):
                best = rank
        return best

    @cached_property
    def told_places(self) -> dict[str, list[tuple[int, int]]]:
        """The watched places the text names (not as a street), each with where it stands."""
        found: dict[str, list[tuple[int, int]]] = {}
        for hit in self.hits:
            keys = {m.key for m in hit.meanings if m.role in ("support", "place", "province")}
            if keys and not self.street(hit):
                for key in keys:
                    found.setdefault(key, []).append((hit.first, hit.last))
        return found

    def same_breath(self, first: int, second: int) -> bool:
        """Say whether no sentence ends between two words (in either order)."""
        low, high = min(first, second), max(first, second)
        return not _BREAK.search(self.cut.clean, self.cut.end(low), self.cut.start(high))

    def attached(self, hit: NameHit) -> list[tuple[int, str]]:
        """Return the typed areas that follow a name at once: "(xã A, huyện B)" as rank and name."""
        cut, at = self.cut, hit.last + 1
        found: list[tuple[int, str]] = []
        while len(found) < 3:
            skip = 0
            while at < len(cut.words) and skip < 3 and cut.words[at] in CONNECTORS:
                at, skip = at + 1, skip + 1
            two = " ".join(cut.words[at : at + 2])
            width = 2 if two in AREA_RANK else 1
            word = two if width == 2 else two.split(" ")[0]
            if word not in AREA_RANK or not self.same_breath(hit.last, at):
                break
            start = at + width
            length = self._area_length(start)
            if not length:
                break
            found.append((AREA_RANK[word], " ".join(cut.words[start : start + length])))
            at = start + length
        return found

    def _area_length(self, start: int) -> int:
        cut = self.cut
        for length in range(min(4, len(cut.words) - start), 0, -1):
            name = " ".join(cut.words[start : start + length])
            if not all(
                cut.between(i, i + 1) in (" ", "-") for i in range(start, start + length - 1)
            ):
                continue
            if name in history().bare and (
                cut.capital(start, start + length - 1) or (length > 1 and not cut.cased)
            ):
                return length
            if length == 1 and name.isdigit() and len(name) < 3:
                return 1
        return 0

    def misplaced(self, hit: NameHit, unit: int) -> bool:
        """Say whether the areas right behind a name are none of the unit's."""
        places = self.index.places[unit]
        ranks = set(places.values())
        for rank, name in self.attached(hit):
            if rank == COMMUNE and COMMUNE in ranks:
                if places.get(name, 0) < DISTRICT:
                    return True
            elif rank == DISTRICT and ranks & {COMMUNE, DISTRICT} and name not in places:
                where = history().bare.get(name, frozenset())
                return DISTRICT in ranks or not where & self.index.provinces[unit]
        return False

    def within_name(self, hit: NameHit) -> bool:
        """Say whether a province ends some other name ("Thái Bình Dương", "Đại học Y Hà Nội")."""
        cut, before = self.cut, hit.first - 1
        if before < 0 or not cut.touches(before, hit.first) or not cut.cased:
            return False
        head = self.before(hit.first, 6)
        if INSTITUTION.search(head) and self.same_breath(max(0, hit.first - 3), hit.first):
            start = max(0, hit.first - 5)
            if all(
                cut.between(i, i + 1) in (" ", " - ", "-")
                for i in range(before - 1, hit.first)
                if i >= 0
            ):
                return any(cut.capital(i, i) for i in range(start, hit.first))
        named = any(o.first <= before <= o.last for o in self.hits if o is not hit)
        word = cut.words[before]
        shown = cut.clean[cut.start(before) : cut.end(before)]
        return (
            not named
            and before > 0
            and shown[0].isupper()
            and not shown.isupper()
            and self.same_breath(before - 1, before)
            and cut.between(before - 1, before) == " "
            and word not in TYPED_AREA | TYPE_WORDS | FILLERS | {"pho", "tp", "tinh", "so", "nganh"}
        )

    def longer_name(self, hit: NameHit) -> bool:
        """Say whether a capital word right before makes the name another's ("Cầu X", "Mall X")."""
        cut, before = self.cut, hit.first - 1
        if before < 1 or not cut.cased or not cut.capital(hit.first, hit.last):
            return False
        if not cut.touches(before, hit.first) or not cut.capital(before, before):
            return False
        word = cut.words[before]
        shown = cut.clean[cut.start(before) : cut.end(before)]
        return (
            not shown.isupper()
            and word not in TYPED_AREA | TYPE_WORDS | FILLERS
            and not EDU_RE.search(cut.low, cut.start(max(0, before - 1)), cut.end(before))
            and self.same_breath(before - 1, before)
            and cut.capital(before - 1, before - 1)
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

    def elsewhere(self, hit: NameHit, unit: int, key: str) -> list[NameHit]:
        """Return the foreign places that speak against a name.

        A name that only the unit's province has is contradicted by what stands right behind it,
        not by where a visitor comes from.
        """
        found = self.foreign(unit)
        where = history().bare.get(stem(key)) if found else None
        if where is None or not where <= self.index.provinces[unit]:
            return found
        return [f for f in found if not self.guest(f, hit) and -3 <= f.first - hit.last <= 4]

    def guest(self, place: NameHit, hit: NameHit) -> bool:
        """Say whether a place tells where visitors come from, not where the name stands."""
        if GUEST.search(self.before(place.first, 8)):
            return True
        opened = place.first > 0 and "(" in self.cut.between(place.first - 1, place.first)
        return opened and place.last < hit.first

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

    def street_before(self, first: int) -> bool:
        """Say whether a street, a shop, a team is named right before; "thành phố" is no "phố"."""
        if not STREET.search(self.before(first, 3)):
            return False
        last, earlier = self.cut.words[first - 1], self.cut.words[first - 2 : first - 1]
        if last == "pho" and earlier == ["thanh"]:
            return False
        return last != "quan" or (
            self.cut.marked and self.cut.shown(first - 1, first - 1) != "quận"
        )

    def street(self, hit: NameHit) -> bool:
        """Say whether a place name is only part of another name: a street, a school, a battle."""
        if self.street_before(hit.first):
            return True
        return self.goes_on(hit)

    def goes_on(self, hit: NameHit) -> bool:
        """Say whether the next word makes it another place's name ("Bình Thạnh Đông")."""
        after = self.cut.words[hit.last + 1 : hit.last + 2]
        if not after or not self.cut.touches(hit.last, hit.last + 1):
            return False
        if any(o.first == hit.first and o.last > hit.last for o in self.hits):
            return False  # the longer name is a known one
        follows = self.cut.clean[self.cut.start(hit.last + 1)]
        if self.cut.cased and not follows.isupper():
            return False
        longer = f"{hit.name} {after[0]}" in history().bare
        return longer or (self.cut.cased and after[0] in _DIRECTIONS)
