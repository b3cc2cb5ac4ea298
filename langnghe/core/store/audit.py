"""The audit log as a chain: each line is sealed with the one before it, so a change shows.

A line's digest is the SHA-256 of its time, its act and the SHA-256 of the rest, so that both stay
provable when the rest is blanked; its seal the SHA-256 of the seal before it, its number and its
digest. Lines are written without a seal and sealed at once where nobody else is
sealing, else by the next writer or sweep: waiting for a lock here could make two transactions wait
for each other. The database refuses to change or delete a line; a rewritten database is found by
``broken_links``, and a rewritten chain by the heads noted outside the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.clock import as_utc
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.tables import AuditRow

AUDIT: sa.Table = AuditRow.__table__  # type: ignore[attr-defined]
UNSEALED = sa.text("audit.seq IS NULL")
REDACTED = "[đã xóa theo thời hạn lưu]"
SIGN_INS = ("login", "login_failed")
"""The only acts whose lines may be blanked."""
REDACTION = "audit_redacted"
"""The action of the line that names the numbers of blanked lines."""
FIRST = "0" * 64
_SAID = "said"
_GUARDS = {
    "sqlite": ("audit_no_update", "audit_no_delete", "audit_no_replace"),
    "postgresql": ("audit_append_only", "audit_no_truncate"),
}
_SEALING = 7_210_119  # any fixed number: the name of one advisory lock
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Head:
    """The newest sealed line: its number and seal. Number 0 is that of an empty log."""

    seq: int
    chain: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that does not fit, and what is wrong with it in plain words."""

    seq: int
    what: str


def seal(session: Session, limit: int = _BATCH) -> int:
    """Seal up to ``limit`` lines that wait; return how many (0 also while somebody else does)."""
    if session.get_bind().dialect.name == "postgresql":
        lock = sa.select(sa.func.pg_try_advisory_xact_lock(_SEALING))
        if not session.execute(lock).scalar():
            return 0
    rows = session.scalars(
        sa.select(AuditRow).where(UNSEALED).order_by(AUDIT.c.id).limit(limit)
    ).all()
    if not rows:
        return 0
    last = head(session)
    seq, chain = last.seq, last.chain
    for row in rows:
        seq += 1
        row.digest = digest_of(row)
        chain = link(chain, seq, row.digest)
        row.seq, row.chain = seq, chain
    session.flush()
    return len(rows)


def waits(session: Session) -> bool:
    """Tell whether a line waits for its seal."""
    return session.execute(sa.select(AUDIT.c.id).where(UNSEALED).limit(1)).first() is not None


def seal_all(session: Session) -> int:
    """Seal every waiting line."""
    total = 0
    while count := seal(session):
        total += count
    return total


def head(session: Session) -> Head:
    """Return the newest sealed line."""
    query = sa.select(AUDIT.c.seq, AUDIT.c.chain).where(AUDIT.c.seq.is_not(None))
    row = session.execute(query.order_by(AUDIT.c.seq.desc()).limit(1)).first()
    return Head(row.seq, row.chain) if row is not None else Head(0, FIRST)


def heads_after(session: Session, seq: int, limit: int = 10_000) -> list[Head]:
    """Return the sealed lines after ``seq`` in order."""
    query = sa.select(AUDIT.c.seq, AUDIT.c.chain).where(AUDIT.c.seq > seq)
    rows = session.execute(query.order_by(AUDIT.c.seq).limit(limit))
    return [Head(row.seq, row.chain) for row in rows]


def lines(
    session: Session, *, action: str = "", actors: Sequence[str] = (),
    since: datetime | None = None, until: datetime | None = None, before: int | None = None,
    limit: int = 50,
) -> list[AuditRow]:  # fmt: skip
    """Return lines of the log, the newest first; ``before`` is the id of the last one shown.

    ``actors`` are the names one person goes by; ``since`` and ``until`` (exclusive) bound the time.
    Each name is asked for by itself, because only so does an index give the newest at once.
    """
    query = sa.select(AuditRow).order_by(AUDIT.c.id.desc()).limit(limit)
    if action:
        query = query.where(AUDIT.c.action == action)
    if before is not None:
        query = query.where(AUDIT.c.id < before)
    if since is not None:
        query = query.where(AUDIT.c.at >= since, AUDIT.c.id >= _first_at(session, since))
    if until is not None:
        query = query.where(AUDIT.c.at < until, AUDIT.c.id <= _last_before(session, until))
    asked = [query.where(AUDIT.c.actor == one) for one in dict.fromkeys(actors)] or [query]
    found = [row for one in asked for row in session.scalars(one)]
    return sorted(found, key=lambda row: row.id or 0, reverse=True)[:limit]


def _first_at(session: Session, since: datetime) -> int:
    query = sa.select(AUDIT.c.id).where(AUDIT.c.at >= since).order_by(AUDIT.c.at).limit(1)
    found = session.execute(query).scalar()
    return int(found) if found is not None else MAX_ID


def _last_before(session: Session, until: datetime) -> int:
    query = sa.select(AUDIT.c.id).where(AUDIT.c.at < until).order_by(AUDIT.c.at.desc()).limit(1)
    found = session.execute(query).scalar()
    return int(found) if found is not None else 0


