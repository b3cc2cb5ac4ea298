"""What a place was called before 1/7/2025, and what it became.

On that day 63 provinces became 34, some 10,000 communes some 3,300, and the districts ended. People
and archives go on using the old names, so a unit known by today's place must be found by the old
one too, and the other way round. Facts only, read from the data of ``vietnamadminunits``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from langnghe.core.text import fold
from langnghe.core.types import Place
from nlp.gazetteer import tables

_VN = timezone(timedelta(hours=7))
MERGED_AT = datetime(2025, 7, 1, tzinfo=_VN)
LAST_OLD_DAY = MERGED_AT - timedelta(seconds=1)

Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class History:
    """Old and new names of communes; folded keys keep their type word ("xa na u").

    ``before`` maps (commune, province of today) to the old (commune, district, province) whose
    main part it took over; ``after`` maps an old triple to all its heirs, the main one first, as
    (commune, province). ``bare`` holds the names of all communes and districts, old and new,
    without their type word, and the provinces of today they lie in (folded, bare). ``heirs``
    maps (bare name of an old commune, province of today) to the communes that mainly took it over.
    """

    before: dict[tuple[str, str], tuple[Triple, ...]]
    after: dict[Triple, tuple[tuple[str, str], ...]]
    bare: dict[str, frozenset[str]]
    heirs: dict[tuple[str, str], frozenset[str]]


@lru_cache(maxsize=1)
def history() -> History:
    """Return the changes of 1/7/2025; raises ``ConfigError`` if the data are not there."""
    old, new, change = tables()
    now_of = {k: now for now, befores in change["DICT_PROVINCE"].items() for k in (now, *befores)}
    provinces_old = {k: v["province"] for k, v in old["DICT_PROVINCE"].items()}
    provinces_new = {k: v["province"] for k, v in new["DICT_PROVINCE"].items()}
    districts = {
        (province, key): entry["district"]
        for province, listed in old["DICT_PROVINCE_DISTRICT"].items()
        for key, entry in listed.items()
    }
    was: dict[str, Triple] = {}
    bare: dict[str, set[str]] = {}

    def note(short: object, province: str) -> None:
        if isinstance(short, str) and not short.isdigit():
            bare.setdefault(fold(short), set()).add(bare_area(provinces_new[province]))

    for table in (
        "DICT_PROVINCE_DISTRICT_WARD_NO_ACCENTED",
        "DICT_PROVINCE_DISTRICT_WARD_ACCENTED",
    ):
        for province, by_district in old[table].items():
            for district, wards in by_district.items():
                for key, entry in wards.items():
                    if isinstance(entry["ward"], str):
                        was[f"{province}_{district}_{key}"] = (
                            entry["ward"],
                            districts[province, district],
                            provinces_old[province],
                        )
                        note(entry["wardShort"], now_of[province])
    for province, listed in old["DICT_PROVINCE_DISTRICT"].items():
        for entry in listed.values():
            note(entry["districtShort"], now_of[province])
    names = {}
    for table in ("DICT_PROVINCE_WARD_NO_ACCENTED", "DICT_PROVINCE_WARD_ACCENTED"):
        for province, wards in new[table].items():
            for key, entry in wards.items():
                names[province, key] = entry["ward"]
                note(entry["wardShort"], province)
    before: dict[tuple[str, str], list[Triple]] = {}
    after: dict[Triple, list[tuple[str, str]]] = {}
    heirs: dict[tuple[str, str], set[str]] = {}
    for province, key, old_key, main in _moves(change):
        triple, commune = was.get(old_key), names.get((province, key))
        if triple and commune:
            if main:
                named = (fold(triple[0]).split(" ", 1)[-1], bare_area(provinces_new[province]))
                heirs.setdefault(named, set()).add(fold(commune))
                now = (fold(commune), bare_area(provinces_new[province]))
                before.setdefault(now, []).append(triple)
            found = after.setdefault(_key(triple), [])
            found.insert(0 if main else len(found), (commune, provinces_new[province]))
    return History(
        {k: tuple(v) for k, v in before.items()},
        {k: tuple(v) for k, v in after.items()},
        {k: frozenset(v) for k, v in bare.items()},
        {k: frozenset(v) for k, v in heirs.items()},
    )


def _moves(change: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    for province, wards in change["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for key, olds in wards.items():
            for old in olds:
                yield province, key, old, True
    for province, olds in change["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in olds.items():
            for part in parts:
                yield province, part["newWardKey"], old, bool(part["isDefaultNewWard"])


def bare_area(name: str) -> str:
    """Return the folded name of a province without its type word ("Tỉnh Sơn La" → "son la")."""
    return fold(name).removeprefix("tinh ").removeprefix("thanh pho ")


def _key(triple: Triple) -> Triple:
    return fold(triple[0]), fold(triple[1]), bare_area(triple[2])


@lru_cache(maxsize=8192)
def other_times(place: Place) -> tuple[Place, ...]:
    """Return the names a commune bore before, or bears since, the mergers of 1/7/2025.

    Each comes with its date of validity; of a commune that was divided only the main heir is told.
    ``()`` for places without a commune, unknown ones, and
    old communes without a district (their name alone does not tell which one is meant).
    """
    if not place.commune or not place.province:
        return ()
    book = history()
    if place.district:
        key = (fold(place.commune), fold(place.district), bare_area(place.province))
        return tuple(
            Place(commune, None, province, since=MERGED_AT)
            for commune, province in book.after.get(key, ())[:1]
        )
    today = bare_area(place.province)
    return tuple(
        Place(*triple, until=LAST_OLD_DAY)
        for triple in book.before.get((fold(place.commune), today), ())
    )


@lru_cache(maxsize=65536)
def lives_on(place: Place, today: frozenset[str]) -> bool:
    """Say whether an old commune's name is now that of a commune in ``today`` it did not become.

    ``today`` holds folded bare provinces. Such a name ("xã Sam Mứn" of old is in Thanh An now) is
    no safe sign of the heir.
    """
    if not place.commune or not place.district or not place.province:
        return False
    book = history()
    key = (fold(place.commune), fold(place.district), bare_area(place.province))
    heirs = {fold(commune) for commune, _ in book.after.get(key, ())[:1]}
    core = fold(place.commune).split(" ", 1)[-1]
    return any(
        (f"{kind} {core}", province) in book.before and f"{kind} {core}" not in heirs
        for kind in ("xa", "phuong", "dac khu")
        for province in today
    )
