"""The names one profile watches, ready for one automaton: what each name may mean.

Built once a profile. A school has a core name ("na u" of "Trường TH&THCS Na Ư") and levels; a
commune or department is known by its places and written-out aliases; provinces that no unit lies
in are kept as contradictions ("Lê Quý Đôn, Quy Nhơn").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import ahocorasick

from langnghe.core.text import clean, fold
from langnghe.core.types import Place, Profile, Unit
from nlp.gazetteer import gazetteer
from nlp.names import SURNAMES_PLAIN, word_set
from nlp.plain import lower

SCHOOL_KINDS = frozenset(("school", "kindergarten", "college", "university"))
COMMUNE_KINDS = frozenset(("commune", "district"))

_AREA_TYPE = re.compile(
    r"^(xa|phuong|thi tran|huyen|quan|thi xa|thanh pho|tp|tinh|dac khu|tt|h|x|p) (?=[a-z])"
)
_LEVELS: tuple[tuple[str, str], ...] = (
    ("mn", r"mam non|mn|mau giao|mg|nha tre"),
    ("thcs", r"trung hoc co so|thcs|thcs|cap (?:1 )?2|cap hai|cap 2 3|cap ii"),
    ("thpt", r"trung hoc pho thong|thpt|ptth|cap (?:2 )?3|cap ba|cap iii|chuyen"),
    ("dh", r"dai hoc|dh|hoc vien|cao dang|cd"),
    ("th", r"tieu hoc|th(?! cs| pt)|cap 1|cap mot|cap i|ptcs|pho thong co so"),
)
_LEVEL = tuple((level, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for level, words in _LEVELS)
TYPE_WORDS = word_set(
    """truong trg tr th thcs thpt ptth ptdtbt ptdtnt ptdt pt tieu hoc trung co so pho thong mam non
    mn mau giao mg cap 1 2 3 i ii iii hai ba mot va dan toc ban tru noi lien chuyen dai vien cao
    dang dh cs ptcs quoc te tu thuc dtbt dtnt phan hieu diem khu"""
)


def levels_in(words: str) -> frozenset[str]:
    """Return the school levels (mn, th, thcs, thpt, dh) named in folded words."""
    return frozenset(level for level, pattern in _LEVEL if pattern.search(words))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name may mean.

    ``role``: ``core`` (a school's own name), ``alias`` (a written-out name of an office),
    ``place`` (a place of a commune unit), ``province`` / ``area`` (of a province-wide unit),
    ``named`` (a commune whose name alone tells the province), ``support`` (a place in a chain) or
    ``foreign`` (a province no watched unit lies in).
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


@dataclass(slots=True)
class UnitIndex:
    """The automaton with what is known of each unit, by its number in the profile."""

    units: tuple[Unit, ...]
    parents: list[int]
    common: list[bool]
    places: list[frozenset[str]]
    provinces: list[frozenset[str]]
    automaton: ahocorasick.Automaton
    agency_units: frozenset[int] = frozenset()
    _entries: dict[str, list[Meaning]] = field(default_factory=dict)

    @classmethod
    def build(cls, profile: Profile) -> UnitIndex:
        """Build the index of a profile; thousands of units take well under a second."""
        numbers = {unit.id: i for i, unit in enumerate(profile.units)}
        parents = [numbers.get(unit.parent or "", -1) for unit in profile.units]
        made = cls(profile.units, parents, [], [], [], ahocorasick.Automaton())
        for i, unit in enumerate(profile.units):
            chain = list(made.chain(i))
            own = [place for j in chain for place in profile.units[j].places]
            made.places.append(frozenset(filter(None, (part for p in own for part in _parts(p)))))
            made.provinces.append(_provinces(own))
            made.common.append(False)
            if unit.kind in SCHOOL_KINDS:
                made._school(i, unit)
            else:
                made._office(i, unit)
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

    def _school(self, number: int, unit: Unit) -> None:
        names = (unit.name, *unit.aliases)
        levels = frozenset().union(*(levels_in(_type_part(fold(name))) for name in names))
        cores: dict[str, set[str]] = {}
        for name in (*names, *unit.name_variants):
            shown = _core_shown(name)
            cores.setdefault(fold(shown), set()).add(lower(shown))
        self.common[number] = all(_common(core) for core in cores if core)
        every = frozenset(form for forms in cores.values() for form in forms)
        for core in filter(None, cores):
            self._add(core, Meaning("core", number, levels, every, key=core))
            glued = core.replace(" ", "")
            if " " in core and len(glued) <= 12:
                self._add(glued, Meaning("core", number, levels, every, key=core, glued=True))

    def _office(self, number: int, unit: Unit) -> None:
        for name in (unit.name, *unit.aliases):
            self._add(fold(name), Meaning("alias", number, key=fold(name)))
        local = unit.kind in COMMUNE_KINDS or any(p.commune for p in unit.places)
        for place in unit.places:
            deepest = place.commune or place.district or place.province
            if deepest is None:
                continue
            role = "place" if local or place.commune or place.district else "province"
            self._add_place(number, role, deepest, place)
        for variant in unit.name_variants:
            self._add(fold(variant), Meaning("place", number, shown=frozenset({lower(variant)})))

    def _add_place(self, number: int, role: str, name: str, place: Place) -> None:
        core, typed = _split_area(name)
        shown = frozenset(
            {lower(clean(name)).split(" ", len(typed.split()))[-1] if typed else lower(name)}
        )
        key = core
        meaning = Meaning(role, number, shown=shown, since=place.since, until=place.until, key=key)
        self._add(core, meaning)
        initials = "".join(word[0] for word in core.split())
        if typed and len(initials) >= 2:
            short = Meaning(role, number, since=place.since, until=place.until, key=key, typed=True)
            for word in {typed, {"thanh pho": "tp", "phuong": "p", "xa": "x"}.get(typed, typed)}:
                self._add(f"{word} {initials}", short)

    def _supports(self) -> None:
        for name in {name for places in self.places for name in places}:
            self._add(name, Meaning("support", key=name))
            initials = "".join(word[0] for word in name.split())
            if len(initials) >= 2:
                for typed in ("tinh", "tp", "phuong", "xa", "huyen"):
                    self._add(f"{typed} {initials}", Meaning("support", key=name))

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
                if core not in self._entries and not _common(core):
                    shown = frozenset({lower(area.name)})
                    self._add(core, Meaning("named", i, shown=shown, key=core))


def _parts(place: Place) -> tuple[str, ...]:
    parts = (place.commune, place.district, place.province)
    return tuple(_split_area(part)[0] for part in parts if part)


def _provinces(places: list[Place]) -> frozenset[str]:
    book = gazetteer()
    cores = {_split_area(fold(place.province))[0] for place in places if place.province}
    return frozenset(book.today.get(core, core) for core in cores)


def _split_area(name: str) -> tuple[str, str]:
    """Return the folded name of an area without its type word, and the type word."""
    folded = fold(name)
    match = _AREA_TYPE.match(folded)
    return (folded[match.end() :], match[1]) if match else (folded, "")


def _type_part(folded: str) -> str:
    words = folded.split()
    length = 0
    while length < len(words) and words[length] in TYPE_WORDS | {"xa", "phuong"}:
        length += 1
    return " ".join(words[:length])


def _core_shown(name: str) -> str:
    """Return a school's name without its type words ("Trường THCS Na Ư" → "Na Ư")."""
    pieces = [piece for piece in re.split(r"[\s&\-–/,]+", clean(name)) if fold(piece)]
    skip = 0
    while skip < len(pieces) - 1 and all(
        word in TYPE_WORDS | {"xa", "phuong"} for word in fold(pieces[skip]).split()
    ):
        skip += 1
    return " ".join(pieces[skip:])


