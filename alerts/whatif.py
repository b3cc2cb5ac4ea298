"""What single change would move the level? Answered by making the change and weighing again.

Pure. Nothing here guesses: each sentence names a change that was made to the facts (one source or
one kind of detail taken away, one report added) and the level that came of it. The number of tries
is bounded, whatever the size of the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from alerts.facts import LOUD, MentionFacts, StatedFact, StoryFacts
from alerts.rules import is_press
from alerts.weigh import Weighed, weigh
from langnghe.core.policy.model import Policy

TRIES = 8
"""Weighings in each direction; half as many where a story is long."""
_LONG = 100
_MORE = (1, 2, 3, 5, 8)
_NATIONAL, _LOCAL = 1, 3
_CRISIS = (0.0, 0.0, 0.2, 0.8)
"""How a newspaper's report of a death reads."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was tried: what it is called, the facts with it, the level it makes."""

    text: str
    facts: StoryFacts
    level: int


def changes(facts: StoryFacts, now: Weighed, policy: Policy) -> tuple[Change, ...]:
    """Return the changes that would move the level: the nearest ones down, then up."""
    tries = TRIES if len(facts.mentions) <= _LONG else TRIES // 2
    alone = replace(
        facts, scored=0
    )  # what had never been there had made no level to come down from
    found: list[Change] = []
    if now.level:
        plain = now.level if not facts.scored else weigh(alone, policy).level
        down = _tried(islice(_without(alone, now, policy), tries), policy)
        lower = [change for change in down if change.level < plain]
        found += lower[:1]
        calm = list(_tried(_calm(replace(facts, scored=now.scored), policy), policy))
        worst = max(calm, key=lambda change: change.level, default=None)
        if worst is not None and worst.level < now.level:
            found.append(worst)  # true of a denial and of a conclusion alike
    if now.level + 1 < len(policy.levels) and now.seen.live:
        kept = replace(facts, scored=now.scored)
        higher = (
            change
            for change in _tried(islice(_with(kept, now, policy), tries), policy)
            if change.level > now.level
        )
        found += list(islice(higher, 1))
    return tuple(found)


def sentence(facts: StoryFacts, now: Weighed, policy: Policy) -> str:
    """Return the nearest changes as one to three sentences, each ending with the level's name."""
    found = changes(facts, now, policy)
    if found:
        return " ".join(f"{c.text}: {policy.level(c.level).name}." for c in found)
    if not now.seen.live and len(policy.levels) > 1:
        name = policy.levels[1].name
        return f"Lên {name} khi có tin phản ánh một sự việc trong nhà trường."
    return "Chưa thấy thay đổi đơn lẻ nào làm đổi mức."


def _tried(options: Iterator[tuple[str, StoryFacts]], policy: Policy) -> Iterator[Change]:
    for text, facts in options:
        yield Change(text, facts, weigh(facts, policy).level)


def _without(facts: StoryFacts, now: Weighed, policy: Policy) -> Iterator[tuple[str, StoryFacts]]:
    """Take one thing away: a source, then a kind of detail that a rule rests on."""
    first: dict[str, MentionFacts] = {}
    for mention in sorted(now.seen.live, key=lambda m: (m.at, m.id)):
        if not mention.copy:
            first.setdefault(mention.voice, mention)
    if len(first) == 2:
        last = list(first.values())[1]
        yield f"Nếu không có nguồn thứ hai ({last.outlet})", without_source(facts, last.voice)
    elif len(first) > 2:
        heavy = sorted(first.values(), key=lambda m: (-m.harm_p, m.tier, m.at, m.id))
        for mention in heavy[:3]:
            name = f"Nếu không có nguồn «{mention.outlet}»"
            yield name, without_source(facts, mention.voice)
    told: set[str] = set()
    for match in now.matches:
        for kind in filter(None, (match.rule.when.fact, *match.rule.when.any_fact)):
            if kind in told:
                continue
            told.add(kind)
            words = next((w for m in now.seen.live for f in m.facts if f.kind == kind
                          and (w := f.words)), "")  # fmt: skip
            quoted = f"«{words}» và các chi tiết cùng loại" if words else "này"
            yield f"Nếu không có chi tiết {quoted}", without_fact(facts, kind)


def without_source(facts: StoryFacts, voice: str) -> StoryFacts:
    """Return the story as if this source had been silent."""
    return replace(facts, mentions=tuple(m for m in facts.mentions if m.voice != voice))


def without_fact(facts: StoryFacts, kind: str) -> StoryFacts:
    """Return the story as if nobody had stated a fact of this kind."""
    return replace(
        facts,
        mentions=tuple(
            replace(m, facts=tuple(f for f in m.facts if f.kind != kind)) for m in facts.mentions
        ),
    )


def _with(facts: StoryFacts, now: Weighed, policy: Policy) -> Iterator[tuple[str, StoryFacts]]:
    """Add one thing: a local report, a national one, an office's word, more reports, a death."""
    yield "Thêm một báo địa phương đưa tin", with_press(facts, now, tier=_LOCAL)
    yield "Thêm một báo trung ương đưa tin", with_press(facts, now, tier=_NATIONAL)
    speaker = next(iter(policy.credibility.speakers), "")
    if not any(is_press(m, policy) for m in now.seen.live) and speaker:
        office = (StatedFact(speaker),)
        yield (
            "Một báo dẫn lời cơ quan có thẩm quyền xác nhận",
            with_press(facts, now, tier=_LOCAL, facts_too=office),
        )
    for count in _MORE[1:]:
        yield f"Thêm {count} báo đưa tin", with_press(facts, now, tier=_LOCAL, count=count)
    dead = (StatedFact("dead", 1.0),)
    worse = with_press(facts, now, tier=_LOCAL, facts_too=dead, risk_p=_CRISIS)
    yield "Một báo nêu có học sinh tử vong", worse


def with_press(
    facts: StoryFacts,
    now: Weighed,
    *,
    tier: int,
    count: int = 1,
    facts_too: tuple[StatedFact, ...] = (),
    risk_p: tuple[float, float, float, float] | None = None,
) -> StoryFacts:
    """Return the story with ``count`` more newspapers that report what its worst mention does."""
    worst = max(now.seen.live, key=lambda m: (m.harm_p, m.crisis_p, m.unit_confidence, -m.id))
    top = max(m.id for m in facts.mentions)
    shown = risk_p or worst.risk_p
    more = tuple(
        replace(
            worst,
            id=top + n,
            at=facts.now,
            outlet=f"\0{n}",  # no outlet bears such a name, so it is one more voice
            publisher="",
            tier=tier,
            kind="news",
            copy=False,
            stance="report",
            authority=False,
            risk_p=shown,
            risk=max(worst.risk, 3 if risk_p else 0),
            facts=(*worst.facts, *facts_too),
        )
        for n in range(1, count + 1)
    )
    return replace(facts, mentions=(*facts.mentions, *more))


def _calm(facts: StoryFacts, policy: Policy) -> Iterator[tuple[str, StoryFacts]]:
    """Let an office speak the last word now, and let the playbook's hours of quiet pass."""
    rule = policy.down
    hours = rule.quiet.total_seconds() / 3600
    top = max(m.id for m in facts.mentions)
    last = max([facts.now, *(m.at for m in facts.mentions if m.stance in LOUD)])
    for stance in rule.stances:
        word = MentionFacts(id=top + 1, at=facts.now, outlet="\0", stance=stance, authority=True)
        later = replace(facts, mentions=(*facts.mentions, word), now=last + rule.quiet)
        yield f"Khi cơ quan có thẩm quyền kết luận hoặc bác bỏ và {hours:.0f} giờ yên", later
