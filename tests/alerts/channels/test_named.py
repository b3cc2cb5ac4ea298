"""apprise: a name stands for an address; a refusal is a refusal; its log says nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from alerts.channels import APPRISE, open_channels
from alerts.outmail import Channel
from langnghe.core.errors import DeliveryError
from langnghe.core.store.engine import Store
from tests.alerts.channels.kit import notice, place, receipts, settings_for

# apprise asks for this module on Python 3.11 and 3.12, where it is only on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


@pytest.fixture
def named(store: Store, tmp_path: Path, httpserver: HTTPServer) -> Channel:
    addresses = {
        "nhom-truc": f"json://{place(httpserver)}/bi-mat-abc123",
        "hong": "json://",
        "khac": "khongco://bi-mat-abc123@x",
    }
    settings = settings_for(tmp_path, httpserver, {"apprise": addresses})
    return open_channels(settings, store, receipts(tmp_path))[APPRISE]


def test_a_notice_goes_to_the_named_address(named: Channel, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/bi-mat-abc123").respond_with_data("")
    named.send(notice("nhom-truc"))
    named.send(notice("nhom-truc"))
    assert len(httpserver.log) == 1
    said = httpserver.log[0][0].get_json()
    assert said["title"].startswith("[Đỏ]")
    assert "vu-viec/7" in said["message"]


def test_what_a_headline_says_is_never_markup(
    store: Store, tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("")
    addresses = {"trang": f"json://{place(httpserver)}/?format=html"}
    settings = settings_for(tmp_path, httpserver, {"apprise": addresses})
    channel = open_channels(settings, store, receipts(tmp_path))[APPRISE]
    channel.send(notice("trang", text="Tin <img src=//xau.example/a> <b>mới</b>"))
    said = httpserver.log[0][0].get_json()["message"]
    assert "<img" not in said
    assert "&lt;img" in said


def test_a_refusal_tells_no_secret(
    named: Channel, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    httpserver.expect_request("/bi-mat-abc123").respond_with_data("no", status=500)
    with caplog.at_level(logging.DEBUG):
        for name in ("nhom-truc", "hong", "khac", "bi-mat"):
            with pytest.raises(DeliveryError) as caught:
                named.send(notice(name))
            assert caught.value.permanent is (name != "nhom-truc")
            assert "abc123" not in f"{caught.value.message}{caught.value.mend}"
    out = capfd.readouterr()
    ours = [r.getMessage() for r in caplog.records if r.name != "werkzeug"]
    assert "abc123" not in "".join(ours) + out.out
