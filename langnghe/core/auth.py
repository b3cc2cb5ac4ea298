"""Who is calling and what they may do: passwords, sessions, tokens, throttled sign-in.

Free of any web framework, so that pages, API and command line ask the same questions. Only hashes
of secrets are kept. Failed sign-ins are counted in the audit table, hence over all processes and
restarts; the typed name is kept as a digest, because people type passwords into the wrong field.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from langnghe.core.errors import ConflictError, ForbiddenError, InputError, LangNgheError
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import SessionRow, UserRow
from langnghe.core.text import clean, digest
from langnghe.core.types import Role

MIN_PASSWORD = 10
MAX_PASSWORD = 256
TOKEN_PREFIX = "ln_"  # noqa: S105 - lets a leaked token be recognised, is none itself
WINDOW = timedelta(minutes=15)
TRIES_PER_NAME_AND_PLACE = 5
TRIES_PER_NAME = 30
TRIES_PER_PLACE = 60
_NOTE_USE_EVERY = timedelta(minutes=15)


class Action(StrEnum):
    """What a signed-in person may want to do."""

    VIEW = "view"
    ACT = "act"
    GROUP = "group"
    UNMASK = "unmask"
    CLOSE_EARLY = "close_early"


_MAY: dict[Action, frozenset[Role]] = {
    Action.VIEW: frozenset(Role),
    Action.ACT: frozenset({Role.OFFICER, Role.PRINCIPAL, Role.ADMIN}),
    # Which texts belong together is an analyst's craft; a head decides on what comes of it.
    Action.GROUP: frozenset({Role.OFFICER, Role.ANALYST, Role.ADMIN}),
    Action.UNMASK: frozenset({Role.OFFICER, Role.PRINCIPAL, Role.ADMIN}),
    # To end an incident before all is done that the playbook asks for: the head alone answers.
    Action.CLOSE_EARLY: frozenset({Role.PRINCIPAL}),
}


class SignInError(LangNgheError):
    """The sign-in failed; the sentence never says which part was wrong."""

    status = 401


class ThrottledError(LangNgheError):
    """Too many failed sign-ins from here."""

    status = 429


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who has proved who they are. ``unit_scope`` is None where all units may be seen."""

    user_id: int
    username: str
    name: str
    role: Role
    unit_id: str | None
    kind: str
    csrf: str
    token_hash: str
    must_change: bool = False

    @property
    def unit_scope(self) -> str | None:
        """The unit whose subtree bounds what this caller sees."""
        return None if self.role is Role.ADMIN else self.unit_id

    @property
    def may_audit(self) -> bool:
        """Whether the audit log may be read: it speaks of every unit."""
        return self.unit_scope is None and self.role in (Role.ADMIN, Role.PRINCIPAL)

    @property
    def shown_name(self) -> str:
        """The name written into timelines."""
        return self.name or self.username

    def may(self, action: Action) -> bool:
        """Return whether the role allows ``action``."""
        return self.role in _MAY[action]

    def require(self, action: Action) -> None:
        """Raise ForbiddenError unless the role allows ``action``."""
        if not self.may(action):
            raise ForbiddenError(
                "Vai trò của bạn không được làm việc này.",
                mend="Nếu cần, nhờ quản trị viên cấp vai trò phù hợp.",
            )

    def csrf_matches(self, stated: str) -> bool:
        """Compare a form's token with the session's in constant time."""
        return bool(self.csrf) and hmac.compare_digest(self.csrf.encode(), stated.encode())


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@lru_cache(maxsize=1)
def _nobody() -> str:
    # Verified for unknown names, so that they take as long as known ones.
    return _hasher().hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Return the argon2 hash of ``password``. Raises InputError for one too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputError(
            f"Mật khẩu phải có từ {MIN_PASSWORD} đến {MAX_PASSWORD} ký tự.",
            mend="Dùng một câu dễ nhớ, khó đoán.",
        )
    return _hasher().hash(unicodedata.normalize("NFC", password))


def fold_username(username: str) -> str:
    """Return the one form under which a name is stored and compared."""
    return clean(username).lower()


def add_user(
    store: Store,
    *,
    username: str,
    password: str,
    role: Role,
    now: datetime,
    name: str = "",
    email: str | None = None,
    unit_id: str | None = None,
) -> int:
    """Create a user; return its id. Raises InputError or ConflictError (name taken)."""
    folded = fold_username(username)
    if not folded or len(folded) > 64 or any(c.isspace() for c in folded):
        raise InputError("Tên đăng nhập phải có 1–64 ký tự, không có dấu cách.")
    hashed = hash_password(password)
    with store.write() as session:
        if users.by_username(session, folded) is not None:
            raise ConflictError(f"Đã có người dùng «{folded}».", mend="Chọn tên khác.")
        row = UserRow(
            username=folded,
            name=name,
            email=email,
            password_hash=hashed,
            role=str(role),
            unit_id=unit_id,
            created_at=now,
        )
        return users.insert(session, row)


def change_password(store: Store, username: str, password: str) -> None:
    """Set a new password and end every browser session of the user. Raises NotFoundError."""
    hashed = hash_password(password)
    with store.write() as session:
        row = users.required(session, fold_username(username))
        row.password_hash, row.must_change = hashed, False
        users.end_sessions(session, row, kind="browser")


