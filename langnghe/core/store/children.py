"""The children a story names, as salted hashes, and which of its texts must be covered again.

No name is kept here: a digest tells that a word was a child's name in this story and nothing else,
and its salt belongs to one story, so that the same child is not found across stories.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.mentions import MENTION, READING
from langnghe.core.store.tables import (
    AttachmentRow,
    IncidentEventRow,
    IncidentRow,
    MaskDueRow,
    MergerRow,
    OutboxRow,
    ReviewRow,
    StepRow,
    StoryChildRow,
    StoryMentionRow,
    StoryRow,
)
from langnghe.core.store.timeline import timeline_pass

CHILD: sa.Table = StoryChildRow.__table__  # type: ignore[attr-defined]
DUE: sa.Table = MaskDueRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
EVENT: sa.Table = IncidentEventRow.__table__  # type: ignore[attr-defined]
STEP: sa.Table = StepRow.__table__  # type: ignore[attr-defined]
OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]
ATTACHMENT: sa.Table = AttachmentRow.__table__  # type: ignore[attr-defined]
REVIEW: sa.Table = ReviewRow.__table__  # type: ignore[attr-defined]
MERGER: sa.Table = MergerRow.__table__  # type: ignore[attr-defined]

Salted = dict[bytes, frozenset[bytes]]
"""Digests by the salt they were made with; one salt a story, two after a race of processes."""
Cover = Callable[[str], str]
_TOLD = ("title", "summary", "gist", "reasons")
_CONCLUDED = (*_TOLD, "conclusion")
_DONE = ("title", "detail", "note", "link", "document")


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a mention may be shown, to be covered again. ``revision`` fences the answer."""

    mention_id: int
    story_id: int
    revision: int
    title: str
    text: str


def new_salt() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(16)


def children_of(session: Session, story_ids: Iterable[int]) -> dict[int, Salted]:
    """Return the digests of each story's named children; stories without any are left out."""
    found: dict[int, dict[bytes, set[bytes]]] = {}
    query = sa.select(CHILD).where(CHILD.c.story_id.in_(sorted(set(story_ids))))
    for row in session.execute(query):
        by_salt = found.setdefault(row.story_id, {})
        by_salt.setdefault(bytes.fromhex(row.salt), set()).add(bytes.fromhex(row.digest))
    return {
        story: {salt: frozenset(digests) for salt, digests in by_salt.items()}
        for story, by_salt in found.items()
    }


def remember(session: Session, story_id: int, salt: bytes, digests: Iterable[bytes]) -> None:
    """Add digests to a story and make every mention of it due to be covered again."""
    rows = [
        {"story_id": story_id, "salt": salt.hex(), "digest": digest.hex()}
        for digest in sorted(digests)
    ]
    if not rows:
        return
    session.execute(_insert_new(session, CHILD, ["story_id", "digest"]), rows)
    _due_from(session, MEMBER.c.story_id == story_id)


def make_due(session: Session, mention_ids: Sequence[int]) -> None:
    """Make those mentions due whose story has named children."""
    named = sa.select(CHILD.c.story_id)
    for start in range(0, len(mention_ids), 500):
        part = mention_ids[start : start + 500]
        _due_from(session, MEMBER.c.mention_id.in_(part), MEMBER.c.story_id.in_(named))


def take_due(session: Session, limit: int) -> list[Shown]:
    """Return up to ``limit`` mentions that wait to be covered, oldest first."""
    query = (
        sa.select(
            DUE.c.mention_id, DUE.c.story_id, READING.c.revision,
            READING.c.masked_title, READING.c.masked_text,
        )
        .join(READING, READING.c.mention_id == DUE.c.mention_id)
        .order_by(DUE.c.mention_id)
        .limit(limit)
    )  # fmt: skip
    return [
        Shown(row.mention_id, row.story_id, row.revision, row.masked_title, row.masked_text)
        for row in session.execute(query)
    ]


def any_due(session: Session) -> bool:
    """Say whether a mention waits to be covered."""
    query = sa.select(DUE.c.mention_id).join(READING, READING.c.mention_id == DUE.c.mention_id)
    return session.execute(query.limit(1)).first() is not None


