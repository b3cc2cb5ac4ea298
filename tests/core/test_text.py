"""What the door takes off a text so that it can be read, found and shown, and what it leaves."""

from __future__ import annotations

import time
import unicodedata
from typing import Literal

import pytest

from langnghe.core.text import clean, fold

NAME = "Trường Tiểu học Suối Mơ"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("duyệt\u202etêyud\u202c", "duyệttêyud"),  # written backwards behind an override
        ("\u2066Duyệt\u2069 \u2067abc\u2069", "Duyệt abc"),  # isolates
        ("\u200fabc\u200e \u061cabc", "abc abc"),
        ("nhập\u200b v\u200di\u2060ện", "nhập viện"),
        ("Su\u00adối\ufeff M\u034fơ", "Suối Mơ"),
        ("\u3164\u115f\u2800\uffa0", ""),  # a name of blanks drawn as letters
        ("Suối\U000e0041\U000e007f Mơ", "Suối Mơ"),
        ("V\u033cụ\u033c", "Vụ"),
        ("Su" + "ố" + "\u0301" * 500 + "i", "Suối"),  # a tower over one letter
        ("a" + "\u0300\u0301\u0303\u0309\u0323" * 80, "à"),
        ("S\u20dduối", "Suối"),
        ("v\ufe0fụ", "vụ"),
        ("❤\ufe0f 1\ufe0f\u20e3", "❤\ufe0f 1\ufe0f\u20e3"),  # emoji stay what they are
        ("مدرسة Suối Mơ", "مدرسة Suối Mơ"),  # writing from right to left is no trick by itself
        ("a\u2028b\u2029c\x00d\x1b[31m", "a b c d [31m"),
        ("\n\n a \t b \r\n\r\n c ", "a b\nc"),
    ],
)
def test_no_disguise_comes_in(typed: str, read: str) -> None:
    assert clean(typed) == read
    assert clean(read) == read


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_letters_stay(form: Literal["NFC", "NFD"]) -> None:
    letters = (
        "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
    )
    assert (
        clean(unicodedata.normalize(form, letters + letters.upper())) == letters + letters.upper()
    )


def test_a_disguised_name_is_found() -> None:
    disguised = "".join(letter + "\u200b\u2063" for letter in NAME)
    assert fold(clean(disguised)) == fold(NAME)


def test_a_tower_of_marks_does_not_hold_up_the_house() -> None:
    begun = time.process_time()
    assert clean("x" + "\u0301\u0334\u200b" * 200_000) == "x"
    assert clean("e" + "\u0323\u0302" * 200_000) == "ệ"
    assert time.process_time() - begun < 5, "in order of the square it would take minutes"
