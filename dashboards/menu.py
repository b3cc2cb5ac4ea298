"""The menu: every page that stands in it, once, in order of use.

A new page is one line here. The label is Vietnamese and goes through the catalogs like any word.
"""

from __future__ import annotations

from dataclasses import dataclass

from langnghe.core.auth import Caller
from langnghe.core.types import Role

ALL = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu. ``also`` are starts of addresses that belong to it."""

    href: str
    label: str
    roles: frozenset[Role] = ALL
    also: tuple[str, ...] = ()
    audit: bool = False

    def holds(self, path: str) -> bool:
        """Return whether ``path`` is this page or one under it."""
        if self.href == "/":
            return path == "/"
        return path == self.href or path.startswith((self.href + "/", *self.also))


def _(text: str) -> str:  # marks a word for the catalogs; the page translates it
    return text


MAIN = (
    Entry("/", _("Tổng quan")),
    Entry("/vu-viec", _("Vụ việc")),
    Entry("/dong-tin", _("Dòng tin"), also=("/tin/", "/cum-tin/")),
    Entry("/phat-ngon", _("Phát ngôn")),
)
MORE = (
    Entry("/bao-cao", _("Báo cáo")),
    Entry("/ke-hoach", _("Kế hoạch truyền thông")),
    Entry("/gop-y", _("Góp ý, phản ánh")),
    Entry("/uy-quyen", _("Ủy quyền phát ngôn")),
    Entry("/thong-bao", _("Thông báo đã gửi")),
    Entry("/thong-bao-day", _("Thông báo trên máy này")),
    Entry("/don-vi", _("Đơn vị, người trực")),
    Entry("/nguon-tin", _("Nguồn tin")),
    Entry("/nhat-ky", _("Nhật ký"), audit=True),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """The first row, what stands under «Thêm», and the entry whose page is shown."""

    main: tuple[Entry, ...]
    more: tuple[Entry, ...]
    here: Entry | None


def menu_for(caller: Caller, path: str) -> Menu:
    """Return the menu of this person on this page."""
    more = tuple(
        entry
        for entry in MORE
        if caller.role in entry.roles and (not entry.audit or caller.may_audit)
    )
    holding = [entry for entry in (*MAIN, *more) if entry.holds(path)]
    return Menu(MAIN, more, max(holding, key=lambda entry: len(entry.href), default=None))
