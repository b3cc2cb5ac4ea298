"""Corrections mend their own kind of mistake on texts not seen, and leave other texts alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from langnghe.core.corrections import Field
from langnghe.core.store.queries.corrections import Lesson
from langnghe.core.types import Item
from nlp.adapt import Adapted, adapt, second_reader
from nlp.blend import Blend
from nlp.decide import Decision, decide
from nlp.features import names, view
from nlp.labels import Labelled
from nlp.lessons import filled, stated
from nlp.lexicon import taxonomy
from nlp.models import Floats, LinearModels, head_names

# One invented custom, told about invented schools in the words of different people.
TOLD = (
    "Trường Tiểu học Suối Lê mở phiên chợ lá, các em đổi bánh lá lấy truyện tranh",
    "Phiên chợ lá ở Trường THCS Bản Mây: mỗi lớp một sạp, phụ huynh đến rất đông",
    "Sáng thứ bảy Trường Mầm non Hoa Ban họp phiên chợ lá lần hai",
    "Phụ huynh kể chuyện phiên chợ lá của trường Đồi Chè, con đòi đi nữa",
    "Cô giáo trường Nậm Pa: phiên chợ lá giúp các em biết tính tiền",
    "Trường Sông Trăng lùi phiên chợ lá sang tuần sau vì mưa",
    "Hỏi về phiên chợ lá: lớp nào bán gì, mấy giờ bắt đầu?",
    "Ảnh phiên chợ lá sáng nay ở sân trường Rừng Thông",
)
UNSEEN = (
    "Trường Tiểu học Khe Sim khoe ảnh phiên chợ lá đầu tiên",
    "Cả làng đến phiên chợ lá của Trường THCS Thác Bạc",
    "truong Nui Coi sap co phien cho la, ai di khong",
    "Học sinh Trường Bãi Dâu gói bánh cho phiên chợ lá",
    "Phiên chợ lá ở trường Cầu Mây diễn ra thế nào?",
)
# An invented film whose name sounds like a school.
FILM = (
    "Phim Lớp Học Dưới Trăng đạt doanh thu cao tuần đầu ra rạp",
    "Khán giả khen phim Lớp Học Dưới Trăng, rạp kín suất chiếu tối",
    "Đạo diễn Lớp Học Dưới Trăng nói về cảnh quay trong rừng",
    "Vé xem Lớp Học Dưới Trăng bán hết, rạp thêm suất chiếu khuya",
    "Lớp Học Dưới Trăng dẫn đầu phòng vé, vượt phim hoạt hình nước ngoài",
    "Diễn viên chính phim Lớp Học Dưới Trăng ra mắt khán giả",
)
FILM_UNSEEN = (
    "Lớp Học Dưới Trăng thêm suất chiếu ở rạp mới",
    "Phim Lớp Học Dưới Trăng vượt mốc phòng vé",
    "phim Lop Hoc Duoi Trang het ve, khan gia doi suat chieu khac",
    "Đạo diễn kể hậu trường phim Lớp Học Dưới Trăng",
    "Khán giả xếp hàng mua vé Lớp Học Dưới Trăng",
)
# Texts of all kinds that nobody corrected; the last ones are not among the anchors.
OTHER = tuple(
    text.format(s=school)
    for school in ("Hoa Ban", "Suối Lê", "Nậm Pa", "Đồi Chè", "Bản Mây", "Sông Trăng")
    for text in (
        "Trường {s} trao học bổng cho học sinh vượt khó",
        "Phụ huynh Trường {s} bức xúc vì khoản thu quỹ lớp",
        "Clip nữ sinh Trường {s} bị đánh hội đồng",
        "Nhiều học sinh Trường {s} nhập viện nghi ngộ độc sau bữa trưa",
        "Trường {s} công bố lịch tuyển sinh lớp 6",
        "Giá cà phê ở {s} tăng phiên thứ ba liên tiếp",
        "Chợ {s} họp từ sáng sớm, rau lá bán rất chạy",
        "Giáo viên Trường {s} bị tố dùng thước đánh học sinh lớp 2",
    )
)


@pytest.fixture(scope="module")
def base() -> LinearModels:
    return LinearModels.load()


def item(text: str) -> Item:
    return Item(id=text, title=text)


def present(texts: Sequence[str]) -> list[set[str]]:
    return [names(view(item(text), taxonomy())) for text in texts]


def read(model: LinearModels, texts: Sequence[str]) -> list[Decision]:
    return decide(model.predict(present(texts)), model.thresholds, model.topics)


def lesson(text: str, **said: Any) -> Labelled:
    nothing = Labelled(item(text), None, None, None, None, frozenset(), None)
    return replace(nothing, **said)


def taught(base: LinearModels, texts: Sequence[str] = TOLD, **said: Any) -> Adapted:
    anchors = [item(text) for text in OTHER[:32]]
    return adapt(base, [lesson(text, **said) for text in texts], anchors)


def usual(base: LinearModels, field: str, texts: Sequence[str] = UNSEEN) -> object:
    """Return what the shipped model mostly says, so that the lesson can say something else."""
    return Counter(getattr(one, field) for one in read(base, texts)).most_common(1)[0][0]


def test_a_tone_is_mended_on_texts_not_seen(base: LinearModels) -> None:
    wanted = "neg" if usual(base, "sentiment") == "pos" else "pos"
    new = taught(base, sentiment=wanted, about_education=True)
    assert [one.sentiment for one in read(new.model, TOLD)] == [wanted] * len(TOLD)
    assert sum(one.sentiment == wanted for one in read(new.model, UNSEEN)) >= 4


def test_a_topic_is_mended_on_texts_not_seen(base: LinearModels) -> None:
    seen = {topic for one in read(base, UNSEEN) for topic in one.topics}
    wanted = next(
        t for t in ("co_so_vat_chat", "che_do_giao_vien", "thi_cu_gian_lan") if t not in seen
    )
    new = taught(base, about_education=True, topics=frozenset({wanted}))
    assert sum(wanted in one.topics for one in read(new.model, UNSEEN)) >= 4


def test_a_risk_is_mended_on_texts_not_seen(base: LinearModels) -> None:
    wanted = 0 if usual(base, "risk") else 2
    new = taught(base, about_education=True, risk=wanted)
    assert sum(one.risk == wanted for one in read(new.model, UNSEEN)) >= 4


def test_relevance_is_mended_and_marks_do_not_matter(base: LinearModels) -> None:
    wanted = not usual(base, "about_education", FILM_UNSEEN)
    new = taught(base, FILM, about_education=wanted)
    assert sum(one.about_education is wanted for one in read(new.model, FILM_UNSEEN)) >= 3
    assert read(new.model, FILM_UNSEEN[2:3])[0].about_education is wanted


def test_other_texts_hardly_move(base: LinearModels) -> None:
    new = taught(base, about_education=True, sentiment="pos", risk=0).model
    before, after = base.predict(present(OTHER)), new.predict(present(OTHER))
    for old, now in zip(before, after, strict=True):
        assert np.abs(now - old).mean() < 0.02
        assert np.abs(now - old).max() < 0.2
    same = [a == b for a, b in zip(plain(base), plain(new), strict=True)]
    assert sum(same) / len(same) >= 0.9


def plain(model: LinearModels) -> list[tuple[object, ...]]:
    return [
        (one.about_education, one.scope, one.sentiment, tuple(one.topics), one.risk)
        for one in read(model, OTHER)
    ]


def test_the_same_lessons_give_the_same_weights(base: LinearModels) -> None:
    first, second = (taught(base, sentiment="pos") for _ in range(2))
    assert first.model.version == second.model.version != base.version
    assert first.to_dict() == second.to_dict()
    assert set(first.heads) == {"sentiment:neg", "sentiment:neu", "sentiment:pos"}


def test_only_stated_fields_and_known_words_move(base: LinearModels) -> None:
    new = taught(base, sentiment="pos").model
    columns = np.flatnonzero(np.abs(new.coef - base.coef).max(axis=0))
    assert set(columns) <= {2, 3, 4}
    rows = np.flatnonzero(np.abs(new.coef - base.coef).max(axis=1))
    words = set().union(*present(TOLD), *present([t.lower() for t in TOLD]))
    marked = {base.vocabulary.words[at] for at in rows if base.vocabulary.words[at][0] not in "~§="}
    assert marked <= words
    assert new.vocabulary is base.vocabulary


def test_nothing_said_changes_nothing(base: LinearModels) -> None:
    assert adapt(base, [], [item(OTHER[0])]).model.version == base.version
    assert adapt(base, [lesson(TOLD[0])], []).model.version == base.version
    strange = adapt(base, [lesson("", sentiment="neg"), lesson("🙂", risk=3)], []).model
    assert plain(strange) == plain(base)


def test_an_adapted_model_is_saved_and_loaded(base: LinearModels, tmp_path: Path) -> None:
    new = taught(base, sentiment="pos").model
    new.save(tmp_path / "linear.npz")
    again = LinearModels.load(tmp_path / "linear.npz")
    assert again.version == new.version
    assert read(again, UNSEEN) == read(new, UNSEEN)


def test_lessons_as_rows() -> None:
    reading = {
        "about_education": True, "scope": "vn", "sentiment": "neg", "risk": 2,
        "topics": [{"topic": "khoan_thu", "p": 1.0}],
    }  # fmt: skip
    wrong_unit = Lesson(item("a"), {Field.NOT_ABOUT_US: ["x"]}, reading)
    assert stated(wrong_unit) is None
    one = stated(Lesson(item("a"), {Field.RISK: 2}, reading))
    assert one is not None
    assert (one.about_education, one.risk, one.sentiment, one.topics) == (True, 2, None, None)
    whole = filled(wrong_unit)
    assert (whole.sentiment, whole.topics, whole.risk) == ("neg", frozenset({"khoan_thu"}), 2)


class Stubborn:
    """A second reader that is sure of one tone, whatever it is given."""

    def __init__(self, heads: list[str], tone: str) -> None:
        self._row = np.zeros(len(heads), dtype=np.float32)
        self._row[0] = 3.0
        for at, head in enumerate(heads[2:5], start=2):
            self._row[at] = 1.0 if head == f"sentiment:{tone}" else -1.0

    def scores(self, items: Sequence[Item]) -> Floats:
        return np.tile(self._row, (len(items), 1))


def test_the_blended_answer_is_what_is_mended(base: LinearModels) -> None:
    heads = head_names(base.topics)
    ones = np.ones(len(heads), dtype=np.float32)
    second = Stubborn(heads, "neg")
    blend = Blend(tuple(heads), 0.5 * ones, 0.5 * ones, 0 * ones, 0 * ones, base.thresholds)

    def blended(model: LinearModels, texts: Sequence[str]) -> list[str]:
        scores = second.scores([item(text) for text in texts])
        mixed = blend.mix(model.predict(present(texts)), scores, [True] * len(texts))
        return [one.sentiment for one in decide(mixed, blend.thresholds, model.topics)]

    rows = [lesson(text, sentiment="pos", about_education=True) for text in TOLD]
    anchors = [item(text) for text in OTHER[:32]]
    new = adapt(base, rows, anchors, second=(second, blend)).model
    assert blended(new, TOLD) == ["pos"] * len(TOLD)
    assert sum(tone == "pos" for tone in blended(new, UNSEEN)) >= 4
    same = [a == b for a, b in zip(blended(base, OTHER), blended(new, OTHER), strict=True)]
    assert sum(same) / len(same) >= 0.9


def test_no_second_reader_where_none_is_shipped(base: LinearModels, tmp_path: Path) -> None:
    assert second_reader(tmp_path, base) is None
