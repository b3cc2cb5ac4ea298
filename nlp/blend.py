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

from langnghe.core.errors import ConfigError
from langnghe.core.types import Item
from nlp.checked import MEND, sealed_bytes
from nlp.models import Floats, Prediction, levels

BLEND = "blend.json"
ALONE = 0.5  # of the shift for posts; posts of their own were too few among real rows to learn it
_LEAST = 1e-5


@dataclass(frozen=True)
class Blend:
    """A weight for each reader and a shift a head, with the thresholds for the blended answer.

    ``post`` is a further shift for readers' posts, where frightening words are mostly opinion.
    """

    heads: tuple[str, ...]
    linear: Floats
    encoder: Floats
    shift: Floats
    post: Floats
    thresholds: Mapping[str, float]

    @cached_property
    def version(self) -> str:
        """Return the hash of everything that shapes an answer."""
        state = blake2b(digest_size=6)
        for part in (self.linear, self.encoder, self.shift, self.post):
            state.update(np.round(part, 4).astype(np.float32).tobytes())
        state.update(repr(sorted(self.thresholds.items())).encode())
        return state.hexdigest()

    def odds(self, by_words: Prediction, scores: Floats, posts: Sequence[float]) -> Floats:
        """Return blended log odds, one column a head.

        ``scores`` are the encoder's, ``posts`` is ``post_share`` of each item, row by row.
        """
        told = logit(flat(by_words)) * self.linear + logit(meant(scores)) * self.encoder
        return told + self.shift + np.outer(posts, self.post).astype(np.float32)

    def mix(self, by_words: Prediction, scores: Floats, posts: Sequence[float]) -> Prediction:
        """Return the blended probabilities (arguments as ``odds``)."""
        return prediction(self.odds(by_words, scores, posts))

    def save(self, path: Path) -> None:
        """Write the blend as JSON."""
        table = {
            head: [round(float(value), 4) for value in values]
            for head, *values in zip(
                self.heads, self.linear, self.encoder, self.shift, self.post, strict=True
            )
        }
        content = {"heads": table, "thresholds": dict(self.thresholds)}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, heads: Sequence[str]) -> Blend:
        """Read a blend; raises ``ConfigError`` if it is missing, changed or for other heads."""
        state = json.loads(sealed_bytes(path))
        if list(state["heads"]) != list(heads):
            raise ConfigError(f"Tệp {path} không khớp với các mô hình bên cạnh.", mend=MEND)
        columns = np.array(list(state["heads"].values()), dtype=np.float32).T
        if columns.shape != (4, len(heads)):
            raise ConfigError(f"Tệp {path} thuộc phiên bản khác.", mend=MEND)
        linear, encoder, shift, post = columns
        return cls(tuple(heads), linear, encoder, shift, post, state["thresholds"])


def post_share(item: Item) -> float:
    """Return how far an item is read as a post: 1 below a headline, ``ALONE`` by itself, 0 news."""
    if item.kind != "comment":
        return 0.0
    return 1.0 if item.title else ALONE


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


def logit(p: Floats) -> Floats:
    """Return log odds of probabilities, bounded so that certainty stays finite."""
    p = np.clip(p, _LEAST, 1 - _LEAST)
    odds: Floats = np.log(p / (1 - p)).astype(np.float32)
    return odds