def set_active(store: Store, username: str, active: bool) -> None:
    """Let a user in again, or shut them out and end all their sessions and tokens."""
    with store.write() as session:
        row = users.required(session, fold_username(username))
        row.active = active
        if not active:
            users.end_sessions(session, row)


def sign_in(
    store: Store,
    username: str,
    password: str,
    *,
    place: str,
    now: datetime,
    hours: int,
    device: str = "",
) -> tuple[str, Caller]:
    """Check name and password; return (the secret for the cookie, the caller).

    ``place`` is the caller's network address, ``device`` what the browser calls itself in a few
    words. Raises SignInError or ThrottledError.
    """
    row = prove(store, username, password, place=place, now=now)
    return begin_session(store, row, place=place, now=now, hours=hours, device=device)


def prove(store: Store, username: str, password: str, *, place: str, now: datetime) -> UserRow:
    """Return the user whose name and password these are; failures are counted and slowed down.

    Raises SignInError or ThrottledError.
    """
    folded = fold_username(username)[:200]
    named = digest("login", folded)
    with store.read() as session:
        by_name, by_place, by_both = users.failures(session, named, place, now - WINDOW)
        row = users.by_username(session, folded)
    if (
        by_both >= TRIES_PER_NAME_AND_PLACE
        or by_name >= TRIES_PER_NAME
        or by_place >= TRIES_PER_PLACE
    ):
        raise ThrottledError(
            "Có quá nhiều lần đăng nhập không thành công.", mend="Đợi 15 phút rồi thử lại."
        )
    if not _fits(password, row) or row is None:
        with store.write() as session:
            actor = row.username if row is not None else "?"
            users.note(session, now, actor, "login_failed", named, data={"place": place})
        raise SignInError("Tên đăng nhập hoặc mật khẩu không đúng.")
    return row


def begin_session(
    store: Store, row: UserRow, *, place: str, now: datetime, hours: int, device: str = ""
) -> tuple[str, Caller]:
    """Sign in a user who has proved it; return (the secret for the cookie, the caller)."""
    secret = secrets.token_urlsafe(32)
    with store.write() as session:
        users.forget_expired(session, now)
        named = digest("login", row.username)
        users.note(session, now, row.username, "login", named, data={"place": place})
        until = now + timedelta(hours=hours)
        kept = _keep_session(row, secret, "browser", device[:100], now, until)
        session.add(kept)
    return secret, _caller(row, kept)


def issue_token(store: Store, username: str, *, name: str, now: datetime, days: int = 365) -> str:
    """Return a new API token, shown this once. Raises NotFoundError."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with store.write() as session:
        row = users.required(session, fold_username(username))
        kept = _keep_session(row, secret, "token", name[:100], now, now + timedelta(days=days))
        session.add(kept)
        users.note(session, now, row.username, "token_issued", name[:100])
    return secret


def caller_of(store: Store, secret: str, *, kind: str, now: datetime) -> Caller | None:
    """Return who holds this secret (``kind`` "browser" or "token"), None when it is not valid."""
    if not secret or len(secret) > 200:
        return None
    with store.read() as session:
        found = users.session_of(session, _hash(secret), kind, now)
    if found is None:
        return None
    kept, row = found
    if now - (kept.last_used_at or kept.created_at) > _NOTE_USE_EVERY or (
        kind == "token" and kept.last_used_at is None
    ):
        with store.write() as session:
            users.note_use(session, kept.token_hash, now)
    return _caller(row, kept)


def still_valid(store: Store, caller: Caller, now: datetime) -> bool:
    """Return whether the caller's session still stands (a long-lived stream asks now and then)."""
    with store.read() as session:
        return users.session_of(session, caller.token_hash, caller.kind, now) is not None


def sign_out(store: Store, caller: Caller) -> None:
    """End this session."""
    with store.write() as session:
        users.end_session(session, caller.token_hash)


def _fits(password: str, row: UserRow | None) -> bool:
    stated = unicodedata.normalize("NFC", password[:MAX_PASSWORD])
    usable = row is not None and row.active
    known = row.password_hash if row is not None and usable else _nobody()
    try:
        return _hasher().verify(stated, known) and usable
    except UnknownHashError:
        return False


def _hash(secret: str) -> str:
    # The secret is 256 random bits, so a plain hash is enough; slow ones are for passwords.
    return hashlib.sha256(secret.encode()).hexdigest()


def _keep_session(
    row: UserRow, secret: str, kind: str, name: str, now: datetime, until: datetime
) -> SessionRow:
    if row.id is None:
        raise RuntimeError("a stored user has an id")
    return SessionRow(
        token_hash=_hash(secret),
        user_id=row.id,
        kind=kind,
        name=name,
        csrf=secrets.token_urlsafe(24) if kind == "browser" else "",
        created_at=now,
        expires_at=until,
    )


def _caller(row: UserRow, kept: SessionRow) -> Caller:
    return Caller(
        user_id=kept.user_id,
        username=row.username,
        name=row.name,
        role=Role(row.role),
        unit_id=row.unit_id,
        kind=kept.kind,
        csrf=kept.csrf,
        token_hash=kept.token_hash,
        must_change=row.must_change,
    )
