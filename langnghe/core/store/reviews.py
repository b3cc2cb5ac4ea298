"""SQL of the after-action form: every version stays."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.tables import ReviewRow

REVIEW: sa.Table = ReviewRow.__table__  # type: ignore[attr-defined]


def reviews_of(session: Session, incident_id: int) -> list[ReviewRow]:
    """Return all versions of an incident's after-action form, oldest first."""
    query = (
        sa.select(ReviewRow).where(REVIEW.c.incident_id == incident_id).order_by(REVIEW.c.version)
    )
    return list(session.scalars(query))


def last_review(session: Session, incident_id: int) -> ReviewRow | None:
    """Return the version in force, or ``None``."""
    found = reviews_of(session, incident_id)
    return found[-1] if found else None
