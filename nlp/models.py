"""The shipped linear models: relevance, scope, sentiment, topics and risk in one matrix product.

One sparse row times one dense matrix gives every score of an item, so reading everything that
comes in stays cheap. The weights file holds arrays only: loading it can run no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from langnghe.core.errors import ConfigError
from nlp.checked import MEND, check_arrays, seal, sealed_bytes
from nlp.features import Vocabulary

Floats = NDArray[np.float32]
SENTIMENTS = ("neg", "neu", "pos")
DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "linear.npz"
FORMAT = 2
UNLEARNT = np.float32(-6.0)  # bias of a head that had too few examples
_ARRAYS = ("idf", "coef", "bias", "slope", "shift", "phrase_weight")


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

    def save(self, path: Path) -> None:
        """Write the weights as plain arrays and enter them in the manifest beside them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                format=np.array([FORMAT]),
                words=_letters(self.vocabulary.words),
                idf=self.vocabulary.idf,
                topics=_letters(self.topics),
                coef=self.coef.astype(np.float16),
                bias=self.bias,
                slope=self.slope,
                shift=self.shift,
                phrase_weight=self.phrase_weight,
                threshold_names=_letters(self.thresholds),
                threshold_values=np.array(list(self.thresholds.values()), dtype=np.float64),
                lexicon_version=_letters([self.lexicon_version]),
            )
        seal(path)

    @classmethod
    def load(cls, path: Path = DEFAULT_WEIGHTS) -> LinearModels:
        """Read weights; raises ``ConfigError`` for a missing, changed, foreign or odd file."""
        content = sealed_bytes(path)
        try:
            with np.load(BytesIO(content), allow_pickle=False) as state:
                if state["format"].tolist() != [FORMAT]:
                    raise ConfigError(f"Tệp mô hình {path} thuộc phiên bản khác.", mend=MEND)
                words, topics = _words(state["words"]), tuple(_words(state["topics"]))
                heads = (len(head_names(topics)),)
                arrays = {name: state[name] for name in _ARRAYS}
                check_arrays(
                    path,
                    {
                        "idf": (arrays["idf"], (len(words),)),
                        "coef": (arrays["coef"], (len(words), *heads)),
                        **{name: (arrays[name], heads) for name in ("bias", "slope", "shift")},
                        "phrase_weight": (arrays["phrase_weight"], (len(topics),)),
                    },
                )
                names, values = _words(state["threshold_names"]), state["threshold_values"]
                return cls(
                    vocabulary=Vocabulary(words, arrays["idf"]),
                    topics=topics,
                    coef=arrays["coef"].astype(np.float32),
                    bias=arrays["bias"],
                    slope=arrays["slope"],
                    shift=arrays["shift"],
                    phrase_weight=arrays["phrase_weight"],
                    thresholds=dict(zip(names, values.tolist(), strict=True)),
                    lexicon_version="".join(_words(state["lexicon_version"])),
                )
        except (OSError, BadZipFile, KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"Không đọc được tệp mô hình {path}.", mend=MEND) from error


def _letters(words: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


def _words(letters: NDArray[np.uint8]) -> list[str]:
    return letters.tobytes().decode().split("\n")
