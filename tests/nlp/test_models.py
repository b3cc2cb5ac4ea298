"""The weights file is arrays only, and the models keep their promises about probabilities."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from langnghe.core.errors import ConfigError
from langnghe.core.types import Item, Stance
from nlp.checked import seal
from nlp.decide import calm, choose, decide
from nlp.features import names, view
from nlp.lexicon import taxonomy
from nlp.models import DEFAULT_WEIGHTS, LinearModels, Prediction


@pytest.fixture(scope="module")
def model() -> LinearModels:
    return LinearModels.load()


def predict(model: LinearModels, *texts: str, kind: str = "news") -> Prediction:
    items = [Item(str(n), kind=kind, title=text) for n, text in enumerate(texts)]
    return model.predict([names(view(item, taxonomy())) for item in items])


def test_shipped_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in DEFAULT_WEIGHTS.parent.iterdir()) < 25_000_000


def test_probabilities_are_probabilities(model: LinearModels) -> None:
    p = predict(model, "Trường làng khai giảng", "", "🙂🙂🙂", "a" * 5000)
    for part in p:
        assert np.isfinite(part).all()
        assert ((part >= 0) & (part <= 1)).all()
    assert np.allclose(p.risk.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(p.sentiment.sum(axis=1), 1, atol=1e-5)


def test_one_by_one_equals_in_a_batch(model: LinearModels) -> None:
    texts = ["Trường làng khai giảng", "Giá vàng giảm", "Học sinh nhập viện sau bữa trưa ở trường"]
    whole = predict(model, *texts)
    for at, text in enumerate(texts):
        assert np.allclose(predict(model, text).risk[0], whole.risk[at], atol=1e-6)


def test_marks_left_out_change_little(model: LinearModels) -> None:
    p = predict(
        model,
        "Phụ huynh bức xúc vì nhà trường thu quỹ lớp quá cao",
        "Phu huynh buc xuc vi nha truong thu quy lop qua cao",
    )
    assert p.education.min() > 0.5
    topics = [model.topics[row.argmax()] for row in p.topics]
    assert topics == ["khoan_thu", "khoan_thu"]


def test_save_and_load_give_the_same_model(model: LinearModels, tmp_path: Path) -> None:
    model.save(tmp_path / "m.npz")
    again = LinearModels.load(tmp_path / "m.npz")
    assert again.version == model.version
    assert again.thresholds == model.thresholds


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    with pytest.raises(ConfigError, match="Không đọc được"):
        LinearModels.load(path)
    path.write_bytes(b"not a zip")
    seal(path)
    with pytest.raises(ConfigError, match="Không đọc được"):
        LinearModels.load(path)


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    np.savez(path, format=np.array([Path("x")], dtype=object))
    seal(path)
    with pytest.raises(ConfigError, match="Không đọc được"):
        LinearModels.load(path)


def test_weights_of_another_size_are_refused(model: LinearModels, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    replace(model, bias=model.bias[:-1]).save(path)
    with pytest.raises(ConfigError, match="kích thước"):
        LinearModels.load(path)


def test_the_catch_all_topic_stands_alone() -> None:
    topics = ("khoan_thu", "an_toan_thuc_pham", "khac")
    assert choose([0.2, 0.1, 0.9], topics, 0.1) == {"khac": 0.9}
    assert choose([0.7, 0.6, 0.65], topics, 0.5) == {"khoan_thu": 0.7, "an_toan_thuc_pham": 0.6}
    assert choose([0.2, 0.1, 0.05], topics, 0.5) == {"khoan_thu": 0.2}


def test_not_education_means_no_topic_and_no_risk(model: LinearModels) -> None:
    p = predict(model, "Giá vàng trong nước giảm phiên thứ hai")
    (row,) = decide(p, model.thresholds, model.topics)
    assert (row.about_education, row.scope, row.topics, row.risk) == (False, "n/a", {}, 0)


def test_a_denial_never_raises() -> None:
    loud = (0.1, 0.1, 0.3, 0.5)
    quiet, risk = calm(loud, 3, Stance.DENY)
    assert risk == 1
    assert sum(quiet) == pytest.approx(1)
    assert quiet[2] + quiet[3] < loud[2] + loud[3]
    assert calm(loud, 3, Stance.REPORT) == (loud, 3)
