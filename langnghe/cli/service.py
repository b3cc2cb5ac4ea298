"""Commands that run the service: init, up, worker, demo, doctor."""

from __future__ import annotations

import errno
import getpass
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from langnghe.cli.output import AsJson, Home, ProfileFile, complain, emit, say, settings_for
from langnghe.core.errors import ConfigError, LangNgheError
from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import CONFIG_NAME, PROFILE_NAME, folder_error
from langnghe.core.types import Role

PORT_EXIT = 4


class PortError(LangNgheError):
    """The address is taken or may not be used."""

    exit_code = PORT_EXIT


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (init, up, worker, demo, doctor):
        app.command()(command)


def init(
    home: Home = None,
    profile: ProfileFile = None,
    school: Annotated[str | None, typer.Option(help="Tên trường.")] = None,
    commune: Annotated[str | None, typer.Option(help="Xã/phường, ví dụ «xã Sam Mứn».")] = None,
    province: Annotated[str | None, typer.Option(help="Tỉnh/thành phố.")] = None,
    email: Annotated[str | None, typer.Option(help="Thư điện tử nhận cảnh báo.")] = None,
    admin: Annotated[str, typer.Option(help="Tên đăng nhập quản trị đầu tiên.")] = "quantri",
) -> None:
    """Tạo thư mục dữ liệu, hồ sơ, cơ sở dữ liệu, tài khoản quản trị. Chạy lại không mất gì."""
    from langnghe.cli.starter import starter_config, starter_profile
    from langnghe.core.auth import add_user
    from langnghe.core.profile import load_profile, parse_profile
    from langnghe.core.store import users
    from langnghe.house import open_services, read_rules

    settings = settings_for(home)
    starter = ""
    # Everything is checked before the first file is written.
    if profile is not None:
        given = load_profile(profile)
    elif settings.profile_path.exists():
        given = load_profile(settings.profile_path)
    else:
        starter = starter_profile(
            _ask(school, "Tên trường", "Trường TH&THCS Na Ư"),
            _ask(commune, "Xã/phường", "xã Sam Mứn"),
            _ask(province, "Tỉnh/thành phố", "tỉnh Điện Biên"),
            email=email or "",
        )
        given = parse_profile(tomllib.loads(starter), where="Hồ sơ mẫu")
    read_rules(settings.model_copy(update={"profile": profile or settings.profile_path}), given)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        config = settings.home / CONFIG_NAME
        if not config.exists():
            config.write_text(starter_config(email or ""), encoding="utf-8")
        target = settings.profile_path
        if profile is not None and profile.resolve() != target.resolve():
            suffix = ".json" if profile.suffix.lower() == ".json" else ".toml"
            other = {".json": ".toml", ".toml": ".json"}[suffix]
            target = (settings.home / PROFILE_NAME).with_suffix(suffix)
            shutil.copyfile(profile, target)
            if (old := target.with_suffix(other)).is_file():
                old.rename(old.with_suffix(old.suffix + ".cu"))
        elif starter:
            target.write_text(starter, encoding="utf-8")
            say(f"Đã viết hồ sơ mẫu {target}: mở ra để sửa tên gọi khác, địa bàn, người nhận.")
    except OSError as error:
        raise folder_error(settings.home, error) from error
    settings = settings_for(home)
    services = open_services(settings)
    settings.secret_key()
    with services.store.read() as session:
        empty = not users.everybody(session)
    if empty:
        password = secrets.token_urlsafe(12)
        add_user(
            services.store, username=admin, password=password, role=Role.ADMIN,
            name="Quản trị", unit_id=None, now=services.clock.now(),
        )  # fmt: skip
        say(f"Tài khoản quản trị: [bold]{admin}[/]  mật khẩu: [bold]{password}[/]")
        say("(mật khẩu chỉ hiện lần này)")
    services.store.close()
    say(f"Xong. Dữ liệu ở {settings.home}. Chạy tiếp: langnghe up --home {settings.home}")


def up(
    home: Home = None,
    profile: ProfileFile = None,
    host: Annotated[str | None, typer.Option(help="Địa chỉ lắng nghe.")] = None,
    port: Annotated[int | None, typer.Option(help="Cổng.")] = None,
) -> None:
    """Chạy dịch vụ: thu thập, đọc hiểu, cảnh báo và bảng điều khiển trong một tiến trình.

    Thư mục dữ liệu trống thì mở trang cài đặt lần đầu, xong tự chạy tiếp. Với PostgreSQL, lệnh này
    chỉ mở bảng điều khiển; các khâu chạy bằng «langnghe worker».
    """
    from langnghe.cli.starter import starter_config
    from langnghe.house import open_house, open_services
    from langnghe.jobs import EmbeddedRunner
    from langnghe.refreshing import Living
    from langnghe.setup.app import run_first
    from langnghe.setup.state import is_first_run
    from langnghe.web import create_app, server_for

    settings = settings_for(home, profile=profile, host=host, port=port)
    with claim_port(settings.host, settings.port) as listener:
        if is_first_run(settings):
            if not run_first(settings, listener, starter_config, say):
                return
            settings = settings_for(home, profile=profile, host=host, port=port)
        services = open_services(settings)
        house = None if settings.is_postgres else open_house(services)
        runner = None if house is None else EmbeddedRunner(house)
        living = Living(services, house)
        if runner is not None:
            living.tell(runner.take)
        try:
            if runner is not None:
                runner.start()
            say(f"Lắng Nghe đang chạy: {settings.public_url} (Ctrl+C để dừng)")
            if not settings.smtp_host:
                say("Chưa cấu hình máy chủ thư: cảnh báo chỉ hiện trên bảng điều khiển.")
            web = create_app(services)
            living.follow(web)
            living.start()
            server_for(web, host=settings.host, port=settings.port).run(sockets=[listener])
        finally:
            living.stop()
            if runner is not None:
                runner.stop()
            services.store.close()


