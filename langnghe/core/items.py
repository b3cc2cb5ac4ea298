"""JSON Lines of items at the door: one place that says what a good line is.

Every command that takes items from a file or a pipe (``analyse``, ``cluster``, ``replay``, archive
sources, the push API) reads them here, so that a bad line gets the same answer everywhere.
A line that cannot be used is named and passed over; it never stops the good ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from langnghe.core.clock import HANOI, as_utc
from langnghe.core.errors import InputError
from langnghe.core.legacy import modern
from langnghe.core.text import clean
from langnghe.core.types import Item

KINDS = ("news", "comment")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MEND = "Sửa lại dòng này theo mẫu trong hướng dẫn rồi chạy lại; các dòng khác không bị ảnh hưởng."
_YEARS = range(1900, 2200)  # outside, a typing error; near its edges the calendar itself ends
_SHORT_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")


def parse_item(obj: Mapping[str, object]) -> Item:
    """Return the item one JSON object stands for, its texts cleaned.

    Fields as in the file contract; unknown ones are passed over. A time without zone is taken as
    Vietnamese time. A date that cannot be read keeps the item and marks it ``undated``: losing a
    warning because of its date would be worse. Raises ``InputError`` naming the field.
    """
    raw_id = obj.get("id")
    if isinstance(raw_id, int) and not isinstance(raw_id, bool):
        raw_id = str(raw_id)
    if not isinstance(raw_id, str) or not (item_id := clean(_sound(raw_id))):
        raise InputError("Trường “id” phải có và là một chuỗi không rỗng.", mend=_MEND)
    kind = _text(obj, "kind") or "news"
    if kind not in KINDS:
        raise InputError("Trường “kind” phải là “news” hoặc “comment”.", mend=_MEND)
    title, text = _text(obj, "title"), _text(obj, "text")
    if title is None and text is None:
        raise InputError("Phải có ít nhất một trong hai trường “title”, “text”.", mend=_MEND)
    published_at, unreadable = _moment(obj, "published_at")
    seen_at, _ = _moment(obj, "seen_at" if obj.get("seen_at") else "first_seen_at")
    return Item(
        id=item_id,
        kind=kind,
        source=_text(obj, "source"),
        url=_text(obj, "url"),
        published_at=published_at,
        title=title,
        text=text,
        author=_text(obj, "author"),
        seen_at=seen_at,
        problems=("undated",) if unreadable else (),
    )


def read_items(stream: Iterable[bytes | str]) -> Iterator[tuple[int, Item | InputError]]:
    """Yield ``(line number from 1, item or the error of that line)`` for each line of a stream.

    Takes lines of bytes (preferred) or text. Blank lines and a leading byte-order mark are passed
    over without a word; broken UTF-8, broken JSON and bad fields yield an ``InputError``.
    """
    for number, obj in read_objects(stream):
        if isinstance(obj, InputError):
            yield number, obj
            continue
        try:
            yield number, parse_item(obj)
        except InputError as error:
            yield number, error


def read_objects(
    stream: Iterable[bytes | str],
) -> Iterator[tuple[int, dict[str, object] | InputError]]:
    """Yield ``(line number from 1, JSON object or the error of that line)``; see ``read_items``."""
    for number, line in enumerate(stream, start=1):
        try:
            text = line.decode("utf-8") if isinstance(line, bytes) else line
        except UnicodeDecodeError:
            yield number, InputError("Dòng này không phải chữ UTF-8.", mend=_MEND)
            continue
        text = text.removeprefix("\ufeff").strip()
        if not text:
            continue
        try:
            obj = json.loads(text)
        except (ValueError, RecursionError):
            yield number, InputError("Dòng này không phải JSON đúng.", mend=_MEND)
            continue
        if isinstance(obj, dict):
            yield number, obj
        else:
            yield number, InputError("Dòng này phải là một đối tượng JSON {…}.", mend=_MEND)


def _sound(text: str) -> str:
    # A JSON escape can smuggle in half a character, which no file or database will take later.
    return _SURROGATE.sub("\ufffd", text)


def _text(obj: Mapping[str, object], field: str) -> str | None:
    value = obj.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"Trường “{field}” phải là chuỗi hoặc null.", mend=_MEND)
    return clean(modern(_sound(value))) or None


def _moment(obj: Mapping[str, object], field: str) -> tuple[datetime | None, bool]:
    value = _text(obj, field)
    if value is None:
        return None, False
    try:
        moment = datetime.fromisoformat(_SHORT_ZONE.sub(r"\1:\2", value) if "T" in value else value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=HANOI)
        as_utc(moment)  # the first and last day of the calendar fall off its edge
    except (ValueError, OverflowError):
        return None, True
    if moment.year not in _YEARS:
        return None, True
    return moment, False
