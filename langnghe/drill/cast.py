"""Who takes part, and the settings that keep a drill by itself.

The drill gets a profile of its own: the chosen unit and the units above it. Without the organiser's
word no superior is in it; somebody of the unit plays that part. An address that is not in the
drill's profile cannot be written to, because the drill does not know it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from langnghe.core.clock import hanoi
from langnghe.core.errors import ConfigError
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.text import digest, fold
from langnghe.core.types import Contact, Profile, Unit

FOLDER = "drills"
DATABASE = "dien-tap.db"
NO_SOURCES = "nguon.yaml"
NOBODY = "nguoi-du-tap@dien-tap.invalid"
"""Stands in where nobody has an address; only ever shown on the terminal, never sent to."""


class DrillSettings(Settings):
    """Settings of a drill: its links must not open anything in the real house."""

    def secret_key(self) -> bytes:
        """Return a key of the drill's own, also where the real key is given from outside."""
        return hashlib.blake2b(super().secret_key(), person=b"langnghe-drill").digest()


@dataclass(frozen=True, slots=True)
class Cast:
    """The profile of the drill, the unit it is about, and every address that may be written to."""

    profile: Profile
    unit: Unit
    allowed: frozenset[str]

    def name_of(self, address: str) -> str:
        """Return ``Lường Thị Nhạn`` for an address of the cast, else the address."""
        for unit in self.profile.chain(self.unit.id):
            for contact in unit.contacts:
                if (contact.email or "").strip().lower() == address.strip().lower():
                    return contact.name
        return address


def choose_unit(profile: Profile, wanted: str | None) -> Unit:
    """Return the unit with this id or name, or the first school. Raises ``ConfigError``."""
    if not profile.units:
        raise ConfigError("Hồ sơ chưa có đơn vị nào.", mend="Thêm đơn vị vào hồ sơ rồi chạy lại.")
    if wanted is None:
        return next((u for u in profile.units if u.kind == "school"), profile.units[0])
    asked = fold(wanted)
    found = [u for u in profile.units if u.id == wanted or fold(u.name) == asked]
    if not found:
        some = ", ".join(u.id for u in profile.units[:8])
        raise ConfigError(f"Hồ sơ không có đơn vị «{wanted}».", mend=f"Dùng một mã như: {some}.")
    return found[0]


def gather(
    profile: Profile,
    unit: Unit,
    policy: Policy,
    *,
    with_superiors: bool = False,
    stand_in: str = "",
) -> Cast:
    """Return the cast of a drill for ``unit``.

    ``stand_in`` is the address used when nobody of the unit has one.
    """
    own = tuple(c for c in unit.contacts if c.email)
    if not own and stand_in:
        own = (Contact("officer", "Người dự diễn tập", stand_in),)
    units = [replace(unit, contacts=own)]
    for above in profile.chain(unit.id)[1:]:
        theirs = above.contacts if with_superiors else _played(own, above, policy)
        units.append(replace(above, contacts=tuple(theirs)))
    version = digest(profile.version, "drill", unit.id, str(with_superiors), stand_in)
    cast = Profile(name=profile.name, units=tuple(units), version=version, extra=profile.extra)
    emails = (c.email for u in units for c in u.contacts if c.email)
    return Cast(cast, units[0], frozenset(e.strip().lower() for e in emails))


def _played(own: tuple[Contact, ...], above: Unit, policy: Policy) -> tuple[Contact, ...]:
    """One of the unit's own people plays the superior unit: its head if there is one."""
    rule = policy.roles.get("principal")
    heads = [c for c in own if rule and c.role in rule.contacts] or list(own)
    return tuple(replace(c, name=f"{c.name} (đóng vai {above.name})") for c in heads[:1])


def folder_for(home: Path, name: str, now: datetime) -> Path:
    """Return a new folder ``<home>/drills/20261123-0830-<name>``; nothing is made yet."""
    base = f"{hanoi(now):%Y%m%d-%H%M}-{re.sub(r'[^a-z0-9-]+', '-', name.lower())[:40]}"
    found = home / FOLDER / base
    number = 2
    while found.exists():
        found = home / FOLDER / f"{base}-{number}"
        number += 1
    return found


def settings_in(base: Settings, folder: Path, *, host: str, port: int, base_url: str) -> Settings:
    """Return the settings of the drill in ``folder``.

    Only mail and playbook are the real house's; no source is listened to, nobody outside the cast
    is ever the fallback, and the environment is not asked again (it may name the real database).
    """
    kept = {name: getattr(base, name) for name in type(base).model_fields}
    return DrillSettings.model_construct(
        **kept
        | {
            "home": folder,
            "database_url": f"sqlite:///{folder / DATABASE}",
            "host": host,
            "port": port,
            "base_url": base_url.rstrip("/"),
            "catalog": folder / NO_SOURCES,
            "profile": None,
            "mail_fallback": "",
            "session_hours": 24 * 30,  # the drill's clock may run many times as fast
        }
    )
