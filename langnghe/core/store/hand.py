"""The SQL of decisions about stories: mentions change place, stories are counted anew.

Functions take a session and leave committing to the caller, so that a decision, what it moves and
its traces stand or fall together. Whoever writes memberships holds ``lock_grouping`` first, so that
processes see them, and the decisions, in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.hand import Decision, Kind, Member, recopied, redirects, told_apart
from langnghe.core.store.children import DUE
from langnghe.core.store.mentions import MENTION, READING
from langnghe.core.store.parts import parts
from langnghe.core.store.stories import MEMBER, STORY
from langnghe.core.store.tables import StoryDecisionRow, StoryRow

DECISION: sa.Table = StoryDecisionRow.__table__  # type: ignore[attr-defined]
Apart = dict[tuple[int, int], int]
_GROUPING = 7_210_119  # any fixed number: the name of one advisory lock
_SIDE = 40  # mentions of a story that are remembered as what a decision was about


def lock_grouping(session: Session) -> None:
    """Let only one process change memberships at a time (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_GROUPING)))


def lock_stories(session: Session, story_ids: Iterable[int]) -> dict[int, StoryRow]:
    """Lock stories in the order of their numbers and return them; raises ``NotFoundError``."""
    wanted = sorted(set(story_ids))
    query = sa.select(StoryRow).where(STORY.c.id.in_(wanted)).order_by(STORY.c.id)
    found = {row.id: row for row in session.scalars(query.with_for_update()) if row.id is not None}
    if len(found) < len(wanted):
        raise NotFoundError("Không có cụm tin này, hoặc cụm tin ngoài phạm vi của bạn.")
    return found


def members_of(session: Session, story_id: int) -> list[Member]:
    """Return the mentions of a story, the first seen first."""
    query = (
        sa.select(MEMBER.c.mention_id, MEMBER.c.copy_of, MENTION.c.seen_at)
        .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
        .where(MEMBER.c.story_id == story_id)
        .order_by(MENTION.c.seen_at, MENTION.c.id)
    )
    return [
        Member(r.mention_id, r.copy_of, (r.seen_at, r.mention_id)) for r in session.execute(query)
    ]


def side(members: Iterable[Member], *, without: Collection[int] = ()) -> list[int]:
    """Return the ids of a few dozen members that are no copies, for ``Decision.before``."""
    return [m.id for m in members if m.copy_of is None and m.id not in without][:_SIDE]


def standing(session: Session, mention_ids: Iterable[int]) -> list[list[Any]]:
    """Return [mention, story, pinned, copy_of] of mentions, so that they can be put back."""
    query = sa.select(MEMBER.c.mention_id, MEMBER.c.story_id, MEMBER.c.pinned, MEMBER.c.copy_of)
    return [
        [row.mention_id, row.story_id, bool(row.pinned), row.copy_of]
        for part in parts(sorted(mention_ids))
        for row in session.execute(
            query.where(MEMBER.c.mention_id.in_(part)).order_by(MEMBER.c.mention_id)
        )
    ]


def open_story(session: Session, first: int, now: datetime) -> StoryRow:
    """Return a new story, an event of its own, called as its ``first`` mention is."""
    title = session.execute(
        sa.select(READING.c.masked_title, sa.func.substr(READING.c.masked_text, 1, 120)).where(
            READING.c.mention_id == first
        )
    ).one_or_none()
    row = StoryRow(title=(title[0] or title[1]) if title else "", first_at=now, last_at=now)
    session.add(row)
    session.flush()
    row.event_id = row.id
    return row


def place(session: Session, mention_ids: Collection[int], story_id: int, *, pinned: bool) -> None:
    """Put mentions into a story; what waits to be covered is covered with that story's names."""
    for part in parts(sorted(mention_ids)):
        session.execute(
            sa.update(MEMBER)
            .where(MEMBER.c.mention_id.in_(part))
            .values(story_id=story_id, pinned=pinned)
        )
        session.execute(sa.update(MENTION).where(MENTION.c.id.in_(part)).values(story_id=story_id))
        session.execute(sa.update(DUE).where(DUE.c.mention_id.in_(part)).values(story_id=story_id))


def set_member(session: Session, mention_id: int, *, pinned: bool, copy_of: int | None) -> None:
    """Give a membership back what it said before."""
    session.execute(
        sa.update(MEMBER)
        .where(MEMBER.c.mention_id == mention_id)
        .values(pinned=pinned, copy_of=copy_of)
    )


def settle(session: Session, story: StoryRow) -> None:
    """Make a story say what its mentions are: copies, counts, times; it is weighed again.

    An emptied one keeps its row, its times and its incident, and says nothing any more.
    """
    if story.id is None:
        raise RuntimeError("a stored story has an id")
    session.flush()
    members = members_of(session, story.id)
    for mention, copy_of in recopied(members).items():
        session.execute(
            sa.update(MEMBER).where(MEMBER.c.mention_id == mention).values(copy_of=copy_of)
        )
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(MEMBER.c.copy_of),
            sa.func.min(MENTION.c.seen_at),
            sa.func.max(MENTION.c.seen_at),
        )
        .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
        .where(MEMBER.c.story_id == story.id)
    ).one()
    story.mention_count, story.copy_count = row[0], row[1]
    if row[0]:
        story.first_at, story.last_at = row[2], row[3]
    else:
        story.level, story.score, story.source_count = 0, 0.0, 0
        story.reasons, story.nearest = [], ""
    story.print = None  # made anew by grouping when the story is next joined
    story.assess_due = True
    session.add(story)
    session.flush()


