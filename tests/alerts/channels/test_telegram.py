"""Telegram's Bot API as documented: taken, flooded, blocked, wrong bot; no token anywhere."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from alerts.channels import TELEGRAM, open_channels
from alerts.channels.base import RetryLater
from alerts.channels.telegram import TelegramChannel
from alerts.channels.web import Wire
from alerts.outmail import Channel, ChannelDown, Unsure
from langnghe.core.errors import DeliveryError
from langnghe.core.store.engine import Store
from tests.alerts.channels.kit import notice, place, receipts, settings_for

TOKEN = "123456:ABCdefGHIjklMNO"
PATH = f"/bot{TOKEN}/sendMessage"


@pytest.fixture
def bot(tmp_path: Path, store: Store, httpserver: HTTPServer) -> Channel:
    settings = settings_for(
        tmp_path, httpserver, {"telegram": {"token": TOKEN, "api_url": httpserver.url_for("")}}
    )
    return open_channels(settings, store, receipts(tmp_path))[TELEGRAM]


def answers(server: HTTPServer, status: int, value: object) -> None:
    server.expect_request(PATH, method="POST").respond_with_json(value, status=status)


def test_a_text_goes_to_its_chat_once(
    bot: Channel, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    answers(httpserver, 200, {"ok": True, "result": {"message_id": 9}})
    with caplog.at_level(logging.DEBUG):
        bot.send(notice("-100123"))
        bot.send(notice("-100123"))
    assert len(httpserver.log) == 1, "a message with a receipt is not sent again"
    asked = httpserver.log[0][0].get_json()
    assert asked["chat_id"] == "-100123"
    assert "vu-viec/7" in asked["text"]
    ours = [r.getMessage() for r in caplog.records if r.name != "werkzeug"]  # the stand-in's own
    assert ours
    assert TOKEN not in "".join(ours)


@pytest.mark.parametrize("asked", [10**9, 10**400, -5])
def test_no_answer_shuts_the_bot_for_days(httpserver: HTTPServer, bot: Channel, asked: int) -> None:
    answers(httpserver, 429, {"ok": False, "parameters": {"retry_after": asked}})
    with pytest.raises(RetryLater) as caught:
        bot.send(notice("1"))
    assert 0 <= caught.value.seconds <= 3600


def test_brackets_without_end_are_no_answer(httpserver: HTTPServer, bot: Channel) -> None:
    httpserver.expect_request(PATH).respond_with_data("[" * 60_000)
    with pytest.raises(DeliveryError):
        bot.send(notice("1"))


def test_a_flood_is_waited_out_without_asking(
    httpserver: HTTPServer, tmp_path: Path, store: Store
) -> None:
    answers(httpserver, 429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 17}})
    clock = [100.0]
    settings = settings_for(
        tmp_path, None, {"telegram": {"token": TOKEN, "api_url": httpserver.url_for("")}}
    ).channels.telegram
    wire = Wire("Telegram", timeout_s=5, allow_private=frozenset({place(httpserver)}))
    bot = TelegramChannel(settings, wire, receipts(tmp_path), monotonic=lambda: clock[0])
    with pytest.raises(RetryLater) as caught:
        bot.send(notice("1"))
    assert caught.value.seconds == 17
    with pytest.raises(RetryLater, match="17 giây"):
        bot.another().send(notice("2", key="k2"))
    assert len(httpserver.log) == 1
    clock[0] += 18
    httpserver.clear()
    answers(httpserver, 200, {"ok": True})
    bot.send(notice("1"))


@pytest.mark.parametrize(
    ("status", "kind", "permanent"),
    [
        (403, DeliveryError, True),
        (400, DeliveryError, True),
        (401, ChannelDown, False),
        (404, ChannelDown, False),
        (502, ChannelDown, False),
        (302, ChannelDown, False),
    ],
)
def test_each_refusal_means_what_it_says(
    bot: Channel, httpserver: HTTPServer, status: int, kind: type[DeliveryError], permanent: bool
) -> None:
    answers(httpserver, status, {"ok": False, "description": "no"})
    with pytest.raises(DeliveryError) as caught:
        bot.send(notice("1"))
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert TOKEN not in f"{caught.value.message}{caught.value.mend}"


def test_silence_after_the_request_leaves_doubt(tmp_path: Path, store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        here = f"127.0.0.1:{deaf.getsockname()[1]}"
        wire = Wire("Telegram", timeout_s=0.3, allow_private=frozenset({here}))
        channel = TelegramChannel(
            settings_for(
                tmp_path, None, {"telegram": {"token": TOKEN, "api_url": f"http://{here}"}}
            ).channels.telegram,
            wire, receipts(tmp_path),
        )  # fmt: skip
        with pytest.raises(Unsure, match="không trả lời kịp"):
            channel.send(notice("1"))
    with pytest.raises(ChannelDown, match="không kết nối được"):
        channel.send(notice("1"))


def test_a_private_address_needs_leave(httpserver: HTTPServer, tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, None, {"telegram": {"token": TOKEN, "api_url": httpserver.url_for("")}}
    )
    channel = TelegramChannel(
        settings.channels.telegram, Wire("Telegram", timeout_s=5), receipts(tmp_path)
    )
    with pytest.raises(ChannelDown, match="mạng nội bộ") as caught:
        channel.send(notice("1"))
    assert "allow_private_hosts" in caught.value.mend
    assert httpserver.log == []
