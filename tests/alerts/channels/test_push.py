"""Web push: the standard's own example, a browser that opens what was sealed, endings, keys."""

from __future__ import annotations

import json
import stat
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pytest_httpserver import HTTPServer

from alerts.channels import PUSH, open_channels
from alerts.channels.webpush import KEY_NAME, b64, seal, sender_key, unb64
from alerts.outmail import Channel
from langnghe.core.channel_settings import PushSettings
from langnghe.core.errors import ConfigError, DeliveryError, InputError
from langnghe.core.store.channels import subscribe, subscriptions_for
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import UserRow
from tests.alerts.channels.kit import T0, notice, receipts, settings_for

# RFC 8291, section 5 and appendix A.
BROWSER_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_PUBLIC = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENDER_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unb64(text), "big"), ec.SECP256R1())


def opened(body: bytes) -> Any:
    """Open a sealed message as the browser of the standard's example would."""
    salt, point, text = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
    key = private(BROWSER_PRIVATE)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point))
    info = b"WebPush: info\x00" + unb64(BROWSER_PUBLIC) + point
    material = HKDF(SHA256(), 32, salt=unb64(AUTH), info=info).derive(shared)
    content = HKDF(SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\x00")
    nonce = HKDF(SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\x00")
    plain = AESGCM(content.derive(material)).decrypt(nonce.derive(material), text, None)
    return json.loads(plain.rstrip(b"\x02"))


def test_the_example_of_the_standard_comes_out_to_the_bit() -> None:
    body = seal(
        b"When I grow up, I want to be a watermelon", BROWSER_PUBLIC, AUTH,
        salt=unb64(SALT), key=private(SENDER_PRIVATE),
    )  # fmt: skip
    assert b64(body) == SEALED


@pytest.mark.parametrize(
    ("key", "auth"),
    [
        ("", AUTH),
        ("AAAA", AUTH),
        (BROWSER_PUBLIC, "AAAA"),
        ("é", AUTH),
        (BROWSER_PUBLIC[:-4], AUTH),
    ],
)
def test_keys_no_browser_hands_out_are_refused(key: str, auth: str) -> None:
    with pytest.raises(InputError):
        seal(b"x", key, auth)


@pytest.fixture
def push(store: Store, tmp_path: Path, httpserver: HTTPServer) -> Channel:
    settings = settings_for(
        tmp_path,
        httpserver,
        {"push": {"enabled": True, "contact": "mailto:quantri@truong.example"}},
    )
    with store.write() as session:
        user = UserRow(
            username="hieutruong", email="HT@truong.example", password_hash="x", role="principal",
            created_at=T0,
        )  # fmt: skip
        session.add(user)
        session.flush()
        for name in ("mot", "hai"):
            subscribe(
                session, user.id or 0, httpserver.url_for(f"/{name}"), BROWSER_PUBLIC, AUTH, T0
            )
    return open_channels(settings, store, receipts(tmp_path))[PUSH]


def test_a_screen_is_told_level_unit_and_link_and_nothing_else(
    push: Channel, httpserver: HTTPServer, tmp_path: Path
) -> None:
    for name in ("/mot", "/hai"):
        httpserver.expect_request(name, method="POST").respond_with_data("", status=201)
    push.send(notice("HieuTruong"))
    assert len(httpserver.log) == 2
    asked = httpserver.log[0][0]
    assert opened(asked.data) == {
        "level": "Đỏ", "unit": "Trường TH Suối Mơ", "link": "/vu-viec/7"
    }  # fmt: skip
    assert asked.headers["Content-Encoding"] == "aes128gcm"
    assert int(asked.headers["TTL"]) > 0
    token, key = asked.headers["Authorization"].removeprefix("vapid ").split(", ")
    head, claims, signature = token.removeprefix("t=").split(".")
    said = json.loads(urlsafe_b64decode(claims + "=="))
    assert said["aud"] == httpserver.url_for("").rstrip("/")
    assert said["sub"] == "mailto:quantri@truong.example"
    raw = unb64(signature)
    known = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), unb64(key.removeprefix("k="))
    )
    known.verify(
        encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        f"{head}.{claims}".encode(), ec.ECDSA(SHA256()),
    )  # fmt: skip
    assert key == f"k={sender_key(PushSettings(), tmp_path).public}"


@pytest.mark.parametrize("status", [404, 410])
def test_an_ended_subscription_is_forgotten(
    push: Channel, store: Store, httpserver: HTTPServer, status: int
) -> None:
    httpserver.expect_request("/mot").respond_with_data("", status=status)
    httpserver.expect_request("/hai").respond_with_data("", status=201)
    push.send(notice("ht@truong.example"))
    with store.read() as session:
        [left] = subscriptions_for(session, "hieutruong")
    assert left.endpoint.endswith("/hai")
    assert left.last_ok_at is not None


def test_when_no_screen_is_reached_it_is_tried_again(push: Channel, httpserver: HTTPServer) -> None:
    for name in ("/mot", "/hai"):
        httpserver.expect_request(name).respond_with_data("", status=503)
    with pytest.raises(DeliveryError, match="503") as caught:
        push.send(notice("hieutruong"))
    assert not caught.value.permanent


def test_who_has_no_browser_is_given_up(push: Channel, httpserver: HTTPServer) -> None:
    with pytest.raises(DeliveryError, match="chưa bật") as caught:
        push.send(notice("thuky"))
    assert caught.value.permanent
    assert httpserver.log == []


def test_a_link_that_is_not_ours_is_not_opened(push: Channel, httpserver: HTTPServer) -> None:
    for name in ("/mot", "/hai"):
        httpserver.expect_request(name).respond_with_data("", status=201)
    push.send(notice("hieutruong", data={"level": "Đỏ", "link": "javascript:alert(1)"}))
    assert opened(httpserver.log[0][0].data)["link"] == "/"


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "nha"
    first = sender_key(PushSettings(), home)
    assert first.public == sender_key(PushSettings(), home).public
    assert stat.S_IMODE((home / KEY_NAME).stat().st_mode) == 0o600
    assert [p.name for p in home.iterdir()] == [KEY_NAME]
    pem = (home / KEY_NAME).read_text()
    stated = PushSettings.model_validate({"private_key": pem})
    assert sender_key(stated, tmp_path / "khac").public == first.public
    (home / KEY_NAME).write_text("-----BEGIN")
    with pytest.raises(ConfigError, match="bị hỏng"):
        sender_key(PushSettings(), home)


def test_another_curve_is_no_key(tmp_path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / KEY_NAME).write_bytes(pem)
    with pytest.raises(ConfigError):
        sender_key(PushSettings(), tmp_path)
