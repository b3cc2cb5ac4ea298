"""The clock of forgetting: what has been kept long enough goes, unless an order keeps it.

Each kind has its own time (``[keep]`` in langnghe.toml) and its own cursor, so that no turn reads
what an earlier one passed. What was deleted is counted in the audit log, never what it said.
A clock that jumps ahead deletes nothing until it has run on for a day: it may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import sqlalchemy as sa
import structlog
from sqlmodel import Session

from langnghe.core.attached import attached_path
from langnghe.core.forgetting import Forget
from langnghe.core.settings import Settings
from langnghe.core.store import intake
from langnghe.core.store.audit import REDACTION, redact
from langnghe.core.store.engine import Store
from langnghe.core.store.holds import held, holds
from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.store.parts import parts
from langnghe.core.store.purge import purge_mentions
from langnghe.core.store.tables import (
    IncidentRow,
    MarkRow,
    MentionRow,
    OutboxRow,
    StoryMentionRow,
    StoryRow,
)
from langnghe.core.store.users import note

log = structlog.get_logger(__name__)
CLOCK = "đồng hồ lưu trữ"
"""The actor of what time itself deletes."""
EVERY = timedelta(hours=1)
BATCH = 500
_INCIDENTS = 20
JUMP = timedelta(days=7)
"""A longer time between two turns may be a wrong clock as well as a machine that stood still."""
SETTLE = 24
"""The turns the clock must go on for after a jump before anything is deleted."""
MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
MEMBER: sa.Table = StoryMentionRow.__table__  # type: ignore[attr-defined]
STORY: sa.Table = StoryRow.__table__  # type: ignore[attr-defined]
OUTBOX: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]
_CURSOR = "keep:"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one turn deleted, and what orders held back."""

    mentions: int = 0
    notices: int = 0
    sign_ins: int = 0
    reports: int = 0
    kept: int = 0
    more: bool = False  # a batch was full: there may be more to pass at once
    waits: bool = False  # the clock jumped ahead and has not settled yet

    @property
    def anything(self) -> bool:
        """Whether something was deleted."""
        return bool(self.mentions or self.notices or self.sign_ins or self.reports)


def keep_due(
    store: Store, settings: Settings, now: datetime, *, forget: Forget | None = None,
    every: timedelta = EVERY, sure: bool = False,
) -> Forgotten:  # fmt: skip
    """Delete one batch of each kind whose time is over; at most one turn in ``every``.

    ``sure``: somebody vouches for the clock, however far it went since the last turn.
    """
    with store.read() as session:
        mark = get_mark(session, _CURSOR + "turn")
        if mark is not None and mark.at <= now < mark.at + every:
            return Forgotten()
    waits = 0 if sure else _turns_to_wait(mark, now)
    if waits:
        with store.write() as session:
            put_mark(session, _CURSOR + "turn", now, {"waits": waits})
        log.warning("keep_waits_for_clock", turns=waits)
        return Forgotten(waits=True)
    days = settings.keep
    with store.write() as session:
        alone, kept, passed = _mentions(session, now, days.mention)
        closed, also_kept, ended = _incidents(session, now, days.incident)
        gone = [*alone, *closed]
        if gone:
            if forget is not None:
                forget(session, gone, "hết thời hạn lưu", now)
            purge_mentions(session, gone, now)
        notices = _notices(session, now, days.notice)
        reports, files = _reports(session, now, days.mention)
        lines = redact(session, _before(now, days.sign_in), now) if days.sign_in else []
        if lines:
            note(session, now, CLOCK, REDACTION, "sign_in", data={"lines": lines})
        more = max(passed, notices, len(lines), reports) >= BATCH or ended >= _INCIDENTS
        done = Forgotten(len(gone), notices, len(lines), reports, kept + also_kept, more)
        if done.anything:
            note(
                session, now, CLOCK, "expired", "keep",
                data={
                    "mentions": done.mentions, "notices": done.notices, "reports": done.reports,
                    "kept": done.kept,
                },
            )  # fmt: skip
        put_mark(session, _CURSOR + "turn", now - every if more else now)
    for sha256 in files:  # after the commit: rows never name a file that is gone
        attached_path(settings, sha256).unlink(missing_ok=True)
    if done.anything:
        log.info("expired", mentions=done.mentions, notices=done.notices, kept=done.kept)
    return done


def _turns_to_wait(mark: MarkRow | None, now: datetime) -> int:
    if mark is None:
        return 0
    if now - mark.at > JUMP:
        return SETTLE
    return max(0, int(mark.data.get("waits", 0)) - 1)


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _mentions(session: Session, now: datetime, days: int) -> tuple[list[int], int, int]:
    """Mentions of no incident kept long enough: (those to go, how many held, how many passed).

    They are passed in the order they were taken in, so that an old archive taken in today is not
    overlooked; the first that is too young ends the turn.
    """
    if not days:
        return [], 0, 0
    query = (
        sa.select(MENTION.c.id, MENTION.c.seen_at, MENTION.c.purged_at)
        .where(MENTION.c.id > _cursor(session, "mention")[1])
        .order_by(MENTION.c.id)
        .limit(BATCH)
    )
    before = _before(now, days)
    rows = list(takewhile(lambda row: row.seen_at < before, session.execute(query)))
    if not rows:
        return [], 0, 0
    _move(session, "mention", now, rows[-1].id)
    ids = [row.id for row in rows if row.purged_at is None]
    answered = set(
        session.scalars(
            sa.select(MEMBER.c.mention_id)
            .join(STORY, STORY.c.id == MEMBER.c.story_id)
            .where(MEMBER.c.mention_id.in_(ids), STORY.c.incident_id.is_not(None))
        )
    )
    standing = held(session, ids)
    gone = [i for i in ids if i not in answered and i not in standing]
    return gone, len(standing), len(rows)


