"""All SQL about pages looked at again: which are due, what was seen, what they said each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.parts import parts
from langnghe.core.store.tables import (
    IncidentRow,
    MentionRow,
    PageVersionRow,
    RecheckRow,
    SourceRow,
    StoryRow,
)

MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
RECHECK: sa.Table = RecheckRow.__table__  # type: ignore[attr-defined]
PAGE: sa.Table = PageVersionRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class DuePage:
    """A mention whose page is to be looked at again, and the incident it belongs to.

    ``is_open`` is whether that incident still runs; ``from_page`` whether the mention's own text
    was read from its page (and not from a feed's few lines).
    """

    mention: MentionRow
    row: RecheckRow
    incident_id: int
    is_open: bool
    from_page: bool


def enrol(session: Session, now: datetime, first_look: Any, limit: int) -> int:
    """Take in mentions of open incidents that are not yet looked after; return how many.

    The gravest incident and the newest mention first. ``first_look(seen_at)`` says when.
    """
    member = _members()
    there = sa.exists().where(RECHECK.c.mention_id == MENTION.c.id)
    query = (
        sa.select(MENTION.c.id, MENTION.c.seen_at)
        .join(member, member.c.story == MENTION.c.story_id)
        .where(
            member.c.state != "closed",
            sa.not_(member.c.replayed),
            MENTION.c.url.like("http%"),
            MENTION.c.purged_at.is_(None),
            ~there,
        )
        .order_by(member.c.level.desc(), MENTION.c.seen_at.desc())
        .limit(limit)
    )
    fresh = {row.id: row.seen_at for row in session.execute(query)}
    for number, seen_at in fresh.items():
        session.add(RecheckRow(mention_id=number, due_at=first_look(seen_at, now)))
    session.flush()
    return len(fresh)


def due_pages(session: Session, now: datetime, limit: int) -> list[DuePage]:
    """Return pages that are due: open and grave incidents first, newest mention first."""
    member = _members()
    query = (
        sa.select(MentionRow, RecheckRow, member.c.id, member.c.state, SourceRow.kind)  # type: ignore[call-overload]
        .join(RecheckRow, RECHECK.c.mention_id == MENTION.c.id)
        .join(member, member.c.story == MENTION.c.story_id)
        .outerjoin(SourceRow, MENTION.c.source_id == SourceRow.id)
        .where(RECHECK.c.due_at <= now)
        .order_by(member.c.state == "closed", member.c.level.desc(), MENTION.c.seen_at.desc())
        .limit(limit)
    )
    found: dict[int, DuePage] = {}
    for mention, row, incident_id, state, kind in session.execute(query):
        read = kind in ("html", "sitemap") and "article_unread" not in mention.problems
        page = DuePage(mention, row, incident_id, state != "closed", read)
        found.setdefault(row.mention_id, page)
    return list(found.values())


def locked(session: Session, mention_id: int) -> RecheckRow | None:
    """Return the row of a mention's page, held until the transaction ends."""
    query = sa.select(RecheckRow).where(RECHECK.c.mention_id == mention_id).with_for_update()
    return session.scalars(query).first()


def last_version(session: Session, mention_id: int) -> PageVersionRow | None:
    """Return the newest kept version of a mention's page."""
    query = sa.select(PageVersionRow).where(PAGE.c.mention_id == mention_id)
    return session.scalars(query.order_by(PAGE.c.version.desc()).limit(1)).first()


def add_version(session: Session, row: PageVersionRow) -> None:
    """Keep what a page says now."""
    session.add(row)
    session.flush()


def forget_pages(session: Session, mention_ids: Sequence[int]) -> None:
    """Delete what the pages of these mentions said, and look at them no more."""
    for part in parts(mention_ids):
        session.execute(sa.delete(PAGE).where(PAGE.c.mention_id.in_(part)))
        session.execute(
            sa.update(RECHECK)
            .where(RECHECK.c.mention_id.in_(part))
            .values(due_at=None, state="done", etag=None, last_modified=None)
        )


def _members() -> sa.Subquery:
    """Return which stories belong to which incidents; a union, so that both ways use an index."""
    told = (INCIDENT.c.id, INCIDENT.c.level, INCIDENT.c.state, INCIDENT.c.replayed)
    joined = sa.select(*told, STORY.c.id.label("story")).join(
        STORY, STORY.c.incident_id == INCIDENT.c.id
    )
    opener = sa.select(*told, INCIDENT.c.story_id.label("story"))
    return opener.union(joined).subquery("member")
