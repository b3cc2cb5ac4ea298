"""The ways to reach a person in office, and what is wrong with an entry of the directory.

One set of checks for the profile, the page, the API and the command line. Only work addresses
belong here: the directory is of offices, not of private lives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time

from langnghe.core.types import Contact

WAY_FIELDS: Mapping[str, str] = {
    "email": "email", "zalo_oa": "zalo", "telegram": "telegram", "zalo_zns": "phone",
    "sms": "phone", "webhook": "webhook", "apprise": "apprise",
}  # fmt: skip
"""Each channel with the field its address stands in, in the usual order: what costs comes last."""
WAY_NAMES: Mapping[str, str] = {
    "email": "e-mail", "zalo_oa": "Zalo OA", "telegram": "Telegram", "zalo_zns": "Zalo ZNS",
    "sms": "tin nhắn SMS", "webhook": "webhook", "apprise": "kênh khác",
}  # fmt: skip
_EMAIL = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]+\.[^\s@<>,;:\"().]{2,}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_HOURS = re.compile(r"\s*(\d{1,2})[:hg](\d{2})?\s*[-–]\s*(\d{1,2})[:hg](\d{2})?\s*")
_LONGEST = 200


def ways_of(contact: Contact) -> tuple[tuple[str, str], ...]:
    """Return (channel, address) of every way that has an address, the most wanted first."""
    found = []
    for channel in contact.ways or WAY_FIELDS:
        address = getattr(contact, WAY_FIELDS[channel], None) if channel in WAY_FIELDS else None
        if address:
            found.append((channel, str(address).strip()))
    return tuple(found)


def person_key(contact: Contact) -> str:
    """Return what names the person whatever way is used: one key for two offices of one person."""
    if contact.email:
        return contact.email.strip().lower()
    if contact.phone:
        return "tel:" + re.sub(r"^(00)?84(?=\d{9,10}$)", "0", re.sub(r"\D", "", contact.phone))
    ways = ways_of(contact)
    return ":".join(ways[0]) if ways else ""


def contact_problems(contact: Contact) -> list[tuple[str, str]]:
    """Return (field, what is wrong with it) for every wrong field; ``[]`` when all is well."""
    wrong = [(f, "thiếu, phải có") for f in ("role", "name") if not getattr(contact, f)]
    wrong += [
        (field, f"quá dài (trên {_LONGEST} ký tự)")
        for field in ("role", "name", *dict.fromkeys(WAY_FIELDS.values()))
        if len(getattr(contact, field) or "") > _LONGEST
    ]
    if contact.email is not None and not _EMAIL.fullmatch(contact.email):
        wrong.append(("email", f"“{contact.email}” không phải địa chỉ thư điện tử"))
    if contact.phone is not None and not 3 <= sum(c.isdigit() for c in contact.phone) <= 15:
        wrong.append(("phone", f"“{contact.phone}” không phải số điện thoại"))
    if contact.zalo is not None and not contact.zalo.isdecimal():
        wrong.append(("zalo", f"“{contact.zalo}” không phải mã người quan tâm Zalo OA (dãy số)"))
    if contact.telegram is not None and not re.fullmatch(r"-?\d+|@\w{3,}", contact.telegram):
        wrong.append(("telegram", f"“{contact.telegram}” không phải mã phòng chat Telegram"))
    for field in ("webhook", "apprise"):
        name = getattr(contact, field)
        if name is not None and not _NAME.fullmatch(name):
            wrong.append((field, f"“{name}” không phải tên một kênh đã khai trong cấu hình"))
    for i, channel in enumerate(contact.ways):
        needed = WAY_FIELDS.get(channel)
        if needed is None:
            known = ", ".join(WAY_FIELDS)
            wrong.append((f"ways[{i}]", f"“{channel}” không phải một trong: {known}"))
        elif not getattr(contact, needed):
            wrong.append((f"ways[{i}]", f"muốn báo qua {channel} nhưng chưa khai {needed}"))
    if contact.quiet is not None and read_hours(contact.quiet) is None:
        wrong.append(("quiet", f"“{contact.quiet}” không phải khoảng giờ dạng 21:30-05:30"))
    return wrong


def read_hours(text: str) -> tuple[time, time] | None:
    """Return the two times of ``21:30-05:30`` (also ``18h–6h``); ``None`` for anything else.

    ``24:00`` is midnight. Two equal times are no stretch.
    """
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    try:
        since, until = (
            time(0 if int(hour) == 24 and not int(minute or 0) else int(hour), int(minute or 0))
            for hour, minute in ((found[1], found[2]), (found[3], found[4]))
        )
    except ValueError:
        return None
    return (since, until) if since != until else None


def write_hours(hours: tuple[time, time] | None) -> str | None:
    """Return ``21:30-05:30``, the form hours are stored in."""
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}" if hours else None


def tidy_hours(text: str | None) -> str | None:
    """Return stated hours in the stored form; what cannot be read stays as typed, to be refused."""
    return write_hours(read_hours(text)) or text if text else None
