"""``langnghe channels``: which ways out are open, and one test message down any of them."""

from __future__ import annotations

from typing import Annotated

import typer

from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core.clock import say as say_time
from langnghe.core.overlay_settings import settings_in_force
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
    with Store(settings.database) as store:
        store.migrate()
        with store.read() as session:
            known = health.health_of(session)
            there = configured(settings_in_force(session, settings).settings)
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
    from alerts.channels.trying import try_out

    settings = settings_for(home)
    with Store(settings.database) as store:
        store.migrate()
        with store.read() as session:
            settings = settings_in_force(session, settings).settings
        said = try_out(settings, store, way, address)
    say(said)
