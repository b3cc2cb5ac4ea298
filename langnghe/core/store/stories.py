"""Stories: which mentions wait to be grouped, and what a grouping decision writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.mentions import MENTION, READING, UNFINISHED
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import DONE, READ, StoryMentionRow, StoryRow

STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class ReadMention:
    """What grouping needs of one mention.

    ``story_id`` is set when it was grouped before; ``event_id`` and ``copy_of`` only where a member
    is asked for.
    """

    id: int
    kind: str
    seen_at: datetime
    title: str | None
    text: str | None
    masked_title: str
    masked_text: str
    units: tuple[str, ...]
    topics: tuple[str, ...]
    counts: tuple[int, ...]
    story_id: int | None
    event_id: int | None = None
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The decision about one mention: an existing story, or (``story_id`` None) a new one.

    ``opens`` is a number shared by the mentions of one new story within a batch.
    """

    mention: ReadMention
    story_id: int | None
    opens: int | None
    copy_of: int | None
    similarity: float


_COLUMNS = (
    MENTION.c.id, MENTION.c.kind, MENTION.c.seen_at, MENTION.c.title, MENTION.c.text,
    MENTION.c.story_id, READING.c.masked_title, READING.c.masked_text, READING.c.units,
    READING.c.topics, READING.c.facts,
)  # fmt: skip


def to_group(session: Session, limit: int) -> list[ReadMention]:
    """Return up to ``limit`` mentions that are read but not yet placed, in the order seen."""
    query = (
        sa.select(*_COLUMNS)
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(UNFINISHED, MENTION.c.stage == READ)
        .order_by(MENTION.c.id)
        .limit(limit)
    )
    found = [_read_mention(row) for row in session.execute(query)]
    return sorted(found, key=lambda mention: (mention.seen_at, mention.id))


def members_since(session: Session, after_id: int, since: datetime) -> list[ReadMention]:
    """Return members placed by decisions after ``after_id``, seen not before ``since``.

    A mention's ``story_id`` is the story it stands in now; the first seen comes first.
    """
    return _members(session, MEMBER.c.id > after_id, MEMBER.c.at >= since)


def members_by_id(session: Session, ids: Sequence[int], since: datetime) -> list[ReadMention]:
    """Return those of these mentions that are members and were seen not before ``since``."""
    found: list[ReadMention] = []
    for part in parts(ids):
        found += _members(session, MEMBER.c.mention_id.in_(part), MEMBER.c.at >= since)
    return found


def latest_members(session: Session, story_id: int, limit: int) -> list[ReadMention]:
    """Return the ``limit`` last seen members of a story, the first seen of them first."""
    newest = (
        sa.select(MEMBER.c.mention_id)
        .where(MEMBER.c.story_id == story_id)
        .order_by(MEMBER.c.at.desc(), MEMBER.c.mention_id.desc())
        .limit(limit)
    )
    return _members(session, MEMBER.c.mention_id.in_(newest))


