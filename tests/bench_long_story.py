"""What a story of ten thousand comments costs when it grows: `python -m tests.bench_long_story`.

A hundred comments at a time join one story with an open incident; each sweep assesses and acts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from alerts.stage import act_due, assess_due
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import (
    DONE,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    StoryMentionRow,
    StoryRow,
)
from tests.alerts.town import MEAL, MINUTE, SCHOOL, T0, WATCH, Room, poisoning

BATCH, TOTAL = 100, 10_000


def comments(store: Store, story_id: int, first: int) -> None:
    """Let a hundred comments join the story."""
    at = T0 + first / 10 * MINUTE
    numbers = range(first, first + BATCH)
    with store.write() as session:
        session.execute(
            sa.insert(MentionRow),
            [
                {"id": n, "key": f"c{n}", "kind": "comment", "source_name": f"Trang {n % 7}",
                 "seen_at": at, "title": None, "text": f"Bình luận {n}", "content_hash": f"c{n}",
                 "stage": DONE, "story_id": story_id, "about_education": True}
                for n in numbers
            ],
        )  # fmt: skip
        session.execute(
            sa.insert(ReadingRow),
            [
                {"mention_id": n, "revision": 1, "model": "m", "about_education": True,
                 "about_education_p": 0.9, "scope": "vn", "sentiment": "neg", "sentiment_p": {},
                 "topics": [{"topic": MEAL, "p": 0.8, "evidence": []}], "risk": 1,
                 "risk_p": list(WATCH), "stance": "comment", "facts": [], "units": [],
                 "masked_title": "", "masked_text": f"Bình luận {n} của một phụ huynh. " * 4}
                for n in numbers
            ],
        )  # fmt: skip
        session.execute(
            sa.insert(StoryMentionRow),
            [{"story_id": story_id, "mention_id": n, "at": at} for n in numbers],
        )
        session.execute(
            sa.insert(MentionUnitRow),
            [{"mention_id": n, "unit_id": SCHOOL.id, "confidence": 0.6} for n in numbers],
        )
        session.execute(
            sa.update(StoryRow).values(
                assess_due=True, mention_count=StoryRow.mention_count + BATCH
            )
        )


def main() -> None:
    """Print milliseconds a sweep at several sizes."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        store.migrate()
        room = Room(store, Path(folder))
        story = poisoning(room.press)
        room.sweep()
        spent = []
        for first in range(1_000, 1_000 + TOTAL, BATCH):
            comments(store, story, first)
            began = perf_counter()
            assess_due(store, room.policy, T0 + first / 10 * MINUTE)
            middle = perf_counter()
            act_due(store, room.policy, room.profile, room.settings, T0 + first / 10 * MINUTE)
            spent.append((middle - began, perf_counter() - middle))
        for size in (200, 400, 500, 1_000, 2_000, 5_000, 10_000):
            near = spent[max(0, size // BATCH - 3) : size // BATCH]
            assess = 1000 * sum(a for a, _ in near) / len(near)
            act = 1000 * sum(b for _, b in near) / len(near)
            print(f"{size:>6} bình luận: chấm {assess:6.1f} ms, vụ việc {act:5.1f} ms")
        store.close()


if __name__ == "__main__":
    main()
