"""Stances over time, the first official word, and the tracker of answers."""

from __future__ import annotations

import itertools

import pytest

from alerts.chronicle.replies import denied_in, replies_of
from alerts.chronicle.stances import MOST, STANCES, stances_of
from langnghe.core.clock import hanoi
from tests.alerts.chronicle.stories import HOUR, MINUTE, read, told


@pytest.mark.parametrize("hours", [0, 0.4, 11, 30, 24 * 8, 24 * 400, 24 * 9_000])
def test_stretches_cover_every_mention_once_and_are_few(hours: float) -> None:
    rows = [told(1, 0), told(2, hours / 3, stance="deny"), told(3, hours, kind="comment",
                                                                  stance="comment")]  # fmt: skip
    buckets = stances_of(rows).buckets
    assert 1 <= len(buckets) <= MOST
    assert sum(b.total for b in buckets) == 3
    assert all(a.end == b.start for a, b in itertools.pairwise(buckets))
    assert buckets[0].start <= rows[0].at
    assert buckets[-1].end > rows[-1].at
    if hours < 24 * 4_000:
        assert hanoi(buckets[0].start).minute == 0


def test_each_stance_is_counted_in_its_place() -> None:
    rows = [told(n, 0.01 * n, stance=s) for n, s in enumerate(STANCES)]
    [bucket] = stances_of(rows).buckets
    assert bucket.counts == (1, 1, 1, 1, 1, 1)


def test_the_first_office_and_the_first_school_voice_with_their_delays() -> None:
    rows = [
        told(1, 0, kind="comment", speakers=("commune",)),
        told(2, 1, "Vụ bữa ăn: nhà trường chưa lên tiếng", speakers=("school",)),
        told(3, 3, "Nhà trường xin lỗi phụ huynh", speakers=("school", "family")),
        told(4, 5, "Công an xã vào cuộc", speakers=("police",)),
        told(5, 9, "Sở thông tin", speakers=("department",)),
    ]
    found = stances_of(rows)
    assert found.office is not None
    assert found.school is not None
    assert (found.office.source.id, found.office.by, found.office.delay) == (
        4, ("police",), 5 * HOUR
    )  # fmt: skip
    assert (found.school.source.id, found.school.by) == (3, ("school",))
    assert stances_of(rows[:2]).office is None, "what a comment puts in its mouth is not its word"


def rumour() -> list:  # type: ignore[type-arg]
    """A rumour, its denial, one outlet that carries it, one that never does."""
    return [
        read(1, 0, "3 học sinh bị bắt cóc, 1 em nhập viện ở Bản Hoa", outlet="Trang Gió"),
        read(2, 1, "Xôn xao tin học sinh nhập viện", outlet="Báo Mây"),
        told(3, 1.5, "Xôn xao tin học sinh nhập viện", outlet="Trang Sương", copy_of=2),
        read(4, 4, "Công an xã Bản Hoa bác tin học sinh phải nhập viện", outlet="Báo Rừng",
             stance="deny"),
        told(5, 5, "Công an xã bác tin", outlet="Báo Mây", stance="deny", copy_of=4),
        told(6, 6, "Người tung tin xin lỗi, đính chính", outlet="Báo Rừng", stance="correct"),
        read(7, 8, "nghe nói cháu bé nhập viện thật", kind="comment", stance="comment"),
        told(8, 9, "Tin sau phản hồi", outlet="Báo Muộn"),
    ]  # fmt: skip


def test_who_denied_when_and_what() -> None:
    found = replies_of(rumour())
    assert [(r.stance, r.source.outlet, r.copies) for r in found.replies] == [
        ("deny", "Báo Rừng", 1), ("correct", "Báo Rừng", 0)
    ]  # fmt: skip
    assert found.first is found.replies[0]
    assert found.first.delay == 4 * HOUR
    assert found.first.denied == ("hospitalised",)
    assert found.latest is not None
    assert found.latest.stance == "correct"
    assert found.counts == (("deny", 1), ("correct", 1))


@pytest.mark.parametrize(
    ("title", "denied"),
    [
        ("Nam sinh tử vong sau tai nạn: Bệnh viện bác thông tin trên mạng", ()),
        ("Vụ bé lớp 1: Không có chuyện bỏ đói, nhập viện", ("hospitalised",)),
        ("Công an xã phủ nhận tin học sinh mất tích", ("missing",)),
        ("Tram y te xa bac bo tin don hoc sinh nhap vien", ("hospitalised",)),
        ("Đính chính bài «Bữa trưa ở Suối Mơ»", ()),
    ],
)
def test_only_what_a_headline_takes_back_is_denied(title: str, denied: tuple[str, ...]) -> None:
    assert denied_in(told(1, 0, title, stance="deny")) == denied
    assert denied_in(told(1, 0, title)) == ()


def test_who_carries_the_answer_and_who_only_the_claim() -> None:
    found = replies_of(rumour())
    assert [(c.outlet, c.answered.id if c.answered else None) for c in found.carrying] == [
        ("Báo Mây", 5)
    ]
    assert [c.outlet for c in found.silent] == ["Trang Gió", "Trang Sương"]
    assert found.silent_total == 2, "who told it only after the answer is not asked for it"


def test_what_is_told_on_after_its_denial() -> None:
    [still] = replies_of(rumour()).still
    assert (still.kind, still.after, still.denied.id) == ("hospitalised", 1, 4)


def test_a_confirmation_is_an_answer_and_silences_nobody() -> None:
    rows = [told(1, 0), told(2, 2, stance="confirm", speakers=("school",))]
    found = replies_of(rows)
    assert [r.stance for r in found.replies] == ["confirm"]
    assert (found.first, found.latest, found.silent, found.silent_total) == (None, None, (), 0)


def test_many_answers_are_bounded_and_the_newest_is_kept() -> None:
    rows = [told(1, 0), *(told(n, n * MINUTE / HOUR, stance="deny") for n in range(2, 200))]
    found = replies_of(rows)
    assert (len(found.replies), found.more) == (20, 178)
    assert found.latest is not None
    assert found.latest.source.id == 199
