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

from alerts.links import MARK, acknowledge_url, sign
from alerts.outmail import SHORT
from alerts.ways import Recipient
from langnghe.core.clock import hanoi
from langnghe.core.policy.model import LevelRule, Policy
from langnghe.core.text import shorten

REPLAY = "[PHÁT LẠI]"
REPLAY_NOTE = "Đây là tin PHÁT LẠI từ kho lưu trữ để thử hệ thống, không phải sự việc đang xảy ra."
_HEADLINE = 90
_REASONS = 3
_THREAD = 20  # Message-IDs in one References header
_MARGIN = 12  # the watermark of a drill is put before the short form
_LEAST = 20  # characters of a subject that still say something
_SPACES = re.compile(r"\s+")
_PURPOSES = {
    "open": "Vụ việc mới cần xác nhận.",
    "raise": "Mức rủi ro vừa được nâng lên.",
    "news": "Vụ việc đã báo có diễn biến mới.",
    "reopen": "Vụ việc đã đóng nay mở lại.",
    "escalate": "Chưa ai xác nhận khi đến hạn, nên báo cáo lên {role}.",
    "step": "Một việc trong kịch bản đã quá hạn mà chưa ghi nhận xong.",
    "resolved": "Vụ việc đã xử lý xong và được đóng lại. Đồng chí không phải làm gì thêm.",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do, who does it, and by when."""

    title: str
    role: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a matter ended: the outcome, what was concluded, by whom, and when it was closed."""

    outcome: str
    conclusion: str
    by: str
    closed_at: str


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
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished message, ready for the outbox."""

    key: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    message_id: str
    short: str
    data: dict[str, str]


def outbox_key(incident_id: int, level: int, person: str, purpose: str, seq: int) -> str:
    """Return the key that makes a message one of its kind: 32 hex digits."""
    said = f"{incident_id}|{level}|{person.strip().lower()}|{purpose}|{seq}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def message_id(key: str, base_url: str) -> str:
    """Return a Message-ID that is the same however often the message is sent."""
    return f"<{key}@{message_host(base_url)}>"


def message_host(base_url: str) -> str:
    """Return the name this installation gives its messages and calendar entries."""
    host = urlsplit(base_url).hostname or ""
    return host if "." in host and not _is_address(host) else "langnghe.local"


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
    thread: Sequence[str] = (),
) -> Letter:
    """Return the message about an incident for one recipient.

    ``thread`` are the Message-IDs of the earlier messages to this person about it, oldest first.
    """
    level = policy.level(brief.level)
    key = outbox_key(brief.incident_id, brief.level, to.who, purpose, seq)
    kind = purpose.partition(":")[0]
    link = acknowledge_url(
        base_url, sign(secret, brief.incident_id, to.email or to.who, now, key[:MARK])
    )
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
        "link": link,
        "ending": brief.ending,
        "page": f"{base_url.rstrip('/')}/vu-viec/{brief.incident_id}",
        "replay_note": REPLAY_NOTE if brief.replayed else "",
    }
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Langnghe-Incident": str(brief.incident_id),
        "X-Langnghe-Level": level.id,
        "X-Langnghe-Seq": str(seq),
    }
    if brief.answer_by is not None:
        headers["X-Langnghe-Answer-By"] = brief.answer_by.isoformat()
    if thread:
        headers |= {"In-Reply-To": thread[-1], "References": " ".join(_fold(thread))}
    template = "resolved" if kind == "resolved" else "notice"
    subject = str(values["subject"])
    return Letter(
        key=key,
        subject=subject,
        text=templates().get_template(f"{template}.txt").render(values).strip() + "\n",
        html=templates().get_template(f"{template}.html").render(values),
        headers=headers,
        message_id=message_id(key, base_url),
        short=short_of(subject, link),
        data={
            "level": level.name,
            "level_id": level.id,
            "unit": brief.unit_name,
            "title": brief.title,
            "due": clock_time(brief.answer_by) if brief.answer_by else "",
            "link": link,
            "incident": str(brief.incident_id),
            "role": policy.role_name(to.role),
            "name": to.name,
        },
    )


def short_of(subject: str, link: str) -> str:
    """Return subject and link in so few characters that SMS and chat take them whole."""
    room = SHORT - len(link) - 1 - _MARGIN
    return f"{shorten(subject, room)} {link}" if room >= _LEAST else link


def _fold(thread: Sequence[str]) -> Sequence[str]:
    """Keep the first and the newest: a header must not grow without end."""
    return thread if len(thread) <= _THREAD else (thread[0], *thread[1 - _THREAD :])


def subject_of(brief: Brief, level: LevelRule, kind: str) -> str:
    """Return ``[Đỏ] Trường …: … – cần xác nhận trước 13:38``, one line."""
    title = shorten(_SPACES.sub(" ", brief.title).strip(), _HEADLINE)
    ask = f" – cần xác nhận trước {clock_time(brief.answer_by)}" if brief.answer_by else ""
    if kind == "step":
        ask = " – có việc quá hạn"
    if kind == "resolved":
        ask = " – ĐÃ XỬ LÝ"
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
def templates() -> Environment:
    """Return the templates of messages; those of HTML escape what is put in."""
    return Environment(
        loader=PackageLoader("alerts", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
