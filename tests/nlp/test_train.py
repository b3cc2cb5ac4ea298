"""Training learns, says what it made, and makes the same thing twice."""

from pathlib import Path

import pytest

from langnghe.core.errors import InputError
from langnghe.core.types import Item
from nlp.features import names, view
from nlp.learning import near_copies
from nlp.lexicon import taxonomy
from nlp.models import LinearModels
from nlp.train import train
from tests.nlp.fictional import rows, write


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    folder = tmp_path_factory.mktemp("train")
    data = write(folder / "train.jsonl", [*rows(), "{broken", {"id": "x", "title": "không nhãn"}])
    return folder, train(data, folder / "out", source_note="Invented rows.")


def test_report_and_card(trained: tuple[Path, dict[str, object]]) -> None:
    folder, report = trained
    assert report["rows"] == 140
    assert report["bad_lines"] == [141, 142]
    card = (folder / "out" / "CARD.md").read_text(encoding="utf-8")
    assert str(report["version"]) in card
    assert "Invented rows." in card
    assert "ma_tuy_chat_cam" in card  # named as not learnt


def test_it_learnt_something(trained: tuple[Path, dict[str, object]]) -> None:
    folder, _ = trained
    model = LinearModels.load(folder / "out" / "linear.npz")
    school = Item("a", title="Học sinh Trường Làng Sen nhập viện nghi ngộ độc sau bữa trưa")
    market = Item("b", title="Giá cà phê hôm nay tăng")
    p = model.predict([names(view(item, taxonomy())) for item in (school, market)])
    assert p.education[0] > 0.7 > 0.3 > p.education[1]
    assert p.risk[0, 3] > p.risk[1, 3]


def test_same_rows_same_weights(trained: tuple[Path, dict[str, object]]) -> None:
    folder, report = trained
    again = train(folder / "train.jsonl", folder / "again")
    assert again["version"] == report["version"]
    assert again["cross_validation"] == report["cross_validation"]


@pytest.mark.parametrize("lines", [[], rows()[:10], [r for r in rows() if r["about_education"]]])
def test_too_little_to_learn_from(tmp_path: Path, lines: list[object]) -> None:
    with pytest.raises(InputError, match="không đủ dữ liệu"):
        train(write(tmp_path / "t.jsonl", lines), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="khong-co"):
        train(tmp_path / "khong-co.jsonl", tmp_path / "out")


def test_near_copies_share_a_group() -> None:
    texts = (
        "Trường Tiểu học Suối Lê khai giảng năm học mới trong nắng",
        "Trường Tiểu học Suối Lê khai giảng năm học mới",
        "Giá cà phê trong nước tăng phiên thứ ba liên tiếp hôm nay",
    )
    groups = near_copies([names(view(Item(t, title=t), taxonomy())) for t in texts])
    assert groups[0] == groups[1] != groups[2]
