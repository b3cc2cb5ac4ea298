"""Labelled rows: the shape both training and measuring read, checked in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from langnghe.core.errors import InputError
from langnghe.core.items import parse_item, read_objects
from langnghe.core.types import Item

SCOPES = ("vn", "foreign", "n/a")
SENTIMENTS = ("neg", "neu", "pos")
UNDECIDABLE = "undecidable"  # answer of a row in which no unit may be named


@dataclass(frozen=True)
class Labelled:
    """One item with the answers a person gave; ``None`` where no answer was given."""

    item: Item
    about_education: bool | None
    scope: str | None
    sentiment: str | None
    topics: frozenset[str] | None
    topics_ok: frozenset[str]
    risk: int | None
    units: frozenset[str] | None = None
    units_ok: frozenset[str] = frozenset()
    raw: dict[str, object] | None = None


def read_labelled(path: Path) -> Iterator[tuple[int, Labelled | InputError]]:
    """Yield ``(line number, labelled row or the error of that line)``.

    Raises ``InputError`` only if the file itself cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            for number, obj in read_objects(stream):
                if isinstance(obj, InputError):
                    yield number, obj
                    continue
                try:
                    yield number, _labelled(obj)
                except InputError as error:
                    yield number, error
    except OSError as error:
        raise InputError(
            f"Không mở được tệp {path}.", mend="Kiểm tra lại đường dẫn và quyền đọc tệp."
        ) from error


def _labelled(obj: dict[str, object]) -> Labelled:
    about = obj.get("about_education")
    if about is not None and not isinstance(about, bool):
        raise _wrong("about_education", "true hoặc false")
    risk = obj.get("risk")
    if risk is not None and (isinstance(risk, bool) or risk not in (0, 1, 2, 3)):
        raise _wrong("risk", "0, 1, 2 hoặc 3")
    return Labelled(
        item=parse_item(obj),
        about_education=about,
        scope=_one_of(obj, "scope", SCOPES),
        sentiment=_one_of(obj, "sentiment", SENTIMENTS),
        topics=_names(obj, "topics"),
        topics_ok=_names(obj, "topics_ok") or frozenset(),
        risk=risk if isinstance(risk, int) else None,
        units=_names(obj, "gold") if "gold" in obj else _names(obj, "units"),
        units_ok=_names(obj, "also_ok") or frozenset(),
        raw=obj,
    )


def _one_of(obj: dict[str, object], field: str, allowed: tuple[str, ...]) -> str | None:
    value = obj.get(field)
    if value is not None and value not in allowed:
        raise _wrong(field, ", ".join(allowed))
    return value if isinstance(value, str) else None


def _names(obj: dict[str, object], field: str) -> frozenset[str] | None:
    value = obj.get(field)
    if value is None:
        return None
    if value == UNDECIDABLE:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _wrong(field, "danh sách chuỗi")
    return frozenset(value)


def _wrong(field: str, wanted: str) -> InputError:
    return InputError(f"Trường “{field}” phải là {wanted}.", mend="Sửa lại nhãn của dòng này.")
