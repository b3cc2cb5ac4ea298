"""How soon must somebody act? One pure function from a story's facts to an explained level.

The level is of *communication risk*; it says nothing about truth. The score is a sum of named parts
(0..100); the playbook's ceilings, floors and overrides then move it, so score and level always
agree. Holding ``now`` still, more harm, more independent sources or a surer unit never lower it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import cast

from alerts.facts import MentionFacts, StoryFacts
from alerts.rules import Picture, calm, ceiling, floors, matches, picture
from langnghe.core.clock import hanoi
from langnghe.core.policy.model import Policy
from langnghe.core.types import Assessment, Level, Reason

DOWN = "ha_muc"
"""The id in ``Assessment.overrides`` that says the down rule was applied."""


def assess(facts: StoryFacts, policy: Policy) -> Assessment:
    """Return the score (0..100), level, reasons and what would change them, for one story."""
    seen = picture(facts, policy)
    values = _values(facts, seen, policy)
    points = {name: round(policy.score.weights[name] * v, 2) for name, v in values.items()}
    base = min(100.0, sum(points.values()))
    level = policy.level_of(base)
    reasons = _part_reasons(facts, seen, policy, points)
    rules: list[str] = []

    cap = ceiling(facts, seen, policy)
    if cap is not None and cap.level < level:
        level = cap.level
        rules.append(cap.id)
        reasons.append(Reason(f"ceiling:{cap.id}", cap.reason + "."))
    lifts: list[Reason] = []
    told: set[tuple[tuple[str, ...], tuple[int, ...]]] = set()
    for floor in floors(seen, policy):
        if floor.level >= level:
            text = f"Chủ đề «{policy.topic_name(floor.topic)}» có nêu tổn hại"
            lifts.append(_said(f"floor:{floor.topic}", text, floor.words, floor.mention_ids, facts))
        level = max(level, floor.level)
    for match in sorted(matches(facts, seen, policy), key=lambda m: -m.rule.level):
        rule = match.rule
        rules.append(rule.id)
        said = (match.words, match.mention_ids)
        if rule.level >= level and said not in told:
            told.add(said)
            text = rule.reason.format(value=_count(match.value))
            lifts.append(_said(f"override:{rule.id}", text, match.words, match.mention_ids, facts))
        level = max(level, rule.level)
    strongest = [r for r in lifts if r.code.startswith("override:")]
    reasons = [*strongest, *(r for r in lifts if r not in strongest), *reasons]

    quiet = calm(facts, policy)
    lowered = max(level - quiet.levels, min(level, quiet.not_below), 0)
    if lowered < level:
        level = lowered
        rules.append(DOWN)
        text = "Cơ quan có thẩm quyền đã lên tiếng và dư luận đã yên"
        # after what made it grave: a reader asks first why there is an alarm at all
        reasons.insert(len(lifts), _said(f"down:{DOWN}", text, (), quiet.mention_ids, facts))
    score = _fit(base, level, policy)
    return Assessment(
        score=score,
        # The type names the packaged four; a playbook may have more, and plain ints serve both.
        level=cast(Level, level),
        parts=values | {"rules": 0.0},
        points=points | {"rules": round(score - sum(points.values()), 2)},
        overrides=tuple(rules),
        reasons=tuple(reasons),
        nearest=_nearest(facts, seen, policy, level, base),
        topics=seen.topic_ids,
        policy_version=policy.version,
    )


def _values(facts: StoryFacts, seen: Picture, policy: Policy) -> dict[str, float]:
    rule = policy.score
    if not seen.live:
        return dict.fromkeys(rule.weights, 0.0)
    tiers = (rule.comment_tier if m.kind == "comment" else m.tier for m in seen.live)
    blame = max(
        (
            p * policy.topics[t].attribution if t in policy.topics else 0.0
            for m in seen.live
            for t, p in m.topics
        ),
        default=rule.attribution_default,
    )
    values = {
        "severity": max(
            sum(p * s for p, s in zip(m.risk_p, rule.risk_severity, strict=True)) for m in seen.live
        ),
        "reach": _log_share(seen.spread, rule.reach_full),
        "velocity": _log_share(seen.recent, rule.velocity_full),
        "source": max(rule.tier_weight.get(tier, 0.0) for tier in tiers),
        "attribution": blame * (0.5 + 0.5 * facts.unit_confidence),
        "vulnerability": facts.vulnerability[0] if facts.vulnerability else 0.0,
        "history": 1.0 if facts.history else 0.0,
    }
    return {name: round(min(1.0, max(0.0, value)), 4) for name, value in values.items()}


def _log_share(amount: float, full: float) -> float:
    """Nothing for none, a little for one, 1 from ``full`` on; each further voice adds less."""
    return min(1.0, log(amount + 0.25) / log(full + 0.25)) if amount > 0.75 else 0.0


def _fit(base: float, level: int, policy: Policy) -> float:
    """Move the score into the band of ``level``, so that number and colour say the same."""
    low = policy.level(level).min_score
    top = policy.levels[level + 1].min_score - 0.1 if level + 1 < len(policy.levels) else 100.0
    return round(min(max(base, low), top), 1)


def _part_reasons(
    facts: StoryFacts, seen: Picture, policy: Policy, points: dict[str, float]
) -> list[Reason]:
    """One sentence for each part that weighs something, heaviest first."""
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
    about = f" ({', '.join(names)})" if names else ""
    heavy = min(seen.live, key=lambda m: (m.tier, m.at, m.id))
    ids = tuple(m.id for m in seen.live if not m.copy)[:20]
    copies = sum(m.copy for m in seen.live)
    spread = f"{seen.outlets} nguồn độc lập, {len(seen.live)} tin và bình luận"
    texts: dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]] = {
        "severity": (
            f"Nội dung{about}: khả năng là sự việc cần xử lý {worst.harm_p:.0%}"
            + f"{_where(worst)}",
            worst.words[:5],
            (worst.id,),
        ),
        "reach": (spread + (f", trong đó {copies} tin đăng lại" if copies else ""), (), ids),
        "velocity": (
            f"{seen.recent:.0f} tin mới trong "
            f"{policy.score.velocity_window.total_seconds() / 3600:.0f} giờ qua",
            (),
            ids,
        ),
        "source": (f"Nguồn có sức nặng nhất: {heavy.outlet}", (), (heavy.id,)),
        "attribution": (
            f"Đơn vị liên quan đã xác định (độ chắc {facts.unit_confidence:.0%})"
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
    }
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
    quoted = f": «{words[0]}»" if words else ""
    more = f" và {len(ids) - 1} tin khác" if len(ids) > 1 else ""
    where = _where(first)[:-1] + more + ")"
    return Reason(code, f"{text}{quoted}{where}.", 0.0, tuple(words), tuple(ids[:20]))


def _count(value: float | None) -> str:
    return "Có" if value is None else f"{value:,.0f}".replace(",", ".")


def _nearest(facts: StoryFacts, seen: Picture, policy: Policy, level: int, base: float) -> str:
    """Say which single change would move the level."""
    down = policy.down
    after = f"{down.quiet.total_seconds() / 3600:.0f} giờ yên"
    lower = policy.level(level - down.levels).name
    calmer = f"xuống {lower} khi cơ quan có thẩm quyền kết luận hoặc bác bỏ và {after}"
    if level + 1 >= len(policy.levels):
        return f"Đang ở mức cao nhất; {calmer}."
    above = policy.levels[level + 1]
    if not seen.live:
        return f"Lên {above.name} khi có tin phản ánh một sự việc trong nhà trường."
    now = policy.score
    capped = ceiling(facts, seen, policy)
    if capped is None or capped.level > level:
        for more in (1, 2, 3, 5, 8, 12):
            gain = now.weights["reach"] * (
                _log_share(seen.spread + more, now.reach_full)
                - _log_share(seen.spread, now.reach_full)
            ) + now.weights["velocity"] * (
                _log_share(seen.recent + more, now.velocity_full)
                - _log_share(seen.recent, now.velocity_full)
            )
            if base + gain >= above.min_score:
                up = f"Lên {above.name} khi có thêm {more} nguồn độc lập"
                return f"{up}; {calmer}." if level else f"{up}."
    wanted = next((r for r in reversed(policy.overrides) if r.level >= above.value), None)
    up = (
        f"Lên {above.name} khi một tin nêu rõ sự việc có tổn hại"
        if wanted is not None
        else f"Lên {above.name} khi điểm đạt {above.min_score:.0f}"
    )
    return f"{up}; {calmer}." if level else f"{up}."
