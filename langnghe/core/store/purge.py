"""Take the words out of mentions: the fact that something was heard stays, what it said goes.

The row keeps its key, so that a feed that still shows the text does not bring it back. The caller
decides what may go (``core.keeping``, ``core.subject``) and has looked for holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.mentions import MENTION, MENTION_UNIT, READING, REVISION
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import (
    DONE,
    CorrectionRow,
    MaskDueRow,
    PageVersionRow,
    RecheckRow,
    StoryMentionRow,
    StoryRow,
)

CORRECTION: sa.Table = CorrectionRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
MASK: sa.Table = MaskDueRow.__table__  # type: ignore[attr-defined]
PAGE: sa.Table = PageVersionRow.__table__  # type: ignore[attr-defined]
RECHECK: sa.Table = RecheckRow.__table__  # type: ignore[attr-defined]
GONE = "(tin đã xóa theo thời hạn lưu)"


def purge_mentions(session: Session, mention_ids: Sequence[int], now: datetime) -> int:
    """Delete text, link, author, revisions and reading of these mentions; return how many.

    Stories left without any text lose their title and summary, unless they belong to an incident:
    its own masked record has a time of its own.
    """
    stories: set[int] = set()
    count = 0
    for part in parts(sorted(set(mention_ids))):
        fresh = list(
            session.scalars(
                sa.select(MENTION.c.id).where(MENTION.c.id.in_(part), MENTION.c.purged_at.is_(None))
            )
        )
        if not fresh:
            continue
        count += len(fresh)
        session.execute(
            sa.update(MENTION)
            .where(MENTION.c.id.in_(fresh))
            .values(
                title=None, text=None, folded="", url=None, canonical_url=None, external_id="",
                author_hash=None, content_hash="", stage=DONE, purged_at=now,
            )
        )  # fmt: skip
        for table in (REVISION, READING, MENTION_UNIT, MASK, PAGE, RECHECK):
            session.execute(sa.delete(table).where(table.c.mention_id.in_(fresh)))
        session.execute(
            sa.update(CORRECTION).where(CORRECTION.c.mention_id.in_(fresh)).values(note="")
        )
        stories.update(
            session.scalars(sa.select(MEMBER.c.story_id).where(MEMBER.c.mention_id.in_(fresh)))
        )
    _empty_stories(session, sorted(stories))
    return count


def _empty_stories(session: Session, story_ids: Sequence[int]) -> None:
    speaks = (
        sa.select(MEMBER.c.id)
        .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
        .where(MEMBER.c.story_id == STORY.c.id, MENTION.c.purged_at.is_(None))
        .exists()
    )
    for part in parts(story_ids):
        session.execute(
            sa.update(STORY)
            .where(STORY.c.id.in_(part), STORY.c.incident_id.is_(None), ~speaks)
            .values(
                title=GONE, summary="", gist={}, reasons=[], nearest="", print=None,
                assess_due=False, act_due=False,
            )
        )  # fmt: skip
