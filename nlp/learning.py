"""What the linear models learn and from what: vocabulary, labels a head, one fit a head."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from langnghe.core.types import Item
from nlp.features import Matrix, Vocabulary
from nlp.labels import Labelled
from nlp.lexicon import Lexicon
from nlp.models import SENTIMENTS, UNLEARNT, Floats, head_names
from nlp.noise import FORMS

SEED = 118
MIN_POSITIVES = 8  # below this a topic is left to the phrases of the taxonomy alone
FEW_POSITIVES = 60  # below this they help it
PHRASE_HELP = 0.6
KEPT_FEATURES = 36_000
COPY_WEIGHT = 0.5
LEXICON_WEIGHT = 2.0  # phrases chosen by people are worth more than words that happen to differ
NEAR_COPY = 0.5
_STRENGTH = {"education": 20.0, "foreign": 20.0, "sentiment": 10.0, "topic": 20.0, "risk": 10.0}


@dataclass(frozen=True)
class Lessons:
    """Labels of every head, shape (rows, heads), NaN where a row must not be learnt from.

    ``groups`` numbers near-copies alike; ``weight`` says how much each row counts.
    """

    labels: Floats
    heads: list[str]
    groups: NDArray[np.intp]
    weight: NDArray[np.float64]


def lessons(
    rows: Sequence[Labelled],
    present: Sequence[set[str]],
    lexicon: Lexicon,
    weight: NDArray[np.float64],
) -> Lessons:
    """Return what the labelled rows teach."""
    heads = head_names(lexicon.topics)
    labels = np.zeros((len(rows), len(heads)), dtype=np.float32)
    for position, row in enumerate(rows):
        # Invented posts tell of incidents far more often than real ones do: they must not teach
        # how alarming a post is likely to be.
        risk = np.nan if _invented(row) and row.item.kind == "comment" else row.risk or 0
        answers = {
            "education": row.about_education,
            "foreign": row.scope == "foreign" if row.about_education else np.nan,
            **{f"sentiment:{name}": row.sentiment == name for name in SENTIMENTS},
            **{f"topic:{name}": name in (row.topics or ()) for name in lexicon.topics},
            **{
                f"risk>={level}": np.nan if np.isnan(risk) else risk >= level for level in (1, 2, 3)
            },
        }
        labels[position] = [float(answers[head] or 0.0) for head in heads]
    return Lessons(labels, heads, near_copies(present), weight)


def _invented(row: Labelled) -> bool:
    return bool((row.raw or {}).get("learn_only"))


def copies(items: Sequence[Item], lap: int) -> Iterator[Item]:
    """Yield one copy an item, each in another of the written forms; every lap writes anew."""
    dice = random.Random(SEED + lap)  # noqa: S311 (repeatable on purpose, nothing secret)
    for position, item in enumerate(items):
        form = FORMS[(position + lap) % len(FORMS)]
        yield replace(
            item,
            title=form(item.title, dice) if item.title else None,
            text=form(item.text, dice) if item.text else None,
        )


def near_copies(present: Sequence[set[str]]) -> NDArray[np.intp]:
    """Return a group number a row; rows that share much of their word pairs share the number."""
    pairs = [
        {word for word in found if word.startswith("~") and " " in word and ":" not in word}
        for found in present
    ]
    matrix = normalize(vocabulary_of(pairs).matrix(pairs))
    near = []
    for start in range(0, matrix.shape[0], 512):
        block = (matrix[start : start + 512] @ matrix.T).tocsr()
        block.data = (block.data > NEAR_COPY).astype(np.int8)
        block.eliminate_zeros()
        near.append(block)
    _, groups = sparse.csgraph.connected_components(sparse.vstack(near), directed=False)
    return np.asarray(groups, dtype=np.intp)


def vocabulary_of(present: Sequence[set[str]]) -> Vocabulary:
    """Return the features that occur in two rows at least, weighted by rarity."""
    counts = Counter(word for found in present for word in found)
    words = sorted(word for word, count in counts.items() if count >= 2)
    rarity = [
        (np.log((1 + len(present)) / (1 + counts[word])) + 1)
        * (LEXICON_WEIGHT if word.startswith("§") else 1.0)
        for word in words
    ]
    return Vocabulary(words, np.asarray(rarity, dtype=np.float32))


def fit(
    vocabulary: Vocabulary,
    present: Sequence[set[str]],
    copied: Sequence[Sequence[set[str]]],
    data: Lessons,
    learn: NDArray[np.intp],
) -> tuple[Floats, Floats]:
    """Return ``(coef, bias)`` of shapes (features, heads) and (heads,), learnt from some rows."""
    laps = [present, *copied]
    matrix: Matrix = sparse.vstack(
        [vocabulary.matrix([lap[i] for i in learn]) for lap in laps]
    ).tocsr()
    weight = np.concatenate(
        [
            data.weight[learn] * (COPY_WEIGHT / len(copied) if lap else 1.0)
            for lap in range(len(laps))
        ]
    )
    coef = np.zeros((len(vocabulary), len(data.heads)), dtype=np.float32)
    bias = np.full(len(data.heads), UNLEARNT, dtype=np.float32)
    for column, head in enumerate(data.heads):
        labels = np.tile(data.labels[learn, column], len(laps))
        usable = ~np.isnan(labels)
        positives = np.nansum(labels) / len(laps)
        if positives < MIN_POSITIVES or positives >= usable.sum() / len(laps):
            continue
        model = LogisticRegression(
            C=_STRENGTH[head.split(":")[0].split(">")[0]],
            solver="liblinear",
            class_weight="balanced",
            random_state=SEED,
        ).fit(matrix[usable], labels[usable], sample_weight=weight[usable])
        coef[:, column], bias[column] = model.coef_[0], model.intercept_[0]
    return coef, bias


def phrase_weights(data: Lessons, lexicon: Lexicon) -> Floats:
    """Return how much the phrases of the taxonomy help each topic: all where rows are few."""
    rows = [np.nansum(data.labels[:, data.heads.index(f"topic:{name}")]) for name in lexicon.topics]
    steps = ((MIN_POSITIVES, 1.0), (FEW_POSITIVES, PHRASE_HELP), (np.inf, 0.0))
    weights = [next(weight for limit, weight in steps if count < limit) for count in rows]
    return np.asarray(weights, dtype=np.float32)


def prune(vocabulary: Vocabulary, coef: Floats) -> tuple[Vocabulary, Floats]:
    """Keep the features that can move a score most; the rest is size without a say."""
    say = np.abs(coef).max(axis=1) * vocabulary.idf
    kept = np.sort(np.argsort(-say, kind="stable")[:KEPT_FEATURES])
    words = [vocabulary.words[at] for at in kept]
    return Vocabulary(words, vocabulary.idf[kept]), coef[kept]
