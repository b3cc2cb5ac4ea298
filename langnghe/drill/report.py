"""The report of a drill: each message and its answer, the levels, the first statement, the lessons.

Read from the drill's database alone, so it can be written again at any time, also after a crash.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from langnghe.core.clock import say
from langnghe.core.store.tables import IncidentRow, OutboxRow, StepRow
from langnghe.core.text import fold
from langnghe.core.watermark import BANNER
from langnghe.drill.answers import Answer, Reached, answers_in, levels_in
from langnghe.drill.play import Drill, span

REPORT = "bao-cao"
STATEMENT = "B08"
"""The playbook's step «Thông tin ban đầu»."""
MODES = {
    "dry": "chạy thử trên màn hình, không gửi thư",
    "deliver": "thư gửi tới người trong danh bạ của đơn vị",
    "to": "mọi thư gửi về một địa chỉ",
}
_PURPOSES = {
    "open": "báo vụ việc mới", "raise": "báo nâng mức", "reopen": "báo mở lại",
    "escalate": "báo lên cấp trên", "news": "báo diễn biến mới", "step": "nhắc việc quá hạn",
    "watchdog": "báo hệ thống đứng",
}  # fmt: skip
_ASKING = ("open", "raise", "reopen", "escalate")
"""The purposes that want an acknowledgement; the others only tell."""


def build(drill: Drill, now: datetime) -> dict[str, Any]:
    """Return the report as plain data; moments are ``T+hh:mm:ss``, lengths ``hh:mm:ss``."""
    s = drill.services
    answers = answers_in(s.store, s.policy, now)
    with s.store.read() as session:
        mails = list(
            session.scalars(sa.select(OutboxRow).order_by(OutboxRow.id))  # type: ignore[arg-type]
        )
        steps = list(session.scalars(sa.select(StepRow)))
        opened = {row.id: row.opened_at for row in session.scalars(sa.select(IncidentRow))}
    messages = [_message(drill, mail, answers) for mail in mails]
    reached = levels_in(s.store)
    times = [a.acked_at - a.at for a in answers if a.acked_at]
    return {
        "drill": True,
        "banner": BANNER,
        "title": drill.scenario.title,
        "purpose": drill.scenario.purpose.strip(),
        "unit": drill.cast.unit.name,
        "mode": MODES[drill.sheet.mode],
        "speed": drill.sheet.speed,
        "start": drill.sheet.start.isoformat(),
        "start_said": say(drill.sheet.start),
        "ended": span(now - drill.sheet.start),
        "whole": now >= drill.sheet.start + timedelta(minutes=drill.scenario.minutes),
        "items": {"played": _played(drill, now), "total": len(drill.items)},
        "alerts": [_alert(drill, a) for a in answers],
        "messages": messages,
        "levels": [
            {"level": s.policy.level(r.level).name, "at": span(r.at - drill.sheet.start)}
            for r in reached
        ],
        "statement": _statement(drill, steps, opened),
        "expect": [_expected(drill, e.level, e.minute, e.what, reached, now)
                   for e in drill.scenario.expect],
        "turning": [_turn(drill, t.minute, t.what, t.level, reached, now)
                    for t in drill.scenario.turning],
        "masking": _masking(drill, mails),
        "learn": list(drill.scenario.learn),
        "failed": dict(drill.failed),
        "sums": {
            "sent": sum(m["state"] == "sent" for m in messages),
            "undelivered": sum(m["state"] == "dead" for m in messages),
            "alerts": len(answers),
            "answered": len(times),
            "in_time": sum(a.in_time is True for a in answers),
            "slowest": _length(max(times)) if times else None,
        },
    }  # fmt: skip


def write(drill: Drill, now: datetime) -> dict[str, Any]:
    """Write ``bao-cao.json``, ``.md`` and ``.html`` into the drill's folder; return the data."""
    data = build(drill, now)
    texts = {
        "json": json.dumps(data, ensure_ascii=False, indent=1) + "\n",
        "md": _templates().get_template("report.md").render(data),
        "html": _templates().get_template("report.html").render(data),
    }
    for kind, text in texts.items():
        path = drill.folder / f"{REPORT}.{kind}"
        partial = path.with_suffix(f".{kind}.tmp")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)  # a report half written is worse than the one before
    return data


