"""Zalo's access token: good for about a day, renewed with a refresh token that works only once.

Whoever renews takes the right to it in the row first (one short write), asks Zalo, and puts both
new tokens in the row in one transaction before anybody uses them. No database lock is held while
Zalo is asked: on SQLite it would stop the whole house. A process that dies between Zalo's answer
and the commit loses the new refresh token, and nothing can bring it back: then a person authorises
the account once more and puts the new refresh token into the settings (docs/channels.md).
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import structlog
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from alerts.channels.web import Wire
from alerts.outmail import ChannelDown, Unsure
from langnghe.core.channel_settings import ZaloSettings
from langnghe.core.store.channels import (
    begin_token,
    claim_token,
    drop_claim,
    keep_tokens,
    token_of,
    void_access,
)
from langnghe.core.store.engine import Store

log = structlog.get_logger(__name__)
EARLY = timedelta(minutes=10)
"""An access token this close to its end is renewed before it is used."""
HOLD = timedelta(minutes=3)
"""How long the right to renew is held; far longer than a request may take."""
_USUAL_LIFE_S = 3600
_NEW_ONE = (
    "Cấp quyền lại cho ứng dụng tại developers.zalo.me, đặt refresh token mới vào "
    "LANGNGHE_CHANNELS__ZALO__REFRESH_TOKEN rồi khởi động lại (docs/channels.md)."
)


def hashed(token: str) -> str:
    """Return what tells tokens apart without showing them."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


class Vault:
    """Encrypts tokens at rest with a key made from the installation's own."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=b"langnghe channel tokens").derive(secret)
        self._fernet = Fernet(urlsafe_b64encode(key))

    def lock(self, text: str) -> str:
        """Return the text encrypted."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """Return the text, ``None`` where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


class ZaloTokens:
    """Gives the access token of one application, renewed where needed."""

    def __init__(
        self,
        settings: ZaloSettings,
        wire: Wire,
        store: Store,
        vault: Vault,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._wire = wire
        self._store = store
        self._vault = vault
        self._now = now
        self._sleep = sleep
        self._account = f"zalo:{settings.app_id}"
        self._begun = False

    def access(self, refused: str = "") -> str:
        """Return an access token that is not ``refused``. Raises ``ChannelDown``."""
        self._begin()
        patience = self._settings.timeout_s + 5.0
        while patience > 0:
            row = self._row()
            token = self._vault.open(row.access_token) if row.access_token else ""
            if token is not None and token == refused and refused:
                with self._store.write() as session:
                    void_access(session, self._account, row.access_token)
                token = ""
            fresh = row.expires_at is not None and row.expires_at - self._now() > EARLY
            if token and fresh:
                return token
            me, now = secrets.token_hex(8), self._now()
            with self._store.write() as session:
                mine = claim_token(session, self._account, row.used, me, now, now + HOLD)
            if mine:
                return self._renew(row.used, row.refresh_token, me)
            self._sleep(0.25)  # somebody else is renewing it this moment
            patience -= 0.25
        raise ChannelDown(
            "Mã truy cập Zalo đang được nơi khác đổi mà chưa xong.",
            mend="Hệ thống sẽ tự thử lại sau ít phút.",
        )

    def _begin(self) -> None:
        if self._begun:
            return
        first = self._settings.refresh_token.get_secret_value()
        if first:
            with self._store.write() as session:
                begin_token(session, self._account, hashed(first), self._vault.lock(first))
        self._begun = True

    def _row(self) -> _Row:
        with self._store.read() as session:
            row = token_of(session, self._account)
            if row is None:
                raise ChannelDown("Chưa có refresh token của Zalo.", mend=_NEW_ONE)
            return _Row(row.used, row.access_token, row.refresh_token, row.expires_at)

    def _renew(self, used: str, sealed: str, me: str) -> str:
        s = self._settings
        refresh = self._vault.open(sealed)
        if refresh is None:
            self._let_go(me)
            raise ChannelDown(
                "Không mở được mã Zalo đã lưu (khóa bí mật của hệ thống đã đổi).", mend=_NEW_ONE
            )
        try:
            answer = self._wire.ask(
                "POST", f"{s.oauth_url}/v4/oa/access_token",
                headers={
                    "secret_key": s.secret_key.get_secret_value(),
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                content=urlencode(
                    {"refresh_token": refresh, "app_id": s.app_id, "grant_type": "refresh_token"}
                ).encode(),
            )  # fmt: skip
        except ChannelDown:
            self._let_go(me)  # Zalo was not reached, so the token was not used up
            raise
        except Unsure as error:
            # It may be used up: nobody tries it again before the right to it runs out.
            raise ChannelDown(error.message, mend=error.mend) from None
        said = answer.json()
        access, following = said.get("access_token"), said.get("refresh_token")
        if not (isinstance(access, str) and isinstance(following, str) and access and following):
            self._let_go(me)
            if (fault := self._wire.busy(answer)) is not None:
                raise fault
            code = said.get("error")
            shown = f" (mã {code})" if isinstance(code, int) else ""
            raise ChannelDown(f"Zalo không đổi mã truy cập{shown}.", mend=_NEW_ONE)
        now = self._now()
        with self._store.write() as session:
            kept = keep_tokens(
                session, self._account, after=used, used=hashed(following),
                access_token=self._vault.lock(access), refresh_token=self._vault.lock(following),
                expires_at=now + timedelta(seconds=_seconds(said.get("expires_in"))), at=now,
            )  # fmt: skip
        if not kept:
            # A person put another refresh token into the settings meanwhile: theirs stands.
            log.warning("zalo_token_superseded")
        return access

    def _let_go(self, me: str) -> None:
        with self._store.write() as session:
            drop_claim(session, self._account, me)


class _Row:
    """What of the stored row is needed after its session ended."""

    __slots__ = ("access_token", "expires_at", "refresh_token", "used")

    def __init__(
        self, used: str, access_token: str, refresh_token: str, expires_at: datetime | None
    ) -> None:
        self.used = used
        self.access_token = access_token
        self.refresh_token = refresh_token
        self.expires_at = expires_at


def _seconds(stated: object) -> int:
    """Return how long the token lives; Zalo writes the number as text."""
    text = str(stated)[:9]  # a number no calendar holds must not lose the tokens that came with it
    return int(text) if text.isascii() and text.isdecimal() and int(text) else _USUAL_LIFE_S