def record(
    session: Session,
    kind: Kind,
    story_id: int,
    other_id: int,
    mention_ids: Iterable[int],
    before: Mapping[str, Any],
    *,
    user_id: int,
    now: datetime,
    note: str,
) -> int:
    """Store one decision; return its id."""
    row = StoryDecisionRow(
        change=newest_change(session) + 1, kind=kind.value, story_id=story_id, other_id=other_id,
        mention_ids=sorted(mention_ids), before=dict(before), user_id=user_id, at=now, note=note,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if row.id is None:
        raise RuntimeError("the database gave a decision no id")
    return row.id


def mark_undone(session: Session, row: StoryDecisionRow, *, user_id: int, now: datetime) -> None:
    """Note that a decision no longer stands; other processes see it as a change."""
    row.undone_at, row.undone_by, row.change = now, user_id, newest_change(session) + 1
    session.add(row)
    session.flush()


def get_decision(session: Session, decision_id: int) -> StoryDecisionRow:
    """Return one decision; raises ``NotFoundError``."""
    row = session.get(StoryDecisionRow, decision_id)
    if row is None:
        raise NotFoundError("Không có quyết định này.", mend="Tải lại trang để xem các quyết định.")
    return row


def newest_change(session: Session) -> int:
    """Return the number of the last decision or undoing, 0 when there is none."""
    return session.execute(sa.select(sa.func.max(DECISION.c.change))).scalar() or 0


def changes_since(session: Session, after: int) -> list[Decision]:
    """Return decisions that were made or undone after the change numbered ``after``."""
    query = sa.select(DECISION).where(DECISION.c.change > after).order_by(DECISION.c.change)
    return [decision_of(row) for row in session.execute(query)]


def decisions(session: Session, *, standing_only: bool = True, after: int = 0) -> list[Decision]:
    """Return decisions with an id above ``after``, oldest first."""
    query = sa.select(DECISION).where(DECISION.c.id > after).order_by(DECISION.c.id)
    if standing_only:
        query = query.where(DECISION.c.undone_at.is_(None))
    return [decision_of(row) for row in session.execute(query)]


def light_decisions(session: Session) -> list[Decision]:
    """Return what stands about whole stories (merges and marks), without the mentions."""
    kinds = [Kind.MERGE.value, Kind.SAME.value, Kind.UNRELATED.value]
    query = (
        sa.select(DECISION.c.id, DECISION.c.kind, DECISION.c.story_id, DECISION.c.other_id)
        .where(DECISION.c.undone_at.is_(None), DECISION.c.kind.in_(kinds))
        .order_by(DECISION.c.id)
    )
    return [
        Decision(row.id, Kind(row.kind), row.story_id, row.other_id)
        for row in session.execute(query)
    ]


def leads_to(session: Session) -> dict[int, int]:
    """Return where each story that a person merged away leads to."""
    return redirects(light_decisions(session))


def apart(session: Session) -> Apart:
    """Return the pairs of stories that people told apart, each with the decision's id."""
    return told_apart(light_decisions(session))


def unrelated_to(session: Session, story_id: int) -> set[int]:
    """Return the stories that people told apart from this one: never one matter with it."""
    return {s for pair in apart(session) if story_id in pair for s in pair} - {story_id}


def events_around(session: Session, story_ids: Sequence[int]) -> dict[int, int | None]:
    """Return story -> event for these stories and all others of their events."""
    own = sa.select(STORY.c.event_id).where(
        STORY.c.id.in_(story_ids), STORY.c.event_id.is_not(None)
    )
    query = sa.select(STORY.c.id, STORY.c.event_id).where(
        sa.or_(STORY.c.id.in_(story_ids), STORY.c.event_id.in_(own))
    )
    return {row.id: row.event_id for row in session.execute(query)}


def set_events(session: Session, events: Mapping[int, int | None]) -> None:
    """Write the event of each story; each is weighed again."""
    for story_id, event in sorted(events.items()):
        session.execute(
            sa.update(STORY).where(STORY.c.id == story_id).values(event_id=event, assess_due=True)
        )


def unprinted(session: Session, since: datetime) -> dict[int, int | None]:
    """Return story -> event of stories that people's hands changed and nobody has looked at since.

    Their prints are to be drawn up anew from their mentions; those silent since ``since`` are not.
    """
    touched = sa.union(sa.select(DECISION.c.story_id), sa.select(DECISION.c.other_id))
    query = sa.select(STORY.c.id, STORY.c.event_id).where(
        STORY.c.id.in_(touched),
        STORY.c.print.is_(None),
        STORY.c.mention_count > 0,
        STORY.c.last_at >= since,
    )
    return {row.id: row.event_id for row in session.execute(query)}


def whereabouts(session: Session, story_ids: Iterable[int]) -> dict[int, tuple[int | None, int]]:
    """Return story -> (event, number of mentions)."""
    query = sa.select(STORY.c.id, STORY.c.event_id, STORY.c.mention_count)
    return {
        row.id: (row.event_id, row.mention_count)
        for part in parts(sorted(story_ids))
        for row in session.execute(query.where(STORY.c.id.in_(part)))
    }


def decision_of(row: Any) -> Decision:
    """Return a row of the table as the rules know it."""
    return Decision(
        id=row.id,
        kind=Kind(row.kind),
        story_id=row.story_id,
        other_id=row.other_id,
        mention_ids=frozenset(row.mention_ids),
        before=row.before,
        undone=row.undone_at is not None,
    )
