"""Questions asked of the outbox before a message is written: who knows, and what still waits."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.outbox import (
    DIGEST,
    DUE,
    GROUPED,
    LEASED,
    OUTBOX,
    SENT,
    WATCHDOG,
    WITHDRAWN,
)
from langnghe.core.store.tables import OutboxRow


def thread_of(session: Session, incident_id: int, person: str) -> list[str]:
    """Return the Message-IDs of the messages to this person about the incident, oldest first."""
    query = (
        sa.select(OUTBOX.c.message_id)
        .where(
            OUTBOX.c.incident_id == incident_id, OUTBOX.c.person == person,
            OUTBOX.c.state.in_((DUE, LEASED, SENT)), OUTBOX.c.digest_id.is_(None),
        )
        .order_by(OUTBOX.c.id)
    )  # fmt: skip
    return list(session.scalars(query))


def pending_for(session: Session, incident_id: int, person: str) -> list[OutboxRow]:
    """Return the messages to this person about the incident that nobody has begun to hand over."""
    query = sa.select(OutboxRow).where(
        OUTBOX.c.incident_id == incident_id,
        OUTBOX.c.person == person,
        OUTBOX.c.state.in_((DUE, GROUPED)),
        OUTBOX.c.doubt.is_(False),
    )
    return list(session.scalars(query.order_by(OUTBOX.c.id)))


def told_people(session: Session, incident_id: int) -> list[OutboxRow]:
    """Return the newest message about the incident that went to each person, by person."""
    query = sa.select(OutboxRow).where(
        OUTBOX.c.incident_id == incident_id, OUTBOX.c.state.in_((SENT, LEASED))
    )
    newest = {row.person: row for row in session.scalars(query.order_by(OUTBOX.c.id))}
    return [newest[person] for person in sorted(newest)]


def people_of_round(session: Session, incident_id: int, purpose: str, seq_round: int) -> set[str]:
    """Return who has a message of this purpose in this round that was not withdrawn."""
    query = sa.select(OUTBOX.c.person).where(
        OUTBOX.c.incident_id == incident_id, OUTBOX.c.round == seq_round,
        OUTBOX.c.purpose == purpose, OUTBOX.c.state != WITHDRAWN,
    )  # fmt: skip
    return set(session.scalars(query))


def people_owed(session: Session, incident_id: int, seq_round: int) -> set[str]:
    """Return whose first notice of this round was withdrawn and who got nothing since."""
    mine = (OUTBOX.c.incident_id == incident_id, OUTBOX.c.round == seq_round)
    told = sa.select(OUTBOX.c.person).where(*mine, OUTBOX.c.state == SENT)
    query = sa.select(OUTBOX.c.person).where(
        *mine, OUTBOX.c.state == WITHDRAWN, OUTBOX.c.purpose.in_(("open", "raise", "reopen")),
        OUTBOX.c.person.not_in(told),
    )  # fmt: skip
    return set(session.scalars(query))


def flood(session: Session, person: str, since: datetime, until: datetime) -> int:
    """Return how many messages of their own a person gets between two moments."""
    query = sa.select(sa.func.count()).where(
        OUTBOX.c.person == person, OUTBOX.c.due_at > since, OUTBOX.c.due_at <= until,
        OUTBOX.c.state.in_((DUE, LEASED, SENT)), OUTBOX.c.purpose != WATCHDOG,
    )  # fmt: skip
    return int(session.scalar(query) or 0)


def digests_of(session: Session, person: str, since: datetime) -> list[OutboxRow]:
    """Return the digests for a person that are due after ``since``, the newest last."""
    query = sa.select(OutboxRow).where(
        OUTBOX.c.person == person, OUTBOX.c.purpose == DIGEST, OUTBOX.c.due_at > since
    )
    return list(session.scalars(query.order_by(OUTBOX.c.due_at, OUTBOX.c.id)))


def inside(session: Session, digest_id: int) -> list[OutboxRow]:
    """Return the messages that go inside a digest, the gravest first."""
    query = sa.select(OutboxRow).where(OUTBOX.c.digest_id == digest_id, OUTBOX.c.state == GROUPED)
    return list(session.scalars(query.order_by(OUTBOX.c.level.desc(), OUTBOX.c.id)))


def last_of_kind(session: Session, incident_id: int, person: str, kind: str) -> datetime | None:
    """Return when the newest message of a kind about the incident goes or went to this person."""
    query = sa.select(sa.func.max(OUTBOX.c.due_at)).where(
        OUTBOX.c.incident_id == incident_id, OUTBOX.c.person == person,
        sa.or_(
            OUTBOX.c.purpose == kind, OUTBOX.c.purpose.startswith(f"{kind}:", autoescape=True)
        ),
        OUTBOX.c.state.in_((DUE, LEASED, SENT)),
    )  # fmt: skip
    found: datetime | None = session.scalar(query)
    return found
