"""All SQL of what became of messages: the log of tries and openings, and the health of channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.contacts import person_key
from langnghe.core.store.people import CONTACT, people_of
from langnghe.core.store.tables import ChannelHealthRow, DeliveryRow, OutboxRow

DELIVERY: sa.Table = DeliveryRow.__table__  # type: ignore[attr-defined]
HEALTH: sa.Table = ChannelHealthRow.__table__  # type: ignore[attr-defined]
_OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]

QUEUED, TRIED, SENT, FAILED = "queued", "tried", "sent", "failed"
FELL_BACK, GAVE_UP, WITHDRAWN = "fell_back", "gave_up", "withdrawn"
OPENED, ACKNOWLEDGED = "opened", "acknowledged"
OK, DOWN, OFF = "ok", "down", "off"


@dataclass(frozen=True, slots=True)
class ChannelTrouble:
    """A channel out of order: since when, why, what helps, and how many messages wait for it."""

    channel: str
    since: datetime
    tried_at: datetime
    why: str
    mend: str
    waiting: int


def log_delivery(
    session: Session, row: OutboxRow, at: datetime, event: str, detail: str = "", by: str = ""
) -> None:
    """Write down one thing that happened to a stored message, by the way it goes now."""
    log_all(session, [row], at, event, detail, by)


def log_all(
    session: Session,
    rows: Iterable[OutboxRow],
    at: datetime,
    event: str,
    detail: str = "",
    by: str = "",
) -> None:
    """Write down the same thing for several stored messages."""
    lines = [
        {
            "outbox_id": row.id, "incident_id": row.incident_id, "at": at, "way": row.channel,
            "address": row.recipient, "event": event, "detail": detail, "by": by,
        }
        for row in rows
    ]  # fmt: skip
    if lines:
        session.execute(sa.insert(DELIVERY), lines)


def log_where(
    session: Session, where: Any, at: datetime, event: str, detail: str = "", by: str = ""
) -> None:
    """Write down the same thing for every message of a condition on the outbox."""
    said = (sa.literal(at, DELIVERY.c.at.type), sa.literal(event), sa.literal(detail))
    lines = sa.select(
        _OUTBOX.c.id, _OUTBOX.c.incident_id, said[0], _OUTBOX.c.channel, _OUTBOX.c.recipient,
        said[1], said[2], sa.literal(by),
    ).where(where)  # fmt: skip
    columns = ["outbox_id", "incident_id", "at", "way", "address", "event", "detail", "by"]
    session.execute(sa.insert(DELIVERY).from_select(columns, lines))


def first_opening(session: Session, incident_id: int, recipient: str, mark: str) -> bool:
    """Tell whether nobody has opened this link so far, and a message is known that it stood in."""
    row = linked_message(session, incident_id, recipient, mark)
    return row is not None and not _known(session, row, OPENED)


def note_opened(
    session: Session, incident_id: int, recipient: str, mark: str, at: datetime
) -> OutboxRow | None:
    """Write down the first opening of a message's link; return the message it came from.

    ``mark`` is the beginning of the message's key; an old link has none and means the newest
    message to that person.
    """
    row = linked_message(session, incident_id, recipient, mark)
    if row is not None and not _known(session, row, OPENED):
        log_delivery(session, row, at, OPENED, by=row.name)
    return row


def note_acknowledged(session: Session, row: OutboxRow, at: datetime, by: str) -> None:
    """Write down that the reader of this message took the incident up."""
    if not _known(session, row, ACKNOWLEDGED):
        log_delivery(session, row, at, ACKNOWLEDGED, by=by)


def in_office(session: Session, person: str) -> bool:
    """Tell whether the directory still has this person (a work address or a person's key)."""
    said = person.strip().lower()
    living = sa.select(CONTACT.c.id).where(CONTACT.c.removed_at.is_(None))
    if "@" in said:
        by_mail = living.where(sa.func.lower(sa.func.trim(CONTACT.c.email)) == said)
        return session.execute(by_mail.limit(1)).first() is not None
    return any(person_key(known.contact) == said for known in people_of(session))


def linked_message(
    session: Session, incident_id: int, recipient: str, mark: str
) -> OutboxRow | None:
    """Return the message whose link says this, or ``None``."""
    query = sa.select(OutboxRow).where(_OUTBOX.c.incident_id == incident_id)
    if mark:
        query = query.where(_OUTBOX.c.key.startswith(mark, autoescape=True))
    else:
        said = recipient.lower()
        query = query.where(
            sa.or_(_OUTBOX.c.person == said, sa.func.lower(_OUTBOX.c.recipient) == said)
        )
    return session.scalars(query.order_by(_OUTBOX.c.id.desc()).limit(1)).first()


def _known(session: Session, row: OutboxRow, event: str) -> bool:
    query = sa.select(DELIVERY.c.id).where(
        DELIVERY.c.outbox_id == row.id, DELIVERY.c.event == event
    )
    return session.execute(query.limit(1)).first() is not None


def deliveries_of(session: Session, outbox_ids: Sequence[int]) -> dict[int, list[DeliveryRow]]:
    """Return what happened to each of these messages, oldest first."""
    found: dict[int, list[DeliveryRow]] = {row_id: [] for row_id in outbox_ids}
    for start in range(0, len(outbox_ids), 500):
        part = outbox_ids[start : start + 500]
        query = sa.select(DeliveryRow).where(DELIVERY.c.outbox_id.in_(part))
        for row in session.scalars(query.order_by(DELIVERY.c.id)):
            found[row.outbox_id].append(row)
    return found


def channels_down(session: Session) -> dict[str, ChannelHealthRow]:
    """Return the channels that are out of order."""
    query = sa.select(ChannelHealthRow).where(HEALTH.c.state != OK)
    return {row.channel: row for row in session.scalars(query)}


def note_health(session: Session, at: datetime, down: Mapping[str, tuple[str, str]],
                well: Iterable[str]) -> None:  # fmt: skip
    """Keep which channels failed (why, what helps) and which worked; says since when it is so."""
    states = {name: (DOWN, why, mend) for name, (why, mend) in down.items()}
    states |= {name: (OK, "", "") for name in well if name not in down}
    for name, (state, why, mend) in sorted(states.items()):
        row = session.get(ChannelHealthRow, name)
        if row is None:
            if state == OK:
                continue  # what never failed needs no row
            row = ChannelHealthRow(channel=name, state=state, since=at, tried_at=at)
        elif row.state == OK and state == OK:
            continue
        elif row.state == OFF and state == DOWN:
            continue  # the other side wants no more: that is no passing trouble
        elif row.state != state:
            row.state, row.since = state, at
        row.tried_at, row.why, row.mend = at, why, mend
        session.add(row)
    session.flush()


def channel_troubles(session: Session) -> list[ChannelTrouble]:
    """Return the channels that are out of order, the longest first."""
    down = channels_down(session)
    if not down:
        return []
    waiting = sa.select(_OUTBOX.c.channel, sa.func.count()).where(
        _OUTBOX.c.state.in_(("due", "leased"))
    )
    counts: dict[str, int] = {
        row[0]: row[1] for row in session.execute(waiting.group_by(_OUTBOX.c.channel))
    }
    found = [
        ChannelTrouble(
            row.channel, row.since, row.tried_at, row.why, row.mend, counts.get(row.channel, 0)
        )
        for row in down.values()
    ]
    return sorted(found, key=lambda trouble: (trouble.since, trouble.channel))
