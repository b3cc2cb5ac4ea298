"""What a person needs to see to decide about stories: decisions made, and neighbours of a story."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.hand import MARKS, Kind
from langnghe.core.store import hand
from langnghe.core.store.hand import DECISION
from langnghe.core.store.parts import parts
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.scope import MENTION, STORY, USER
from langnghe.core.store.tables import StoryRow
from langnghe.core.text import fold

NEAR = timedelta(days=30)
_LOOKED_AT = 200
_PASSED = 400
_SHOWN = 8
_ALIKE = 0.5
# Words of nearly every headline here, folded.
_COMMON = frozenset(
    fold("trường học sinh giáo viên phụ huynh lớp tại của và bị sau khi các").split()
)


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """One decision as it may be shown. ``undone_at`` is set on one that no longer stands."""

    id: int
    kind: str
    story_id: int
    other_id: int
    mentions: int
    note: str
    by: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A story that may be about the same. ``why`` is ``event``, ``unit`` or ``title``.

    ``marked`` is what a person said of the two (``same``, ``unrelated``), empty when nobody did.
    """

    id: int
    title: str
    mention_count: int
    last_at: datetime
    why: str
    marked: str


def unseen(session: Session, mention_ids: Collection[int], *, viewer_unit: str | None) -> bool:
    """Say whether any of these mentions lies outside what the viewer may see."""
    if viewer_unit is None:
        return False
    ids = sorted(mention_ids)
    seen = 0
    for part in parts(ids):
        query = sa.select(sa.func.count()).where(
            MENTION.c.id.in_(part), scope.mention_in(viewer_unit)
        )
        seen += session.execute(query).scalar_one()
    return seen < len(ids)


def decisions_about(session: Session, story_id: int) -> list[ShownDecision]:
    """Return every decision about a story, newest first, those undone included."""
    query = (
        sa.select(DECISION, USER.c.name.label("user_name"), USER.c.username)
        .outerjoin(USER, USER.c.id == DECISION.c.user_id)
        .where(sa.or_(DECISION.c.story_id == story_id, DECISION.c.other_id == story_id))
        .order_by(DECISION.c.id.desc())
    )
    return [
        ShownDecision(
            id=row.id,
            kind=row.kind,
            story_id=row.story_id,
            other_id=row.other_id,
            mentions=len(row.mention_ids),
            note=row.note,
            by=row.user_name or row.username or "–",
            at=row.at,
            undone_at=row.undone_at,
        )
        for row in session.execute(query)
    ]


def neighbours(session: Session, story: StoryRow, *, viewer_unit: str | None) -> list[Neighbour]:
    """Return stories that may be about the same: of its event, its unit, or called alike.

    Looks a month back and ahead, apart from those of the event; at most a handful.
    """
    near = (story.first_at - NEAR, story.last_at + NEAR)
    columns = (
        STORY.c.id, STORY.c.title, STORY.c.mention_count, STORY.c.last_at, STORY.c.event_id,
        STORY.c.unit_id,
    )  # fmt: skip
    # Each way has an index of its own; asked together they would read every story of the house.
    ways = [
        sa.select(STORY.c.id)
        .where(STORY.c.last_at.between(*near))
        .order_by(STORY.c.last_at.desc(), STORY.c.id.desc())
        .limit(_PASSED)
    ]
    if story.unit_id is not None:
        ways.append(
            sa.select(STORY.c.id)
            .where(STORY.c.unit_id == story.unit_id)
            .order_by(STORY.c.id.desc())
            .limit(_LOOKED_AT)
        )
    if story.event_id is not None:
        ways.append(
            sa.select(STORY.c.id)
            .where(STORY.c.event_id == story.event_id)
            .order_by(STORY.c.id.desc())
            .limit(_LOOKED_AT)
        )
    found: dict[int, Any] = {}
    for way in ways:
        keys = way.subquery()
        query = (
            sa.select(*columns)
            .select_from(keys.join(STORY, STORY.c.id == keys.c.id))
            .where(STORY.c.id != story.id, STORY.c.mention_count > 0)
        )
        if viewer_unit is not None:
            query = query.where(scope.story_in(viewer_unit))
        found |= {row.id: row for row in session.execute(query)}
    marks = _marks(session, story.id or 0)
    mine = _words(story.title)
    ranked = []
    for row in found.values():
        alike = len(mine & _words(row.title)) / max(len(mine), 1)
        same_event = story.event_id is not None and row.event_id == story.event_id
        same_unit = story.unit_id is not None and row.unit_id == story.unit_id
        if not same_event and not near[0] <= row.last_at <= near[1]:
            continue
        if not (same_event or same_unit or alike >= _ALIKE or row.id in marks):
            continue
        why = "event" if same_event else "unit" if same_unit else "title"
        shown = Neighbour(
            row.id, row.title, row.mention_count, row.last_at, why, marks.get(row.id, "")
        )
        ranked.append(((not same_event, not same_unit, -alike, -row.id), shown))
    return [shown for _, shown in sorted(ranked, key=lambda pair: pair[0])[:_SHOWN]]


def _marks(session: Session, story_id: int) -> dict[int, str]:
    """Return what people said of other stories and this one; a merged one is the one it is in."""
    into = hand.leads_to(session)
    found: dict[int, str] = {}
    for d in hand.light_decisions(session):
        if d.kind in MARKS:
            pair = {into.get(s, s) for s in (d.story_id, d.other_id)}
            if story_id in pair:
                found |= dict.fromkeys(pair - {story_id}, Kind(d.kind).value)
    return found


def _words(title: str) -> set[str]:
    return set(fold(title).split()) - _COMMON