def _members(session: Session, *where: sa.ColumnElement[bool]) -> list[ReadMention]:
    query = (
        sa.select(*_COLUMNS, STORY.c.event_id, MEMBER.c.copy_of)
        .join(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .join(STORY, STORY.c.id == MEMBER.c.story_id)
        .where(*where)
        .order_by(MENTION.c.seen_at, MENTION.c.id)
    )
    return [_read_mention(row) for row in session.execute(query)]


def prints_since(session: Session, since: datetime) -> list[str]:
    """Return the prints of stories that were alive after ``since``, the longest silent first."""
    query = (
        sa.select(STORY.c.print)
        .where(STORY.c.print.is_not(None), STORY.c.last_at >= since, STORY.c.mention_count > 0)
        .order_by(STORY.c.last_at, STORY.c.id)
    )
    return list(session.scalars(query))


def save_prints(session: Session, prints: Mapping[int, str]) -> None:
    """Write what each story is known again by."""
    if prints:
        session.execute(
            sa.update(STORY).where(STORY.c.id == sa.bindparam("b_id")).values(
                print=sa.bindparam("b_print")
            ),
            [{"b_id": story, "b_print": text} for story, text in sorted(prints.items())],
        )  # fmt: skip


def save_events(session: Session, events: Mapping[int, int]) -> None:
    """Write the event of each story; those whose event changes are weighed again."""
    if events:
        changed = STORY.c.event_id.is_distinct_from(sa.bindparam("b_event", type_=sa.Integer))
        session.execute(
            sa.update(STORY)
            .where(STORY.c.id == sa.bindparam("b_id"), changed)
            .values(event_id=sa.bindparam("b_event", type_=sa.Integer), assess_due=True),
            [{"b_id": story, "b_event": event} for story, event in sorted(events.items())],
        )


def newest_member(session: Session) -> int:
    """Return the id of the last grouping decision, 0 when there is none."""
    return session.execute(sa.select(sa.func.max(MEMBER.c.id))).scalar() or 0


def save_placements(session: Session, placements: Sequence[Placement]) -> dict[int, int]:
    """Write the decisions of one batch; return the story of each mention id.

    Touched stories become due for assessment. A mention placed before (an edited one) keeps its
    place and only makes its story due again.
    """
    opened: dict[int, int] = {}
    result: dict[int, int] = {}
    touched: dict[int, list[Placement]] = {}
    for placement in placements:
        story_id = placement.story_id
        if story_id is None:
            if placement.opens is None:
                raise ValueError("a placement needs a story or the number of a new one")
            if placement.opens not in opened:
                opened[placement.opens] = _open_story(session, placement.mention)
            story_id = opened[placement.opens]
        result[placement.mention.id] = story_id
        touched.setdefault(story_id, []).append(placement)
    members = [
        {
            "story_id": result[p.mention.id],
            "mention_id": p.mention.id,
            "copy_of": p.copy_of,
            "similarity": round(p.similarity, 4),
            "at": p.mention.seen_at,
        }
        for p in placements
        if p.mention.story_id is None
    ]
    if members:
        session.execute(sa.insert(MEMBER), members)
    for story_id, group in touched.items():
        _touch(session, story_id, group)
    session.execute(
        sa.update(MENTION)
        .where(MENTION.c.id == sa.bindparam("b_id"))
        .values(story_id=sa.bindparam("b_story"), stage=DONE),
        [{"b_id": mention, "b_story": story} for mention, story in result.items()],
    )
    return result


def _open_story(session: Session, mention: ReadMention) -> int:
    row = StoryRow(
        title=mention.masked_title or mention.masked_text[:120],
        first_at=mention.seen_at,
        last_at=mention.seen_at,
    )
    session.add(row)
    session.flush()
    if row.id is None:
        raise RuntimeError("the database gave a story no id")
    return row.id


def _touch(session: Session, story_id: int, group: Sequence[Placement]) -> None:
    fresh = [p for p in group if p.mention.story_id is None]
    row = session.get(StoryRow, story_id)
    if row is None:
        raise RuntimeError(f"story {story_id} vanished while it was being written")
    row.mention_count += len(fresh)
    row.copy_count += sum(p.copy_of is not None for p in fresh)
    row.first_at = min(row.first_at, *(p.mention.seen_at for p in group))
    row.last_at = max(row.last_at, *(p.mention.seen_at for p in group))
    row.assess_due = True
    session.add(row)
    session.flush()


def _read_mention(row: Any) -> ReadMention:
    return ReadMention(
        id=row.id,
        kind=row.kind,
        seen_at=row.seen_at,
        title=row.title,
        text=row.text,
        masked_title=row.masked_title,
        masked_text=row.masked_text,
        units=tuple(hit["unit"] for hit in row.units),
        topics=tuple(hit["topic"] for hit in row.topics),
        counts=tuple(int(fact["value"]) for fact in row.facts if fact["value"] is not None),
        story_id=row.story_id,
        event_id=getattr(row, "event_id", None),
        copy_of=getattr(row, "copy_of", None),
    )
