"""What the command line prints: people read standard error, machines standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from langnghe.core.errors import LangNgheError
from langnghe.core.logs import set_up_logs
from langnghe.core.profile import find_profile
from langnghe.core.settings import Settings, load_settings

people = Console(stderr=True, highlight=False, soft_wrap=True)

Home = Annotated[
    Path | None, typer.Option("--home", help="Thư mục dữ liệu (mặc định ./langnghe-data).")
]
ProfileFile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        help="Hồ sơ đơn vị theo dõi (TOML hoặc JSON), hoặc «ca-nuoc»: hồ sơ có sẵn gồm cả nước "
        "và 34 Sở GD&ĐT.",
        callback=lambda path: path and find_profile(path),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON cho máy đọc.")]


def settings_for(home: Path | None, **overrides: Any) -> Settings:
    """Load the settings for a command; options left empty do not override."""
    set_up_logs()
    return load_settings(home, **{k: v for k, v in overrides.items() if v is not None})


def complain(error: LangNgheError) -> None:
    """Print one plain sentence and the mend."""
    people.print(f"[bold red]Lỗi:[/] {_plain(error.message)}")
    if error.mend:
        people.print(f"[bold]Cách xử lý:[/] {_plain(error.mend)}")


def say(text: str) -> None:
    """Print one line for a person."""
    people.print(text)


def emit(value: Any) -> None:
    """Print one JSON object a line on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def bar(unit: str) -> Progress:
    """Return a progress bar that only shows on a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=people,
        disable=not people.is_terminal,
    )


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
