"""Changes made on the screen: laid over the files, newest first, each in the audit log.

A file says how an installation begins; what somebody changed on a page afterwards counts more, and
taking a change back gives the word to the file again. The processes see by :func:`newest_edit`
that something changed (one look at the last row) and read their house anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import EditRow
from langnghe.core.store.users import note

EDIT: sa.Table = EditRow.__table__  # type: ignore[attr-defined]


class Edited(StrEnum):
    """What can be changed on the screen; the key is the id of the thing, or the setting's name."""

    SETTING = "setting"
    UNIT = "unit"
    SOURCE = "source"
    WORDS = "words"


def put_edit(
    session: Session,
    kind: Edited,
    key: str,
    value: object,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
) -> int:
    """Lay ``value`` (JSON; ``None`` gives the word back to the file) over ``key``; return its id.

    The audit log says who and when. The caller has checked the value and the right.
    """
    row = EditRow(
        at=at, actor=actor, kind=kind, key=key, value={} if value is None else {"is": value}
    )
    session.add(row)
    session.flush()
    note(session, at, actor, f"edit_{kind}", key, reason=reason, data=dict(row.value))
    return row.id or 0


def edits_of(session: Session, kind: Edited) -> dict[str, Any]:
    """Return what is laid over the files for one kind, by key."""
    newest = sa.select(sa.func.max(EDIT.c.id)).where(EDIT.c.kind == kind).group_by(EDIT.c.key)
    rows = session.execute(sa.select(EDIT.c.key, EDIT.c.value).where(EDIT.c.id.in_(newest)))
    return {key: value["is"] for key, value in rows if "is" in value}


def edits_about(session: Session, kind: Edited, key: str, *, limit: int = 20) -> Sequence[EditRow]:
    """Return the last changes of one thing, newest first."""
    query = sa.select(EditRow).where(EDIT.c.kind == kind, EDIT.c.key == key)
    return session.scalars(query.order_by(EDIT.c.id.desc()).limit(limit)).all()


def newest_edit(session: Session) -> int:
    """Return the number of the newest change, 0 before the first."""
    return int(session.execute(sa.select(sa.func.coalesce(sa.func.max(EDIT.c.id), 0))).scalar_one())


def said(values: Mapping[str, Any], key: str, file_value: object) -> object:
    """Return what counts for ``key``: the change if there is one, else what the file says."""
    return values.get(key, file_value)
