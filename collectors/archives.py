"""Archives of mentions, JSON Lines or CSV, plain or gzip, read as a stream.

A month of news or a decade of a hotline's register need not fit into memory. A bad line is named
and passed over; an archive that breaks off gives its good lines first and then says where it broke.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from collectors.dates import CLOCK_SHIFT, date_from_url, is_clock_shift, parse_absolute
from langnghe.core.errors import InputError
from langnghe.core.items import parse_item, read_items
from langnghe.core.types import Item

Line = tuple[int, Item | InputError]

_MAX_LINE = 8 * 1024 * 1024
_FIELDS = ("id", "kind", "source", "url", "published_at", "title", "text", "author",
           "seen_at", "first_seen_at")  # fmt: skip
_DATE_FIELDS = ("published_at", "seen_at", "first_seen_at")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_MEND = "Sửa lại dòng này theo mẫu trong hướng dẫn rồi chạy lại; các dòng khác không bị ảnh hưởng."


def read_archive(path: Path) -> Iterator[Line]:
    """Yield ``(line number from 1, item or the error of that line)`` of an archive file.

    Takes ``.jsonl`` and ``.csv``, each also as ``.gz`` (known by content). The CSV has a header
    with the names of the item contract; a row counts by the line it begins on. An archive that
    breaks off ends with an ``InputError``. Raises ``InputError`` where nothing at all can be read.
    """
    names = [suffix.lower() for suffix in path.suffixes[-2:]]
    kind = next((name for name in reversed(names) if name in (".jsonl", ".ndjson", ".csv")), None)
    if kind is None:
        raise InputError(
            f"Không nhận ra loại tệp “{path.name}”.",
            mend="Dùng tệp .jsonl hoặc .csv (có thể nén .gz).",
        )
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(path.open("rb"))
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
        except OSError as error:
            raise InputError(
                f"Không mở được tệp “{path.name}”.",
                mend="Kiểm tra lại đường dẫn và quyền đọc của tệp.",
            ) from error
        stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw))) if zipped else raw
        source = _Lines(stream)
        for number, line in _read_csv(source) if kind == ".csv" else _read_jsonl(source):
            yield number, _on_time(line) if isinstance(line, Item) else line
        if source.broken:
            yield (
                source.count + 1,
                InputError(
                    f"Tệp “{path.name}” bị cắt hoặc hỏng: mất mọi tin từ dòng {source.count + 1} "
                    "trở đi.",
                    mend="Tải lại tệp; các dòng trước đó đã được đọc.",
                ),
            )


def _on_time(item: Item) -> Item:
    """Mend a date whose zone was lost (UTC written as local time), as for a live feed."""
    if item.published_at is None or not item.url or (minted := date_from_url(item.url)) is None:
        return item
    if not is_clock_shift(item.published_at, minted, now=item.seen_at or item.published_at):
        return item
    return replace(item, published_at=minted, problems=(*item.problems, CLOCK_SHIFT))


class _Lines:
    """Lines of bytes, each of bounded size; ends quietly at a break and says so in ``broken``.

    ``unended`` says that the present line, the last one, has no end of line: if something else is
    wrong with it as well, the file was cut in its middle.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0
        self.too_long = False
        self.broken = False
        self.unended = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            while line := self._stream.readline(_MAX_LINE):
                self.too_long = False
                while not line.endswith(b"\n") and len(line) >= _MAX_LINE:
                    self.too_long = True
                    rest = self._stream.readline(_MAX_LINE)
                    if len(rest) < _MAX_LINE or rest.endswith(b"\n"):
                        break
                self.count += 1
                self.unended = not line.endswith(b"\n") and not self.too_long
                yield line
        except (EOFError, OSError, zlib.error):
            self.broken = True


def _read_jsonl(lines: _Lines) -> Iterator[Line]:
    for number, result in read_items(lines):
        if lines.too_long:
            yield number, InputError(f"Dòng dài quá {_MAX_LINE // 2**20} MB.", mend=_MEND)
        elif lines.unended and isinstance(result, InputError):
            yield number, _cut_error()
        else:
            yield number, result


def _cut_error() -> InputError:
    return InputError(
        "Tệp bị cắt giữa dòng này (dòng cuối, không có dấu hết dòng): tin của dòng bị mất.",
        mend="Chép lại tệp cho đủ; các dòng trước đó đã được đọc.",
    )


def _read_csv(lines: _Lines) -> Iterator[Line]:
    text = _texts(lines)
    header = next(text, None)
    if header is None:
        return
    delimiter = max(",;\t", key=header.count)
    columns = [name.strip().strip('"').strip().lower() for name in header.split(delimiter)]
    if "id" not in columns or not {"title", "text"} & set(columns):
        raise InputError(
            "Dòng đầu của tệp CSV phải nêu tên cột, trong đó có “id” và “title” hoặc “text”.",
            mend="Thêm dòng tên cột: id,kind,source,url,published_at,title,text.",
        )
    rows = csv.reader(text, delimiter=delimiter)
    while True:
        number = lines.count + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield number, InputError("Dòng CSV này không đọc được.", mend=_MEND)
            continue
        if lines.unended and len(row) < len(columns):
            yield number, _cut_error()
        elif any(cell.strip() for cell in row):
            yield number, _csv_item(dict(zip(columns, row, strict=False)), len(row) > len(columns))


def _texts(lines: _Lines) -> Iterator[str]:
    """Yield lines as text; bytes that are not UTF-8 stay marked, so that only their row fails."""
    for index, line in enumerate(lines):
        text = line.decode("utf-8", "surrogateescape").replace("\x00", " ")
        yield text.removeprefix("\ufeff") if index == 0 else text


def _csv_item(row: dict[str, str], overlong: bool) -> Item | InputError:
    if overlong:
        return InputError("Dòng CSV có nhiều ô hơn số cột.", mend=_MEND)
    cells: dict[str, object] = {name: row[name] for name in _FIELDS if row.get(name, "").strip()}
    if any("\udc80" <= char <= "\udcff" for cell in row.values() for char in cell):
        return InputError("Dòng này không phải chữ UTF-8.", mend=_MEND)
    for name in _DATE_FIELDS:
        stated = row.get(name, "").strip()
        # A spreadsheet writes 19/09/2025 16:52, which the item contract does not know.
        if stated and not _ISO.match(stated) and (moment := parse_absolute(stated)):
            cells[name] = moment.isoformat()
    try:
        return parse_item(cells)
    except InputError as error:
        return error
