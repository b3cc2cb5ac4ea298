"""The drill commands: list, run, report."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from langnghe.cli.output import AsJson, Home, ProfileFile, complain, emit, people, say, settings_for
from langnghe.cli.service import claim_port
from langnghe.core.errors import ConfigError, InputError, LangNgheError
from langnghe.core.settings import folder_error

if TYPE_CHECKING:
    from langnghe.core.policy.model import Policy
    from langnghe.core.types import Profile
    from langnghe.drill.cast import Cast
    from langnghe.drill.play import Sheet
    from langnghe.drill.scenario import Scenario

app = typer.Typer(
    name="drill",
    help="Diễn tập: phát một vụ việc hư cấu tới người thật, mọi thư mang dấu DIỄN TẬP.",
    no_args_is_help=True,
)
_SCENARIO = "kich-ban"


def register(parent: typer.Typer) -> None:
    """Add this module's commands."""
    parent.add_typer(app)


@app.command("list")
def list_drills(home: Home = None, as_json: AsJson = False) -> None:
    """Liệt kê kịch bản có sẵn và các buổi diễn tập đã lập trong thư mục dữ liệu."""
    from langnghe.drill.cast import DATABASE, FOLDER
    from langnghe.drill.play import read_sheet
    from langnghe.drill.scenario import load_scenario, packaged

    settings = settings_for(home)
    for name in packaged():
        one = load_scenario(name)
        if as_json:
            emit({"scenario": name, "title": one.title, "purpose": one.purpose.strip(),
                  "minutes": one.minutes, "items": len(one.items)})  # fmt: skip
            continue
        say(f"[bold]{name:<18}[/] {escape(one.title)} ({len(one.items)} tin, {one.minutes:g} phút)")
        say(f"  {escape(one.purpose.strip())}")
    for path in sorted((settings.home / FOLDER).glob(f"*/{DATABASE}")):
        try:
            sheet = read_sheet(path.parent)
        except LangNgheError as error:
            complain(error)
            continue
        if as_json:
            emit({"folder": str(path.parent), "title": sheet.title, "unit": sheet.unit,
                  "start": sheet.start, "at": sheet.at, "speed": sheet.speed})  # fmt: skip
        else:
            say(f"Đã lập: {escape(str(path.parent))}  {escape(sheet.title)} ({sheet.unit})")


