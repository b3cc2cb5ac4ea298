"""How soon must somebody act? One pure function from a story's facts to an explained level.

The level is of *communication risk*; it says nothing about truth. ``alerts.weigh`` finds it, this
module says in Vietnamese why it is so, with the mentions that caused each reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from alerts.credibility import credibility
from alerts.facts import MentionFacts, StoryFacts
from alerts.news import numbers
from alerts.rules import Picture
from alerts.weigh import DOWN, Weighed, weigh
from alerts.whatif import sentence
from langnghe.core.clock import hanoi, say
from langnghe.core.policy.model import Policy, When
from langnghe.core.text import strip_marks
from langnghe.core.types import Assessment, Level, Reason

__all__ = ["DOWN", "assess"]

_LOOSE = frozenset({"at_least", "harm_p", "crisis_p", "topic_p", "outlets"})
"""Conditions that ask for more or less of the same thing."""
_MARKED = (
    r"(?:(?:cô|thầy|giáo|viên|phụ|huynh|học|sinh|con|mình|tôi|em|bé|cháu|trẻ|bà|ông|bố|mẹ|người|"
    r"nhà|gia|đình|hiệu|trưởng|phó|chủ|nhiệm|nam|nữ|lớp|trường|th|thcs|thpt|mầm|non|tiểu|trong|"
    r"ngoài|ở|tại|phòng|cổng|sân|sáng|trưa|chiều|tối|đêm|nay|qua|hôm|xã|phường|bản|tỉnh|sự|việc|"
    r"các|những|một|và|là|có|đang|lúc|khi|gì|cho|của|với|hỏi|trả|lời)(?: |$))+"
)
_WHO_WHERE = re.compile(f"{_MARKED}|{strip_marks(_MARKED)}")


def assess(facts: StoryFacts, policy: Policy) -> Assessment:
    """Return the score (0..100), level, reasons and what would change them, for one story."""
    found = weigh(facts, policy)
    seen = found.seen
    return Assessment(
        score=found.score,
        # The type names the packaged four; a playbook may have more, and plain ints serve both.
        level=cast(Level, found.level),
        parts=dict(found.values) | {"rules": 0.0},
        points=dict(found.points) | {"rules": round(found.score - sum(found.points.values()), 2)},
        overrides=found.rules,
        reasons=tuple(_reasons(facts, found, policy)),
        nearest=_nearest(facts, found, policy),
        topics=seen.topic_ids,
        policy_version=policy.version,
        scored=found.scored,
        credibility=credibility(seen, policy),
        news=numbers(facts, seen, found.rules, policy),
    )


def _nearest(facts: StoryFacts, found: Weighed, policy: Policy) -> str:
    """Weigh what-ifs only for a story that could become an incident."""
    sure = facts.unit_confidence >= policy.incident.min_unit_confidence
    if facts.unit_id is None or not sure:
        return "Chưa rõ đơn vị liên quan nên chưa mở vụ việc."
    return sentence(facts, found, policy)


def _reasons(facts: StoryFacts, found: Weighed, policy: Policy) -> list[Reason]:
    """What lifted the level, what holds it down, then the parts of the score, heaviest first."""
    lifts: list[Reason] = []
    told: set[tuple[tuple[str, ...], tuple[int, ...]]] = set()
    stronger: list[When] = []
    base = found.scored if found.soft is None else min(found.scored, found.soft.level)
    for match in found.matches:
        rule = match.rule
        said = (match.words, match.mention_ids)
        if rule.level >= base and said not in told and not _told_by(rule.when, stronger):
            told.add(said)
            stronger.append(rule.when)
            text = rule.reason.format(value=_count(match.value))
            lifts.append(_said(f"override:{rule.id}", text, match.words, match.mention_ids, facts))
    for floor in found.floors:
        if floor.level >= base:
            text = f"Chủ đề «{policy.topic_name(floor.topic)}» có nêu tổn hại"
            lifts.append(_said(f"floor:{floor.topic}", text, floor.words, floor.mention_ids, facts))
    held = [
        Reason(f"ceiling:{cap.id}", f"{cap.reason}.", 0.0, (), _live_ids(found.seen))
        for cap in (found.firm, found.soft)
        if cap is not None
    ]
    if found.lowered:
        # after what made it grave: a reader asks first why there is an alarm at all
        text = "Cơ quan có thẩm quyền đã lên tiếng và dư luận đã yên"
        ids = found.quiet.mention_ids
        if ids:
            held.insert(0, _said(f"down:{DOWN}", text, (), ids, facts))
        else:  # nobody has written of it: people recorded the conclusion
            text = f"Cơ quan có thẩm quyền đã kết luận ({say(facts.concluded_at)})"
            held.insert(0, Reason(f"down:{DOWN}", f"{text} và dư luận đã yên."))
    return [*lifts, *held, *_part_reasons(facts, found, policy)]


def _told_by(when: When, stronger: Sequence[When]) -> bool:
    """Tell whether a rule asks for less of just what a rule already told asks for."""

    def kind(rule: When) -> dict[str, object]:
        return {name: asked for name, asked in asdict(rule).items() if name not in _LOOSE}

    return any(
        kind(when) == kind(other)
        and all(getattr(when, name) <= getattr(other, name) for name in _LOOSE)
        for other in stronger
    )


def _live_ids(seen: Picture) -> tuple[int, ...]:
    return tuple(m.id for m in seen.live if not m.copy)[:20]


def _part_reasons(facts: StoryFacts, found: Weighed, policy: Policy) -> list[Reason]:
    """One sentence for each part that weighs something, heaviest first."""
    seen = found.seen
    if not seen.live:
        only_denials = bool(facts.mentions) and all(
            m.stance in ("deny", "correct") for m in facts.mentions
        )
        text = (
            "Mọi tin đều là bác bỏ hoặc đính chính."
            if only_denials
            else "Không có tin nào về giáo dục trong nước."
        )
        return [Reason("none", text, 0.0, (), tuple(m.id for m in facts.mentions[:5]))]
    worst = max(seen.live, key=lambda m: (m.harm_p, m.crisis_p, -m.id))
    names = [policy.topic_name(t) for t in seen.topic_ids[:2]]
    about = f" ({'; '.join(names)})" if names else ""
    # A page of comments has no tier of its own, so it never outweighs a newspaper.
    heavy = min(seen.live, key=lambda m: (m.kind == "comment", m.tier, m.at, m.id))
    ids = _live_ids(seen)
    spread = f"{seen.outlets} nguồn độc lập, {seen.count} tin và bình luận"
    hours = policy.score.velocity_window.total_seconds() / 3600
    pace = f"{seen.recent:.0f} tin mới trong {hours:.0f} giờ qua"
    if facts.unusual is not None:
        pace += f"; {facts.unusual.text}"
    texts: dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]] = {
        "severity": (
            f"Nội dung{about}: khả năng là sự việc cần xử lý {_chance(worst.harm_p)}"
            + f"{_where(worst)}",
            worst.words[:5],
            (worst.id,),
        ),
        "reach": (
            spread + (f", trong đó {seen.copies} tin đăng lại" if seen.copies else ""), (), ids
        ),
        "velocity": (pace, (), ids),
        "source": (f"Nguồn có sức nặng nhất: {heavy.outlet}", (), (heavy.id,)),
        "attribution": (
            f"Đơn vị liên quan đã xác định (độ chắc {_chance(facts.unit_confidence)})"
            if facts.unit_id
            else "Chưa rõ đơn vị liên quan",
            (),
            tuple(m.id for m in seen.live if m.unit_confidence > 0)[:20],
        ),
        "vulnerability": (
            "Liên quan học sinh dễ tổn thương",
            (facts.vulnerability[1],) if facts.vulnerability else (),
            (),
        ),
        "history": (f"Đơn vị có {facts.history} vụ tương tự trong thời gian gần đây", (), ()),
    }  # fmt: skip
    points = found.points
    weighed = sorted((n for n in texts if points.get(n, 0) > 0), key=lambda n: -points[n])
    return [
        Reason(f"part:{n}", texts[n][0] + ".", points[n], texts[n][1], texts[n][2]) for n in weighed
    ]


def _where(mention: MentionFacts) -> str:
    return f" ({mention.outlet}, {hanoi(mention.at):%H:%M %d/%m})"


def _said(
    code: str, text: str, words: Sequence[str], ids: Sequence[int], facts: StoryFacts
) -> Reason:
    """Return a reason that names its words, and the first outlet and time that said so."""
    first = min((m for m in facts.mentions if m.id in ids), key=lambda m: (m.at, m.id))
    telling = next((word for word in words if _tells(word)), "")
    quoted = f": «{telling}»" if telling else ""
    more = f" và {len(ids) - 1} tin khác" if len(ids) > 1 else ""
    where = _where(first)[:-1] + more + ")"
    return Reason(code, f"{text}{quoted}{where}.", 0.0, tuple(words), tuple(ids[:20]))


def _tells(words: str) -> bool:
    """Tell whether words say what happened, not only who or where («cô giáo», «trong phòng»)."""
    return bool(words) and not _WHO_WHERE.fullmatch(words.lower())


def _chance(p: float) -> str:
    """Return ``80%``; nothing a machine reads is quite sure."""
    return "trên 95%" if p > 0.95 else f"{p:.0%}"


def _count(value: float | None) -> str:
    return "Có" if value is None else f"{value:,.0f}".replace(",", ".")
