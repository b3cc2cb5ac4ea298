"""From probabilities to what is told about one item; pure, the same in training and in service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from langnghe.core.types import Stance
from nlp.models import SENTIMENTS, Prediction

OTHER = "khac"
# A home crisis taken for a foreign one would go unheard, so its risk is dropped only when sure.
SURELY_FOREIGN = 0.75
# Probabilities are calibrated, so thresholds need no tuning: they say what a mistake costs. An
# alert missed costs as much as five false ones, a crisis taken for an alert as much as two.
THRESHOLDS: Mapping[str, float] = {
    "education": 0.5,
    "foreign": 0.5,
    **{f"sentiment:{name}": 1.0 for name in SENTIMENTS},
    "topic": 0.45,
    "risk>=1": 0.5,
    "risk>=2": 0.17,
    "risk>=3": 0.33,
}


class Decision(NamedTuple):
    """What is told of one item: plain values, topics with their probability, best first."""

    about_education: bool
    scope: str
    sentiment: str
    topics: dict[str, float]
    risk: int


def decide(
    predicted: Prediction, thresholds: Mapping[str, float], topics: Sequence[str]
) -> list[Decision]:
    """Return one decision a row of ``predicted``; thresholds as in ``LinearModels.thresholds``."""
    tones = np.array([thresholds[f"sentiment:{name}"] for name in SENTIMENTS])
    tone = (predicted.sentiment * tones).argmax(axis=1)
    at_least = np.cumsum(predicted.risk[:, ::-1], axis=1)[:, ::-1]
    steps = np.array([thresholds[f"risk>={level}"] for level in (1, 2, 3)])
    passed = at_least[:, 1:] >= steps
    # A higher step passed means the ones below it too: each was tuned by itself.
    risk = np.where(passed.any(axis=1), 3 - passed[:, ::-1].argmax(axis=1), 0)
    about = predicted.education >= thresholds["education"]
    # A possible alert is not dropped over a doubt whether a school is meant.
    about |= (predicted.education >= thresholds["education"] / 2) & passed[:, 1]
    foreign = predicted.foreign >= thresholds["foreign"]
    abroad = foreign & (predicted.foreign >= SURELY_FOREIGN)
    return [
        Decision(
            about_education=bool(about[row]),
            scope="n/a" if not about[row] else "foreign" if foreign[row] else "vn",
            sentiment=SENTIMENTS[tone[row]],
            topics=choose(predicted.topics[row].tolist(), topics, thresholds["topic"])
            if about[row]
            else {},
            risk=int(risk[row]) if about[row] and not abroad[row] else 0,
        )
        for row in range(len(predicted.education))
    ]


def choose(p: Sequence[float], topics: Sequence[str], also: float) -> dict[str, float]:
    """Return the likeliest topic and every other one from ``also`` on, best first.

    The catch-all topic stands alone or not at all: it says that none of the others fits.
    """
    ranked = sorted(zip(topics, p, strict=True), key=lambda pair: (-pair[1], pair[0]))
    first, *others = ranked
    if first[0] == OTHER:
        return dict([first])
    return dict([first, *((name, q) for name, q in others if q >= also and name != OTHER)])


def calm(
    risk_p: Sequence[float], risk: int, stance: Stance
) -> tuple[tuple[float, float, float, float], int]:
    """Return ``(risk_p, risk)`` after the stance is heard: a denial never raises.

    It must name the frightening thing it denies, so its words alone read as the thing itself.
    Half of what spoke for an alert (2, 3) moves to watching (1).
    """
    none, watch, alert, crisis = risk_p
    if stance not in (Stance.DENY, Stance.CORRECT):
        return (none, watch, alert, crisis), risk
    moved = (alert + crisis) / 2
    return (none, watch + moved, alert / 2, crisis / 2), min(risk, 1)
