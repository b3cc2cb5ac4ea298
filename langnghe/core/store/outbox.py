"""All SQL of the outbox: one row a message to one person, leased, fenced, and never forgotten.

A worker leases a row, hands the message over, and completes it only if its fence is still the
newest. A worker that died leaves a lease that runs out; the row is then taken again. A message that
goes inside another (``grouped``) shares its fate; one that is no longer wanted is kept, withdrawn.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.delivery import FELL_BACK, QUEUED, TRIED, log_all, log_where
from langnghe.core.store.delivery import GAVE_UP as LOG_GAVE_UP
from langnghe.core.store.delivery import SENT as LOG_SENT
from langnghe.core.store.delivery import WITHDRAWN as LOG_WITHDRAWN
from langnghe.core.store.drills import drill_note
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import OutboxRow
from langnghe.core.watermark import PREFIX, stamp

OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]
DUE, LEASED, SENT, DEAD = "due", "leased", "sent", "dead"
GROUPED, WITHDRAWN = "grouped", "withdrawn"
WATCHDOG, DIGEST = "watchdog", "digest"
_BELLS: WeakKeyDictionary[sa.Engine, threading.Event] = WeakKeyDictionary()
_NEW = "langnghe_new_messages"


def bell(store: Store) -> threading.Event:
    """Return what is set, in this process, when a transaction that queued messages commits."""
    return _BELLS.setdefault(store.engine, threading.Event())


def enqueue(session: Session, row: OutboxRow) -> bool:
    """Add a message unless one with its key is there; return whether it was new.

    In the database of a drill it gets the watermark here, whoever wrote it.
    """
    return put_message(session, row) is not None


def put_message(session: Session, row: OutboxRow, detail: str = "") -> int | None:
    """Do what ``enqueue`` does and return the new row's id, ``None`` where the key was there."""
    values = row.model_dump(exclude={"id"})
    values["person"] = row.person or row.recipient.strip().lower()
    values |= _marked(session, row.subject, row.body_text, row.body_html, row.headers, row.short)
    if values["headers"] != row.headers:  # a drill: what templates and calendars say is marked too
        for name in ("data", "calendar"):
            if title := values[name].get("title"):
                values[name] = {**values[name], "title": f"{PREFIX} {title}"}
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        statement: Any = insert_sqlite(OUTBOX).on_conflict_do_nothing(index_elements=["key"])
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_postgres

        statement = insert_postgres(OUTBOX).on_conflict_do_nothing(index_elements=["key"])
    row_id: int | None = session.scalar(statement.values(**values).returning(OUTBOX.c.id))
    if row_id is not None:
        log_where(session, OUTBOX.c.id == row_id, row.created_at, QUEUED, detail)
        _ring_later(session)
    return row_id


def _ring_later(session: Session) -> None:
    if session.info.setdefault(_NEW, False):
        return
    session.info[_NEW] = True
    engine = session.get_bind().engine

    def ring(_session: Any) -> None:
        _BELLS.setdefault(engine, threading.Event()).set()

    sa.event.listen(session, "after_commit", ring, once=True)


def _marked(
    session: Session, subject: str, text: str, html: str, headers: dict[str, str], short: str
) -> dict[str, Any]:
    """Return what a message says, with the watermark if this is the database of a drill."""
    note = drill_note(session)
    if note is not None:
        marked = stamp(subject, text, html, headers, note)
        subject, text, html, headers = marked.subject, marked.text, marked.html, marked.headers
        if short and not short.startswith(PREFIX):
            short = f"{PREFIX} {short}"
    return {
        "subject": subject, "body_text": text, "body_html": html, "headers": headers,
        "short": short,
    }  # fmt: skip


