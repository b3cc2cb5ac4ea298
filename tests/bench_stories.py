"""How fast grouping is as the history grows, and how it does beside another clusterer.

    python -m tests.bench_stories [--news DIR] [--size N ...] [--days D]
                                   [--gold FILE] [--rival-python PYTHON]

Prints wall milliseconds a mention (p50, p95, max) and CPU p95 over the last mentions before each
size, with how much is held and the resident memory. Without ``--news`` the stream is invented
(``bench_fiction``); with it, the archives there are read over and over, the time going on.

The rival is ``taranis-story-clustering`` from PyPI, run by ``--rival-python`` (an interpreter that
has it; it is no dependency of this product) over the same items in the same run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from collectors.archives import read_archive
from langnghe.core.types import Item
from nlp.evaluate_stories import score_grouping
from nlp.stories import StoryIndex, StoryItem, group_all
from tests.bench_fiction import Fiction

SIZES = (10_000, 100_000, 1_000_000)
DAYS = 240.0
"""Days over which the longest stream runs: eight months of a whole country's news."""
LATEST = 10_000
RIVAL = Path(__file__).with_name("bench_stories_rival.py")


def invented(size: int, days: float) -> Iterator[StoryItem]:
    """Yield ``size`` invented mentions over ``days`` days."""
    return (told.item for told in Fiction(size / days).stream(size))


def resampled(folder: Path, size: int, days: float) -> Iterator[StoryItem]:
    """Yield ``size`` items of the archives in ``folder``, again and again, over ``days`` days.

    Later rounds stand for later years: the same reports come back when they are long forgotten.
    """
    start, n = datetime(2026, 1, 1, tzinfo=UTC), 0
    while n < size:
        for path in sorted(folder.glob("*.jsonl*")):
            for _, item in read_archive(path):
                if isinstance(item, Item):
                    at = start + timedelta(days=days * n / size)
                    yield StoryItem(f"{n}", at, item.title, item.text, kind=item.kind)
                    n += 1
                    if n == size:
                        return


def resident() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def growth(stream: Iterator[StoryItem], sizes: Sequence[int]) -> None:
    """Group ``stream`` and print a line at each of ``sizes``."""
    print(f"{'mentions':>9} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8} {'CPU p95':>8} "
          f"{'mean ms':>8} {'active':>8} {'prints':>8} {'RSS MiB':>8}")  # fmt: skip
    index, wall, cpu = StoryIndex(), deque[float](maxlen=LATEST), deque[float](maxlen=LATEST)
    begin = time.perf_counter()
    for n, item in enumerate(islice(stream, sizes[-1]), 1):
        a, c = time.perf_counter(), time.thread_time()
        found = index.assign(item)
        story = f"s-{item.id}" if found.story is None else found.story
        index.insert(item, story, found.event, copy_of=found.copy_of)
        wall.append(time.perf_counter() - a)
        cpu.append(time.thread_time() - c)
        if n in sizes:
            w, c_ = sorted(wall), sorted(cpu)
            mean = (time.perf_counter() - begin) / n
            print(f"{n:>9,} {_ms(w, 0.5)} {_ms(w, 0.95)} {_ms(w, 1.0)} {_ms(c_, 0.95)} "
                  f"{mean * 1000:8.2f} {len(index):>8,} {index.remembered:>8,} {resident():8.0f}",
                  flush=True)  # fmt: skip


def _ms(values: Sequence[float], share: float) -> str:
    return f"{values[min(int(share * len(values)), len(values) - 1)] * 1000:8.2f}"


def labelled(gold: Path | None) -> tuple[list[StoryItem], dict[str, str], dict[str, str]]:
    """Return items with their gold stories and events: of ``gold``, or 400 invented ones."""
    if gold is None:
        told = list(Fiction(10).stream(400))
        items = [replace(t.item, id=str(t.item.id)) for t in told]
        return (items, {str(t.item.id): t.story for t in told},
                {str(t.item.id): t.event for t in told})  # fmt: skip
    rows = {}
    for line in gold.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["id"]] = row
    start = datetime(1970, 1, 1, tzinfo=UTC)
    items = [
        StoryItem(item.id, item.seen_at or item.published_at or start, item.title, item.text)
        for _, item in read_archive(gold)
        if isinstance(item, Item)
    ]
    return (items, {i: row["story_id"] for i, row in rows.items()},
            {i: row["event_id"] for i, row in rows.items()})  # fmt: skip


def beside(python: str, gold: Path | None) -> None:
    """Run the rival and this product over the same items; print B-cubed and time of both."""
    items, stories, events = labelled(gold)
    begin = time.perf_counter()
    placed = group_all(items)
    ours = time.perf_counter() - begin
    _line("langnghe, story_id", ours, {str(p.id): p.story for p in placed}, stories, events)
    _line("langnghe, event_id", ours, {str(p.id): p.event for p in placed}, stories, events)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "items.json"), Path(folder, "groups.json")
        rows = [
            {"id": str(i.id), "title": i.title, "text": i.text, "at": i.at.isoformat()}
            for i in sorted(items, key=lambda i: (i.at, str(i.id)))
        ]
        source.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        done = subprocess.run(
            [python, str(RIVAL), str(source), str(target)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode or not target.is_file():
            print(f"rival did not run: {done.stderr.strip().splitlines()[-1:]}")
            return
        answer = json.loads(target.read_text(encoding="utf-8"))
    print(f"rival: {answer['name']}")
    _line("rival", answer["seconds"], answer["groups"], stories, events)
    print(f"langnghe is {answer['seconds'] / ours:,.0f} times as fast")


def _line(
    name: str,
    seconds: float,
    told: Mapping[str, str],
    stories: Mapping[str, str],
    events: Mapping[str, str],
) -> None:
    story, event = score_grouping(stories, told).b_cubed, score_grouping(events, told).b_cubed
    print(f"{name:22} {seconds:9.2f} s   B-cubed F1 on story_id {story.f1:.4f} "
          f"(P {story.precision:.3f} R {story.recall:.3f}), on event_id {event.f1:.4f} "
          f"(P {event.precision:.3f} R {event.recall:.3f})", flush=True)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=DAYS, help="days the longest stream covers")
    parser.add_argument("--news", type=Path, help="folder of .jsonl[.gz] archives")
    parser.add_argument("--size", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--gold", type=Path, help="JSON Lines with story_id and event_id")
    parser.add_argument("--rival-python", help="interpreter that has taranis-story-clustering")
    asked = parser.parse_args(arguments)
    if asked.rival_python:
        beside(asked.rival_python, asked.gold)
    if asked.size:
        longest = max(asked.size)
        days = asked.days
        stream = resampled(asked.news, longest, days) if asked.news else invented(longest, days)
        growth(stream, sorted(asked.size))
    return 0


if __name__ == "__main__":
    sys.exit(main())
