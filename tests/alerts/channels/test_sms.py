"""SMS through an invented provider: its words, its answers, letters and lengths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from alerts.channels import SMS, open_channels
from alerts.channels.base import vn_mobile
from alerts.channels.sms import fitted, plain_letters, segments
from alerts.outmail import Channel, ChannelDown
from langnghe.core.errors import DeliveryError
from langnghe.core.store.engine import Store
from tests.alerts.channels.kit import notice, receipts, settings_for

KEY = "khoa-rat-bi-mat"


def provider(store: Store, home: Path, server: HTTPServer, **more: Any) -> Channel:
    sms: dict[str, Any] = {
        "url": server.url_for("/send"),
        "body": {"ApiKey": "{api_key}", "Phone": "{to}", "Content": "{text}", "Ids": ["{id}"],
                 "IsUnicode": 0},
        "secrets": {"api_key": KEY},
        "ok_path": "CodeResult", "ok_values": ["100"], "refused_values": ["108"],
    }  # fmt: skip
    settings = settings_for(home, server, {"sms": sms | more})
    return open_channels(settings, store, receipts(home))[SMS]


@pytest.fixture
def sms(store: Store, tmp_path: Path, httpserver: HTTPServer) -> Channel:
    return provider(store, tmp_path, httpserver)


def test_the_template_is_filled_and_the_text_stays_text(
    sms: Channel, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/send").respond_with_json({"CodeResult": "100"})
    sms.send(notice("0912 345 678", short='Mức Đỏ: «20 em» "nhập viện" {api_key} https://a.vn/7'))
    sent = httpserver.log[0][0].get_json()
    assert sent == {
        "ApiKey": KEY, "Phone": "84912345678", "Ids": ["k1"], "IsUnicode": 0,
        "Content": 'Muc Do: "20 em" "nhap vien" {api_key} https://a.vn/7',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "answer", "kind", "permanent"),
    [
        (200, {"CodeResult": "103"}, DeliveryError, False),
        (200, {"CodeResult": 108}, DeliveryError, True),
        (200, {"other": 1}, DeliveryError, False),
        (200, [], DeliveryError, False),
        (401, {}, ChannelDown, False),
        (500, {"CodeResult": "100"}, ChannelDown, False),
        (429, {}, ChannelDown, False),
        (400, {"CodeResult": "100"}, DeliveryError, False),
    ],
)
def test_what_the_provider_answers_is_understood(
    sms: Channel, httpserver: HTTPServer, status: int, answer: Any, kind: type, permanent: bool
) -> None:
    httpserver.expect_request("/send").respond_with_json(answer, status=status)
    with pytest.raises(DeliveryError) as caught:
        sms.send(notice("0912345678"))
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert KEY not in f"{caught.value.message}{caught.value.mend}"
    assert "0912345678" not in caught.value.message


def test_other_shapes_query_form_and_a_pattern(
    store: Store, tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/send", method="GET").respond_with_data("OK id=5")
    httpserver.expect_request("/send", method="POST").respond_with_data("ERR no money")
    shared: dict[str, Any] = {"ok_path": "", "ok_pattern": r"^OK\b", "phone": "0"}
    provider(
        store, tmp_path, httpserver, method="GET", encoding="query",
        body={"to": "{to}", "text": "{text}"}, headers={"X-Key": "Bearer {api_key}"}, **shared,
    ).send(notice("+84912345678", short="Một & hai=ba"))  # fmt: skip
    asked = httpserver.log[0][0]
    assert dict(asked.args) == {"to": "0912345678", "text": "Mot & hai=ba"}
    assert asked.headers["X-Key"] == f"Bearer {KEY}"
    with pytest.raises(DeliveryError, match="không nhận tin"):
        provider(
            store, tmp_path, httpserver, encoding="form", body={"to": "{to}"}, **shared
        ).send(notice("0912345678", key="k2"))  # fmt: skip
    assert httpserver.log[1][0].form["to"] == "0912345678"


def test_a_key_with_a_line_break_makes_no_header(
    store: Store, tmp_path: Path, httpserver: HTTPServer
) -> None:
    channel = provider(
        store, tmp_path, httpserver, headers={"X-Key": "{api_key}"},
        secrets={"api_key": "a\r\nHost: evil.example"},
    )  # fmt: skip
    with pytest.raises(ChannelDown, match="ký tự không dùng được"):
        channel.send(notice("0912345678"))
    assert httpserver.log == []


@pytest.mark.parametrize(
    "number", ["0912345678", "+84 912 345 678", "84912345678", "0084912345678", "912.345.678"]
)
def test_every_way_to_write_a_number_is_one_number(number: str) -> None:
    assert vn_mobile(number) == "84912345678"


@pytest.mark.parametrize(
    "number", ["", "0212345678", "091234567", "09123456789", "a@b.example", "113", "٠٩١٢٣٤٥٦٧٨"]
)
def test_what_is_no_mobile_number_is_given_up(number: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        vn_mobile(number)
    assert caught.value.permanent


def test_lengths_are_counted_as_networks_count_them() -> None:
    assert [segments("a" * n) for n in (160, 161, 306, 307)] == [1, 2, 2, 3]
    assert [segments("ă" * n) for n in (70, 71, 134, 135)] == [1, 2, 2, 3]
    assert segments("[" * 81) == 2, "brackets count twice"


def test_a_long_text_is_cut_but_its_link_is_kept() -> None:
    link = "https://nghe.example.vn/vu-viec/7"
    text = plain_letters("Phụ huynh Trường Tiểu học Suối Mơ lo lắng về bữa ăn… " * 9) + link
    cut = fitted(text, 1)
    assert cut.endswith(f"... {link}")
    assert 150 <= len(cut) <= 160
    assert fitted("ngan", 1) == "ngan"
    assert plain_letters("Đỗ – “ừ” 🙂") == 'Do - "u" ?'
