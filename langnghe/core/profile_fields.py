"""The fields of a profile file: each is checked as it is read, and every problem is noted.

Split from ``profile`` because how one field is read is one matter, what makes a profile whole
another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from langnghe.core.clock import HANOI, as_utc
from langnghe.core.profile_people import read_contact, read_duty, read_line
from langnghe.core.text import clean
from langnghe.core.types import Place, Unit

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
    "country",
    "other",
)
COUNTRY = "country"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")


class FieldReader:
    """Reads fields and gathers problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, path: str, words: str) -> None:
        """Note a problem of the field at ``path``."""
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
                read_contact(self, entry, f"{path}.contacts[{i}]")
                for i, entry in enumerate(self.tables(table, "contacts", path))
            ),
            duty=tuple(
                row
                for i, entry in enumerate(self.tables(table, "duty", path))
                if (row := read_duty(self, entry, f"{path}.duty[{i}]", unit_id)) is not None
            ),
            lines=tuple(
                read_line(self, entry, f"{path}.lines[{i}]", unit_id)
                for i, entry in enumerate(self.tables(table, "lines", path))
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
