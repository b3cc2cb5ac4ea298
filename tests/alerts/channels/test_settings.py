"""Settings of the ways out: errors name line and field, secrets come from outside and stay in."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels import configured, open_channels
from langnghe.core.channel_settings import line_of
from langnghe.core.errors import ConfigError
from langnghe.core.settings import load_settings
from langnghe.core.store.engine import Store
from tests.alerts.channels.kit import receipts

SECRET = "whsec_" + "S" * 43 + "="
FULL = f"""
smtp_host = "thu.truong.example"
allow_private_hosts = []

[channels.zalo]
app_id = "1"
secret_key = "bi-mat-1"
template_id = "2"
oa = true

[channels.sms]
url = "https://sms.example/gui?key=bi-mat-2"
headers = {{ Authorization = "bi-mat-3" }}
body = {{ to = "{{to}}", key = "bi-mat-4" }}
secrets = {{ key = "bi-mat-5" }}

[channels.telegram]
token = "123:bi-mat-6-bi-mat"

[channels.webhooks.so-gd]
url = "https://so.example/bi-mat-7"
secret = "{SECRET}"

[channels.apprise]
nhom = "slack://bi-mat-8"

[channels.push]
enabled = true
private_key = ""
"""


def written(home: Path, text: str) -> Path:
    (home / "langnghe.toml").write_text(text, encoding="utf-8")
    return home


def test_everything_configured_opens_and_shows_no_secret(tmp_path: Path, store: Store) -> None:
    settings = load_settings(written(tmp_path, FULL))
    ways = open_channels(settings, store, receipts(tmp_path))
    assert tuple(ways) == configured(settings) == (
        "email", "zalo_zns", "zalo_oa", "sms", "telegram", "webhook", "apprise", "push"
    )  # fmt: skip
    for shown in (json.dumps(settings.describe()), repr(settings), str(settings.channels)):
        if "channels.sms" in shown or "sms.example" in shown:
            assert "bi-mat-2" not in shown
    shown = json.dumps(settings.describe())
    assert "bi-mat" not in shown
    assert "SSSS" not in shown
    assert "https://sms.example/***" in shown


def test_nothing_configured_opens_nothing(tmp_path: Path, store: Store) -> None:
    settings = load_settings(tmp_path)
    assert dict(open_channels(settings, store, receipts(tmp_path))) == {}
    assert not (tmp_path / "push.key").exists()


def test_secrets_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGNGHE_CHANNELS__ZALO__SECRET_KEY", "tu-moi-truong")
    monkeypatch.setenv("LANGNGHE_CHANNELS__SMS__SECRETS__KEY", "khoa-sms")
    channels = load_settings(written(tmp_path, FULL)).channels
    assert channels.zalo.secret_key == SecretStr("tu-moi-truong")
    assert channels.zalo.template_id == "2", "the file says the rest"
    assert channels.sms.secrets == {"key": SecretStr("khoa-sms")}


@pytest.mark.parametrize(
    ("text", "line", "field", "why"),
    [
        ("[channels.zalo]\napp_ip = 'bi-mat'\n", 2, "channels.zalo.app_ip", "không có mục nào"),
        ("[channels.sms]\n\ntimeout_s = 900\n", 3, "channels.sms.timeout_s", "trở xuống"),
        ("[channels.sms]\nurl = 'ftp://bi-mat'\n", 2, "channels.sms.url", "http://"),
        ("[channels]\ntelegram.token = 'bi-mat'\n", 2, "channels.telegram.token", "BotFather"),
        (
            "host = 'a'\n[channels.webhooks.so]\nurl = 'https://a.b'\nsecret = 'bi-mat'\n",
            4, "channels.webhooks.so.secret", "whsec_",
        ),
        ("[channels.webhooks.so]\nurl = 'https://a'\n", 1, "channels.webhooks.so.secret", "thiếu"),
        ("[channels.apprise]\n'Nhóm' = 'json://bi-mat'\n", 1, "channels.apprise", "chữ thường"),
        ("port = 0\n", 1, "port", "từ 1 trở lên"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_field_and_not_repeated(
    tmp_path: Path, text: str, line: int, field: str, why: str
) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        load_settings(written(tmp_path, text))
    assert f"mục «{field}»" in caught.value.message
    assert f"dòng {line} " in caught.value.message
    assert f"LANGNGHE_{field.upper().replace('.', '__')}" in caught.value.message
    assert "bi-mat" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["CHANNELS", "CHANNELS__SMS__BODY", "ALLOW_PRIVATE_HOSTS"])
def test_a_variable_that_is_no_json_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"LANGNGHE_{name}", "{bi-mat")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert "bi-mat" not in "".join(traceback.format_exception(caught.value))


def test_the_line_of_a_key_is_found_however_it_is_written() -> None:
    text = 'a = 1\n[b]\nc.d = 2\n"e" = 3\n[b.f] # x\ng = 4\n'
    assert [line_of(text, w) for w in (("a",), ("b", "c", "d"), ("b", "e"), ("b", "f", "g"))] == [
        1, 3, 4, 6,
    ]  # fmt: skip
    assert line_of(text, ("b", "f", "missing")) == 5
    assert line_of(text, ("nothing",)) is None
