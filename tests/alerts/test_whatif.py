"""The sentence about the nearest change is true when somebody does what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given, settings

from alerts.facts import LOUD, MentionFacts, StatedFact, StoryFacts
from alerts.risk import assess
from alerts.weigh import weigh
from alerts.whatif import TRIES, changes
from tests.alerts.test_risk import POLICY, STORIES, level, mention, story
from tests.alerts.town import ALERT, CRISIS, T0

SAID = re.compile(r"([^:]+(?:«[^»]*»)?[^:]*): (\w+)\. ?")
NAMES = {rule.name: rule.value for rule in POLICY.levels}


def level_after(facts: StoryFacts, what: str) -> int:
    """Do by hand what the sentence says and weigh the story anew."""
    live = list(weigh(facts, POLICY).seen.live)
    worst = max(live, key=lambda m: (m.harm_p, m.crisis_p, m.unit_confidence, -m.id))
    now = replace(facts, scored=weigh(facts, POLICY).scored)

    def paper(n: int, tier: int, **more: object) -> MentionFacts:
        base = replace(
            worst, id=50_000 + n, at=facts.now, outlet=f"Báo mới {n}", publisher="", tier=tier,
            kind="news", copy=False, stance="report", authority=False,
        )  # fmt: skip
        return replace(base, **more)  # type: ignore[arg-type]

    if found := re.match(r"Nếu không có nguồn thứ hai \((.+)\)|Nếu không có nguồn «(.+)»", what):
        name = found[1] or found[2]
        voices = {m.voice for m in live if m.outlet == name and not m.copy}
        return min(
            level(replace(facts, scored=0,
                          mentions=tuple(m for m in facts.mentions if m.voice != voice)))
            for voice in voices
        )  # fmt: skip
    if what.startswith("Nếu không có chi tiết"):
        kinds = {f.kind for m in live for f in m.facts}
        return min(
            level(replace(facts, scored=0, mentions=tuple(
                replace(m, facts=tuple(f for f in m.facts if f.kind != kind))
                for m in facts.mentions
            )))
            for kind in kinds
        )  # fmt: skip
    if what.startswith("Khi cơ quan có thẩm quyền"):
        word = MentionFacts(id=60_000, at=facts.now, outlet="Công an", stance="conclude",
                            authority=True)  # fmt: skip
        last = max([facts.now, *(m.at for m in facts.mentions if m.stance in LOUD)])
        later = last + timedelta(hours=24)
        return level(replace(now, mentions=(*facts.mentions, word), now=later))
    added = {
        "Thêm một báo địa phương đưa tin": [paper(1, 3)],
        "Thêm một báo trung ương đưa tin": [paper(1, 1)],
        "Một báo dẫn lời cơ quan có thẩm quyền xác nhận": [
            paper(1, 3, facts=(*worst.facts, StatedFact("speaker_police")))
        ],
        "Một báo nêu có học sinh tử vong": [
            paper(1, 3, facts=(*worst.facts, StatedFact("dead", 1.0)), risk=3,
                  risk_p=(0.0, 0.0, 0.2, 0.8))
        ],
    }  # fmt: skip
    added |= {f"Thêm {n} báo đưa tin": [paper(i, 3) for i in range(n)] for n in (2, 3, 5, 8)}
    return level(replace(now, mentions=(*facts.mentions, *added[what])))


def test_a_second_source_that_carries_the_level_is_named() -> None:
    grave = mention(
        1,
        kind="comment",
        tier=5,
        outlet="Trang Một",
        risk=3,
        risk_p=(0.05, 0.15, 0.4, 0.4),
        facts=(StatedFact("dead", 1.0, "một em mất"),),
    )
    later = replace(grave, id=2, outlet="Trang Hai", at=T0 + timedelta(hours=1))
    found = assess(story(grave, later, now=T0 + timedelta(hours=2)), POLICY)
    assert found.level == 3
    assert found.nearest.startswith("Nếu không có nguồn thứ hai (Trang Hai): Cam.")


def test_a_detail_that_carries_the_level_is_quoted() -> None:
    facts = (StatedFact("hospitalised", 4.0, "4 em nhập viện"),)
    papers = [mention(n, facts=facts) for n in range(1, 5)]
    found = assess(story(*papers), POLICY)
    assert found.level == 3
    assert "«4 em nhập viện»" in found.nearest


def test_what_would_raise_the_level_is_said_too() -> None:
    found = assess(story(mention(1, tier=3, risk_p=(0.1, 0.25, 0.6, 0.05))), POLICY)
    assert found.level == 1
    assert "báo trung ương đưa tin: Cam." in found.nearest


def test_a_story_of_no_watched_unit_costs_no_what_if() -> None:
    found = assess(story(mention(), unit_id=None, unit_confidence=0.0), POLICY)
    assert found.nearest == "Chưa rõ đơn vị liên quan nên chưa mở vụ việc."


def test_the_number_of_tries_does_not_grow_with_the_story() -> None:
    many = story(*(mention(n, risk_p=ALERT) for n in range(1, 300)))
    assert len(changes(many, weigh(many, POLICY), POLICY)) <= 3
    assert TRIES <= 10


@settings(max_examples=200, deadline=None, derandomize=True)
@given(STORIES)
@example(story(mention(1, risk_p=CRISIS, risk=3), mention(2, tier=1)))
def test_every_sentence_is_true_when_it_is_done(facts: StoryFacts) -> None:
    sure = replace(facts, unit_confidence=max(facts.unit_confidence, 0.6))
    found = assess(sure, POLICY)
    said = SAID.findall(found.nearest)
    for what, name in said:
        assert level_after(sure, what) == NAMES[name], (what, name)
        assert NAMES[name] != found.level
    assert said or ":" not in found.nearest
