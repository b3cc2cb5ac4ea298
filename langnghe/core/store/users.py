"""Users, their sessions and the audit trail: all SQL about who may come in and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.audit import seal
from langnghe.core.store.tables import AuditRow, SessionRow, UserRow

USER: sa.Table = UserRow.__table__  # type: ignore[attr-defined]
SESSION: sa.Table = SessionRow.__table__  # type: ignore[attr-defined]
AUDIT: sa.Table = AuditRow.__table__  # type: ignore[attr-defined]


def by_username(session: Session, username: str) -> UserRow | None:
    """Return the user of this (folded) name, active or not."""
    return session.scalars(sa.select(UserRow).where(USER.c.username == username)).first()


def required(session: Session, username: str) -> UserRow:
    """Return the user of this name. Raises NotFoundError."""
    row = by_username(session, username)
    if row is None:
        raise NotFoundError(
            f"Không có người dùng «{username}».", mend="Xem danh sách bằng «langnghe user list»."
        )
    return row


def everybody(session: Session) -> list[UserRow]:
    """Return all users by name."""
    return list(session.scalars(sa.select(UserRow).order_by(USER.c.username)))


def insert(session: Session, row: UserRow) -> int:
    """Store a new user; return its id."""
    session.add(row)
    session.flush()
    if row.id is None:
        raise RuntimeError("the database gave a user no id")
    return row.id


def session_of(
    session: Session, token_hash: str, kind: str, now: datetime
) -> tuple[SessionRow, UserRow] | None:
    """Return the living session of this hash with its active user, or None."""
    query = (
        sa.select(SessionRow, UserRow)
        .join(UserRow, USER.c.id == SESSION.c.user_id)
        .where(
            SESSION.c.token_hash == token_hash,
            SESSION.c.kind == kind,
            SESSION.c.expires_at > now,
            USER.c.active,
        )
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found is not None else None


def note_use(session: Session, token_hash: str, now: datetime) -> None:
    """Write down when a token was last used."""
    session.execute(
        sa.update(SESSION).where(SESSION.c.token_hash == token_hash).values(last_used_at=now)
    )


def end_session(session: Session, token_hash: str) -> None:
    """Forget one session."""
    session.execute(sa.delete(SESSION).where(SESSION.c.token_hash == token_hash))


def end_sessions(session: Session, user: UserRow, *, kind: str | None = None) -> None:
    """Forget every session of a user, or only those of one kind."""
    query = sa.delete(SESSION).where(SESSION.c.user_id == user.id)
    session.execute(query if kind is None else query.where(SESSION.c.kind == kind))


def forget_expired(session: Session, now: datetime) -> None:
    """Drop sessions that ended."""
    session.execute(sa.delete(SESSION).where(SESSION.c.expires_at <= now))


def note(
    session: Session,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    *,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one line of the audit trail and seal it (``core.store.audit``)."""
    session.add(
        AuditRow(
            at=at, actor=actor, action=action, subject=subject, reason=reason, data=dict(data or {})
        )
    )
    session.flush()
    seal(session)


def failures(session: Session, named: str, place: str, since: datetime) -> tuple[int, int, int]:
    """Return failed sign-ins since then: (for this name, from this place, for both together)."""
    rows = session.execute(
        sa.select(AUDIT.c.subject, AUDIT.c.data).where(
            AUDIT.c.at >= since, AUDIT.c.action == "login_failed"
        )
    ).all()
    names = [row.subject == named for row in rows]
    places = [row.data.get("place") == place for row in rows]
    both = sum(n and p for n, p in zip(names, places, strict=True))
    return sum(names), sum(places), both
