"""Training of the shipped linear models, from labelled rows to a weights file with its card.

Everything that is tuned (calibration, thresholds) is tuned on scores a row got from models that
had not seen it or any near-copy of it. A dev file, if given, is only looked at to report.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from langnghe.core.errors import InputError
from langnghe.core.types import Item
from nlp.card import write_card
from nlp.evaluate import evaluate
from nlp.features import Matrix, Vocabulary, names, view
from nlp.labels import Labelled, read_labelled
from nlp.lexicon import Lexicon, taxonomy
from nlp.models import SENTIMENTS, UNLEARNT, Floats, LinearModels, head_names
from nlp.noise import FORMS
from nlp.reader import Reader
from nlp.tuning import platt, thresholds

SEED = 118
FOLDS = 5
LEAST_ROWS = 40
MIN_POSITIVES = 8  # below this a topic is left to the phrases of the taxonomy alone
FEW_POSITIVES = 60  # below this they help it
PHRASE_HELP = 0.6
KEPT_FEATURES = 60_000
COPY_WEIGHT = 0.5
LEXICON_WEIGHT = 2.0  # phrases chosen by people are worth more than words that happen to differ
NEAR_COPY = 0.5
_STRENGTH = {"education": 20.0, "foreign": 20.0, "sentiment": 10.0, "topic": 20.0, "risk": 10.0}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Data:
    """Labels of every head, shape (rows, heads); NaN where a row must not be learnt from."""

    labels: Floats
    heads: list[str]
    groups: NDArray[np.intp]


def train(
    train_path: Path,
    out: Path,
    *,
    progress: Progress = lambda message: None,
    dev_path: Path | None = None,
    source_note: str = "",
) -> dict[str, Any]:
    """Train on one labelled JSONL file and write ``out/linear.skops`` and ``out/CARD.md``.

    Returns the report written into the card: row counts, figures of grouped cross-validation, and
    of the dev file if given. Same rows, same seed, same weights. Raises ``InputError`` for a file
    that holds too little to learn from.
    """
    lexicon = taxonomy()
    progress("Đọc dữ liệu huấn luyện…")
    rows, bad = _read(train_path)
    present = [names(view(row.item, lexicon)) for row in rows]
    progress("Tạo bản sao thiếu dấu, viết tắt…")
    copies = [names(view(item, lexicon)) for item in _copies([row.item for row in rows])]
    progress("Gom các bài gần giống nhau…")
    data = _data(rows, present, lexicon)

    out_of_fold = np.zeros_like(data.labels)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    strata = [f"{row.about_education}{row.risk}" for row in rows]
    for number, (learn, test) in enumerate(folds.split(present, strata, data.groups), start=1):
        progress(f"Kiểm tra chéo, lượt {number}/{FOLDS}…")
        vocabulary = _vocabulary([present[i] for i in learn])
        coef, bias = _fit(vocabulary, present, copies, data, learn)
        out_of_fold[test] = vocabulary.matrix([present[i] for i in test]) @ coef + bias

    progress("Hiệu chỉnh xác suất và ngưỡng…")
    slope, shift = platt(out_of_fold, data.labels)
    progress("Huấn luyện trên toàn bộ dữ liệu…")
    vocabulary = _vocabulary(present)
    coef, bias = _fit(vocabulary, present, copies, data, np.arange(len(rows)))
    vocabulary, coef = _prune(vocabulary, coef)
    model = LinearModels(
        vocabulary=vocabulary,
        topics=lexicon.topics,
        coef=coef,
        bias=bias,
        slope=slope,
        shift=shift,
        phrase_weight=_phrase_weight(data, lexicon),
        thresholds={},
        lexicon_version=lexicon.version,
    )
    tuned, figures = thresholds(model.calibrate(out_of_fold, present), rows, lexicon.topics)
    model = replace(model, thresholds=tuned)
    model.save(out / "linear.skops")
    report: dict[str, Any] = {
        "rows": len(rows),
        "bad_lines": bad,
        "kinds": dict(Counter(row.item.kind for row in rows)),
        "positives": {
            name: int(np.nansum(data.labels[:, at])) for at, name in enumerate(data.heads)
        },
        "features": len(vocabulary),
        "seed": SEED,
        "cross_validation": figures,
        "version": model.version,
    }
    if dev_path is not None:
        progress("Đo trên tập dev…")
        reader = Reader.load(weights=out / "linear.skops")
        report["dev"] = evaluate(dev_path, reader).to_dict()
    write_card(out / "CARD.md", report, source_note)
    progress("Xong.")
    return report


def _read(path: Path) -> tuple[list[Labelled], list[int]]:
    rows: list[Labelled] = []
    bad: list[int] = []
    for number, row in read_labelled(path):
        if isinstance(row, InputError) or None in (
            row.about_education, row.scope, row.sentiment, row.topics, row.risk
        ):  # fmt: skip
            bad.append(number)
        else:
            rows.append(row)
    if len(rows) < LEAST_ROWS or len({row.about_education for row in rows}) < 2:
        raise InputError(
            f"Tệp {path} không đủ dữ liệu để huấn luyện ({len(rows)} dòng dùng được).",
            mend=f"Cần ít nhất {LEAST_ROWS} dòng đủ nhãn, có cả bài về giáo dục và bài khác.",
        )
    return rows, bad


def _copies(items: Sequence[Item]) -> Iterator[Item]:
    """Yield one copy an item, each in the next of the written forms."""
    dice = random.Random(SEED)  # noqa: S311 (repeatable on purpose, nothing secret)
    for position, item in enumerate(items):
        form = FORMS[position % len(FORMS)]
        yield replace(
            item,
            title=form(item.title, dice) if item.title else None,
            text=form(item.text, dice) if item.text else None,
        )


def _data(rows: Sequence[Labelled], present: Sequence[set[str]], lexicon: Lexicon) -> _Data:
    heads = head_names(lexicon.topics)
    labels = np.zeros((len(rows), len(heads)), dtype=np.float32)
    for position, row in enumerate(rows):
        answers = {
            "education": row.about_education,
            "foreign": row.scope == "foreign" if row.about_education else np.nan,
            **{f"sentiment:{name}": row.sentiment == name for name in SENTIMENTS},
            **{f"topic:{name}": name in (row.topics or ()) for name in lexicon.topics},
            **{f"risk>={level}": (row.risk or 0) >= level for level in (1, 2, 3)},
        }
        labels[position] = [float(answers[head] or 0.0) for head in heads]
    return _Data(labels, heads, near_copies(present))


def near_copies(present: Sequence[set[str]]) -> NDArray[np.intp]:
    """Return a group number a row; rows that share much of their word pairs share the number."""
    pairs = [
        {word for word in found if word.startswith("~") and " " in word and ":" not in word}
        for found in present
    ]
    matrix = _vocabulary(pairs).matrix(pairs)
    near = []
    for start in range(0, matrix.shape[0], 512):
        block = (matrix[start : start + 512] @ matrix.T).tocsr()
        block.data = (block.data > NEAR_COPY).astype(np.int8)
        block.eliminate_zeros()
        near.append(block)
    _, groups = sparse.csgraph.connected_components(sparse.vstack(near), directed=False)
    return np.asarray(groups, dtype=np.intp)


def _vocabulary(present: Sequence[set[str]]) -> Vocabulary:
    counts = Counter(word for found in present for word in found)
    words = sorted(word for word, count in counts.items() if count >= 2)
    rarity = [
        (np.log((1 + len(present)) / (1 + counts[word])) + 1)
        * (LEXICON_WEIGHT if word.startswith("§") else 1.0)
        for word in words
    ]
    return Vocabulary(words, np.asarray(rarity, dtype=np.float32))


def _fit(
    vocabulary: Vocabulary,
    present: Sequence[set[str]],
    copies: Sequence[set[str]],
    data: _Data,
    learn: NDArray[np.intp],
) -> tuple[Floats, Floats]:
    """Return ``(coef, bias)`` of shapes (features, heads) and (heads,)."""
    matrix: Matrix = sparse.vstack(
        [
            vocabulary.matrix([present[i] for i in learn]),
            vocabulary.matrix([copies[i] for i in learn]),
        ]
    ).tocsr()
    weight = np.repeat([1.0, COPY_WEIGHT], len(learn))
    coef = np.zeros((len(vocabulary), len(data.heads)), dtype=np.float32)
    bias = np.full(len(data.heads), UNLEARNT, dtype=np.float32)
    for column, head in enumerate(data.heads):
        labels = np.tile(data.labels[learn, column], 2)
        usable = ~np.isnan(labels)
        positives = np.nansum(labels) / 2
        if positives < MIN_POSITIVES or positives >= usable.sum() / 2:
            continue
        model = LogisticRegression(
            C=_STRENGTH[head.split(":")[0].split(">")[0]],
            solver="liblinear",
            class_weight="balanced",
            random_state=SEED,
        ).fit(matrix[usable], labels[usable], sample_weight=weight[usable])
        coef[:, column], bias[column] = model.coef_[0], model.intercept_[0]
    return coef, bias


def _phrase_weight(data: _Data, lexicon: Lexicon) -> Floats:
    rows = [np.nansum(data.labels[:, data.heads.index(f"topic:{name}")]) for name in lexicon.topics]
    steps = ((MIN_POSITIVES, 1.0), (FEW_POSITIVES, PHRASE_HELP), (np.inf, 0.0))
    weights = [next(weight for limit, weight in steps if count < limit) for count in rows]
    return np.asarray(weights, dtype=np.float32)


def _prune(vocabulary: Vocabulary, coef: Floats) -> tuple[Vocabulary, Floats]:
    """Keep the features that can move a score most; the rest is size without a say."""
    say = np.abs(coef).max(axis=1) * vocabulary.idf
    kept = np.sort(np.argsort(-say, kind="stable")[:KEPT_FEATURES])
    words = [vocabulary.words[at] for at in kept]
    return Vocabulary(words, vocabulary.idf[kept]), coef[kept]