def lease(
    session: Session,
    now: datetime,
    limit: int,
    hold: timedelta,
    *,
    only: Collection[str] = (),
    not_these: Collection[str] = (),
) -> list[OutboxRow]:
    """Lease up to ``limit`` messages that are due (or whose lease ran out), the gravest first.

    ``only`` and ``not_these`` narrow the channels. One whose lease ran out may have gone out.
    """
    ready = sa.or_(
        OUTBOX.c.state == DUE,
        sa.and_(OUTBOX.c.state == LEASED, OUTBOX.c.lease_until <= now),
    )
    query = (
        sa.select(OutboxRow)
        .where(ready, OUTBOX.c.due_at <= now, *_narrowed(only, not_these))
        .order_by(
            sa.case((OUTBOX.c.purpose == WATCHDOG, 0), else_=1),
            OUTBOX.c.level.desc(), OUTBOX.c.due_at, OUTBOX.c.id,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    rows = list(session.scalars(query))
    for row in rows:
        row.doubt = row.doubt or row.state == LEASED
        row.state, row.lease_until = LEASED, now + hold
        row.way_since = row.way_since or now
        row.fence += 1
        row.attempts += 1
    session.flush()
    log_all(session, rows, now, TRIED)
    return rows


def any_due(
    session: Session,
    now: datetime,
    *,
    only: Collection[str] = (),
    not_these: Collection[str] = (),
) -> bool:
    """Tell whether a message waits to be handed over, by these channels."""
    ready = sa.or_(
        OUTBOX.c.state == DUE,
        sa.and_(OUTBOX.c.state == LEASED, OUTBOX.c.lease_until <= now),
    )
    query = sa.select(OUTBOX.c.id).where(ready, OUTBOX.c.due_at <= now)
    narrowed = query.where(*_narrowed(only, not_these))
    return session.execute(narrowed.limit(1)).first() is not None


def _narrowed(only: Collection[str], not_these: Collection[str]) -> list[Any]:
    wanted = [OUTBOX.c.channel.in_(only)] if only else []
    return wanted + ([OUTBOX.c.channel.not_in(not_these)] if not_these else [])


def complete(session: Session, row_id: int, fence: int, at: datetime, detail: str = "") -> bool:
    """Mark a message, and those inside it, as sent if the caller's lease is the newest.

    Returns whether it was.
    """
    done = _close(session, row_id, fence, state=SENT, sent_at=at, lease_until=None, last_error="")
    if done:
        log_where(session, OUTBOX.c.id == row_id, at, LOG_SENT, detail)
        _share_fate(session, row_id, at, LOG_SENT, state=SENT, sent_at=at)
    return done


def put_back(
    session: Session, row_id: int, fence: int, due_at: datetime, why: str, **changes: Any
) -> bool:
    """Have a message tried again at ``due_at``; one that is no longer wanted is withdrawn."""
    state = sa.case((OUTBOX.c.stop, WITHDRAWN), else_=DUE)
    values = {"state": state, "due_at": due_at, "lease_until": None, "last_error": why}
    return _close(session, row_id, fence, **values, **changes)


def bring_forward(session: Session, channels: Collection[str], now: datetime) -> int:
    """Have messages that failed by these channels tried again now; return how many."""
    done = session.execute(
        sa.update(OUTBOX)
        .where(
            OUTBOX.c.state == DUE, OUTBOX.c.channel.in_(channels),
            OUTBOX.c.last_error != "", OUTBOX.c.due_at > now,
        )
        .values(due_at=now)
    )  # fmt: skip
    return _count(done)


def move_on(session: Session, row_id: int, fence: int, at: datetime, why: str, **way: Any) -> bool:
    """Have a message go by its next way: ``way`` holds the columns that change."""
    state = sa.case((OUTBOX.c.stop, WITHDRAWN), else_=DUE)
    way = {"due_at": at, "way_since": None, **way}
    done = _close(session, row_id, fence, state=state, lease_until=None, last_error=why, **way)
    if done:
        log_where(session, OUTBOX.c.id == row_id, at, FELL_BACK, why)
    return done


def release(session: Session, row_id: int, fence: int) -> bool:
    """Give a leased message back untouched: it was not tried."""
    return _close(
        session, row_id, fence, state=DUE, lease_until=None, attempts=OUTBOX.c.attempts - 1
    )


def bury(session: Session, row_id: int, fence: int, why: str, at: datetime | None = None) -> bool:
    """Give a message up, and those inside it, with the reason people will read."""
    done = _close(session, row_id, fence, state=DEAD, lease_until=None, last_error=why)
    if done and at is not None:
        log_where(session, OUTBOX.c.id == row_id, at, LOG_GAVE_UP, why)
        _share_fate(session, row_id, at, LOG_GAVE_UP, why, state=DEAD, last_error=why)
    return done


def settle(session: Session, key: str, at: datetime) -> bool:
    """Mark the message with this key as sent on the word of a receipt, whatever its lease."""
    row_id = session.scalar(
        sa.update(OUTBOX)
        .where(OUTBOX.c.key == key, OUTBOX.c.state != SENT)
        .values(state=SENT, sent_at=at, lease_until=None, last_error="", fence=OUTBOX.c.fence + 1)
        .returning(OUTBOX.c.id)
    )
    if row_id is None:
        return False
    log_where(session, OUTBOX.c.id == row_id, at, LOG_SENT, "theo sổ biên nhận")
    _share_fate(session, row_id, at, LOG_SENT, state=SENT, sent_at=at)
    return True


def withdraw(session: Session, where: Any, at: datetime, why: str, by: str = "") -> int:
    """Withdraw what was not handed over among the messages of a condition; return how many.

    One that is being handed over this moment may still go, but is not tried again.
    """
    pending = sa.and_(where, OUTBOX.c.state.in_((DUE, GROUPED)))
    log_where(session, pending, at, LOG_WITHDRAWN, why, by)
    done = session.execute(
        sa.update(OUTBOX).where(pending).values(state=WITHDRAWN, last_error="", stop=True)
    )
    session.execute(
        sa.update(OUTBOX).where(sa.and_(where, OUTBOX.c.state == LEASED)).values(stop=True)
    )
    return _count(done)


def drop_leases(session: Session) -> int:
    """Give back every lease: only for a start at which no other worker can be running."""
    done = session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.state == LEASED)
        .values(
            state=sa.case((OUTBOX.c.stop, WITHDRAWN), else_=DUE),
            lease_until=None, doubt=True, fence=OUTBOX.c.fence + 1,
            attempts=OUTBOX.c.attempts - 1,  # nobody refused it
        )
    )  # fmt: skip
    return _count(done)


