"""Notices as people read them: what was sent to whom, by which way, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.delivery import ACKNOWLEDGED, OPENED, deliveries_of
from langnghe.core.store.outbox import OUTBOX
from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries.scope import INCIDENT, incident_in
from langnghe.core.store.tables import DeliveryRow, OutboxRow


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One message and all that happened to it, oldest first; ``incident`` is its masked title."""

    row: OutboxRow
    incident: str
    deliveries: tuple[DeliveryRow, ...]

    @property
    def id(self) -> int:
        """The message's id."""
        if self.row.id is None:
            raise RuntimeError("a message without id")
        return self.row.id

    @property
    def opened(self) -> DeliveryRow | None:
        """The first opening of its link, if there was one."""
        return next((d for d in self.deliveries if d.event == OPENED), None)

    @property
    def acknowledged(self) -> DeliveryRow | None:
        """The acknowledgement by its reader, if there was one."""
        return next((d for d in self.deliveries if d.event == ACKNOWLEDGED), None)


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """What to list. ``viewer_unit`` bounds by rights: a unit's people see notices of incidents."""

    viewer_unit: str | None = None
    incident_id: int | None = None
    state: str | None = None
    channel: str | None = None


def list_notices(
    session: Session, wanted: NoticeFilter, *, cursor: str | None, limit: int
) -> Page[NoticeLine]:
    """Return a page of messages, newest first."""
    key = read_cursor(cursor, timed=False)
    query = sa.select(OutboxRow).order_by(OUTBOX.c.id.desc())
    if key is not None:
        query = query.where(OUTBOX.c.id < key.id)
    if wanted.viewer_unit is not None:
        mine = sa.select(INCIDENT.c.id).where(incident_in(wanted.viewer_unit))
        query = query.where(OUTBOX.c.incident_id.in_(mine))
    if wanted.incident_id is not None:
        query = query.where(OUTBOX.c.incident_id == wanted.incident_id)
    if wanted.state is not None:
        query = query.where(OUTBOX.c.state == wanted.state)
    if wanted.channel is not None:
        query = query.where(OUTBOX.c.channel == wanted.channel)
    rows = session.scalars(query.limit(limit + 1)).all()
    return page_of(_lines(session, rows), limit, lambda line: Key(line.id))


def _lines(session: Session, rows: Sequence[OutboxRow]) -> list[NoticeLine]:
    ids = [row.id for row in rows if row.id is not None]
    told = deliveries_of(session, ids)
    about = sorted({row.incident_id for row in rows if row.incident_id is not None})
    query = sa.select(INCIDENT.c.id, INCIDENT.c.title).where(INCIDENT.c.id.in_(about))
    titles: dict[int, str] = {found.id: found.title for found in session.execute(query)}
    return [
        NoticeLine(row, titles.get(row.incident_id or 0, ""), tuple(told.get(row.id or 0, ())))
        for row in rows
    ]
