"""What goes to a way out: one message, the contract of channels, and the faults they may report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from langnghe.core.errors import DeliveryError

SHORT = 300
"""Most characters of the short form of a message, its link included."""


class ChannelDown(DeliveryError):
    """The whole channel is out of order; trying the next message now is useless."""


class NotConfigured(ChannelDown):
    """The house has no such channel at all: a person's other ways are taken without waiting."""


class Unsure(DeliveryError):
    """Nobody can tell whether the message was taken: the other side fell silent while it was sent.

    It is tried again; by whatever way it then goes, it says that it may be there twice.
    """


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that travels with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutMail:
    """One message as a channel gets it. ``key`` is the same however often it is handed over.

    ``recipient`` is the address as the channel understands it. ``short`` says all of it in at most
    ``SHORT`` characters, link included, for SMS and chat. ``data`` holds the fields of templates:
    ``level``, ``level_id``, ``unit``, ``title``, ``due``, ``link``, ``incident``, ``role``,
    ``name``.
    """

    key: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    message_id: str
    created_at: datetime
    channel: str = "email"
    short: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attached, ...] = ()


class Channel(Protocol):
    """A way out to people. ``send`` must do nothing for a key it has a receipt for."""

    def send(self, mail: OutMail) -> None:
        """Hand over one message; raises ``DeliveryError``, ``ChannelDown`` or ``Unsure``."""
        ...

    def close(self) -> None:
        """End the connection of this batch."""
        ...


@runtime_checkable
class Several(Protocol):
    """A channel that can be used over several connections at once."""

    def another(self) -> Channel:
        """Return a channel like this one with a connection of its own and the same receipts."""
        ...


@dataclass(frozen=True, slots=True)
class TellReport:
    """What one turn did: messages handed over, put off or moved to another way, and given up."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    fell_back: int = 0

    @property
    def tried(self) -> int:
        """How many messages were taken up."""
        return self.sent + self.retried + self.dead + self.fell_back
