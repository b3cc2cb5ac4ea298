"""``langnghe sources``: the twins of the page, over a real folder and a real site on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from langnghe.cli import app
from langnghe.core.errors import LangNgheError

PROFILE = """
name = "Hồ sơ thử"
[[units]]
id = "xa"
kind = "commune"
name = "Giáo dục xã Bản Hoa"
"""
CATALOG = "sources:\n  - {id: bao-thu, name: Báo Thử, kind: rss, url: 'https://bao.example/rss'}\n"
FEED = (
    "<rss version='2.0'><channel><title>Trang xã</title><item><title>Tin một</title>"
    "<link>https://x.example/1</link></item></channel></rss>"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")
    (tmp_path / "catalog.yaml").write_text(CATALOG, "utf-8")
    monkeypatch.setenv("LANGNGHE_CATALOG", str(tmp_path / "catalog.yaml"))
    return tmp_path


def run(home: Path, *args: str) -> str:
    done = CliRunner().invoke(app, ["sources", *args, "--home", str(home)])
    if isinstance(done.exception, LangNgheError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def listed(home: Path) -> dict[str, bool]:
    lines = [line for line in run(home, "list", "--json").splitlines() if line.startswith("{")]
    return {row["id"]: row["enabled"] for row in map(json.loads, lines)}


def test_a_source_is_switched_and_the_switch_stays(home: Path) -> None:
    assert listed(home) == {"bao-thu": True}
    run(home, "off", "bao-thu")
    assert listed(home) == {"bao-thu": False}
    run(home, "on", "bao-thu")
    assert listed(home) == {"bao-thu": True}


def test_an_address_is_added_once(
    home: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/rss").respond_with_data(FEED)
    hosts = json.dumps([f"{httpserver.host}:{httpserver.port}"])
    monkeypatch.setenv("LANGNGHE_ALLOW_PRIVATE_HOSTS", hosts)
    run(home, "add", httpserver.url_for("/rss"), "--tier", "1")
    assert listed(home) == {"bao-thu": True, "trang-xa": True}
    with pytest.raises(LangNgheError, match="đã có trong danh sách"):
        run(home, "add", httpserver.url_for("/rss"))


def test_an_unknown_source_and_a_private_address_are_refused(home: Path) -> None:
    with pytest.raises(LangNgheError, match="Không có nguồn"):
        run(home, "off", "khong-co")
    with pytest.raises(LangNgheError, match="mạng nội bộ"):
        run(home, "add", "http://127.0.0.1:9/")
