"""Learn the forecast from lived stories: one regularised logistic sum a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alerts.forecast.model import (
    HOURS,
    LEAST_RISEN,
    TARGETS,
    Model,
    cell,
    rules_version,
)
from alerts.forecast.signs import vector
from alerts.forecast.trajectories import Moment
from langnghe.core.policy.model import Policy

STRENGTH = 0.3
"""Inverse regularisation: a few dozen risen stories carry nine weights, not sharp ones."""


def fit(lived: Sequence[Moment], policy: Policy, about: dict[str, Any] | None = None) -> Model:
    """Return the model of ``lived``. A target too few stories reached gets no sum at all."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    stories: dict[str, set[int]] = {}
    for moment in lived:
        stories.setdefault(cell(moment.signs, moment.at), set()).add(moment.story)
    weights: dict[int, tuple[float, ...]] = {}
    risen: dict[str, int] = {}
    for level in TARGETS:
        rows = [(m, hours) for m in lived for hours in HOURS if (level, hours) in m.rose]
        risen[str(level)] = len({m.story for m, hours in rows if m.rose[level, hours]})
        if risen[str(level)] < LEAST_RISEN:
            continue
        scaler = StandardScaler()
        table = scaler.fit_transform(np.array([vector(m.signs, m.at, h) for m, h in rows]))
        told = LogisticRegression(C=STRENGTH, max_iter=500)
        told.fit(table, np.array([m.rose[level, h] for m, h in rows]))
        slope = told.coef_[0] / scaler.scale_
        bias = float(told.intercept_[0] - (slope * scaler.mean_).sum())
        weights[level] = (bias, *map(float, slope))
    facts = {"stories": len({m.story for m in lived}), "moments": len(lived), "risen": risen}
    return Model(
        weights=weights,
        cells={name: len(ids) for name, ids in stories.items()},
        rules=rules_version(policy),
        about=facts | (about or {}),
    )
