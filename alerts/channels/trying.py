"""One test message down any way out, and in plain words what the other side answered."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

from alerts.channels import ALL, WEBHOOK, configured, open_channels
from alerts.channels.base import masked
from alerts.channels.webhook import health_name
from alerts.outmail import ChannelDown, OutMail
from alerts.receipts import Receipts
from langnghe.core.clock import SystemClock
from langnghe.core.clock import say as say_time
from langnghe.core.errors import DeliveryError, InputError
from langnghe.core.settings import Settings
from langnghe.core.store import channels as health
from langnghe.core.store.engine import Store


def try_out(settings: Settings, store: Store, way: str, address: str) -> str:
    """Send one test message; return what to tell the person who asked.

    Raises InputError for a way that is not configured and DeliveryError for a refusal, both in
    plain words.
    """
    if way not in configured(settings):
        known = "chưa được khai báo" if way in ALL else "không có"
        raise InputError(
            f"Cách gửi «{way}» {known}.",
            mend=f"Các cách gửi: {', '.join(ALL)}. Khai báo ở trang «Cài đặt» hoặc "
            "trong langnghe.toml, xem docs/channels.md.",
        )
    now = SystemClock().now()
    key = f"test-{uuid.uuid4().hex}"
    text = (
        f"TIN THỬ của Lắng Nghe, gửi lúc {say_time(now)}. Không có sự việc nào; không cần làm gì."
    )
    link = settings.public_url
    mail = OutMail(
        key=key, recipient=address, subject="[Tin thử] Lắng Nghe kiểm tra cách gửi thông báo",
        text=f"{text}\n\n{link}\n", html=f"<p>{text}</p>", headers={},
        message_id=f"<{key}@langnghe.invalid>", created_at=now, channel=way,
        short=f"{text} {link}",
        data={
            "level": "Tin thử", "level_id": "0", "unit": "Lắng Nghe", "title": "Tin thử",
            "due": "không có hạn", "link": link, "incident": "0", "role": "", "name": "",
        },
    )  # fmt: skip
    if way == WEBHOOK and address in settings.channels.webhooks:
        with store.write() as session:  # a hook the other side had switched off gets a new chance
            if health.is_disabled(session, health_name(address)):
                health.note_ok(session, health_name(address), now)
    send_now(settings, store, mail)
    return f"Bên nhận đã tiếp nhận tin thử gửi tới {masked(address)} bằng «{way}»."


def send_now(settings: Settings, store: Store, mail: OutMail) -> None:
    """Hand one message over at once, past the outbox, and note how the way fares.

    For what must not be kept (a test, a link that sets a password). Raises InputError for a way
    that is not open, DeliveryError for a refusal.
    """
    way = mail.channel
    if way not in configured(settings):
        raise InputError("Chưa có cách gửi này.", mend="Khai báo ở trang «Cài đặt» rồi thử lại.")
    now = mail.created_at
    with tempfile.TemporaryDirectory() as folder:
        # A receipt of its own: a test must not stand in the file of real messages.
        channel = open_channels(settings, store, Receipts(Path(folder) / "receipts.jsonl"))[way]
        try:
            channel.send(mail)
        except ChannelDown as error:
            with store.write() as session:
                health.note_failure(session, way, now, error.message, error.mend)
            raise
        except DeliveryError as error:
            kind = "Bị từ chối hẳn" if error.permanent else "Chưa gửi được"
            raise DeliveryError(f"{kind}: {error.message}", mend=error.mend) from error
        finally:
            channel.close()
    with store.write() as session:
        health.note_ok(session, way, now)
