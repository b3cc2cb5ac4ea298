"""What one installation watches is data: a profile file in TOML or JSON, checked whole.

Every problem of a file is listed at once, with the field that holds it
(``units[2].places[0].until``), so that the person who writes profiles mends the file in one go and
nothing starts half-configured.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path

from langnghe.core.clock import HANOI, as_utc
from langnghe.core.errors import ProfileError
from langnghe.core.text import clean, digest
from langnghe.core.types import Contact, Place, Profile, Unit

KINDS = (
    "school",
    "kindergarten",
    "college",
    "university",
    "commune",
    "district",
    "department",
    "sector",
    "province",
    "ministry",
    "other",
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
_EMAIL = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]+\.[^\s@<>,;:\"().]{2,}")
_TOML_WHERE = re.compile(r"\(at line (\d+), column (\d+)\)")
_SHOWN = 40  # problems listed before "và N lỗi khác": a wrong file type would fill the screen
_MAX_BYTES = 50_000_000


def load_profile(path: Path) -> Profile:
    """Read a profile file: JSON when its name ends in ``.json``, TOML otherwise.

    Raises ``ProfileError`` that names the file, the line (where the syntax is broken) or every
    wrong field.
    """
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
    reader = _Reader()
    name = reader.text(data, "name", "", required=True) or ""
    units = tuple(
        reader.unit(entry, f"units[{i}]") for i, entry in enumerate(reader.tables(data, "units"))
    )
    if not units and not reader.problems:
        reader.wrong("units", "hồ sơ phải có ít nhất một đơn vị")
    sources = tuple(reader.tables(data, "sources"))
    extra = {k: v for k, v in data.items() if k not in ("name", "units", "sources")}
    _check_tree(units, reader)
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


def _check_tree(units: Sequence[Unit], reader: _Reader) -> None:
    """Note duplicate ids, unknown parents and parents that run in a circle."""
    first: dict[str, int] = {}
    for i, unit in enumerate(units):
        if not unit.id:
            continue
        if unit.id in first:
            reader.wrong(f"units[{i}].id", f"mã “{unit.id}” đã dùng ở units[{first[unit.id]}]")
        else:
            first[unit.id] = i
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


class _Reader:
    """Reads fields and gathers problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, path: str, words: str) -> None:
        self.problems.append(f"{path}: {words}")

    def text(
        self, table: Mapping[str, object], field: str, path: str, *, required: bool = False
    ) -> str | None:
        """Return a cleaned non-empty string or ``None``; notes a wrong type or a missing one."""
        where = f"{path}.{field}" if path else field
        value = table.get(field)
        if value is None:
            if required:
                self.wrong(where, "thiếu, phải có")
            return None
        if not isinstance(value, str):
            self.wrong(where, f"phải là chuỗi chữ, đang là {_kind(value)}")
            return None
        value = clean(value)
        if not value:
            if required:
                self.wrong(where, "để trống, phải có")
            return None
        return value

    def tables(
        self, table: Mapping[str, object], field: str, path: str = ""
    ) -> list[Mapping[str, object]]:
        """Return the list of tables under ``field``; an entry of another type becomes empty."""
        where = f"{path}.{field}" if path else field
        value = table.get(field)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.wrong(where, f"phải là danh sách, đang là {_kind(value)}")
            return []
        found: list[Mapping[str, object]] = []
        for i, entry in enumerate(value):
            if isinstance(entry, Mapping):
                found.append(entry)
            else:
                self.wrong(f"{where}[{i}]", f"phải là một bảng trường, đang là {_kind(entry)}")
        return found

    def texts(self, table: Mapping[str, object], field: str, path: str) -> tuple[str, ...]:
        """Return the strings of a list, empty ones and repetitions dropped."""
        value = table.get(field)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.wrong(f"{path}.{field}", f"phải là danh sách chữ, đang là {_kind(value)}")
            return ()
        found: dict[str, None] = {}
        for i, entry in enumerate(value):
            if not isinstance(entry, str):
                self.wrong(f"{path}.{field}[{i}]", f"phải là chuỗi chữ, đang là {_kind(entry)}")
            elif tidy := clean(entry):
                found[tidy] = None
        return tuple(found)

    def unit(self, table: Mapping[str, object], path: str) -> Unit:
        """Build one unit; what is missing is noted and stands empty."""
        unit_id = self.text(table, "id", path, required=True) or ""
        if unit_id and not _ID.fullmatch(unit_id):
            self.wrong(f"{path}.id", "chỉ dùng chữ không dấu, số, _ . : - (tối đa 100 ký tự)")
        kind = self.text(table, "kind", path, required=True) or ""
        if kind and kind not in KINDS:
            self.wrong(f"{path}.kind", f"“{kind}” không phải một trong: {', '.join(KINDS)}")
        return Unit(
            id=unit_id,
            kind=kind,
            name=self.text(table, "name", path, required=True) or "",
            parent=self.text(table, "parent", path),
            aliases=self.texts(table, "aliases", path),
            name_variants=self.texts(table, "name_variants", path),
            places=tuple(
                self._place(entry, f"{path}.places[{i}]")
                for i, entry in enumerate(self.tables(table, "places", path))
            ),
            contacts=tuple(
                self._contact(entry, f"{path}.contacts[{i}]")
                for i, entry in enumerate(self.tables(table, "contacts", path))
            ),
        )

    def _place(self, table: Mapping[str, object], path: str) -> Place:
        parts = {f: self.text(table, f, path) for f in ("commune", "district", "province")}
        if not any(parts.values()):
            self.wrong(path, "địa bàn phải có commune, district hoặc province")
        since = self._day(table, "since", path)
        until = self._day(table, "until", path)
        if since and until and until < since:
            self.wrong(f"{path}.until", "ngày kết thúc đứng trước ngày bắt đầu (since)")
        return Place(**parts, since=_start(since), until=_end(until))

    def _contact(self, table: Mapping[str, object], path: str) -> Contact:
        email = self.text(table, "email", path)
        if email is not None and not _EMAIL.fullmatch(email):
            self.wrong(f"{path}.email", f"“{email}” không phải địa chỉ thư điện tử")
        phone = self.text(table, "phone", path)
        if phone is not None and not 3 <= sum(c.isdigit() for c in phone) <= 15:
            self.wrong(f"{path}.phone", f"“{phone}” không phải số điện thoại")
        return Contact(
            role=self.text(table, "role", path, required=True) or "",
            name=self.text(table, "name", path, required=True) or "",
            email=email,
            phone=phone,
        )

    def _day(self, table: Mapping[str, object], field: str, path: str) -> date | None:
        value = table.get(field)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                self.wrong(f"{path}.{field}", f"“{value}” không phải ngày dạng 2025-07-01")
                return None
        self.wrong(f"{path}.{field}", f"phải là ngày dạng 2025-07-01, đang là {_kind(value)}")
        return None


def _start(day: date | None) -> datetime | None:
    """Return the first moment of a Vietnamese day, in UTC."""
    return as_utc(datetime.combine(day, time.min, HANOI)) if day else None


def _end(day: date | None) -> datetime | None:
    """Return the last moment of a Vietnamese day, in UTC (``until`` includes its day)."""
    if day is None:
        return None
    return as_utc(datetime.combine(day, time.max, HANOI)) if day < date.max else None


def _kind(value: object) -> str:
    names: Iterable[tuple[type, str]] = (
        (bool, "đúng/sai"),
        (int, "số"),
        (float, "số"),
        (str, "chuỗi chữ"),
        (Mapping, "bảng trường"),
        (list, "danh sách"),
        (date, "ngày"),
    )
    return next((word for kind, word in names if isinstance(value, kind)), "kiểu khác")