def fill(session: Session, row: OutboxRow, subject: str, text: str, html: str, short: str) -> None:
    """Write what a stored message says, with the watermark in a drill."""
    for name, value in _marked(session, subject, text, html, row.headers, short).items():
        setattr(row, name, value)
    session.flush()


def troubled(session: Session) -> dict[str, tuple[int, str]]:
    """Return, for ``due`` and ``dead``, how many messages failed so far and the newest reason."""
    found: dict[str, tuple[int, str]] = {}
    for state in (DUE, DEAD):
        failed = (OUTBOX.c.state == state, OUTBOX.c.last_error != "")
        reasons = sa.select(OUTBOX.c.last_error).where(*failed).order_by(OUTBOX.c.id.desc())
        number = session.scalar(sa.select(sa.func.count()).where(*failed)) or 0
        found[state] = (number, session.scalar(reasons.limit(1)) or "")
    return found


def unsent(session: Session) -> int:
    """Return how many messages wait to be handed over."""
    query = sa.select(sa.func.count()).where(OUTBOX.c.state.in_((DUE, LEASED)))
    return session.scalar(query) or 0


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


def _share_fate(
    session: Session, digest_id: int, at: datetime, event: str, detail: str = "", **values: Any
) -> None:
    """Let what goes inside a digest be what the digest is."""
    members = sa.and_(OUTBOX.c.digest_id == digest_id, OUTBOX.c.state == GROUPED)
    log_where(session, members, at, event, detail or "trong thư tổng hợp")
    session.execute(sa.update(OUTBOX).where(members).values(**values))


def _close(session: Session, row_id: int, fence: int, **values: Any) -> bool:
    done = session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id == row_id, OUTBOX.c.fence == fence, OUTBOX.c.state == LEASED)
        .values(**values)
    )
    return _count(done) > 0


def _count(result: Any) -> int:
    return int(result.rowcount)
