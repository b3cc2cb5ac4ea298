"""All SQL of reports handed in: the rows, who gave them, their files, and what is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.intake import (
    ASIDE,
    KEEP_ASIDE,
    KEEP_HITS,
    WAITING,
    new_receipt,
)
from langnghe.core.store.mentions import MENTION
from langnghe.core.store.parts import parts
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables import (
    AttachmentRow,
    IntakeContactRow,
    IntakeFileRow,
    IntakeRow,
)
from langnghe.core.text import fold

INTAKE: sa.Table = IntakeRow.__table__  # type: ignore[attr-defined]
CONTACT: sa.Table = IntakeContactRow.__table__  # type: ignore[attr-defined]
FILE: sa.Table = IntakeFileRow.__table__  # type: ignore[attr-defined]
ATTACHMENT: sa.Table = AttachmentRow.__table__  # type: ignore[attr-defined]
_WAITS = sa.text("intake.state = 'waiting'")
"""Word for word as in the partial indexes: SQLite uses them for no other wording."""
_COUNTED = 1000
_WORDS = ("text", "masked", "note", "why", "link")


def insert(session: Session, row: IntakeRow) -> int:
    """Store a new report under a receipt number of its own; return its id."""
    while session.scalar(sa.select(INTAKE.c.id).where(INTAKE.c.receipt == row.receipt)):
        row.receipt = new_receipt()
    session.add(row)
    session.flush()
    if row.id is None:
        raise RuntimeError("the database gave a report no id")
    return row.id


def intake_of(
    session: Session, intake_id: int, *, viewer_unit: str | None, lock: bool = False
) -> IntakeRow:
    """Return one report. Raises NotFoundError also outside the viewer's units."""
    query = sa.select(IntakeRow).where(INTAKE.c.id == intake_id)
    if viewer_unit is not None:
        query = query.where(INTAKE.c.unit_id.in_(subtree(viewer_unit)))
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("Không có phiếu này, hoặc phiếu ngoài phạm vi của bạn.")
    return row


def in_box(
    session: Session, *, viewer_unit: str | None, state: str = WAITING, limit: int = 50
) -> list[IntakeRow]:
    """Return the reports of the viewer's units in one state: the gravest, then the newest."""
    query = sa.select(IntakeRow).where(INTAKE.c.state == state)
    if viewer_unit is None:
        units: Any = sa.select(UNIT.c.id)  # the index begins with the unit
    else:
        units = subtree(viewer_unit)
    query = query.where(INTAKE.c.unit_id.in_(units)).order_by(INTAKE.c.id.desc())
    rows = list(session.scalars(query.limit(limit)))
    return sorted(rows, key=lambda row: (-(row.risk or 0), -(row.id or 0)))


def box_size(session: Session, *, viewer_unit: str | None) -> int:
    """Return how many reports wait for the viewer's units; counts no further than a thousand."""
    units: Any = sa.select(UNIT.c.id) if viewer_unit is None else subtree(viewer_unit)
    waits = sa.select(INTAKE.c.id).where(INTAKE.c.state == WAITING, INTAKE.c.unit_id.in_(units))
    return number_of(session, waits)


def recent(session: Session, *, viewer_unit: str | None, limit: int = 30) -> list[IntakeRow]:
    """Return the newest reports of the viewer's units, in whatever state."""
    query = sa.select(IntakeRow).order_by(INTAKE.c.id.desc()).limit(limit)
    if viewer_unit is not None:
        query = query.where(INTAKE.c.unit_id.in_(subtree(viewer_unit)))
    return list(session.scalars(query))


def of_mention(session: Session, mention_id: int, *, viewer_unit: str | None) -> list[IntakeRow]:
    """Return the reports a mention came from or was reported again by, oldest first."""
    query = sa.select(IntakeRow).where(INTAKE.c.mention_id == mention_id).order_by(INTAKE.c.id)
    if viewer_unit is not None:
        query = query.where(INTAKE.c.unit_id.in_(subtree(viewer_unit)))
    return list(session.scalars(query.limit(100)))