def newest_sound(session: Session, count: int = 100) -> tuple[int, Broken | None]:
    """Recompute the newest ``count`` seals; return (how many were looked at, the first bad one)."""
    query = sa.select(AuditRow).where(AUDIT.c.seq.is_not(None)).order_by(AUDIT.c.seq.desc())
    rows = list(session.scalars(query.limit(count + 1)))[::-1]
    before = FIRST if len(rows) <= count else ""
    checked = 0
    for row in rows:
        seq = row.seq or 0
        if before:
            checked += 1
            if digest_of(row) != row.digest or not _may_be_blank(row):
                return checked, Broken(seq, f"nội dung dòng số {seq} của nhật ký đã bị sửa")
            if link(before, seq, row.digest) != row.chain:
                return checked, Broken(seq, f"niêm phong của dòng số {seq} không khớp dòng trước")
        before = row.chain
    return checked, None


def digest_of(row: AuditRow) -> str:
    """Return the SHA-256 of what a line says, blanked or not (64 hex digits)."""
    said = row.data.get(_SAID) if row.redacted_at is not None else _said(row)
    at = as_utc(row.at).isoformat(timespec="microseconds")
    return _sum({"at": at, "action": row.action, "said": said})


def _said(row: AuditRow) -> str:
    return _sum(
        {"actor": row.actor, "subject": row.subject, "reason": row.reason, "data": row.data}
    )


def _sum(said: Mapping[str, Any]) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def link(before: str, seq: int, digest: str) -> str:
    """Return the seal of line ``seq`` (64 hex digits)."""
    return hashlib.sha256(f"{before}|{seq}|{digest}".encode()).hexdigest()


def broken_links(session: Session, noted: Sequence[Head] = ()) -> Iterator[Broken]:
    """Yield every line that does not fit the chain; read in batches, oldest first.

    ``noted`` are heads kept outside the database: each must stand there unchanged.
    """
    outside: dict[int, str] = {}
    for one in noted:
        if outside.setdefault(one.seq, one.chain) != one.chain:
            yield Broken(one.seq, f"ngoài cơ sở dữ liệu ghi hai niêm phong cho dòng số {one.seq}")
    before, expected = FIRST, 1
    blanked: set[int] = set()
    named: set[int] = set()
    while rows := session.scalars(
        sa.select(AuditRow)
        .where(AUDIT.c.seq >= expected)
        .order_by(AUDIT.c.seq)
        .limit(_BATCH)
        .execution_options(populate_existing=True)
    ).all():
        for row in rows:
            seq = row.seq or 0
            if seq != expected:
                yield Broken(expected, f"thiếu dòng số {expected} của nhật ký")
            if row.redacted_at is not None:
                blanked.add(seq)
            if digest_of(row) != row.digest or not _may_be_blank(row):
                yield Broken(seq, f"nội dung dòng số {seq} của nhật ký đã bị sửa")
            if link(before, seq, row.digest) != row.chain:
                yield Broken(seq, f"niêm phong của dòng số {seq} không khớp dòng trước")
            if outside.pop(seq, row.chain) != row.chain:
                yield Broken(seq, f"dòng số {seq} khác với bản ghi ngoài cơ sở dữ liệu")
            if row.action == REDACTION:
                named.update(int(number) for number in row.data.get("lines", ()))
            before, expected = row.chain, seq + 1
        session.expunge_all()
    for seq in sorted(blanked - named):
        yield Broken(seq, f"dòng số {seq} bị xóa nội dung mà không có dòng ghi việc xóa")
    for seq in sorted(outside):
        yield Broken(seq, f"dòng số {seq} đã có ngoài cơ sở dữ liệu nhưng không còn trong nhật ký")


def guards_off(session: Session) -> list[str]:
    """Return the triggers against change and deletion that are missing or switched off."""
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
    else:
        query = (
            "SELECT tgname FROM pg_trigger "
            "WHERE tgrelid = 'audit'::regclass AND tgenabled IN ('O', 'A')"
        )
    standing = set(session.scalars(sa.text(query)))
    return [name for name in _GUARDS[dialect] if name not in standing]


def redact(session: Session, before: datetime, now: datetime, limit: int = _BATCH) -> list[int]:
    """Blank sealed lines of sign-ins from before then; return their numbers.

    What they said is gone, that they stood there stays provable. The caller notes the numbers in a
    line of action ``REDACTION``.
    """
    rows = session.scalars(
        sa.select(AuditRow)
        .where(
            AUDIT.c.at < before,
            AUDIT.c.action.in_(SIGN_INS),
            AUDIT.c.redacted_at.is_(None),
            AUDIT.c.seq.is_not(None),
        )
        .order_by(AUDIT.c.at)
        .limit(limit)
    ).all()
    for row in rows:
        row.data = {_SAID: _said(row)}
        row.actor, row.subject, row.reason = REDACTED, "", ""
        row.redacted_at = now
    session.flush()
    return [row.seq for row in rows if row.seq is not None]


def _may_be_blank(row: AuditRow) -> bool:
    if row.redacted_at is None:
        return True
    empty = (row.actor, row.subject, row.reason) == (REDACTED, "", "")
    return empty and set(row.data) == {_SAID} and row.action in SIGN_INS
