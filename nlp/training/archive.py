"""Archives of news and comments as they were gathered, in one shape.

Three kinds of lines are told apart by their fields, whatever file they stand in: items (``id``,
``title``, ``text``), reader comments (``commentId``, ``postId``) and the articles those stand under
(``postId``, ``title``). A comment takes its article's headline as title.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from langnghe.core.errors import InputError
from langnghe.core.items import parse_item, read_objects
from langnghe.core.types import Item

_FIELDS = ("id", "kind", "source", "url", "published_at", "title", "text")


def archive_rows(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield the items of archives (JSON Lines, gzipped or not) as plain rows; unusable lines are
    passed over.

    Comments come last, once every headline is known; comments under unknown articles are left out.
    Raises ``InputError`` for a file that cannot be read.
    """
    headlines: dict[str, str] = {}
    comments: list[dict[str, Any]] = []
    for path in paths:
        for row in _objects(path):
            if "commentId" in row:
                comments.append(row)
            elif "postId" in row:
                headlines[str(row["postId"])] = str(row.get("title") or "")
            elif row.get("id") and (row.get("title") or row.get("text")):
                yield {field: row.get(field) for field in _FIELDS}
    for row in comments:
        if row.get("text") and str(row.get("postId")) in headlines:
            yield {
                "id": comment_id(str(row["commentId"])),
                "kind": "comment",
                "source": "tuoitre-comment",
                "url": None,
                "published_at": row.get("date"),
                "title": headlines[str(row["postId"])],
                "text": row["text"],
            }


def archive_items(paths: Sequence[Path]) -> Iterator[Item]:
    """Yield the items of archives whose lines are good items (see ``archive_rows``)."""
    for row in archive_rows(paths):
        try:
            yield parse_item(row)
        except InputError:
            continue  # an archive of a hundred thousand lines has odd ones; none is needed


def comment_id(of_archive: str) -> str:
    """Return the id by which the labels know a comment."""
    return "c" + of_archive.replace("-", "")[:12]


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as stream:
            for _, row in read_objects(stream):
                if not isinstance(row, InputError):
                    yield row
    except (OSError, EOFError) as error:
        raise InputError(
            f"Không đọc được kho {path}.", mend="Kiểm tra lại đường dẫn, quyền đọc và tệp nén."
        ) from error
