"""A lone post does not carry far, a child's harm is never waited for, and sources are weighed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from alerts.facts import MentionFacts, StatedFact, StoryFacts
from alerts.risk import assess
from langnghe.core.types import Verification
from tests.alerts.test_risk import IDS, POLICY, STORIES, level, mention, mentions, story
from tests.alerts.town import ALERT, CRISIS, WATCH


def post(number: int = 1, **more: object) -> MentionFacts:
    """Return a free-standing post; two of them stand in two places."""
    values: dict[str, object] = {"kind": "comment", "tier": 5, "outlet": f"Trang {number}"}
    return mention(number, **(values | more))


def trust(facts: StoryFacts) -> str:
    found = assess(facts, POLICY).credibility
    assert found is not None
    return found.id


@pytest.mark.parametrize("risk_p", [ALERT, CRISIS, (0.1, 0.25, 0.6, 0.05), (0.0, 0.0, 0.0, 1.0)])
def test_one_post_without_a_childs_harm_stays_at_yellow(
    risk_p: tuple[float, float, float, float],
) -> None:
    facts = (StatedFact("clip"), StatedFact("injured", 1.0), StatedFact("police"))
    for stated in ((), facts):
        lone = post(risk=3, risk_p=risk_p, facts=stated, topics=(("dao_duc_nha_giao", 0.9),))
        found = assess(story(lone, vulnerability=(1.0, "tieu hoc"), history=2), POLICY)
        assert found.level <= IDS["vang"]
        if risk_p == CRISIS:
            assert "bai_dang_don_le" in found.overrides
            assert any("một nơi đăng" in reason.text for reason in found.reasons)


def test_a_calming_or_unsure_post_opens_nothing() -> None:
    unsure = post(risk=2, risk_p=(0.2, 0.3, 0.35, 0.15), topics=(("an_ninh_truong_hoc", 0.9),))
    assert level(story(unsure)) == IDS["xanh"]
    assert level(story(replace(unsure, risk=3, risk_p=(0.1, 0.39, 0.1, 0.41)))) == IDS["xanh"]


@pytest.mark.parametrize("kind", ["dead", "sexual_abuse", "missing", "suicide"])
def test_one_post_that_states_a_childs_harm_is_amber_at_once(kind: str) -> None:
    grave = post(risk=3, risk_p=(0.05, 0.15, 0.4, 0.4), facts=(StatedFact(kind),))
    lone = assess(story(grave), POLICY)
    assert lone.level == IDS["cam"]
    assert any("xác minh ngay" in reason.text for reason in lone.reasons)
    weak = replace(grave, risk_p=(0.05, 0.4, 0.45, 0.10))
    assert level(story(weak)) == IDS["cam"], "no waiting for the model to be sure of a crisis"
    second = post(2, risk=3, risk_p=(0.05, 0.15, 0.4, 0.4), facts=(StatedFact(kind),))
    assert level(story(grave, second)) == IDS["do"]
    paper = mention(3, risk=3, risk_p=(0.05, 0.15, 0.4, 0.4), facts=(StatedFact(kind),))
    assert level(story(grave, paper)) == IDS["do"]


def test_the_same_post_shared_or_commented_on_by_its_own_page_is_still_one() -> None:
    grave = post(risk=3, risk_p=CRISIS, facts=(StatedFact("dead", 1.0),))
    shares = [post(n, copy=True, risk_p=CRISIS) for n in range(2, 20)]
    talk = [post(n, outlet="Trang 1", kind="comment", risk_p=WATCH) for n in range(20, 25)]
    assert level(story(grave, *shares, *talk)) == IDS["cam"]


def test_praise_beside_a_post_is_no_witness() -> None:
    lone = post(risk=3, risk_p=CRISIS)
    praise = mention(2, risk=0, risk_p=(0.97, 0.02, 0.01, 0.0),
                     topics=(("hoat_dong_tich_cuc", 0.9),))  # fmt: skip
    assert level(story(lone, praise)) <= IDS["vang"]


def test_credibility_names_who_speaks() -> None:
    paper, national = mention(2, tier=3), mention(3, tier=1)
    office = mention(4, tier=3, facts=(StatedFact("speaker_police"),))
    assert trust(story()) == "chua_ro"
    assert trust(story(post())) == "mot_bai_dang"
    assert trust(story(post(), post(5))) == "nhieu_noi_dang"
    assert trust(story(post(), paper)) == "mot_bao"
    assert trust(story(post(), national)) == "mot_bao_lon"
    assert trust(story(paper, national)) == "nhieu_bao"
    assert trust(story(office)) == "co_quan"
    found = assess(story(paper, national, office), POLICY).credibility
    assert found is not None
    assert found.text == "Có lời của cơ quan có thẩm quyền, 3 cơ quan báo chí độc lập"
    rumour = post(facts=(StatedFact("speaker_police"),))
    assert trust(story(rumour)) == "mot_bai_dang", "a post that quotes the police is still a post"


def test_credibility_is_not_verification_nor_level() -> None:
    ids = {step.id for step in POLICY.credibility.steps}
    assert ids.isdisjoint(set(Verification))
    harmless = [mention(n, tier=1, risk=1, risk_p=WATCH) for n in range(1, 3)]
    sure = assess(story(*harmless), POLICY)
    assert sure.level == IDS["xanh"]
    assert sure.credibility is not None
    assert sure.credibility.value >= 0.8


@settings(max_examples=150, deadline=None, derandomize=True)
@given(STORIES, mentions())
def test_one_more_source_never_makes_a_story_less_credible(
    facts: StoryFacts, extra: MentionFacts
) -> None:
    more = replace(facts, mentions=(*facts.mentions, replace(extra, id=99_999, stance="report")))
    before, after = assess(facts, POLICY).credibility, assess(more, POLICY).credibility
    assert before is not None
    assert after is not None
    assert after.value >= before.value
