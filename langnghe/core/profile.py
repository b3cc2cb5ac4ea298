"""What one installation watches is data: a profile file in TOML or JSON, checked whole.

Every problem of a file is listed at once, with the field that holds it
(``units[2].places[0].until``), so that the person who writes profiles mends the file in one go and
nothing starts half-configured.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path

from langnghe.core.errors import ProfileError
from langnghe.core.lines import overlapping
from langnghe.core.profile_fields import COUNTRY, KINDS, FieldReader
from langnghe.core.text import digest
from langnghe.core.types import Profile, Unit

__all__ = ["COUNTRY", "KINDS", "PACKAGED", "find_profile", "load_profile", "parse_profile"]

PACKAGED = ("ca-nuoc",)
"""Profiles that ship with the program and may be named instead of a file."""

_TOML_WHERE = re.compile(r"\(at line (\d+), column (\d+)\)")
_SHOWN = 40  # problems listed before "và N lỗi khác": a wrong file type would fill the screen
_MAX_BYTES = 50_000_000


def find_profile(path: Path) -> Path:
    """Return the file a profile is named by: a packaged one for its bare name, else ``path``.

    A file of that name in the working folder comes first.
    """
    if str(path) in PACKAGED and not path.exists():
        return Path(__file__).parent / "profiles" / f"{path}.toml"
    return path


def load_profile(path: Path) -> Profile:
    """Read a profile file: JSON when its name ends in ``.json``, TOML otherwise.

    ``path`` may be the name of a packaged profile (``PACKAGED``). Raises ``ProfileError`` that
    names the file, the line (where the syntax is broken) or every wrong field.
    """
    path = find_profile(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ProfileError(
                f"{path}: tệp hồ sơ quá lớn (trên 50 MB).", mend="Kiểm tra lại đường dẫn tệp."
            )
        source = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ProfileError(
            f"{path}: không mở được tệp hồ sơ.",
            mend="Kiểm tra đường dẫn và quyền đọc tệp.",
        ) from error
    except UnicodeDecodeError as error:
        raise ProfileError(
            f"{path}: tệp hồ sơ không phải văn bản UTF-8 (sai từ byte {error.start}).",
            mend="Lưu lại tệp bằng bảng mã UTF-8.",
        ) from error
    return parse_profile(_decode(source, path), where=str(path))


def _decode(source: str, path: Path) -> Mapping[str, object]:
    """Return the table a profile text holds; broken syntax is told with its line."""
    try:
        data = json.loads(source) if path.suffix.lower() == ".json" else tomllib.loads(source)
    except json.JSONDecodeError as error:
        raise ProfileError(
            f"{path}, dòng {error.lineno}, cột {error.colno}: sai cú pháp JSON.",
            mend="Kiểm tra dấu ngoặc, dấu phẩy và dấu nháy quanh vị trí ấy.",
        ) from error
    except tomllib.TOMLDecodeError as error:
        found = _TOML_WHERE.search(str(error))
        if found:
            line, column = found.groups()
            at = f", dòng {line}, cột {column}"
        else:
            at = f", dòng {source.count(chr(10)) + 1} (cuối tệp)"
        raise ProfileError(
            f"{path}{at}: sai cú pháp TOML.",
            mend="Kiểm tra dấu nháy, dấu ngoặc và tên trường (không khai một trường hai lần).",
        ) from error
    except RecursionError as error:
        raise ProfileError(f"{path}: tệp lồng nhau quá sâu.", mend="Kiểm tra lại tệp.") from error
    if not isinstance(data, dict):
        raise ProfileError(
            f"{path}: hồ sơ phải là một bảng có trường name và units.",
            mend="Xem tệp hồ sơ mẫu.",
        )
    return data


def parse_profile(data: Mapping[str, object], *, where: str) -> Profile:
    """Build a checked profile from decoded data; ``where`` names its origin in messages.

    Raises one ``ProfileError`` that lists every problem with its field path.
    """
    reader = FieldReader()
    name = reader.text(data, "name", "", required=True) or ""
    units = tuple(
        reader.unit(entry, f"units[{i}]") for i, entry in enumerate(reader.tables(data, "units"))
    )
    if not units and not reader.problems:
        reader.wrong("units", "hồ sơ phải có ít nhất một đơn vị")
    sources = tuple(reader.tables(data, "sources"))
    extra = {k: v for k, v in data.items() if k not in ("name", "units", "sources")}
    _check_tree(units, reader)
    _check_people(units, reader)
    if reader.problems:
        raise ProfileError(_listing(where, reader.problems), mend="Sửa các trường nêu trên.")
    return Profile(name=name, units=units, sources=sources, version=_version(data), extra=extra)


def _version(data: Mapping[str, object]) -> str:
    """Return the hash of the content, the same for TOML and JSON and any order of fields."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, default=_plain)
    return digest(canonical)[:16]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _listing(where: str, problems: Sequence[str]) -> str:
    if len(problems) == 1:
        return f"{where}: {problems[0]}"
    lines = [f"- {problem}" for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"- … và {len(problems) - _SHOWN} lỗi khác")
    return f"{where}: hồ sơ có {len(problems)} lỗi:\n" + "\n".join(lines)


