"""Signed links in mails: they show one incident to one recipient and let them acknowledge it.

The token is a bearer secret with an end; opening the page changes nothing, the button does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from langnghe.core.errors import ForbiddenError

LIFE = timedelta(days=30)
MARK = 12
"""Hex digits of a message's key that its link carries, to know which message was opened."""
_SALT = "langnghe.acknowledge.v1"
_MEND = "Đăng nhập vào bảng theo dõi để xem và xác nhận vụ việc."


@dataclass(frozen=True, slots=True)
class Token:
    """What a link says: the incident, to whom it was sent, until when it holds, in what message."""

    incident_id: int
    recipient: str
    expires_at: datetime
    mark: str = ""


def sign(secret: bytes, incident_id: int, recipient: str, now: datetime, mark: str = "") -> str:
    """Return a URL-safe token for one incident and one recipient, good for ``LIFE``.

    ``mark`` is the beginning of the key of the message the link stands in.
    """
    expires = int((now + LIFE).timestamp())
    said: list[object] = [incident_id, recipient, expires, *([mark] if mark else [])]
    token = _serializer(secret).dumps(said)
    return token.decode() if isinstance(token, bytes) else token


def verify(secret: bytes, token: str, now: datetime) -> Token:
    """Return what the token says; raises ``ForbiddenError`` if it is forged, broken or too old."""
    try:
        # Links of earlier versions carry no mark.
        incident_id, recipient, expires, *mark = _serializer(secret).loads(token)
        until = datetime.fromtimestamp(int(expires), UTC)
        found = Token(int(incident_id), str(recipient), until, str(mark[0]) if mark else "")
    except (BadSignature, ValueError, TypeError) as error:
        raise ForbiddenError("Đường dẫn xác nhận không đúng.", mend=_MEND) from error
    if now >= found.expires_at:
        raise ForbiddenError("Đường dẫn xác nhận đã hết hạn.", mend=_MEND)
    return found


def acknowledge_url(base_url: str, token: str) -> str:
    """Return the address of the page that shows the incident and has the button."""
    return f"{base_url.rstrip('/')}/xac-nhan/{token}"


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT)
