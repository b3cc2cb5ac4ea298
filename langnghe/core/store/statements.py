"""Statements and delegations: all SQL about what is said in a unit's name and who may say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.paging import Key, Page, page_of, read_cursor
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables import (
    ContactRow,
    DelegationPaperRow,
    DelegationRow,
    StatementActRow,
    StatementPlaceRow,
    StatementRow,
    StatementVersionRow,
    UnitRow,
    UserRow,
)

STATEMENT: sa.Table = StatementRow.__table__  # type: ignore[attr-defined]
VERSION: sa.Table = StatementVersionRow.__table__  # type: ignore[attr-defined]
ACT: sa.Table = StatementActRow.__table__  # type: ignore[attr-defined]
PLACE: sa.Table = StatementPlaceRow.__table__  # type: ignore[attr-defined]
DELEGATION: sa.Table = DelegationRow.__table__  # type: ignore[attr-defined]
CONTACT: sa.Table = ContactRow.__table__  # type: ignore[attr-defined]
USER: sa.Table = UserRow.__table__  # type: ignore[attr-defined]

BOOK = "statement"
"""The number book of released statements."""
_RING = 10  # no unit tree is deeper; a ring in the profile must not hang a page


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit's name and kind, and the names of the units above it, nearest first."""

    id: str
    name: str
    kind: str
    above: tuple[str, ...]
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementFilter:
    """What to list. ``viewer_unit`` bounds by rights, the rest by wish."""

    viewer_unit: str | None = None
    states: tuple[str, ...] = ()
    incident_id: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class StatementDetail:
    """One statement with all that ever happened to it, oldest first."""

    row: StatementRow
    unit_name: str
    unit_kind: str
    versions: tuple[StatementVersionRow, ...]
    acts: tuple[StatementActRow, ...]
    places: tuple[StatementPlaceRow, ...]
    corrected_by: tuple[StatementRow, ...]


def unit_facts(session: Session, unit_id: str) -> UnitFacts:
    """Return what a text must know of the unit that speaks. Raises NotFoundError."""
    row = session.get(UnitRow, unit_id)
    if row is None:
        raise NotFoundError(f"Không có đơn vị «{unit_id}».")
    above, chain, parent = [], [unit_id], row.parent_id
    while parent and parent not in chain and len(chain) < _RING:
        higher = session.get(UnitRow, parent)
        if higher is None:
            break
        above.append(higher.name)
        chain.append(higher.id)
        parent = higher.parent_id
    return UnitFacts(row.id, row.name, row.kind, tuple(above), tuple(chain))


def contacts_of(session: Session, unit_ids: Sequence[str]) -> list[ContactRow]:
    """Return the people now in office at these units, in the order they were entered."""
    query = (
        sa.select(ContactRow)
        .where(CONTACT.c.unit_id.in_(unit_ids), CONTACT.c.removed_at.is_(None))
        .order_by(CONTACT.c.id)
    )
    return list(session.scalars(query))


def unit_within(session: Session, unit_id: str, viewer_unit: str | None) -> bool:
    """Tell whether a unit lies in the viewer's subtree (None sees all)."""
    if viewer_unit is None:
        return True
    query = sa.select(UNIT.c.id).where(UNIT.c.id == unit_id, UNIT.c.id.in_(subtree(viewer_unit)))
    return session.execute(query).first() is not None


def only_unit(session: Session) -> str | None:
    """Return the id of the unit of a house that watches a single one, else None."""
    found = list(session.scalars(sa.select(UNIT.c.id).where(UNIT.c.active).limit(2)))
    return found[0] if len(found) == 1 else None


def units_for(session: Session, viewer_unit: str | None) -> list[tuple[str, str]]:
    """Return (id, name) of every active unit the viewer may speak about."""
    query = sa.select(UNIT.c.id, UNIT.c.name).where(UNIT.c.active).order_by(UNIT.c.name)
    if viewer_unit is not None:
        query = query.where(UNIT.c.id.in_(subtree(viewer_unit)))
    return [(row.id, row.name) for row in session.execute(query.limit(500))]


