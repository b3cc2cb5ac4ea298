"""Telegram: a bot writes to people who began a conversation with it (``sendMessage``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from alerts.channels.base import ReceiptedChannel, RetryLater
from alerts.channels.web import Answer, Wire
from alerts.outmail import ChannelDown, OutMail
from alerts.receipts import Receipts
from langnghe.core.channel_settings import TelegramSettings
from langnghe.core.errors import DeliveryError

LONGEST = 4096
"""Most characters of one message that Telegram takes."""
LONGEST_WAIT_S = 3600
"""However long it asks to be left alone: an alert must not wait for days on one bad answer."""


class TelegramChannel(ReceiptedChannel):
    """Sends the text of a notice to a chat id."""

    def __init__(
        self,
        settings: TelegramSettings,
        wire: Wire,
        receipts: Receipts,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(receipts)
        self._settings = settings
        self._wire = wire
        self._monotonic = monotonic
        self._closed_until: dict[str, float] = {}  # shared by the copies for other threads

    def _hand_over(self, mail: OutMail) -> None:
        left = self._closed_until.get("all", 0.0) - self._monotonic()
        if left > 0:
            raise _wait(left)
        s = self._settings
        answer = self._wire.json(
            "POST",
            f"{s.api_url}/bot{s.token.get_secret_value()}/sendMessage",
            {
                "chat_id": mail.recipient,
                "text": (mail.text.strip() or mail.short or mail.subject)[:LONGEST],
                "link_preview_options": {"is_disabled": True},
            },
        )
        said = answer.json()
        if answer.taken and said.get("ok") is True:
            return
        raise self._refused(answer, said)

    def _refused(self, answer: Answer, said: dict[str, Any]) -> DeliveryError:
        code = answer.status
        if code == 429:
            asked = said.get("parameters")
            seconds = asked.get("retry_after") if isinstance(asked, dict) else None
            wait = answer.wait_s()
            if isinstance(seconds, int):
                wait = float(min(max(seconds, 0), LONGEST_WAIT_S))
            self._closed_until["all"] = self._monotonic() + wait
            return _wait(wait)
        if code in (401, 404):
            return ChannelDown(
                f"Telegram không nhận mã của bot (mã {code}).",
                mend="Kiểm tra LANGNGHE_CHANNELS__TELEGRAM__TOKEN với BotFather.",
            )
        if code == 403:
            return DeliveryError(
                "Người nhận đã chặn hoặc chưa từng trò chuyện với bot Telegram.",
                permanent=True,
                mend="Nhờ người nhận mở bot và bấm Bắt đầu.",
            )
        if code == 400:
            # 400 also stands for our own mistakes, but none of them gets better by trying again.
            return DeliveryError(
                "Telegram không biết cuộc trò chuyện này hoặc không nhận nội dung.",
                permanent=True,
                mend="Kiểm tra mã cuộc trò chuyện (chat id) trong danh bạ.",
            )
        return self._wire.busy(answer) or DeliveryError(f"Telegram không nhận tin (mã {code}).")


def _wait(seconds: float) -> RetryLater:
    return RetryLater(
        f"Telegram yêu cầu chờ {seconds:.0f} giây.",
        seconds=seconds,
        mend="Hệ thống sẽ tự thử lại.",
    )
