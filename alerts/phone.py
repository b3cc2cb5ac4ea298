"""What a head sees of an incident on the telephone: whom to ring, and who knows already. Pure.

The numbers to ring are the playbook's hotlines, chosen by what the matter is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.ways import Recipient
from langnghe.core.policy.model import Hotline
from langnghe.core.store.queries.notices import NoticeLine

HOTLINES: Mapping[str, tuple[str, ...]] = {
    "bao_luc_hoc_duong": ("111", "113"), "xam_hai_tre_em": ("111", "113"),
    "an_toan_thuc_pham": ("115",), "duoi_nuoc_tai_nan": ("115", "114"),
    "an_ninh_truong_hoc": ("113",), "suc_khoe_tam_than": ("111", "115"),
    "ma_tuy_chat_cam": ("113",), "bo_hoc_tao_hon": ("111",), "dich_benh_thien_tai": ("115", "112"),
    "co_so_vat_chat": ("114", "115"), "tin_gia_kich_dong": ("113",), "dao_duc_nha_giao": ("111",),
}  # fmt: skip
"""Which emergency numbers a topic wants, the most needed first."""
MOST_CALLS = 4
MOST_HOTLINES = 2
_DIAL = re.compile(r"[^\d+]")
_BY_PHONE = ("sms", "zalo_zns")


@dataclass(frozen=True, slots=True)
class Call:
    """One button: whom it rings, under what number."""

    name: str
    number: str
    office: str = ""

    @property
    def dial(self) -> str:
        """The number as a telephone takes it."""
        return dial(self.number)


@dataclass(frozen=True, slots=True)
class Knows:
    """What one person was told: when, whether it was opened, whether they answered."""

    name: str
    role: str
    state: str
    at: datetime
    opened_at: datetime | None
    answered_at: datetime | None


def dial(number: str) -> str:
    """Return the digits of a number, with its plus sign."""
    return _DIAL.sub("", number)


def hotlines_for(topics: Iterable[str], known: Sequence[Hotline]) -> list[Call]:
    """Return the emergency numbers that these topics want, of those the playbook names."""
    names = {line.phone: line.name for line in known}
    wanted = dict.fromkeys(n for topic in topics for n in HOTLINES.get(topic, ()))
    return [Call(_short(names[n]), n) for n in wanted if n in names][:MOST_HOTLINES]


def calls_to(
    groups: Iterable[tuple[str, Sequence[Recipient]]],
    emergency: Sequence[Call],
    *,
    not_to: str = "",
) -> list[Call]:
    """Return the buttons: the emergency numbers, then one person of each office with a number.

    ``not_to`` is the reader (their key or name), who need not ring themselves.
    """
    found, seen = list(emergency), {call.dial for call in emergency}
    for office, people in groups:
        for person in people:
            number = next((way.address for way in person.all_ways if way.channel in _BY_PHONE), "")
            own = not_to.lower() in (person.who.lower(), person.name.lower())
            if not number or dial(number) in seen or own:
                continue
            seen.add(dial(number))
            found.append(Call(person.name, number, _short(office)))
            break
    return found[:MOST_CALLS]


def who_knows(lines: Iterable[NoticeLine], roles: Mapping[str, str]) -> list[Knows]:
    """Return each person once with their best news, those who answered first.

    ``roles`` are the names of the playbook's roles.
    """
    people: dict[str, list[NoticeLine]] = {}
    for line in lines:
        if line.row.state != "withdrawn":
            people.setdefault(line.row.person or line.row.recipient.lower(), []).append(line)
    found = [_knows(told, roles) for told in people.values()]
    return sorted(found, key=lambda one: (one.answered_at is None, one.opened_at is None, one.at))


def _knows(told: list[NoticeLine], roles: Mapping[str, str]) -> Knows:
    newest = max(told, key=lambda line: line.id)
    sent = [line.row.sent_at for line in told if line.row.sent_at is not None]
    opened = [line.opened.at for line in told if line.opened is not None]
    answered = [line.acknowledged.at for line in told if line.acknowledged is not None]
    role = roles.get(newest.row.role, newest.row.role)
    return Knows(
        name=newest.row.name or role,
        role=role,
        state="sent" if sent else newest.row.state,
        at=min(sent, default=newest.row.created_at),
        opened_at=min(opened, default=None),
        answered_at=min(answered, default=None),
    )


def _short(name: str) -> str:
    return name.partition("(")[0].strip()
