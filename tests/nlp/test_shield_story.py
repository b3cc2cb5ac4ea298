"""A child named once in a story is known again where nothing else tells. All names are invented."""

from __future__ import annotations

import time

import pytest

from nlp.shield_story import Children, child_names, cover, cover_both, digests_of, spellings

SALT = b"0123456789abcdef"
FULL = "Em Giàng Thị Sủa Mẩy, học sinh lớp 5A3, bị bạn đánh."


def known(*names: str) -> list[Children]:
    return [Children(SALT, digests_of(names, SALT))]


def test_names_are_those_of_children_only() -> None:
    text = "Em Giàng Thị Mẩy và em N.T.H. kể với chị Vàng Thị Dúa. Ông Lò Văn Gió, Chủ tịch xã, dự."
    assert child_names(text) == ("Giàng Thị Mẩy",)


def test_nothing_readable_is_kept() -> None:
    for digest in digests_of(["Giàng Thị Mẩy"], SALT):
        assert len(digest) == 16
        assert b"may" not in digest
    assert digests_of(["Giàng Thị Mẩy"], SALT).isdisjoint(digests_of(["Giàng Thị Mẩy"], b"x" * 16))


@pytest.mark.parametrize(
    "text",
    [
        "Giàng Thị Sủa Mẩy vắng mặt ba hôm",
        "giang thi sua may vang mat",
        "GIÀNG THỊ SỦA MẨY VẮNG MẶT",
        "Sáng nay Sủa Mẩy trở lại",
        "Suối Mơ: Sủa Mẩy khỏe",
        "Trường Suối Mơ, Mẩy khỏe",
        "Hàng xóm bảo Mẩy hay cười",
        "Mẩy hay cười",
        "Chia sẻ #GiangThiSuaMay nhé",
        "https://bao.example/giang-thi-sua-may-khoe-lai.html",
    ],
)
def test_the_name_is_known_in_its_spellings(text: str) -> None:
    shown = cover(text, known("Giàng Thị Sủa Mẩy")).text
    assert "[tên học sinh]" in shown
    assert "mẩy" not in shown.lower()
    assert "may" not in shown.lower()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Trịnh Hoài Nam", "Học sinh miền Nam, người Việt Nam, nam sinh lớp 5"),
        ("Trịnh Hoài Nam", "Ông Nam, Chủ tịch xã, dự khai giảng"),
        ("Trần Thu An", "An toàn là trên hết, công an đã vào cuộc"),
        ("Nguyễn Văn Mây", "Trường Tiểu học Nguyễn Văn Mây khai giảng"),
        ("Lò Văn Gió", "Ông Lò Văn Gió, Chủ tịch UBND xã Núi Xa, dự khai giảng"),
        ("bé bi", "bi kịch của một gia đình"),
        ("Lê Lợi", "Đường Lê Lợi ngập nước"),
    ],
)
def test_words_that_are_not_the_child_stay(name: str, text: str) -> None:
    assert cover(text, known(name)).text == text


def test_covering_twice_changes_nothing() -> None:
    names = known("Giàng Thị Sủa Mẩy", "Vàng A Tủa")
    once = cover("Tủa kể: Giàng Thị Sủa Mẩy khóc. Mẩy và Tủa về nhà.", names).text
    assert "Tủa" not in once
    assert cover(once, names).text == once


def test_title_and_whole_are_covered_alike() -> None:
    title, whole = cover_both(
        "MẨY ĐÃ VỀ NHÀ", "MẨY ĐÃ VỀ NHÀ. Giàng Thị Sủa Mẩy khỏe.", known("Giàng Thị Sủa Mẩy")
    )
    assert whole.startswith(title)
    assert "Sủa" not in whole


def test_a_salt_more_is_tried_as_well() -> None:
    two = [Children(b"a" * 16, frozenset()), *known("Vàng A Tủa")]
    assert "Tủa" not in cover("Hôm nay Vàng A Tủa đi học", two).text


@pytest.mark.parametrize("name", ["", "A B C D E F", "Hồ Chí Minh", "..."])
def test_what_is_no_name_has_no_spelling(name: str) -> None:
    assert spellings(name) == ()


def test_covering_is_linear() -> None:
    names = known("Giàng Thị Sủa Mẩy")
    piece = "Hôm nay Mẩy đi học, Trường TH Suối Mơ vui. "

    def seconds(copies: int) -> float:
        text = piece * copies
        started = time.process_time()
        cover(text, names)
        return time.process_time() - started

    seconds(50)
    assert seconds(4000) <= 14 * seconds(400) + 0.05
