"""Tune the encoder in two stages; see README.md beside this file for the order of things.

    python -m nlp.training.tune --train rows.jsonl --train edu.jsonl \\
        --fiction nlp/training/fiction.jsonl --unlabelled ARCHIVE… --keep-apart dev.jsonl --out DIR

Writes ``DIR/tuned.npz`` and ``DIR/pieces.json`` for ``nlp.training.export``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from langnghe.core.errors import InputError, LangNgheError
from langnghe.core.types import Item
from nlp.blend import logit, meant, prediction
from nlp.encoder import Encoder
from nlp.labels import Labelled, read_labelled
from nlp.lexicon import taxonomy
from nlp.models import DEFAULT_WEIGHTS, LinearModels, head_names
from nlp.noise import FORMS
from nlp.train import HELD_OUT
from nlp.training.archive import archive_items
from nlp.training.base import LAYERS, MOST_NEWS, PIECES, Base, load_base
from nlp.training.export import TUNED, TUNED_PIECES, export, plain
from nlp.training.learn import Stage, learn, read
from nlp.training.lesson import Lesson, Showing, answers
from nlp.training.network import Network, network_of
from nlp.training.soft import Apart, choose, soft_answers, usual_quotas
from nlp.tuning import told_figures

SEED = 5
SOFT_WEIGHT = 0.6
STAGE_ONE = Stage(
    name="stage one",
    passes=4,
    rate=2e-4,
    head_rate=2e-3,
    showing=Showing(noised=0.3),
    floor=0.02,
    rare_most=3.0,
    risk=(1.0, 1.3, 1.5),
)
STAGE_TWO = Stage(
    name="stage two",
    passes=2,
    rate=1e-4,
    head_rate=5e-4,
    # Text without marks is what is met most among the forms that hide words.
    showing=Showing(noised=0.4, alone=0.14, forms=(*FORMS, FORMS[0])),
    floor=0.15,
    rare_most=2.0,
    risk=(1.0, 1.0, 1.3),
    running_from=0.55,
)


def say(line: str) -> None:
    """Write one line of progress to standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def read_rows(paths: Sequence[Path]) -> list[Labelled]:
    """Return the good rows of labelled files; raises ``InputError`` if there are none."""
    rows = [
        row for path in paths for _, row in read_labelled(path) if not isinstance(row, InputError)
    ]
    if paths and not rows:
        raise InputError(
            f"Không có dòng nhãn nào dùng được trong {', '.join(map(str, paths))}.",
            mend="Kiểm tra lại các tệp nhãn.",
        )
    return rows


def tune(
    labelled: Sequence[Labelled],
    fiction: Sequence[Labelled],
    archive: Sequence[Item],
    measured: Sequence[Labelled],
    linear: LinearModels,
    out: Path,
    *,
    pieces: int = PIECES,
    layers: int = LAYERS,
    soft_share: float = 1.0,
    stages: tuple[Stage, Stage] = (STAGE_ONE, STAGE_TWO),
    seed: int = SEED,
) -> None:
    """Tune from the base model and write ``out/tuned.npz`` and ``out/pieces.json``.

    Rows named in ``held_out.txt`` are not learnt; figures are told on them. ``measured`` rows are
    only kept away from: raises ``InputError`` if one of them is among ``labelled``.
    """
    topics = taxonomy().topics
    heads = head_names(topics)
    if both := {row.item.id for row in measured} & {row.item.id for row in labelled}:
        raise InputError(
            f"{len(both)} dòng vừa để học vừa để đo (ví dụ {min(both)}).",
            mend="Bỏ tệp đo ra khỏi --train.",
        )
    unseen = set(HELD_OUT.read_text(encoding="utf-8").split())
    held = [row for row in labelled if row.item.id in unseen]
    learnt = [row for row in labelled if row.item.id not in unseen] + list(fiction)
    say(f"{len(learnt)} rows to learn ({len(fiction)} invented), {len(held)} held out")
    base = _base(labelled, archive, pieces, layers)
    tokenizer = Tokenizer.from_str(base.tokenizer_json)
    lessons = [Lesson(row.item, answers(row, topics)) for row in learnt]
    torch.manual_seed(seed)
    network = network_of(base.arrays, len(heads))
    learn(network, tokenizer, lessons, heads, stages[0], seed=seed, progress=say)
    _tell(network, tokenizer, held, topics)

    apart = Apart([row.item for row in labelled], [row.item for row in (*measured, *held)])
    chosen = choose(archive, linear, apart, usual_quotas(soft_share), seed=seed, progress=say)
    if chosen.items:
        soft = soft_answers(chosen.by_words, read(network, tokenizer, chosen.items))
        lessons += [
            Lesson(item, told, SOFT_WEIGHT) for item, told in zip(chosen.items, soft, strict=True)
        ]
    learn(network, tokenizer, lessons, heads, stages[1], seed=seed + 1, progress=say)
    _tell(network, tokenizer, held, topics)
    save(network, base.tokenizer_json, out)


