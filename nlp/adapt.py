"""Learn from an officer's corrections alone: start from the shipped weights and move little.

The labelled rows behind the shipped model do not come with the product, so what it knows is kept
in two other ways: weights are pulled towards where they were, and texts nobody corrected are held
to what the model said of them before. Only weights of words in corrected texts can move, and no new
word enters the model. Pure and without chance: the same rows give the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from langnghe.core.text import strip_marks
from langnghe.core.types import Item
from nlp.blend import BLEND, Blend, post_share
from nlp.encoder import MODEL, Encoder
from nlp.features import Matrix, Vocabulary, names, view
from nlp.labels import Labelled
from nlp.lexicon import taxonomy
from nlp.models import SENTIMENTS, Floats, LinearModels, head_names
from nlp.reader import LOOK_AGAIN_FROM

MAX_ANCHORS = 1_000
_FREEDOM = 40.0  # how far corrected rows may pull the weights; more mends more and moves more
_ANCHOR = 0.5  # weight of a text held in place, beside 1 for a corrected one
_COPY = 0.5  # weight of the copies without marks
_EDGE = 1e-4
_LEAST_SAY = 0.15  # a blend that hears the linear models less than this cannot be mended by them
_LEXICON_WEIGHT = 2.0  # by which training raises the rarity of a phrase of the taxonomy

Numbers = NDArray[np.float64]
Progress = Callable[[str], None]


class Scores(Protocol):
    """The second reader, whose weights do not move: the encoder, or a fake of it."""

    def scores(self, items: Sequence[Item]) -> Floats:
        """Return raw scores of shape (items, heads)."""
        ...


@dataclass(frozen=True)
class Adapted:
    """The new model and how far it went: ``moved`` is the mean change of a held probability."""

    model: LinearModels
    corrected: int
    anchors: int
    heads: tuple[str, ...]
    moved: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "version": self.model.version,
            "corrected": self.corrected,
            "anchors": self.anchors,
            "heads": list(self.heads),
            "moved": round(self.moved, 5),
        }


def adapt(
    base: LinearModels,
    rows: Sequence[Labelled],
    anchors: Sequence[Item],
    *,
    second: tuple[Scores, Blend] | None = None,
    progress: Progress = lambda message: None,
) -> Adapted:
    """Return ``base`` moved towards ``rows``; a field of a row that is ``None`` teaches nothing.

    ``anchors`` are texts nobody corrected; their readings are to stay. ``second`` is the reader
    that ``base`` is blended with: the blended answer is then what is set right, by moving ``base``
    alone. Without rows the model comes back as it was.
    """
    lexicon = taxonomy()
    held = list(anchors)[:MAX_ANCHORS]
    progress(f"Đọc {len(rows)} tin đã chỉnh và {len(held)} tin để giữ nguyên…")
    items = [*(row.item for row in rows), *(_unmarked(row.item) for row in rows), *held]
    present = [names(view(item, lexicon)) for item in items]
    matrix = base.vocabulary.matrix(present)
    odds = _odds(base, items, present, matrix, second)
    heads = head_names(base.topics)
    answers = np.full((len(items), len(heads)), np.nan, dtype=np.float32)
    answers[: 2 * len(rows)] = np.tile(_answers(rows, heads), (2, 1))
    weight = np.repeat([1.0, _COPY, 0.0], [len(rows), len(rows), len(held)])
    say = np.ones(len(heads)) if second is None else np.maximum(second[1].linear, _LEAST_SAY)
    free = _freedom(base.vocabulary)
    coef = base.coef.copy()
    learnt: list[str] = []
    for column, head in enumerate(heads):
        # Corrected texts that say nothing of this head are held in place like the others.
        told = ~np.isnan(answers[:, column])
        if not told.any():
            continue
        progress(f"Học: {head}")
        slope = float(base.slope[column])
        problem = _Problem.of(
            matrix, told, odds[:, column], answers[told, column], weight[told], free, slope
        )
        delta = _move(problem) / say[column]
        if np.abs(delta).max(initial=0.0) > 0:
            coef[problem.columns, column] += delta.astype(np.float32)
            learnt.append(head)
    model = replace(base, coef=coef)
    moved = _moved(base, model, matrix[2 * len(rows) :])
    return Adapted(model, len(rows), len(held), tuple(learnt), moved)


def second_reader(folder: Path, base: LinearModels) -> tuple[Scores, Blend] | None:
    """Return the encoder and blend beside some linear weights, if there are any.

    Raises ``ConfigError`` for ones that cannot be read.
    """
    if not (folder / MODEL).is_file() or not (folder / BLEND).is_file():
        return None
    return Encoder.load(folder), Blend.load(folder / BLEND, head_names(base.topics))


def _odds(
    base: LinearModels,
    items: Sequence[Item],
    present: Sequence[set[str]],
    matrix: Matrix,
    second: tuple[Scores, Blend] | None,
) -> Numbers:
    """Return what is told now as log odds of shape (items, heads).

    They are counted from each head's threshold, so that 0 is where the decision turns.
    """
    heads = head_names(base.topics)
    raw = np.asarray(matrix @ base.coef, dtype=np.float64) + base.bias
    odds = np.asarray(raw * base.slope + base.shift - _edges(base.thresholds, heads))
    if second is None or not items:
        return odds
    encoder, blend = second
    told = base.predict(present)
    again = np.flatnonzero(told.education >= LOOK_AGAIN_FROM).tolist()
    if again:
        chosen = [items[at] for at in again]
        posts = [post_share(item) for item in chosen]
        mixed = blend.odds(told.rows(again), encoder.scores(chosen), posts)
        odds[again] = mixed - _edges(blend.thresholds, heads)
    return odds


@dataclass(frozen=True)
class _Problem:
    """One head: rows to be read otherwise and rows to be read as before, with their log odds."""

    taught: Matrix
    at: Numbers
    truth: Numbers
    weight: Numbers
    held: Matrix
    held_at: Numbers
    held_weight: Numbers
    columns: NDArray[np.intp]
    free: Numbers
    slope: float

    @classmethod
    def of(
        cls,
        matrix: Matrix,
        told: NDArray[np.bool_],
        odds: Numbers,
        truth: Floats,
        weight: Numbers,
        free: Numbers,
        slope: float,
    ) -> _Problem:
        taught, held, held_at = matrix[told], matrix[~told], odds[~told]
        columns = np.unique(taught.indices).astype(np.intp)
        sure = 2 * np.abs(_sigmoid(held_at) - 0.5)
        # What resembles a corrected text may carry the same mistake: it is not held as firmly.
        near = (held @ taught.T).max(axis=1).toarray().ravel() if held.shape[0] else np.zeros(0)
        scale = sparse.diags(free[columns])
        return cls(
            taught=taught[:, columns] @ scale,
            at=odds[told],
            truth=truth.astype(np.float64),
            weight=weight,
            held=held[:, columns] @ scale,
            held_at=held_at,
            held_weight=_ANCHOR * sure * (1 - np.clip(near, 0, 1)) ** 2,
            columns=columns,
            free=free[columns],
            slope=slope,
        )


def _move(problem: _Problem) -> Numbers:
    """Return the change of one head's weights at ``problem.columns``."""
    goal = _sigmoid(problem.held_at)

    def cost(delta: Numbers) -> tuple[float, Numbers]:
        odds = problem.at + problem.slope * (problem.taught @ delta)
        still = problem.held_at + problem.slope * (problem.held @ delta)
        loss = (
            (problem.weight * _entropy(problem.truth, odds)).sum()
            + (problem.held_weight * _entropy(goal, still)).sum()
            + (delta @ delta) / (2 * _FREEDOM)
        )
        pull = problem.weight * (_sigmoid(odds) - problem.truth)
        hold = problem.held_weight * (_sigmoid(still) - goal)
        slope = problem.slope * (problem.taught.T @ pull + problem.held.T @ hold)
        return float(loss), np.asarray(slope + delta / _FREEDOM)

    start = np.zeros(len(problem.columns))
    found = optimize.minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x * problem.free)


