"""The quality table counts right, leaves out the undecided, and survives bad lines."""

import json
from pathlib import Path

import numpy as np
import pytest

from langnghe.core.errors import InputError
from nlp.evaluate import evaluate
from nlp.figures import family, precision_at_recall, ranking
from nlp.reader import Reader
from tests.nlp.fictional import rows, write


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def test_counts_of_a_family() -> None:
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
    told = np.array([[1, 0], [0, 1], [0, 1], [0, 1]], dtype=bool)
    found = family(truth, told, ["a", "b"])
    assert found.classes["a"].precision == 1
    assert found.classes["a"].recall == 0.5
    assert found.classes["b"].f1 == pytest.approx(0.8)
    assert found.micro.value == pytest.approx(0.75)
    assert found.macro.value == pytest.approx((2 / 3 + 0.8) / 2)
    assert found.macro.low <= found.macro.value <= found.macro.high


def test_ranking() -> None:
    truth = np.array([True, True, False, False])
    assert precision_at_recall(truth, np.array([0.9, 0.2, 0.5, 0.1])) == pytest.approx(2 / 3)
    perfect = ranking(truth, np.array([0.9, 0.8, 0.2, 0.1]))
    assert perfect["average_precision"].value == 1
    assert ranking(np.array([False, False]), np.array([0.1, 0.2])) == {}


def test_bad_lines_are_numbered_and_skipped(tmp_path: Path, reader: Reader) -> None:
    gold = [*rows()[:12], "{broken", {"id": "x", "title": "y", "risk": 9}, {"title": "không id"}]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    assert report.rows == 12
    assert report.bad_lines == [13, 14, 15]
    assert set(report.families) == {"about_education", "scope", "sentiment", "topics", "risk"}
    json.dumps(report.to_dict())
    assert "13, 14, 15" in report.render()


def test_only_present_families_are_measured(tmp_path: Path, reader: Reader) -> None:
    gold = [{"id": "a", "text": "Trường làng khai giảng", "about_education": True}]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    assert set(report.families) == {"about_education"}
    assert report.headline["education_f1"].value == 1
    assert report.errors == []


def test_errors_carry_ids_and_no_text(tmp_path: Path, reader: Reader) -> None:
    text = "Học sinh nhập viện nghi ngộ độc sau bữa ăn bán trú ở trường"
    gold = [{"id": "a", "title": text, "about_education": False, "topics": [], "risk": 0}]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    assert {error["family"] for error in report.errors} == {"about_education", "topics", "risk"}
    assert {error["id"] for error in report.errors} == {"a"}
    assert "bán trú" not in json.dumps(report.to_dict(), ensure_ascii=False)


def test_topics_ok_is_neither_right_nor_wrong(tmp_path: Path, reader: Reader) -> None:
    text = "Học sinh nhập viện nghi ngộ độc sau bữa ăn bán trú ở trường"
    strict = {"id": "a", "title": text, "topics": ["khac"]}
    lenient = {**strict, "topics_ok": ["an_toan_thuc_pham", "dich_benh_thien_tai"]}
    told = evaluate(write(tmp_path / "s.jsonl", [strict]), reader).families["topics"]
    spared = evaluate(write(tmp_path / "l.jsonl", [lenient]), reader).families["topics"]
    assert "an_toan_thuc_pham" in told.classes
    assert set(spared.classes) == {"khac"}


def test_shield_recall_and_broken_phrases(tmp_path: Path, reader: Reader) -> None:
    text = "Em Lường Văn Sao, lớp 7B, học Trường THCS Bản Mây, gọi 0912345678."
    gold = [
        {
            "id": "s",
            "text": text,
            "spans": [
                {"kind": "child_name", "text": "Lường Văn Sao"},
                {"kind": "phone", "text": "0912345678"},
                {"kind": "unseen", "text": "Trường THCS Bản Mây"},
            ],
            "keep": ["Trường THCS Bản Mây", "gọi"],
        }
    ]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    assert report.shield is not None
    assert report.shield.hidden == {"child_name": 1, "phone": 1}
    assert report.shield.total == {"child_name": 1, "phone": 1, "unseen": 1}
    assert (report.shield.kept, report.shield.broken) == (2, 0)


def test_forms_are_measured_apart(tmp_path: Path, reader: Reader) -> None:
    gold = [
        {"id": "a", "form": "full", "text": "Trường khai giảng", "about_education": True},
        {"id": "b", "form": "nomark", "text": "Truong khai giang", "about_education": True},
    ]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    assert {"form = full", "form = nomark"} <= set(report.slices)


def test_nothing_usable_is_one_plain_error(tmp_path: Path, reader: Reader) -> None:
    with pytest.raises(InputError, match="không có dòng nào"):
        evaluate(write(tmp_path / "gold.jsonl", ["{"]), reader)
    with pytest.raises(InputError, match="Không mở được"):
        evaluate(tmp_path / "missing.jsonl", reader)