def worker(
    home: Home = None,
    profile: ProfileFile = None,
    concurrency: Annotated[int, typer.Option(help="Số việc cùng lúc.", min=1, max=64)] = 4,
) -> None:
    """Chạy một máy thợ (cần PostgreSQL): nhiều máy thợ chia nhau việc qua cơ sở dữ liệu."""
    from langnghe.house import open_house, open_services
    from langnghe.jobs import Ways, distributed_app, ensure_queue
    from langnghe.refreshing import Living

    settings = settings_for(home, profile=profile)
    if not settings.is_postgres:
        raise ConfigError(
            "«langnghe worker» cần PostgreSQL; với SQLite mọi khâu đã nằm trong «langnghe up».",
            mend="Đặt LANGNGHE_DATABASE_URL=postgresql://… rồi chạy lại.",
        )
    services = open_services(settings)
    ensure_queue(settings)
    house = open_house(services)
    app = distributed_app(settings, lambda: house, tells=False)
    ways = Ways(house)
    living = Living(services, house)
    living.tell(ways.take)
    ways.start()
    living.start()
    try:
        with app.open():
            say("Máy thợ đang chạy (Ctrl+C để dừng).")
            app.run_worker(
                concurrency=concurrency,
                listen_notify=True,
                delete_jobs="successful",  # what is done stands in our own tables
            )
    finally:
        living.stop()
        ways.stop()
        services.store.close()


def demo(
    port: Annotated[int, typer.Option(help="Cổng.")] = 8118,
    seconds: Annotated[float, typer.Option(help="Thời gian phát lại bốn ngày.", min=1)] = 90.0,
) -> None:
    """Trình diễn: một vụ việc hư cấu phát lại nhanh, bảng điều khiển trên máy này."""
    from langnghe.demo.catcher import mailbox_router
    from langnghe.demo.run import ACCOUNTS, PASSWORD, demo_profile, prepare
    from langnghe.refreshing import Living
    from langnghe.web import create_app, server_for

    settings_for(None)
    listener = claim_port("127.0.0.1", port)
    folder = Path(tempfile.mkdtemp(prefix="langnghe-demo-"))
    show = prepare(folder, port=port)
    web = create_app(show.services)
    web.include_router(mailbox_router(show.catcher))
    living = Living(show.services, show.house, base=demo_profile())
    living.follow(web)
    player = threading.Thread(target=show.play, args=(seconds,), name="demo", daemon=True)
    address = f"http://127.0.0.1:{port}"
    say("[bold]Lắng Nghe – trình diễn.[/] Mọi tên trường, tên người, tin bài đều là hư cấu.")
    say(f"Bảng điều khiển: [bold]{address}[/]")
    say(f"Hộp thư (nơi thư cảnh báo rơi vào): [bold]{address}/hop-thu-demo[/]")
    for username, name, _ in ACCOUNTS:
        say(f"  {username:<12} mật khẩu {PASSWORD}   {name}")
    say(f"Bốn ngày được phát lại trong khoảng {seconds:.0f} giây. Ctrl+C để dừng.")
    player.start()
    living.start()
    try:
        server_for(web, host="127.0.0.1", port=port).run(sockets=[listener])
    finally:
        living.stop()
        show.stop()
        player.join(timeout=10)
        show.services.store.close()
        shutil.rmtree(folder, ignore_errors=True)


def doctor(home: Home = None, profile: ProfileFile = None, as_json: AsJson = False) -> None:
    """Khám toàn bộ: cấu hình, hồ sơ, kịch bản, cơ sở dữ liệu, mô hình, thư, nguồn tin."""
    from langnghe.doctor import examine

    try:
        settings = settings_for(home, profile=profile)
    except ConfigError as error:
        complain(error)
        raise typer.Exit(error.exit_code) from error
    findings = examine(settings)
    for finding in findings:
        if as_json:
            emit({"check": finding.check, "ok": finding.ok, "what": finding.what,
                  "mend": finding.mend})  # fmt: skip
            continue
        mark = "[green]✓[/]" if finding.ok else "[red]✗[/]"
        say(f"{mark} {escape(f'{finding.check}: {finding.what}')}")
        if finding.mend:
            say(f"    → {escape(finding.mend)}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def claim_port(host: str, port: int) -> socket.socket:
    """Take the address now, so that a taken port is one plain sentence and not a traceback."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortError(
            f"Không mở được {host}:{port}: {plain_reason(error)}.",
            mend=f"Dừng chương trình đang dùng cổng {port}, hoặc chọn cổng khác bằng --port."
            if error.errno == errno.EADDRINUSE
            else "Chọn địa chỉ của chính máy này bằng --host (thường là 127.0.0.1), và một cổng "
            "từ 1024 trở lên bằng --port.",
        ) from error
    return listener


def _ask(given: str | None, question: str, default: str) -> str:
    if given:
        return given
    if sys.stdin.isatty():
        return str(typer.prompt(question, default=default, err=True))
    return default


def read_password() -> str:
    """Ask for a password twice, or read one line when the input is not a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Mật khẩu: ")
    if getpass.getpass("Nhập lại: ") != first:
        raise ConfigError("Hai lần nhập không giống nhau.")
    return first