def _freedom(vocabulary: Vocabulary) -> Numbers:
    """Return how freely each weight may move, 0..1: a word of every text not, a rare one wholly.

    Without this the mistake of a few texts would be put down to «trường» and move all others.
    """
    lexical = np.array([word.startswith("§") for word in vocabulary.words], dtype=np.bool_)
    rarity = vocabulary.idf.astype(np.float64) / np.where(lexical, _LEXICON_WEIGHT, 1.0) - 1.0
    free = np.clip(rarity / max(float(rarity.max(initial=0.0)), 1e-9), 0.0, 1.0)
    free[[word.startswith("=") for word in vocabulary.words]] = 0.0
    return np.asarray(free)


def _answers(rows: Sequence[Labelled], heads: Sequence[str]) -> Floats:
    """Return what is true of each row and head, NaN where nobody said; shape (rows, heads)."""
    table = np.full((len(rows), len(heads)), np.nan, dtype=np.float32)
    for at, row in enumerate(rows):
        # What is not about education has no topic and no risk, whether or not that was said too.
        topics = frozenset[str]() if row.about_education is False else row.topics
        risk = 0 if row.about_education is False else row.risk
        answers: dict[str, float | bool | None] = {"education": row.about_education}
        if row.scope is not None and row.about_education:
            answers["foreign"] = row.scope == "foreign"
        if row.sentiment is not None:
            answers |= {f"sentiment:{name}": row.sentiment == name for name in SENTIMENTS}
        if risk is not None:
            answers |= {f"risk>={level}": risk >= level for level in (1, 2, 3)}
        for column, head in enumerate(heads):
            kind, _, name = head.partition(":")
            if kind == "topic" and topics is not None:
                table[at, column] = name in topics
            elif (value := answers.get(head)) is not None:
                table[at, column] = float(value)
    return table


def _unmarked(item: Item) -> Item:
    return replace(
        item, title=strip_marks(item.title or "") or None, text=strip_marks(item.text or "") or None
    )


def _edges(thresholds: Mapping[str, float], heads: Sequence[str]) -> Numbers:
    """Return the log odds from which each head counts (tones are weighed against each other: 0)."""
    kinds = [head.partition(":")[0] for head in heads]
    p = [0.5 if kind == "sentiment" else float(thresholds.get(kind, 0.5)) for kind in kinds]
    return _logit(np.asarray(p))


def _moved(base: LinearModels, model: LinearModels, kept: Matrix) -> float:
    if not kept.shape[0]:
        return 0.0
    before, after = (
        _sigmoid((kept @ one.coef + one.bias) * one.slope + one.shift) for one in (base, model)
    )
    return float(np.abs(after - before).mean())


def _logit(p: NDArray[np.floating[Any]]) -> Numbers:
    sure = np.clip(np.asarray(p, dtype=np.float64), _EDGE, 1 - _EDGE)
    return np.asarray(np.log(sure / (1 - sure)))


def _sigmoid(odds: Numbers) -> Numbers:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -40, 40))))


def _entropy(truth: Numbers, odds: Numbers) -> Numbers:
    """Return the cross entropy of each row, without overflow."""
    return np.asarray(np.logaddexp(0.0, odds) - truth * odds)
