"""What new names of a unit would change, asked of the real index."""

from __future__ import annotations

from dataclasses import replace

from langnghe.core.types import Place, Profile, Unit
from nlp.names_check import Text, difference, doubtful_names, sought

COMMUNE = Unit(
    "xa", "commune", "Giáo dục xã Bản Hoa",
    places=(Place(commune="xã Bản Hoa", province="tỉnh Điện Biên"),),
)  # fmt: skip
SCHOOL = Unit(
    "truong", "school", "Trường Tiểu học Suối Mơ", "xa",
    places=(Place(commune="xã Bản Hoa", province="tỉnh Điện Biên"),),
)  # fmt: skip
OTHER = Unit("khac", "school", "Trường Tiểu học Đồi Gió", "xa")
PROFILE = Profile("h", (COMMUNE, SCHOOL, OTHER), version="1")


def text(number: int, words: str) -> Text:
    return Text(number, words, None, True)


def test_a_new_alias_gains_and_a_dropped_name_loses() -> None:
    texts = [
        text(1, "Trường Tiểu học Suối Mơ, xã Bản Hoa tổ chức họp phụ huynh."),
        text(2, "Trường Tiểu học Nậm Lừ, xã Bản Hoa bị phản ánh thu sai."),
        text(3, "Hội chợ xã Bản Hoa đông khách."),
    ]
    told = difference(PROFILE, replace(SCHOOL, aliases=("Tiểu học Nậm Lừ",)), texts)
    assert told.gained == {2}
    assert told.lost == frozenset()
    assert told.kept == 1
    renamed = difference(PROFILE, replace(SCHOOL, name="Trường Tiểu học Nậm Lừ"), texts)
    assert renamed.gained == {2}
    assert renamed.lost == {1}


def test_the_phrases_searched_for_are_the_names_without_their_kind() -> None:
    unit = replace(SCHOOL, aliases=("TH Suối Mơ",), name_variants=("xuối mơ",))
    assert sought(unit) == ["suoi mo", "xuoi mo"]
    assert "xa ban hoa" in sought(COMMUNE)


def test_names_that_would_be_doubtful_are_named() -> None:
    asked = replace(SCHOOL, aliases=("Đồi Gió", "SM", "Bán trú", "TH Bản Hoa", "Nậm Lừ Hạ"))
    warned = doubtful_names(PROFILE, asked, SCHOOL)
    assert len(warned) == 4
    assert "Trường Tiểu học Đồi Gió" in warned[0]
    assert "quá ngắn" in warned[1]
    assert "thường gặp" in warned[2]
    assert "tên một địa bàn" in warned[3]


def test_names_that_stood_before_are_not_warned_of_again() -> None:
    known = replace(SCHOOL, aliases=("SM",))
    assert doubtful_names(PROFILE, known, known) == []
