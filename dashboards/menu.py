"""The menu: every page that stands in it, once, in order of use.

A new page is one line here. The label is Vietnamese and goes through the catalogs like any word;
``part`` is the heading it stands under (``WORK`` unless said).
"""

from __future__ import annotations

from dataclasses import dataclass

from langnghe.core.auth import Caller
from langnghe.core.types import Role

ALL = frozenset(Role)
HEADS = frozenset({Role.PRINCIPAL, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
DESK = frozenset({Role.OFFICER, Role.PRINCIPAL, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu. ``also`` are starts of addresses that belong to it."""

    href: str
    label: str
    roles: frozenset[Role] = ALL
    also: tuple[str, ...] = ()
    audit: bool = False
    part: str = ""

    def holds(self, path: str) -> bool:
        """Return whether ``path`` is this page or one under it."""
        if self.href == "/":
            return path == "/"
        return path == self.href or path.startswith((self.href + "/", *self.also))


def _(text: str) -> str:  # marks a word for the catalogs; the page translates it
    return text


WORK = _("Công việc")
HOUSE = _("Thiết lập và theo dõi")
MAIN = (
    Entry("/", _("Tổng quan")),
    Entry("/vu-viec", _("Vụ việc")),
    Entry("/dong-tin", _("Dòng tin"), also=("/tin/", "/cum-tin/")),
    Entry("/phat-ngon", _("Phát ngôn")),
)
MORE = (
    Entry("/bao-cao", _("Báo cáo")),
    Entry("/ke-hoach", _("Kế hoạch truyền thông")),
    Entry("/tiep-nhan", _("Phiếu tiếp nhận"), roles=DESK),
    Entry("/gop-y", _("Góp ý, phản ánh")),
    Entry("/uy-quyen", _("Ủy quyền phát ngôn")),
    Entry("/thong-bao", _("Thông báo đã gửi")),
    Entry("/don-vi", _("Đơn vị, người trực"), part=HOUSE),
    Entry("/nguon-tin", _("Nguồn tin"), part=HOUSE),
    Entry("/tu-khoa", _("Từ khóa và chủ đề"), part=HOUSE),
    Entry("/nguoi-dung", _("Người dùng & phân quyền"), roles=HEADS, part=HOUSE),
    Entry("/cai-dat", _("Cài đặt"), roles=ADMINS, part=HOUSE),
    Entry("/nhat-ky", _("Nhật ký"), audit=True, part=HOUSE),
)
OWN = (
    Entry("/tai-khoan", _("Tài khoản của tôi")),
    Entry("/thong-bao-day", _("Thông báo trên máy này")),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """The first row, what stands behind «Menu», what is the person's own, and the present page."""

    main: tuple[Entry, ...]
    more: tuple[Entry, ...]
    own: tuple[Entry, ...]
    here: Entry | None

    @property
    def parts(self) -> list[tuple[str, list[Entry]]]:
        """What stands behind «Menu», under the heading of its part."""
        found: dict[str, list[Entry]] = {WORK: [], HOUSE: []}
        for entry in self.more:
            found[entry.part or WORK].append(entry)
        return [(part, entries) for part, entries in found.items() if entries]


def menu_for(caller: Caller, path: str) -> Menu:
    """Return the menu of this person on this page."""
    more = tuple(
        entry
        for entry in MORE
        if caller.role in entry.roles and (not entry.audit or caller.may_audit)
    )
    holding = [entry for entry in (*MAIN, *more, *OWN) if entry.holds(path)]
    return Menu(MAIN, more, OWN, max(holding, key=lambda entry: len(entry.href), default=None))
