"""The commands: list, run (dry, refused, told to stop by the system), report."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from langnghe.cli import app
from langnghe.core.errors import ConfigError, InputError
from langnghe.demo.catcher import free_port
from langnghe.drill.cast import DATABASE
from langnghe.drill.scenario import packaged
from tests.drill.town import STORY

PROFILE = Path(__file__).resolve().parents[2] / "langnghe" / "demo" / "profile.toml"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "Buổi Thử.yaml"
    path.write_text(STORY, encoding="utf-8")
    return path


def arguments(story: Path, home: Path, *more: str) -> list[str]:
    return ["drill", "run", str(story), "--home", str(home), "--profile", str(PROFILE),
            "--port", str(free_port()), *more]  # fmt: skip


def test_the_list_names_what_ships(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["drill", "list", "--home", str(tmp_path), "--json"])
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["scenario"] for row in rows] == packaged()


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        (("--to", "a@b.example", "--deliver"), ConfigError, "một trong hai"),
        (("--to", "nobody"), ConfigError, "không phải địa chỉ"),
        (("--unit", "khong_co"), ConfigError, "không có đơn vị"),
    ],
)
def test_wrong_use_makes_no_folder(
    story: Path, tmp_path: Path, more: tuple[str, ...], error: type[Exception], said: str
) -> None:
    done = CliRunner().invoke(app, arguments(story, tmp_path / "h", *more))
    assert isinstance(done.exception, error)
    assert said in str(done.exception)
    assert not (tmp_path / "h" / "drills").exists()


def test_a_level_the_playbook_lacks(story: Path, tmp_path: Path) -> None:
    story.write_text(STORY.replace("level: do", "level: tim"), encoding="utf-8")
    done = CliRunner().invoke(app, arguments(story, tmp_path / "h"))
    assert isinstance(done.exception, InputError)
    assert "«tim»" in str(done.exception)


def test_without_mail_it_says_so_runs_dry_and_can_be_read_again(
    story: Path, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    done = CliRunner().invoke(app, arguments(story, home, "--deliver", "--speed", "3600"))
    assert done.exit_code == 0, done.output
    assert "Chưa cấu hình máy chủ thư: không thư nào được gửi" in done.stderr
    assert "(không gửi) thư tới" in done.stderr
    [folder] = (home / "drills").iterdir()
    assert {f"bao-cao.{kind}" for kind in ("json", "md", "html")} <= {
        p.name for p in folder.iterdir()
    }
    assert not (home / "langnghe.db").exists()
    read = CliRunner().invoke(
        app, ["drill", "report", str(folder), "--profile", str(PROFILE), "--json"]
    )
    assert read.exit_code == 0, read.output
    data = json.loads(read.stdout)
    assert data["drill"] is True
    assert data["whole"] is True
    assert data["unit"] == "Trường TH&THCS Pá Hiêng Hạ"
    assert data["sums"]["alerts"] >= 1
    assert data["masking"] == {"traps": 1, "leaks": 0}
    listed = CliRunner().invoke(app, ["drill", "list", "--home", str(home)])
    assert "Buổi thử ngắn" in listed.stderr


def test_told_to_stop_it_ends_with_its_report(story: Path, tmp_path: Path) -> None:
    home = tmp_path / "h"
    command = [sys.executable, "-m", "langnghe", *arguments(story, home)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    deadline = time.monotonic() + 60
    folder: Path | None = None
    while time.monotonic() < deadline and process.poll() is None:
        made = list((home / "drills").glob(f"*/{DATABASE}"))
        if made and "tin 1/3" in _read_some(process):
            folder = made[0].parent
            break
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 0, rest.decode()
    assert folder is not None
    assert "Kết thúc sớm" in rest.decode()
    data = json.loads((folder / "bao-cao.json").read_text("utf-8"))
    assert data["whole"] is False
    assert data["items"] == {"played": 1, "total": 3}


def _read_some(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    return process.stderr.readline().decode()
