"""Web push without a library: the message sealed for one browser, the sender's signed name.

RFC 8291 (aes128gcm for push), RFC 8188 (its coding) and RFC 8292 (VAPID). The push service in
between sees neither text nor key.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from langnghe.core.channel_settings import PushSettings
from langnghe.core.errors import ConfigError, InputError
from langnghe.core.oserrors import plain_reason

KEY_NAME = "push.key"
RECORD = 4096
LONGEST = RECORD - 16 - 1 - 86
"""Most bytes of a message: one record, less its tag, its end mark and the header."""
_JWT_LIFE = timedelta(hours=12)  # push services refuse more than 24


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Return the bytes of base64url, padded or not. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def checked_keys(p256dh: str, auth: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """Return a browser's key and secret. Raises InputError for what no browser hands out."""
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(p256dh))
        secret = unb64(auth)
    except ValueError as error:
        raise InputError("Trình duyệt gửi khóa nhận thông báo không hợp lệ.") from error
    if len(secret) != 16:
        raise InputError("Trình duyệt gửi khóa nhận thông báo không hợp lệ.")
    return public, secret


def seal(
    text: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return the body of a push request: ``text`` sealed for one browser.

    ``salt`` (16 bytes) and ``key`` are made anew unless a test states them.
    """
    if len(text) > LONGEST:
        raise InputError("Thông báo đẩy quá dài.")
    browser, secret = checked_keys(p256dh, auth)
    salt = salt or os.urandom(16)
    key = key or ec.generate_private_key(ec.SECP256R1())
    theirs, ours = _point(browser), _point(key.public_key())
    shared = key.exchange(ec.ECDH(), browser)
    info = b"WebPush: info\x00" + theirs + ours
    material = HKDF(SHA256(), 32, salt=secret, info=info).derive(shared)
    content_key = HKDF(SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\x00").derive(
        material
    )
    nonce = HKDF(SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\x00").derive(material)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(content_key).encrypt(nonce, text + b"\x02", None)


class SenderKey:
    """The key under which push services know this installation."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> str:
        """What a browser is told when it subscribes."""
        return b64(_point(self._key.public_key()))

    def authorization(self, endpoint: str, contact: str, now: datetime) -> str:
        """Return the ``Authorization`` header for one push service."""
        parts = urlsplit(endpoint)
        claims: dict[str, str | int] = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + _JWT_LIFE).timestamp()),
        }
        if contact:
            claims["sub"] = contact
        head = b64(json.dumps({"typ": "JWT", "alg": "ES256"}).encode())
        body = f"{head}.{b64(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(SHA256())))
        signature = b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={body}.{signature}, k={self.public}"


def sender_key(settings: PushSettings, home: Path) -> SenderKey:
    """Return the stated key, or that of ``push.key``, made on first use with mode 0600.

    Raises ConfigError for one that cannot be read.
    """
    stated = settings.private_key.get_secret_value()
    if stated:
        return _loaded(stated.encode(), "mục channels.push.private_key")
    path = home / KEY_NAME
    try:
        fresh = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        home.mkdir(parents=True, exist_ok=True)
        # Written aside and linked into place: another process never reads half a key.
        aside = home / f".{KEY_NAME}.{os.getpid()}.{os.urandom(4).hex()}"
        if not path.exists():
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as handle:
                    handle.write(fresh)
                    handle.flush()
                    os.fsync(handle.fileno())
                os.link(aside, path)
            except FileExistsError:
                pass  # another process was first: theirs stands
            finally:
                aside.unlink()
        return _loaded(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(
            f"Không đọc hoặc ghi được khóa thông báo đẩy {path}: {plain_reason(error)}.",
            mend="Kiểm tra quyền và dung lượng đĩa của thư mục dữ liệu.",
        ) from error


def _loaded(pem: bytes, where: str) -> SenderKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigError(
            f"Khóa thông báo đẩy ({where}) bị hỏng.",
            mend="Chép lại từ bản sao lưu; nếu xóa đi, mọi người phải bật lại thông báo đẩy.",
        )
    return SenderKey(key)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
