"""Chances that agree with each other, that learn, and that say when they know too little."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.forecast.fit import fit
from alerts.forecast.measure import measure, plot, table
from alerts.forecast.model import (
    HOURS,
    LEAST_STORIES,
    SHIPPED,
    Model,
    cell,
    load,
    outlook,
    rules_version,
)
from alerts.forecast.signs import NAMES, Signs, signs_of, silence, vector
from alerts.forecast.trajectories import Moment, moments
from alerts.risk import assess
from langnghe.core.errors import ConfigError
from langnghe.core.policy.loader import load_policy
from langnghe.core.store.engine import Store
from langnghe.core.store.lived import stories_about_education
from tests.alerts.test_risk import mention, story
from tests.alerts.town import CRISIS, HOUR, T0, Room

POLICY = load_policy()
LIKELY = (0.3, 0.45, 0.2, 0.05)
KEYS = [(level, hours) for level in (2, 3) for hours in HOURS]


def signs(**more: object) -> Signs:
    base = Signs(
        level=1, score=30.0, harm=0.5, crisis=0.1, harm_fact=False, voices=1, first=T0,
        times=(T0,),
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def model_of(*known: Signs, bias: float = -2.0) -> Model:
    """A model that has seen enough stories like ``known`` and answers ``bias`` to all of them."""
    weights = {level: (bias, *[0.0] * len(NAMES)) for level in (2, 3)}
    cells = {cell(one, T0): LEAST_STORIES for one in known}
    return Model(weights, cells, rules_version(POLICY), {})


def test_signs_come_back_from_json() -> None:
    one = signs(times=(T0, T0 + HOUR), first=T0)
    assert Signs.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_signs_are_those_of_the_live_mentions() -> None:
    facts = story(mention(1), mention(2, stance="deny"), mention(3, copy=True))
    found = signs_of(facts, assess(facts, POLICY), POLICY)
    assert found is not None
    assert (found.voices, len(found.times)) == (1, 1)
    only_denial = story(mention(1, stance="deny"))
    assert signs_of(only_denial, assess(only_denial, POLICY), POLICY) is None


def test_silence_is_read_from_the_clock_not_from_the_moment_of_weighing() -> None:
    one = signs()
    assert silence(one, T0 + 3 * HOUR) == 3
    now, later = vector(one, T0, 2), vector(one, T0 + 7 * HOUR, 2)
    fresh = NAMES.index("fresh_6h")
    assert now[fresh] > later[fresh] == 0


def test_too_few_like_stories_give_words_and_no_number() -> None:
    told = model_of().forecast(signs(), T0, POLICY)
    assert not told.chances
    assert "chưa đủ dữ liệu" in told.why


def test_a_changed_playbook_is_not_guessed_for() -> None:
    model = replace(model_of(signs()), rules="another")
    assert "kịch bản đã đổi" in model.forecast(signs(), T0, POLICY).why


def test_no_forecast_without_a_sign_of_harm_nor_after_the_first_days() -> None:
    quiet = signs(harm=0.05)
    assert not model_of(quiet).forecast(quiet, T0, POLICY).chances
    old = signs()
    assert "ba ngày đầu" in model_of(old).forecast(old, T0 + 100 * HOUR, POLICY).why


def test_only_levels_still_to_come_are_told() -> None:
    orange = signs(level=2, score=60)
    told = model_of(orange).forecast(orange, T0, POLICY)
    assert {level for level, _ in told.chances} == {3}


@given(st.lists(st.floats(-6, 6), min_size=4, max_size=4))
def test_chances_never_contradict_each_other(drawn: list[float]) -> None:
    flat = [0.0] * (len(NAMES) - 1)
    weights = {2: (drawn[0], *flat, drawn[1]), 3: (drawn[2], *flat, drawn[3])}
    p = replace(model_of(signs()), weights=weights).forecast(signs(), T0, POLICY).chances
    for level in (2, 3):
        assert p[level, 2] <= p[level, 6] <= p[level, 24]
    for hours in HOURS:
        assert p[3, hours] <= p[2, hours]


def lived(seed: int, count: int) -> list[Moment]:
    """Stories whose future hangs on harm alone."""
    chance = random.Random(seed)  # noqa: S311
    found = []
    for number in range(count):
        harm = chance.uniform(0.2, 1.0)
        rises = chance.random() < harm**3
        rose = {key: rises and key[0] == 2 for key in KEYS}
        found.append(Moment(number, T0, signs(harm=harm, score=30), rose))
    return found


def test_it_learns_and_is_honest_about_stories_it_has_not_seen() -> None:
    model = fit(lived(1, 800), POLICY)
    assert 3 not in model.weights  # nobody ever got there: no sum, no guess
    grave = model.forecast(signs(harm=0.95), T0, POLICY).chances[2, 6]
    slight = model.forecast(signs(harm=0.25), T0, POLICY).chances[2, 6]
    assert grave > 0.6 > 0.15 > slight
    scores = {s.key: s for s in measure(model, lived(2, 800), POLICY)}
    assert scores[2, 6].skill > 0.2
    for one in scores[2, 6].bins:
        assert abs(one.said - one.came) < 0.15
    figures = list(scores.values())
    assert "Cam trong 6 giờ" in table(figures, POLICY)
    assert plot(figures, POLICY).startswith("<svg")


def test_a_model_survives_its_file_and_a_broken_file_is_told(tmp_path: Path) -> None:
    model = fit(lived(1, 200), POLICY)
    path = tmp_path / "f.json"
    path.write_text(json.dumps(model.to_json()), encoding="utf-8")
    again = load(path)
    assert again.cells == model.cells
    one = signs(harm=0.6)
    assert again.forecast(one, T0, POLICY).chances[2, 24] == pytest.approx(
        model.forecast(one, T0, POLICY).chances[2, 24], abs=1e-3
    )
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": 1', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.json"):
        load(broken)


def test_a_stored_story_is_lived_again(any_store: Store, tmp_path: Path) -> None:
    room = Room(any_store, tmp_path)
    number = room.press.story("Bữa ăn")
    room.press.publish(number, "Phụ huynh lo ngại về bữa ăn", risk_p=LIKELY)
    room.press.publish(number, "Nhiều em cấp cứu", risk_p=CRISIS, at=T0 + 5 * HOUR, outlet="Báo 2")
    with any_store.read() as session:
        ids = stories_about_education(session)
        told = list(moments(session, ids, POLICY))
        assert not stories_about_education(session, until=T0 - timedelta(days=1))
    first = told[0]
    assert first.at == T0
    assert first.rose[2, 2] is False
    assert first.rose[2, 6] is True
    assert all(m.at <= T0 + 5 * HOUR for m in told if m.signs.level < 2)


def test_the_shipped_forecast_was_made_for_the_shipped_playbook() -> None:
    assert load(SHIPPED).rules == rules_version(POLICY)


def test_a_page_opens_without_the_forecasts_file(tmp_path: Path) -> None:
    saved = signs().to_json()
    told = outlook(saved, T0, POLICY, path=tmp_path / "khong-co.json")
    assert told is not None
    assert told.chances == {}
    assert told.why
    assert outlook({}, T0, POLICY) is None
