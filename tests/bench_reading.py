"""Measure the reading alone: texts a second on one core, beside underthesea on the same texts.

    python -m tests.bench_reading                    the demo's invented items
    python -m tests.bench_reading ARCHIVE [PROFILE]  real ones (JSON Lines, .gz too)

Every figure is the median over fresh processes, each bound to one core with one thread: caches
start cold, and memory is that of a process which only reads. The rival is underthesea's
word_tokenize + pos_tag + ner, the first steps of most Vietnamese pipelines; it judges nothing.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from langnghe.core.items import read_items
from langnghe.core.profile import load_profile
from langnghe.core.types import Item, Profile
from langnghe.demo.run import demo_items, demo_profile
from nlp.encoder import Encoder
from nlp.features import names, view
from nlp.lexicon import taxonomy
from nlp.models import DEFAULT_WEIGHTS, LinearModels
from nlp.reader import LOOK_AGAIN_FROM, Reader

RUNS = 3
BATCH = 100  # as the pipeline reads
MOST = 600  # texts of an archive; the rival needs its time
WARM_UP = 20
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def items_of(archive: Path | None) -> list[Item]:
    """Return the texts to read: the demo's, or some spread evenly over an archive."""
    if archive is None:
        return demo_items(datetime(2026, 1, 1, 11, 0, tzinfo=UTC))
    opened = gzip.open if archive.suffix == ".gz" else open
    with opened(archive, "rb") as stream:
        good = [item for _, item in read_items(stream) if isinstance(item, Item)]
    return good[:: max(1, len(good) // MOST)][:MOST]


def read_once(items: Sequence[Item], profile: Profile) -> dict[str, float]:
    """Return the figures of one reading process."""
    started = time.perf_counter()
    linear, encoder = LinearModels.load(), Encoder.load(DEFAULT_WEIGHTS.parent)
    loaded = time.perf_counter()
    reader = Reader.load(profile)
    ready = time.perf_counter()
    reader.predict(items[:WARM_UP])
    rest = items[WARM_UP:]
    begun = time.perf_counter()
    readings = [
        reading
        for at in range(0, len(rest), BATCH)
        for reading in reader.predict(rest[at : at + BATCH])
    ]
    seconds = time.perf_counter() - begun
    single = sorted(_seconds(lambda item=item: reader.predict([item])) for item in rest)
    likely = linear.predict([names(view(item, taxonomy())) for item in rest]).education
    again = [item for item, p in zip(rest, likely, strict=True) if p >= LOOK_AGAIN_FROM]
    return {
        "texts_s": len(rest) / seconds,
        "again": len(again) / len(rest),
        "encoder_s": len(again) / _seconds(lambda: encoder.scores(again)),
        "p50_ms": single[len(single) // 2] * 1000,
        "p95_ms": single[int(len(single) * 0.95)] * 1000,
        "education": sum(reading.about_education for reading in readings) / len(rest),
        "weights_s": loaded - started,
        "ready_s": ready - loaded,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def rival_once(items: Sequence[Item]) -> dict[str, float]:
    """Return texts a second of the rival: all three calls, and the last alone (it does all)."""
    from underthesea import ner, pos_tag, word_tokenize

    texts = [item.full_text for item in items]
    for text in texts[:WARM_UP]:
        ner(text)
    rest = texts[WARM_UP:]
    three = alone = 0.0
    for text in rest:
        three += _seconds(lambda text=text: (word_tokenize(text), pos_tag(text)))
        alone += _seconds(lambda text=text: ner(text))
    return {"texts_s": len(rest) / (three + alone), "ner_alone_s": len(rest) / alone}


def command_once(lines: bytes, profile: Path | None) -> dict[str, float]:
    """Return seconds of ``langnghe analyse`` from its start to its end, over all the lines."""
    told = [sys.executable, "-m", "langnghe", "analyse"]
    told += ["--profile", str(profile)] if profile else []
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        subprocess.run(
            [*told, "--home", home], input=lines, stdout=subprocess.DEVNULL, check=True,
            env=os.environ | ONE_THREAD,
        )  # fmt: skip
        return {"seconds": time.perf_counter() - started}


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _child(part: str, arguments: Sequence[str]) -> dict[str, float]:
    """Measure one part in a fresh process."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench_reading", f"--{part}", *arguments],
        stdout=subprocess.PIPE, check=True, env=os.environ | ONE_THREAD,
    )  # fmt: skip
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def _median(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def measure(arguments: Sequence[str]) -> dict[str, Any]:
    """Return all figures; ours and the rival's runs take turns, so that both see the same noise."""
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(_child("reader", arguments))
        theirs.append(_child("rival", arguments))
    items = items_of(Path(arguments[0]) if arguments else None)
    lines = "".join(
        json.dumps({"id": i.id, "kind": i.kind, "title": i.title, "text": i.text}) + "\n"
        for i in items
    ).encode()
    profile = Path(arguments[1]) if len(arguments) > 1 else None
    whole = statistics.median(command_once(lines, profile)["seconds"] for _ in range(RUNS))
    start = statistics.median(command_once(b"", profile)["seconds"] for _ in range(RUNS))
    return {
        "texts": len(items),
        "news": sum(item.kind == "news" for item in items),
        "letters": statistics.mean(len(item.full_text) for item in items),
        "reader": _median(ours),
        "rival": _median(theirs),
        "command_s": whole,
        "command_start_s": start,
    }


def report(found: dict[str, Any]) -> str:
    """Return the figures in words."""
    ours, theirs = found["reader"], found["rival"]
    texts = found["texts"]
    return "\n".join((
        f"reading {texts} texts ({found['news']} news, {texts - found['news']} comments, "
        f"{ours['education']:.0%} read as about education, {found['letters']:.0f} letters each), "
        f"one core, median of {RUNS}",
        f"  whole reading                      {ours['texts_s']:8.0f} texts/s",
        f"  underthesea, three calls           {theirs['texts_s']:8.0f} texts/s  "
        f"ratio {ours['texts_s'] / theirs['texts_s']:.1f}",
        f"  underthesea, ner alone             {theirs['ner_alone_s']:8.0f} texts/s  "
        f"ratio {ours['texts_s'] / theirs['ner_alone_s']:.1f}",
        f"  langnghe analyse, start to end     {texts / found['command_s']:8.0f} texts/s  "
        f"({found['command_start_s']:.2f} s of it start; "
        f"{texts / max(found['command_s'] - found['command_start_s'], 1e-6):.0f} texts/s after)",
        f"  of it the encoder                  {ours['encoder_s']:8.0f} texts/s  "
        f"(it reads {ours['again']:.0%} of them)",
        f"  one text                           p50 {ours['p50_ms']:.2f} ms, "
        f"p95 {ours['p95_ms']:.2f} ms",
        f"  weights loaded in {ours['weights_s']:.2f} s, reader ready in {ours['ready_s']:.2f} s "
        "more",
        f"  peak memory of the reading process {ours['peak_mib']:.0f} MiB",
    ))  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Print the figures, or (in a child) one part of them as JSON."""
    part = arguments[0] if arguments and arguments[0].startswith("--") else None
    if part is None:
        print(report(measure(arguments)))
        return
    _one_core()
    rest = [Path(argument) for argument in arguments[1:]]
    items = items_of(rest[0] if rest else None)
    if part == "--rival":
        print(json.dumps(rival_once(items)))
    else:
        profile = load_profile(rest[1]) if len(rest) > 1 else demo_profile()
        print(json.dumps(read_once(items, profile)))


if __name__ == "__main__":
    main(sys.argv[1:])
