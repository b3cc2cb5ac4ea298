"""Who may sign in: adding people, their roles and units, locking, passwords given for one use.

An administrator looks after everybody; a head looks after the officers and analysts of the own
unit, never after administrators or other heads, because who can reset a password can speak in that
person's name. Nobody locks, demotes or moves themselves, and one administrator always stays.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session

from langnghe.core.auth import (
    Caller,
    add_user,
    hash_password,
    prove,
)
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from langnghe.core.store.queries.scope import UNIT
from langnghe.core.store.tables import SessionRow, UserRow
from langnghe.core.text import clean, digest
from langnghe.core.types import Role

USER, SESSION = users.USER, users.SESSION
GIVES: Mapping[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset(Role),
    Role.PRINCIPAL: frozenset({Role.OFFICER, Role.ANALYST}),
}
"""The roles each role may give, and whose holders it looks after."""
LINK_HOURS = 48
PAGE = 100
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another on paper
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_SALT = "dat-mat-khau"


@dataclass(frozen=True, slots=True)
class Person:
    """What a form says of one user."""

    name: str
    email: str
    role: Role
    unit_id: str | None


def looks_after_people(caller: Caller) -> bool:
    """Return whether the caller may look after any accounts at all."""
    return caller.role in GIVES


def one_time_password() -> str:
    """Return a password of 79 bits that can be read out on the telephone."""
    letters = [secrets.choice(_LETTERS) for _ in range(16)]
    return "-".join("".join(letters[n : n + 4]) for n in range(0, 16, 4))


def people_under(
    session: Session, caller: Caller, *, wanted: str = "", after: str = "", limit: int = PAGE
) -> list[UserRow]:
    """Return the users the caller looks after, by name; ``after`` is the last name shown.

    ``wanted`` is a part of the name. Raises ForbiddenError.
    """
    _require(caller)
    query = sa.select(UserRow).where(USER.c.username > after).order_by(USER.c.username)
    if caller.role is not Role.ADMIN:
        query = query.where(USER.c.role != str(Role.ADMIN))
        if caller.unit_scope is not None:
            query = query.where(USER.c.unit_id == caller.unit_scope)
    if wanted:
        part = f"%{wanted.replace('%', '').replace('_', '')}%"
        query = query.where(sa.or_(USER.c.username.ilike(part), USER.c.name.ilike(part)))
    return list(session.scalars(query.limit(limit)))


def person_under(session: Session, caller: Caller, user_id: int) -> UserRow:
    """Return one user the caller looks after. Raises ForbiddenError or NotFoundError."""
    _require(caller)
    row = session.get(UserRow, user_id)
    if row is None or not _may_see(caller, row):
        raise NotFoundError("Không có người dùng này.", mend="Xem trang «Người dùng».")
    return row


def may_change(caller: Caller, row: UserRow) -> bool:
    """Return whether the caller may change this account; nobody may change their own here."""
    return (
        caller.user_id != row.id
        and _may_see(caller, row)
        and Role(row.role) in GIVES.get(caller.role, frozenset())
    )


def create_person(
    store: Store, caller: Caller, username: str, person: Person, now: datetime
) -> tuple[int, str]:
    """Add a user; return (the id, the password for one use, shown this once).

    Raises ForbiddenError, InputError or ConflictError (the name is taken).
    """
    _check(caller, person)
    with store.read() as session:
        _known_unit(session, caller, person.unit_id)
    password = one_time_password()
    user_id = add_user(
        store, username=username, password=password, role=person.role, now=now,
        name=person.name, email=person.email or None, unit_id=person.unit_id,
    )  # fmt: skip
    with store.write() as session:
        row = session.get_one(UserRow, user_id)
        row.must_change = True
        _note(session, now, caller, "user_added", row, {"role": row.role, "unit": row.unit_id})
    return user_id, password


def change_person(
    store: Store, caller: Caller, user_id: int, person: Person, now: datetime
) -> None:
    """Change name, address, role or unit. Raises ForbiddenError, InputError or ConflictError."""
    _check(caller, person)
    with store.write() as session:
        row = _changeable(session, caller, user_id)
        _known_unit(session, caller, person.unit_id)
        if row.role == str(Role.ADMIN) and person.role is not Role.ADMIN:
            _not_the_last(session, row)
        fields: dict[str, Any] = {
            "name": person.name, "email": person.email or None, "role": str(person.role),
            "unit_id": person.unit_id,
        }  # fmt: skip
        changed = {k: v for k, v in fields.items() if getattr(row, k) != v}
        for field, value in changed.items():
            setattr(row, field, value)
        if changed:
            said = {k: v for k, v in changed.items() if k in ("role", "unit_id")}
            data = {"changed": sorted(changed), **said}
            _note(session, now, caller, "user_changed", row, data)


def set_locked(store: Store, caller: Caller, user_id: int, now: datetime, *, locked: bool) -> None:
    """Shut a user out (sessions and tokens end) or let them in again."""
    with store.write() as session:
        row = _changeable(session, caller, user_id)
        if row.active is not locked:
            return
        if locked:
            if row.role == str(Role.ADMIN):
                _not_the_last(session, row)
            users.end_sessions(session, row)
        row.active = not locked
        _note(session, now, caller, "user_locked" if locked else "user_unlocked", row)


def reset_password(store: Store, caller: Caller, user_id: int, now: datetime) -> str:
    """Return a new password for one use; every browser session of the user ends."""
    with store.read() as session:
        _changeable(session, caller, user_id)
    password = one_time_password()
    hashed = hash_password(password)
    with store.write() as session:
        row = _changeable(session, caller, user_id)
        row.password_hash, row.must_change = hashed, True
        users.end_sessions(session, row, kind="browser")
        _note(session, now, caller, "password_reset", row)
    return password


def end_sessions_of(store: Store, caller: Caller, user_id: int, now: datetime) -> None:
    """Sign a user out everywhere; tokens of the API stay."""
    with store.write() as session:
        row = _changeable(session, caller, user_id)
        users.end_sessions(session, row, kind="browser")
        _note(session, now, caller, "sessions_ended", row)


def revoke_token(store: Store, caller: Caller, user_id: int, mark: str, now: datetime) -> None:
    """End one token of the API; ``mark`` is the beginning of its hash. Raises NotFoundError."""
    with store.write() as session:
        own = session.get(UserRow, user_id) if user_id == caller.user_id else None
        row = own or _changeable(session, caller, user_id)
        kept = _marked(session, user_id, mark, "token")
        users.end_session(session, kept.token_hash)
        _note(session, now, caller, "token_revoked", row, {"name": kept.name})


def sessions_of(session: Session, user_id: int, kind: str, now: datetime) -> list[SessionRow]:
    """Return the living sessions or tokens of a user, the one used last first."""
    query = sa.select(SessionRow).where(
        SESSION.c.user_id == user_id, SESSION.c.kind == kind, SESSION.c.expires_at > now
    )
    rows = session.scalars(query.limit(PAGE))
    return sorted(rows, key=lambda row: row.last_used_at or row.created_at, reverse=True)


def mark_of(row: SessionRow) -> str:
    """Return what names a session on a page; it lets nobody in."""
    return row.token_hash[:16]


def end_own_session(store: Store, caller: Caller, mark: str, now: datetime) -> None:
    """Sign oneself out elsewhere: one session by its mark, or (empty) all others."""
    with store.write() as session:
        if mark:
            kept = _marked(session, caller.user_id, mark, "browser")
            users.end_session(session, kept.token_hash)
        else:
            session.execute(
                sa.delete(SESSION).where(
                    SESSION.c.user_id == caller.user_id,
                    SESSION.c.kind == "browser",
                    SESSION.c.token_hash != caller.token_hash,
                )
            )
        users.note(session, now, caller.username, "sessions_ended", f"user:{caller.username}")


def change_own_password(
    store: Store, caller: Caller, old: str, new: str, *, place: str, now: datetime
) -> None:
    """Set the caller's new password after the old one; all other browser sessions end.

    Raises SignInError or ThrottledError for a wrong old one, InputError for a bad new one.
    """
    prove(store, caller.username, old, place=place, now=now)
    if old == new:
        raise InputError("Mật khẩu mới phải khác mật khẩu cũ.")
    hashed = hash_password(new)
    with store.write() as session:
        row = users.required(session, caller.username)
        row.password_hash, row.must_change = hashed, False
        session.execute(
            sa.delete(SESSION).where(
                SESSION.c.user_id == caller.user_id,
                SESSION.c.kind == "browser",
                SESSION.c.token_hash != caller.token_hash,
            )
        )
        users.note(session, now, caller.username, "password_changed", f"user:{caller.username}")


def password_link_token(row: UserRow, secret: bytes) -> str:
    """Return the signed end of an address at which this user may set a password, once."""
    return _signer(secret).dumps([row.id, _fingerprint(row)])


def user_of_link(store: Store, token: str, secret: bytes) -> UserRow:
    """Return whose password a link may set. Raises NotFoundError for a used, old or false one."""
    stale = NotFoundError(
        "Đường dẫn đặt mật khẩu không còn dùng được.",
        mend="Nhờ quản trị viên gửi lại; mỗi đường dẫn dùng một lần, trong 48 giờ.",
    )
    try:
        found = _signer(secret).loads(
            token, max_age=int(timedelta(hours=LINK_HOURS).total_seconds())
        )
        user_id, fingerprint = found
    except (BadSignature, TypeError, ValueError) as error:
        raise stale from error
    with store.read() as session:
        row = session.get(UserRow, user_id)
    if row is None or not row.active or _fingerprint(row) != fingerprint:
        raise stale
    return row


def set_by_link(store: Store, token: str, secret: bytes, password: str, now: datetime) -> UserRow:
    """Set the password a link stands for; the link is used up. Raises NotFoundError, InputError."""
    hashed = hash_password(password)
    row = user_of_link(store, token, secret)
    before = _fingerprint(row)
    with store.write() as session:
        row = users.required(session, row.username)
        if _fingerprint(row) != before:
            raise ConflictError("Đường dẫn vừa được dùng ở nơi khác.")
        row.password_hash, row.must_change = hashed, False
        users.end_sessions(session, row, kind="browser")
        users.note(session, now, row.username, "password_set", f"user:{row.username}")
    return row


def _require(caller: Caller) -> None:
    if not looks_after_people(caller):
        raise ForbiddenError("Chỉ quản trị và người đứng đầu đơn vị quản lý được người dùng.")


def _may_see(caller: Caller, row: UserRow) -> bool:
    if caller.role is Role.ADMIN:
        return True
    in_unit = caller.unit_scope is None or row.unit_id == caller.unit_scope
    return in_unit and row.role != str(Role.ADMIN)


def _changeable(session: Session, caller: Caller, user_id: int) -> UserRow:
    row = person_under(session, caller, user_id)
    if row.id == caller.user_id:
        raise ForbiddenError(
            "Không ai tự khóa, tự đổi vai trò của mình.",
            mend="Mật khẩu của mình đổi ở trang «Tài khoản của tôi»; việc khác nhờ quản trị viên.",
        )
    if not may_change(caller, row):
        raise ForbiddenError(
            "Tài khoản này do quản trị viên quản lý.", mend="Nhờ quản trị viên làm việc này."
        )
    return row


def _check(caller: Caller, person: Person) -> None:
    _require(caller)
    if person.role not in GIVES[caller.role]:
        raise ForbiddenError("Vai trò này chỉ quản trị viên mới cấp được.")
    if len(person.name) > 200 or len(person.email) > 200:
        raise InputError("Họ tên hoặc thư điện tử quá dài (tối đa 200 ký tự).")
    if person.email and not _EMAIL.fullmatch(person.email):
        raise InputError("Địa chỉ thư điện tử không đúng.", mend="Ghi như ten@truong.edu.vn.")


def _known_unit(session: Session, caller: Caller, unit_id: str | None) -> None:
    if caller.unit_scope is not None and unit_id != caller.unit_scope:
        raise ForbiddenError("Chỉ thêm được người của đơn vị mình.")
    if unit_id is None:
        return
    known = sa.select(UNIT.c.id).where(UNIT.c.id == unit_id, UNIT.c.active)
    if session.execute(known).first() is None:
        raise InputError("Không có đơn vị này trong hồ sơ theo dõi.")


def _not_the_last(session: Session, row: UserRow) -> None:
    """Lock the administrators' rows, so that two do not take each other out at one moment."""
    query = sa.select(USER.c.id).where(USER.c.role == str(Role.ADMIN), USER.c.active)
    others = [
        one for one in session.scalars(query.order_by(USER.c.id).with_for_update()) if one != row.id
    ]
    if not others:
        raise ConflictError(
            "Đây là quản trị viên cuối cùng, không khóa hoặc đổi vai trò được.",
            mend="Thêm một quản trị viên khác trước.",
        )


def _marked(session: Session, user_id: int, mark: str, kind: str) -> SessionRow:
    query = sa.select(SessionRow).where(SESSION.c.user_id == user_id, SESSION.c.kind == kind)
    found = next((r for r in session.scalars(query.limit(PAGE * 2)) if mark_of(r) == mark), None)
    if found is None:
        raise NotFoundError("Phiên này đã kết thúc.")
    return found


def _note(
    session: Session, now: datetime, caller: Caller, action: str, row: UserRow,
    data: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    users.note(session, now, caller.username, action, f"user:{row.username}", data=data)


def _signer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)


def _fingerprint(row: UserRow) -> str:
    return digest(row.password_hash)[:16]  # changes with the password: a link works once


def tidy(name: str, email: str, role: str, unit_id: str) -> Person:
    """Return a form's fields as a person. Raises InputError for an unknown role."""
    try:
        known = Role(role)
    except ValueError as error:
        raise InputError("Vai trò không đúng.", mend="Chọn trong danh sách.") from error
    return Person(clean(name), clean(email), known, unit_id or None)
