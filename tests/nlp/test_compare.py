"""Two readers on the same gold: a worse one is named, an equal one is not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from langnghe.core.types import Profile
from nlp.blend import BLEND, Blend
from nlp.compare import Change, compare
from nlp.encoder import Encoder
from nlp.figures import Figure
from nlp.lexicon import taxonomy
from nlp.models import DEFAULT_WEIGHTS, LinearModels, head_names
from nlp.reader import Reader
from nlp.units import UnitLinker
from tests.nlp.fictional import rows, write


def reader(models: LinearModels) -> Reader:
    folder = DEFAULT_WEIGHTS.parent
    return Reader(
        models,
        taxonomy(),
        UnitLinker(Profile(name="", units=())),
        "",
        encoder=Encoder.load(folder),
        blend=Blend.load(folder / BLEND, head_names(models.topics)),
    )


@pytest.fixture(scope="module")
def models() -> LinearModels:
    return LinearModels.load()


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("gold") / "gold.jsonl", rows())


def test_the_same_model_is_neither_better_nor_worse(gold: Path, models: LinearModels) -> None:
    told = compare(gold, reader(models), reader(models))
    assert (told.worse, told.better, told.rows) == ([], [], len(rows()))
    assert {change.gain.value for change in told.changes.values()} == {0.0}


def test_a_model_that_hears_nothing_is_worse(gold: Path, models: LinearModels) -> None:
    deaf = replace(models, bias=models.bias - 20)
    told = compare(gold, reader(models), reader(deaf))
    assert {"education_f1", "topics_micro_f1", "risk3_given_2_or_3"} <= set(told.worse)
    assert told.changes["education_brier"].worse  # a figure where less is better
    assert told.changes["education_brier"].gain.value < 0
    back = compare(gold, reader(deaf), reader(models))
    assert "education_f1" in back.better
    assert "education_f1" not in back.worse
    line = next(line for line in told.render().splitlines() if line.startswith("education_f1"))
    assert line.endswith("worse")
    assert json.loads(json.dumps(told.to_dict()))["figures"]["education_f1"]["verdict"] == "worse"


def test_a_small_fall_by_chance_is_borne_a_probable_or_forbidden_one_is_not() -> None:
    def change(value: float, high: float, fell: float, material: float = 0.02) -> Change:
        return Change(0.9, 0.9 + value, Figure(value, -0.1, high), fell, material, True)

    assert not change(-0.01, 0.03, 0.7).worse
    assert not change(-0.03, 0.05, 0.6).worse
    assert change(-0.03, 0.01, 0.9).worse
    assert change(-0.01, -0.001, 0.99).worse
    assert change(-0.01, 0.0, 0.6, material=0.0).worse
