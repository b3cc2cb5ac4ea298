"""The names one profile watches, ready for one automaton: what each name may mean.

Built once a profile. A school has a core name ("na u" of "Trường TH&THCS Na Ư") and levels; a
commune or department is known by its places and written-out aliases; provinces that no unit lies
in are kept as contradictions ("Lê Quý Đôn, Quy Nhơn").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import ahocorasick

from langnghe.core.text import clean, fold
from langnghe.core.types import Place, Profile, Unit
from nlp.gazetteer import gazetteer
from nlp.plain import lower
from nlp.unit_names import (
    TYPE_WORDS,
    core_shown,
    heroic,
    initials,
    levels_in,
    split_area,
    stem,
    type_part,
)
from nlp.unit_places import MERGED_AT, history, lives_on, other_times

SCHOOL_KINDS = frozenset(("school", "kindergarten", "college", "university"))
COMMUNE_KINDS = frozenset(("commune", "district"))
COMMUNE, DISTRICT, PROVINCE = 3, 2, 1  # how closely a place name tells where a unit is
AGENCY_HEADS = (
    "so gd", "so gd dt", "so gddt", "so gd va dt", "sgd", "sgddt", "sgd dt", "so giao duc",
    "so giao duc va dao tao", "so giao duc dao tao", "nganh giao duc", "nganh gd",
)  # fmt: skip
CITIES = frozenset(("ha noi", "ho chi minh", "hai phong", "da nang", "can tho"))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name may mean.

    ``role``: ``core`` (a school's own name), ``alias`` (a written-out name of an office),
    ``place`` (a place of a commune unit), ``province`` / ``area`` (of a province-wide unit),
    ``named`` (a commune whose name alone tells the province), ``support`` (a place in a chain) or
    ``foreign`` (a province no watched unit lies in). ``strict``: a school named like its district
    or province ("chuyên Lào Cai"), which needs its type word. ``short``: initials ("N.Ư."), which
    need type and place. ``reused``: before ``since`` another place bore this name.
    """

    role: str
    unit: int = -1
    levels: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    key: str = ""
    glued: bool = False
    typed: bool = False
    strict: bool = False
    short: bool = False
    reused: bool = False


