"""Write the mails: what happened, how serious, why, what next and by when, in ten seconds.

Only masked text comes in here; nothing is looked up. The plain text says everything the HTML says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts.links import acknowledge_url, sign
from alerts.ways import Recipient
from langnghe.core.clock import hanoi
from langnghe.core.policy.model import LevelRule, Policy
from langnghe.core.text import shorten

REPLAY = "[PHÁT LẠI]"
REPLAY_NOTE = "Đây là tin PHÁT LẠI từ kho lưu trữ để thử hệ thống, không phải sự việc đang xảy ra."
_HEADLINE = 90
_REASONS = 3
_SPACES = re.compile(r"\s+")
_PURPOSES = {
    "open": "Vụ việc mới cần xác nhận.",
    "raise": "Mức rủi ro vừa được nâng lên.",
    "news": "Vụ việc đã báo có diễn biến mới.",
    "reopen": "Vụ việc đã đóng nay mở lại.",
    "escalate": "Chưa ai xác nhận khi đến hạn, nên báo cáo lên {role}.",
    "step": "Một việc trong kịch bản đã quá hạn mà chưa ghi nhận xong.",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do, who does it, and by when."""

    title: str
    role: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Brief:
    """All a message says about an incident; ``answer_by`` is when the reader should have acted."""

    incident_id: int
    title: str
    summary: str
    unit_name: str
    level: int
    score: float
    opened_at: datetime
    reasons: tuple[str, ...]
    nearest: str
    steps: tuple[NextStep, ...]
    topics: tuple[str, ...]
    answer_by: datetime | None
    replayed: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished message, ready for the outbox."""

    key: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    message_id: str


def outbox_key(incident_id: int, level: int, recipient: str, purpose: str, seq: int) -> str:
    """Return the key that makes a message one of its kind: 32 hex digits."""
    said = f"{incident_id}|{level}|{recipient.strip().lower()}|{purpose}|{seq}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def message_id(key: str, base_url: str) -> str:
    """Return a Message-ID that is the same however often the message is sent."""
    host = urlsplit(base_url).hostname or ""
    return f"<{key}@{host if '.' in host and not _is_address(host) else 'langnghe.local'}>"


def write_letter(
    brief: Brief,
    to: Recipient,
    purpose: str,
    seq: int,
    policy: Policy,
    *,
    base_url: str,
    secret: bytes,
    now: datetime,
    replies_to: str | None = None,
) -> Letter:
    """Return the message about an incident for one recipient.

    ``replies_to`` is the Message-ID of the first mail to this person about it, for threading.
    """
    level = policy.level(brief.level)
    key = outbox_key(brief.incident_id, brief.level, to.email, purpose, seq)
    kind = purpose.partition(":")[0]
    values = {
        "brief": brief,
        "level": level,
        "subject": subject_of(brief, level, kind),
        "lead": _PURPOSES[kind].format(role=policy.role_name(to.role)),
        "to": to,
        "role": policy.role_name(to.role),
        "steps": [
            (s.title, policy.role_name(s.role), due_words(s.due_at, brief.opened_at, now))
            for s in brief.steps
        ],
        "answer_by": clock_time(brief.answer_by) if brief.answer_by else "",
        "opened": clock_time(brief.opened_at),
        "reasons": [r for r in brief.reasons if r][:_REASONS],
        "topics": [policy.topic_name(t) for t in brief.topics[:3]],
        "dont": _advice(brief.topics, policy),
        "link": acknowledge_url(base_url, sign(secret, brief.incident_id, to.email, now)),
        "page": f"{base_url.rstrip('/')}/vu-viec/{brief.incident_id}",
        "replay_note": REPLAY_NOTE if brief.replayed else "",
    }
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Langnghe-Incident": str(brief.incident_id),
        "X-Langnghe-Level": level.id,
    }
    if replies_to:
        headers |= {"In-Reply-To": replies_to, "References": replies_to}
    return Letter(
        key=key,
        subject=str(values["subject"]),
        text=_templates().get_template("notice.txt").render(values).strip() + "\n",
        html=_templates().get_template("notice.html").render(values),
        headers=headers,
        message_id=message_id(key, base_url),
    )


def subject_of(brief: Brief, level: LevelRule, kind: str) -> str:
    """Return ``[Đỏ] Trường …: … – cần xác nhận trước 13:38``, one line."""
    title = shorten(_SPACES.sub(" ", brief.title).strip(), _HEADLINE)
    ask = f" – cần xác nhận trước {clock_time(brief.answer_by)}" if brief.answer_by else ""
    if kind == "step":
        ask = " – có việc quá hạn"
    subject = f"[{level.name}] {brief.unit_name}: {title}{ask}"
    return _SPACES.sub(" ", f"{REPLAY} {subject}" if brief.replayed else subject)


def clock_time(moment: datetime | None) -> str:
    """Return ``13:38 ngày 26/09`` in Vietnamese time."""
    return f"{hanoi(moment):%H:%M ngày %d/%m}" if moment else "sớm nhất có thể"


def due_words(due: datetime | None, opened: datetime, now: datetime) -> str:
    """Return ``trước 13:38 ngày 26/09``, ``làm ngay`` or ``quá hạn từ 13:38 ngày 26/09``."""
    if due is None or due <= opened:
        return "làm ngay"
    return f"{'quá hạn từ' if due < now else 'trước'} {clock_time(due)}"


def _advice(topics: Sequence[str], policy: Policy) -> str:
    special = [d for t in topics if t in policy.topics for d in policy.topics[t].dont]
    return next(iter([*special, *policy.dont]), "")


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("alerts", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
