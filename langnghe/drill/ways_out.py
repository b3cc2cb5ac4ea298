"""The last gate before a drill's message leaves the house, and the dry run that sends nothing."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from alerts.outbox import Channel, OutMail
from langnghe.core.errors import DeliveryError
from langnghe.core.watermark import is_stamped


class DryRun:
    """A channel that sends nothing: the terminal tells of each message instead."""

    def send(self, mail: OutMail) -> None:
        """Leave the message where it is."""

    def close(self) -> None:
        """Nothing is open."""


class Gate:
    """Lets a message through only if it is watermarked and addressed to somebody of the cast.

    With ``redirect`` everything goes to that one address instead; the message says for whom it was.
    """

    def __init__(self, inner: Channel, allowed: frozenset[str], redirect: str = "") -> None:
        self._inner = inner
        self._allowed = allowed
        self._redirect = redirect

    def send(self, mail: OutMail) -> None:
        """Hand the message on, or raise a permanent ``DeliveryError``."""
        if not is_stamped(mail.subject, mail.text, mail.html, mail.headers):
            raise DeliveryError("Thư diễn tập không mang dấu DIỄN TẬP: đã giữ lại.", permanent=True)
        if mail.recipient.strip().lower() not in self._allowed:
            raise DeliveryError(
                "Người nhận không có trong buổi diễn tập: đã giữ lại.", permanent=True
            )
        self._inner.send(_sent_on(mail, self._redirect) if self._redirect else mail)

    def close(self) -> None:
        """End the connection of this batch."""
        self._inner.close()


def _sent_on(mail: OutMail, address: str) -> OutMail:
    said = f"Trong kịch bản, thư này gửi tới: {mail.recipient}"
    first, _, rest = mail.text.partition("\n")
    box = "</small></div>"
    return replace(
        mail,
        recipient=address,
        text=f"{first}\n{said}\n{rest}",
        html=mail.html.replace(box, f"<br>{escape(said)}{box}", 1),
    )
