"""What is kept about the person who asks: find it, hand it out, delete it or take their name out.

There is no profile to print: a handle is looked up by the same keyed hash that authors are kept
under, a name or phrase word for word in the texts. Every act needs a request on record and is
written into it and into the audit log; neither ever holds the name itself. Times for an answer:
docs/privacy.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.clock import hanoi
from langnghe.core.covering import COVERED, cover, covered_deep
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.forgetting import Forget
from langnghe.core.store import intake, plan, search
from langnghe.core.store.holds import held
from langnghe.core.store.mentions import MENTION, READING, REVISION, author_hash
from langnghe.core.store.parts import parts
from langnghe.core.store.purge import PAGE, purge_mentions
from langnghe.core.store.tables import (
    MentionRevisionRow,
    MentionRow,
    PageVersionRow,
    ReadingRow,
    StoryRow,
    SubjectRequestRow,
)
from langnghe.core.store.users import note
from langnghe.core.text import clean, fold
from langnghe.core.types import Item

WORKING_DAYS = 2
"""Nghị định 356/2025: a request is answered within two working days."""
_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 2)}  # fixed public holidays; Tết must be minded by people
MIN_TEXT = 4
MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person is looked up by: ``handle`` (an account's name) or ``text`` (as written)."""

    by: str
    value: str

    def __post_init__(self) -> None:
        if self.by not in ("handle", "text"):
            raise InputError("Chỉ tìm theo «handle» (tên tài khoản) hoặc «text» (cụm chữ).")
        words = fold(self.value).split()
        if self.by == "text" and (len(words) < 2 or len("".join(words)) < MIN_TEXT):
            raise InputError("Cụm chữ quá ngắn, sẽ trúng nhiều người khác.", mend="Ghi đủ họ tên.")
        if len(self.value) > MAX_TEXT:
            raise InputError("Tên hoặc cụm chữ quá dài.", mend=f"Ghi tối đa {MAX_TEXT} ký tự.")
        if not self.value.strip():
            raise InputError("Chưa ghi tên tài khoản hoặc cụm chữ cần tìm.")

    def known_as(self, secret: bytes) -> str:
        """Return the keyed hash under which requests remember the value."""
        said = f"subject\x1f{self.by}\x1f{fold(self.value)}".encode()
        return hmac.new(secret, said, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """The mentions a person appears in, those an order keeps, and other places that name them."""

    mentions: tuple[int, ...] = ()
    held: dict[int, str] = field(default_factory=dict)
    stories: tuple[int, ...] = ()
    feedback: tuple[int, ...] = ()
    reports: tuple[int, ...] = ()


def due_after(received: datetime, days: int = WORKING_DAYS) -> datetime:
    """Return the end of the last working day in which to answer (weekends, fixed holidays)."""
    day = hanoi(received)
    left = days
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS:
            left -= 1
    return day.replace(hour=17, minute=0, second=0, microsecond=0)


def near_tet(due: datetime) -> bool:
    """Tell whether the days before ``due`` may hold the lunar new year, which has no fixed date."""
    day = hanoi(due)
    return (1, 20) <= (day.month, day.day) <= (2, 28)


def receive(
    session: Session, asked: Asked, *, secret: bytes, proof: str, actor: str, now: datetime
) -> SubjectRequestRow:
    """Put a request on record; ``proof`` says how the person showed who they are."""
    if not proof.strip():
        raise InputError("Phải ghi đã kiểm tra người yêu cầu bằng cách nào.", mend="Thêm --proof.")
    row = SubjectRequestRow(
        received_at=now, due_at=due_after(now), by=asked.by, subject=asked.known_as(secret),
        proof=proof.strip(), actor=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, now, actor, "subject_request", str(row.id), data={"by": asked.by})
    return row


def find(session: Session, asked: Asked, *, secret: bytes) -> Found:
    """Return where the person appears; reads the index, not the history."""
    query = search.Query((fold(asked.value),))
    named = asked.by == "text"
    ids = _by_text(session, query) if named else _by_handle(session, asked.value, secret)
    entries = plan.feedback_saying(session, query.fits) if named else []
    told = intake.by_id(session, intake.saying(session, query.fits) if named else [])
    kept = held(session, [*ids, *(row.mention_id for row in told if row.mention_id is not None)])
    reports = [row.id for row in told if row.id is not None and row.mention_id not in kept]
    stories = sorted(
        {
            story
            for part in parts(ids)
            for story in session.scalars(
                sa.select(MENTION.c.story_id).where(
                    MENTION.c.id.in_(part), MENTION.c.story_id.is_not(None)
                )
            )
        }
    )
    return Found(tuple(ids), kept, tuple(stories), tuple(entries), tuple(reports))


def export(session: Session, found: Found) -> list[dict[str, Any]]:
    """Return what is kept of these mentions, as published: for the person who asked alone."""
    return [
        {
            "id": row.id, "kind": row.kind, "source": row.source_name, "url": row.url,
            "published_at": row.published_at, "seen_at": row.seen_at, "title": row.title,
            "text": row.text, "revisions": row.revision,
            "kept_by_order": found.held.get(row.id or 0),
        }
        for part in parts(list(found.mentions))
        for row in session.scalars(
            sa.select(MentionRow).where(MENTION.c.id.in_(part)).order_by(MENTION.c.id)
        )
    ] + [
        {"id": row.id, "kind": "feedback", "seen_at": row.received_at, "text": row.text,
         "answer": row.answer}
        for row in plan.feedback_by_id(session, found.feedback)
    ] + [
        {"id": row.id, "kind": "intake", "seen_at": row.received_at, "text": row.text,
         "url": row.link, "reporter": _reporter(session, row.id or 0)}
        for row in intake.by_id(session, found.reports)
    ]  # fmt: skip


def erase(
    session: Session, found: Found, now: datetime, *, forget: Forget | None = None,
    files: list[str] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Delete the words of every mention found, but those an order keeps; return the counts.

    ``files`` takes up the hashes of files to be deleted once this transaction is committed.
    """
    gone = [i for i in found.mentions if i not in found.held]
    if gone and forget is not None:
        forget(session, gone, "theo yêu cầu của chủ thể dữ liệu", now)
    for row in plan.feedback_by_id(session, found.feedback):
        row.text = row.masked = row.answer = COVERED
        row.owner = row.reply_to = ""
    intake.drop_contacts(session, found.reports)
    alone = intake.blank(session, found.reports, COVERED)
    told = set(intake.of_mentions(session, gone)) - set(found.reports)
    alone += intake.blank(session, sorted(told))  # words and files they had beside the mention
    if files is not None:
        files += alone
    count = purge_mentions(session, gone, now) + len(found.feedback) + len(found.reports)
    return {"deleted": count, "held": len(found.held)}


def anonymise(
    session: Session, found: Found, asked: Asked, now: datetime, *, forget: Forget | None = None
) -> dict[str, int]:
    """Take the person out but leave the texts: the name covered, or the author's hash dropped.

    The hash of the text as published stays, so that the same page read again changes nothing; one
    that is edited later comes in as it then stands.
    """
    ids = [i for i in found.mentions if i not in found.held]
    if ids and forget is not None and asked.by == "text":
        forget(session, ids, "theo yêu cầu của chủ thể dữ liệu", now)
    if asked.by == "handle":
        for part in parts(ids):
            session.execute(
                sa.update(MENTION).where(MENTION.c.id.in_(part)).values(author_hash=None)
            )
        return {"anonymised": len(ids), "held": len(found.held)}
    for part in parts(ids):
        for mention in session.scalars(sa.select(MentionRow).where(MENTION.c.id.in_(part))):
            mention.title = cover(mention.title, asked.value)
            mention.text = cover(mention.text, asked.value)
            mention.folded = fold(f"{mention.title or ''} {mention.text or ''}")
        old_texts: list[MentionRevisionRow | PageVersionRow] = [
            *session.scalars(sa.select(MentionRevisionRow).where(REVISION.c.mention_id.in_(part))),
            *session.scalars(sa.select(PageVersionRow).where(PAGE.c.mention_id.in_(part))),
        ]
        for old in old_texts:
            old.title, old.text = cover(old.title, asked.value), cover(old.text, asked.value)
        for reading in session.scalars(sa.select(ReadingRow).where(READING.c.mention_id.in_(part))):
            reading.masked_title = cover(reading.masked_title, asked.value) or ""
            reading.masked_text = cover(reading.masked_text, asked.value) or ""
            reading.facts = covered_deep(reading.facts, asked.value)
            reading.topics = covered_deep(reading.topics, asked.value)
    for story_id in found.stories:
        story = session.get(StoryRow, story_id)
        if story is not None:
            story.title = cover(story.title, asked.value) or ""
            story.summary = cover(story.summary, asked.value) or ""
            story.gist = covered_deep(story.gist, asked.value)
            story.reasons = covered_deep(story.reasons, asked.value)
    for row in plan.feedback_by_id(session, found.feedback):
        for name in ("text", "masked", "answer", "owner", "reply_to"):
            setattr(row, name, cover(getattr(row, name), asked.value))
    for report in intake.by_id(session, found.reports):
        for name in ("text", "masked", "note", "why", "link"):
            setattr(report, name, cover(getattr(report, name), asked.value))
    intake.drop_contacts(session, found.reports)
    session.flush()
    touched = len(ids) + len(found.feedback) + len(found.reports)
    return {"anonymised": touched, "held": len(found.held)}


def record(
    session: Session, request_id: int, asked: Asked, what: str, counts: dict[str, int], *,
    secret: bytes, actor: str, now: datetime, answer: str = "",
) -> SubjectRequestRow:  # fmt: skip
    """Write an act into the request's log; ``answer`` closes it.

    Raises ``ConflictError`` when the name asked for is not the one the request was made with.
    """
    row = checked(session, request_id, asked, secret=secret)
    row.done = [*row.done, {"at": now.isoformat(), "what": what, "actor": actor, **counts}]
    if answer.strip():
        row.answered_at, row.answer = now, answer.strip()
    note(session, now, actor, f"subject_{what}", str(request_id), data=counts)
    session.flush()
    return row


def checked(session: Session, request_id: int, asked: Asked, *, secret: bytes) -> SubjectRequestRow:
    """Return the request if it is about this name; raises NotFoundError or ConflictError."""
    row = session.get(SubjectRequestRow, request_id)
    if row is None:
        raise NotFoundError(
            f"Không có yêu cầu số {request_id}.", mend="Ghi nhận trước: «langnghe subject receive»."
        )
    if not hmac.compare_digest(row.subject, asked.known_as(secret)):
        raise ConflictError(
            f"Yêu cầu số {request_id} không phải về tên này.", mend="Kiểm tra lại số và cách viết."
        )
    return row


def requests(session: Session) -> list[SubjectRequestRow]:
    """Return every request, the newest first."""
    query = sa.select(SubjectRequestRow)
    return sorted(session.scalars(query), key=lambda row: row.received_at, reverse=True)


def _reporter(session: Session, number: int) -> str:
    found = intake.contact_of(session, number)
    return f"{found.name} {found.phone}".strip() if found else ""


def _by_handle(session: Session, handle: str, secret: bytes) -> list[int]:
    """The hash is keyed by source and author, so the handle is tried with every source's name."""
    names = session.scalars(sa.select(MENTION.c.source_name).distinct())
    spellings = {handle, clean(handle), clean(handle).removeprefix("@")}
    pens = (Item(id="", source=name, author=pen) for name in names for pen in spellings)
    hashes = {hashed for pen in pens if (hashed := author_hash(secret, pen))}
    return sorted(
        found
        for part in parts(sorted(hashes))
        for found in session.scalars(sa.select(MENTION.c.id).where(MENTION.c.author_hash.in_(part)))
    )


def _by_text(session: Session, query: search.Query) -> list[int]:
    dialect = session.get_bind().dialect.name
    current = session.scalars(sa.select(MENTION.c.id).where(search.matches(query, dialect)))
    return sorted(set(current) | set(_in_revisions(session, query)))


def _in_revisions(session: Session, query: search.Query) -> Iterable[int]:
    """What edited mentions said before is in no index; they are few, and this is asked rarely."""
    found: list[int] = []
    for table in (REVISION, PAGE):
        said = sa.select(table.c.mention_id, table.c.title, table.c.text)
        rows = session.execute(said).yield_per(1000)
        found += [row.mention_id for row in rows if query.fits(row.title, row.text)]
    return found
