"""Commands over people: ``user …``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.cli.service import read_password
from langnghe.core.auth import add_user, change_password, issue_token, set_active
from langnghe.core.clock import SystemClock
from langnghe.core.errors import InputError
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import UnitRow
from langnghe.core.types import Role

user_app = typer.Typer(help="Tài khoản người dùng.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Tên đăng nhập.")]


def register(app: typer.Typer) -> None:
    """Add this module's command groups."""
    app.add_typer(user_app, name="user")


@user_app.command("add")
def user_add(
    username: Name,
    role: Annotated[Role, typer.Option(help="officer | principal | analyst | admin.")],
    name: Annotated[str, typer.Option(help="Họ tên, chức vụ.")] = "",
    unit: Annotated[str | None, typer.Option(help="Chỉ thấy đơn vị này và cấp dưới.")] = None,
    home: Home = None,
) -> None:
    """Thêm tài khoản; mật khẩu hỏi trên màn hình hoặc đọc một dòng từ stdin."""
    with _store(home) as store:
        if unit is not None:
            with store.read() as session:
                known = session.get(UnitRow, unit) is not None
            if not known:
                raise InputError(
                    f"Không có đơn vị «{unit}» trong hồ sơ theo dõi.",
                    mend="Dùng mã (id) của một đơn vị trong hồ sơ; chạy «langnghe init» nếu vừa "
                    "thêm đơn vị.",
                )
        add_user(
            store, username=username, password=read_password(), role=role, name=name,
            unit_id=unit, now=SystemClock().now(),
        )  # fmt: skip
    say(f"Đã thêm {username} ({role}).")


@user_app.command("list")
def user_list(home: Home = None, as_json: AsJson = False) -> None:
    """Liệt kê tài khoản."""
    with _store(home) as store, store.read() as session:
        known = users.everybody(session)
    for user in known:
        if as_json:
            emit({"username": user.username, "role": user.role, "unit": user.unit_id,
                  "active": user.active})  # fmt: skip
        else:
            say(f"{user.username:<20} {user.role:<10} {user.unit_id or '–':<16} {user.name}")


@user_app.command("password")
def user_password(username: Name, home: Home = None) -> None:
    """Đặt lại mật khẩu và đăng xuất mọi nơi."""
    with _store(home) as store:
        change_password(store, username, read_password())
    say(f"Đã đổi mật khẩu của {username}.")


@user_app.command("lock")
def user_lock(username: Name, home: Home = None) -> None:
    """Khóa tài khoản: đăng xuất mọi nơi, hủy mọi mã truy cập."""
    with _store(home) as store:
        set_active(store, username, active=False)
    say(f"Đã khóa {username}.")


@user_app.command("unlock")
def user_unlock(username: Name, home: Home = None) -> None:
    """Mở khóa tài khoản."""
    with _store(home) as store:
        set_active(store, username, active=True)
    say(f"Đã mở khóa {username}.")


@user_app.command("token")
def user_token(
    username: Name,
    days: Annotated[int, typer.Option(help="Số ngày hiệu lực.", min=1, max=3660)] = 365,
    home: Home = None,
) -> None:
    """Cấp mã truy cập API; mã chỉ hiện một lần, trên stdout."""
    with _store(home) as store:
        token = issue_token(store, username, name="cli", days=days, now=SystemClock().now())
    typer.echo(token)


@contextmanager
def _store(home: Path | None) -> Iterator[Store]:
    with Store(settings_for(home).database) as store:
        store.migrate()
        yield store
