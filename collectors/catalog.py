"""The list of sources is data: a new newspaper is an entry in a YAML file, never code.

A wrong entry is named by file, line, entry and field, and nothing of the file is used: a service
that silently watches half of its sources is worse than one that does not start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import yaml

from collectors.html import ListingSelectors
from langnghe.core.errors import ConfigError
from langnghe.core.items import KINDS as ITEM_KINDS

CATALOG = Path(__file__).with_name("catalog.yaml")
SOURCE_KINDS = ("rss", "atom", "jsonfeed", "sitemap", "html")
LISTS = ("sitemap", "html")
"""Kinds that only name their articles: the texts stand on pages of their own."""
SHORTEST_INTERVAL = 5
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SELECTOR_FIELDS = ("item", "title", "link", "summary", "date", "must_contain")


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source to watch. ``tier`` 1 (government) to 4 (copies); ``evidence`` ok or weak."""

    id: str
    name: str
    kind: str
    url: str
    tier: int = 4
    place: str = ""
    evidence: str = "weak"
    interval_minutes: int = 30
    enabled: bool = True
    item_kind: str = "news"
    silent_after_hours: int = 72
    selectors: ListingSelectors | None = None


def load_catalog(path: Path | None = None) -> tuple[SourceConfig, ...]:
    """Return the sources of a catalog file (default: the one that comes with the program).

    Raises ``ConfigError`` naming file, line, entry and field of the first mistake.
    """
    shown = str(path) if path else CATALOG.name
    path = path or CATALOG
    try:
        text = path.read_text("utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except OSError as error:
        raise ConfigError(
            f"Không đọc được danh mục nguồn “{shown}”.",
            mend="Kiểm tra lại đường dẫn và quyền đọc của tệp.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"Danh mục nguồn “{shown}” không phải chữ UTF-8.",
            mend="Lưu lại tệp với bảng mã UTF-8.",
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", dòng {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"Danh mục nguồn “{shown}”{where}: không phải YAML đúng.",
            mend="Kiểm tra thụt dòng và dấu hai chấm ở dòng này.",
        ) from error
    raw = data.get("sources") if isinstance(data, dict) else None
    if not isinstance(raw, list):
        raise ConfigError(
            f"Danh mục nguồn “{shown}”: thiếu danh sách “sources”.",
            mend="Tệp phải có mục “sources:”; ghi “sources: []” nếu chưa nghe nguồn nào.",
        )
    return source_entries(raw, shown, lines=_lines(root))


def source_entries(
    raw: Sequence[object], file: str, *, lines: Sequence[int] = ()
) -> tuple[SourceConfig, ...]:
    """Return the sources for raw entries (of a catalog, or of a profile's own ``sources``).

    ``lines`` are the entries' lines in ``file``. Raises ``ConfigError`` at the first mistake.
    """
    sources: dict[str, SourceConfig] = {}
    for index, entry in enumerate(raw):
        line = lines[index] if index < len(lines) else 0
        checked = _Entry(file, line, index + 1, entry)
        source = checked.source()
        if source.id in sources:
            checked.wrong("id", "mã này đã dùng cho nguồn khác")
        sources[source.id] = source
    return tuple(sources.values())


def _lines(root: yaml.Node | None) -> list[int]:
    if not isinstance(root, yaml.MappingNode):
        return []
    for key, value in root.value:
        if key.value == "sources" and isinstance(value, yaml.SequenceNode):
            return [node.start_mark.line + 1 for node in value.value]
    return []


class _Entry:
    """One entry under validation: knows where it stands, so that a complaint can say so."""

    def __init__(self, file: str, line: int, number: int, raw: object) -> None:
        self._file, self._line, self._number = file, line, number
        name = raw.get("id") if isinstance(raw, dict) else None
        self._name = name if isinstance(name, str) else f"thứ {number}"
        if not isinstance(raw, dict):
            self.wrong("-", "mỗi nguồn phải là các cặp “tên: giá trị”")
        self._raw: dict[Any, Any] = raw

    def wrong(self, field: str, why: str) -> NoReturn:
        where = f"dòng {self._line}" if self._line else f"mục sources[{self._number - 1}]"
        raise ConfigError(
            f"Danh mục nguồn “{self._file}”, {where}, nguồn “{self._name}”, "
            f"trường “{field}”: {why}.",
            mend="Sửa trường này theo chú thích ở đầu tệp danh mục rồi chạy lại.",
        )

    def source(self) -> SourceConfig:
        known = SourceConfig.__dataclass_fields__
        for field in self._raw:
            if field not in known:
                self.wrong(str(field), "không có trường này")
        kind = self._text("kind", lambda v: v in SOURCE_KINDS, " hoặc ".join(SOURCE_KINDS))
        return SourceConfig(
            id=self._text("id", lambda v: bool(_ID.fullmatch(v)), "chữ thường, số, gạch nối"),
            name=self._text("name", bool, "tên hiển thị"),
            kind=kind,
            url=self._text("url", _is_web, "địa chỉ http(s), không kèm mật khẩu"),
            tier=self._number_in("tier", 1, 4, 4),
            place=self._text("place", lambda _: True, "tên nơi chốn", default=""),
            evidence=self._text("evidence", lambda v: v in ("ok", "weak"), "ok hoặc weak",
                                default="weak"),
            interval_minutes=self._number_in("interval_minutes", SHORTEST_INTERVAL, 10_080, 30),
            enabled=self._switch("enabled"),
            item_kind=self._text("item_kind", lambda v: v in ITEM_KINDS, " hoặc ".join(ITEM_KINDS),
                                 default="news"),
            silent_after_hours=self._number_in("silent_after_hours", 1, 8_760, 72),
            selectors=self._selectors(kind),
        )  # fmt: skip

    def _text(
        self, field: str, good: Callable[[str], bool], hint: str, default: str | None = None
    ) -> str:
        value = self._raw.get(field, default)
        if value is None:
            self.wrong(field, f"còn thiếu ({hint})")
        if not isinstance(value, str) or not good(value.strip()):
            self.wrong(field, f"phải là {hint}")
        return value.strip()

    def _number_in(self, field: str, least: int, most: int, default: int) -> int:
        value = self._raw.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.wrong(field, f"phải là số nguyên từ {least} đến {most}")
        return value

    def _switch(self, field: str) -> bool:
        value = self._raw.get(field, True)
        if not isinstance(value, bool):
            self.wrong(field, "phải là true hoặc false")
        return value

    def _selectors(self, kind: str) -> ListingSelectors | None:
        value = self._raw.get("selectors")
        if kind != "html":
            if value is not None:
                self.wrong("selectors", "chỉ dùng cho nguồn loại html")
            return None
        if not isinstance(value, dict) or not isinstance(value.get("item"), str):
            self.wrong("selectors.item", "còn thiếu (bộ chọn CSS của một bài trên trang)")
        for field, selector in value.items():
            if field not in _SELECTOR_FIELDS:
                self.wrong(f"selectors.{field}", "không có trường này")
            if selector is not None and not isinstance(selector, str):
                self.wrong(f"selectors.{field}", "phải là chữ")
        selectors = ListingSelectors(**value)
        if (bad := selectors.wrong_field()) is not None:
            self.wrong(f"selectors.{bad}", "không phải bộ chọn CSS đúng")
        return selectors


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc
