"""What came when, by kind, in stretches that fit a phone."""

from __future__ import annotations

from datetime import timedelta

from alerts.chronicle.flow import MOST, flow_of
from tests.alerts.chronicle.stories import DAY, HOUR, T0, told


def test_kinds_are_counted_apart_and_empty_stretches_left_out() -> None:
    flow = flow_of([
        told(1, 0, outlet="Báo Mây"),
        told(2, 0.5, copy_of=1),
        told(3, 3, kind="comment"),
        told(4, 3.2, copy_of=2),
    ])  # fmt: skip
    assert flow.step == HOUR
    assert [(s.at - T0, s.originals, s.copies, s.comments) for s in flow.stretches] == [
        (timedelta(0), 1, 1, 0), (3 * HOUR, 0, 1, 1)
    ]  # fmt: skip


def test_a_long_story_is_cut_at_vietnamese_midnights() -> None:
    flow = flow_of([told(n, n * 24) for n in range(1, 40)])
    assert flow.step == DAY
    assert {s.at.hour for s in flow.stretches} == {17}, "midnight in Hà Nội"
    for days in (100, 1_000, 9_000):
        assert len(flow_of([told(n, n * 24) for n in range(days)]).stretches) <= MOST + 1