@app.command()
def run(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="KỊCH_BẢN",
            help="Tên kịch bản có sẵn, tệp .yaml/.jsonl, hoặc thư mục buổi bị dừng.",
        ),
    ],
    home: Home = None,
    profile: ProfileFile = None,
    unit: Annotated[str | None, typer.Option(help="Đơn vị (mặc định: trường đầu tiên).")] = None,
    speed: Annotated[
        float, typer.Option(help="Nhanh gấp mấy lần giờ thật.", min=0.1, max=3600)
    ] = 1.0,
    to: Annotated[str | None, typer.Option("--to", help="Gửi mọi thư về một địa chỉ.")] = None,
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Gửi thư tới người trong danh bạ của đơn vị.")
    ] = False,
    with_superiors: Annotated[
        bool,
        typer.Option(
            "--with-superiors",
            help="Gửi cả cho cấp trên thật trong hồ sơ; không có thì người của đơn vị đóng vai.",
        ),
    ] = False,
    host: Annotated[str, typer.Option(help="Địa chỉ lắng nghe.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Cổng.", min=1, max=65535)] = 8119,
    base_url: Annotated[
        str, typer.Option(help="Địa chỉ trang mà người nhận mở được; dùng cho liên kết trong thư.")
    ] = "",
) -> None:
    """Chạy một buổi diễn tập; Ctrl+C kết thúc sớm, báo cáo vẫn được ghi.

    Không có --to hay --deliver thì không thư nào được gửi, chỉ in tóm tắt.
    Bị ngắt giữa chừng thì «langnghe drill run THƯ_MỤC» đi tiếp.
    """
    from langnghe.core.policy.loader import load_policy
    from langnghe.drill.cast import folder_for
    from langnghe.drill.host import ACCOUNTS, serving, sign_up
    from langnghe.drill.play import Sheet, furnish, open_drill, play, read_sheet
    from langnghe.drill.report import MODES, write
    from langnghe.drill.scenario import load_scenario
    from langnghe.house import load_reader, read_profile

    base = settings_for(home, profile=profile)
    policy, watched = load_policy(base.playbook), read_profile(base)
    resumed = Path(scenario) if Path(scenario).is_dir() else None
    if resumed is not None:
        sheet, folder, story = read_sheet(resumed), resumed, _kept_scenario(resumed)
    else:
        if to and deliver:
            raise ConfigError("Chỉ chọn một trong hai: --to hoặc --deliver.")
        if to is not None and "@" not in to:
            raise ConfigError(f"«{to}» không phải địa chỉ thư.", mend="Ví dụ: --to toi@truong.vn")
        story = load_scenario(scenario)
        _levels_known(story, policy)
        now = datetime.now(UTC)
        folder = folder_for(base.home, story.name, now)
        mode = "to" if to else "deliver" if deliver else "dry"
        if mode != "dry" and not base.smtp_host:
            say("Chưa cấu hình máy chủ thư: [bold]không thư nào được gửi[/], chỉ in tóm tắt. "
                "Muốn gửi, đặt LANGNGHE_SMTP_HOST rồi chạy lại.")  # fmt: skip
            mode, to = "dry", None
        sheet = Sheet(story.title, story.name, _unit_id(watched, unit), now, speed, mode,
                      to or "", with_superiors)  # fmt: skip
    cast = _cast(watched, sheet, policy)
    with claim_port(host, port) as listener:
        if resumed is None:
            _keep_scenario(folder, story)
        drill = open_drill(base, folder, story, cast, sheet, host=host, port=port,
                           base_url=base_url)  # fmt: skip
        with drill.services.store:
            reader = load_reader(base, cast.profile)
            house = furnish(drill, reader)
            say(f"[bold]DIỄN TẬP[/] {escape(story.title)} – {escape(cast.unit.name)}: "
                f"{len(drill.items)} tin, {story.minutes:g} phút, {_pace(sheet.speed)}; "
                f"{MODES[sheet.mode]}.")  # fmt: skip
            say(f"Bảng điều khiển của buổi này: [bold]{drill.services.settings.public_url}[/]")
            if sheet.mode != "dry" and not base_url:
                say("Liên kết trong thư dùng địa chỉ trên; nếu người nhận không mở được địa chỉ "
                    "ấy, chạy lại với --host và --base-url.")  # fmt: skip
            names = ", ".join(name for name, _, _ in ACCOUNTS)
            say(f"  tài khoản {names}; mật khẩu {escape(sign_up(drill))}")
            say(f"Thư mục: {escape(str(folder))}. Ctrl+C để kết thúc sớm.")
            # The start of the drill is now, not when its models began to load.
            drill.clock.move_to(sheet.at or sheet.start)
            with serving(drill, listener), _terminated():
                try:
                    play(drill, house, _line)
                except KeyboardInterrupt:
                    say("Kết thúc sớm theo lệnh.")
            shown = write(drill, drill.clock.now())
    _show(shown, folder)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="THƯ_MỤC", help="Thư mục của buổi diễn tập.")],
    home: Home = None,
    profile: ProfileFile = None,
    as_json: AsJson = False,
) -> None:
    """Đọc lại một buổi diễn tập (kể cả buổi bị ngắt) và ghi lại báo cáo."""
    from langnghe.core.policy.loader import load_policy
    from langnghe.drill.play import open_drill, read_sheet
    from langnghe.drill.report import write
    from langnghe.house import read_profile

    sheet = read_sheet(folder)
    base = settings_for(home or _home_of(folder), profile=profile)
    cast = _cast(read_profile(base), sheet, load_policy(base.playbook))
    drill = open_drill(base, folder, _kept_scenario(folder), cast, sheet)
    with drill.services.store:
        data = write(drill, sheet.at or sheet.start)
    if as_json:
        emit(data)
    else:
        _show(data, folder)


