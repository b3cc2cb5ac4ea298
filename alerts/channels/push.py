"""Web push: a short notice on the screens of browsers whose user asked for it.

It says level, unit and where to look, nothing of what happened: a locked screen is read by anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog

from alerts.channels.base import ReceiptedChannel
from alerts.channels.web import Wire
from alerts.channels.webpush import SenderKey, seal
from alerts.outmail import ChannelDown, OutMail, Unsure
from alerts.receipts import Receipts
from langnghe.core.channel_settings import PushSettings
from langnghe.core.errors import DeliveryError, InputError
from langnghe.core.store.channels import (
    drop_subscription,
    subscriptions_for,
    touch_subscription,
)
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import PushSubscriptionRow

log = structlog.get_logger(__name__)
KEEP_S = 6 * 3600
"""How long a push service may keep a notice for a browser that is away."""
_GONE = (404, 410)


def payload(mail: OutMail) -> bytes:
    """Return what the browser is told: level, unit and a path of ours."""
    link = urlsplit(mail.data.get("link", ""))
    said = {
        "level": mail.data.get("level", "")[:60],
        "unit": mail.data.get("unit", "")[:160],
        "link": link.path if link.path.startswith("/vu-viec/") else "/",
    }
    return json.dumps(said, ensure_ascii=False).encode()


class PushChannel(ReceiptedChannel):
    """Sends to every browser of the user whose name (or e-mail address) stands as the address."""

    def __init__(
        self,
        settings: PushSettings,
        key: SenderKey,
        wire: Wire,
        store: Store,
        receipts: Receipts,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(receipts)
        self._settings = settings
        self._key = key
        self._wire = wire
        self._store = store
        self._now = now

    def _hand_over(self, mail: OutMail) -> None:
        with self._store.read() as session:
            browsers = subscriptions_for(session, mail.recipient)
        faults: list[DeliveryError] = []
        taken = 0
        for browser in browsers:
            try:
                taken += self._tell(browser, mail)
            except DeliveryError as error:
                faults.append(error)
        if taken:
            # One screen is enough: trying the others again would ring the first one twice.
            return
        if faults:
            raise next((f for f in faults if isinstance(f, Unsure)), faults[0])
        raise DeliveryError(
            "Người nhận chưa bật thông báo đẩy trên trình duyệt nào.",
            permanent=True,
            mend="Nhờ người nhận đăng nhập, mở trang «Thông báo trên máy này» và bấm Bật.",
        )

    def _tell(self, browser: PushSubscriptionRow, mail: OutMail) -> bool:
        """Send to one browser; return whether its push service took it."""
        now = self._now()
        try:
            body = seal(payload(mail), browser.p256dh, browser.auth)
        except InputError:
            self._forget(browser)
            return False
        try:
            answer = self._wire.ask(
                "POST", browser.endpoint, content=body,
                headers={
                    "Authorization": self._key.authorization(
                        browser.endpoint, self._settings.contact, now
                    ),
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(KEEP_S),
                    "Urgency": "high",
                },
            )  # fmt: skip
        except ChannelDown as error:
            raise DeliveryError(error.message, mend=error.mend) from None
        if answer.status in _GONE:
            self._forget(browser)
            return False
        if not answer.taken:
            raise DeliveryError(
                f"Dịch vụ đẩy của trình duyệt không nhận (mã {answer.status}).",
                mend="Hệ thống sẽ tự thử lại; nếu kéo dài, tắt rồi bật lại thông báo đẩy.",
            )
        with self._store.write() as session:
            touch_subscription(session, browser.endpoint, now)
        return True

    def _forget(self, browser: PushSubscriptionRow) -> None:
        with self._store.write() as session:
            drop_subscription(session, browser.endpoint)
        log.info("push_subscription_ended", host=urlsplit(browser.endpoint).hostname)
