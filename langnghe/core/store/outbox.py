"""All SQL of the outbox: one row a message to one person, leased, fenced, and never forgotten.

A worker leases a row, hands the message over, and completes it only if its fence is still the
newest. A worker that died leaves a lease that runs out; the row is then taken again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.drills import drill_note
from langnghe.core.store.tables import OutboxRow
from langnghe.core.watermark import stamp

OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]
DUE, LEASED, SENT, DEAD = "due", "leased", "sent", "dead"


def enqueue(session: Session, row: OutboxRow) -> bool:
    """Add a message unless one with its key is there; return whether it was new.

    In the database of a drill it gets the watermark here, whoever wrote it.
    """
    values = row.model_dump(exclude={"id"})
    note = drill_note(session)
    if note is not None:
        marked = stamp(row.subject, row.body_text, row.body_html, row.headers, note)
        values |= {
            "subject": marked.subject, "body_text": marked.text, "body_html": marked.html,
            "headers": marked.headers,
        }  # fmt: skip
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        statement: Any = insert_sqlite(OUTBOX).on_conflict_do_nothing(index_elements=["key"])
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_postgres

        statement = insert_postgres(OUTBOX).on_conflict_do_nothing(index_elements=["key"])
    return _count(session.execute(statement.values(**values))) > 0


def lease(session: Session, now: datetime, limit: int, hold: timedelta) -> list[OutboxRow]:
    """Lease up to ``limit`` messages that are due (or whose lease ran out), oldest first."""
    ready = sa.or_(
        OUTBOX.c.state == DUE,
        sa.and_(OUTBOX.c.state == LEASED, OUTBOX.c.lease_until <= now),
    )
    query = (
        sa.select(OutboxRow)
        .where(ready, OUTBOX.c.due_at <= now)
        .order_by(OUTBOX.c.due_at, OUTBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(session.scalars(query))
    for row in rows:
        row.state, row.lease_until = LEASED, now + hold
        row.fence += 1
        row.attempts += 1
    session.flush()
    return rows


def complete(session: Session, row_id: int, fence: int, at: datetime) -> bool:
    """Mark a message as sent if the caller's lease is the newest; return whether it was."""
    return _close(session, row_id, fence, state=SENT, sent_at=at, lease_until=None, last_error="")


def put_back(session: Session, row_id: int, fence: int, due_at: datetime, why: str) -> bool:
    """Have a message tried again at ``due_at``."""
    return _close(
        session, row_id, fence, state=DUE, due_at=due_at, lease_until=None, last_error=why
    )


def release(session: Session, row_id: int, fence: int) -> bool:
    """Give a leased message back untouched: it was not tried."""
    return _close(
        session, row_id, fence, state=DUE, lease_until=None, attempts=OUTBOX.c.attempts - 1
    )


def bury(session: Session, row_id: int, fence: int, why: str) -> bool:
    """Give a message up, with the reason people will read."""
    return _close(session, row_id, fence, state=DEAD, lease_until=None, last_error=why)


def settle(session: Session, key: str, at: datetime) -> bool:
    """Mark the message with this key as sent on the word of a receipt, whatever its lease."""
    done = session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.key == key, OUTBOX.c.state != SENT)
        .values(state=SENT, sent_at=at, lease_until=None, last_error="", fence=OUTBOX.c.fence + 1)
    )
    return _count(done) > 0


def drop_leases(session: Session) -> int:
    """Give back every lease: only for a start at which no other worker can be running."""
    done = session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.state == LEASED)
        .values(state=DUE, lease_until=None, fence=OUTBOX.c.fence + 1)
    )
    return _count(done)


def first_message_id(session: Session, incident_id: int, recipient: str) -> str | None:
    """Return the Message-ID of the first mail about the incident to this person."""
    query = (
        sa.select(OUTBOX.c.message_id)
        .where(OUTBOX.c.incident_id == incident_id, OUTBOX.c.recipient == recipient)
        .order_by(OUTBOX.c.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def troubled(session: Session) -> dict[str, tuple[int, str]]:
    """Return, for ``due`` and ``dead``, how many messages failed so far and the newest reason."""
    found: dict[str, tuple[int, str]] = {}
    for state in (DUE, DEAD):
        failed = (OUTBOX.c.state == state, OUTBOX.c.last_error != "")
        reasons = sa.select(OUTBOX.c.last_error).where(*failed).order_by(OUTBOX.c.id.desc())
        number = session.scalar(sa.select(sa.func.count()).where(*failed)) or 0
        found[state] = (number, session.scalar(reasons.limit(1)) or "")
    return found


def unsent_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Return which of these keys belong to messages not marked as sent."""
    wanted = list(keys)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        query = sa.select(OUTBOX.c.key).where(
            OUTBOX.c.key.in_(wanted[start : start + 500]), OUTBOX.c.state != SENT
        )
        found.update(session.scalars(query))
    return found


def _close(session: Session, row_id: int, fence: int, **values: Any) -> bool:
    done = session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id == row_id, OUTBOX.c.fence == fence, OUTBOX.c.state == LEASED)
        .values(**values)
    )
    return _count(done) > 0


def _count(result: Any) -> int:
    return int(result.rowcount)
