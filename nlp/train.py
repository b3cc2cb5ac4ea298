"""Training of the shipped linear models, from labelled rows to a weights file with its card.

Calibration rests on scores a row got from models that had not seen it or any near-copy of it. A dev
file, if given, is only looked at to report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from langnghe.core.errors import InputError
from nlp.blend import BLEND, post_share
from nlp.card import write_card
from nlp.checked import seal
from nlp.decide import THRESHOLDS
from nlp.encoder import MODEL, Encoder
from nlp.evaluate import evaluate
from nlp.features import names, view
from nlp.labels import Labelled, read_labelled
from nlp.learning import SEED, Lessons, copies, fit, lessons, phrase_weights, prune, vocabulary_of
from nlp.lexicon import Lexicon, taxonomy
from nlp.models import Floats, LinearModels, Prediction
from nlp.reader import Reader
from nlp.tuning import fit_blend, platt, told_figures

FOLDS = 5
LAPS = 2
LEAST_ROWS = 40
CORRECTION_WEIGHT = 3.0  # an officer's word about our own town outweighs an old headline
HELD_OUT = Path(__file__).parent / "training" / "held_out.txt"

Progress = Callable[[str], None]


def train(
    train_path: Path | Sequence[Path],
    out: Path,
    *,
    progress: Progress = lambda message: None,
    dev_path: Path | None = None,
    source_note: str = "",
    extra: Sequence[Labelled] = (),
) -> dict[str, Any]:
    """Train on labelled JSONL files and write ``out/linear.npz`` and ``out/CARD.md``.

    ``extra`` are rows a person corrected: they count threefold. Rows marked ``learn_only``
    (invented texts) are learnt but never used to tune or measure. If ``out`` holds an encoder, how
    far it and the linear models are believed is fitted anew and written to ``out/blend.json``.
    Returns the report written into the card. Same rows, same seed, same weights. Raises
    ``InputError`` for files that hold too little to learn from.
    """
    lexicon = taxonomy()
    progress("Đọc dữ liệu huấn luyện…")
    rows, bad = _read([train_path] if isinstance(train_path, Path) else train_path)
    weight = np.concatenate([np.ones(len(rows)), np.full(len(extra), CORRECTION_WEIGHT)])
    rows += extra
    present = [names(view(row.item, lexicon)) for row in rows]
    progress("Tạo bản sao thiếu dấu, viết tắt…")
    items = [row.item for row in rows]
    copied = [[names(view(item, lexicon)) for item in copies(items, lap)] for lap in range(LAPS)]
    progress("Gom các bài gần giống nhau…")
    data = lessons(rows, present, lexicon, weight)
    judged = np.array([not (row.raw or {}).get("learn_only") for row in rows])

    out_of_fold = _cross_validate(rows, present, copied, data, progress)
    progress("Hiệu chỉnh xác suất và ngưỡng…")
    slope, shift = platt(out_of_fold[judged], data.labels[judged])
    progress("Huấn luyện trên toàn bộ dữ liệu…")
    vocabulary = vocabulary_of(present)
    coef, bias = fit(vocabulary, present, copied, data, np.arange(len(rows)))
    vocabulary, coef = prune(vocabulary, coef)
    model = LinearModels(
        vocabulary=vocabulary,
        topics=lexicon.topics,
        coef=coef,
        bias=bias,
        slope=slope,
        shift=shift,
        phrase_weight=phrase_weights(data, lexicon),
        thresholds=THRESHOLDS,
        lexicon_version=lexicon.version,
    )
    by_words = model.calibrate(out_of_fold, present)
    chosen = np.flatnonzero(judged).tolist()
    model.save(out / "linear.npz")
    report: dict[str, Any] = {
        "rows": len(rows),
        "bad_lines": bad,
        "kinds": dict(Counter(row.item.kind for row in rows)),
        "invented": int((~judged).sum()),
        "positives": {
            name: int(np.nansum(data.labels[:, at])) for at, name in enumerate(data.heads)
        },
        "features": len(vocabulary),
        "seed": SEED,
        "cross_validation": told_figures(
            by_words.rows(chosen), [rows[i] for i in chosen], lexicon.topics
        ),
        "version": model.version,
    }
    if (out / MODEL).is_file():
        progress("Cân hai mô hình trên các dòng chưa học…")
        report["blend"] = _blend(out, rows, by_words, data, lexicon)
    if dev_path is not None:
        progress("Đo trên tập dev…")
        report["dev"] = evaluate(dev_path, Reader.load(weights=out)).to_dict()
    write_card(out / "CARD.md", report, source_note)
    progress("Xong.")
    return report


def _read(paths: Sequence[Path]) -> tuple[list[Labelled], list[int]]:
    rows: list[Labelled] = []
    bad: list[int] = []
    for path in paths:
        for number, row in read_labelled(path):
            if isinstance(row, InputError) or None in (
                row.about_education, row.scope, row.sentiment, row.topics, row.risk
            ):  # fmt: skip
                bad.append(number)
            else:
                rows.append(row)
    if len(rows) < LEAST_ROWS or len({row.about_education for row in rows}) < 2:
        raise InputError(
            f"Tệp {', '.join(map(str, paths))} không đủ dữ liệu để huấn luyện "
            f"({len(rows)} dòng dùng được).",
            mend=f"Cần ít nhất {LEAST_ROWS} dòng đủ nhãn, có cả bài về giáo dục và bài khác.",
        )
    return rows, bad


def _cross_validate(
    rows: Sequence[Labelled],
    present: Sequence[set[str]],
    copied: Sequence[Sequence[set[str]]],
    data: Lessons,
    progress: Progress,
) -> Floats:
    """Return the scores every row got from models that saw neither it nor a near-copy."""
    scores = np.zeros_like(data.labels)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    strata = [f"{row.about_education}{row.risk}" for row in rows]
    for number, (learn, test) in enumerate(folds.split(present, strata, data.groups), start=1):
        progress(f"Kiểm tra chéo, lượt {number}/{FOLDS}…")
        vocabulary = vocabulary_of([present[i] for i in learn])
        coef, bias = fit(vocabulary, present, copied, data, learn)
        scores[test] = vocabulary.matrix([present[i] for i in test]) @ coef + bias
    return scores


def _blend(
    out: Path, rows: Sequence[Labelled], by_words: Prediction, data: Lessons, lexicon: Lexicon
) -> dict[str, Any]:
    """Fit the blend on the rows the encoder was not shown, write it, return its figures."""
    unseen = set(HELD_OUT.read_text(encoding="utf-8").split())
    held = [at for at, row in enumerate(rows) if row.item.id in unseen]
    scores = Encoder.load(out).scores([rows[at].item for at in held])
    words = by_words.rows(held)
    posts = [post_share(rows[at].item) for at in held]
    blend = fit_blend(data.heads, words, scores, data.labels[held], posts)
    blend.save(out / BLEND)
    seal(out / BLEND)
    mixed = blend.mix(words, scores, posts)
    return {"rows": len(held), **told_figures(mixed, [rows[at] for at in held], lexicon.topics)}
