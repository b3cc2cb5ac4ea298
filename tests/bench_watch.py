"""What watching costs: ``python -m tests.bench_watch [--days N] [--mentions N]``.

A province of 1,000 schools in 50 communes, every topic watched; some hundred mentions a day. Prints
the time to close a day, to look at a day not over, and of a turn that finds nothing to do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from time import process_time

import numpy as np
import sqlalchemy as sa

from alerts.watch import watch_due
from langnghe.core.policy.loader import load_policy, topic_names
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import (
    DONE,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    StoryMentionRow,
    UnusualRow,
    WatchStateRow,
)
from langnghe.core.store.units import sync_units
from langnghe.core.types import Profile, Unit

SCHOOLS, COMMUNES = 1000, 50
START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def province() -> Profile:
    """Return a province of invented schools."""
    units = [Unit("tinh", "province", "Tỉnh Mây Trắng")]
    units += [Unit(f"xa{n}", "commune", f"Xã số {n}", "tinh") for n in range(COMMUNES)]
    units += [
        Unit(f"t{n}", "school", f"Trường số {n}", f"xa{n % COMMUNES}") for n in range(SCHOOLS)
    ]
    return Profile("Tỉnh thử", tuple(units), version="bench")


def day_of_news(store: Store, at: datetime, first: int, number: int, seed: int) -> None:
    """Store one day's mentions, as the stages before would leave them."""
    generator = np.random.default_rng(seed)
    topics = list(topic_names())
    # Few schools are spoken of often: a Zipf-like share, as in life.
    schools = (SCHOOLS * generator.random(number) ** 3).astype(int)
    mentions, readings, links, members = [], [], [], []
    for n in range(number):
        own = first + n
        seen = at + timedelta(seconds=int(86_000 * n / number))
        mentions.append(
            {"id": own, "key": f"k{own}", "kind": "news", "seen_at": seen, "content_hash": "h",
             "folded": "", "problems": [], "external_id": "", "revision": 1, "stage": DONE,
             "about_education": True, "story_id": own}
        )  # fmt: skip
        readings.append(
            {"mention_id": own, "revision": 1, "model": "m", "about_education": True,
             "about_education_p": 0.9, "scope": "vn", "sentiment": "neg", "sentiment_p": {},
             "topics": [{"topic": topics[int(generator.integers(len(topics)))], "p": 0.9}],
             "risk": 1, "risk_p": [0.2, 0.5, 0.2, 0.1], "stance": "report", "facts": [],
             "units": [], "undecided": [], "masked_title": "", "masked_text": ""}
        )  # fmt: skip
        links.append({"mention_id": own, "unit_id": f"t{schools[n]}", "confidence": 0.9})
        members.append({"story_id": own, "mention_id": own, "similarity": 0.0, "at": seen,
                        "pinned": False})  # fmt: skip
    with store.write() as session:
        for table, rows in (
            (MentionRow, mentions), (ReadingRow, readings), (MentionUnitRow, links),
            (StoryMentionRow, members),
        ):  # fmt: skip
            session.execute(sa.insert(table), rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--mentions", type=int, default=300)
    given = parser.parse_args()
    profile, policy = province(), load_policy()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        store.migrate()
        with store.write() as session:
            sync_units(session, profile, START)
        close: list[float] = []
        look: list[float] = []
        idle: list[float] = []
        for n in range(given.days):
            at = START + n * DAY
            day_of_news(store, at, 1 + n * given.mentions, given.mentions, n)
            midnight = at.replace(hour=17)
            for moment, into in (
                (midnight - timedelta(minutes=30), look),
                (midnight + timedelta(minutes=5), close),
                (midnight + timedelta(minutes=50), []),
                (midnight + timedelta(minutes=65), idle),
            ):
                started = process_time()
                watch_due(store, policy, profile, moment)
                into.append(process_time() - started)
        with store.read() as session:
            series = session.scalar(sa.select(sa.func.count()).select_from(WatchStateRow))
            rows = session.scalar(sa.select(sa.func.count()).select_from(UnusualRow))
        store.close()
    sys.stdout.write(
        f"{given.days} days of {given.mentions} mentions, {SCHOOLS} schools: {series} series kept, "
        f"{rows} rows of unusual\n"
        f"CPU time. Close a day: mean {1000 * mean(close):.0f} ms, last {1000 * close[-1]:.0f} ms, "
        f"most {1000 * max(close):.0f} ms\n"
        f"look at a day not over: mean {1000 * mean(look):.0f} ms\n"
        f"nothing to do: mean {1e6 * mean(idle):.0f} µs, least {1e6 * min(idle):.0f} µs\n"
    )


if __name__ == "__main__":
    main()
