"""Orders to keep: what stands under one is left alone by every deletion."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import (
    IncidentRow,
    LegalHoldRow,
    MentionRow,
    StoryMentionRow,
    StoryRow,
)
from langnghe.core.store.users import note

HOLD: sa.Table = LegalHoldRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
KINDS: dict[str, type[IncidentRow | StoryRow | MentionRow]] = {
    "incident": IncidentRow,
    "story": StoryRow,
    "mention": MentionRow,
}
STANDING = sa.text("legal_hold.released_at IS NULL")


def place_hold(
    session: Session, kind: str, subject_id: int, reason: str, actor: str, now: datetime
) -> int:
    """Order that nothing of an incident, story or mention is deleted; return the hold's number."""
    if kind not in KINDS:
        raise InputError(
            f"Không giữ lại theo loại «{kind}» được.", mend=f"Chọn một trong: {', '.join(KINDS)}."
        )
    if not reason.strip():
        raise InputError("Phải ghi căn cứ giữ lại.", mend="Ghi số văn bản hoặc lý do.")
    if session.get(KINDS[kind], subject_id) is None:
        raise NotFoundError(f"Không có {kind} số {subject_id}.", mend="Kiểm tra lại số.")
    row = LegalHoldRow(
        kind=kind, subject_id=subject_id, reason=reason.strip(), ordered_by=actor, placed_at=now
    )
    session.add(row)
    session.flush()
    note(session, now, actor, "hold_placed", f"{kind}:{subject_id}", reason=reason.strip())
    return row.id or 0


def release_hold(session: Session, hold_id: int, why: str, actor: str, now: datetime) -> list[int]:
    """End a hold; return the mentions it kept, for the clock to pass again (``keeping``)."""
    row = session.get(LegalHoldRow, hold_id, with_for_update=True)
    if row is None:
        raise NotFoundError(
            f"Không có lệnh giữ lại số {hold_id}.", mend="Xem «langnghe hold list»."
        )
    if row.released_at is not None:
        raise ConflictError(f"Lệnh giữ lại số {hold_id} đã được gỡ.")
    if not why.strip():
        raise InputError("Phải ghi lý do gỡ lệnh giữ lại.", mend="Thêm --reason.")
    row.released_at, row.released_by, row.released_why = now, actor, why.strip()
    note(session, now, actor, "hold_released", f"{row.kind}:{row.subject_id}", reason=why.strip())
    return _mentions_under(session, row.kind, row.subject_id)


def holds(session: Session, *, standing: bool = True) -> list[LegalHoldRow]:
    """Return holds, the oldest first; all that ever were with ``standing=False``."""
    query = sa.select(LegalHoldRow).order_by(HOLD.c.id)
    return list(session.scalars(query.where(STANDING) if standing else query))


def _mentions_under(session: Session, kind: str, subject_id: int) -> list[int]:
    if kind == "mention":
        return [subject_id]
    query = sa.select(MEMBER.c.mention_id).join(STORY, STORY.c.id == MEMBER.c.story_id)
    column = STORY.c.id if kind == "story" else STORY.c.incident_id
    return list(session.scalars(query.where(column == subject_id)))


def held(session: Session, mention_ids: Iterable[int]) -> dict[int, str]:
    """Return which of these mentions a standing hold keeps, with its reason."""
    standing = {(h.kind, h.subject_id): h.reason for h in holds(session)}
    wanted = sorted(set(mention_ids))
    if not standing or not wanted:
        return {}
    found: dict[int, str] = {}
    for part in parts(wanted):
        query = (
            sa.select(MEMBER.c.mention_id, MEMBER.c.story_id, STORY.c.incident_id)
            .join(STORY, STORY.c.id == MEMBER.c.story_id)
            .where(MEMBER.c.mention_id.in_(part))
        )
        for row in session.execute(query):
            for key in (("story", row.story_id), ("incident", row.incident_id)):
                if key in standing:
                    found[row.mention_id] = standing[key]
    return found | {i: standing["mention", i] for i in wanted if ("mention", i) in standing}
