"""The checks find what must not be said and leave the rest: measured on invented sentences."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.statements.checks import CheckContext, blocks, check
from langnghe.core.policy.statement_templates import load_templates

CORPUS = Path(__file__).parent / "statement_sentences.yaml"
M1, M3 = (load_templates().template(name) for name in ("M1", "M3"))


@lru_cache(maxsize=1)
def corpus() -> dict[str, list[dict[str, Any]]]:
    data: dict[str, list[dict[str, Any]]] = yaml.safe_load(CORPUS.read_text("utf-8"))
    return data


def found(text: str, **more: Any) -> set[str]:
    return {one.code for one in blocks(check(text, CheckContext(**more)))}


@pytest.mark.parametrize(
    ("half", "precision", "recall"), [("dev", 0.95, 0.98), ("held", 0.9, 0.97)]
)
def test_right_and_complete_on_invented_sentences(
    half: str, precision: float, recall: float
) -> None:
    right = wrong = left_out = 0
    for row in corpus()[half]:
        got, want = found(row["text"], topics=tuple(row.get("topics", ()))), set(row["want"])
        right += len(got & want)
        wrong += len(got - want)
        left_out += len(want - got)
    assert right / (right + wrong) >= precision
    assert right / (right + left_out) >= recall


def test_a_finding_points_at_its_words_and_says_how_to_mend() -> None:
    text = unicodedata.normalize("NFD", "Nhà trường chia sẻ. Trường sẽ đuổi học em này.")
    one = blocks(check(text, CheckContext()))[0]
    said = unicodedata.normalize("NFC", text)
    assert said[slice(*one.span)] == "đuổi học"
    assert one.sentence == "Trường sẽ đuổi học em này."
    assert "19/2025" in one.mend


def test_a_recorded_conclusion_lets_the_school_speak_of_fault() -> None:
    text = "Giáo viên đã vi phạm quy định về dạy thêm; nhà trường sẽ kỷ luật theo kết luận."
    assert "blame" in found(text)
    assert found(text, concluded=True) == set()
    assert found("Trường sẽ đuổi học em này.", concluded=True) == {"forbidden_discipline"}


def test_names_and_phones_of_people_in_office_may_be_given() -> None:
    text = "Đầu mối: đồng chí Lò Văn Panh, điện thoại 0912 345 678."
    assert found(text) == {"child_data", "private_name"}
    assert found(text, allowed=("Lò Văn Panh", "0912345678")) == set()
    child = "Em Lò Thị Mẩy đã về nhà."
    assert found(child, allowed=("Lò Thị Mẩy",)) == {"child_data"}, "no field makes a child public"


def test_a_correction_does_not_tell_the_headline_again() -> None:
    headline = "Ba học sinh bị bắt cóc ngay cổng trường Suối Mơ sáng nay"
    again = "Tin ba học sinh bị bắt cóc ngay cổng trường là không chính xác. Gọi 0912 345 678."
    short = "Thông tin về an ninh cổng trường là không chính xác."
    assert "repeats_rumour" in found(again, template=M3, headlines=(headline,))
    assert "repeats_rumour" not in found(short, template=M3, headlines=(headline,))
    assert "repeats_rumour" not in found(again, template=M1, headlines=(headline,))


def test_what_a_template_needs_is_missed() -> None:
    assert {"no_contact", "no_update_time"} <= found("Nhà trường đang xác minh.", template=M1)
    whole = "Nhà trường sẽ cập nhật vào 17 giờ 00 ngày 23/11/2026. Đầu mối: 0912 345 678."
    assert found(whole, template=M1, allowed=("0912 345 678",)) == set()


def test_old_and_new_places_of_a_tone_are_one_word() -> None:
    assert found("Nhà trường sẽ xoá bình luận góp ý.") == {"deleting"}


@pytest.mark.parametrize("text", ["", "…", "[chưa rõ: ]", "1.\n2.\n", "a" * 5000, "😀" * 50])
def test_odd_texts_are_read_without_fail(text: str) -> None:
    assert isinstance(check(text, CheckContext()), tuple)
