"""The quality table counts right, leaves out the undecided, and survives bad lines."""

import json
from pathlib import Path

import pytest

from langnghe.core.errors import InputError
from langnghe.core.types import Place, Profile, Unit
from nlp.evaluate import evaluate
from nlp.reader import Reader
from tests.nlp.fictional import rows, write


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


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


def test_the_drop_of_a_written_form_is_full_minus_form(tmp_path: Path, reader: Reader) -> None:
    full = "Học sinh nhập viện nghi ngộ độc sau bữa ăn bán trú ở trường"
    row = {"base_id": "b", "topics": ["an_toan_thuc_pham"], "sentiment": "neg"}
    gold = [
        {"id": "1", "form": "full", "text": full, **row},
        {"id": "2", "form": "teen", "text": "xyzzy qwrt", **row},
    ]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    told = report.headline["drop_teen_topics_micro_f1"].value
    assert report.slices["form = full"]["topics_micro_f1"].value == 1
    assert told == 1 - report.slices["form = teen"]["topics_micro_f1"].value > 0


def test_grave_items_given_too_little_and_calibration(tmp_path: Path, reader: Reader) -> None:
    calm = "Trường khai giảng năm học mới trong nắng vàng"
    gold = [{"id": f"{n}", "text": calm, "risk": 3} for n in range(4)]
    gold += [{"id": f"z{n}", "text": calm, "risk": 0} for n in range(4)]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    assert report.headline["risk3_given_2_or_3"].value == 0
    assert 0.3 < report.headline["risk2_brier"].value < 0.6
    assert "risk2_ece" not in report.headline  # too few rows for bins


def test_confusions_pair_what_was_missed_with_what_was_told(tmp_path: Path, reader: Reader) -> None:
    text = "Học sinh nhập viện nghi ngộ độc sau bữa ăn bán trú ở trường"
    gold = [{"id": n, "title": text, "topics": ["khac"], "sentiment": "pos"} for n in "ab"]
    report = evaluate(write(tmp_path / "gold.jsonl", gold), reader)
    found = {(c["family"], c["gold"], c["told"]): c for c in report.confusions}
    assert found["topics", "khac", "an_toan_thuc_pham"]["ids"] == ["a", "b"]
    assert found["sentiment", "pos", "neg"]["count"] == 2
    assert "sentiment: pos → neg" in report.render()
    assert "bán trú" not in json.dumps(report.to_dict(), ensure_ascii=False)


def test_units_that_are_neither_right_nor_wrong(tmp_path: Path) -> None:
    place = Place(province="Điện Biên", commune="Nậm Sương")
    unit = Unit(id="u", kind="school", name="Trường THCS Nậm Sương", places=(place,))
    profile = Profile(name="p", units=(unit,))
    linked = Reader.load(profile)
    text = "Phụ huynh Trường THCS Nậm Sương phản ánh khoản thu đầu năm"
    for name, extra, precision in (("w", {}, 0.0), ("o", {"also_ok": ["u"]}, None)):
        gold = [{"id": "a", "title": text, "gold": [], **extra}]
        report = evaluate(write(tmp_path / f"{name}.jsonl", gold), linked)
        figure = report.headline.get("units_precision")
        assert (figure and figure.value) == precision


def test_nothing_usable_is_one_plain_error(tmp_path: Path, reader: Reader) -> None:
    with pytest.raises(InputError, match="không có dòng nào"):
        evaluate(write(tmp_path / "gold.jsonl", ["{"]), reader)
    with pytest.raises(InputError, match="Không mở được"):
        evaluate(tmp_path / "missing.jsonl", reader)
