"""From raw scores to probabilities, calibrated on rows the models had not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

from nlp.blend import Blend, flat, logit, meant
from nlp.decide import THRESHOLDS, decide
from nlp.labels import Labelled
from nlp.models import Floats, Prediction

# Heads that are calibrated together: single topics have too few rows for it.
_GROUPS = ("education", "foreign", "sentiment", "topic", "risk>=1", "risk>=2", "risk>=3")


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


def told_figures(
    predicted: Prediction, rows: Sequence[Labelled], topics: Sequence[str]
) -> dict[str, float]:
    """Return how right the decisions on some probabilities are, by the measures people compare."""
    decided = decide(predicted, THRESHOLDS, topics)
    risk = np.array([row.risk or 0 for row in rows])
    at_least = np.cumsum(predicted.risk[:, ::-1], axis=1)[:, ::-1]
    truth = np.array([[topic in (row.topics or ()) for topic in topics] for row in rows])
    told = np.array([[topic in one.topics for topic in topics] for one in decided])
    figures = {
        "education_f1": f1_score(
            [bool(row.about_education) for row in rows], [one.about_education for one in decided]
        ),
        "sentiment_macro_f1": f1_score(
            [row.sentiment for row in rows], [one.sentiment for one in decided], average="macro"
        ),
        "topics_micro_f1": f1_score(truth, told, average="micro"),
        "risk_macro_f1": f1_score(risk, [one.risk for one in decided], average="macro"),
        "risk2_average_precision": average_precision_score(risk >= 2, at_least[:, 2]),
        "risk3_average_precision": average_precision_score(risk >= 3, at_least[:, 3]),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def fit_blend(
    heads: Sequence[str],
    by_words: Prediction,
    scores: Floats,
    labels: Floats,
    posts: Sequence[float],
) -> Blend:
    """Return the blend: both readers believed alike, then calibrated (risk apart for posts).

    Fitted on rows neither reader had learnt from; ``labels`` has shape (rows, heads), NaN where a
    row has no answer. Weighing the two readers apart was tried: the few risky rows held out cannot
    tell whom to believe, and unseen text was read worse (topics micro-F1 .745 against .758 on dev).
    """
    told = (logit(flat(by_words)) + logit(meant(scores))) / 2
    post = np.asarray(posts, dtype=np.float32)
    half, shift, extra = (np.zeros(len(heads), dtype=np.float32) for _ in range(3))
    for group in _GROUPS:
        columns = [at for at, head in enumerate(heads) if _group(head) == group]
        known = [~np.isnan(labels[:, at]) for at in columns]
        odds = np.concatenate([told[ok, at] for ok, at in zip(known, columns, strict=True)])
        answers = np.concatenate([labels[ok, at] for ok, at in zip(known, columns, strict=True)])
        apart = np.concatenate([post[ok] for ok in known]) * group.startswith("risk")
        line = LogisticRegression(C=10.0).fit(np.column_stack([odds, apart]), answers)
        half[columns], extra[columns] = line.coef_[0] / (2, 1)
        shift[columns] = line.intercept_[0]
    return Blend(tuple(heads), half, half, shift, extra, THRESHOLDS)


def _group(head: str) -> str:
    return next(group for group in _GROUPS if head.startswith(group))