def _unit_id(watched: Profile, wanted: str | None) -> str:
    from langnghe.drill.cast import choose_unit

    return choose_unit(watched, wanted).id


def _cast(watched: Profile, sheet: Sheet, policy: Policy) -> Cast:
    from langnghe.drill.cast import NOBODY, choose_unit, gather

    stand_in = {"dry": NOBODY, "to": sheet.redirect}.get(sheet.mode, "")
    cast = gather(
        watched, choose_unit(watched, sheet.unit), policy,
        with_superiors=sheet.superiors, stand_in=stand_in,
    )  # fmt: skip
    if not cast.allowed:
        raise ConfigError(
            f"Danh bạ của {cast.unit.name} chưa có địa chỉ thư nào.",
            mend="Điền người liên hệ của đơn vị trong hồ sơ, hoặc dùng --to ĐỊA-CHỈ.",
        )
    return cast


def _levels_known(story: Scenario, policy: Policy) -> None:
    wanted = [*story.expect, *story.turning]
    wrong = [t.level for t in wanted if t.level and policy.level_id(t.level) is None]
    if wrong:
        known = ", ".join(level.id for level in policy.levels)
        raise InputError(
            f"Kịch bản diễn tập mong đợi mức «{wrong[0]}», kịch bản ứng phó không có mức ấy.",
            mend=f"Dùng một trong: {known}.",
        )


def _keep_scenario(folder: Path, story: Scenario) -> None:
    try:
        folder.mkdir(parents=True)
        suffix = "yaml" if not story.source.lstrip().startswith("{") else "jsonl"
        (folder / f"{_SCENARIO}.{suffix}").write_text(story.source, encoding="utf-8")
    except OSError as error:
        raise folder_error(folder, error) from error


def _kept_scenario(folder: Path) -> Scenario:
    from langnghe.drill.scenario import load_scenario

    kept = next(iter(sorted(folder.glob(f"{_SCENARIO}.*"))), folder / f"{_SCENARIO}.yaml")
    return load_scenario(str(kept))


def _home_of(folder: Path) -> Path | None:
    from langnghe.drill.cast import FOLDER

    parent = folder.resolve().parent
    return parent.parent if parent.name == FOLDER else None


@contextmanager
def _terminated() -> Iterator[None]:
    """Being told to stop by the system ends a drill as Ctrl+C does: with its report."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _pace(speed: float) -> str:
    return "theo giờ thật" if speed == 1 else f"nhanh gấp {speed:g} lần"


def _line(text: str) -> None:
    people.print(escape(text))


def _show(data: dict[str, Any], folder: Path) -> None:
    table = Table("Thư", "Vai", "Người", "Gửi lúc", "Đã nhận", "Đúng hạn?")
    words = {None: "–", True: "✓", False: "✗ quá hạn"}
    for row in data["messages"]:
        sent = row["sent"] or row["why"] or "đang chờ"
        acked = row["acked"] or ("chưa" if row["due"] else "–")
        cells = (row["purpose"], row["role"], row["name"], sent, acked, words[row["in_time"]])
        table.add_row(*(escape(str(cell)) for cell in cells))
    people.print(table)
    say("T+giờ:phút:giây là giờ diễn tập, đếm từ lúc bắt đầu.")
    for level in data["levels"]:
        say(f"Tới mức {level['level']}: {level['at']}")
    sums, said = data["sums"], data["statement"]
    say(f"{sums['alerts']} cảnh báo, {sums['answered']} có người nhận, {sums['in_time']} đúng hạn.")
    say(f"Thông tin ban đầu: xong sau {said['after']}." if said["done"]
        else "Thông tin ban đầu: chưa ghi nhận.")  # fmt: skip
    say(f"Báo cáo: {escape(str(folder / 'bao-cao.html'))} (và .md, .json)")
