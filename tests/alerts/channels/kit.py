"""What the tests of the ways out share: a message, settings that allow loopback, TLS of our own."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from pytest_httpserver import HTTPServer

from alerts.outmail import OutMail
from alerts.receipts import Receipts
from langnghe.core.settings import StatedSettings

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DATA = {
    "level": "Đỏ", "level_id": "3", "unit": "Trường TH Suối Mơ", "title": "20 học sinh nhập viện",
    "due": "08:15 ngày 23/11", "link": "https://nghe.example.vn/vu-viec/7", "incident": "7",
    "role": "Hiệu trưởng", "name": "Hiệu trưởng",
}  # fmt: skip


def notice(recipient: str, key: str = "k1", **more: Any) -> OutMail:
    """Return a message as the outbox hands it over."""
    fields: dict[str, Any] = {
        "subject": "[Đỏ] Trường TH Suối Mơ: 20 học sinh nhập viện",
        "text": "Mức Đỏ. Trường TH Suối Mơ.\nhttps://nghe.example.vn/vu-viec/7",
        "html": "<p>Mức Đỏ.</p>", "headers": {}, "message_id": f"<{key}@nghe.example.vn>",
        "created_at": T0, "data": DATA,
        "short": "[Đỏ] Trường TH Suối Mơ: 20 học sinh nhập viện. https://nghe.example.vn/vu-viec/7",
    }  # fmt: skip
    return OutMail(key=key, recipient=recipient, **(fields | more))


def place(server: HTTPServer) -> str:
    """Return the ``host:port`` of a stand-in, as the settings allow it."""
    return f"{server.host}:{server.port}"


def settings_for(home: Path, server: HTTPServer | None, channels: Mapping[str, Any]) -> Any:
    """Return settings with these channels; of private places only the stand-in may be reached."""
    allowed = (place(server),) if server else ()
    return StatedSettings(home=home, allow_private_hosts=allowed, channels=channels)


def receipts(home: Path) -> Receipts:
    """Return an empty file of receipts."""
    return Receipts(home / "receipts.jsonl")


@dataclass(frozen=True)
class Authority:
    """A certificate authority made for one test run."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls) -> Authority:
        """Return a new one."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Thu nghiem CA")])
        made = (
            _dated(name, name, key).add_extension(x509.BasicConstraints(True, None), critical=True)
        ).sign(key, SHA256())
        return cls(key, made)

    def server(self, folder: Path, host: str = "127.0.0.1") -> ssl.SSLContext:
        """Return the context of a server whose certificate names ``host``."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        entry: x509.GeneralName = (
            x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        )
        made = (
            _dated(name, self.certificate.subject, key)
            .add_extension(x509.SubjectAlternativeName([entry]), critical=False)
            .sign(self.key, SHA256())
        )
        path = folder / f"{host}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def trusting(self) -> ssl.SSLContext:
        """Return the context of a client that trusts this authority alone."""
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)


def _dated(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
