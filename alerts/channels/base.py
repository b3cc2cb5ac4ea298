"""What every way out does alike: one receipt a message, plain faults, addresses shown masked."""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Self

import structlog

from alerts.outmail import ChannelDown, OutMail
from alerts.receipts import Receipts
from langnghe.core.errors import ConfigError, DeliveryError

log = structlog.get_logger(__name__)


class RetryLater(ChannelDown):
    """The other side named the moment from which it will listen again: in ``seconds``."""

    def __init__(self, message: str, *, seconds: float, mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.seconds = seconds


class ReceiptedChannel(ABC):
    """Sends a message once: one with a receipt is left alone, a taken one gets its receipt."""

    def __init__(self, receipts: Receipts) -> None:
        self.receipts = receipts

    def send(self, mail: OutMail) -> None:
        """Hand over one message; raises ``DeliveryError``, ``ChannelDown`` or ``Unsure``."""
        if mail.key in self.receipts:
            return
        self._hand_over(mail)
        keep_receipt(self.receipts, mail)

    def close(self) -> None:  # noqa: B027 - most ways have nothing to close
        """Do nothing: no connection outlives a message."""

    def another(self) -> Self:
        """Return a channel like this one for another thread, with the same receipts."""
        return copy.copy(self)

    @abstractmethod
    def _hand_over(self, mail: OutMail) -> None:
        """Give the message to the other side; returning means that it was taken."""


def keep_receipt(receipts: Receipts, mail: OutMail) -> None:
    """Write the receipt of a taken message. A disk that refuses is logged and fails nothing."""
    try:
        receipts.append(mail.key, datetime.now(UTC))
    except ConfigError as error:
        # The message is with the other side; failing now would only send it a second time.
        log.error("receipt_not_written", why=error.message, mend=error.mend)


def masked(address: str) -> str:
    """Return an address for logs: enough to recognise, too little to use."""
    if "@" in address:
        name, _, host = address.rpartition("@")
        return f"{name[:1]}***@{host}"
    return f"{address[:2]}***{address[-2:]}" if len(address) > 6 else "***"


_LOCAL = re.compile(r"84(?:3|5|7|8|9)\d{8}")


def vn_mobile(address: str) -> str:
    """Return a Vietnamese mobile number as ``84912345678``. Raises DeliveryError for another."""
    digits = re.sub(r"[\s().-]", "", address)
    for prefix in ("+84", "0084", "84", "0", ""):
        if digits.startswith(prefix):
            digits = "84" + digits.removeprefix(prefix).removeprefix("0")
            break
    if not digits.isascii() or not _LOCAL.fullmatch(digits):
        raise DeliveryError(
            "Số điện thoại không phải số di động Việt Nam.",
            permanent=True,
            mend="Sửa số điện thoại trong danh bạ (10 chữ số, bắt đầu bằng 03, 05, 07, 08, 09).",
        )
    return digits
