"""The whole chronicle: the same in any order, quick when long, and never a child's name."""

from __future__ import annotations

import itertools
import random
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.chronicle import chronicle
from alerts.chronicle.headline import headline_of
from alerts.chronicle.stances import STANCES
from alerts.chronicle.told import Stated, Told
from tests.alerts.chronicle.stories import DAY, T0, read, tale, told

TITLES = (
    "Cô giáo nhốt học sinh lớp 1 ở Bản Hoa", "Giáo viên bỏ quên học sinh lớp 1",
    "12 học sinh nhập viện sau bữa trưa", "Hơn 20 em nhập viện ở xã Bản Hoa", "",
    "Trạm Y tế xã bác tin học sinh nhập viện", "Bé lớp 1 bị kẹt trong lớp",
)  # fmt: skip
MENTIONS = st.lists(
    st.builds(
        lambda hours, title, outlet, stance, copy, kind, value: (
            hours, title, outlet, stance, copy, kind, value
        ),
        st.integers(0, 60), st.sampled_from(TITLES), st.sampled_from(("Báo A", "Báo B", "Báo C")),
        st.sampled_from(STANCES), st.none() | st.integers(0, 24),
        st.sampled_from(("news", "news", "comment")), st.none() | st.integers(1, 40),
    ),
    min_size=1, max_size=24,
)  # fmt: skip


def made(rows: list[tuple[object, ...]]) -> list[Told]:
    """Return mentions built from drawn rows."""
    found = []
    for n, (hours, title, outlet, stance, copy, kind, value) in enumerate(rows):
        facts = (Stated("hospitalised", float(value), f"{value} em", 0),) if value else ()  # type: ignore[arg-type]
        found.append(
            Told(n, T0 + hours * DAY / 24, outlet, outlet, title, 3, kind, stance, copy, facts)  # type: ignore[arg-type,operator]
        )
    return found


