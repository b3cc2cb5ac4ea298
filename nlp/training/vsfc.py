"""The same recipe on a public benchmark, so that our figures can be laid beside others'.

    python -m nlp.training.vsfc DIR [--scores scores.npz]

``DIR`` holds UIT-VSFC (student feedback with its tone) as published: ``train``, ``val`` or ``dev``,
and ``test``, each with ``sents.txt`` and ``sentiments.txt``. Linear models on our features and an
encoder tuned from the same base learn from the training part, the blend is fitted on the validation
part, and the test part is only read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from langnghe.core.errors import InputError, LangNgheError
from langnghe.core.types import Item
from nlp.blend import logit
from nlp.features import names, view
from nlp.labels import Labelled
from nlp.learning import copies, fit, lessons, vocabulary_of
from nlp.lexicon import taxonomy
from nlp.models import SENTIMENTS, Floats, head_names
from nlp.tuning import platt

PUBLISHED = "published (weighted): TF-IDF with linear models .885 to .897, PhoBERT .931 to .939"
LAPS = 2
SEED = 1
_TONES = slice(2, 5)  # columns of ``models.head_names``


def read_part(folder: Path) -> list[Labelled]:
    """Return one part of the benchmark as labelled comments; raises ``InputError`` if unreadable.

    The tones in the files are 0, 1, 2: negative, neutral, positive.
    """
    try:
        texts = (folder / "sents.txt").read_text(encoding="utf-8").split("\n")
        tones = (folder / "sentiments.txt").read_text(encoding="utf-8").split("\n")
        lines = zip(texts, tones, strict=False)  # one file may end in one more empty line
        pairs = [(text, SENTIMENTS[int(tone)]) for text, tone in lines if tone.strip()]
    except (OSError, ValueError, IndexError) as error:
        raise InputError(
            f"Không đọc được UIT-VSFC trong {folder}.", mend="Cần sents.txt và sentiments.txt."
        ) from error
    return [
        Labelled(
            item=Item(id=f"{folder.name}-{at}", kind="comment", text=text),
            about_education=None,
            scope=None,
            sentiment=tone,
            topics=None,
            topics_ok=frozenset(),
            risk=None,
        )
        for at, (text, tone) in enumerate(pairs)
    ]


def by_words(train: Sequence[Labelled], parts: Sequence[Sequence[Labelled]]) -> list[Floats]:
    """Return the linear models' raw tone scores, shape (rows, 3), of each part."""
    lexicon = taxonomy()
    present = [names(view(row.item, lexicon)) for row in train]
    items = [row.item for row in train]
    copied = [[names(view(item, lexicon)) for item in copies(items, lap)] for lap in range(LAPS)]
    data = lessons(train, present, lexicon, np.ones(len(train)))
    vocabulary = vocabulary_of(present)
    coef, bias = fit(vocabulary, present, copied, data, np.arange(len(train)))
    read = [vocabulary.matrix([names(view(row.item, lexicon)) for row in part]) for part in parts]
    return [np.asarray((matrix @ coef + bias)[:, _TONES], dtype=np.float32) for matrix in read]


def by_encoder(train: Sequence[Labelled], parts: Sequence[Sequence[Labelled]]) -> list[Floats]:
    """Return the raw tone scores, shape (rows, 3), of an encoder tuned on the training part."""
    import torch
    from tokenizers import Tokenizer

    from nlp.training.base import load_base
    from nlp.training.learn import Stage, learn, read
    from nlp.training.lesson import Lesson, Showing, answers
    from nlp.training.network import network_of

    topics = taxonomy().topics
    heads = head_names(topics)
    base, _ = load_base([], [row.item.text or "" for row in train])
    tokenizer = Tokenizer.from_str(base.tokenizer_json)
    torch.manual_seed(SEED)
    network = network_of(base.arrays, len(heads))
    stage = Stage(
        name="encoder",
        passes=3,
        rate=2e-4,
        head_rate=2e-3,
        showing=Showing(noised=0.1),  # the benchmark is written carefully throughout
        floor=0.02,
        rare_most=1.0,
        risk=(1.0, 1.0, 1.0),
    )
    rows = [Lesson(row.item, answers(row, topics)) for row in train]
    learn(network, tokenizer, rows, heads, stage, seed=SEED, progress=_say)
    return [read(network, tokenizer, [row.item for row in part])[:, _TONES] for part in parts]


def blend(linear: Sequence[Floats], encoder: Sequence[Floats], truth: NDArray[np.intp]) -> Floats:
    """Return blended tone scores of the test part.

    ``linear`` and ``encoder`` hold raw scores of validation and test, shape (rows, 3); ``truth``
    are the tones of validation. Validation is large enough here to fit how far each reader is
    believed; one weight a reader serves all tones, as only four in a hundred are neutral.
    """
    wanted = np.eye(len(SENTIMENTS), dtype=np.float32)[truth]
    slope, shift = platt(linear[0], wanted)
    words = [_shares(1 / (1 + np.exp(-(part * slope + shift)))) for part in linear]
    meant = [_shares(np.exp(part - part.max(axis=1, keepdims=True))) for part in encoder]
    x = np.column_stack([logit(words[0]).ravel(), logit(meant[0]).ravel()])
    line = LogisticRegression(C=1.0).fit(x, wanted.ravel())
    a, b = line.coef_[0]
    return np.asarray(a * logit(words[1]) + b * logit(meant[1]), dtype=np.float32)


def figures(truth: NDArray[np.intp], scores: Floats) -> tuple[float, float]:
    """Return weighted and macro F1 of the likeliest tones."""
    told = scores.argmax(axis=1)
    weighted, macro = (f1_score(truth, told, average=kind) for kind in ("weighted", "macro"))
    return float(weighted), float(macro)


def main() -> int:
    """Run the benchmark and write its table."""
    parser = argparse.ArgumentParser(prog="python -m nlp.training.vsfc", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--scores", type=Path, metavar="NPZ", help="the encoder's, kept or reused")
    given = parser.parse_args()
    folder: Path = given.folder
    try:
        train = read_part(folder / "train")
        tuning = read_part(folder / ("val" if (folder / "val").is_dir() else "dev"))
        test = read_part(folder / "test")
    except LangNgheError as error:
        _say(f"{error} {error.mend}")
        return 1
    if given.scores and given.scores.is_file():
        kept = np.load(given.scores, allow_pickle=False)
        encoder = [kept["val"], kept["test"]]
    else:
        encoder = by_encoder(train, [tuning, test])
        if given.scores:
            np.savez(given.scores, val=encoder[0], test=encoder[1])
    linear = by_words(train, [tuning, test])
    known, wanted = (_tones(part) for part in (tuning, test))
    both = blend(linear, encoder, known)
    for name, scores in (("linear", linear[1]), ("encoder", encoder[1]), ("blend", both)):
        weighted, macro = figures(wanted, scores)
        sys.stdout.write(f"{name:8} weighted F1 {weighted:.4f}   macro F1 {macro:.4f}\n")
    sys.stdout.write(f"{PUBLISHED}\n")
    return 0


def _tones(rows: Sequence[Labelled]) -> NDArray[np.intp]:
    return np.array([SENTIMENTS.index(row.sentiment or "neu") for row in rows], dtype=np.intp)


def _shares(p: Floats) -> Floats:
    return np.asarray(p / p.sum(axis=1, keepdims=True), dtype=np.float32)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
