"""Silence is not safety: when collecting or the pipeline stands still, somebody is told.

The watchdog looks only at the heartbeats the stages leave, and runs apart from them. It tells once
a standstill, and once more when the house breathes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

import structlog
from sqlmodel import Session

from alerts.messages import message_id, outbox_key
from alerts.outbox import Channels, tell
from langnghe.core.clock import say
from langnghe.core.liveness import Liveness, liveness
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import stories_set_aside
from langnghe.core.store.marks import get_mark, heartbeats, put_mark
from langnghe.core.store.outbox import enqueue
from langnghe.core.store.tables import OutboxRow
from langnghe.core.store.units import contact_addresses
from langnghe.core.words import word

log = structlog.get_logger(__name__)
MARK = "watchdog"
_ASIDE_TOLD = 5  # letters at once about stories set aside


def watch(
    store: Store, settings: Settings, now: datetime, *, started: datetime, channel: Channels | None
) -> tuple[str, ...]:
    """Look once; write and hand over a notice if a standstill began or ended. Return the stalled.

    ``channel`` should be the watchdog's own: the stage that sends mail may be what stands still.
    """
    with store.write() as session:
        seen = liveness(
            heartbeats(session), started=started, now=now, limit_s=settings.stalled_after_s
        )
        for row in _set_aside(session, settings, now):
            enqueue(session, row)
        mark = get_mark(session, MARK)
        since = mark.data.get("since") if mark else None
        if bool(since) == (seen.state == "stalled"):
            return seen.stalled
        begun = now.isoformat() if not since else str(since)
        put_mark(session, MARK, now, {} if since else {"since": begun})
        rows = _notices(session, settings, seen, begun=begun, now=now, over=bool(since))
        for row in rows:
            enqueue(session, row)
    log.error("standstill", stages=seen.stalled, over=bool(since), told=len(rows))
    if channel is not None:
        tell(store, channel, now)
    return seen.stalled


def _notices(
    session: Session, settings: Settings, seen: Liveness, *, begun: str, now: datetime, over: bool
) -> list[OutboxRow]:
    subject, text = _over(now) if over else _standing(seen, settings.public_url)
    purpose = f"watchdog:{'over' if over else 'stalled'}:{begun}"
    return _letters(session, settings, subject, text, purpose=purpose, now=now)


def _set_aside(session: Session, settings: Settings, now: datetime) -> list[OutboxRow]:
    """A story that cannot be weighed may be a grave one: tell once that it waits for eyes.

    A fault that hits hundreds of stories is told of the oldest few; each letter says how many.
    """
    rows = []
    waiting = stories_set_aside(session)
    for number, title, why in waiting[-_ASIDE_TOLD:]:
        text = (
            f"Cụm tin số {number}: «{title}».\n{why}\n"
            f"Lúc này có {len(waiting)} cụm tin như vậy.\n\n"
            "Các cụm tin khác vẫn được chấm bình thường. Việc cần làm: mở trang "
            f"{settings.public_url} đọc cụm tin này; chạy «langnghe doctor» trên máy chủ."
        )
        rows += _letters(
            session, settings, "[Hệ thống] Có cụm tin Lắng Nghe chưa chấm được", text,
            purpose=f"watchdog:aside:{number}", now=now,
        )  # fmt: skip
    return rows


def _letters(
    session: Session, settings: Settings, subject: str, text: str, *, purpose: str, now: datetime
) -> list[OutboxRow]:
    to = contact_addresses(session, ("admin", "officer"))
    to = list(dict.fromkeys([*([settings.mail_fallback] if settings.mail_fallback else []), *to]))
    rows = []
    for recipient in to:
        key = outbox_key(0, 0, recipient, purpose, 0)
        rows.append(
            OutboxRow(
                key=key, level=0, purpose="watchdog", role="admin", recipient=recipient,
                subject=subject, body_text=text, body_html=_html(text),
                message_id=message_id(key, settings.public_url), created_at=now, due_at=now,
            )
        )  # fmt: skip
    return rows


def _standing(seen: Liveness, address: str) -> tuple[str, str]:
    names = ", ".join(word("stage", stage) for stage in seen.stalled) or "toàn bộ dây chuyền"
    return (
        f"[Hệ thống] Lắng Nghe đang đứng: {names}",
        f"Khâu đang đứng: {names}.\n"
        f"Dấu hiệu hoạt động gần nhất: {say(seen.newest)}.\n\n"
        "Trong lúc này không có cảnh báo nào KHÔNG có nghĩa là yên ổn.\n\n"
        "Việc cần làm: chạy «langnghe doctor» trên máy chủ để biết nguyên nhân và cách xử lý; "
        f"xem trang {address}; khởi động lại dịch vụ nếu tiến trình đã dừng.",
    )


def _over(now: datetime) -> tuple[str, str]:
    return (
        "[Hệ thống] Lắng Nghe đã nghe lại",
        f"Các khâu đã hoạt động lại, ghi nhận lúc {say(now)}. "
        "Tin trong lúc đứng được thu và chấm bù, không mất.",
    )


def _html(text: str) -> str:
    paragraphs: Sequence[str] = text.split("\n\n")
    body = "".join(f"<p>{escape(p).replace(chr(10), '<br>')}</p>" for p in paragraphs)
    return f'<html lang="vi"><body style="font:16px/1.5 sans-serif">{body}</body></html>'
