"""What people changed of the sources on the screen, laid over the catalogue.

An edit either adds a source (``added``) or changes a few fields of one the catalogue names. Both
are checked by the catalogue's own rules; one that no longer fits is passed over and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from collectors.catalog import SourceConfig, source_entries
from langnghe.core.errors import ConfigError, InputError
from langnghe.core.overlay_profile import PassedOver
from langnghe.core.text import clean, digest, fold

CHANGEABLE = ("name", "interval_minutes", "tier", "place", "enabled")
ADDED = "added"
MOST_ADDED = 300
_PAGE = "trang Nguồn tin"


@dataclass(frozen=True, slots=True)
class Laid:
    """The sources in force, and the edits that do not count."""

    sources: tuple[SourceConfig, ...]
    passed: tuple[PassedOver, ...] = ()


def lay_sources(sources: Sequence[SourceConfig], edits: Mapping[str, Any]) -> Laid:
    """Return the catalogue with what was added and changed on the screen."""
    if not edits:
        return Laid(tuple(sources))
    found = {source.id: source for source in sources}
    passed: list[PassedOver] = []
    for key, value in edits.items():
        try:
            found[key] = edited_source(found.get(key), key, value)
        except ConfigError as error:
            passed.append(PassedOver("source", key, error.message))
    return Laid(tuple(found.values()), tuple(passed))


def edited_source(known: SourceConfig | None, key: str, value: object) -> SourceConfig:
    """Return one source with an edit laid over it. Raises ConfigError naming the field."""
    if not isinstance(value, Mapping):
        raise ConfigError("Thay đổi của nguồn không đọc được.")
    if known is None:
        if not value.get(ADDED):
            raise ConfigError("Danh mục không còn nguồn này.")
        entry = {field: said for field, said in value.items() if field != ADDED}
    else:
        entry = entry_of(known) | {f: value[f] for f in CHANGEABLE if f in value}
    return source_entries([{**entry, "id": key}], _PAGE)[0]


def entry_of(source: SourceConfig) -> dict[str, Any]:
    """Return a source as the catalogue would write it."""
    entry = asdict(source)
    if source.selectors is None:
        entry.pop("selectors")
    return entry


def checked(known: SourceConfig | None, key: str, value: Mapping[str, Any]) -> SourceConfig:
    """Return what ``edited_source`` does, for what a person typed. Raises InputError."""
    try:
        return edited_source(known, key, value)
    except ConfigError as error:
        field = error.message.rpartition("trường “")[2].partition("”")
        named = {
            "name": "Tên nguồn", "url": "Địa chỉ", "interval_minutes": "Chu kỳ đọc",
            "tier": "Hạng nguồn", "place": "Địa bàn", "kind": "Loại", "id": "Mã nguồn",
        }  # fmt: skip
        words = field[2].removeprefix(": ") or error.message
        raise InputError(
            f"{named.get(field[0], field[0] or 'Nguồn')}: {words}", mend="Sửa ô ấy rồi gửi lại."
        ) from error


def new_id(name: str, url: str, taken: Iterable[str]) -> str:
    """Return an id for a source added on the page: readable, and not taken yet."""
    base = fold(name).replace(" ", "-")[:48].strip("-") or "nguon"
    known = set(taken)
    if base not in known:
        return base
    return f"{base[:48]}-{digest(clean(url))[:8]}"
