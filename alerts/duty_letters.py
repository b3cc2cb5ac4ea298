"""Tell people that their duty changed: one mail a change, in the transaction that changed it.

Who learns of a shift only when the first alarm comes has not been told. The letters go through the
outbox like every other, so that none is lost and each can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from sqlmodel import Session

from alerts.messages import message_id, outbox_key
from langnghe.core.duty import DutyChange, say_span
from langnghe.core.people import Teller
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.outbox import enqueue
from langnghe.core.store.people import people_of
from langnghe.core.store.tables import OutboxRow, UnitRow

PURPOSE = "duty"
_SPANS = 8
_PAGE = '<html lang="vi"><body style="font:16px/1.5 sans-serif">{}</body></html>'


def duty_teller(settings: Settings, policy: Policy) -> Teller:
    """Return what writes to everybody whose duty changes and who has an e-mail address."""

    def tell(session: Session, changes: Sequence[DutyChange], now: datetime) -> None:
        for change in changes:
            row = _letter(session, settings, policy, change, now)
            if row is not None:
                enqueue(session, row)

    return tell


def words_of(change: DutyChange, role: str, unit: str) -> str:
    """Return what a change means for the person, as the body of a letter."""
    parts = [f"Kính gửi đồng chí {change.person}.", f"Vai: {role}. Đơn vị: {unit}."]
    for head, spans in (
        ("Đồng chí trực thêm:", change.gained), ("Đồng chí không còn trực:", change.lost)
    ):  # fmt: skip
        if spans:
            more = len(spans) - _SPANS
            lines = [f"- {say_span(span)}" for span in spans[:_SPANS]]
            lines += [f"- và {more} khoảng nữa"] if more > 0 else []
            parts.append("\n".join([head, *lines]))
    return "\n\n".join(parts)


def _letter(
    session: Session, settings: Settings, policy: Policy, change: DutyChange, now: datetime
) -> OutboxRow | None:
    person = next(
        (p for p in people_of(session, [change.unit_id]) if p.id == change.person_id), None
    )
    if person is None or not person.contact.email:
        return None
    unit = session.get(UnitRow, change.unit_id)
    text = words_of(change, policy.role_name(change.role), unit.name if unit else change.unit_id)
    text += f"\n\nXem lịch trực: {settings.public_url}/don-vi/{change.unit_id}"
    address = person.contact.email.strip()
    key = outbox_key(
        0, 0, address, f"{PURPOSE}:{change.unit_id}:{change.role}:{now.isoformat()}", 0
    )
    paragraphs = "".join(f"<p>{escape(p).replace(chr(10), '<br>')}</p>" for p in text.split("\n\n"))
    return OutboxRow(
        key=key, level=0, purpose=PURPOSE, role=change.role, recipient=address,
        subject="[Lịch trực] Ca trực của đồng chí có thay đổi", body_text=text,
        body_html=_PAGE.format(paragraphs),
        message_id=message_id(key, settings.public_url), created_at=now, due_at=now,
    )  # fmt: skip
