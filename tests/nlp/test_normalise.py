"""Syllables come out the same however they were typed, and keep the letters they came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import has_marks, is_syllable, tokens, tone_key


def marked(text: str) -> list[str]:
    return [token.marked for token in tokens(text)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hs bị k_h_ó_a ngoài cổng", "học sinh bị khóa ngoài cổng"),
        ("ch.ử.i học sinh", "chửi học sinh"),
        ("cơm có g-i-ò-i", "cơm có giòi"),
        ("ă.n b.ớt tiền", "ăn bớt tiền"),
        ("buồnnn quááá", "buồn quá"),
        ("Hoà, thuỷ", "hòa thủy"),
        ("gvcn ko báo ph", "giáo viên chủ nhiệm không báo phụ huynh"),
        ("l6 trg làng", "lớp 7 trường làng"),
    ],
)
def test_disguises_and_short_forms_are_undone(typed: str, meant: str) -> None:
    assert marked(typed) == marked(meant)


@pytest.mark.parametrize("kept", ["TP.HCM", "A.Đ.", "và/hoặc", "zing.vn", "GD-ĐT"])
def test_honest_joins_stay_apart(kept: str) -> None:
    assert len({(token.start, token.end) for token in tokens(kept)}) == 2


def test_initials_are_not_short_forms() -> None:
    assert marked("em K. lớp 5")[:2] == ["em", "k"]
    assert marked("k thích") == ["không", tone_key("thích")]


def test_numbers_keep_only_their_shape() -> None:
    assert marked("0912345678") == ["0000000000"]


def test_tone_style_and_marks() -> None:
    assert tone_key("hoà") == tone_key("hòa") == "hoa2"
    assert has_marks(tokens("nhà trường nói gì"))
    assert not has_marks(tokens("nha truong noi gi"))
    assert is_syllable("nghiêng")
    assert not is_syllable("facebook")


@given(st.text(max_size=300))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    found = tokens(text)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [t.start for t in found] == sorted(t.start for t in found)
