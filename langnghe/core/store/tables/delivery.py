"""What became of every notice, and how the ways out to people fare."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import moment


class DeliveryRow(SQLModel, table=True):
    """One thing that happened to a message; append-only.

    ``event``: queued, tried, sent, failed, fell_back, gave_up, withdrawn, opened, acknowledged.
    ``way`` is the channel, ``detail`` a plain sentence, ``by`` who did it where that was a person.
    """

    __tablename__ = "delivery"
    id: int | None = Field(default=None, primary_key=True)
    outbox_id: int = Field(index=True)
    incident_id: int | None = Field(default=None, index=True)
    at: datetime = moment()
    way: str = ""
    address: str = ""
    event: str
    detail: str = ""
    by: str = ""


class ChannelHealthRow(SQLModel, table=True):
    """Whether a channel works: ``state`` is ok or down, ``since`` when that began."""

    __tablename__ = "channel_health"
    channel: str = Field(primary_key=True)
    state: str = "ok"
    since: datetime = moment()
    tried_at: datetime = moment()
    why: str = ""
    mend: str = ""