def insert_statement(session: Session, row: StatementRow) -> int:
    """Store a new statement with its first version; return its id."""
    session.add(row)
    session.flush()
    keep_version(session, row, row.created_by, row.created_name)
    if row.id is None:
        raise RuntimeError("the database gave a statement no id")
    return row.id


def keep_version(session: Session, row: StatementRow, user_id: int, name: str) -> None:
    """Keep the text as it now stands as a version of its own."""
    session.add(
        StatementVersionRow(
            statement_id=row.id or 0, version=row.version, at=row.updated_at, user_id=user_id,
            user_name=name, title=row.title, text=row.text, fields=row.fields,
        )
    )  # fmt: skip
    session.flush()


def add_act(
    session: Session, row: StatementRow, at: datetime, user_id: int, name: str, kind: str,
    note: str = "",
) -> None:  # fmt: skip
    """Write down what somebody did to a statement."""
    session.add(
        StatementActRow(
            statement_id=row.id or 0, at=at, user_id=user_id, user_name=name, kind=kind,
            version=row.version, note=note,
        )
    )  # fmt: skip


def add_place(
    session: Session, statement_id: int, at: datetime, user_id: int, channel: str, url: str
) -> None:
    """Write down where a released text stands."""
    session.add(
        StatementPlaceRow(
            statement_id=statement_id, at=at, user_id=user_id, channel=channel, url=url
        )
    )


def lock_statement(session: Session, statement_id: int) -> StatementRow:
    """Return a statement, locked against other writers. Raises NotFoundError."""
    query = sa.select(StatementRow).where(STATEMENT.c.id == statement_id).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise _nothing()
    return row


def get_statement(
    session: Session, statement_id: int, *, viewer_unit: str | None
) -> StatementDetail:
    """Return one statement. Raises NotFoundError also when it lies outside the viewer's units."""
    row = session.get(StatementRow, statement_id)
    if row is None or not unit_within(session, row.unit_id, viewer_unit):
        raise _nothing()
    unit = session.get(UnitRow, row.unit_id)
    return StatementDetail(
        row=row,
        unit_name=unit.name if unit else row.unit_id,
        unit_kind=unit.kind if unit else "",
        versions=tuple(versions_of(session, statement_id)),
        acts=tuple(acts_of(session, statement_id)),
        places=tuple(places_of(session, [statement_id])),
        corrected_by=tuple(
            session.scalars(
                sa.select(StatementRow)
                .where(
                    STATEMENT.c.corrects_id == statement_id,
                    STATEMENT.c.state.in_(("released", "withdrawn")),
                )
                .order_by(STATEMENT.c.id)
            )
        ),
    )


def versions_of(session: Session, statement_id: int) -> list[StatementVersionRow]:
    """Return every text a statement ever had, oldest first."""
    query = sa.select(StatementVersionRow).where(VERSION.c.statement_id == statement_id)
    return list(session.scalars(query.order_by(VERSION.c.version)))


def acts_of(session: Session, statement_id: int) -> list[StatementActRow]:
    """Return what was done to a statement, oldest first."""
    query = sa.select(StatementActRow).where(ACT.c.statement_id == statement_id)
    return list(session.scalars(query.order_by(ACT.c.id)))


def places_of(session: Session, ids: Sequence[int]) -> list[StatementPlaceRow]:
    """Return where these statements stand, oldest first."""
    query = sa.select(StatementPlaceRow).where(PLACE.c.statement_id.in_(ids)).order_by(PLACE.c.id)
    return list(session.scalars(query))


