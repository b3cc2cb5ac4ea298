"""Readings: in order, complete, with words that stand in the text, and no child named."""

import json
import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langnghe.core.types import Item, Place, Profile, Stance, Unit
from nlp.reader import Reader
from nlp.shield import mask

PROFILE = Profile(
    name="Xã Suối Lê",
    version="1",
    units=(
        Unit(
            id="suoi_le",
            kind="school",
            name="Trường Tiểu học Suối Lê",
            aliases=("TH Suối Lê",),
            name_variants=("Suối Lê",),
            places=(Place(commune="xã Suối Lê", province="tỉnh Điện Biên"),),
        ),
    ),
)
POISONED = Item(
    "p1",
    title="Gần 20 học sinh Trường Tiểu học Suối Lê nhập viện nghi ngộ độc",
    text="Sau bữa ăn bán trú trưa 3/3, em Lò Thị Hoa Ban, lớp 4A, và các bạn đau bụng, nôn ói.",
    published_at=datetime(2026, 3, 3, 8, tzinfo=UTC),
)
MARKET = Item("m1", title="Giá cà phê trong nước tăng phiên thứ ba", text="Nông dân phấn khởi.")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(PROFILE)


def test_an_alarming_school_item(reader: Reader) -> None:
    (reading,) = reader.predict([POISONED])
    assert reading.about_education
    assert reading.scope == "vn"
    assert reading.sentiment == "neg"
    assert reading.risk >= 2
    assert "an_toan_thuc_pham" in [hit.topic for hit in reading.topics]
    assert any(fact.kind == "hospitalised" and fact.value == 20 for fact in reading.facts)
    assert [hit.unit for hit in reading.units] == ["suoi_le"]


def test_evidence_stands_in_the_text_and_names_no_child(reader: Reader) -> None:
    (reading,) = reader.predict([POISONED])
    words = [piece for hit in reading.topics for piece in hit.evidence]
    assert any("ngộ độc" in piece for piece in words)
    assert all(piece in POISONED.full_text for piece in words)
    line = json.dumps(reader.to_json(POISONED, reading), ensure_ascii=False)
    assert "Hoa Ban" not in line
    assert "Hoa Ban" not in reading.masked_text


def test_the_headline_is_masked_as_the_whole_text_is(reader: Reader) -> None:
    item = Item(
        "n1",
        title="Vụ em Lò Thị Hoa Ban bị đánh: nhà trường nói gì?",
        text="Em Lò Thị Hoa Ban, lớp 4A, bị bạn đánh ở sân trường.",
    )
    (reading,) = reader.predict([item])
    assert "Hoa Ban" not in reading.masked_title
    assert "nhà trường nói gì?" in reading.masked_title
    assert reading.masked_text.startswith(reading.masked_title)


def test_other_news_is_left_alone(reader: Reader) -> None:
    (reading,) = reader.predict([MARKET])
    assert not reading.about_education
    assert (reading.scope, reading.topics, reading.risk, reading.units) == ("n/a", (), 0, ())
    assert reading.masked_text == MARKET.full_text
    assert reading.masked_title == MARKET.title


def test_a_denial_does_not_raise(reader: Reader) -> None:
    denial = Item(
        "d1",
        title="Công an xã bác bỏ tin bắt cóc học sinh tại Trường Tiểu học Suối Lê",
        text="Công an khẳng định thông tin bắt cóc học sinh lan truyền trên mạng là bịa đặt.",
    )
    (reading,) = reader.predict([denial])
    assert reading.stance == Stance.DENY
    assert reading.risk <= 1
    assert sum(reading.risk_p) == pytest.approx(1, abs=1e-4)


def test_order_is_kept_and_batches_do_not_matter(reader: Reader) -> None:
    items = [POISONED, MARKET] * 5
    random.Random(4).shuffle(items)  # noqa: S311
    whole = reader.predict(items)
    single = [reader.predict([item])[0] for item in items]
    for one, other in zip(whole, single, strict=True):
        assert one.masked_text == other.masked_text
        assert one.topics[:1] == other.topics[:1] or one.topics[0].topic == other.topics[0].topic
        assert one.risk_p == pytest.approx(other.risk_p, abs=1e-5)
    assert reader.predict([]) == []


def test_json_has_the_shape_of_the_contract(reader: Reader) -> None:
    (reading,) = reader.predict([POISONED])
    line = reader.to_json(POISONED, reading)
    assert list(line) == [
        "id", "about_education", "about_education_p", "scope", "sentiment", "sentiment_p",
        "topics", "risk", "risk_p", "stance", "facts", "units", "masked_text", "model",
        "undecided", "note",
    ]  # fmt: skip
    assert set(line["sentiment_p"]) == {"neg", "neu", "pos"}
    assert set(line["topics"][0]) == {"topic", "p", "evidence"}
    assert set(line["units"][0]) == {"unit", "confidence", "span"}
    assert len(line["risk_p"]) == 4
    assert line["model"] == reader.version


def test_versions_tell_profiles_apart(reader: Reader) -> None:
    assert Reader.load(PROFILE).version == reader.version
    assert Reader.load().version != reader.version


ODD = [
    Item("1"),
    Item("2", title="", text=""),
    Item("3", kind="comment", text="\u200b\u0300\u0301"),
    Item("4", text="\ud800 nửa chữ"),
    Item("5", title="🙂" * 500, text="\x00\x01"),
    Item("6", kind="video", text="V\u033ca\u033co\u033c vi\u033ce\u033cn"),
    Item("7", text="chữ " * 3 + "a" * 100_000),
    Item("8", text="ب" * 1000 + "学校" * 1000),
]


def test_odd_items_get_a_reading(reader: Reader) -> None:
    readings = reader.predict(ODD)
    assert len(readings) == len(ODD)
    assert all(0 <= reading.risk <= 3 for reading in readings)


def test_a_megabyte_is_read_in_time(reader: Reader) -> None:
    text = "Học sinh Trường Tiểu học Suối Lê bị đánh hội đồng, phụ huynh bức xúc. " * 15_000
    started = time.perf_counter()
    (reading,) = reader.predict([Item("big", title="Vụ ở trường", text=text)])
    assert reading.about_education
    assert time.perf_counter() - started < 30


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200), st.text(max_size=400), st.sampled_from(["news", "comment"]))
def test_any_text_is_read(reader: Reader, title: str, text: str, kind: str) -> None:
    item = Item("x", kind=kind, title=title or None, text=text or None)
    (reading,) = reader.predict([item])
    line = json.loads(json.dumps(reader.to_json(item, reading)))
    assert line["id"] == "x"
    assert sum(reading.risk_p) == pytest.approx(1)
    assert sum(reading.sentiment_p.values()) == pytest.approx(1)
    assert mask(reading.masked_text).text == reading.masked_text
    assert all(word in reading.masked_text for hit in reading.topics for word in hit.evidence)
