"""Every figure agrees with a count by hand or with scikit-learn, and the draws are repeatable."""

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from nlp import figures
from nlp.figures import Counts, Measure, bootstrap


def value(measure: Measure, rows: int) -> float:
    return float(measure(np.ones((1, rows)))[0])


def counts() -> Counts:
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
    told = np.array([[1, 0], [0, 1], [0, 1], [0, 1]], dtype=bool)
    return Counts.of(truth, told)


def test_f1_precision_and_recall_of_two_classes() -> None:
    found = counts()
    assert value(figures.micro_f1(found), 4) == pytest.approx(0.75)
    assert value(figures.macro_f1(found), 4) == pytest.approx((2 / 3 + 0.8) / 2)
    second = found.only(np.array([False, True]))
    assert value(figures.precision(second), 4) == pytest.approx(2 / 3)
    assert value(figures.recall(second), 4) == 1
    assert found.support.tolist() == [2, 2]


def test_a_class_that_never_occurs_is_not_in_the_macro_average() -> None:
    truth = np.array([[1, 0], [1, 0]], dtype=bool)
    assert value(figures.macro_f1(Counts.of(truth, truth)), 2) == 1


def test_weights_count_rows_twice_or_not_at_all() -> None:
    measure = figures.micro_f1(counts())
    assert measure(np.array([[1.0, 0, 1, 1]]))[0] == 1
    assert measure(np.array([[0.0, 2, 0, 0]]))[0] == 0


def test_ranking_figures_agree_with_scikit_learn_ties_and_draws_included() -> None:
    dice = np.random.default_rng(7)
    truth = dice.random(300) < 0.2
    score = np.round(dice.random(300) * 0.7 + truth * 0.3, 2)
    every = np.ones(300, dtype=bool)
    for _ in range(5):
        drawn = dice.multinomial(300, [1 / 300] * 300).astype(float)
        twice = np.repeat(np.arange(300), drawn.astype(int))
        ours = figures.average_precision(truth, score, every)(drawn[None])[0]
        assert ours == pytest.approx(average_precision_score(truth[twice], score[twice]))
        right, found, _ = precision_recall_curve(truth[twice], score[twice])
        cut = figures.precision_at_recall(truth, score, every)(drawn[None])[0]
        assert cut == pytest.approx(right[found >= 0.95].max())


def test_rows_without_the_label_take_no_part_in_a_ranking() -> None:
    truth, score = np.array([True, False, False]), np.array([0.5, 0.9, 0.1])
    rows = np.array([True, False, True])
    assert value(figures.average_precision(truth, score, rows), 3) == 1
    assert math.isnan(value(figures.average_precision(~truth & False, score, rows), 3))


def test_calibration_error_is_the_gap_between_said_and_true() -> None:
    p = np.array([0.95] * 10 + [0.15] * 10)
    truth = np.array([True] * 5 + [False] * 5 + [False] * 10)
    every = np.ones(20, dtype=bool)
    assert value(figures.calibration_error(truth, p, every), 20) == pytest.approx(0.3)
    assert value(figures.mean((truth - p) ** 2, every), 20) == pytest.approx(0.2375)


def test_draws_are_repeatable_and_hold_the_value() -> None:
    truth = np.random.default_rng(1).random((200, 3)) < 0.4
    told = truth ^ (np.random.default_rng(2).random((200, 3)) < 0.2)
    measures = {"f1": figures.macro_f1(Counts.of(truth, told))}
    names = [str(n) for n in range(200)]
    one, again = bootstrap(measures, names)["f1"], bootstrap(measures, names)["f1"]
    assert (one.draws == again.draws).all()
    figure = one.figure()
    assert figure is not None
    assert figure.low < figure.value < figure.high
    assert 0.02 < figure.high - figure.low < 0.15


def test_rows_of_one_group_are_drawn_together() -> None:
    seen: list[bool] = []

    def together(w: np.ndarray) -> np.ndarray:
        seen.append(bool((w[:, 0] == w[:, 1]).all()))
        return w[:, 0]

    bootstrap({"x": together}, ["a", "a", "b", "c"])
    assert all(seen)


def test_nothing_to_measure_is_no_figure() -> None:
    none = np.zeros((3, 1), dtype=bool)
    assert (
        bootstrap({"f1": figures.macro_f1(Counts.of(none, none))}, list("abc"))["f1"].figure()
        is None
    )
