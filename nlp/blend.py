"""Two readers, one answer: how far the linear models and the encoder are each believed.

The linear models know every word pair of the labelled rows, the encoder what words mean. Each is
right where the other is not; the weights between them are fitted on rows neither had learnt from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from langnghe.core.errors import ConfigError
from nlp.checked import MEND, sealed_bytes
from nlp.models import Floats, Prediction, levels

BLEND = "blend.json"
_LEAST = 1e-5
# Heads that are weighed together: single topics have too few rows to be weighed alone.
_GROUPS = ("education", "foreign", "sentiment", "topic", "risk")


@dataclass(frozen=True)
class Blend:
    """A weight for each reader and a shift a head, with the thresholds for the blended answer."""

    heads: tuple[str, ...]
    linear: Floats
    encoder: Floats
    shift: Floats
    thresholds: Mapping[str, float]

    @cached_property
    def version(self) -> str:
        """Return the hash of everything that shapes an answer."""
        state = blake2b(digest_size=6)
        for part in (self.linear, self.encoder, self.shift):
            state.update(np.round(part, 4).astype(np.float32).tobytes())
        state.update(repr(sorted(self.thresholds.items())).encode())
        return state.hexdigest()

    def mix(self, by_words: Prediction, scores: Floats) -> Prediction:
        """Return the blended probabilities; ``scores`` are the encoder's, row by row."""
        return prediction(
            _logit(flat(by_words)) * self.linear + _logit(meant(scores)) * self.encoder + self.shift
        )

    def save(self, path: Path) -> None:
        """Write the blend as JSON."""
        table = {
            head: [round(float(value), 4) for value in values]
            for head, *values in zip(self.heads, self.linear, self.encoder, self.shift, strict=True)
        }
        content = {"heads": table, "thresholds": dict(self.thresholds)}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, heads: Sequence[str]) -> Blend:
        """Read a blend; raises ``ConfigError`` if it is missing, changed or for other heads."""
        state = json.loads(sealed_bytes(path))
        if list(state["heads"]) != list(heads):
            raise ConfigError(f"Tệp {path} không khớp với các mô hình bên cạnh.", mend=MEND)
        linear, encoder, shift = np.array(list(state["heads"].values()), dtype=np.float32).T
        return cls(tuple(heads), linear, encoder, shift, state["thresholds"])


def fit_blend(
    heads: Sequence[str], by_words: Prediction, scores: Floats, labels: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return ``(linear, encoder, shift)`` a head, fitted on rows neither reader had learnt from.

    ``labels`` has shape (rows, heads), NaN where a row has no answer for a head.
    """
    first, second = _logit(flat(by_words)), _logit(meant(scores))
    out = np.zeros((3, len(heads)), dtype=np.float32)
    for group in _GROUPS:
        columns = [at for at, head in enumerate(heads) if _group(head) == group]
        apart = np.eye(len(columns)) if group == "risk" else np.zeros((len(columns), 0))
        rows = [
            (np.column_stack([first[ok, at], second[ok, at], np.tile(apart[k], (ok.sum(), 1))]),
             labels[ok, at])
            for k, at in enumerate(columns)
            for ok in [~np.isnan(labels[:, at])]
        ]  # fmt: skip
        x, y = np.vstack([a for a, _ in rows]), np.concatenate([b for _, b in rows])
        line = LogisticRegression(C=1.0).fit(x, y)
        a, b, *own = line.coef_[0]
        if min(a, b) < 0:  # a reader is never believed backwards
            keep = 1 if a < 0 else 0
            line = LogisticRegression(C=1.0).fit(np.delete(x, 1 - keep, axis=1), y)
            one, *own = line.coef_[0]
            a, b = (0.0, one) if keep else (one, 0.0)
        for k, at in enumerate(columns):
            out[:, at] = a, b, line.intercept_[0] + (own[k] if own else 0.0)
    return out[0], out[1], out[2]


def flat(predicted: Prediction) -> Floats:
    """Return probabilities with one column a head, as ``models.head_names`` orders them."""
    at_least = np.cumsum(predicted.risk[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return np.column_stack(
        [predicted.education, predicted.foreign, predicted.sentiment, predicted.topics, at_least]
    ).astype(np.float32)


def meant(scores: Floats) -> Floats:
    """Return the encoder's own probabilities from its raw scores, one column a head."""
    with np.errstate(over="ignore"):
        p = 1.0 / (1.0 + np.exp(-scores))
    tones = np.exp(scores[:, 2:5] - scores[:, 2:5].max(axis=1, keepdims=True))
    p[:, 2:5] = tones / tones.sum(axis=1, keepdims=True)
    return p.astype(np.float32)


def prediction(logits: Floats) -> Prediction:
    """Return probabilities from blended log odds of shape (rows, heads)."""
    with np.errstate(over="ignore"):
        p = (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
    tones = p[:, 2:5] / p[:, 2:5].sum(axis=1, keepdims=True)
    return Prediction(p[:, 0], p[:, 1], tones, p[:, 5:-3], levels(p[:, -3:]))


def _logit(p: Floats) -> NDArray[np.float32]:
    p = np.clip(p, _LEAST, 1 - _LEAST)
    return np.log(p / (1 - p)).astype(np.float32)


def _group(head: str) -> str:
    return next(group for group in _GROUPS if head.startswith(group))
