"""The first run through the browser: the code, each step, what is suggested, the end, a kill."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient
from pytest_httpserver import HTTPServer

from langnghe.cli.starter import starter_config
from langnghe.core.errors import InputError
from langnghe.core.profile import load_profile
from langnghe.core.settings import Settings
from langnghe.core.store.edits import Edited, edits_of
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import UserRow
from langnghe.setup.app import FirstRun, first_run_app
from langnghe.setup.names import also_called, places_of
from langnghe.setup.state import is_first_run
from tests.conftest import NOW
from tests.crisis.post import free_port

SCHOOL = {"name": "Trường TH&THCS Suối Mơ", "commune": "Bản Hoa", "province": "Điện Biên"}
USER = {"username": "hanh", "name": "Cô Hạnh, Thư ký Hội đồng trường", "role": "officer",
        "email": "hanh@truong.example", "password": "suoi-mo-trong-xanh",
        "password2": "suoi-mo-trong-xanh"}  # fmt: skip
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Báo Thử</title>
<item><title>Trường TH&amp;THCS Suối Mơ khai giảng</title><link>http://127.0.0.1/1.html</link>
<pubDate>Mon, 23 Nov 2026 08:00:00 +0700</pubDate><description>Tin thử</description></item>
</channel></rss>"""


@pytest.fixture
def settings(tmp_path: Path, httpserver: HTTPServer) -> Settings:
    """Return settings of an empty home with two stand-in sources: one speaks, one fails."""
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/tot.rss").respond_with_data(FEED, content_type="text/xml")
    httpserver.expect_request("/hong.rss").respond_with_data("", status=500)
    place = f"{httpserver.host}:{httpserver.port}"
    entry = "  - {{id: {0}, name: Báo {0}, kind: rss, url: 'http://{1}/{0}.rss', enabled: {2}}}\n"
    catalog = tmp_path / "nguon.yaml"
    catalog.write_text(
        "sources:\n" + entry.format("tot", place, "true") + entry.format("hong", place, "false")
    )
    return Settings(home=tmp_path / "nha", catalog=catalog, allow_private_hosts=(place,))


def browser(run: FirstRun) -> TestClient:
    client = TestClient(first_run_app(run), follow_redirects=False)
    assert client.post("/ma", data={"ma": run.code}).status_code == 303
    return client


def send(client: TestClient, step: str, **fields: Any) -> Any:
    page = client.get(f"/buoc/{step}").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf, page
    return client.post(f"/buoc/{step}", data={"csrf": csrf[1], **fields})


def through(client: TestClient, upto: str = "nghe") -> None:
    """Answer the steps before ``upto``."""
    answers: list[tuple[str, dict[str, Any]]] = [
        ("truong", SCHOOL),
        ("ten-goi", {"aliases": "TH Suối Mơ\nTrường Suối Mơ", "variants": "Suối Mơ",
                     "place": ["0"]}),
        ("cap-tren", {"commune_email": "vhxh@banhoa.example"}),
        ("nguon", {"source": ["tot", "hong"]}), ("nguoi-dung", USER), ("thu", {"skip": "1"}),
    ]  # fmt: skip
    for step, fields in answers:
        if step == upto:
            return
        answer = send(client, step, **fields)
        assert answer.status_code == 303, (step, answer.text)


def heard_all(client: TestClient, run: FirstRun) -> str:
    for _ in range(200):
        page = client.get("/buoc/nghe").text
        if not run.listening.runs:
            return page
        time.sleep(0.05)
    raise AssertionError("listening did not end")


def test_from_an_empty_home_to_a_house(settings: Settings) -> None:
    assert is_first_run(settings)
    run = FirstRun(settings, starter_config)
    client = browser(run)
    through(client)
    page = heard_all(client, run)
    assert "Đã nghe được 1 nguồn" in client.get("/buoc/nghe").text, page
    assert "Báo hong" in client.get("/buoc/nghe").text
    assert not settings.profile_path.exists()
    done = send(client, "nghe")
    assert done.status_code == 200
    assert "Đã nghe được 1 nguồn" in done.text
    password = re.search(r"<code>([a-z2-9-]{19})</code>", done.text)
    assert password
    assert run.done
    assert "langnghe_session" in done.headers["set-cookie"]
    profile = load_profile(settings.profile_path)
    school = profile.unit("truong")
    assert school is not None
    assert school.aliases == ("TH Suối Mơ", "Trường Suối Mơ")
    assert school.contacts[0].email == "hanh@truong.example"
    assert [u.id for u in profile.chain("truong")] == ["truong", "xa", "so"]
    with Store(settings.database) as store, store.read() as session:
        users = {u.username: u for u in session.scalars(sa.select(UserRow))}
        assert edits_of(session, Edited.SOURCE) == {"hong": {"enabled": True}}
    assert users["hanh"].role == "officer"
    assert users["quantri"].must_change
    assert not is_first_run(settings)
    assert not (settings.home / "setup.json").exists()


