"""SQL of the files that prove something about an incident. Rows are withdrawn, never deleted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import NotFoundError
from langnghe.core.store.tables import AttachmentRow, IncidentRow, IntakeFileRow

ATTACHMENT: sa.Table = AttachmentRow.__table__  # type: ignore[attr-defined]
_LEFT: sa.Table = IntakeFileRow.__table__  # type: ignore[attr-defined]
INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]


def attachments_of(session: Session, incident_id: int) -> list[AttachmentRow]:
    """Return the files of an incident and of those merged into it, oldest first.

    Withdrawn ones are among them (``withdrawn_at``): they are listed, and left out of what goes on.
    """
    merged = sa.select(INCIDENT.c.id).where(INCIDENT.c.merged_into == incident_id)
    query = (
        sa.select(AttachmentRow)
        .where(
            sa.or_(ATTACHMENT.c.incident_id == incident_id, ATTACHMENT.c.incident_id.in_(merged))
        )
        .order_by(ATTACHMENT.c.id)
    )
    return list(session.scalars(query))


def attachment_of(session: Session, incident_id: int, attachment_id: int) -> AttachmentRow:
    """Return one file of an incident (or of one merged into it). Raises ``NotFoundError``."""
    found = (row for row in attachments_of(session, incident_id) if row.id == attachment_id)
    row = next(found, None)
    if row is None:
        raise NotFoundError("Vụ việc không có tệp này.", mend="Tải lại trang và chọn lại.")
    return row


def same_file(
    session: Session, incident_id: int, step_code: str | None, received_sha256: str
) -> AttachmentRow | None:
    """Return the standing attachment with the same bytes at the same place, or ``None``."""
    query = (
        sa.select(AttachmentRow)
        .where(
            ATTACHMENT.c.incident_id == incident_id,
            ATTACHMENT.c.received_sha256 == received_sha256,
            ATTACHMENT.c.withdrawn_at.is_(None),
            ATTACHMENT.c.step_code.is_(None)
            if step_code is None
            else ATTACHMENT.c.step_code == step_code,
        )
        .limit(1)
    )
    return session.scalars(query).first()


def every_hash(session: Session) -> dict[str, str]:
    """Return every hash that was ever attached, with a name that tells where it belongs."""
    query = sa.select(ATTACHMENT.c.sha256, ATTACHMENT.c.incident_id, ATTACHMENT.c.name)
    left = sa.select(_LEFT.c.sha256, _LEFT.c.intake_id, _LEFT.c.name)
    return {
        row.sha256: f"{row.name} (phiếu tiếp nhận số {row.intake_id})"
        for row in session.execute(left.order_by(_LEFT.c.id.desc()))
    } | {
        row.sha256: f"{row.name} (vụ việc số {row.incident_id})"
        for row in session.execute(query.order_by(ATTACHMENT.c.id.desc()))
    }
