"""SMS through any provider with an HTTP interface, described in the settings.

Providers differ in names, not in kind: one request, one answer that says taken or not. Without
diacritics an SMS holds 160 letters (153 where there are several), with them 70 (67).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from alerts.channels.base import ReceiptedChannel, vn_mobile
from alerts.channels.web import Answer, Wire
from alerts.outmail import ChannelDown, OutMail
from alerts.receipts import Receipts
from langnghe.core.channel_settings import SmsSettings
from langnghe.core.errors import DeliveryError
from langnghe.core.text import strip_marks

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")
_PLAIN = str.maketrans({
    "«": '"', "»": '"', "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...",
    "·": "-", "•": "-", "\u00a0": " ", "₫": "d",
})  # fmt: skip
_LINK = re.compile(r"\s*(https?://\S+)\s*$")
_HOLE = re.compile(r"\{([a-z0-9_]+)\}")


def segments(text: str) -> int:
    """Return how many SMS the text takes."""
    if all(c in _GSM or c in _GSM_TWICE for c in text):
        size = sum(2 if c in _GSM_TWICE else 1 for c in text)
        return 1 if size <= 160 else -(-size // 153)
    size = len(text.encode("utf-16-be")) // 2
    return 1 if size <= 70 else -(-size // 67)


def plain_letters(text: str) -> str:
    """Return the text in letters every phone and the short alphabet have: no diacritics."""
    bare = strip_marks(text).translate(_PLAIN)
    return "".join(c if c in _GSM or c in _GSM_TWICE else "?" for c in bare)


def fitted(text: str, most: int) -> str:
    """Return the text cut to ``most`` SMS; a link at its end is kept whole."""
    if segments(text) <= most:
        return text
    found = _LINK.search(text)
    tail = f" {found[1]}" if found else ""
    head = text[: found.start()] if found else text
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        if segments(f"{head[:middle].rstrip()}...{tail}") <= most:
            low = middle
        else:
            high = middle - 1
    return f"{head[:low].rstrip()}...{tail}"


class SmsChannel(ReceiptedChannel):
    """Sends the short form of a notice to a mobile number."""

    def __init__(self, settings: SmsSettings, wire: Wire, receipts: Receipts) -> None:
        super().__init__(receipts)
        self._settings = settings
        self._wire = wire

    def _hand_over(self, mail: OutMail) -> None:
        s = self._settings
        number = vn_mobile(mail.recipient)
        text = mail.short or mail.subject
        text = fitted(plain_letters(text) if s.ascii else text, s.max_segments)
        values = {
            **{name: secret.get_secret_value() for name, secret in s.secrets.items()},
            "to": {"84": number, "+84": f"+{number}", "0": f"0{number[2:]}"}[s.phone],
            "text": text,
            "id": mail.key,
        }
        url = _HOLE.sub(
            lambda hole: quote(values.get(hole[1], hole[0]), safe=""), s.url.get_secret_value()
        )
        headers = {name: filled(v.get_secret_value(), values) for name, v in s.headers.items()}
        body = filled(s.body, values)
        content = b""
        if s.encoding == "query":
            url += ("&" if "?" in url else "?") + urlencode(body)
        elif s.encoding == "form":
            content = urlencode(body).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        else:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        answer = self._wire.ask(s.method, url, headers=headers, content=content)
        self._judge(answer)

    def _judge(self, answer: Answer) -> None:
        """Raise what the provider's answer means; returning means that it took the message."""
        s = self._settings
        if answer.status in (401, 403):
            raise ChannelDown(
                f"Nhà cung cấp SMS không nhận tài khoản (mã {answer.status}).",
                mend="Kiểm tra khóa truy cập trong mục channels.sms.secrets.",
            )
        if (fault := self._wire.busy(answer)) is not None:
            raise fault
        found = value_at(answer.body, s.ok_path) if s.ok_path else None
        if found is not None and found in s.refused_values:
            raise DeliveryError(
                f"Nhà cung cấp SMS không gửi được tới số này (mã {found[:20]}).",
                permanent=True,
                mend="Sửa số điện thoại trong danh bạ.",
            )
        fine = answer.taken
        if s.ok_path:
            fine = fine and found in s.ok_values
        if s.ok_pattern:
            fine = fine and re.search(s.ok_pattern, answer.text) is not None
        if not fine:
            said = f", trả lời «{found[:40]}»" if found else ""
            raise DeliveryError(
                f"Nhà cung cấp SMS không nhận tin (mã {answer.status}{said}).",
                mend="Tra mã này trong tài liệu của nhà cung cấp; thường là hết tiền, sai tên "
                "định danh (brandname) hoặc nội dung chưa đăng ký.",
            )


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """Return the template with every ``{name}`` in its texts replaced; unknown names stay."""
    if isinstance(template, str):
        # In one pass, so that braces inside a value mean nothing.
        return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), template)
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    return template


def value_at(body: bytes, path: str) -> str | None:
    """Return the value at ``a.b.0`` of a JSON body as text, ``None`` where there is none."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None or isinstance(value, dict | list) else str(value)
