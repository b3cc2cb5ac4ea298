"""What cannot be read is said to be so; Vietnamese in any written form is read."""

import pytest

from nlp.legible import BROKEN, FOREIGN, NO_WORDS, unreadable
from nlp.normalise import tokens


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", NO_WORDS),
        ("😡", NO_WORDS),
        ("... !!! 12 345 (((", NO_WORDS),
        ("Tr\ufffd\ufffdng h\ufffdc b\ufffd ph\ufffdn \ufffdnh", BROKEN),
        ("学校里有学生被打了，家长很生气", FOREIGN),
        ("ໂຮງຮຽນ ນັກຮຽນ ຖືກຕີ", FOREIGN),
        ("សាលារៀន សិស្ស ត្រូវបានវាយ", FOREIGN),
        ("The headmaster denied the rumour that pupils had been beaten in class", FOREIGN),
        ("Cov menyuam raug ntaus hauv tsev kawm ntawv, niam txiv chim heev", FOREIGN),
        ("Une élève de cette école a été blessée hier pendant la récréation", FOREIGN),
    ],
)
def test_a_reason_is_given(text: str, reason: str) -> None:
    assert unreadable(text, tokens(text)) == reason


@pytest.mark.parametrize(
    "text",
    [
        "Phụ huynh Trường Tiểu học Nậm Sương phản ánh con bị bạn đánh",
        "Phu huynh truong nay buc xuc vi khoan thu dau nam qua cao",
        "hs truong nay bi danh hoi dong ma ko ai bit, bgh im lang luon",
        "Trường dạy IELTS Writing Task 2 theo sách Cambridge, phụ huynh khen",
        "ok",
        "😡 bức xúc quá",
        "Học sinh học bài “The little prince” bằng tiếng Anh ở lớp",
    ],
)
def test_vietnamese_is_read(text: str) -> None:
    assert unreadable(text, tokens(text)) is None
