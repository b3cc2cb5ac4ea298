"""An office's own words: what each use does, and that without them nothing changes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from langnghe.core.errors import InputError
from langnghe.core.types import Item, Profile, Reading, Unit, UnitDoubt, UnitHit
from nlp.house_words import HouseReader, HouseWords, Phrase, phrase_of, words_of
from tests.fakes import FakeReader

UNITS = (
    Unit("xa", "commune", "Giáo dục xã Bản Hoa"),
    Unit("truong", "school", "Trường TH Suối Mơ", "xa"),
)
PARENTS = {unit.id: unit.parent for unit in UNITS}
TOPICS = ("khoan_thu", "an_toan_thuc_pham")


def laid(item: Item, *phrases: Phrase, reading: Reading | None = None) -> Reading:
    return HouseWords(phrases, PARENTS).lay(item, reading or read(item))


def read(item: Item) -> Reading:
    return FakeReader().predict([item])[0]


def item(title: str, text: str = "") -> Item:
    return Item("1", title=title, text=text or None)


def test_a_topic_phrase_marks_a_text_about_education_and_is_its_evidence() -> None:
    said = item("Phụ huynh trường kêu khoản đóng quỹ măng non quá cao")
    (hit,) = laid(said, Phrase("topic", "quỹ măng non", "khoan_thu")).topics
    assert (hit.topic, hit.p, hit.evidence) == ("khoan_thu", 0.6, ("quỹ măng non",))


def test_a_topic_phrase_says_nothing_of_a_text_about_something_else() -> None:
    assert (
        laid(item("Mở quỹ măng non ở chợ"), Phrase("topic", "quỹ măng non", "khoan_thu")).topics
        == ()
    )


def test_what_the_models_say_more_surely_stands() -> None:
    said = item("20 học sinh trường nhập viện sau bữa xôi nếp")
    (hit,) = laid(said, Phrase("topic", "xôi nếp", "an_toan_thuc_pham")).topics
    assert hit.p == 0.95
    assert hit.evidence == ("xôi nếp", "nhập viện")


def test_evidence_never_shows_what_the_shield_hides() -> None:
    from dataclasses import replace

    said = item("Trường kể chuyện bé Mẩy Xuân")
    masked = replace(read(said), masked_text="Trường kể chuyện [tên học sinh]")
    (hit,) = laid(said, Phrase("topic", "mẩy xuân", "khoan_thu"), reading=masked).topics
    assert hit.evidence == ()


@pytest.mark.parametrize("written", ["quỹ măng non", "Quỹ Măng Non", "quy mang non"])
def test_a_phrase_is_found_with_and_without_marks(written: str) -> None:
    said = item(f"truong thu {written}" if written.isascii() else f"Trường thu {written}")
    assert laid(said, Phrase("topic", "quỹ măng non", "khoan_thu")).topics


def test_a_phrase_with_other_marks_is_another_phrase() -> None:
    said = item("Trường thu quý mang non ở đây rồi")
    assert laid(said, Phrase("topic", "quỹ măng non", "khoan_thu")).topics == ()


def test_a_watched_phrase_makes_a_text_the_units_own() -> None:
    said = item("Cầu treo bản Hồng lại đứt, 20 em nhập viện")
    before = read(said)
    after = laid(said, Phrase("watch", "cầu treo bản Hồng", "xa"))
    assert not before.about_education
    assert after.about_education
    assert after.scope == "vn"
    assert [(hit.unit, hit.confidence) for hit in after.units] == [("xa", 0.6)]
    start, end = after.units[0].span
    assert said.full_text[start:end] == "Cầu treo bản Hồng"
    assert after.risk == before.risk


def test_a_watched_phrase_stands_back_where_a_unit_below_is_named() -> None:
    said = item("Trường Suối Mơ bên cầu treo bản Hồng")
    assert [hit.unit for hit in laid(said, Phrase("watch", "cầu treo bản Hồng", "xa")).units] == [
        "truong"
    ]


def test_a_name_inside_an_ignored_phrase_is_not_the_unit() -> None:
    from dataclasses import replace

    said = item("Bệnh viện Suối Mơ mở cửa gần trường")
    at = said.full_text.index("Suối Mơ")
    named = replace(
        read(said), units=(UnitHit("truong", 0.9, (at, at + 7)),),
        undecided=(UnitDoubt("xa", 0.3, (at, at + 7), "weak"),),
    )  # fmt: skip
    after = laid(said, Phrase("ignore", "bệnh viện Suối Mơ"), reading=named)
    assert after.units == ()
    assert after.undecided == ()
    assert after.about_education == named.about_education


def test_a_name_outside_the_ignored_phrase_still_counts() -> None:
    from dataclasses import replace

    said = item("Trường Suối Mơ đưa học sinh tới bệnh viện Suối Mơ")
    named = replace(read(said), units=(UnitHit("truong", 0.9, (7, 14)),))
    after = laid(said, Phrase("ignore", "bệnh viện Suối Mơ"), reading=named)
    assert [hit.unit for hit in after.units] == ["truong"]


def test_without_words_the_reader_is_untouched() -> None:
    said = [item("20 học sinh trường Suối Mơ nhập viện")]
    plain = FakeReader()
    words, passed = words_of({}, TOPICS, Profile("h", UNITS))
    assert HouseReader(plain, words).predict(said) == plain.predict(said)
    assert not passed


def test_a_reading_tells_with_which_words_it_was_made() -> None:
    said: Sequence[Item] = [item("Trường thu quỹ măng non")]
    one = HouseReader(FakeReader(), HouseWords([Phrase("watch", "bản Hồng", "xa")], PARENTS))
    other = HouseReader(FakeReader(), HouseWords([Phrase("watch", "bản Hoa", "xa")], PARENTS))
    assert one.predict(said)[0].model != other.predict(said)[0].model
    assert one.predict(said)[0].model.startswith("fake+")


def test_words_that_no_longer_fit_are_passed_over() -> None:
    good = Phrase("topic", "quỹ măng non", "khoan_thu")
    edits = {
        good.key: good.value,
        "a": {"use": "topic", "words": "quỹ măng non", "of": "đã bỏ"},
        "b": {"use": "watch", "words": "bản Hồng", "of": "đã bỏ"},
        "c": ["lạ"],
    }
    words, passed = words_of(edits, TOPICS, Profile("h", UNITS))
    assert words.phrases == (good,)
    assert {one.key for one in passed} == {"a", "b", "c"}


@pytest.mark.parametrize(
    "words", ["", "  ", "tiền", "a\nb", "x " * 60, "một hai ba bốn năm sáu bảy tám chín mười mốt",
              "!!!", "😡"],
)  # fmt: skip
def test_a_phrase_that_would_match_everything_is_refused(words: str) -> None:
    with pytest.raises(InputError) as caught:
        phrase_of("topic", words, "khoan_thu", TOPICS, PARENTS)
    assert caught.value.mend


def test_disguises_are_dropped_and_the_key_tells_phrases_apart() -> None:
    one = phrase_of("topic", " «quỹ\u200b măng non», ", "khoan_thu", TOPICS, PARENTS)
    assert one.words.strip("«»") == "quỹ măng non"
    assert one.key != phrase_of("ignore", "quỹ măng non", "", TOPICS, PARENTS).key
