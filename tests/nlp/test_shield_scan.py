"""Alternations regrouped for speed match what the plain ones match, letter for letter."""

from __future__ import annotations

import re

import pytest

from nlp.names import ILLNESSES, OFFICES
from nlp.shield_scan import grouped, word_start

TEXTS = (
    "cháu bé gái nhà em bị hen suyễn, phó hiệu trưởng nói em bé không sao",
    "trưởng phòng giáo dục, phó trưởng công an và chủ tịch xã; bệnh tim bẩm sinh",
    "em em bé em gái, emm, hem em trai ab abc abcd a b",
    "",
)
WORDS = (
    OFFICES,
    ILLNESSES,
    r"em(?: gái| trai| bé)?|bé(?: gái)?|e|cháu|chá",
    r"(?:hen|bé) ?(?:suyễn|gái)?|(?:a|ab)?c|ab|a",
    r"a\w{1,2}|[ab]c|ab|(?=e)em|abc",
)


@pytest.mark.parametrize("words", WORDS)
def test_the_same_is_found(words: str) -> None:
    plain = re.compile(rf"(?<!\w)(?:{words})")
    for text in TEXTS:
        wanted = [match.span() for match in plain.finditer(text)]
        for fast in (word_start(words), rf"(?<!\w){grouped(words)}"):
            assert [match.span() for match in re.finditer(fast, text)] == wanted


def test_words_with_one_first_letter_stand_together() -> None:
    assert grouped("ab|ac|d") == "(?:a(?:b|c)|d)"