def _alert(drill: Drill, answer: Answer) -> dict[str, Any]:
    return {
        "incident": answer.incident_id,
        "title": answer.title,
        "level": drill.services.policy.level(answer.level).name,
        "at": span(answer.at - drill.sheet.start),
        "due": span(answer.due - drill.sheet.start),
        "acked": span(answer.acked_at - drill.sheet.start) if answer.acked_at else None,
        "after": _length(answer.acked_at - answer.at) if answer.acked_at else None,
        "by": drill.cast.name_of(answer.acked_by) if answer.acked_by else "",
        "in_time": answer.in_time,
    }


def _message(drill: Drill, mail: OutboxRow, answers: Sequence[Answer]) -> dict[str, Any]:
    policy, start = drill.services.policy, drill.sheet.start
    asked = [a for a in answers if a.incident_id == mail.incident_id and a.at <= mail.created_at]
    kind = mail.purpose.partition(":")[0]
    answer = asked[-1] if asked and kind in _ASKING else None
    return {
        "subject": mail.subject,
        "purpose": _PURPOSES.get(kind, kind),
        "role": policy.role_name(mail.role),
        "name": drill.cast.name_of(mail.recipient),
        "state": mail.state,
        "sent": span(mail.sent_at - start) if mail.sent_at else None,
        "why": mail.last_error,
        "due": span(answer.due - start) if answer else None,
        # A mail to the next rung is sent because that time has gone by.
        "overdue": bool(answer and answer.due <= mail.created_at),
        "acked": span(answer.acked_at - start) if answer and answer.acked_at else None,
        "by": drill.cast.name_of(answer.acked_by) if answer and answer.acked_by else "",
        "in_time": answer.in_time if answer else None,
    }


def _statement(drill: Drill, steps: Sequence[StepRow], opened: dict[Any, datetime]) -> Any:
    """When the first statement was out, counted from the opening of its incident."""
    mine = [s for s in steps if s.code == STATEMENT]
    done = [s for s in mine if s.done_at and s.incident_id in opened]
    if not done:
        due = min((s.due_at for s in mine if s.due_at), default=None)
        return {"done": False, "due": span(due - drill.sheet.start) if due else None}
    first = min(done, key=lambda s: s.done_at or opened[s.incident_id])
    at = first.done_at or opened[first.incident_id]
    return {
        "done": True,
        "at": span(at - drill.sheet.start),
        "after": _length(at - opened[first.incident_id]),
        "by": drill.cast.name_of(first.done_by or ""),
        "in_time": first.due_at is None or at <= first.due_at,
    }


def _expected(
    drill: Drill, level: str, minute: float, what: str, reached: Sequence[Reached], now: datetime
) -> dict[str, Any]:
    rule = drill.services.policy.level_id(level)
    limit = drill.sheet.start + timedelta(minutes=minute)
    met = next((r.at for r in reached if rule and r.level >= rule.value), None)
    ok = met <= limit if met else (None if now < limit else False)
    return {
        "level": rule.name if rule else level,
        "by": span(limit - drill.sheet.start),
        "what": what,
        "reached": span(met - drill.sheet.start) if met else None,
        "ok": ok,
    }


def _turn(
    drill: Drill, minute: float, what: str, level: str, reached: Sequence[Reached], now: datetime
) -> dict[str, Any]:
    policy = drill.services.policy
    at = drill.sheet.start + timedelta(minutes=minute)
    # What stood a little later: the turn needs a moment to be read and told.
    stood = [r.level for r in reached if r.at <= at + timedelta(minutes=5)]
    rule = policy.level_id(level) if level else None
    return {
        "at": span(at - drill.sheet.start),
        "what": what,
        "stood": policy.level(stood[-1]).name if stood else "chưa có cảnh báo",
        "wanted": rule.name if rule else "",
        "ok": None if rule is None or now < at else bool(stood) and stood[-1] >= rule.value,
    }


def _length(length: timedelta) -> str:
    return span(length).removeprefix("T+")


def _played(drill: Drill, now: datetime) -> int:
    return sum(item.seen_at is not None and item.seen_at <= now for item in drill.items)


def _masking(drill: Drill, mails: Sequence[OutboxRow]) -> dict[str, Any]:
    """Whether a trap's name stands in any message; the names themselves are not repeated."""
    texts = [fold(f"{m.subject}\n{m.body_text}\n{m.body_html}") for m in mails]
    leaks = sum(any(fold(name) in text for name in drill.scenario.traps) for text in texts)
    return {"traps": len(drill.scenario.traps), "leaks": leaks}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("langnghe.drill", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