def _incidents(session: Session, now: datetime, days: int) -> tuple[list[int], int, int]:
    """Mentions of incidents closed long enough ago: (those to go, how many held, incidents)."""
    if not days:
        return [], 0, 0
    at, last = _cursor(session, "incident")
    closed = sa.literal(at, INCIDENT.c.closed_at.type)
    query = (
        sa.select(INCIDENT.c.id, INCIDENT.c.closed_at)
        .where(
            INCIDENT.c.state == "closed",
            sa.or_(
                INCIDENT.c.closed_at > closed,
                sa.and_(INCIDENT.c.closed_at == closed, INCIDENT.c.id > last),
            ),
            INCIDENT.c.closed_at < _before(now, days),
        )
        .order_by(INCIDENT.c.closed_at, INCIDENT.c.id)
        .limit(_INCIDENTS)
    )
    rows = session.execute(query).all()
    if not rows:
        return [], 0, 0
    _move(session, "incident", rows[-1].closed_at, rows[-1].id)
    ids = list(
        session.scalars(
            sa.select(MEMBER.c.mention_id)
            .join(STORY, STORY.c.id == MEMBER.c.story_id)
            .join(MENTION, MENTION.c.id == MEMBER.c.mention_id)
            .where(STORY.c.incident_id.in_([row.id for row in rows]), MENTION.c.purged_at.is_(None))
        )
    )
    standing = held(session, ids)
    return [i for i in ids if i not in standing], len(standing), len(rows)


def _notices(session: Session, now: datetime, days: int) -> int:
    """Blank what old messages said; who was told when stays."""
    if not days:
        return 0
    last = _cursor(session, "notice")[1]
    query = (
        sa.select(OUTBOX.c.id, OUTBOX.c.created_at)
        .where(
            OUTBOX.c.id > last,
            OUTBOX.c.created_at < _before(now, days),
            OUTBOX.c.state.not_in(("due", "leased")),
        )
        .order_by(OUTBOX.c.id)
        .limit(BATCH)
    )
    rows = session.execute(query).all()
    if not rows:
        return 0
    held_incidents = {h.subject_id for h in holds(session) if h.kind == "incident"}
    blank = sa.update(OUTBOX).where(OUTBOX.c.id.in_([row.id for row in rows]))
    if held_incidents:
        blank = blank.where(
            sa.or_(OUTBOX.c.incident_id.is_(None), OUTBOX.c.incident_id.not_in(held_incidents))
        )
    session.execute(blank.values(subject="", body_text="", body_html=""))
    _move(session, "notice", now, rows[-1].id)
    return len(rows)


def _reports(session: Session, now: datetime, days: int) -> tuple[int, list[str]]:
    """Take the words out of old reports and forget their reporters: (how many, files to delete).

    An order that keeps a mention keeps the reports it came from.
    """
    people = intake.drop_contacts(
        session, _unheld(session, intake.contacts_over(session, now, BATCH))
    )
    worn = _unheld(session, intake.worn_out(session, now, days, BATCH))
    intake.drop_contacts(session, worn)
    return people + len(worn), intake.blank(session, worn)


def _unheld(session: Session, report_ids: Sequence[int]) -> list[int]:
    rows = intake.by_id(session, report_ids)
    standing = held(session, [row.mention_id for row in rows if row.mention_id is not None])
    return [row.id for row in rows if row.id is not None and row.mention_id not in standing]


def look_again(session: Session, mention_ids: Sequence[int], now: datetime) -> None:
    """Let the clock pass these mentions once more: an order that kept them was released."""
    last = _cursor(session, "mention")[1]
    if mention_ids and min(mention_ids) <= last:
        _move(session, "mention", now, min(mention_ids) - 1)
    incidents = {
        row.id: row.closed_at
        for part in parts(mention_ids)
        for row in session.execute(
            sa.select(INCIDENT.c.closed_at, INCIDENT.c.id)
            .join(STORY, STORY.c.incident_id == INCIDENT.c.id)
            .join(MEMBER, MEMBER.c.story_id == STORY.c.id)
            .where(MEMBER.c.mention_id.in_(part))
            .distinct()
        )
    }
    closed = sorted((at, number) for number, at in incidents.items() if at is not None)
    if closed and closed[0][0] <= _cursor(session, "incident")[0]:
        _move(session, "incident", closed[0][0], closed[0][1] - 1)
    told = sa.select(sa.func.min(OUTBOX.c.id)).where(OUTBOX.c.incident_id.in_(sorted(incidents)))
    first = session.execute(told).scalar()
    if first is not None and first <= _cursor(session, "notice")[1]:
        _move(session, "notice", now, first - 1)


def clock_state(session: Session, settings: Settings) -> Mapping[str, tuple[int, datetime | None]]:
    """Return, by kind, the days kept and how far the clock has passed."""
    days = settings.keep
    kinds = {"mention": days.mention, "incident": days.incident, "notice": days.notice}
    marks = {kind: get_mark(session, _CURSOR + kind) for kind in kinds}
    return {kind: (kinds[kind], mark.at if mark else None) for kind, mark in marks.items()}


def _cursor(session: Session, kind: str) -> tuple[datetime, int]:
    mark = get_mark(session, _CURSOR + kind)
    return (mark.at, int(mark.data.get("id", 0))) if mark is not None else (_NEVER, 0)


def _move(session: Session, kind: str, at: datetime, last: int) -> None:
    put_mark(session, _CURSOR + kind, at, {"id": last})
