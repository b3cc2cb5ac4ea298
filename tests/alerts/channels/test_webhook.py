"""Signed hooks: verified with the standard's own library; each answer; nowhere it must not go."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts.channels import WEBHOOK, open_channels
from alerts.outmail import Channel, ChannelDown
from langnghe.core.errors import DeliveryError
from langnghe.core.store.channels import health_of
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import ChannelHealthRow
from tests.alerts.channels.kit import notice, receipts, settings_for

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def hooked(store: Store, home: Path, server: HTTPServer, *, leave: bool = True) -> Channel:
    hooks = {"so-gd": {"url": server.url_for("/hook/bi-mat"), "secret": SECRET, "timeout_s": 3}}
    settings = settings_for(home, server if leave else None, {"webhooks": hooks})
    return open_channels(settings, store, receipts(home))[WEBHOOK]


def test_the_receiver_can_verify_it_and_sees_a_repeat(
    store: Store, tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook/bi-mat", method="POST").respond_with_data("", status=204)
    hooked(store, tmp_path, httpserver).send(notice("so-gd"))
    asked = httpserver.log[0][0]
    said = Webhook(SECRET).verify(asked.data, dict(asked.headers))
    assert asked.headers["webhook-id"] == "k1" == said["data"]["id"]
    assert said["timestamp"] == "2026-11-23T01:00:00Z"
    assert said["data"]["unit"] == "Trường TH Suối Mơ"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(asked.data + b" ", dict(asked.headers))


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_what_is_no_yes_is_tried_again(
    store: Store, tmp_path: Path, httpserver: HTTPServer, status: int
) -> None:
    elsewhere = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/hook/bi-mat").respond_with_data("", status, headers=elsewhere)
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        hooked(store, tmp_path, httpserver).send(notice("so-gd"))
    assert not caught.value.permanent
    assert not isinstance(caught.value, ChannelDown), "one hook says nothing of the others"
    assert len(httpserver.log) == 1, "no redirect is followed"
    assert "bi-mat" not in f"{caught.value.message}{caught.value.mend}"


def test_gone_means_no_more_until_somebody_says_so(
    store: Store, tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook/bi-mat").respond_with_data("", status=410)
    channel = hooked(store, tmp_path, httpserver)
    for key in ("k1", "k2"):
        with pytest.raises(DeliveryError, match="410") as caught:
            channel.send(notice("so-gd", key=key))
        assert caught.value.permanent
    assert len(httpserver.log) == 1
    with store.read() as session:
        row: ChannelHealthRow = health_of(session)["webhook:so-gd"]
    assert row.state == "off"


def test_private_places_and_unknown_hooks(
    store: Store, tmp_path: Path, httpserver: HTTPServer
) -> None:
    channel = hooked(store, tmp_path, httpserver, leave=False)
    with pytest.raises(DeliveryError, match="mạng nội bộ"):
        channel.send(notice("so-gd"))
    with pytest.raises(DeliveryError, match="Không có móc nối") as caught:
        channel.send(notice("http://169.254.169.254/"))
    assert caught.value.permanent
    assert httpserver.log == []


def test_an_endless_answer_is_cut(store: Store, tmp_path: Path, httpserver: HTTPServer) -> None:
    body: Any = b"x" * 200_000
    httpserver.expect_request("/hook/bi-mat").respond_with_data(body, status=200)
    hooked(store, tmp_path, httpserver).send(notice("so-gd"))
