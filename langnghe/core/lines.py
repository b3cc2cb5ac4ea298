"""To whom a unit reports, and since when: the reporting chain as dated rows.

Until 30/6/2025 a school reported to the education office of its district. Since 1/7/2025 there is
no district: the school has two lines at once, the commune for administration and the province's
education department for the profession. A past incident asks the lines of its own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from langnghe.core.text import fold

if TYPE_CHECKING:
    from langnghe.core.types import Unit

ADMINISTRATION = "hanh_chinh"
PROFESSION = "chuyen_mon"
LINES: Mapping[str, str] = {ADMINISTRATION: "Hành chính", PROFESSION: "Chuyên môn"}
TWO_TIERS = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)
"""The first moment of 1/7/2025 in Vietnam, when the district level ended."""

LINE_OF_KIND: Mapping[str, str] = {
    "commune": ADMINISTRATION, "ward": ADMINISTRATION, "district": ADMINISTRATION,
    "sector": PROFESSION, "department": PROFESSION, "province": PROFESSION,
}  # fmt: skip
_COMMUNES = ("commune", "ward")
_SECTORS = ("sector", "department")
SCHOOLS = ("school", "kindergarten")
_POWERS = "NĐ 142/2025/NĐ-CP"
_PROFESSION = "TT 15/2025/TT-BGDĐT"
_BEFORE = "Trước 01/7/2025, khi còn cấp huyện"


@dataclass(frozen=True, slots=True)
class Line:
    """One dated row: ``unit_id`` reports on this line to a watched unit or to an office by name.

    ``until`` is exclusive; ``None`` stands for open at that side. ``basis`` names the rule.
    """

    unit_id: str
    line: str
    to_unit: str | None = None
    to_name: str = ""
    since: datetime | None = None
    until: datetime | None = None
    basis: str = ""
    id: int | None = None

    def holds(self, moment: datetime) -> bool:
        """Return whether the row is in force."""
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment < self.until
        )


def lines_at(rows: Iterable[Line], unit_id: str, moment: datetime) -> tuple[Line, ...]:
    """Return the unit's lines in force: administration, profession, then others, each once.

    Where two rows of one line hold at once, the one that began last counts.
    """
    found: dict[str, Line] = {}
    for row in rows:
        if row.unit_id != unit_id or not row.holds(moment):
            continue
        present = found.get(row.line)
        if present is None or _begin(row) >= _begin(present):
            found[row.line] = row
    order = list(LINES)
    place = {line: order.index(line) if line in LINES else len(order) for line in found}
    return tuple(sorted(found.values(), key=lambda row: (place[row.line], row.line)))


def overlapping(rows: Iterable[Line], new: Line) -> Line | None:
    """Return another row of the same unit and line that holds at the same time, if any."""
    for row in rows:
        if row is new or (new.id is not None and row.id == new.id):
            continue
        same = (row.unit_id, row.line) == (new.unit_id, new.line)
        if same and _before(row.since, new.until) and _before(new.since, row.until):
            return row
    return None


def default_lines(unit: Unit, above: Sequence[Unit]) -> tuple[Line, ...]:
    """Return the usual lines of a unit, read off its kind, its places and the units above it.

    ``above`` is nearest first. Upper secondary schools belong to the province's department on both
    lines, before and since.
    """
    commune = next((u.id for u in above if u.kind in _COMMUNES), None)
    sector = next((u.id for u in above if u.kind in _SECTORS), None)
    if unit.kind in SCHOOLS:
        if _upper_secondary(unit.name):
            return _under_sector(unit, sector)
        return _before_july(unit) + _since_july(unit, commune, sector)
    if unit.kind in _COMMUNES and sector:
        return (Line(unit.id, PROFESSION, to_unit=sector, since=TWO_TIERS, basis=_PROFESSION),)
    return ()


def _under_sector(unit: Unit, sector: str | None) -> tuple[Line, ...]:
    if sector is None:
        return ()
    return tuple(Line(unit.id, line, to_unit=sector) for line in LINES)


def _before_july(unit: Unit) -> tuple[Line, ...]:
    """Both lines ran to one office: the district's."""
    district = next((p.district for p in unit.places if p.district), None)
    if district is None:
        return ()
    office = f"Phòng GD&ĐT {district}"
    return tuple(
        Line(unit.id, line, to_name=office, until=TWO_TIERS, basis=_BEFORE) for line in LINES
    )


def _since_july(unit: Unit, commune: str | None, sector: str | None) -> tuple[Line, ...]:
    found = []
    if commune is not None:
        found.append(Line(unit.id, ADMINISTRATION, commune, since=TWO_TIERS, basis=_POWERS))
    else:
        # The commune is not watched: its office is still named, so that people know whom to call.
        now = [p.commune for p in unit.places if p.commune and p.until is None]
        if now:
            name = f"UBND {now[0]} – Phòng Văn hóa - Xã hội"
            found.append(
                Line(unit.id, ADMINISTRATION, to_name=name, since=TWO_TIERS, basis=_POWERS)
            )
    if sector is not None:
        found.append(Line(unit.id, PROFESSION, sector, since=TWO_TIERS, basis=_PROFESSION))
    return tuple(found)


def _upper_secondary(name: str) -> bool:
    words = f" {fold(name)} "
    return " thpt " in words or " trung hoc pho thong " in words


def _begin(row: Line) -> datetime:
    return row.since or datetime.min.replace(tzinfo=UTC)


def _before(since: datetime | None, until: datetime | None) -> bool:
    return since is None or until is None or since < until
