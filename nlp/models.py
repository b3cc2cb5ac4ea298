"""The shipped linear models: relevance, scope, sentiment, topics and risk in one matrix product.

One sparse row times one dense matrix gives every score of an item, so reading everything that
comes in stays cheap. The weights file holds arrays only: loading it can run no code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import skops.io
from numpy.typing import NDArray

from langnghe.core.errors import ConfigError
from nlp.features import Vocabulary

Floats = NDArray[np.float32]
SENTIMENTS = ("neg", "neu", "pos")
DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "linear.skops"
FORMAT = 1
UNLEARNT = np.float32(-6.0)  # bias of a head that had too few examples
# Types skops may rebuild from a weights file. Arrays, numbers and text need no trust at all.
TRUSTED: tuple[str, ...] = ()


def head_names(topics: Sequence[str]) -> list[str]:
    """Return the names of the score columns, in order."""
    return [
        "education",
        "foreign",
        *(f"sentiment:{name}" for name in SENTIMENTS),
        *(f"topic:{name}" for name in topics),
        "risk>=1",
        "risk>=2",
        "risk>=3",
    ]


def phrase_probability(found: set[str], topic: str) -> float:
    """Return how likely a topic is by its phrases alone, given the features of one item."""
    if f"§{topic}:strong" not in found:
        return 0.02
    if "§+prevent:weak" in found:
        return 0.15
    # In the headline or lead of a school item such a phrase is rarely an aside.
    return 0.7 if f"§t:{topic}:strong" in found else 0.5


class Prediction(NamedTuple):
    """Calibrated probabilities of a batch; row i belongs to item i."""

    education: Floats
    foreign: Floats
    sentiment: Floats
    topics: Floats
    risk: Floats

    def rows(self, which: Sequence[int]) -> Prediction:
        """Return the prediction of some of the items."""
        return Prediction(*(part[list(which)] for part in self))


def levels(at_least: Floats) -> Floats:
    """Return the probability of each risk from 0 to 3, given those of reaching 1, 2 and 3."""
    falling = np.minimum.accumulate(at_least, axis=1)
    return np.abs(np.diff(falling, axis=1, prepend=1.0, append=0.0))  # falling: no sign lost


@dataclass(frozen=True)
class LinearModels:
    """Weights with their calibration and thresholds.

    ``coef`` has shape (features, heads); ``slope`` and ``shift`` turn a score into a probability;
    ``phrase_weight`` (topics) is how much its phrases add to a topic with few examples;
    ``thresholds`` maps a head's name to the probability from which it counts (for sentiment: a
    factor on its probability).
    """

    vocabulary: Vocabulary
    topics: tuple[str, ...]
    coef: Floats
    bias: Floats
    slope: Floats
    shift: Floats
    phrase_weight: Floats
    thresholds: Mapping[str, float]
    lexicon_version: str

    @cached_property
    def version(self) -> str:
        """Return the hash of everything that shapes a score."""
        state = blake2b(digest_size=6)
        small = (self.bias, self.slope, self.shift, self.phrase_weight)
        for part in (self.coef.astype(np.float16).tobytes(), *(array.tobytes() for array in small)):
            state.update(part)
        state.update("\n".join(self.vocabulary.words).encode())
        state.update(repr(sorted(self.thresholds.items())).encode())
        return state.hexdigest()

    def predict(self, present: Sequence[set[str]]) -> Prediction:
        """Return the probabilities of items given as feature sets (see ``features.names``)."""
        return self.calibrate(self.vocabulary.matrix(present) @ self.coef + self.bias, present)

    def calibrate(self, scores: Floats, present: Sequence[set[str]]) -> Prediction:
        """Return probabilities from raw scores of shape (items, heads).

        A topic with few or no examples leans on the phrases of the taxonomy (noisy or).
        """
        with np.errstate(over="ignore"):
            p = 1.0 / (1.0 + np.exp(-(scores * self.slope + self.shift)))
        sentiment = p[:, 2:5] / p[:, 2:5].sum(axis=1, keepdims=True)
        for at, topic in enumerate(self.topics):
            if self.phrase_weight[at] > 0:
                by_phrase = np.array([phrase_probability(found, topic) for found in present])
                p[:, 5 + at] = 1 - (1 - p[:, 5 + at]) * (1 - self.phrase_weight[at] * by_phrase)
        return Prediction(p[:, 0], p[:, 1], sentiment, p[:, 5:-3], levels(p[:, -3:]))

    def evidence(self, found: set[str], topic: str) -> dict[str, float]:
        """Return the features of one item that speak for a topic, with their share of the score."""
        known = sorted(self.vocabulary.positions(found).items())
        column = 5 + self.topics.index(topic)
        share = {w: float(self.vocabulary.idf[at] * self.coef[at, column]) for w, at in known}
        return {word: value for word, value in share.items() if value > 0}

    def save(self, path: Path) -> None:
        """Write the weights as a skops file of plain arrays."""
        state = {
            "format": FORMAT,
            "words": np.frombuffer("\n".join(self.vocabulary.words).encode(), dtype=np.uint8),
            "idf": self.vocabulary.idf,
            "topics": list(self.topics),
            "coef": self.coef.astype(np.float16),
            "bias": self.bias,
            "slope": self.slope,
            "shift": self.shift,
            "phrase_weight": self.phrase_weight,
            "thresholds": dict(self.thresholds),
            "lexicon_version": self.lexicon_version,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        skops.io.dump(state, path, compression=8, compresslevel=9)

    @classmethod
    def load(cls, path: Path = DEFAULT_WEIGHTS) -> LinearModels:
        """Read weights; raises ``ConfigError`` for a missing, foreign or distrusted file."""
        mend = "Cài lại langnghe, hoặc chạy “langnghe train” để huấn luyện lại."
        try:
            if foreign := set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED):
                raise ConfigError(
                    f"Tệp mô hình {path} chứa kiểu dữ liệu lạ nên không được nạp: "
                    f"{', '.join(sorted(foreign))}.",
                    mend=mend,
                )
            state = skops.io.load(path, trusted=list(TRUSTED))
            if state["format"] != FORMAT:
                raise ConfigError(f"Tệp mô hình {path} thuộc phiên bản khác.", mend=mend)
            words = state["words"].tobytes().decode().split("\n")
            return cls(
                vocabulary=Vocabulary(words, state["idf"]),
                topics=tuple(state["topics"]),
                coef=state["coef"].astype(np.float32),
                bias=state["bias"],
                slope=state["slope"],
                shift=state["shift"],
                phrase_weight=state["phrase_weight"],
                thresholds=state["thresholds"],
                lexicon_version=state["lexicon_version"],
            )
        except (OSError, BadZipFile, KeyError, TypeError, AttributeError, ValueError) as error:
            raise ConfigError(f"Không đọc được tệp mô hình {path}.", mend=mend) from error
