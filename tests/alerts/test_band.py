"""The band of the usual: the alarm's own model, its quantiles, and what it may never contradict."""

from __future__ import annotations

from random import Random

import pytest

from alerts.baseline.band import Expected, band, expected, prior_of
from alerts.baseline.rates import Usual, doubt, excess
from alerts.baseline.series import Series, look
from alerts.baseline.tally import Tree
from langnghe.core.policy.baseline import load_baseline

RULE = load_baseline()
TREE = Tree.of([("so", "sector", None), ("xa", "commune", "so"), ("a", "school", "xa"),
                ("b", "school", "xa")])  # fmt: skip


def drawn(random: Random, mean: float, k: float) -> int:
    """One day of the model: a Poisson count around a gamma rate."""
    return poisson(random, random.gammavariate(1 / k, mean * k))


def poisson(random: Random, rate: float) -> int:
    left, n = rate, 0
    while (left := left - random.expovariate(1.0)) > 0:
        n += 1
    return n


@pytest.mark.parametrize(("mean", "k"), [(0.3, 1.0), (4.0, 0.5), (25.0, 0.1), (300.0, 0.05)])
def test_one_usual_day_in_ten_lies_outside_at_most(mean: float, k: float) -> None:
    random = Random(7)  # noqa: S311 - days, not secrets
    low, high = band([Expected(mean, k)])
    days = [drawn(random, mean, k) for _ in range(4000)]
    assert sum(day > high for day in days) <= 0.06 * len(days)
    assert sum(day < low for day in days) <= 0.06 * len(days)
    assert sum(day > high - max(high // 4, 1) for day in days) > 0.045 * len(days)


def test_nothing_expected_is_no_band() -> None:
    assert band([]) == (0, 0)
    assert band([Expected(0.0, 1.0)]) == (0, 0)
    assert band([Expected(0.02, 1.0)]) == (0, 0)


def test_large_means_join_on() -> None:
    below, above = band([Expected(399.9, 0.3)]), band([Expected(400.1, 0.3)])
    for one, other in zip(below, above, strict=True):
        assert other == pytest.approx(one, rel=0.03)


def test_several_heads_are_weighed_together() -> None:
    one = band([Expected(4.0, 0.5)])
    two = band([Expected(4.0, 0.5), Expected(4.0, 0.5)])
    assert one[1] < two[1] < 2 * one[1], "days of two houses even each other out"


def test_the_band_is_that_of_the_model_that_rings() -> None:
    series = Series(Usual(90.0, 60.0, 20.0, 40.0), through=700_000)
    prior = prior_of("xa", "", TREE, {("so", ""): Series(Usual(300.0, 60.0, 9.0, 30.0))}, RULE)
    found = expected(series, prior, 1.3, RULE)
    verdict = look(series, 700_001, 0, 1.3, prior, RULE)
    assert found.mean == pytest.approx(verdict.mean)
    assert found.k == pytest.approx(
        excess(series.usual, RULE.learning) + doubt(series.usual, RULE.learning)
    )
    _, high = band([found])
    usual = look(series, 700_001, round(found.mean), 1.3, prior, RULE)
    assert not usual.unusual
    assert round(found.mean) <= high
    assert look(series, 700_001, 40 * high, 1.3, prior, RULE).unusual


def test_a_child_without_a_history_stands_where_its_parent_does() -> None:
    known = {("so", ""): Series(Usual(600.0, 600.0, 9.0, 30.0))}
    assert prior_of("xa", "", TREE, known, RULE) == pytest.approx(1.0, rel=0.2)
    assert prior_of("a", "", TREE, known, RULE) == pytest.approx(
        prior_of("xa", "", TREE, known, RULE) / 2, rel=0.01
    )
    assert prior_of("so", "", TREE, {}, RULE) == RULE.learning.first_rate