@dataclass(slots=True)
class UnitIndex:
    """The automaton with what is known of each unit, by its number in the profile.

    ``places`` maps each place name of a unit's chain to how closely it tells where the unit is;
    ``common`` says that schools elsewhere bear the same name, ``local`` that a school is named
    after its own place.
    """

    units: tuple[Unit, ...]
    parents: list[int]
    common: list[bool]
    local: list[bool]
    places: list[dict[str, int]]
    provinces: list[frozenset[str]]
    automaton: ahocorasick.Automaton
    agency_units: frozenset[int] = frozenset()
    _entries: dict[str, list[Meaning]] = field(default_factory=dict)

    @classmethod
    def build(cls, profile: Profile) -> UnitIndex:
        """Build the index of a profile; thousands of units take well under a second."""
        numbers = {unit.id: i for i, unit in enumerate(profile.units)}
        parents = [numbers.get(unit.parent or "", -1) for unit in profile.units]
        made = cls(profile.units, parents, [], [], [], [], ahocorasick.Automaton())
        where = [made._all_places(unit.places) for unit in profile.units]
        for i, unit in enumerate(profile.units):
            chain = [place for j in made.chain(i) for place in where[j]]
            made.places.append(_ranked(chain))
            made.provinces.append(_provinces(chain))
            made.common.append(False)
            made.local.append(False)
            if unit.kind in SCHOOL_KINDS:
                made._school(i, unit, _ranked(where[i]))
            else:
                made._office(i, unit, where[i])
        made._supports()
        made._provinces_and_areas()
        for name, meanings in made._entries.items():
            made.automaton.add_word(f" {name} ", (name, tuple(dict.fromkeys(meanings))))
        if made._entries:
            made.automaton.make_automaton()
        return made

    def chain(self, unit: int) -> Iterator[int]:
        """Yield a unit's number and those above it."""
        seen: set[int] = set()
        while unit >= 0 and unit not in seen:
            seen.add(unit)
            yield unit
            unit = self.parents[unit]

    def _add(self, name: str, meaning: Meaning) -> None:
        if len(name) > 1:
            self._entries.setdefault(name, []).append(meaning)

    def _all_places(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Add the names those places bore before or since 1/7/2025, where they are safe signs."""
        today = _provinces(list(places))
        known = {fold(place.commune) for place in places if place.commune}
        more = [
            other
            for place in places
            for other in other_times(place)
            if fold(other.commune or "") not in known and not lives_on(other, today)
        ]
        return (*places, *more)

    def _school(self, number: int, unit: Unit, own: dict[str, int]) -> None:
        names = (unit.name, *unit.aliases)
        levels = frozenset().union(*(levels_in(type_part(fold(name))) for name in names))
        cores: dict[str, set[str]] = {}
        for name in (*names, *unit.name_variants):
            shown = core_shown(name)
            cores.setdefault(fold(shown), set()).add(lower(shown))
        cores.pop("", None)
        self.local[number] = any(own.get(stem(core), 0) > PROVINCE for core in cores)
        self.common[number] = all(self._shared(number, core, levels) for core in cores)
        every = frozenset(form for forms in cores.values() for form in forms)
        today = gazetteer().today
        for core in cores:
            strict = core in today or own.get(core) == DISTRICT
            self._add(core, Meaning("core", number, levels, every, key=core, strict=strict))
            glued = core.replace(" ", "")
            if " " in core and len(glued) <= 12 and not strict:
                meaning = Meaning("core", number, levels, every, key=core, glued=True)
                self._add(glued, meaning)
                for word in _glued_heads(levels):  # hashtags: "#truongsuoimo"
                    self._add(f"{word}{glued}", Meaning("core", number, levels, every, key=core,
                                                        glued=True, typed=True))  # fmt: skip
        shorts: dict[str, set[str]] = {}
        for form in every:
            for short in initials(form):
                shorts.setdefault(fold(short), set()).add(short)
        for short, forms in shorts.items():
            if short in TYPE_WORDS:
                continue  # "T.H." is a primary school
            meaning = Meaning("core", number, levels, frozenset(forms), key=short, short=True)
            self._add(short, meaning)

    def _shared(self, number: int, core: str, levels: frozenset[str]) -> bool:
        """Say whether a school elsewhere may bear the same name."""
        name = stem(core)
        if self.local[number]:
            return False
        if heroic(core) or heroic(name) or levels == {"mn"}:
            return True
        where = history().bare.get(name)
        return where is not None and not where <= self.provinces[number]

    def _office(self, number: int, unit: Unit, places: tuple[Place, ...]) -> None:
        for name in (unit.name, *unit.aliases):
            self._add(fold(name), Meaning("alias", number, key=fold(name)))
        local = unit.kind in COMMUNE_KINDS or any(p.commune for p in unit.places)
        for place in places:
            deepest = place.commune or place.district or place.province
            if deepest is None:
                continue
            role = "place" if local or place.commune or place.district else "province"
            self._add_place(number, role, deepest, place)
        for variant in unit.name_variants:
            self._add(fold(variant), Meaning("place", number, shown=frozenset({lower(variant)})))

    def _add_place(self, number: int, role: str, name: str, place: Place) -> None:
        core, typed = split_area(name)
        if not core or core.isdigit():
            return
        shown = frozenset(
            {lower(clean(name)).split(" ", len(typed.split()))[-1] if typed else lower(name)}
        )
        key = core
        reused = False
        if place.commune and place.since and place.since >= MERGED_AT:
            others = [history().heirs.get((core, p)) for p in _provinces([place])]
            reused = any(o and fold(place.commune) not in o for o in others)
        meaning = Meaning(role, number, shown=shown, since=place.since, until=place.until, key=key,
                          reused=reused)  # fmt: skip
        self._add(core, meaning)
        glued = core.replace(" ", "")
        if role == "place" and glued != core and 6 <= len(glued) <= 12:
            self._add(glued, Meaning(role, number, shown=shown, since=place.since,
                                     until=place.until, key=key, glued=True))  # fmt: skip
        letters = "".join(word[0] for word in core.split())
        if typed and len(letters) >= 2:
            short = Meaning(role, number, since=place.since, until=place.until, key=key, typed=True)
            for word in {typed, {"thanh pho": "tp", "phuong": "p", "xa": "x"}.get(typed, typed)}:
                self._add(f"{word} {letters}", short)

    def _supports(self) -> None:
        for name in {name for places in self.places for name in places}:
            self._add(name, Meaning("support", key=name))
            glued = name.replace(" ", "")
            if glued != name and len(glued) >= 4:
                self._add(glued, Meaning("support", key=name))
            short = "".join(word[0] for word in name.split())
            if len(short) >= 3:
                self._add(short, Meaning("support", key=name))
            if len(short) >= 2:
                for typed in ("tinh", "tp", "phuong", "xa", "huyen"):
                    self._add(f"{typed} {short}", Meaning("support", key=name))

    def _provinces_and_areas(self) -> None:
        book = gazetteer()
        wide: dict[str, list[int]] = {}
        for i, unit in enumerate(self.units):
            province_only = unit.places and not any(p.commune or p.district for p in unit.places)
            if province_only and unit.kind not in SCHOOL_KINDS:
                for province in self.provinces[i]:
                    wide.setdefault(province, []).append(i)
        self.agency_units = frozenset(i for found in wide.values() for i in found)
        for name, now in book.today.items():
            self._add(name, Meaning("foreign", key=now, shown=frozenset({lower(book.shown[name])})))
            for i in wide.get(now, ()):
                self._add(name, Meaning("province", i, shown=frozenset({lower(book.shown[name])}),
                                        key=name))  # fmt: skip
                letters = _letters(name)
                if sum(_letters(other) == letters for other in book.today) == 1:
                    for agency in AGENCY_HEADS:  # "Sở GD ĐB"
                        if letters == "dt" and agency.endswith("gd"):
                            continue  # "Sở GD-ĐT" is any province's office, not Đồng Tháp's
                        self._add(f"{agency} {letters}", Meaning("alias", i, key=name))
        for town in book.towns:
            shown = frozenset({lower(town.name)})
            self._add(fold(town.name), Meaning("foreign", key=town.province, shown=shown))
        for area in book.areas:
            for i in wide.get(area.province, ()):
                shown = frozenset({lower(area.name)})
                self._add(fold(area.name), Meaning("area", i, shown=shown, key=fold(area.name)))
        for area in book.named:
            for i in wide.get(area.province, ()):
                core = fold(area.name)
                if core not in self._entries and not heroic(core):
                    shown = frozenset({lower(area.name)})
                    self._add(core, Meaning("named", i, shown=shown, key=core))


def _glued_heads(levels: frozenset[str]) -> Iterator[str]:
    """Yield what a hashtag has before a school's name: "truong", "th", "truongtieuhoc"."""
    yield "truong"
    for level in sorted(levels):
        for word in (level, {"th": "tieuhoc", "mn": "mamnon"}.get(level)):
            if word:
                yield from (word, f"truong{word}")


def _letters(name: str) -> str:
    return "".join(word[0] for word in name.split())


def _ranked(places: list[Place] | tuple[Place, ...]) -> dict[str, int]:
    """Map the bare names of places to the closest level they stand for."""
    found: dict[str, int] = {}
    for place in places:
        for name, rank in (
            (place.commune, COMMUNE),
            (place.district, DISTRICT),
            (place.province, PROVINCE),
        ):
            core = split_area(name)[0] if name else ""
            if core and not core.isdigit():
                found[core] = max(rank, found.get(core, 0))
    return found


def _provinces(places: list[Place]) -> frozenset[str]:
    book = gazetteer()
    cores = {split_area(place.province)[0] for place in places if place.province}
    return frozenset(book.today.get(core, core) for core in cores)
