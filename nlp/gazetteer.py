"""Which province a place name lies in, before and after the mergers of 1/7/2025.

The names come from the data files of the ``vietnamadminunits`` package; they are read directly,
because importing the package itself pulls in much that is not needed here. Loaded once, on demand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langnghe.core.errors import ConfigError
from langnghe.core.text import fold

_KINDS = ("Xã ", "Phường ", "Thị trấn ", "Đặc khu ", "Huyện ", "Quận ", "Thị xã ", "Thành phố ")


@dataclass(frozen=True, slots=True)
class Area:
    """A commune or district with its type word ("Xã Kim Thủy"), and its province today (folded)."""

    name: str
    province: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """``today`` maps every old and new province name (folded) to the one in force, folded.

    ``shown`` maps folded province names to their written form. ``areas`` are those typed names
    that exist in one province of today only; ``towns`` are cities below a province, likewise;
    ``named`` are
    bare names ("Kim Thủy") that no second province has.
    """

    today: dict[str, str]
    shown: dict[str, str]
    areas: tuple[Area, ...]
    towns: tuple[Area, ...]
    named: tuple[Area, ...]


@lru_cache(maxsize=1)
def tables() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the tables of names before and after 1/7/2025 and of the changes between.

    Raises ``ConfigError`` if the data are not there.
    """
    spec = find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            "Thiếu gói vietnamadminunits (địa danh hành chính).",
            mend="Cài lại chương trình với đủ các gói phụ thuộc.",
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "data"
    return (
        _read(folder / "parser_legacy.json"),
        _read(folder / "parser_from_2025.json"),
        _read(folder / "converter_2025.json"),
    )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Return the place names of the country; raises ``ConfigError`` if the data are not there."""
    old, new, change = tables()
    merged = change["DICT_PROVINCE"]
    short = {
        key: entry["provinceShort"]
        for table in (old["DICT_PROVINCE"], new["DICT_PROVINCE"])
        for key, entry in table.items()
    }
    today: dict[str, str] = {}
    current_key: dict[str, str] = {}
    for now, befores in merged.items():
        for key in (now, *befores):
            current_key[key] = now
            if key in short:
                today[fold(short[key])] = fold(short[now])
    where: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    bare: dict[str, set[str]] = {}
    bare_shown: dict[str, str] = {}
    towns: dict[str, set[str]] = {}

    def note(name: object, key: str) -> None:
        now = current_key.get(key)
        if now is not None and isinstance(name, str):  # island districts have no communes (NaN)
            folded = fold(name)
            where.setdefault(folded, set()).add(fold(short[now]))
            shown.setdefault(folded, name)
            for kind in _KINDS:
                if name.startswith(kind):
                    core = name.removeprefix(kind)
                    bare.setdefault(fold(core), set()).add(fold(short[now]))
                    bare_shown.setdefault(fold(core), core)

    for key, districts in old["DICT_PROVINCE_DISTRICT"].items():
        for entry in districts.values():
            note(entry["district"], key)
            now = current_key.get(key)
            if now and entry["districtType"] in ("Thành phố", "Thị xã"):
                towns.setdefault(entry["districtShort"], set()).add(fold(short[now]))
    for key, by_district in old["DICT_PROVINCE_DISTRICT_WARD_NO_ACCENTED"].items():
        for wards in by_district.values():
            for entry in wards.values():
                note(entry["ward"], key)
    for key, wards in new["DICT_PROVINCE_WARD_NO_ACCENTED"].items():
        for entry in wards.values():
            note(entry["ward"], key)
    areas = tuple(
        Area(shown[name], next(iter(found)))
        for name, found in where.items()
        if len(found) == 1 and not name.split()[-1].isdigit()
    )
    single = tuple(
        Area(name, next(iter(found)))
        for name, found in towns.items()
        if len(found) == 1 and " " in name and fold(name) not in today
    )
    named = tuple(
        Area(bare_shown[name], next(iter(found)))
        for name, found in bare.items()
        if len(found) == 1 and " " in name and not name.split()[-1].isdigit()
    )
    return Gazetteer(today, {fold(s): s for s in short.values()}, areas, single, named)


def _read(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            "Không đọc được dữ liệu địa danh của gói vietnamadminunits.",
            mend="Cài lại gói vietnamadminunits.",
        ) from error
    return data
