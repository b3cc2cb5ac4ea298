"""Backup and restore, orders to keep, requests of persons and the plan's figures, by commands."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from langnghe.cli import app
from langnghe.core.clock import SystemClock
from langnghe.core.errors import ConflictError, InputError, LangNgheError
from langnghe.core.settings import Settings
from langnghe.core.store import mentions
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.types import Item

NAME = "Lò Thị Mùa Xuân"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which two old mentions stand, one of which names somebody."""
    settings = Settings(home=tmp_path / "nha")
    settings.home.mkdir()
    secret = settings.secret_key()
    ago = SystemClock().now() - timedelta(days=500)
    with Store(settings.database) as store:
        store.migrate()
        with store.write() as session:
            items = [Item(id="1", text=f"Cô {NAME} kể"), Item(id="2", text="Họp phụ huynh")]
            mentions.keep(session, items, now=ago, secret=secret)
    return settings.home


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def texts(home: Path) -> list[str | None]:
    with Store(Settings(home=home).database) as store, store.read() as session:
        return [session.get_one(t.MentionRow, n).text for n in (1, 2)]


def test_a_request_is_received_acted_on_and_listed(home: Path) -> None:
    where = ("--home", str(home))
    who = ("--actor", "Cô Hạnh")
    done = run("subject", "receive", "--text", NAME, "--proof", "căn cước", *who, *where)
    assert "Yêu cầu số 1; hạn trả lời" in done.stderr
    found = run("subject", "export", "1", "--text", NAME, *who, *where)
    assert [json.loads(line)["text"] for line in found.stdout.splitlines()] == [f"Cô {NAME} kể"]
    wrong = run("subject", "erase", "1", "--text", "Lò Thị Hoa Ban", *who, *where)
    assert isinstance(wrong.exception, ConflictError)
    done = run("subject", "erase", "1", "--text", NAME, "--answer", "đã xóa", *who, *where)
    assert done.exit_code == 0, done.output
    assert texts(home) == [None, "Họp phụ huynh"]
    log = json.loads(run("subject", "list", "--json", *where).stdout)
    assert [act["what"] for act in log["done"]] == ["export", "erase"]
    assert log["answer"] == "đã xóa"
    assert NAME not in str(log)
    neither = run("subject", "find", "1", *who, *where)
    assert isinstance(neither.exception, InputError)


def test_an_order_keeps_and_the_clock_deletes(home: Path) -> None:
    where = ("--home", str(home))
    who = ("--actor", "Thầy Hiệu")
    assert run("hold", "add", "mention", "1", "--reason", "CV 5", *who, *where).exit_code == 0
    assert "CV 5" in run("hold", "list", *where).stderr
    assert "Đã xóa nội dung 1 tin" in run("keep", "run", *where).stderr
    assert texts(home) == [f"Cô {NAME} kể", None]
    assert "365 ngày" in run("keep", "show", *where).stderr
    assert run("hold", "release", "1", "--reason", "xong", *who, *where).exit_code == 0
    assert "Đã xóa nội dung 1 tin" in run("keep", "run", *where).stderr
    assert texts(home) == [None, None]


def test_a_backup_is_restored_elsewhere(home: Path, tmp_path: Path) -> None:
    out, moved = tmp_path / "sao.zip", tmp_path / "moi"
    assert "Đã sao lưu" in run("backup", "--out", str(out), "--home", str(home)).stderr
    done = run("restore", str(out), "--home", str(moved))
    assert "Đã phục hồi" in done.stderr, done.output
    assert texts(moved) == texts(home)
    again = run("restore", str(out), "--home", str(moved))
    assert isinstance(again.exception, LangNgheError)


def test_the_plans_figures(home: Path) -> None:
    where = ("--home", str(home))
    assert "Chưa khai tổ chức nào" in run("plan", "tally", *where).stderr
    told = json.loads(run("plan", "feedback", "--json", *where).stdout)
    assert (told["received"], told["median_hours"]) == (0, None)
    assert isinstance(run("plan", "tally", "--month", "x", *where).exception, InputError)