def _common(core: str) -> bool:
    """Say whether a core looks like a person's or hero's name, which schools everywhere bear."""
    words = core.split()
    return (len(words) >= 3 and words[0] in SURNAMES_PLAIN) or core in _SHARED


_SHARED = frozenset(
    """kim dong|hoa hong|hoa sen|hoa mai|hoa ban|hoa phuong|huong sen|hoa huong duong|binh minh|
    hoa binh|thong nhat|doc lap|tan binh|tan lap|sao mai|son ca|hoa mi|tuoi tho|ban mai|hoa lan|
    nguyen du|le loi|quang trung|tran phu|nguyen trai|le lai|chu van an|ly thuong kiet|hung vuong|
    vo thi sau|le hong phong|be van dan|phan dinh giot|cu chinh lan|to vinh dien|ba trieu|
    le van tam|
    tran hung dao|nguyen hue|hai ba trung|luong the vinh|nguyen binh khiem|ngo quyen|le duan|
    ton duc thang|
    to hieu|van an|mang non|hoa ngoc lan|anh duong|vang anh|thang long|nam cuong|trung vuong|
    tan tien|tan thanh|tan hoa|minh khai|doan ket|1|2|3|so 1|so 2|tt|trung tam|thi tran""".replace(
        "\n", ""
    )
    .replace("    ", "")
    .split("|")
)
