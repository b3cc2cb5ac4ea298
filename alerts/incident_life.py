"""The life of an incident as pure tables: which state follows which, and what closing asks for.

Nothing here reads or writes; the acts of ``alerts.incidents`` and ``alerts.concluding`` ask it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from langnghe.core.clock import say
from langnghe.core.policy.model import LevelRule, Policy
from langnghe.core.types import IncidentState
from langnghe.core.words import word

S = IncidentState
NEXT: Mapping[IncidentState, frozenset[IncidentState]] = {
    S.NEW: frozenset(),
    S.REOPENED: frozenset(),
    S.ACKNOWLEDGED: frozenset({S.VERIFYING, S.RESPONDING, S.AWAITING_CONCLUSION}),
    S.VERIFYING: frozenset({S.RESPONDING, S.AWAITING_CONCLUSION, S.MONITORING}),
    S.RESPONDING: frozenset({S.VERIFYING, S.AWAITING_CONCLUSION, S.MONITORING}),
    S.AWAITING_CONCLUSION: frozenset({S.VERIFYING, S.RESPONDING, S.MONITORING}),
    S.MONITORING: frozenset({S.VERIFYING, S.RESPONDING, S.AWAITING_CONCLUSION}),
    S.CLOSED: frozenset(),
}
"""What a hand may choose; acknowledging, closing and reopening are acts of their own."""
WAITING = frozenset({S.NEW, S.REOPENED})
"""States an acknowledgement ends."""
CONCLUSION_STEP = "B14"
"""A level whose closing asks for this core step asks for a recorded conclusion as well."""
REVIEW_STEP = "B15"
"""The core step that a complete after-action form fulfils, and whose asking asks for the form."""


def refusal(before: IncidentState, after: IncidentState, *, acknowledged: bool) -> str | None:
    """Return why a hand may not move an incident from ``before`` to ``after``, or ``None``."""
    if after is S.CLOSED:
        return "Đóng vụ việc cần lý do và đủ điều kiện: dùng nút Đóng vụ việc."
    if after in WAITING:
        return f"Không chuyển tay sang «{word('state', after)}» được."
    if before is S.CLOSED:
        return "Vụ việc đã đóng: phải mở lại trước."
    if before in WAITING or not acknowledged:
        return "Vụ việc chưa được tiếp nhận: phải tiếp nhận trước."
    if before is after:
        return f"Vụ việc đang ở tình trạng «{word('state', after)}» rồi."
    if after not in NEXT[before]:
        return (
            f"Chưa chuyển từ «{word('state', before)}» sang «{word('state', after)}» được: "
            "phải xác minh hoặc ứng phó trước đã."
        )
    return None


def choices(state: str, *, acknowledged: bool) -> list[IncidentState]:
    """Return the states a hand may choose now, in the order of an incident's life."""
    before = IncidentState(state)
    return [s for s in IncidentState if refusal(before, s, acknowledged=acknowledged) is None]


@dataclass(frozen=True, slots=True)
class ClosingView:
    """What closing looks at. ``steps`` maps the codes planned to whether they are done.

    ``level`` is the highest the incident ever had: a crisis is not closed as less than one.
    """

    level: int
    acknowledged: bool
    heard_last: datetime | None
    concluded: bool
    steps: Mapping[str, bool] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    review: Mapping[str, str] = field(default_factory=dict)


def missing_for_closing(view: ClosingView, policy: Policy, now: datetime) -> tuple[str, ...]:
    """Return what is still missing before the incident may be closed, in plain words."""
    rule = policy.level(view.level)
    found: list[str] = []
    if not view.acknowledged:
        found.append("chưa ai tiếp nhận")
    if view.heard_last is not None and now < view.heard_last + rule.quiet_close:
        found.append(
            f"chưa yên đủ {_hours(rule.quiet_close)} (tin gần nhất lúc {say(view.heard_last)})"
        )
    found.extend(
        f"việc {code} chưa xong: {view.titles.get(code, '')}".rstrip(": ")
        for code in rule.close_steps
        if view.steps.get(code) is False
    )
    if CONCLUSION_STEP in rule.close_steps and not view.concluded:
        found.append("chưa ghi kết luận")
    if needs_review(rule):
        left = review_gaps(view.review, policy)
        if left:
            found.append(f"phiếu rút kinh nghiệm còn thiếu: {', '.join(left)}")
    return tuple(found)


def needs_review(rule: LevelRule) -> bool:
    """Tell whether a level asks for the after-action form before closing."""
    return REVIEW_STEP in rule.close_steps


def review_gaps(fields: Mapping[str, str], policy: Policy) -> list[str]:
    """Return the labels of required fields of the after-action form that are empty."""
    return [f.label for f in policy.review if f.required and not fields.get(f.id, "").strip()]


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.0f} ngày" if hours >= 96 and hours % 24 == 0 else f"{hours:.0f} giờ"
