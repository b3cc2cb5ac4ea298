"""Commands over proof: ``verify`` and ``incident export``."""

from __future__ import annotations

import getpass
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from langnghe.cli.output import AsJson, Home, ProfileFile, emit, say, settings_for
from langnghe.core.errors import ConfigError
from langnghe.core.store.engine import Store
from langnghe.core.verifying import Checked, checks

incident_app = typer.Typer(help="Vụ việc.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(verify)
    app.add_typer(incident_app, name="incident")


def verify(home: Home = None, as_json: AsJson = False) -> None:
    """Tính lại mọi mã băm của bằng chứng và nhật ký; mã thoát 1 nếu có gì bị sửa, xóa, đổi chỗ."""
    from alerts.statements.proof import StatementCheck

    settings = settings_for(home)
    sound = True
    with Store(settings.database) as store:
        _expect_data(store)
        for check in (*checks(), StatementCheck()):
            done = check.run(store, settings)
            sound &= done.ok
            if as_json:
                emit(_plain(done))
            else:
                _tell(done)
    if not sound:
        raise typer.Exit(1)


@incident_app.command("export")
def export(
    incident: Annotated[int, typer.Argument(metavar="SỐ", help="Số của vụ việc.")],
    out: Annotated[Path, typer.Option("--out", help="Tệp .zip sẽ ghi.")],
    originals: Annotated[
        bool, typer.Option("--originals", help="Kèm bản gốc chưa che (cần --reason).")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào nhật ký.")] = "",
    home: Home = None,
    profile: ProfileFile = None,
) -> None:
    """Xuất hồ sơ một vụ việc thành một tệp ZIP tự kiểm tra được (sha256sum -c SHA256SUMS)."""
    from alerts.incident_export import Request, export_incident
    from langnghe.house import open_services

    services = open_services(settings_for(home, profile=profile))
    asked = Request(incident, actor=_operator(), originals=originals, reason=reason)
    handle, name = tempfile.mkstemp(prefix=".ho-so-", suffix=".tmp", dir=out.parent)
    try:
        with services.store, os.fdopen(handle, "w+b") as stream:
            done = export_incident(services, asked, stream)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    say(f"Đã xuất {done.files} tệp, {done.size / 1e6:.1f} MB vào {out}.")
    say(f"SHA-256 của tệp: {done.sha256}")
    if originals:
        say("Tệp này có bản gốc chưa che: chỉ người có trách nhiệm được giữ.")


def _expect_data(store: Store) -> None:
    """Refuse a place without data, or of another version: checking must not make or change any."""
    path = make_url(store.url).database
    there = not store.is_sqlite or (path is not None and Path(path).is_file())
    if not there:
        raise ConfigError(
            "Không có dữ liệu nào ở đây để kiểm tra.", mend="Chỉ đúng thư mục dữ liệu bằng --home."
        )
    here, newest = store.schema_versions()
    if here != newest:
        raise ConfigError(
            "Cơ sở dữ liệu thuộc phiên bản khác của chương trình.",
            mend="Chạy «langnghe init» (không mất gì) rồi kiểm tra lại.",
        )


def _operator() -> str:
    """Return who runs the command, as the system knows them."""
    try:
        return f"máy chủ:{getpass.getuser()}"
    except (KeyError, OSError):
        return "máy chủ"


def _plain(done: Checked) -> dict[str, object]:
    return {
        "check": done.name,
        "ok": done.ok,
        "records": done.records,
        "bytes": done.size,
        "seconds": round(done.seconds, 3),
        "head": done.head,
        "findings": [
            {"kind": f.kind, "seq": f.seq, "what": f.what, "where": f.where} for f in done.findings
        ],
        "notes": list(done.notes),
    }


def _tell(done: Checked) -> None:
    speed = f", {done.size / 1e6 / done.seconds:.0f} MB/s" if done.size and done.seconds else ""
    size = f", {done.size / 1e6:.1f} MB" if done.size else ""
    told = f"{done.records} bản ghi{size}, {done.seconds:.2f} giây{speed}"
    if done.ok:
        say(f"[green]✓[/] {done.name}: nguyên vẹn ({told}).")
    else:
        say(f"[red]✗[/] {done.name}: có {len(done.findings)} điểm sai khác ({told}).")
        for number, finding in enumerate(done.findings):
            at = f"bản ghi {finding.seq}: " if finding.seq is not None else ""
            where = f" [{finding.where}]".replace("[", "\\[") if finding.where else ""
            say(f"    {'Đầu tiên: ' if not number else ''}{at}{finding.what}{where}")
    if done.head:
        say(f"    Đầu chuỗi (nên chép vào sổ giấy): {done.head}")
    for text in done.notes:
        say(f"    Lưu ý: {text}")
