"""Keyphrases are taken from the text, tell its matter and no private name."""

import pytest

from nlp.keyphrases import keyphrases

STORY = [
    "Hai mươi học sinh Trường Tiểu học Hoa Ban nghi ngộ độc sau bữa ăn bán trú. Cơ quan chức năng "
    "lấy mẫu thức ăn, bếp ăn bán trú tạm dừng hoạt động.",
    "Phụ huynh lo lắng sau vụ ngộ độc ở Trường Tiểu học Hoa Ban. Em M. và các bạn đã xuất viện, "
    "mẫu thức ăn đang được xét nghiệm.",
]


def test_phrases_stand_in_the_text_and_tell_its_matter() -> None:
    found = keyphrases(STORY)
    assert 3 <= len(found) <= 5
    assert all(any(phrase in text for text in STORY) for phrase in found)
    assert any(word in " ".join(found) for word in ("ngộ độc", "thức ăn", "bán trú"))
    assert not any("M." in phrase for phrase in found)


def test_a_person_behind_a_title_is_left_out() -> None:
    text = "Phụ huynh phản ánh ông Lê Văn Tám thu tiền học thêm. Ông Lê Văn Tám thu tiền học thêm."
    assert not any("Tám" in phrase or "Lê" in phrase for phrase in keyphrases([text]))


@pytest.mark.parametrize("texts", [[], [""], ["😡"], ["1 2 3"], ["của và là"]])
def test_nothing_to_say(texts: list[str]) -> None:
    assert keyphrases(texts) == ()


def test_most_and_order_are_kept() -> None:
    assert keyphrases(STORY, most=2) == keyphrases(STORY)[:2]
