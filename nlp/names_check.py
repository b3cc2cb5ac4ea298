"""What would change if a unit were called otherwise: asked of the real index before it is laid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from langnghe.core.text import fold
from langnghe.core.types import Profile, Unit
from nlp.lexicon import taxonomy
from nlp.normalise import tokens
from nlp.unit_index import SCHOOL_KINDS
from nlp.unit_names import core_shown, split_area
from nlp.units import UnitLinker

_SHORT = 4
_LONGEST_READ = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """One text to be asked about; ``ours``: about education in Viet Nam."""

    id: int
    text: str
    at: datetime | None
    ours: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """The texts in which the unit would be newly found, and those in which no more."""

    gained: frozenset[int]
    lost: frozenset[int]
    kept: int


def with_unit(profile: Profile, unit: Unit) -> Profile:
    """Return the profile with one unit in the place of the one of the same id."""
    units = tuple(unit if known.id == unit.id else known for known in profile.units)
    return replace(profile, units=units, version=f"{profile.version}?")


class _Held:
    """A profile as the key of a cache: the same object, whose content is not hashed each time."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def __hash__(self) -> int:
        return hash(self.profile.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.profile is self.profile


@lru_cache(maxsize=2)
def _linker(held: _Held) -> UnitLinker:
    return UnitLinker(held.profile)


def difference(profile: Profile, unit: Unit, texts: Sequence[Text]) -> Difference:
    """Return in which texts ``unit`` (changed) would be found or lost, by the real index."""
    now = _linker(_Held(profile))
    then = UnitLinker(with_unit(profile, unit))
    gained, lost, kept = set(), set(), 0
    for one in texts:
        body = one.text[:_LONGEST_READ]
        before = any(hit.unit == unit.id for hit in now.link(body, at=one.at, ours=one.ours))
        after = any(hit.unit == unit.id for hit in then.link(body, at=one.at, ours=one.ours))
        if after and not before:
            gained.add(one.id)
        elif before and not after:
            lost.add(one.id)
        kept += before and after
    return Difference(frozenset(gained), frozenset(lost), kept)


def sought(unit: Unit) -> list[str]:
    """Return the phrases by which the search index finds texts that may speak of a unit."""
    names = [unit.name, *unit.aliases, *unit.name_variants]
    if unit.kind in SCHOOL_KINDS:
        names = [core_shown(name) for name in names]
    else:
        names += [place.commune or place.district or "" for place in unit.places]
    found = dict.fromkeys(folded for name in names if len(folded := fold(name)) > 1)
    return list(found)


def doubtful_names(profile: Profile, unit: Unit, before: Unit) -> list[str]:
    """Return warnings in Vietnamese about a unit's new names: another's, a word, short, a place."""
    old = {fold(name) for name in (before.name, *before.aliases, *before.name_variants)}
    others: dict[str, Unit] = {}
    for other in profile.units:
        if other.id != unit.id:
            for name in (other.name, *other.aliases, *other.name_variants):
                others.setdefault(_core(other, name), other)
    places = {
        split_area(name)[0]
        for other in profile.units
        for place in other.places
        for name in (place.commune, place.district, place.province)
        if name
    }
    warned: list[str] = []
    for name in (unit.name, *unit.aliases, *unit.name_variants):
        if fold(name) in old:
            continue
        core = _core(unit, name)
        if core in others:
            warned.append(
                f"«{name}» cũng là tên của «{others[core].name}»: tin chỉ nêu tên này sẽ không "
                "được gắn chắc chắn cho đơn vị nào."
            )
        elif _is_word(name):
            warned.append(
                f"«{name}» là từ thường gặp trong tin giáo dục: dễ gắn nhầm tin không nói về "
                "đơn vị này."
            )
        elif len(core.replace(" ", "")) < _SHORT:
            warned.append(
                f"«{name}» quá ngắn: chỉ được tính khi đứng cạnh loại trường hoặc địa danh."
            )
        elif unit.kind in SCHOOL_KINDS and core in places:
            warned.append(
                f"«{name}» cũng là tên một địa bàn: tin chỉ nói về địa bàn ấy có thể bị gắn nhầm."
            )
    return warned


def _core(unit: Unit, name: str) -> str:
    return fold(core_shown(name) if unit.kind in SCHOOL_KINDS else name)


def _is_word(name: str) -> bool:
    """Say whether a name is nothing but a phrase of the taxonomy or its groups."""
    row = tokens(name.lower())
    return any(m.first == 0 and m.last == len(row) - 1 for m in taxonomy().matches(row))
