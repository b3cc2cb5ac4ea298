"""The phase of a story at and beside every threshold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.chronicle.phase import PhaseRule, phase_of
from alerts.chronicle.told import in_order
from tests.alerts.chronicle.stories import HOUR, MINUTE, T0, told

SECOND = timedelta(seconds=1)


def at(hours: float, *mentions: float, outlet: str = "") -> str:
    """Return the phase ``hours`` after T0 of a story of one outlet a mention."""
    rows = in_order(told(n, h, outlet=outlet) for n, h in enumerate(mentions, 1))
    return phase_of(rows, T0 + hours * HOUR).id


def test_one_voice_is_new_for_a_day_and_then_has_faded() -> None:
    lone = [told(1, 0)]
    assert phase_of(lone, T0).id == "new"
    assert phase_of(lone, T0 + 24 * HOUR - SECOND).id == "new"
    assert phase_of(lone, T0 + 24 * HOUR).id == "fading"


def test_three_new_voices_in_six_hours_spread_and_two_do_not() -> None:
    assert at(1, 0, 0.5, 1) == "spreading"
    assert at(1, 0, 1) == "new"
    assert at(5.9, 0, 0.5, 1) == "spreading"


def test_what_spread_once_and_stands_still_is_steady_until_a_day_of_silence() -> None:
    assert at(8, 0, 0.5, 1) == "steady"
    assert at(24.9, 0, 0.5, 1) == "steady"
    assert at(25, 0, 0.5, 1) == "fading"


def test_growth_alone_spreads_even_of_one_voice() -> None:
    before = [0.1, 1.0]
    assert at(12, *before, 7, 8, 9, outlet="Diễn đàn") == "spreading"
    assert at(12, *before, 7, 8, outlet="Diễn đàn") == "new"  # two items are no growth
    three = [0.1, 1.0, 2.0]
    assert at(12, *three, 7, 8, 9, 10, outlet="Diễn đàn") != "spreading"  # 4 < 1.5 × 3
    assert at(12, *three, 7, 8, 9, 10, 11, outlet="Diễn đàn") == "spreading"  # 5 ≥ 4.5


def test_a_trickle_after_a_flood_fades_before_it_is_silent() -> None:
    flood = [n / 10 for n in range(8)]
    assert at(40, *flood, 30, outlet="Diễn đàn") == "fading"  # 1 of 8 in a day, not silent
    assert at(40, *flood, 30, 31, outlet="Diễn đàn") == "fading"  # 2 of 8: just a quarter
    assert at(40, *flood, 30, 31, 32, outlet="Diễn đàn") == "steady"
    few = [0.0, 0.1, 0.2]
    assert at(40, *few, 30, outlet="Diễn đàn") == "steady"  # three were never a flood


def test_copies_are_voices_but_no_items() -> None:
    one = told(1, 0)
    copies = [told(n, 0.2 * n, copy_of=1) for n in range(2, 5)]
    phase = phase_of([one, *copies], T0 + 2 * HOUR)
    assert (phase.id, phase.recent, phase.new_voices) == ("spreading", 1, 4)


def test_a_clock_behind_the_story_stands_at_its_last_mention() -> None:
    rows = [told(1, 0), told(2, 5)]
    assert phase_of(rows, T0 - 9 * HOUR) == phase_of(rows, T0 + 5 * HOUR)
    assert phase_of(rows, T0 - 9 * HOUR).quiet == timedelta(0)


@pytest.mark.parametrize("quiet", [1, 12])
def test_thresholds_are_data(quiet: int) -> None:
    rule = PhaseRule(quiet=quiet * HOUR)
    assert phase_of([told(1, 0)], T0 + quiet * HOUR, rule).id == "fading"
    assert phase_of([told(1, 0)], T0 + quiet * HOUR - MINUTE, rule).id == "new"
