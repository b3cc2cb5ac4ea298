"""Signs and the hour in, chances out, or the reason why none can be told.

One small logistic sum a target, with the horizon as one of its numbers, fitted on lived stories
(``fit``). It speaks only where it has seen enough like cases: stories of the same band of score,
sources and silence. Chances agree with each other: a longer time or a lower target is never less
likely.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any

import structlog

from alerts.forecast.signs import NAMES, Signs, age, silence, vector
from langnghe.core.errors import ConfigError
from langnghe.core.policy.model import Policy
from langnghe.core.text import digest

log = structlog.get_logger(__name__)
log = structlog.get_logger(__name__)
SHIPPED = Path(__file__).parent / "forecast.json"
TARGETS = (2, 3)
"""Levels whose coming is told: Cam and Đỏ."""
HOURS = (2, 6, 24)
WORTH = 0.2
"""Below this chance of harm in its worst mention a story is nothing to forecast."""
FIRST_HOURS = 72.0
LEAST_STORIES = 30
"""Like stories that must have been seen before a chance is told."""
LEAST_RISEN = 15
"""Stories that must have reached a target within a day before its chances are fitted at all."""
FORMAT = 1
FEW = "chưa đủ dữ liệu"

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Chances (0..1) by (level, hours), and on how many like stories they rest.

    ``why`` is ``""`` or says in Vietnamese why there are none.
    """

    chances: Mapping[Key, float]
    like: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted sums by target level. ``cells`` counts the stories seen in each band."""

    weights: Mapping[int, tuple[float, ...]]
    cells: Mapping[str, int]
    rules: str
    about: Mapping[str, Any]

    def forecast(self, signs: Signs, now: datetime, policy: Policy) -> Forecast:
        """Return the chances that the story reaches each target within each horizon."""
        if self.rules != rules_version(policy):
            return Forecast({}, why=f"{FEW}: kịch bản đã đổi so với khi dựng dự báo")
        if signs.harm < WORTH:
            return Forecast({}, why="chưa thấy dấu hiệu tổn hại, không cần dự báo")
        if age(signs, now) > FIRST_HOURS:
            return Forecast({}, why="chỉ dự báo trong ba ngày đầu của cụm tin")
        like = self.cells.get(cell(signs, now), 0)
        if like < LEAST_STORIES:
            return Forecast({}, like, f"{FEW}: mới gặp {like} cụm tin tương tự")
        raw = {
            (level, hours): 1 / (1 + exp(-_sum(weights, vector(signs, now, hours))))
            for level, weights in self.weights.items()
            if level > signs.level
            for hours in HOURS
        }
        if not raw:
            why = f"{FEW}: quá ít cụm tin từng lên tới mức cao hơn"
            return Forecast({}, like, why)
        return Forecast(_agreeing(raw), like)

    def to_json(self) -> dict[str, Any]:
        """Return what ``load`` reads."""
        return {
            "format": FORMAT,
            "about": dict(self.about),
            "rules": self.rules,
            "names": list(NAMES),
            "weights": {str(k): [round(w, 4) for w in v] for k, v in self.weights.items()},
            "cells": dict(sorted(self.cells.items())),
        }


def _agreeing(raw: Mapping[Key, float]) -> dict[Key, float]:
    """Raise what contradicts: more hours, or a lower target, cannot be less likely."""
    told: dict[Key, float] = {}
    for level, hours in sorted(raw, key=lambda key: (-key[0], key[1])):
        lower = [told[k] for k in told if k[0] >= level and k[1] <= hours]
        told[level, hours] = max([raw[level, hours], *lower])
    return told


def cell(signs: Signs, now: datetime) -> str:
    """Return the band of like stories: level, score, voices, silence."""
    score = min(int(signs.score // 12.5), 6)
    return (
        f"{signs.level}.{score}.{min(signs.voices, 3)}.{'q' if silence(signs, now) >= 6 else 'l'}"
    )


def rules_version(policy: Policy) -> str:
    """Return a mark of all that decides how a score becomes a level; names and steps do not."""
    told = (
        [(level.value, level.min_score) for level in policy.levels],
        policy.score,
        [(rule.id, rule.level, rule.when) for rule in policy.overrides],
        [(rule.id, rule.level) for rule in policy.ceilings],
    )
    return digest(repr(told))[:12]


@lru_cache(maxsize=4)
def load(path: Path = SHIPPED) -> Model:
    """Read a fitted model. Raises ConfigError for a file that is missing or not ours."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT or tuple(data["names"]) != NAMES:
            raise ValueError("made by another version")
        weights = {int(name): tuple(map(float, row)) for name, row in data["weights"].items()}
        if any(len(row) != len(NAMES) + 1 for row in weights.values()):
            raise ValueError("a sum of another length")
        return Model(weights, dict(data["cells"]), str(data["rules"]), dict(data["about"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"Không dùng được tệp dự báo {path.name}: {error}.",
            mend="Cài lại gói, hoặc dựng lại bằng «langnghe forecast fit».",
        ) from error


def _sum(weights: tuple[float, ...], values: tuple[float, ...]) -> float:
    return weights[0] + sum(w * v for w, v in zip(weights[1:], values, strict=True))


def outlook(
    saved: Mapping[str, Any], now: datetime, policy: Policy, *, path: Path = SHIPPED
) -> Forecast | None:
    """Return the forecast at ``now`` from signs kept with a story; ``None`` where none were kept.

    A forecast that cannot be read says so in its ``why``: no page may fail for want of it.
    """
    if not saved:
        return None
    try:
        return load(path).forecast(Signs.from_json(saved), now, policy)
    except (ConfigError, KeyError, ValueError) as error:
        log.error("no_forecast", why=str(error))
        return Forecast({}, why="không đọc được tệp dự báo, xem nhật ký")