def save(network: Network, tokenizer_json: str, out: Path) -> None:
    """Write a tuned network as plain arrays, which can be loaded without running any code."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / TUNED).open("wb") as stream:
        arrays: dict[str, Any] = {n: plain(value) for n, value in network.state_dict().items()}
        np.savez(stream, **arrays)
    (out / TUNED_PIECES).write_text(tokenizer_json, encoding="utf-8")


def _base(labelled: Sequence[Labelled], archive: Sequence[Item], pieces: int, layers: int) -> Base:
    def words(item: Item) -> str:
        return f"{item.title or ''} {item.text or ''}"

    news = [item for item in archive if item.kind == "news"]
    news = news[:: max(1, len(news) // MOST_NEWS)]
    talk = [words(item) for item in archive if item.kind == "comment"]
    talk += [words(row.item) for row in labelled]
    base, covered = load_base(map(words, news), talk, pieces=pieces, layers=layers)
    say(f"{len(base.arrays['word.weight'])} pieces cover {covered:.2%} of the archive")
    return base


def _tell(
    network: Network, tokenizer: Tokenizer, held: Sequence[Labelled], topics: Sequence[str]
) -> None:
    if len(held) < 100:  # the figures would mean nothing
        return
    scores = read(network, tokenizer, [row.item for row in held])
    figures = told_figures(prediction(logit(meant(scores))), held, topics)
    say(f"on {len(held)} held-out rows: {figures}")


def smoke(fiction: Sequence[Labelled]) -> None:
    """Run all of it in small: two layers, a few invented rows; raises if reading back differs."""
    learnt, archive = list(fiction[::12]), [row.item for row in fiction[1::12]]
    stages = (replace(STAGE_ONE, passes=2), replace(STAGE_TWO, passes=1))
    with TemporaryDirectory() as name:
        folder = Path(name)
        tune(
            learnt, [], archive, [], LinearModels.load(), folder,
            pieces=3000, layers=2, soft_share=0.01, stages=stages,
        )  # fmt: skip
        state: dict[str, Any] = dict(np.load(folder / TUNED))
        spelling = (folder / TUNED_PIECES).read_text(encoding="utf-8")
        export(state, spelling, folder)
        network = network_of(state, len(state["mean.bias"]))
        tokenizer = Tokenizer.from_str(spelling)
        differs = read(network, tokenizer, archive[:20]) - Encoder.load(folder).scores(archive[:20])
        worst = float(np.abs(differs).max())
    say(f"smoke: exported model differs from the tuned one by {worst:.3f} at most")
    if not worst < 1.0:
        raise SystemExit("smoke: the exported model does not read what the tuned one reads")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m nlp.training.tune", description=__doc__)
    own = Path(__file__).parent / "fiction.jsonl"
    parser.add_argument("--train", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--fiction", type=Path, default=own, metavar="FILE")
    parser.add_argument("--unlabelled", type=Path, nargs="+", default=[], metavar="ARCHIVE")
    parser.add_argument("--keep-apart", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--linear", type=Path, default=DEFAULT_WEIGHTS, metavar="NPZ")
    parser.add_argument("--out", type=Path, metavar="DIR")
    parser.add_argument("--pieces", type=int, default=PIECES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="all of it in small, in a minute")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    try:
        fiction = read_rows([given.fiction])
        if given.smoke:
            smoke(fiction)
        elif not (given.train and given.unlabelled and given.out):
            parser.error("--train, --unlabelled and --out are needed")
        else:
            tune(
                read_rows(given.train),
                fiction,
                list(archive_items(given.unlabelled)),
                read_rows(given.keep_apart),
                LinearModels.load(given.linear),
                given.out,
                pieces=given.pieces,
                seed=given.seed,
            )
    except LangNgheError as error:
        say(f"{error} {error.mend}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
