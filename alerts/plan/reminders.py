"""Twice a month somebody hears how the writing goes: who is behind, and how the month ended.

From the 25th the secretary is told which organisations still owe an article; on the 1st the head
gets the tally of the month that ended. One message each (its key says which), through the outbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

import structlog
from sqlmodel import Session

from alerts.messages import message_id
from alerts.office import Office
from alerts.plan.calendar import DONE, Line, bounds, month_of, neighbours, tally
from alerts.recipients import recipients_for
from alerts.ways import Recipient
from langnghe.core.clock import hanoi
from langnghe.core.store import plan
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.store.outbox import enqueue
from langnghe.core.store.tables import OutboxRow, WriterRow

log = structlog.get_logger(__name__)
EVERY = timedelta(hours=1)
REMIND_FROM = 25
TALLY_UNTIL = 7  # a machine that was off on the 1st still sends it
HOUR = 8
_TURN = "plan:turn"


def remind_due(store: Store, office: Office, now: datetime) -> int:
    """Write the reminders whose day has come; return how many messages were new."""
    local = hanoi(now)
    with store.read() as session:
        mark = get_mark(session, _TURN)
        if mark is not None and mark.at <= now < mark.at + EVERY:
            return 0
        owing = plan.writers(session, viewer_unit=None)
    with store.write() as session:
        put_mark(session, _TURN, now)
        if local.hour < HOUR or not owing:
            return 0
        sent = 0
        units = sorted({writer.unit_id for writer in owing})
        for unit_id in units:
            own = [writer for writer in owing if writer.unit_id == unit_id]
            if local.day >= REMIND_FROM:
                sent += _remind(session, office, unit_id, own, month_of(now), "officer", now)
            if local.day <= TALLY_UNTIL:
                ended = neighbours(month_of(now))[0]
                sent += _remind(session, office, unit_id, own, ended, "principal", now)
        return sent


def _remind(
    session: Session, office: Office, unit_id: str, writers: Sequence[WriterRow], month: str,
    role: str, now: datetime,
) -> int:  # fmt: skip
    written = plan.articles(session, month, viewer_unit=unit_id)
    lines = tally(writers, written, month, hanoi(now).date())
    behind = [line for line in lines if line.state != DONE]
    if not lines or (role == "officer" and not behind):
        return 0
    people = recipients_for(session, role, unit_id, office.policy, office.profile, office.settings)
    return sum(
        _write(session, office, person, unit_id, month, lines, role, now)
        for person in people
        if person.email
    )


def _write(
    session: Session, office: Office, person: Recipient, unit_id: str, month: str,
    lines: Sequence[Line], role: str, now: datetime,
) -> bool:  # fmt: skip
    unit = office.profile.unit(unit_id)
    name = unit.name if unit else unit_id
    subject, text = letter(name, month, lines, role, f"{office.settings.public_url}/ke-hoach")
    said = f"plan|{role}|{unit_id}|{month}|{person.email.lower()}"
    key = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    return enqueue(
        session,
        OutboxRow(
            key=key, level=0, purpose=f"plan:{month}", role=role, recipient=person.email,
            subject=subject, body_text=text,
            body_html=f'<pre style="font-family:sans-serif">{escape(text)}</pre>',
            headers={"Auto-Submitted": "auto-generated"},
            message_id=message_id(key, office.settings.public_url), created_at=now, due_at=now,
        ),
    )  # fmt: skip


def letter(
    unit_name: str, month: str, lines: Sequence[Line], role: str, page: str
) -> tuple[str, str]:
    """Return subject and text: who is behind for the secretary, the whole tally for the head."""
    first = bounds(month)[0]
    shown = f"tháng {first.month}/{first.year}"
    done = sum(line.state == DONE for line in lines)
    behind = [line for line in lines if line.state != DONE]
    if role == "officer":
        subject = f"{unit_name}: {len(behind)} tổ chức chưa đủ bài {shown}"
        rows = [
            f"- {line.name}: còn thiếu {line.missing} bài đăng"
            + (f" (đã nộp {line.written})" if line.written else "")
            for line in behind
        ]
        lead = f"Các tổ chức chưa đủ bài viết {shown}:"
    else:
        subject = f"{unit_name}: tổng hợp viết bài {shown}, {done}/{len(lines)} tổ chức đủ bài"
        rows = [f"- {line.name}: {line.published}/{line.wanted} bài" for line in lines]
        lead = f"Tổng hợp viết bài website {shown}:"
    return subject, "\n".join([lead, *rows, "", f"Xem và duyệt bài: {page}", ""])
