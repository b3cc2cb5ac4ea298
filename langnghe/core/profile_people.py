"""The people of a profile: contacts, the duty roster, the reporting lines, each field checked.

Split from ``profile_fields``: units and places say what is watched, these say who answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from langnghe.core.clock import HANOI, as_utc
from langnghe.core.contacts import contact_problems, read_hours, tidy_hours
from langnghe.core.duty import DAYS, Duty, in_reach
from langnghe.core.lines import LINES, Line
from langnghe.core.text import fold
from langnghe.core.types import Contact

if TYPE_CHECKING:
    from langnghe.core.profile_fields import FieldReader

_DAY_NAMES = {fold(name): n for n, name in enumerate(DAYS)} | {
    fold(name): n
    for n, name in enumerate(
        ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
    )
}
_ADDRESSES = ("email", "phone", "zalo", "telegram", "webhook", "apprise")


def read_contact(reader: FieldReader, table: Mapping[str, object], path: str) -> Contact:
    """Build one contact; every wrong field is noted under its path."""
    told = len(reader.problems)
    contact = Contact(
        role=reader.text(table, "role", path, required=True) or "",
        name=reader.text(table, "name", path, required=True) or "",
        **{field: reader.text(table, field, path) for field in _ADDRESSES},
        ways=reader.texts(table, "ways", path),
        quiet=tidy_hours(reader.text(table, "quiet", path)),
    )
    said = " ".join(reader.problems[told:])
    for field, words in contact_problems(contact):
        if f"{path}.{field}: " not in said:
            reader.wrong(f"{path}.{field}", words)
    return contact


def read_duty(
    reader: FieldReader, table: Mapping[str, object], path: str, unit_id: str
) -> Duty | None:
    """Build one row of the roster; ``None`` (and a noted problem) without its beginning."""
    role = reader.text(table, "role", path, required=True)
    person = reader.text(table, "person", path, required=True)
    since = read_moment(reader, table, "since", path, required=True)
    until = read_moment(reader, table, "until", path, end=True)
    if since and until and until <= since:
        reader.wrong(f"{path}.until", "kết thúc đứng trước lúc bắt đầu (since)")
    days = []
    for i, name in enumerate(reader.texts(table, "days", path)):
        if fold(name) in _DAY_NAMES:
            days.append(_DAY_NAMES[fold(name)])
        else:
            reader.wrong(f"{path}.days[{i}]", f"“{name}” không phải một trong: {', '.join(DAYS)}")
    stated = reader.text(table, "hours", path)
    hours = read_hours(stated) if stated else None
    if stated and hours is None:
        reader.wrong(f"{path}.hours", f"“{stated}” không phải khoảng giờ dạng 18:00-06:00")
    if not (role and person and since):
        return None
    return Duty(unit_id, role, person, since, until, tuple(sorted(set(days))), hours)


def read_line(reader: FieldReader, table: Mapping[str, object], path: str, unit_id: str) -> Line:
    """Build one dated row of the reporting chain: ``to`` a unit's id, or ``office`` by name."""
    line = reader.text(table, "line", path, required=True) or ""
    if line and line not in LINES:
        reader.wrong(f"{path}.line", f"“{line}” không phải một trong: {', '.join(LINES)}")
    to_unit = reader.text(table, "to", path)
    office = reader.text(table, "office", path)
    if (to_unit is None) == (office is None):
        reader.wrong(path, "phải có hoặc to (mã đơn vị) hoặc office (tên cơ quan), không cả hai")
    since = read_moment(reader, table, "since", path)
    until = read_moment(reader, table, "until", path, end=True)
    if since and until and until <= since:
        reader.wrong(f"{path}.until", "kết thúc đứng trước lúc bắt đầu (since)")
    basis = reader.text(table, "basis", path) or ""
    return Line(unit_id, line, to_unit, office or "", since, until, basis)


def read_moment(
    reader: FieldReader,
    table: Mapping[str, object],
    field: str,
    path: str,
    *,
    required: bool = False,
    end: bool = False,
) -> datetime | None:
    """Return a moment in UTC from a day or a local time; a day as ``end`` counts whole."""
    value = table.get(field)
    if value is None:
        if required:
            reader.wrong(f"{path}.{field}", "thiếu, phải có")
        return None
    found = moment_of(value, end=end)
    if found is None:
        reader.wrong(
            f"{path}.{field}",
            f"“{value}” không phải ngày giờ dạng 2026-11-28 hay 2026-11-28 18:00",
        )
    return found


def moment_of(value: object, *, end: bool = False) -> datetime | None:
    """Return the UTC moment of a date, a datetime or its text; ``None`` for anything else.

    Times without a zone are Vietnamese. With ``end`` a bare day means the end of that day.
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            value = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            return None
    try:
        if isinstance(value, datetime):
            moment = as_utc(value if value.tzinfo else value.replace(tzinfo=HANOI))
            return moment if in_reach(moment) else None
        if isinstance(value, date):
            day = value + timedelta(days=1) if end else value
            moment = as_utc(datetime.combine(day, time.min, HANOI))
            return moment if in_reach(moment) else None
    except OverflowError:
        return None
    return None
