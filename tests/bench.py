"""Measure the whole pipeline: items a second, the share of each stage, and how cost grows.

    make bench                                       invented items (the demo told of many places)
    .venv/bin/python -m tests.bench ARCHIVE PROFILE  a real archive and profile

First the reading alone, beside underthesea (see ``tests.bench_reading``); then the pipeline, with
every stage and table write. Its rival on the same texts in the same run is underthesea's word
segmentation alone: the first step of most Vietnamese pipelines, before anything is understood or
stored. Medians of several runs; no threshold, so a noisy machine fails nothing.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from langnghe.core.clock import VirtualClock
from langnghe.core.profile import load_profile
from langnghe.core.settings import Settings
from langnghe.core.types import Item, Profile
from langnghe.demo.run import demo_items, demo_profile
from langnghe.house import open_house, open_services
from langnghe.replay import TICK, Archive, ReadAhead, replay
from tests import bench_reading

RUNS = 3
CATCH_UP = timedelta(hours=12)
START = datetime(2026, 1, 1, 11, 0, tzinfo=UTC)
_PLACES = ("An", "Bình", "Châu", "Đông", "Giang", "Hạ", "Khê", "Lâm", "Mai", "Nga", "Phú", "Sơn")


def invented(count: int) -> Archive:
    """Return ``count`` items: the demo's four days told again of other invented places."""
    base = demo_items(START)
    items: list[Item] = []
    while len(items) < count:
        lap = len(items) // len(base)
        place = f"{_PLACES[lap % 12]} {_PLACES[lap // 12 % 12]}"
        for item in base:
            moment = (item.published_at or START) + timedelta(days=4 * lap)
            items.append(
                replace(
                    item, id=f"{item.id}-{lap}", url=f"{item.url}?lap={lap}" if item.url else None,
                    title=_told_of(item.title, place), text=_told_of(item.text, place),
                    published_at=moment, seen_at=moment,
                )
            )  # fmt: skip
    return Archive.of(items[:count])


def _told_of(text: str | None, place: str) -> str | None:
    return text and text.replace("Pá Hiêng", place).replace("Nậm Sương", place)


def run_once(archive: Archive, profile: Profile, tick: timedelta) -> tuple[float, dict[str, float]]:
    """Replay into a fresh database; return (seconds, seconds by stage)."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        empty = home / "catalog.yaml"
        empty.write_text("sources: []\n")
        settings = Settings(home=home, catalog=empty)
        clock = VirtualClock(archive.items[0].seen_at or START)
        services = open_services(settings, clock=clock, profile=profile)
        house = open_house(services, fetch=False)
        house.reader = ReadAhead(house.reader, archive.items)
        started = time.perf_counter()
        for _ in replay(archive, house, clock, identity="bench", tick=tick):
            pass
        seconds = time.perf_counter() - started
        services.store.close()
        return seconds, dict(house.seconds)


def rival(items: Sequence[Item]) -> float:
    """Return milliseconds an item of underthesea's word segmentation alone."""
    from underthesea import word_tokenize

    texts = [item.full_text for item in items]
    word_tokenize(texts[0])
    started = time.perf_counter()
    for text in texts:
        word_tokenize(text)
    return (time.perf_counter() - started) / len(texts) * 1000


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    print(bench_reading.report(bench_reading.measure(arguments)), flush=True)
    if arguments:
        archive = Archive.load(Path(arguments[0]))
        profile = load_profile(Path(arguments[1]))
        cases: tuple[tuple[int, timedelta], ...] = ((len(archive.items), TICK),)
    else:
        # a trickle (about one mention a turn), then catching up at two sizes: is the cost flat?
        cases = ((300, TICK), (500, CATCH_UP), (5_000, CATCH_UP))
        profile, archive = demo_profile(), invented(max(size for size, _ in cases))
    for size, tick in cases:
        part = Archive(archive.items[:size], ())
        runs = [run_once(part, profile, tick) for _ in range(RUNS)]
        seconds = statistics.median(r[0] for r in runs)
        stages = {name: statistics.median(r[1].get(name, 0.0) for r in runs) for name in runs[0][1]}
        stages["keep, clock"] = max(0.0, seconds - sum(stages.values()))
        print(f"\n{size} items, a turn every {tick}, median of {RUNS}: {seconds:.2f} s")
        print(f"  {size / seconds:.0f} items/s, {seconds / size * 1000:.2f} ms an item")
        for name, spent in sorted(stages.items(), key=lambda pair: -pair[1]):
            print(f"  {name:<12} {spent:7.2f} s  {spent / seconds:6.1%}")
        sample = part.items[: min(size, 500)]
        theirs = statistics.median(rival(sample) for _ in range(RUNS))
        ours = seconds / size * 1000
        print(f"  underthesea word_tokenize alone: {theirs:.2f} ms an item "
              f"(whole pipeline / rival = {ours / theirs:.2f})")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this process: {peak:.0f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