def list_statements(
    session: Session, wanted: StatementFilter, *, cursor: str | None, limit: int
) -> Page[StatementRow]:
    """Return a page, newest first."""
    key = read_cursor(cursor, timed=False)
    query = sa.select(StatementRow).order_by(STATEMENT.c.id.desc())
    if wanted.viewer_unit is not None:
        query = query.where(STATEMENT.c.unit_id.in_(subtree(wanted.viewer_unit)))
    if wanted.unit:
        query = query.where(STATEMENT.c.unit_id.in_(subtree(wanted.unit)))
    if wanted.states:
        query = query.where(STATEMENT.c.state.in_(wanted.states))
    if wanted.incident_id is not None:
        query = query.where(STATEMENT.c.incident_id == wanted.incident_id)
    if key is not None:
        query = query.where(STATEMENT.c.id < key.id)
    rows = list(session.scalars(query.limit(limit + 1)))
    return page_of(rows, limit, lambda row: Key(row.id or 0))


def released(
    session: Session, *, viewer_unit: str | None, since: datetime, until: datetime
) -> list[tuple[StatementRow, list[StatementPlaceRow]]]:
    """Return the register: what was released in [since, until), oldest first, with its places.

    Withdrawn texts stay in it; ``withdrawn_at`` and ``withdrawn_reason`` say so.
    """
    query = (
        sa.select(StatementRow)
        .where(
            STATEMENT.c.released_at >= since,
            STATEMENT.c.released_at < until,
            STATEMENT.c.state.in_(("released", "withdrawn")),
        )
        .order_by(STATEMENT.c.released_at, STATEMENT.c.id)
    )
    if viewer_unit is not None:
        query = query.where(STATEMENT.c.unit_id.in_(subtree(viewer_unit)))
    rows = list(session.scalars(query))
    places: dict[int, list[StatementPlaceRow]] = {}
    for place in places_of(session, [row.id or 0 for row in rows]):
        places.setdefault(place.statement_id, []).append(place)
    return [(row, places.get(row.id or 0, [])) for row in rows]


def user_by_id(session: Session, user_id: int) -> UserRow | None:
    """Return a user, active or not."""
    return session.get(UserRow, user_id)


def delegations_of(session: Session, user_id: int) -> list[DelegationRow]:
    """Return every delegation a user ever had, newest first."""
    query = (
        sa.select(DelegationRow)
        .where(DELEGATION.c.user_id == user_id)
        .order_by(DELEGATION.c.id.desc())
    )
    return list(session.scalars(query))


def list_delegations(
    session: Session, *, viewer_unit: str | None
) -> list[tuple[DelegationRow, UserRow | None]]:
    """Return every delegation of the viewer's units with its holder, newest first."""
    query = (
        sa.select(DelegationRow, UserRow)
        .outerjoin(UserRow, USER.c.id == DELEGATION.c.user_id)
        .order_by(DELEGATION.c.id.desc())
    )
    if viewer_unit is not None:
        query = query.where(DELEGATION.c.unit_id.in_(subtree(viewer_unit)))
    return [(row[0], row[1]) for row in session.execute(query.limit(500))]


def lock_delegation(session: Session, delegation_id: int) -> DelegationRow | None:
    """Return a delegation, locked against other writers, or None."""
    query = sa.select(DelegationRow).where(DELEGATION.c.id == delegation_id).with_for_update()
    return session.scalars(query).one_or_none()


def keep_paper(session: Session, sha256: str, name: str, content: bytes, at: datetime) -> None:
    """Keep the signed file once, by its hash."""
    if session.get(DelegationPaperRow, sha256) is None:
        session.add(DelegationPaperRow(sha256=sha256, name=name, content=content, at=at))
        session.flush()


def paper_of(session: Session, delegation: DelegationRow) -> DelegationPaperRow | None:
    """Return the signed file of a delegation."""
    return session.get(DelegationPaperRow, delegation.paper)


def _nothing() -> NotFoundError:
    return NotFoundError("Không có nội dung phát ngôn này, hoặc ngoài phạm vi của bạn.")
