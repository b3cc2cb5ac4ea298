"""Zalo: ZNS to a phone number by an approved template, and messages of an Official Account.

Both answer with HTTP 200 and a number: 0 is taken, others are read in ``zalo_faults``. A number
that says the access token is no longer good has it renewed and the message tried once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.channels.base import ReceiptedChannel, vn_mobile
from alerts.channels.web import Wire
from alerts.channels.zalo_faults import TOKEN_REFUSED, fault_of
from alerts.channels.zalo_tokens import ZaloTokens
from alerts.outmail import OutMail
from alerts.receipts import Receipts
from langnghe.core.channel_settings import ZaloSettings
from langnghe.core.errors import DeliveryError
from langnghe.core.text import digest, shorten

LONGEST_TEXT = 2000
"""Most characters of a message of an Official Account."""


class _ZaloChannel(ReceiptedChannel):
    def __init__(
        self, settings: ZaloSettings, wire: Wire, tokens: ZaloTokens, receipts: Receipts
    ) -> None:
        super().__init__(receipts)
        self._settings = settings
        self._wire = wire
        self._tokens = tokens

    def _post(self, url: str, value: Mapping[str, Any]) -> None:
        token = self._tokens.access()
        code = self._ask(url, value, token)
        if code in TOKEN_REFUSED:
            code = self._ask(url, value, self._tokens.access(refused=token))
        if code != 0:
            raise fault_of(code)

    def _ask(self, url: str, value: Mapping[str, Any], token: str) -> int:
        answer = self._wire.json("POST", url, value, {"access_token": token})
        code = answer.json().get("error")
        if isinstance(code, int) and not isinstance(code, bool):
            return code
        raise self._wire.busy(answer) or DeliveryError(
            f"Zalo trả lời không đúng mẫu (mã HTTP {answer.status}).",
            mend="Hệ thống sẽ tự thử lại.",
        )


class ZnsChannel(_ZaloChannel):
    """Sends an approved template to a mobile number."""

    def _hand_over(self, mail: OutMail) -> None:
        self._post(
            f"{self._settings.business_url}/message/template",
            {
                "phone": vn_mobile(mail.recipient),
                "template_id": self._settings.template_id,
                "template_data": template_data(self._settings.fields, mail),
                # Zalo takes 48 characters; the same key gives the same id however often it goes.
                "tracking_id": digest(mail.key),
            },
        )


class OaChannel(_ZaloChannel):
    """Sends a text to a follower's id; Zalo takes it within seven days of their last message."""

    def _hand_over(self, mail: OutMail) -> None:
        text = (mail.short or mail.subject)[:LONGEST_TEXT]
        self._post(
            f"{self._settings.openapi_url}/v3.0/oa/message/cs",
            {"recipient": {"user_id": mail.recipient}, "message": {"text": text}},
        )


def template_data(fields: Mapping[str, str], mail: OutMail) -> dict[str, str]:
    """Return the parameters of the template, each cut to what Zalo takes of it.

    Raises DeliveryError when the notice has no such field.
    """
    known = {**mail.data, "subject": mail.subject, "text": mail.short}
    filled: dict[str, str] = {}
    for parameter, source in fields.items():
        name, _, most = source.partition(":")
        value = known.get(name.strip())
        if value is None:
            raise DeliveryError(
                f"Mẫu tin Zalo cần mục «{name.strip()}» mà thông báo không có.",
                permanent=True,
                mend="Sửa mục channels.zalo.fields trong langnghe.toml.",
            )
        value = " ".join(value.split()) or "-"  # Zalo refuses an empty parameter
        length = most.strip()
        filled[parameter] = shorten(value, int(length)) if length.isdecimal() else value
    return filled