def save_covered(session: Session, shown: Sequence[Shown]) -> None:
    """Write what may be shown from now on; stories concerned become due for assessment."""
    if not shown:
        return
    session.execute(
        sa.update(READING)
        .where(
            READING.c.mention_id == sa.bindparam("b_id"),
            READING.c.revision == sa.bindparam("b_revision"),
        )
        .values(masked_title=sa.bindparam("b_title"), masked_text=sa.bindparam("b_text")),
        [
            {"b_id": s.mention_id, "b_revision": s.revision, "b_title": s.title, "b_text": s.text}
            for s in shown
        ],
    )
    for start in range(0, len(shown), 500):
        part = [s.mention_id for s in shown[start : start + 500]]
        session.execute(sa.delete(DUE).where(DUE.c.mention_id.in_(part)))
    stories = sorted({s.story_id for s in shown})
    session.execute(sa.update(STORY).where(STORY.c.id.in_(stories)).values(assess_due=True))


def cover_told(session: Session, story_id: int, cover: Cover) -> None:
    """Cover what was already told of a story: headline, incident, timeline, steps and mails.

    A mail that went out cannot be called back; its copy here is covered like the rest. An incident
    that was merged into the story's own told of the same matter.
    """
    own = sa.select(STORY.c.incident_id).where(STORY.c.id == story_id)
    incidents = sa.select(INCIDENT.c.id).where(
        sa.or_(
            INCIDENT.c.story_id == story_id,
            INCIDENT.c.id.in_(own),
            INCIDENT.c.merged_into.in_(own),
        )
    )
    _cover_rows(session, STORY, STORY.c.id == story_id, _TOLD, cover)
    _cover_rows(session, INCIDENT, INCIDENT.c.id.in_(incidents), _CONCLUDED, cover)
    with timeline_pass(session, "cover"):
        _cover_rows(session, EVENT, EVENT.c.incident_id.in_(incidents), ("text", "data"), cover)
    _cover_rows(session, STEP, STEP.c.incident_id.in_(incidents), _DONE, cover)
    _cover_rows(
        session,
        ATTACHMENT,
        ATTACHMENT.c.incident_id.in_(incidents),
        ("name", "note", "withdrawn_why"),
        cover,
    )
    _cover_rows(session, REVIEW, REVIEW.c.incident_id.in_(incidents), ("fields",), cover)
    _cover_rows(session, MERGER, MERGER.c.merged_id.in_(incidents), ("reason", "undone_why"), cover)
    _cover_rows(
        session,
        OUTBOX,
        OUTBOX.c.incident_id.in_(incidents),
        ("subject", "body_text", "body_html", "headers", "short", "data", "calendar"),
        cover,
    )


def _cover_rows(
    session: Session,
    table: sa.Table,
    where: sa.ColumnElement[bool],
    columns: Sequence[str],
    cover: Cover,
) -> None:
    wanted = [table.c[name] for name in columns]
    for row in session.execute(sa.select(table.c.id, *wanted).where(where)).all():
        before = dict(zip(columns, row[1:], strict=True))
        after = {name: _covered(value, cover) for name, value in before.items()}
        changed = {name: value for name, value in after.items() if value != before[name]}
        if changed:
            session.execute(sa.update(table).where(table.c.id == row[0]).values(changed))


def _covered(value: Any, cover: Cover) -> Any:
    """Return ``value`` with every text in it covered, however deep."""
    if isinstance(value, str):
        return cover(value)
    if isinstance(value, Mapping):
        return {key: _covered(inner, cover) for key, inner in value.items()}
    if isinstance(value, list):
        return [_covered(inner, cover) for inner in value]
    return value


def _due_from(session: Session, *where: sa.ColumnElement[bool]) -> None:
    members = (
        sa.select(MEMBER.c.mention_id, MEMBER.c.story_id)
        .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
        .where(*where)
    )
    insert = _insert_new(session, DUE, ["mention_id"])
    session.execute(insert.from_select(["mention_id", "story_id"], members))


def _insert_new(session: Session, table: sa.Table, unique: list[str]) -> Any:
    """Return an INSERT that passes over rows that stand already."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table).on_conflict_do_nothing(index_elements=unique)
    from sqlalchemy.dialects.postgresql import insert as insert_postgres

    return insert_postgres(table).on_conflict_do_nothing(index_elements=unique)
