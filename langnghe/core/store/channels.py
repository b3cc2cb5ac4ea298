"""All SQL of the ways out: how each fares, the tokens of an account, who takes web push."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import (
    ChannelHealthRow,
    ChannelTokenRow,
    PushSubscriptionRow,
    UserRow,
    UTCDateTime,
)

HEALTH: sa.Table = ChannelHealthRow.__table__  # type: ignore[attr-defined]
TOKEN: sa.Table = ChannelTokenRow.__table__  # type: ignore[attr-defined]
PUSH: sa.Table = PushSubscriptionRow.__table__  # type: ignore[attr-defined]
USER: sa.Table = UserRow.__table__  # type: ignore[attr-defined]
OK, DOWN, OFF = "ok", "down", "off"


def note_ok(session: Session, channel: str, at: datetime) -> None:
    """Keep that the way out took a message; whatever was wrong with it is over."""
    _note(session, channel, OK, at, "", "")


def note_failure(session: Session, channel: str, at: datetime, why: str, mend: str = "") -> None:
    """Keep that the way out as a whole failed; the sentences are shown and name no address."""
    _note(session, channel, DOWN, at, why, mend)


def note_disabled(session: Session, channel: str, at: datetime, why: str, mend: str = "") -> None:
    """Keep that the other side wants no more of this way; it stays so until ``note_ok``."""
    _note(session, channel, OFF, at, why, mend)


def health_of(session: Session) -> dict[str, ChannelHealthRow]:
    """Return what is known of each way out that was ever used, by its name."""
    rows = session.scalars(sa.select(ChannelHealthRow).order_by(HEALTH.c.channel))
    return {row.channel: row for row in rows}


def is_disabled(session: Session, channel: str) -> bool:
    """Return whether the other side said it wants no more of this way."""
    return session.scalar(sa.select(HEALTH.c.state).where(HEALTH.c.channel == channel)) == OFF


def token_of(session: Session, account: str) -> ChannelTokenRow | None:
    """Return the tokens of an account, if it has any."""
    return session.get(ChannelTokenRow, account, populate_existing=True)


def begin_token(session: Session, account: str, seed: str, refresh_token: str) -> None:
    """Begin with a refresh token a person put in the settings; the same one changes nothing."""
    fresh: dict[str, Any] = {
        "seed": seed, "used": seed, "access_token": "", "refresh_token": refresh_token,
        "expires_at": None, "claimed_until": None, "claimed_by": "",
    }  # fmt: skip
    _insert(session, TOKEN, {"account": account, **fresh}, "account")
    session.execute(
        sa.update(TOKEN).where(TOKEN.c.account == account, TOKEN.c.seed != seed).values(**fresh)
    )


def claim_token(
    session: Session, account: str, used: str, by: str, now: datetime, until: datetime
) -> bool:
    """Take the right to use the refresh token ``used`` (its hash); only one may have it."""
    done = session.execute(
        sa.update(TOKEN)
        .where(
            TOKEN.c.account == account,
            TOKEN.c.used == used,
            sa.or_(TOKEN.c.claimed_until.is_(None), TOKEN.c.claimed_until <= now),
        )
        .values(claimed_until=until, claimed_by=by)
    )
    return _count(done) > 0


def drop_claim(session: Session, account: str, by: str) -> None:
    """Give the right back: the refresh token was not used up."""
    session.execute(
        sa.update(TOKEN)
        .where(TOKEN.c.account == account, TOKEN.c.claimed_by == by)
        .values(claimed_until=None, claimed_by="")
    )


def keep_tokens(
    session: Session, account: str, *, after: str, used: str, access_token: str,
    refresh_token: str, expires_at: datetime, at: datetime,
) -> bool:  # fmt: skip
    """Replace both tokens at once, unless they are no longer those ``after`` names (its hash)."""
    done = session.execute(
        sa.update(TOKEN)
        .where(TOKEN.c.account == account, TOKEN.c.used == after)
        .values(
            used=used, access_token=access_token, refresh_token=refresh_token,
            expires_at=expires_at, refreshed_at=at, claimed_until=None, claimed_by="",
        )
    )  # fmt: skip
    return _count(done) > 0


def void_access(session: Session, account: str, access_token: str) -> None:
    """Forget an access token the other side no longer takes (given as it is stored)."""
    session.execute(
        sa.update(TOKEN)
        .where(TOKEN.c.account == account, TOKEN.c.access_token == access_token)
        .values(access_token="", expires_at=None)
    )


def subscribe(
    session: Session, user_id: int, endpoint: str, p256dh: str, auth: str, at: datetime
) -> None:
    """Keep a browser of a user; one that was somebody else's is theirs from now on."""
    values = {"user_id": user_id, "p256dh": p256dh, "auth": auth, "created_at": at}
    _insert(session, PUSH, {"endpoint": endpoint, **values}, "endpoint")
    session.execute(sa.update(PUSH).where(PUSH.c.endpoint == endpoint).values(**values))


def subscriptions_of(session: Session, user_id: int) -> list[PushSubscriptionRow]:
    """Return the browsers of a user, the oldest first."""
    query = sa.select(PushSubscriptionRow).where(PUSH.c.user_id == user_id).order_by(PUSH.c.id)
    return list(session.scalars(query))


def subscriptions_for(session: Session, who: str) -> list[PushSubscriptionRow]:
    """Return the browsers of the active user of this name or e-mail address, letter case apart."""
    wanted = who.strip().lower()
    query = (
        sa.select(PushSubscriptionRow)
        .join(UserRow, USER.c.id == PUSH.c.user_id)
        .where(
            USER.c.active.is_(True),
            sa.or_(sa.func.lower(USER.c.username) == wanted, sa.func.lower(USER.c.email) == wanted),
        )
        .order_by(PUSH.c.id)
    )
    return list(session.scalars(query))


def unsubscribe(session: Session, user_id: int, subscription_id: int) -> bool:
    """Forget a browser of this user; return whether there was one."""
    done = session.execute(
        sa.delete(PUSH).where(PUSH.c.id == subscription_id, PUSH.c.user_id == user_id)
    )
    return _count(done) > 0


def drop_subscription(session: Session, endpoint: str) -> None:
    """Forget a browser whose push service says it is no more."""
    session.execute(sa.delete(PUSH).where(PUSH.c.endpoint == endpoint))


def touch_subscription(session: Session, endpoint: str, at: datetime) -> None:
    """Keep that a notice reached the push service of this browser."""
    session.execute(sa.update(PUSH).where(PUSH.c.endpoint == endpoint).values(last_ok_at=at))


def _note(session: Session, channel: str, state: str, at: datetime, why: str, mend: str) -> None:
    """Write how a way fares; ``since`` moves only when its state changes."""
    values = {"state": state, "tried_at": at, "why": why, "mend": mend}
    _insert(session, HEALTH, {"channel": channel, "since": at, **values}, "channel")
    moved = sa.case((HEALTH.c.state == state, HEALTH.c.since), else_=sa.literal(at, UTCDateTime()))
    session.execute(
        sa.update(HEALTH).where(HEALTH.c.channel == channel).values(since=moved, **values)
    )


def _insert(session: Session, table: sa.Table, values: dict[str, Any], key: str) -> None:
    """Add a row unless one with its key is there, also while another process does the same."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        statement: Any = insert_sqlite(table).on_conflict_do_nothing(index_elements=[key])
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_postgres

        statement = insert_postgres(table).on_conflict_do_nothing(index_elements=[key])
    session.execute(statement.values(**values))


def _count(result: Any) -> int:
    return int(result.rowcount)
