"""From raw scores to probabilities and decisions, tuned on rows the models had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, fbeta_score

from nlp.decide import decide
from nlp.labels import Labelled
from nlp.models import SENTIMENTS, Floats, Prediction

_GRID = np.round(np.arange(0.08, 0.93, 0.02), 2)


def platt(scores: Floats, labels: Floats) -> tuple[Floats, Floats]:
    """Return ``(slope, shift)`` a head, so that ``sigmoid(slope * score + shift)`` is calibrated.

    ``scores`` and ``labels`` have shape (rows, heads); rows with a NaN label are left out.
    """
    slope = np.ones(scores.shape[1], dtype=np.float32)
    shift = np.zeros(scores.shape[1], dtype=np.float32)
    for head in range(scores.shape[1]):
        usable = ~np.isnan(labels[:, head])
        column, answers = scores[usable, head : head + 1], labels[usable, head]
        if len(np.unique(answers)) < 2 or np.ptp(column) == 0:
            continue
        line = LogisticRegression(C=1e3).fit(column, answers)
        if line.coef_[0, 0] > 0:  # else the folds taught nothing (too few rows): keep raw odds
            slope[head], shift[head] = line.coef_[0, 0], line.intercept_[0]
    return slope, shift


def thresholds(
    predicted: Prediction, rows: Sequence[Labelled], topics: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return ``(thresholds, figures)`` chosen on out-of-fold probabilities.

    Each threshold maximises the F1 it serves: education and each risk step by themselves, tones by
    macro-F1, topics by micro-F1 over what would be told (see ``decide``).
    """
    about = np.array([bool(row.about_education) for row in rows])
    foreign = np.array([row.scope == "foreign" for row in rows])
    risk = np.array([row.risk or 0 for row in rows])
    tuned: dict[str, float] = {}
    tuned["education"], education_f1 = _best(predicted.education, about)
    # Precision counts double here: what is called foreign is looked at by nobody.
    tuned["foreign"], _ = _best(predicted.foreign[about], foreign[about], beta=0.5)
    at_least = np.cumsum(predicted.risk[:, ::-1], axis=1)[:, ::-1]
    for level in (1, 2, 3):
        tuned[f"risk>={level}"], _ = _best(at_least[:, level], risk >= level)
    tuned.update(_tones(predicted.sentiment, [row.sentiment or "neu" for row in rows]))

    truth = np.array([[topic in (row.topics or ()) for topic in topics] for row in rows])
    best = (-1.0, 0.0)
    for also in _GRID:
        tuned["topic"] = float(also)
        told = _told(predicted, tuned, topics)
        best = max(best, (float(f1_score(truth, told, average="micro")), float(also)))
    tuned["topic"] = best[1]
    decided = decide(predicted, tuned, topics)
    figures = {
        "education_f1": education_f1,
        "sentiment_macro_f1": f1_score(
            [row.sentiment for row in rows], [d.sentiment for d in decided], average="macro"
        ),
        "topics_micro_f1": best[0],
        "risk_macro_f1": f1_score(risk, [d.risk for d in decided], average="macro"),
        "risk2_average_precision": average_precision_score(risk >= 2, at_least[:, 2]),
        "risk3_average_precision": average_precision_score(risk >= 3, at_least[:, 3]),
    }
    return tuned, {name: round(float(value), 4) for name, value in figures.items()}


def _best(
    p: NDArray[np.floating], truth: NDArray[np.bool_], *, beta: float = 1.0
) -> tuple[float, float]:
    if not truth.any():
        return 0.5, 0.0
    scored = [
        (float(fbeta_score(truth, p >= cut, beta=beta, zero_division=0)), float(cut))
        for cut in _GRID
    ]
    top = max(score for score, _ in scored)
    # The middle of the plateau moves less on new text than its edge.
    plateau = [cut for score, cut in scored if score >= top - 0.002]
    return float(np.median(plateau)), top


def _tones(p: Floats, truth: Sequence[str]) -> dict[str, float]:
    answers = np.array([SENTIMENTS.index(name) for name in truth])
    best: tuple[float, float, float] = (-1.0, 1.0, 1.0)
    for neg, pos in product(np.arange(0.6, 1.9, 0.1), repeat=2):
        chosen = (p * np.array([neg, 1.0, pos])).argmax(axis=1)
        score = float(f1_score(answers, chosen, average="macro"))
        best = max(best, (score, float(neg), float(pos)))
    factors = zip(SENTIMENTS, (best[1], 1.0, best[2]), strict=True)
    return {f"sentiment:{name}": round(factor, 2) for name, factor in factors}


def _told(
    predicted: Prediction, tuned: dict[str, float], topics: Sequence[str]
) -> NDArray[np.bool_]:
    decided = decide(predicted, tuned, topics)
    return np.array([[topic in row.topics for topic in topics] for row in decided])
