"""To whom and by which ways a message may go: the contract of recipients, outbox and channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person: the id of a channel and the address it understands.

    Channels: ``email``, ``zalo_zns`` (a phone number), ``zalo_oa`` (a follower's id), ``sms`` (a
    phone number), ``telegram`` (a chat id), ``webhook`` (the name of a configured hook) and
    ``apprise`` (the name of a configured address: web push and the rest).
    """

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours (local time of Vietnam) in which a person wants no message; may span midnight."""

    since: time
    until: time


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to, in which role, and by which ways, the most wanted first.

    ``email`` is the address of the first e-mail way, ``""`` when the person has none. ``key`` names
    the person whatever way is used: what one mail per incident and purpose is counted by.
    """

    role: str
    name: str
    email: str
    ways: tuple[Way, ...] = ()
    quiet: Quiet | None = None
    key: str = ""

    @property
    def all_ways(self) -> tuple[Way, ...]:
        """The stated ways, or plain e-mail where none was stated."""
        return self.ways or ((Way(EMAIL, self.email),) if self.email else ())

    @property
    def who(self) -> str:
        """What identifies the person in keys: stated, or the first address."""
        return self.key or (self.email or (self.ways[0].address if self.ways else "")).lower()
