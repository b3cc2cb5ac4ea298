"""One message that names many: what a person in a storm gets instead of the thirteenth mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.messages import message_id, outbox_key, short_of, templates
from alerts.ways import Recipient
from langnghe.core.settings import Settings
from langnghe.core.store.notices import inside
from langnghe.core.store.outbox import DIGEST, fill
from langnghe.core.store.tables import OutboxRow

MEMBERS = "X-Langnghe-Incidents"
"""The header of a digest that lists the incidents it tells of."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message inside a digest."""

    subject: str
    link: str


def new_digest(
    to: Recipient, level: int, due_at: datetime, now: datetime, settings: Settings
) -> OutboxRow:
    """Return an empty digest for a person; what it says is written when it is handed over."""
    key = outbox_key(0, 0, to.who, DIGEST, int(due_at.timestamp() * 1_000_000))
    way = to.all_ways[0]
    return OutboxRow(
        key=key, level=level, purpose=DIGEST, role=to.role, person=to.who, name=to.name,
        recipient=way.address, channel=way.channel, subject="Nhiều thông báo cùng lúc",
        body_text="", body_html="", message_id=message_id(key, settings.public_url),
        headers={"Auto-Submitted": "auto-generated"},
        ways=[{"channel": w.channel, "address": w.address} for w in to.all_ways],
        data={"page": settings.public_url}, created_at=now, due_at=due_at,
    )  # fmt: skip


def write_digest(session: Session, row: OutboxRow) -> bool:
    """Write down what a digest says as of now; return whether there is anything left to say.

    One member alone is sent as the letter it is.
    """
    members = inside(session, row.id or 0)
    if not members:
        return False
    numbers = sorted({m.incident_id for m in members if m.incident_id is not None})
    row.headers = {**row.headers, MEMBERS: " ".join(map(str, numbers))}
    if len(members) == 1:
        [only] = members
        row.headers = {**row.headers, **only.headers}
        row.data, row.calendar = only.data, only.calendar
        fill(session, row, only.subject, only.body_text, only.body_html, only.short)
        return True
    page = row.data.get("page", "")
    values = {"items": _items(members), "page": page}
    subject = _subject(members)
    row.data = {**row.data, "title": subject, "link": page, "name": row.name}
    fill(
        session,
        row,
        subject,
        templates().get_template("digest.txt").render(values).strip() + "\n",
        templates().get_template("digest.html").render(values, subject=subject),
        short_of(subject, page),
    )
    return True


def _items(members: Sequence[OutboxRow]) -> list[Item]:
    return [Item(m.subject, m.data.get("link", "")) for m in members]


def _subject(members: Sequence[OutboxRow]) -> str:
    levels: dict[str, int] = {}
    for member in members:
        name = member.data.get("level", "")
        levels[name] = levels.get(name, 0) + 1
    told = ", ".join(f"{number} {name}".strip() for name, number in levels.items())
    return f"[Tổng hợp] {len(members)} thông báo về vụ việc: {told}"
