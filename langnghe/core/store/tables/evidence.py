"""Originals kept at first sight, the chain over them, and what became of the pages since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import blob, listing, moment


class EvidenceRow(SQLModel, table=True):
    """One link of the chain; but for the last four columns never changed.

    ``kind``: response, resource, revisit (the payload of record ``refers``), metadata (what was
    seen of a page), purge (an event without a payload). ``mentions`` are the wordings it shows.
    """

    __tablename__ = "evidence"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()
    kind: str
    sha256: str = Field(index=True)
    record: str
    file: str
    start: int = Field(sa_type=sa.BigInteger)
    length: int = Field(sa_type=sa.BigInteger)
    mentions: list[Any] = listing()
    refers: int | None = None
    note: dict[str, Any] = blob()
    prev: str
    chain: str
    # Not bound by the chain: an address may name a child and must be removable.
    url: str | None = None
    size: int = 0
    purged_by: int | None = None
    wiped_at: datetime | None = moment(null=True)


class EvidenceMentionRow(SQLModel, table=True):
    """Which records show which wording of a mention; ``role`` says why (sight, page, gone)."""

    __tablename__ = "evidence_mention"
    mention_id: int = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    seq: int = Field(primary_key=True, index=True)
    role: str


class EvidenceHeadRow(SQLModel, table=True):
    """The end of the chain, one row; who holds its lock writes the next link."""

    __tablename__ = "evidence_head"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    chain: str


class EvidenceGapRow(SQLModel, table=True):
    """A wording whose original could not be kept, and why; gone once it is."""

    __tablename__ = "evidence_gap"
    mention_id: int = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    at: datetime = moment()
    reason: str
    tries: int = 1


class RecheckRow(SQLModel, table=True):
    """When a mention's page is looked at again, and what was seen of it last.

    ``state``: waiting, there, missing (seen gone once), gone, blocked, done. ``deleted_at`` is when
    the page was first seen gone; it stays when the page comes back (``restored_at``).
    """

    __tablename__ = "recheck"
    mention_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str = "waiting"
    step: int = 0
    due_at: datetime | None = moment(null=True, index=True)
    checked_at: datetime | None = moment(null=True)
    failures: int = 0
    reason: str = ""
    missing_at: datetime | None = moment(null=True)
    deleted_at: datetime | None = moment(null=True)
    restored_at: datetime | None = moment(null=True)
    etag: str | None = None
    last_modified: str | None = None


class PageVersionRow(SQLModel, table=True):
    """What a mention's page said when it was looked at again; ``version`` from 1."""

    __tablename__ = "page_version"
    __table_args__ = (sa.UniqueConstraint("mention_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = Field(index=True)
    version: int
    at: datetime = moment()
    title: str | None = None
    text: str | None = None
    content_hash: str
    seq: int | None = None
