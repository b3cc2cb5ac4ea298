"""What people changed of the watched units on the screen, laid over the profile's file.

Only how a unit is called and where it lies can be changed there: its names, other names, spellings
and places. Which units there are, their tree and their people stay the file's and the directory's.
An edit is checked with the very reader of the file before it is taken in; one that no longer fits
(the program or the file changed since) is passed over and said, never a reason not to start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from langnghe.core.clock import hanoi
from langnghe.core.errors import InputError
from langnghe.core.profile_fields import FieldReader
from langnghe.core.text import clean, digest
from langnghe.core.types import Place, Profile, Unit

FIELDS = ("name", "aliases", "name_variants", "places")
MARK = "edits"
"""The mark that says which edit the house was read with, and which were passed over."""
MOST_NAMES = 60
LONGEST_NAME = 200
MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An edit that does not count: of what kind, about what (its key), and why, in words."""

    kind: str
    key: str
    why: str


def lay_units(profile: Profile, edits: Mapping[str, Any]) -> tuple[Profile, tuple[PassedOver, ...]]:
    """Return the profile with the edits of its units laid over it, and those passed over.

    Without edits it is the very profile of the file; with some its ``version`` tells them apart.
    """
    if not edits:
        return profile, ()
    changed: dict[str, Unit] = {}
    passed: list[PassedOver] = []
    known = {unit.id: unit for unit in profile.units}
    for key, value in edits.items():
        unit = known.get(key)
        if unit is None:
            passed.append(PassedOver("unit", key, "Hồ sơ không còn đơn vị này."))
            continue
        try:
            changed[key] = edited_unit(unit, value)
        except InputError as error:
            passed.append(PassedOver("unit", key, error.message))
    if not changed:
        return profile, tuple(passed)
    told = json.dumps({key: edits[key] for key in changed}, ensure_ascii=False, sort_keys=True)
    units = tuple(changed.get(unit.id, unit) for unit in profile.units)
    laid = replace(profile, units=units, version=digest(profile.version, told)[:16])
    return laid, tuple(passed)


def edited_unit(unit: Unit, value: object) -> Unit:
    """Return the unit with the fields of one edit. Raises InputError naming what is wrong."""
    if not isinstance(value, Mapping):
        raise InputError("Thay đổi của đơn vị không đọc được.")
    reader = FieldReader()
    stated = unit_value(unit) | {field: value[field] for field in FIELDS if field in value}
    read = reader.unit({"id": unit.id, "kind": unit.kind, **stated}, "đơn vị")
    if reader.problems:
        raise InputError(
            " ".join(_plainly(problem) for problem in reader.problems[:3]),
            mend="Sửa ô ấy rồi gửi lại.",
        )
    names = (read.name, *read.aliases, *read.name_variants)
    if len(names) > MOST_NAMES or len(read.places) > MOST_PLACES:
        raise InputError(
            f"Nhiều quá: tối đa {MOST_NAMES} tên gọi và {MOST_PLACES} địa bàn cho một đơn vị.",
            mend="Giữ những tên thật sự có người dùng.",
        )
    if long := next((name for name in names if len(name) > LONGEST_NAME), None):
        raise InputError(
            f"Tên «{long[:40]}…» dài quá {LONGEST_NAME} ký tự.", mend="Ghi tên ngắn hơn."
        )
    return replace(
        unit, name=read.name, aliases=read.aliases, name_variants=read.name_variants,
        places=read.places,
    )  # fmt: skip


def unit_value(unit: Unit) -> dict[str, Any]:
    """Return how a unit is called and where it lies as an edit would say it (plain JSON)."""
    return {
        "name": unit.name,
        "aliases": list(unit.aliases),
        "name_variants": list(unit.name_variants),
        "places": [place_value(place) for place in unit.places],
    }


def place_value(place: Place) -> dict[str, str]:
    """Return a place as a profile writes it; ``until`` includes its day."""
    said = {
        "commune": place.commune, "district": place.district, "province": place.province,
        "since": _day(place.since), "until": _day(place.until),
    }  # fmt: skip
    return {field: value for field, value in said.items() if value}


def lines_of(text: str) -> list[str]:
    """Return the names a person typed, one a line, each once, in order."""
    return list(dict.fromkeys(tidy for line in text.splitlines() if (tidy := clean(line))))


def said_passed(data: Mapping[str, Any]) -> Sequence[PassedOver]:
    """Return the edits that a mark says were passed over."""
    return [PassedOver(**one) for one in data.get("passed", ())]


def _day(moment: datetime | None) -> str | None:
    return hanoi(moment).date().isoformat() if moment else None


def _plainly(problem: str) -> str:
    """Return a problem of the file's reader without the path of a file's field."""
    path, _, words = problem.partition(": ")
    named = {"name": "Tên", "aliases": "Tên gọi khác", "name_variants": "Cách viết khác"}
    field = path.split(".")[1].split("[")[0] if "." in path else path
    return f"{named.get(field, 'Địa bàn')}: {words}."
