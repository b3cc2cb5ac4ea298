"""SQL of stories that wait to be weighed or acted on, and of their mentions.

Functions take a session and leave committing to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import (
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    SourceRow,
    StoryMentionRow,
    StoryRow,
    UnitRow,
)

STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
LINK: sa.Table = MentionUnitRow.__table__  # type: ignore[attr-defined]
UNIT: sa.Table = UnitRow.__table__  # type: ignore[attr-defined]
SOURCE: sa.Table = SourceRow.__table__  # type: ignore[attr-defined]

SHOWN_TEXT = 3_000
"""Characters of a masked text that weighing needs; a long article need not be read whole."""


@dataclass(frozen=True, slots=True)
class StoryMention:
    """One mention of a story with its reading, as weighing needs it (masked text only)."""

    id: int
    story_id: int
    copy: bool
    kind: str
    source_id: str | None
    source_name: str | None
    url: str | None
    published_at: datetime | None
    seen_at: datetime
    education_p: float
    scope: str
    risk: int
    risk_p: Sequence[float]
    stance: str
    topics: Sequence[Mapping[str, Any]]
    facts: Sequence[Mapping[str, Any]]
    units: Mapping[str, float]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the tables know it."""

    id: str
    kind: str
    name: str
    parent: str | None


def take_stories(session: Session, column: str, limit: int) -> list[StoryRow]:
    """Lock and return up to ``limit`` stories whose ``column`` (``*_due``) is set, oldest first.

    The lock keeps a mention that joins meanwhile from being overlooked: its writer waits, then sets
    the mark again.
    """
    query = (
        sa.select(StoryRow)
        .where(_due(column))
        .order_by(STORY.c[column], STORY.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def due_story_ids(session: Session, column: str, limit: int) -> list[int]:
    """Return the ids of up to ``limit`` stories whose ``column`` (``*_due``) is set."""
    query = sa.select(STORY.c.id).where(_due(column)).order_by(STORY.c[column], STORY.c.id)
    return list(session.scalars(query.limit(limit)))


def _due(column: str) -> sa.TextClause:
    # Word for word as in the partial indexes, and sorted by them: else SQLite reads every story.
    if column not in ("assess_due", "act_due"):
        raise ValueError(f"no work column: {column}")
    return sa.text(f"story.{column}")


def lock_story(session: Session, story_id: int) -> StoryRow | None:
    """Return the story, locked against other writers, or ``None``."""
    return session.scalars(
        sa.select(StoryRow).where(STORY.c.id == story_id).with_for_update()
    ).one_or_none()


def story_mentions(
    session: Session,
    story_ids: Sequence[int],
    *,
    per_story: int | None = None,
    only: Sequence[int] | None = None,
) -> dict[int, list[StoryMention]]:
    """Return the mentions of each story with their readings, oldest first.

    ``per_story`` reads only the first few of each, own articles before anything else; ``only``
    reads the mentions with these ids.
    """
    if not story_ids:
        return {}
    wanted: Any = MEMBER.c.story_id.in_(story_ids)
    if only is not None:
        wanted &= MEMBER.c.mention_id.in_(only)
    if per_story is not None:
        wanted &= MEMBER.c.mention_id.in_(_first_of(story_ids, per_story))
    links: dict[int, dict[str, float]] = {}
    for row in session.execute(
        sa.select(LINK.c.mention_id, LINK.c.unit_id, LINK.c.confidence)
        .join(MEMBER, MEMBER.c.mention_id == LINK.c.mention_id)
        .where(wanted)
    ):
        links.setdefault(row.mention_id, {})[row.unit_id] = row.confidence
    query = (
        sa.select(
            MENTION.c.id, MEMBER.c.story_id, MEMBER.c.copy_of, MENTION.c.kind, MENTION.c.source_id,
            MENTION.c.source_name, MENTION.c.url, MENTION.c.published_at, MENTION.c.seen_at,
            READING.c.about_education_p, READING.c.scope, READING.c.risk, READING.c.risk_p,
            READING.c.stance, READING.c.topics, READING.c.facts, READING.c.masked_title,
            sa.func.substr(READING.c.masked_text, 1, SHOWN_TEXT).label("masked_text"),
        )
        .join(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(wanted)
        .order_by(MENTION.c.seen_at, MENTION.c.id)
    )  # fmt: skip
    found: dict[int, list[StoryMention]] = {story_id: [] for story_id in story_ids}
    for row in session.execute(query):
        found[row.story_id].append(
            StoryMention(
                id=row.id,
                story_id=row.story_id,
                copy=row.copy_of is not None,
                kind=row.kind,
                source_id=row.source_id,
                source_name=row.source_name,
                url=row.url,
                published_at=row.published_at,
                seen_at=row.seen_at,
                education_p=row.about_education_p,
                scope=row.scope,
                risk=row.risk,
                risk_p=row.risk_p,
                stance=row.stance,
                topics=row.topics,
                facts=row.facts,
                units=links.get(row.id, {}),
                title=row.masked_title,
                text=row.masked_text,
            )
        )
    return found


def _first_of(story_ids: Sequence[int], per_story: int) -> Any:
    """The ids of the first mentions of each story, own articles first."""
    own = sa.case(((MENTION.c.kind == "news") & MEMBER.c.copy_of.is_(None), 0), else_=1)
    place = sa.func.row_number().over(
        partition_by=MEMBER.c.story_id, order_by=(own, MENTION.c.seen_at, MENTION.c.id)
    )
    ranked = (
        sa.select(MEMBER.c.mention_id, place.label("place"))
        .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
        .where(MEMBER.c.story_id.in_(story_ids))
        .subquery()
    )
    return sa.select(ranked.c.mention_id).where(ranked.c.place <= per_story)


def set_story_aside(session: Session, story_id: int, why: str) -> None:
    """Leave a story that cannot be weighed or acted on until it grows; ``why`` is shown."""
    session.execute(
        sa.update(STORY)
        .where(STORY.c.id == story_id)
        .values(set_aside=why, assess_due=False, act_due=False)
    )


def try_set_aside_again(session: Session) -> int:
    """Make every story that was set aside due once more; return how many.

    Called at a start: the program that could not weigh them may have been mended since.
    """
    done = session.execute(
        sa.update(STORY).where(sa.text("set_aside <> ''")).values(assess_due=True)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def stories_set_aside(session: Session) -> list[tuple[int, str, str]]:
    """Return (id, title, why) of the stories that were set aside, the newest first."""
    # Word for word as in the partial index, and sorted here: else SQLite reads every story.
    query = sa.select(STORY.c.id, STORY.c.title, STORY.c.set_aside).where(
        sa.text("story.set_aside <> ''")
    )
    found = [(row.id, row.title, row.set_aside) for row in session.execute(query)]
    return sorted(found, reverse=True)


def unit_tree(session: Session) -> dict[str, KnownUnit]:
    """Return every unit that is watched now, by id."""
    query = sa.select(UNIT.c.id, UNIT.c.kind, UNIT.c.name, UNIT.c.parent_id).where(
        UNIT.c.active.is_(True)
    )
    return {r.id: KnownUnit(r.id, r.kind, r.name, r.parent_id) for r in session.execute(query)}


def source_tiers(session: Session) -> dict[str, tuple[int, str]]:
    """Return (tier, name) of every source, by id."""
    query = sa.select(SOURCE.c.id, SOURCE.c.tier, SOURCE.c.name)
    return {row.id: (row.tier, row.name) for row in session.execute(query)}
