"""``langnghe report``: write an official paper to a file, as Word or PDF, or its facts as JSON."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from alerts.reports.facts import PaperKind
from langnghe.cli.output import Home, say, settings_for
from langnghe.core.errors import InputError

LastDay = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Ngày cuối kỳ, kể cả ngày ấy.")
]


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(report)


def report(
    kind: Annotated[PaperKind, typer.Argument(metavar="LOẠI", help="Loại văn bản.")],
    out: Annotated[Path, typer.Option(help="Tệp cần ghi: .docx, .pdf hoặc .json (số liệu).")],
    incident: Annotated[int | None, typer.Option(help="Số vụ việc.")] = None,
    statement: Annotated[int | None, typer.Option(help="Mã nội dung đã phát ngôn.")] = None,
    unit: Annotated[str, typer.Option(help="Đơn vị ban hành, mã trong hồ sơ.")] = "",
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Ngày đầu kỳ (YYYY-MM-DD)."),
    ] = None,
    last: LastDay = None,
    home: Home = None,
) -> None:
    """Lập báo cáo, hồ sơ, sổ hoặc thông cáo (bản nháp, chưa lấy số) thành tệp Word hoặc PDF."""
    import json

    from alerts.reports.desk import Wish, encode, facts_for
    from dashboards.reports.make import make
    from langnghe.house import open_services

    form = out.suffix.lower()
    if form not in (".docx", ".pdf", ".json"):
        raise InputError(
            f"Không biết ghi tệp kiểu «{out.suffix}».", mend="Đặt tên tệp .docx, .pdf hoặc .json."
        )
    services = open_services(settings_for(home))
    try:
        wish = Wish(
            kind, unit, incident, statement, first.date() if first else None,
            last.date() if last else None,
        )  # fmt: skip
        facts = facts_for(services, wish, viewer_unit=None)
        if form == ".json":
            data, _ = encode(facts)
            content = json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
        else:
            made = make(facts, "pdf" if form == ".pdf" else "docx", drill=bool(services.drill))
            content = made.content
    finally:
        services.store.close()
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:  # a full disk must not leave half a paper under the name that was asked for
        partial.write_bytes(content)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    say(f"Đã ghi {out} ({len(content) // 1024 + 1} KB).")
