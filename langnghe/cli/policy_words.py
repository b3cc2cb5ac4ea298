"""A playbook in plain Vietnamese: who is told when, what is due when, with what proof."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from langnghe.core.policy.model import LevelRule, Policy, StepRule

_WIDTH = 100
_KINDS = {"note": "ghi chép", "file": "tệp", "link": "đường dẫn", "number": "số văn bản"}


def span_words(span: timedelta) -> str:
    """Return "ngay", "45 phút", "6 giờ" or "7 ngày", in the largest unit that is exact."""
    minutes = round(span.total_seconds() / 60)
    if not minutes:
        return "ngay"
    if minutes % 1440 == 0 and minutes > 1440:
        return f"{minutes // 1440} ngày"
    if minutes % 60 == 0:
        return f"{minutes // 60} giờ"
    return f"{minutes} phút"


def playbook_lines(
    policy: Policy, levels: Sequence[LevelRule], topics: tuple[str, ...]
) -> Iterator[str]:
    """Yield the lines a head teacher reads: each level in turn, then what to do and not to do."""
    changed = f", có thay đổi riêng của: {', '.join(policy.applied)}" if policy.applied else ""
    yield f"Kịch bản ứng phó, phiên bản {policy.version}{changed}"
    rule = policy.notices
    yield from _folded(
        "  ",
        f"Cách báo: tin cùng một việc trong {span_words(rule.group)} gộp làm một; quá "
        f"{rule.max_per_hour} tin một giờ thì gửi một thư tổng hợp; "
        + ("xong việc có tin «đã xử lý»." if rule.resolved else "xong việc không báo lại."),
    )
    for level in levels:
        yield ""
        yield from _level_lines(policy, level, topics)
    yield ""
    yield from _list("Nên", (*policy.do, *(d for t in topics for d in policy.topics[t].do)))
    yield from _list("Không", (*policy.dont, *(d for t in topics for d in policy.topics[t].dont)))
    yield from _list("Số máy cần gọi", [f"{line.phone}: {line.name}" for line in policy.hotlines])


def _level_lines(policy: Policy, level: LevelRule, topics: tuple[str, ...]) -> Iterator[str]:
    yield f"{level.shape} {level.name.upper()} – {level.title} (từ {level.min_score:g} điểm)"
    yield from _folded("  ", f"Chủ trì: {policy.role_name(level.owner)}")
    if not level.opens:
        yield from _folded("  ", f"Không mở vụ việc. {level.monitor}. {level.close}.")
        return
    yield from _folded("  ", f"Báo ngay: {_names(policy, level.notify)}")
    yield from _folded("  ", f"Phải xác nhận trong {span_words(level.ack)}.")
    for rung in level.ladder:
        role = policy.role_name(rung.role)
        yield from _folded("  ", f"Sau {span_words(rung.after)} chưa ai xác nhận: báo {role}")
    yield from _folded("  ", _quiet_words(policy, level))
    rhythm = [f"Theo dõi {span_words(level.watch_every)} một lần" if level.watch_every else "",
              f"báo cáo tình hình {span_words(level.report_every)} một lần"
              if level.report_every else ""]  # fmt: skip
    if any(rhythm):
        yield from _folded("  ", "; ".join(filter(None, rhythm)) + ".")
    done = f" và xong {', '.join(level.close_steps)}" if level.close_steps else ""
    yield from _folded("  ", f"Đề nghị đóng khi yên {span_words(level.quiet_close)}{done}.")
    yield "  Việc phải làm (hạn tính từ lúc xác nhận):"
    for step in _by_time(policy.steps_for(topics, level.value), level):
        yield from _step_lines(policy, step, level)
    for limit in policy.legal:
        if level.value in limit.levels:
            text = f"Hạn của pháp luật: {limit.name} trong {span_words(limit.limit)}"
            yield from _folded("  ", f"{text} ({limit.basis}; {policy.role_name(limit.role)}).")


def _step_lines(policy: Policy, step: StepRule, level: LevelRule) -> Iterator[str]:
    head = f"    {span_words(step.due[level.value] or timedelta()):<9}{step.code:<6}"
    under = " " * len(head)
    yield from _folded(head, step.title, under)
    who = policy.role_name(step.role)
    if step.assists:
        who += f"; cùng làm: {_names(policy, step.assists)}"
    yield from _folded(under, f"Ai: {who}")
    if step.evidence:
        *most, last = (_KINDS[kind] for kind in step.evidence_kinds)
        kinds = f"{', '.join(most)} hoặc {last}" if most else last
        need = f"bắt buộc, {kinds}" if step.evidence_required else "không bắt buộc"
        yield from _folded(under, f"Bằng chứng: {step.evidence} ({need})")
    if step.templates:
        yield from _folded(under, f"Mẫu: {', '.join(step.templates)}")


def playbook_data(
    policy: Policy, levels: Sequence[LevelRule], topics: tuple[str, ...]
) -> dict[str, Any]:
    """Return the same as plain data; times in minutes."""
    quiet = policy.notices.quiet
    return {
        "version": policy.version,
        "units": list(policy.applied),
        "notices": {
            "quiet": [f"{at:%H:%M}" for at in quiet] if quiet else None,
            "group_minutes": _minutes(policy.notices.group),
            "resolved": policy.notices.resolved,
            "max_per_hour": policy.notices.max_per_hour,
        },
        "levels": [_level_data(policy, level, topics) for level in levels],
    }


def _level_data(policy: Policy, level: LevelRule, topics: tuple[str, ...]) -> dict[str, Any]:
    steps = _by_time(policy.steps_for(topics, level.value), level) if level.opens else []
    return {
        "id": level.id,
        "name": level.name,
        "owner": level.owner,
        "opens": level.opens,
        "ack_minutes": _minutes(level.ack) if level.opens else None,
        "notify": list(level.notify),
        "ladder": [{"after": _minutes(r.after), "role": r.role} for r in level.ladder],
        "ignores_quiet": level.ignores_quiet,
        "quiet_close_minutes": _minutes(level.quiet_close),
        "close_steps": list(level.close_steps),
        "steps": [
            {
                "code": step.code,
                "title": step.title,
                "role": step.role,
                "with": list(step.assists),
                "due_minutes": _minutes(step.due[level.value] or timedelta()),
                "evidence": step.evidence,
                "evidence_kinds": list(step.evidence_kinds),
                "evidence_required": step.evidence_required,
                "templates": list(step.templates),
            }
            for step in steps
        ],
        "legal": [
            {"id": limit.id, "step": limit.step, "role": limit.role,
             "minutes": _minutes(limit.limit), "basis": limit.basis}
            for limit in policy.legal
            if level.value in limit.levels
        ],
    }  # fmt: skip


def _quiet_words(policy: Policy, level: LevelRule) -> str:
    quiet = policy.notices.quiet
    if quiet is None:
        return "Không có giờ yên tĩnh: báo ngay cả ngày lẫn đêm."
    start, end = (f"{at:%H:%M}" for at in quiet)
    what = "vẫn báo ngay" if level.ignores_quiet else f"đợi đến {end}"
    return f"Giờ yên tĩnh {start}–{end}: {what}."


def _by_time(steps: Sequence[StepRule], level: LevelRule) -> list[StepRule]:
    return sorted(steps, key=lambda step: step.due[level.value] or timedelta())


def _names(policy: Policy, roles: Sequence[str]) -> str:
    return ", ".join(policy.role_name(role) for role in roles)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _list(head: str, lines: Sequence[str]) -> Iterator[str]:
    yield f"{head}:"
    for line in lines:
        yield from _folded("  - ", line, "    ")


def _folded(head: str, text: str, under: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=head if under is None else under,
        break_long_words=False,
    )  # fmt: skip
