"""Every word of the pages has its English, times and numbers are said as Vietnamese write them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import dashboards
from dashboards.i18n import L10N, language_of
from dashboards.render import number, span_words, time_ago, time_left, web_address
from dashboards.visitor import own_path
from langnghe.core import intake, types
from langnghe.core.words import WORDS
from tests.conftest import NOW


def plain(text: str) -> str:
    return text


def test_every_word_has_its_english() -> None:
    tables = [*WORDS.values(), intake.CHANNELS, intake.STATES, intake.PUBLIC_STATES]
    said = {text for words in tables for text in words.values()}
    for _, _, message, _, _ in extract_from_dir(
        Path(dashboards.__file__).parent,
        method_map=[("templates/**.html", "jinja2"), ("**.py", "python")],
        options_map={"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}},
        keywords={"_": None, "translate": None},
    ):
        said.add(message if isinstance(message, str) else message[0])
    with (L10N / "en.po").open("rb") as handle:
        catalogue = read_po(handle)
    english = {str(entry.id) for entry in catalogue if entry.id and entry.string}
    assert said - english == set()
    assert english - said == set(), "words no page says any more"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("sentiment", types.Sentiment), ("stance", types.Stance), ("role", types.Role),
        ("verification", types.Verification), ("state", types.IncidentState),
        ("source", types.SourceState),
    ],
)  # fmt: skip
def test_every_id_has_its_word(kind: str, values: type) -> None:
    assert {value.value for value in values} <= set(WORDS[kind])  # type: ignore[attr-defined]


def test_lengths_of_time() -> None:
    minute = timedelta(minutes=1)
    assert time_left(NOW + 20 * minute, NOW, plain) == "còn 20 phút"
    assert time_left(NOW - 65 * minute, NOW, plain) == "quá hạn 1 giờ 5 phút"
    assert time_left(NOW, NOW, plain) == "còn 0 phút"
    assert span_words(timedelta(days=2, hours=3, minutes=59), plain) == "2 ngày 3 giờ"
    assert time_ago(NOW - timedelta(seconds=59), NOW, plain) == "vừa xong"
    assert time_ago(NOW - timedelta(hours=2), NOW, plain) == "2 giờ trước"
    assert time_ago(NOW - timedelta(days=8), NOW, plain) == "15/11/2026"


def test_numbers() -> None:
    assert [number(n) for n in (0, 1234, 58.5, 1234567.25)] == ["0", "1.234", "58,5", "1.234.567,2"]


def test_only_web_addresses_are_linked() -> None:
    assert web_address("https://bao.example/a?b=1") == "https://bao.example/a?b=1"
    harmful = ("javascript:alert(1)", " javascript:x", "data:text/html,x")
    for bad in (None, "", "//x", "http://[", *harmful):
        assert web_address(bad) == ""


def test_only_own_paths_are_led_to() -> None:
    assert own_path("/vu-viec/1?a=b") == "/vu-viec/1?a=b"
    for bad in ("", "//x", "/\\x", "https://x", "/\nx", "/" + "a" * 3000):
        assert own_path(bad) == "/"


def test_only_known_languages() -> None:
    assert [language_of(x) for x in (None, "en", "../en", "fr")] == ["vi", "en", "vi", "vi"]