def by_receipt(session: Session, receipt: str) -> IntakeRow | None:
    """Return the report of this receipt number."""
    return session.scalars(sa.select(IntakeRow).where(INTAKE.c.receipt == receipt)).first()


def by_token(session: Session, mark: str) -> IntakeRow | None:
    """Return the report that a form with this token made."""
    return session.scalars(sa.select(IntakeRow).where(INTAKE.c.token == mark)).first()


def known_mention(session: Session, key: str) -> tuple[int, bool] | None:
    """Return (id, whether its words were deleted) of the mention under this key."""
    row = session.execute(
        sa.select(MENTION.c.id, MENTION.c.purged_at).where(MENTION.c.key == key)
    ).first()
    return None if row is None else (row.id, row.purged_at is not None)


def contact_of(session: Session, intake_id: int) -> IntakeContactRow | None:
    """Return who reported, where they said so and it is still kept."""
    return session.get(IntakeContactRow, intake_id)


def files_of(session: Session, intake_ids: Sequence[int]) -> dict[int, list[IntakeFileRow]]:
    """Return the files of each report, in order."""
    found: dict[int, list[IntakeFileRow]] = {number: [] for number in intake_ids}
    for part in parts(list(intake_ids)):
        query = sa.select(IntakeFileRow).where(FILE.c.intake_id.in_(part)).order_by(FILE.c.id)
        for row in session.scalars(query):
            found[row.intake_id].append(row)
    return found


def file_of(session: Session, intake_id: int, file_id: int) -> IntakeFileRow:
    """Return one file of a report. Raises NotFoundError."""
    row = session.get(IntakeFileRow, file_id)
    if row is None or row.intake_id != intake_id:
        raise NotFoundError("Không có tệp này.")
    return row


def unread(session: Session, limit: int) -> list[IntakeRow]:
    """Return waiting reports that the reader has not seen, oldest first."""
    query = sa.select(IntakeRow).where(_WAITS, INTAKE.c.read_at.is_(None))
    return list(session.scalars(query.order_by(INTAKE.c.id).limit(limit)))


def grave_untold(session: Session, limit: int = 500) -> list[IntakeRow]:
    """Return waiting reports that are grave and of which nobody was told, oldest first."""
    query = sa.select(IntakeRow).where(
        _WAITS, sa.text("intake.risk >= 2"), INTAKE.c.told_at.is_(None)
    )
    return list(session.scalars(query.order_by(INTAKE.c.id).limit(limit)))


def last_told(session: Session, unit_id: str, since: datetime) -> datetime | None:
    """Return when somebody was last told of a grave report to this unit, after ``since``."""
    newest = sa.select(sa.func.max(INTAKE.c.told_at, type_=INTAKE.c.told_at.type)).where(
        INTAKE.c.unit_id == unit_id,
        INTAKE.c.received_at > since - KEEP_HITS,
        INTAKE.c.told_at > since,
    )
    found: datetime | None = session.scalar(newest)
    return found


def to_fetch(session: Session, now: datetime, limit: int) -> list[IntakeRow]:
    """Return reports whose link is to be read now, the longest waiting first."""
    query = sa.select(IntakeRow).where(sa.text("intake.visit = 'due'"), INTAKE.c.visit_at <= now)
    return list(session.scalars(query.order_by(INTAKE.c.visit_at).limit(limit)))


def saying(session: Session, fits: Callable[..., bool]) -> list[int]:
    """Return the ids of reports that say something that ``fits``, or whose reporter does."""
    kept = [INTAKE.c[name] for name in _WORDS]
    found = {
        row.id
        for row in session.execute(sa.select(INTAKE.c.id, *kept)).yield_per(1000)
        if any(fits(said) for said in row[1:])
    }
    people = sa.select(CONTACT.c.intake_id, CONTACT.c.name, CONTACT.c.phone)
    found |= {
        row.intake_id
        for row in session.execute(people).yield_per(1000)
        if fits(row.name) or fits(row.phone)
    }
    return sorted(found)


