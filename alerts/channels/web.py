"""One HTTP request of a way out: guarded, capped in size and time, and silent about its secrets.

Requests go straight to the guarded transport: no redirect is followed, no proxy is asked, and no
client library logs the address, which may hold a key. No fault carries an address or a header.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from alerts.outmail import ChannelDown, Unsure
from collectors.faults import FetchFault
from collectors.guard import Deadline, GuardedBackend, GuardedTransport, Resolve, system_resolve
from collectors.inflate import capped
from langnghe import __version__
from langnghe.core.errors import DeliveryError

MAX_ANSWER = 64 * 1024
_WHY = {
    "dns": "không tìm thấy máy chủ",
    "connect": "không kết nối được",
    "tls": "chứng thư bảo mật không hợp lệ",
    "timeout": "không trả lời kịp",
    "protocol": "ngắt giữa chừng hoặc trả lời sai giao thức",
    "private_address": "địa chỉ dẫn vào mạng nội bộ nên không được mở",
    "too_large": "trả lời quá dài",
    "bad_url": "địa chỉ hoặc khóa có ký tự không dùng được",
}
_MEND = {
    "private_address": "Dùng địa chỉ công khai, hoặc thêm «máy:cổng» vào allow_private_hosts trong "
    "langnghe.toml nếu đó đúng là máy chủ của đơn vị.",
    "bad_url": "Sửa địa chỉ và khóa trong mục channels của langnghe.toml.",
    "tls": "Kiểm tra ngày giờ của máy này và chứng thư của bên nhận.",
}
_NEVER_SENT = (httpcore.ConnectTimeout, httpcore.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``body`` has at most ``MAX_ANSWER`` bytes."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def taken(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object, ``{}`` where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):  # a thousand brackets in a row are no answer either
            return {}
        return value if isinstance(value, dict) else {}

    def wait_s(self, default: float = 60.0) -> float:
        """Return how long ``Retry-After`` asks to wait: seconds, an hour at most."""
        stated = self.headers.get("retry-after", "")
        return min(float(stated), 3600.0) if stated.isascii() and stated.isdecimal() else default


@lru_cache(maxsize=1)
def _usual_trust() -> ssl.SSLContext:
    """Return the authorities everybody trusts; read once, as that takes its time."""
    return httpx.create_ssl_context(trust_env=False)


class Wire:
    """Makes requests for one way out, which ``who`` names in what people read."""

    def __init__(
        self,
        who: str,
        *,
        timeout_s: float,
        allow_private: frozenset[str] = frozenset(),
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        self.who = who
        self._timeout_s = timeout_s
        self._allow_private = allow_private
        self._tls = tls or _usual_trust()
        self._resolve = resolve

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Answer:
        """Make one request and return the answer, of whatever status.

        Raises ``ChannelDown`` when the other side was not reached, ``Unsure`` when it fell silent
        after the request may have gone out.
        """
        deadline = Deadline(self._timeout_s, time.monotonic)
        backend = GuardedBackend(deadline, self._allow_private, self._resolve)
        transport = GuardedTransport(backend, self._tls)
        try:
            request = self._request(method, url, headers or {}, content)
            answer = transport.handle_request(request)
            try:
                stated = answer.headers.get("content-length", "")
                if stated.isdecimal() and int(stated) > MAX_ANSWER:
                    raise FetchFault("too_large")
                body = b"".join(capped(answer.iter_raw(), MAX_ANSWER, deadline))
            except FetchFault:
                # The status says whether it was taken; what else it says may be lost.
                body = b""
            finally:
                answer.close()
            return Answer(answer.status_code, answer.headers, body)
        except FetchFault as fault:
            raise self._fault(fault) from None
        finally:
            transport.close()

    def json(
        self, method: str, url: str, value: Any, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make a request with a JSON body."""
        content = json.dumps(value, ensure_ascii=False).encode()
        return self.ask(
            method, url, headers={"Content-Type": "application/json", **(headers or {})},
            content=content,
        )  # fmt: skip

    def busy(self, answer: Answer) -> DeliveryError | None:
        """Return the fault of an answer that says the whole service is out of order, if it is."""
        if answer.status == 429 or answer.status >= 500:
            return ChannelDown(
                f"{self.who} đang quá tải hoặc hỏng (mã {answer.status}).",
                mend="Hệ thống sẽ tự thử lại.",
            )
        if 300 <= answer.status < 400:
            return ChannelDown(
                f"{self.who} chuyển hướng sang địa chỉ khác (mã {answer.status}).",
                mend="Sửa địa chỉ trong mục channels của langnghe.toml.",
            )
        return None

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> httpx.Request:
        try:
            for name, value in headers.items():
                if not (value.isascii() and value.isprintable() and name.isprintable()):
                    raise ValueError(name)
            parsed = httpx.URL(url)
            if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
                raise ValueError("url")
            return httpx.Request(
                method, parsed, content=content or None,
                headers={
                    "User-Agent": f"LangNghe/{__version__}",
                    "Accept": "application/json, */*;q=0.5",
                    "Accept-Encoding": "identity",
                    **headers,
                },
            )  # fmt: skip
        except (httpx.InvalidURL, ValueError, TypeError, UnicodeError):
            raise FetchFault("bad_url") from None

    def _fault(self, fault: FetchFault) -> DeliveryError:
        why = _WHY.get(fault.code, "lỗi kết nối")
        sent = fault.code == "protocol" or (
            fault.code == "timeout" and not isinstance(fault.__cause__, _NEVER_SENT)
        )
        kind = Unsure if sent else ChannelDown
        return kind(
            f"{self.who}: {why}.",
            mend=_MEND.get(fault.code, "Hệ thống sẽ tự thử lại; nếu kéo dài, kiểm tra đường mạng."),
        )
