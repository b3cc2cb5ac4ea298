"""Reports that wait for a person are read at once, and the officer is told of what is grave.

A report of a stranger opens no incident: it may be invented, and anybody can leave one. What it
says may still be true and urgent, so the officer hears of it within a sweep, as not verified. One
letter a unit and a quarter of an hour, whatever comes in: a flood of forms rings no more than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Protocol

import structlog
from sqlmodel import Session

from alerts.grouping_notices import HOUR
from alerts.messages import message_id, outbox_key, short_of
from alerts.office import Office
from alerts.quiet import quiet_of, send_at
from alerts.recipients import recipients_for
from alerts.ways import Recipient
from langnghe.core.errors import LangNgheError
from langnghe.core.intake import CHANNELS
from langnghe.core.store import intake as rows
from langnghe.core.store.engine import Store
from langnghe.core.store.notices import flood
from langnghe.core.store.outbox import put_message
from langnghe.core.store.tables import IntakeRow, OutboxRow
from langnghe.core.text import shorten
from langnghe.core.types import Item, Reading

log = structlog.get_logger(__name__)
PURPOSE = "intake"
ROLE = "officer"
AT_ONCE = 50
EVERY = timedelta(minutes=15)
"""The least time between two letters about the reports of one unit."""
GRAVE = 2
_SHOWN = 3
_EXCERPT = 220


class Reads(Protocol):
    """Anything that turns items into readings."""

    def predict(self, items: Sequence[Item]) -> list[Reading]: ...


def read_due(store: Store, reader: Reads, now: datetime, limit: int = AT_ONCE) -> int:
    """Read up to ``limit`` waiting reports; return how many (0 = nothing left)."""
    with store.read() as session:
        waiting = [(row.id or 0, _items(row)) for row in rows.unread(session, limit)]
    if not waiting:
        return 0
    found = {number: _risk(reader, items, number) for number, items in waiting}
    with store.write() as session:
        for row in rows.by_id(session, sorted(found)):
            row.read_at, row.risk = now, found[row.id or 0]
    return len(waiting)


def tell_due(store: Store, office: Office, now: datetime) -> int:
    """Tell the officers of grave reports nobody was told of; return how many letters were new."""
    with store.read() as session:
        if not rows.grave_untold(session, 1):
            return 0
    sent = 0
    with store.write() as session:
        by_unit: dict[str, list[IntakeRow]] = {}
        for row in rows.grave_untold(session):
            by_unit.setdefault(row.unit_id, []).append(row)
        for unit_id, reports in by_unit.items():
            if rows.last_told(session, unit_id, now - EVERY) is None:
                sent += _tell(session, office.at(unit_id), unit_id, reports, now)
    return sent


def letter(reports: Sequence[IntakeRow], level: str, page: str) -> tuple[str, str]:
    """Return subject and text of the letter about grave reports of one unit; masked words only."""
    first = reports[0]
    many = f"{len(reports)} phiếu" if len(reports) > 1 else "phiếu"
    subject = f"[{level}, CHƯA XÁC MINH] {first.unit_name}: có {many} cần xem ngay"
    lines = [
        "Có thông tin do người dân gửi qua biểu mẫu, máy chấm là nghiêm trọng.",
        "CHƯA AI XÁC MINH. Đồng chí xem, gọi kiểm tra rồi nhận hoặc để riêng.",
        "",
    ]
    lines += [
        f"- ({CHANNELS[row.channel]}) «{shorten(row.masked, _EXCERPT)}»" for row in reports[:_SHOWN]
    ]
    if len(reports) > _SHOWN:
        lines.append(f"- và {len(reports) - _SHOWN} phiếu nữa")
    return subject, "\n".join([*lines, "", f"Xem hộp phiếu: {page}", ""])


def _tell(
    session: Session, office: Office, unit_id: str, reports: Sequence[IntakeRow], now: datetime
) -> int:
    policy, settings = office.policy, office.settings
    level = policy.level(max(row.risk or 0 for row in reports))
    people = recipients_for(session, ROLE, unit_id, policy, office.profile, settings, now=now)
    free = [
        one
        for one in people
        if flood(session, one.who, now - HOUR, now) < policy.notices.max_per_hour
    ]
    if people and not free:
        return 0  # told as soon as the hour has room; the box shows it meanwhile
    for row in reports:
        row.told_at = now
        if not people:
            row.note = "Không báo được cho ai: đơn vị chưa có địa chỉ liên hệ."
    page = f"{settings.public_url}/tiep-nhan"
    subject, text = letter(reports, level.name, page)
    written = 0
    for one in free:
        quiet = one.quiet or quiet_of(policy.notices.quiet)
        due = send_at(now, quiet, ignored=level.ignores_quiet)
        said = (subject, text, page)
        message = _message(one, unit_id, level.value, said, due, now, settings.public_url)
        message.data = {
            "level": level.name, "level_id": level.id, "unit": reports[0].unit_name,
            "title": subject, "due": "", "link": page, "role": policy.role_name(ROLE),
            "name": one.name,
        }  # fmt: skip
        written += put_message(session, message) is not None
    return written


def _message(
    to: Recipient, unit_id: str, level: int, said: tuple[str, str, str], due: datetime,
    now: datetime, base_url: str,
) -> OutboxRow:  # fmt: skip
    subject, text, page = said
    way = to.all_ways[0]
    key = outbox_key(0, level, to.who, f"{PURPOSE}:{unit_id}", int(now.timestamp()))
    body = escape(text).replace("\n", "<br>")
    return OutboxRow(
        key=key, level=level, purpose=PURPOSE, role=to.role, person=to.who, name=to.name,
        recipient=way.address, channel=way.channel,
        ways=[{"channel": w.channel, "address": w.address} for w in to.all_ways],
        subject=subject, body_text=text,
        body_html=f'<html lang="vi"><body style="font:16px/1.5 sans-serif">{body}</body></html>',
        short=short_of(subject, page), headers={"Auto-Submitted": "auto-generated"},
        message_id=message_id(key, base_url), created_at=now, due_at=due,
    )  # fmt: skip


def _items(row: IntakeRow) -> list[Item]:
    """A report as written, and with what everybody who left it took for granted: the school."""
    text = row.text or row.link
    told = f"{row.unit_name}. {text}"
    return [
        Item(id=f"{row.id}.{n}", kind="comment", text=said) for n, said in enumerate((text, told))
    ]


def _risk(reader: Reads, items: Sequence[Item], number: int) -> int:
    try:
        return max(reading.risk for reading in reader.predict(items))
    except LangNgheError:
        raise  # the model itself cannot be used
    except Exception:
        # What cannot be read may be grave: somebody is told, rather than nobody.
        log.exception("report_broke", intake=number)
        return GRAVE