def test_only_the_browser_with_the_code_gets_in_and_only_once(settings: Settings) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    stranger = TestClient(first_run_app(run), follow_redirects=False)
    assert stranger.get("/buoc/truong").headers["location"] == "/"
    assert stranger.post("/buoc/truong", data=SCHOOL).headers["location"] == "/"
    assert "đã được dùng" in stranger.post("/ma", data={"ma": run.code}).text
    for _ in range(6):
        assert stranger.post("/ma", data={"ma": "SAIBETRO"}).status_code == 403
    assert "quá nhiều lần" in stranger.post("/ma", data={"ma": run.code}).text
    forged = client.post("/buoc/truong", data={**SCHOOL, "csrf": "x"})
    assert forged.status_code == 403
    assert "Suối Mơ" in forged.text
    elsewhere = client.post("/buoc/truong", data=SCHOOL, headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.status_code == 403
    assert "truong" not in run.answers.data


def test_a_killed_run_goes_on_and_nobody_jumps_ahead(settings: Settings) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    assert client.get("/buoc/thu").headers["location"] == "/buoc/truong"
    through(client, "nguon")
    kept = settings.home / "setup.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = FirstRun(settings, starter_config)
    later = TestClient(first_run_app(again), follow_redirects=False)
    later.cookies = client.cookies
    assert later.get("/").headers["location"] == "/buoc/nguon"
    assert 'value="Trường TH&amp;THCS Suối Mơ"' in later.get("/buoc/truong").text
    through(later)
    assert USER["password"] not in kept.read_text()


@pytest.mark.parametrize(
    ("step", "fields", "told"),
    [
        ("truong", SCHOOL | {"commune": " "}, "Còn thiếu"),
        ("ten-goi", {"aliases": "A"}, "địa bàn"),
        ("cap-tren", {"chair_email": "không phải thư"}, "không phải địa chỉ"),
        ("nguon", {"source": ["la-hoac"]}, "Chưa chọn nguồn"),
        ("nguoi-dung", USER | {"password2": "khac"}, "không giống nhau"),
        ("nguoi-dung", USER | {"password": "ngan", "password2": "ngan"}, "ít nhất|từ 10"),
        ("nguoi-dung", USER | {"username": "có cách"}, "không có dấu cách"),
        ("thu", {"smtp_host": "a.example", "smtp_port": "999999"}, "Cổng"),
        ("thu", {"smtp_host": ""}, "Để sau"),
    ],
)
def test_a_refused_step_says_why_and_is_not_kept(
    settings: Settings, step: str, fields: dict[str, Any], told: str
) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    through(client, step)
    answer = send(client, step, **fields)
    assert answer.status_code == 422
    assert re.search(told, answer.text)
    assert step not in run.answers.data


def test_what_is_heard_too_late_brings_nothing_back(settings: Settings) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    through(client)
    heard_all(client, run)
    assert send(client, "nghe").status_code == 200
    run.answers.heard("muon", {"items": 1})
    assert not (settings.home / "setup.json").exists()
    again = client.post("/buoc/nghe", data={"csrf": "x"})
    assert again.status_code == 200, "who sends twice waits for the house"
    assert not (settings.home / "setup.json").exists()


def test_a_refused_end_listens_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    through(client)
    heard_all(client, run)

    def refuse(*_: Any, **__: Any) -> None:
        raise InputError("Chưa ghi được.")

    monkeypatch.setattr("langnghe.setup.app.finish", refuse)
    assert "Chưa ghi được." in send(client, "nghe").text
    assert not run.listening._ends.is_set()


def test_hostile_answers_stay_texts(settings: Settings) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    evil = 'Trường "TH" <script>alert(1)</script>\n[[units]]'
    through(client, "truong")
    send(client, "truong", **SCHOOL | {"name": evil})
    page = client.get("/buoc/ten-goi").text
    assert "<script>" not in page
    send(client, "ten-goi", aliases='"]\nid = "x"\n\\', variants="'''", place="0")
    for step, fields in (("cap-tren", {}), ("nguon", {"source": "tot"}), ("nguoi-dung", USER),
                         ("thu", {"skip": "1"})):  # fmt: skip
        assert send(client, step, **fields).status_code == 303
    heard_all(client, run)
    assert send(client, "nghe").status_code == 200
    assert [u.id for u in load_profile(settings.profile_path).units] == ["truong", "xa", "so"]


class Box:
    def __init__(self) -> None:
        self.to: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.to += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    handler, port = Box(), free_port()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    yield handler, port
    server.stop()


def test_a_test_mail_before_the_house_stands(settings: Settings, box: tuple[Box, int]) -> None:
    run = FirstRun(settings, starter_config)
    client = browser(run)
    through(client, "thu")
    mail = {"smtp_host": "127.0.0.1", "smtp_port": str(box[1]), "smtp_security": "none",
            "mail_from": "canhbao@truong.example", "smtp_password": "mat-khau-hop-thu"}  # fmt: skip
    told = send(client, "thu", **mail, test="1", test_to="hanh@truong.example")
    assert told.status_code == 200
    assert "đã tiếp nhận tin thử" in told.text
    assert box[0].to == ["hanh@truong.example"]
    assert not (settings.home / "langnghe.db").exists()
    assert send(client, "thu", **mail).status_code == 303
    heard_all(client, run)
    send(client, "nghe")
    with Store(settings.database) as store, store.read() as session:
        kept = edits_of(session, Edited.SETTING)
    assert kept["smtp_port"] == box[1]
    assert kept["mail_fallback"] == "hanh@truong.example"
    assert "smtp_password" not in kept
    assert "mat-khau-hop-thu" in (settings.home / "screen-secrets.json").read_text()


def test_what_is_suggested() -> None:
    names = also_called("Trường TH&THCS Suối Mơ")
    assert "Trường Tiểu học và Trung học cơ sở Suối Mơ" in names
    assert "TH&THCS Suoi Mo" in names
    assert "trường Suối Mơ" in names
    assert "Trường THCS Thác Trắng" in also_called("Trường Trung học cơ sở Thác Trắng")
    now_and_then = places_of("Trường TH&THCS Na Ư", "xã Sam Mứn", "tỉnh Điện Biên")
    assert now_and_then[0]["commune"] == "xã Sam Mứn"
    assert [p["commune"] for p in now_and_then[1:] if p["ticked"]] == ["xã Na Ư"]
    by_old_name = places_of("Trường TH Bản Lao", "xã Na Ư", "tỉnh Điện Biên")
    assert by_old_name[0]["commune"] == "xã Sam Mứn"
    assert places_of("Trường A", "xã Không Có", "tỉnh Điện Biên")[0]["ticked"]


def test_an_old_house_without_its_profile_is_no_first_run(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    with Store(settings.database) as store:
        store.migrate()
        assert is_first_run(settings)
        with store.write() as session:
            row = UserRow(username="cu", password_hash="x", role="admin", created_at=NOW)
            session.add(row)
    assert not is_first_run(settings)


def test_the_command_goes_on_to_the_real_house(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    hosts = json.dumps(list(settings.allow_private_hosts))
    env = {"PATH": os.environ["PATH"], "LANGNGHE_CATALOG": str(settings.catalog),
           "LANGNGHE_ALLOW_PRIVATE_HOSTS": hosts}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "langnghe", "up", "--home", str(settings.home), "--port", str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=env, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    try:
        assert process.stderr is not None
        code = ""
        while not code:
            line = process.stderr.readline()
            assert line, "the command ended"
            found = re.search(r"\?ma=([A-Z2-9]{8})", line)
            code = found[1] if found else ""
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            assert client.get("/healthz").status_code == 503
            assert code in client.get("/", params={"ma": code}).text
            client.post("/ma", data={"ma": code})
            through(client)  # type: ignore[arg-type]
            for _ in range(300):
                if "Hoàn tất" in (page := client.get("/buoc/nghe").text) and "refresh" not in page:
                    break
                time.sleep(0.1)
            done = send(client, "nghe")  # type: ignore[arg-type]
            assert done.status_code == 200, done.text
            # What comes in between waits at the door, or is told to come again.
            while "Đang khởi động" in (home := client.get("/")).text:
                time.sleep(0.1)
            assert home.status_code == 200
            assert "Cô Hạnh" in home.text
    finally:
        process.terminate()
        process.communicate(timeout=30)
