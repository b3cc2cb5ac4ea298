"""Signed webhooks (Standard Webhooks): a system of the authority hears of an incident at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from alerts.channels.base import ReceiptedChannel
from alerts.channels.web import Wire
from alerts.outmail import ChannelDown, OutMail
from alerts.receipts import Receipts
from langnghe.core.channel_settings import WebhookSettings
from langnghe.core.errors import DeliveryError
from langnghe.core.store.channels import is_disabled, note_disabled
from langnghe.core.store.engine import Store

EVENT = "notice"


def health_name(hook: str) -> str:
    """Return the name under which the health of a hook is kept."""
    return f"webhook:{hook}"


def payload(mail: OutMail) -> str:
    """Return the JSON body: what the notice says, already masked, and the fields of templates."""
    return json.dumps(
        {
            "type": EVENT,
            "timestamp": mail.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": {**mail.data, "id": mail.key, "subject": mail.subject, "text": mail.short},
        },
        ensure_ascii=False,
    )


class WebhookChannel(ReceiptedChannel):
    """Posts to the hook whose name stands as the address."""

    def __init__(
        self,
        hooks: Mapping[str, WebhookSettings],
        wires: Mapping[str, Wire],
        store: Store,
        receipts: Receipts,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(receipts)
        self._hooks = hooks
        self._wires = wires
        self._store = store
        self._now = now

    def _hand_over(self, mail: OutMail) -> None:
        name = mail.recipient
        hook = self._hooks.get(name)
        if hook is None:
            raise DeliveryError(
                "Không có móc nối (webhook) nào tên như trong danh bạ.",
                permanent=True,
                mend="Khai mục channels.webhooks trong langnghe.toml hoặc sửa danh bạ.",
            )
        with self._store.read() as session:
            if is_disabled(session, health_name(name)):
                raise self._gone(name)
        body, now = payload(mail), self._now()
        signature = Webhook(hook.secret.get_secret_value()).sign(mail.key, now, body)
        wire = self._wires[name]
        try:
            answer = wire.ask(
                "POST", hook.url.get_secret_value(), content=body.encode(),
                headers={
                    "Content-Type": "application/json",
                    "webhook-id": mail.key,
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": signature,
                },
            )  # fmt: skip
        except ChannelDown as error:
            # One hook that is away says nothing of the other ones.
            raise DeliveryError(error.message, mend=error.mend) from None
        if answer.taken:
            return
        if answer.status == 410:
            gone = self._gone(name)
            with self._store.write() as session:
                note_disabled(session, health_name(name), now, gone.message, gone.mend)
            raise gone
        fault = wire.busy(answer)
        raise DeliveryError(
            fault.message if fault else f"{wire.who} không nhận (mã {answer.status}).",
            mend=fault.mend if fault else "Kiểm tra địa chỉ và khóa ký với bên nhận.",
        )

    @staticmethod
    def _gone(name: str) -> DeliveryError:
        return DeliveryError(
            f"Bên nhận đã tắt móc nối «{name}» (mã 410).",
            permanent=True,
            mend=f"Hỏi bên nhận; khi họ bật lại, chạy «langnghe channels test webhook {name}».",
        )