def by_id(session: Session, ids: Sequence[int]) -> list[IntakeRow]:
    """Return reports by their ids."""
    return [
        row
        for part in parts(list(ids))
        for row in session.scalars(sa.select(IntakeRow).where(INTAKE.c.id.in_(part)))
    ]


def of_mentions(session: Session, mention_ids: Sequence[int]) -> list[int]:
    """Return the ids of the reports these mentions came from or were reported again by."""
    return [
        number
        for part in parts(list(mention_ids))
        for number in session.scalars(sa.select(INTAKE.c.id).where(INTAKE.c.mention_id.in_(part)))
    ]


def drop_contacts(session: Session, ids: Sequence[int]) -> int:
    """Delete who reported these; return how many were on record."""
    gone = 0
    for part in parts(list(ids)):
        done: Any = session.execute(sa.delete(CONTACT).where(CONTACT.c.intake_id.in_(part)))
        gone += int(done.rowcount)
    return gone


def blank(session: Session, ids: Sequence[int], words: str = "") -> list[str]:
    """Take the words and files out of reports; return the hashes of files nobody else holds."""
    hashes: set[str] = set()
    for part in parts(list(ids)):
        hashes |= set(session.scalars(sa.select(FILE.c.sha256).where(FILE.c.intake_id.in_(part))))
        session.execute(sa.delete(FILE).where(FILE.c.intake_id.in_(part)))
        session.execute(
            sa.update(INTAKE)
            .where(INTAKE.c.id.in_(part))
            .values(text=words, masked=words, link="", note="", visit="")
        )
    return [digest for digest in sorted(hashes) if not held_file(session, digest)]


def worn_out(session: Session, now: datetime, days: int, limit: int) -> list[int]:
    """Return reports kept long enough that still have words or files: set aside, or too old."""
    speaks = sa.or_(
        INTAKE.c.text != "", INTAKE.c.masked != "", INTAKE.c.link != "",
        sa.exists().where(FILE.c.intake_id == INTAKE.c.id).correlate(INTAKE),
    )  # fmt: skip
    old = sa.and_(INTAKE.c.state == ASIDE, INTAKE.c.decided_at < now - KEEP_ASIDE)
    if days:
        old = sa.or_(old, INTAKE.c.received_at < now - timedelta(days=days))
    query = sa.select(INTAKE.c.id).where(
        INTAKE.c.received_at < now - min(KEEP_ASIDE, timedelta(days=days or 30)), speaks, old
    )
    return list(session.scalars(query.order_by(INTAKE.c.id).limit(limit)))


def contacts_over(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the reports whose reporter has been kept long enough."""
    query = sa.select(CONTACT.c.intake_id).where(CONTACT.c.until <= now)
    return list(session.scalars(query.order_by(CONTACT.c.until).limit(limit)))


def unit_named(session: Session, typed: str, *, viewer_unit: str | None) -> str:
    """Return the id of the viewer's unit of this id or name, ``""`` for none or several."""
    said = typed.strip()
    mine = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.active)
    if viewer_unit is not None:
        mine = mine.where(UNIT.c.id.in_(subtree(viewer_unit)))
    exact = session.execute(mine.where(UNIT.c.id == said)).first()
    if exact is not None:
        return str(exact.id)
    wanted = fold(said)
    named = [row.id for row in session.execute(mine) if wanted and fold(row.name) == wanted]
    return str(named[0]) if len(named) == 1 else ""


def held_file(session: Session, sha256: str) -> bool:
    """Say whether any row, of a report or of an incident, names the file of this hash."""
    return any(
        session.scalar(sa.select(table.c.id).where(table.c.sha256 == sha256).limit(1)) is not None
        for table in (FILE, ATTACHMENT)
    )


def number_of(session: Session, found: sa.Select[Any]) -> int:
    """Return how many rows a query finds; counts no further than a thousand."""
    counted = sa.select(sa.func.count()).select_from(found.limit(_COUNTED).subquery())
    return int(session.scalar(counted) or 0)
