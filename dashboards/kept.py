"""What somebody typed into a form that was not taken: handed back to them, stored nowhere.

A session that ran out, an old tab, a refused field or a colleague who was quicker must not cost
anybody the text they wrote. The posted fields travel inside the answering page (never files, never
secrets) and are sent again only by a person's own press on a button there, with a fresh token: that
button is what stands between a forged form and an act.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

MAX_CHARS = 100_000
"""Characters of all kept fields together; a statement has at most 20,000."""
MAX_FIELDS = 200
_MAX_NAME = 120
_MAX_PATH = 500
_SECRET = re.compile(r"pass|mat[_-]?khau|secret|token|bi[_-]?mat|api[_-]?key|otp", re.IGNORECASE)
_OURS = frozenset({"csrf", "giu"})
VERSIONS = frozenset({"ban", "version"})
"""Hidden fields that say what the form was made from (``alerts.since``)."""


def _(text: str) -> str:  # marks a word for the catalogs; the page translates it
    return text


_LABELS = {
    "reason": _("Lý do"), "note": _("Ghi chú"), "title": _("Tiêu đề"), "text": _("Nội dung"),
    "by": _("Cơ quan kết luận"), "at": _("Thời điểm"), "link": _("Đường dẫn"),
    "url": _("Đường dẫn"),
    "so": _("Số văn bản"), "luc": _("Ngày, giờ văn bản"), "muc": _("Mục của phiếu"),
    "o": _("Dữ kiện"),
    "level": _("Mức mới"), "state": _("Tình trạng"), "verification": _("Mức xác minh"),
    "outcome": _("Kết quả"), "owner": _("Người phụ trách"), "name": _("Tên"), "ten": _("Tên"),
    "duong_dan": _("Đường dẫn"), "so_may": _("Số điện thoại"), "nguon": _("Nguồn báo"),
    "noi_dung": _("Nội dung"), "ghi_chu": _("Ghi chú"), "ly_do": _("Lý do"), "cum": _("Cụm từ"),
    "ten_khac": _("Tên gọi khác"), "cach_viet": _("Cách viết khác"), "dia_chi": _("Địa chỉ"),
    "noi": _("Địa bàn"),
}  # fmt: skip
_TEXTS = frozenset({
    "reason", "note", "title", "text", "by", "link", "url", "so", "muc", "o", "name", "ten",
    "noi_dung", "ghi_chu", "ly_do", "duong_dan", "so_may", "cum", "ten_khac", "cach_viet",
    "dia_chi", "noi",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """The fields of one posted form. ``cut``: some were too long to keep; ``secret``: some hidden.

    ``files`` are the names of file fields, whose files must be chosen again.
    """

    path: str
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    cut: bool = False
    secret: bool = False

    @property
    def typed(self) -> tuple[tuple[str, str], ...]:
        """The fields that hold something a person wrote."""
        return tuple((name, value) for name, value in self.fields if is_text(name, value))

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """The other fields: choices, and what the form carried by itself."""
        return tuple((name, value) for name, value in self.fields if not is_text(name, value))

    def made_from(self, current: Mapping[str, int]) -> Kept:
        """Return the form as if it had been made from these numbers, by hidden field."""
        fields = tuple((name, str(current.get(name, value))) for name, value in self.fields)
        return replace(self, fields=fields)


def keep(path: str, items: Iterable[tuple[str, Any]]) -> Kept:
    """Return what may be kept of a posted form; what is no text is taken for a file."""
    fields: list[tuple[str, str]] = []
    files: list[str] = []
    room, cut, secret = MAX_CHARS, len(path) > _MAX_PATH, False
    for name, value in items:
        if name in _OURS or not name:
            continue
        if _SECRET.search(name):
            secret = True
        elif not isinstance(value, str):
            files.append(name[:_MAX_NAME])
        elif len(name) > _MAX_NAME or len(value) > room or len(fields) >= MAX_FIELDS:
            cut = True
        else:
            room -= len(value)
            fields.append((name, value))
    return Kept(path[:_MAX_PATH], tuple(fields), tuple(dict.fromkeys(files))[:4], cut, secret)


def pack(kept: Kept) -> str:
    """Return the form as the text of one hidden field."""
    said = [kept.path, [list(pair) for pair in kept.fields], list(kept.files), kept.cut]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> Kept | None:
    """Return the form inside a hidden field, ``None`` for what we did not write ourselves.

    Comes from a browser, so every rule of ``keep`` is asked again.
    """
    try:
        path, fields, files, cut = json.loads(text)
        pairs = [(name, value) for name, value in fields]
    except (ValueError, TypeError, RecursionError):
        return None
    texts = [path, *files, *(part for pair in pairs for part in pair)]
    if not all(isinstance(one, str) for one in texts) or not isinstance(files, list):
        return None
    found = keep(path, pairs)
    return replace(found, files=tuple(files)[:4], cut=found.cut or cut is True)


def is_text(name: str, value: str) -> bool:
    """Tell whether a field holds words somebody wrote, so that they are shown and may be mended."""
    stem = name.split(".", 1)[0]
    if name in VERSIONS or not value.strip():
        return False
    return stem in _TEXTS or len(value) > 60 or "\n" in value


def label_of(name: str) -> str:
    """Return what a field is called on the screen."""
    return _LABELS.get(name.split(".", 1)[0], _("Nội dung đã nhập"))
