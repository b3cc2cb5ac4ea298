"""Zalo's two interfaces and its tokens, against a stand-in that speaks as Zalo documents it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from alerts.channels import OA, ZNS, open_channels
from alerts.channels.zalo_tokens import Vault
from alerts.outmail import Channel, ChannelDown
from langnghe.core.errors import DeliveryError
from langnghe.core.settings import StatedSettings
from langnghe.core.store.channels import claim_token, token_of
from langnghe.core.store.engine import Store
from tests.alerts.channels.kit import notice, receipts

APP, SECRET, FIRST = "36084652", "khoa-ung-dung", "refresh-dau-tien"
ACCOUNT = f"zalo:{APP}"


class Zalo:
    """What Zalo does: each refresh token works once, old access tokens end, numbers are judged.

    A server of its own, because the usual stand-in drops header names with an underscore.
    """

    def __init__(self) -> None:
        self.good_refresh = FIRST
        self.good_access = ""
        self.renewed = 0
        self.asked = 0
        self.sent: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {"error": 0, "message": "Success", "data": {"msg_id": "m1"}}
        self.status = 200
        self.refuses_all = False
        self.lives: object = "90000"
        self.slow = threading.Event()
        self.slow.set()

    def renew(self, headers: Message, form: dict[str, list[str]]) -> dict[str, Any]:
        self.slow.wait(5)
        fits = headers["secret_key"] == SECRET and form == {
            "app_id": [APP], "grant_type": ["refresh_token"], "refresh_token": [self.good_refresh],
        }  # fmt: skip
        if not fits:
            return {"error": -14014, "error_name": "Invalid refresh token."}
        self.renewed += 1
        self.good_refresh, self.good_access = f"refresh{self.renewed}", f"access{self.renewed}"
        return {
            "access_token": self.good_access, "refresh_token": self.good_refresh,
            "expires_in": self.lives,
        }  # fmt: skip

    def take(self, path: str, headers: Message, body: bytes) -> dict[str, Any]:
        if self.refuses_all or headers["access_token"] != self.good_access:
            code = -124 if path == "/message/template" else -216
            return {"error": code, "message": "Access token invalid"}
        if self.answer["error"] == 0:
            self.sent.append(json.loads(body))
        return self.answer


class Door(BaseHTTPRequestHandler):
    """Brings requests to a ``Zalo``."""

    zalo: Zalo

    def do_POST(self) -> None:
        self.zalo.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.zalo.status != 200:
            said = {}  # something in front of Zalo fails: Zalo itself saw nothing
        elif self.path == "/v4/oa/access_token":
            said = self.zalo.renew(self.headers, parse_qs(body.decode()))
        elif self.path in ("/message/template", "/v3.0/oa/message/cs"):
            said = self.zalo.take(self.path, self.headers, body)
        else:
            said = {}
        out = json.dumps(said).encode() if self.zalo.status == 200 else b"<html>"
        self.send_response(self.zalo.status)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def zalo() -> Iterator[Zalo]:
    kept = Zalo()
    door = type("DoorOfOne", (Door,), {"zalo": kept})
    with ThreadingHTTPServer(("127.0.0.1", 0), door) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        kept.port = server.server_port  # type: ignore[attr-defined]
        yield kept
        server.shutdown()
        thread.join()


def opened(
    store: Store, home: Path, zalo: Zalo, refresh: str = FIRST, **more: Any
) -> dict[str, Channel]:
    here = f"127.0.0.1:{zalo.port}"  # type: ignore[attr-defined]
    base = f"http://{here}"
    settings = StatedSettings(
        home=home, allow_private_hosts=(here,),
        channels={"zalo": {
            "app_id": APP, "secret_key": SECRET, "refresh_token": refresh, "template_id": "31415",
            "oa": True, "fields": {"muc": "level", "don_vi": "unit:12", "viec": "title"},
            "business_url": base, "openapi_url": base, "oauth_url": base, "timeout_s": 2, **more,
        }},
    )  # fmt: skip
    return dict(open_channels(settings, store, receipts(home)))


def test_a_template_goes_to_a_number(store: Store, tmp_path: Path, zalo: Zalo) -> None:
    ways = opened(store, tmp_path, zalo)
    ways[ZNS].send(notice("0912345678"))
    ways[ZNS].send(notice("0912345678"))
    [sent] = zalo.sent
    assert sent["phone"] == "84912345678"
    assert sent["template_id"] == "31415"
    assert sent["template_data"] == {
        "muc": "Đỏ", "don_vi": "Trường TH…", "viec": "20 học sinh nhập viện"
    }  # fmt: skip
    assert len(sent["tracking_id"]) <= 48
    ways[OA].send(notice("2893352839501541173", key="k2"))
    assert zalo.sent[1] == {
        "recipient": {"user_id": "2893352839501541173"},
        "message": {"text": notice("x").short},
    }
    assert zalo.renewed == 1, "both interfaces share one token"


def test_a_token_refused_is_renewed_once_and_the_message_goes(
    store: Store, tmp_path: Path, zalo: Zalo
) -> None:
    ways = opened(store, tmp_path, zalo)
    ways[OA].send(notice("1"))
    zalo.good_access = "revoked by Zalo"
    ways[OA].send(notice("1", key="k2"))
    assert (zalo.renewed, len(zalo.sent)) == (2, 2)
    zalo.refuses_all = True
    with pytest.raises(ChannelDown, match="-216"):
        ways[OA].send(notice("1", key="k3"))
    assert zalo.renewed == 3, "not again and again"


def test_tokens_are_kept_encrypted_and_outlive_the_process(
    any_store: Store, tmp_path: Path, zalo: Zalo
) -> None:
    opened(any_store, tmp_path, zalo)[OA].send(notice("1"))
    opened(any_store, tmp_path, zalo)[OA].send(notice("1", key="k2"))
    assert zalo.renewed == 1
    with any_store.read() as session:
        row = token_of(session, ACCOUNT)
    assert row is not None
    text = repr(row.model_dump())
    assert "access1" not in text
    assert "refresh1" not in text
    assert row.expires_at is not None
    assert row.refreshed_at is not None
    assert row.expires_at - row.refreshed_at == timedelta(seconds=90000)


def test_only_one_of_many_renews(any_store: Store, tmp_path: Path, zalo: Zalo) -> None:
    zalo.slow.clear()
    faults: list[Exception] = []

    def one(number: int) -> None:
        try:
            opened(any_store, tmp_path / str(number), zalo, timeout_s=5)[OA].send(
                notice("1", key=f"k{number}")
            )
        except Exception as error:
            faults.append(error)

    for number in range(4):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "secret.key").write_text("x" * 64)
    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    zalo.slow.set()
    for thread in threads:
        thread.join(20)
    assert faults == []
    assert (zalo.renewed, len(zalo.sent)) == (1, 4)


def test_who_is_already_renewing_is_waited_for_then_named(
    store: Store, tmp_path: Path, zalo: Zalo
) -> None:
    ways = opened(store, tmp_path, zalo, timeout_s=0.1)
    tokens = ways[OA]._tokens  # type: ignore[attr-defined]
    tokens._sleep = lambda seconds: None
    tokens._begin()
    now = datetime.now(UTC)
    with store.write() as session:
        row = token_of(session, ACCOUNT)
        assert row is not None
        assert claim_token(session, ACCOUNT, row.used, "other", now, now + timedelta(minutes=3))
    with pytest.raises(ChannelDown, match="nơi khác đổi"):
        ways[OA].send(notice("1"))
    assert zalo.renewed == 0
    # The other one died: its right runs out by itself.
    with store.write() as session:
        row = token_of(session, ACCOUNT)
        assert row is not None
        row.claimed_until = now - timedelta(seconds=1)
    ways[OA].send(notice("1"))
    assert zalo.renewed == 1


def test_a_lost_refresh_token_is_mended_by_a_new_one_in_the_settings(
    store: Store, tmp_path: Path, zalo: Zalo
) -> None:
    zalo.good_refresh = "spent by a process that died before its commit"
    with pytest.raises(ChannelDown, match="-14014") as caught:
        opened(store, tmp_path, zalo)[OA].send(notice("1"))
    assert "REFRESH_TOKEN" in caught.value.mend
    assert FIRST not in f"{caught.value.message}{caught.value.mend}"
    zalo.good_refresh = "moi"
    opened(store, tmp_path, zalo, refresh="moi")[OA].send(notice("1"))
    # The setting may stay as it is: what was renewed since is not thrown away.
    opened(store, tmp_path, zalo, refresh="moi")[OA].send(notice("1", key="k2"))
    assert (zalo.renewed, len(zalo.sent)) == (1, 2)


def test_without_a_refresh_token_nothing_is_asked(store: Store, tmp_path: Path, zalo: Zalo) -> None:
    with pytest.raises(ChannelDown, match="Chưa có refresh token"):
        opened(store, tmp_path, zalo, refresh="")[OA].send(notice("1"))
    assert zalo.asked == 0


@pytest.mark.parametrize(
    ("code", "kind", "permanent"),
    [
        (-108, DeliveryError, True),
        (-118, DeliveryError, True),
        (-1122, DeliveryError, True),
        (-144, ChannelDown, False),
        (-147, ChannelDown, False),
        (-133, ChannelDown, False),
        (-115, ChannelDown, False),
        (-100, DeliveryError, False),
        (-99999, DeliveryError, False),
    ],
)
def test_error_numbers(
    store: Store, tmp_path: Path, zalo: Zalo, code: int, kind: type,
    permanent: bool,
) -> None:  # fmt: skip
    zalo.answer = {"error": code, "message": "whatever"}
    with pytest.raises(DeliveryError, match=str(code)) as caught:
        opened(store, tmp_path, zalo)[ZNS].send(notice("0912345678"))
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert caught.value.mend


def test_a_notice_without_the_field_of_a_template_says_which(
    store: Store, tmp_path: Path, zalo: Zalo
) -> None:
    ways = opened(store, tmp_path, zalo, fields={"x": "weather"})
    with pytest.raises(DeliveryError, match="weather"):
        ways[ZNS].send(notice("0912345678"))
    assert zalo.sent == []


@pytest.mark.parametrize("lives", ["9" * 30, "9" * 5000, "0", "000", "-1", None, [], "x"])
def test_a_life_no_calendar_holds_does_not_lose_the_new_tokens(
    store: Store, tmp_path: Path, zalo: Zalo, lives: object
) -> None:
    zalo.lives = lives
    for key in ("k1", "k2"):
        opened(store, tmp_path, zalo)[OA].send(notice("1", key=key))
    assert len(zalo.sent) == 2
    assert zalo.renewed == 1


def test_an_answer_that_is_no_answer(store: Store, tmp_path: Path, zalo: Zalo) -> None:
    zalo.status = 503
    with pytest.raises(ChannelDown, match="503"):
        opened(store, tmp_path, zalo)[OA].send(notice("1"))
    zalo.status = 200
    opened(store, tmp_path, zalo)[OA].send(notice("1"))


def test_a_vault_opens_only_with_its_own_key() -> None:
    sealed = Vault(b"mot" * 10).lock("bi mat")
    assert Vault(b"mot" * 10).open(sealed) == "bi mat"
    assert Vault(b"hai" * 10).open(sealed) is None