def _check_tree(units: Sequence[Unit], reader: FieldReader) -> None:
    """Note duplicate ids, unknown parents, parents that run in a circle, a second country."""
    first: dict[str, int] = {}
    country = -1
    for i, unit in enumerate(units):
        if not unit.id:
            continue
        if unit.id in first:
            reader.wrong(f"units[{i}].id", f"mã “{unit.id}” đã dùng ở units[{first[unit.id]}]")
        else:
            first[unit.id] = i
        if unit.kind != COUNTRY:
            continue
        if unit.parent is not None:
            reader.wrong(f"units[{i}].parent", "đơn vị cả nước (country) không có cấp trên")
        if country >= 0:
            reader.wrong(f"units[{i}].kind", f"đã có đơn vị cả nước ở units[{country}]")
        country = i
    parents = {unit.id: unit.parent for unit in reversed(units)}
    settled: set[str] = set()
    for i, unit in enumerate(units):
        if unit.parent is not None and unit.parent not in first:
            reader.wrong(f"units[{i}].parent", f"không có đơn vị nào mang mã “{unit.parent}”")
            continue
        path: dict[str, None] = {}  # ordered set: a chain of thousands stays linear
        current: str | None = unit.id
        while current is not None and current not in settled and current not in path:
            path[current] = None
            current = parents.get(current)
        if current is not None and current in path:
            order = list(path)
            ring = " → ".join([*order[order.index(current) :], current])
            reader.wrong(f"units[{first[current]}].parent", f"cấp trên chạy vòng: {ring}")
        settled.update(path)


def _check_people(units: Sequence[Unit], reader: FieldReader) -> None:
    """Note people on duty who are not in the unit's directory, and lines that lead nowhere."""
    known = {unit.id for unit in units}
    for i, unit in enumerate(units):
        names = {word for c in unit.contacts for word in (c.name, c.email) if word}
        for j, duty in enumerate(unit.duty):
            if duty.person not in names:
                reader.wrong(
                    f"units[{i}].duty[{j}].person",
                    f"“{duty.person}” không có trong contacts của đơn vị này (ghi tên hoặc e-mail)",
                )
        for j, line in enumerate(unit.lines):
            if line.to_unit is not None and line.to_unit not in known:
                reader.wrong(
                    f"units[{i}].lines[{j}].to", f"không có đơn vị nào mang mã “{line.to_unit}”"
                )
            elif line.to_unit is not None and line.to_unit == unit.id:
                reader.wrong(f"units[{i}].lines[{j}].to", "đơn vị không báo cáo chính mình")
            if overlapping(unit.lines[:j], line) is not None:
                reader.wrong(f"units[{i}].lines[{j}]", "trùng thời gian với dòng cùng tuyến ở trên")