@settings(max_examples=60, deadline=None)
@given(MENTIONS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(
    rows: list[tuple[object, ...]], chance: random.Random
) -> None:
    mentions = made(rows)
    shuffled = list(mentions)
    chance.shuffle(shuffled)
    assert asdict(tale(mentions)) == asdict(tale(shuffled))


@settings(max_examples=60, deadline=None)
@given(MENTIONS)
def test_nothing_is_counted_twice_or_lost(rows: list[tuple[object, ...]]) -> None:
    mentions = made(rows)
    found = tale(mentions)
    spread = found.spread
    assert spread.originals + spread.copies + spread.comments == len(mentions)
    assert sum(bucket.total for bucket in found.stances.buckets) == len(mentions)
    for drift in found.drifts:
        path = [step.shown for step in drift.steps]
        assert all(a != b for a, b in itertools.pairwise(path))


def test_no_mentions_no_chronicle() -> None:
    assert chronicle([], lambda ids: {}, T0) is None


def test_the_headline_is_central_calm_and_stays() -> None:
    rows = [
        told(1, 0, "Rùng mình cảnh học sinh nhập viện sau bữa trưa ở Bản Hoa"),
        told(2, 1, "Học sinh Bản Hoa nhập viện sau bữa trưa bán trú"),
        told(3, 2, "Nhiều học sinh ở Bản Hoa nhập viện sau bữa trưa"),
        told(4, 3, "Giá rau tăng sau mưa lũ"),
        told(5, 4, "Vì sao học sinh Bản Hoa nhập viện sau bữa trưa bán trú?"),
    ]
    chosen = headline_of(rows)
    assert chosen is not None
    assert chosen.id in (2, 3)
    first = [told(n, n, f"Học sinh Bản Hoa nhập viện sau bữa trưa {n}") for n in range(12)]
    more = [told(n, n, "Chuyện khác hẳn ở Đồi Gió hôm nay") for n in range(12, 60)]
    assert headline_of(first) == headline_of(first + more)
    copies = [told(n, n, "Bản đăng lại lặp đi lặp lại", copy_of=0) for n in range(12, 60)]
    assert headline_of(first) == headline_of(sorted(first + copies, key=lambda t: t.at))


def test_a_better_source_names_the_story_where_headlines_are_alike() -> None:
    title = "Học sinh Bản Hoa nhập viện sau bữa trưa"
    chosen = headline_of([told(1, 0, title, tier=4), told(2, 1, title, tier=1)])
    assert chosen is not None
    assert chosen.id == 2


def test_the_summary_is_word_for_word_with_its_source_and_time() -> None:
    texts = {
        1: "Học sinh nhập viện. Sáng 12/10, 12 học sinh Trường TH Suối Mơ đau bụng sau bữa trưa. "
           "Các em được đưa tới trạm y tế xã Bản Hoa theo dõi.",
        2: "Sở lập đoàn kiểm tra. Sở GD&ĐT tỉnh Mây Trắng lập đoàn kiểm tra bếp ăn của trường và "
           "yêu cầu báo cáo trước ngày 15/10.",
    }  # fmt: skip
    rows = [told(1, 0, "Học sinh nhập viện"), told(2, 9, "Sở lập đoàn kiểm tra")]
    found = chronicle(rows, lambda ids: texts, T0 + DAY)
    assert found is not None
    assert len(found.sentences) >= 2
    assert [s.source.id for s in found.sentences] == sorted(s.source.id for s in found.sentences)
    for sentence in found.sentences:
        assert sentence.text in texts[sentence.source.id]
        assert sentence.text != rows[0].title


def test_few_texts_are_asked_for_however_long_the_story() -> None:
    asked: list[int] = []

    def fetch(ids: object) -> dict[int, str]:
        asked.extend(ids)  # type: ignore[arg-type]
        return {}

    rows = [
        read(n, n / 60, f"Trạm Y tế xã cho biết {n + 2} học sinh nhập viện") for n in range(900)
    ]
    found = chronicle(rows, fetch, T0 + DAY)
    assert found is not None
    assert 1 <= len(asked) <= 30
    assert len(found.drifts[0].steps) == 12
    assert found.drifts[0].path == "… → 897 → 898 → 899 → 900 → 901"


def test_a_name_in_the_words_of_a_fact_never_gets_out() -> None:
    name = "Giàng Thị Sủa"
    rows = [
        told(n, n, "Một học sinh nhập viện", speakers=("hospital",), facts=(
            ("hospitalised", float(n), f"{n} em cùng {name} nhập viện"),
            ("dead", None, f"em {name} tử vong"),
        ))
        for n in range(1, 6)
    ]  # fmt: skip
    texts = dict.fromkeys(range(1, 6), "Một học sinh nhập viện. [tên học sinh] nhập viện.")
    found = chronicle(rows, lambda ids: texts, T0 + DAY)
    assert found is not None
    shown = repr(asdict(found))
    assert "Sủa" not in shown
    assert "1 → 2" in found.drifts[0].path


def test_ten_thousand_mentions_tell_as_little_as_a_hundred() -> None:
    chance = random.Random(7)  # noqa: S311
    stances = ("report", "report", "report", "deny", "confirm", "conclude")
    rows = [
        told(
            n, chance.random() * 500, TITLES[n % len(TITLES)], outlet=f"Báo {n % 700}",
            stance=chance.choice(stances), kind="comment" if n % 3 else "news",
            copy_of=n - 3 if n % 4 else None,
            facts=(("hospitalised", float(chance.randint(1, 90)), "em nhập viện"),),
        )
        for n in range(10_000)
    ]  # fmt: skip
    found = tale(rows, T0 + 30 * DAY)
    assert found.phase.id == "fading"
    assert found.spread.originals + found.spread.copies + found.spread.comments == 10_000
    assert sum(bucket.total for bucket in found.stances.buckets) == 10_000
    assert len(repr(found)) < 80_000, "a page of it stays a page"
