"""``langnghe channels``: which ways out are open, and one test message down any of them."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Annotated

import typer

from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core.clock import SystemClock
from langnghe.core.clock import say as say_time
from langnghe.core.errors import DeliveryError, InputError
from langnghe.core.settings import Settings
from langnghe.core.store import channels as health
from langnghe.core.store.engine import Store

channels_app = typer.Typer(help="Các cách gửi thông báo.", no_args_is_help=True)
_STATES = {
    "": "chưa thấy trục trặc",
    health.OK: "tốt",
    health.DOWN: "đang hỏng",
    health.OFF: "đã bị tắt",
}


def register(app: typer.Typer) -> None:
    """Add this module's command group."""
    app.add_typer(channels_app, name="channels")


@channels_app.command("list")
def channels_list(home: Home = None, as_json: AsJson = False) -> None:
    """Liệt kê các cách gửi: đã khai báo chưa, gần đây gửi được không."""
    from alerts.channels import ALL, configured

    settings = settings_for(home)
    there = configured(settings)
    with Store(settings.database) as store:
        store.migrate()
        with store.read() as session:
            known = health.health_of(session)
    for way in (*ALL, *sorted(name for name in known if name not in ALL)):
        row = known.get(way)
        state = row.state if row else ""
        if as_json:
            emit({"way": way, "configured": way in there, "state": state or None,
                  "since": row.since if row else None, "why": row.why if row else ""})  # fmt: skip
            continue
        told = "đã khai báo" if way in there or way not in ALL else "chưa khai báo"
        since = f" từ {say_time(row.since)}" if row else ""
        why = f": {row.why}" if row and row.why else ""
        fares = _STATES.get(state, state) if row or way in there else "–"
        say(f"{way:<12} {told:<14} {fares}{since}{why}")


@channels_app.command("test")
def channels_test(
    way: Annotated[str, typer.Argument(help="email, zalo_zns, zalo_oa, sms, telegram, webhook…")],
    address: Annotated[
        str, typer.Argument(help="Địa chỉ theo cách gửi: e-mail, số điện thoại, tên móc nối…")
    ],
    home: Home = None,
) -> None:
    """Gửi một tin thử và nói rõ bên nhận trả lời gì."""
    settings = settings_for(home)
    with Store(settings.database) as store:
        store.migrate()
        said = try_out(settings, store, way, address)
    say(said)


def try_out(settings: Settings, store: Store, way: str, address: str) -> str:
    """Send one test message; return what to tell the person who asked.

    Raises InputError for a way that is not configured and DeliveryError for a refusal, both in
    plain words.
    """
    from alerts.channels import ALL, WEBHOOK, configured, open_channels
    from alerts.channels.base import masked
    from alerts.channels.webhook import health_name
    from alerts.outmail import ChannelDown, OutMail
    from alerts.receipts import Receipts

    if way not in configured(settings):
        known = "chưa được khai báo" if way in ALL else "không có"
        raise InputError(
            f"Cách gửi «{way}» {known}.",
            mend=f"Các cách gửi: {', '.join(ALL)}. Khai báo trong langnghe.toml, xem "
            "docs/channels.md.",
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
    return f"Bên nhận đã tiếp nhận tin thử gửi tới {masked(address)} bằng «{way}»."
