"""``langnghe channels`` and the doctor: a test message, what came back, and no secret said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from alerts.channels.trying import try_out
from alerts.outmail import ChannelDown
from langnghe.cli.channels import channels_app
from langnghe.core.errors import DeliveryError, InputError
from langnghe.core.settings import Settings
from langnghe.core.store.channels import health_of, note_disabled, note_failure
from langnghe.core.store.engine import Store
from langnghe.doctor import examine
from tests.alerts.channels.kit import T0, place, settings_for
from tests.alerts.channels.test_webhook import SECRET


@pytest.fixture
def settings(tmp_path: Path, httpserver: HTTPServer) -> Settings:
    hooks = {"so-gd": {"url": httpserver.url_for("/bi-mat"), "secret": SECRET}}
    made: Settings = settings_for(tmp_path, httpserver, {"webhooks": hooks})
    return made


def test_a_test_message_is_sent_every_time_and_noted(
    settings: Settings, store: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/bi-mat").respond_with_data("")
    with store.write() as session:
        note_disabled(session, "webhook:so-gd", T0, "Bên nhận đã tắt.")
    for _ in range(2):
        assert "đã tiếp nhận" in try_out(settings, store, "webhook", "so-gd")
    said = [json.loads(entry[0].data)["data"] for entry in httpserver.log]
    assert said[0]["id"] != said[1]["id"]
    assert said[0]["level"] == "Tin thử"
    with store.read() as session:
        known = health_of(session)
    assert {name: row.state for name, row in known.items()} == {
        "webhook": "ok", "webhook:so-gd": "ok"
    }  # fmt: skip
    assert not (settings.home / "receipts.jsonl").exists()


def test_what_came_back_is_said_plainly(
    settings: Settings, store: Store, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/bi-mat").respond_with_data("", status=500)
    with pytest.raises(DeliveryError, match=r"Chưa gửi được: .*500"):
        try_out(settings, store, "webhook", "so-gd")
    httpserver.clear()
    httpserver.expect_request("/bi-mat").respond_with_data("", status=410)
    with pytest.raises(DeliveryError, match=r"Bị từ chối hẳn: .*410"):
        try_out(settings, store, "webhook", "so-gd")
    for way in ("sms", "bồ câu"):
        with pytest.raises(InputError):
            try_out(settings, store, way, "0912345678")
    away = settings_for(
        tmp_path, None,
        {"telegram": {"token": "1:aaaaaaaaaaaa", "api_url": f"http://{place(httpserver)}"}},
    )  # fmt: skip
    with pytest.raises(ChannelDown, match="mạng nội bộ"):
        try_out(away, store, "telegram", "1")
    with store.read() as session:
        assert health_of(session)["telegram"].state == "down"


def test_the_list_shows_what_is_there_and_how_it_fares(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text(
        '[channels.telegram]\ntoken = "1:bi-mat-bi-mat"\n', encoding="utf-8"
    )
    with Store(f"sqlite:///{tmp_path / 'langnghe.db'}") as store:
        store.migrate()
        with store.write() as session:
            note_failure(session, "telegram", T0, "Telegram không trả lời kịp.")
    done = CliRunner().invoke(channels_app, ["list", "--home", str(tmp_path), "--json"])
    assert done.exit_code == 0
    rows = {r["way"]: r for r in map(json.loads, done.stdout.splitlines())}
    assert rows["telegram"]["configured"] is True
    assert rows["telegram"]["state"] == "down"
    assert rows["email"]["configured"] is False
    assert "bi-mat" not in done.output


def test_the_doctor_tells_what_is_missing_of_a_way(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, None,
        {"zalo": {"app_id": "1", "secret_key": "bi-mat"}, "push": {"enabled": True}},
    )  # fmt: skip
    with Store(settings.database) as store:
        store.migrate()
        with store.write() as session:
            note_failure(session, "sms", T0, "Nhà cung cấp SMS: không kết nối được.", "Gọi họ.")
    found = [f for f in examine(settings) if f.check in {"Zalo", "thông báo đẩy", "cách gửi sms"}]
    assert [f.ok for f in found] == [False] * 4
    said = " ".join(f"{f.what} {f.mend}" for f in found)
    for part in ("template_id", "refresh token", "https", "không kết nối được", "Gọi họ"):
        assert part in said
    assert "bi-mat" not in said
