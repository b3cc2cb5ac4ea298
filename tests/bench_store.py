"""A big invented store for measuring pages: a province, years of mentions, and all that hangs on.

``python -m tests.bench_store FILE [--mentions N]`` writes one. Nothing in it happened: names and
texts are put together from word lists. The shape is that of a real house: some affairs are talked
about by many, most by one or two; few schools are spoken of often; a week of big news at the end.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from langnghe.core.auth import hash_password
from langnghe.core.clock import hanoi
from langnghe.core.policy.loader import load_policy, topic_names
from langnghe.core.schoolyear import week_number
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.units import sync_units
from langnghe.core.text import fold
from tests.bench_fiction import SYLLABLES
from tests.bench_watch import COMMUNES, SCHOOLS, province

END = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAYS = 1095
PASSWORD = "suoi-mo-trong-xanh"
PEOPLE = {"canbo": ("officer", None), "quantri": ("admin", None), "truong0": ("principal", "t0")}
OPEN_INCIDENTS = 40
BIG_STORY = 600
"""Mentions of the story that everybody talks about at the end."""
_BATCH = 20_000
_WORDS = [
    "trường",
    "học",
    "sinh",
    "phụ",
    "huynh",
    "bữa",
    "ăn",
    "bán",
    "trú",
    "khoản",
    "thu",
    "giáo",
    "viên",
    "lớp",
    "sân",
    "trường",
    "cổng",
    "trường",
    "clip",
    "họp",
    "nhà",
    "trường",
    "xã",
    "sở",
    "công",
    "an",
    "bệnh",
    "viện",
    "kiểm",
    "tra",
    "xác",
    "minh",
    "báo",
    "cáo",
    "phản",
    "ánh",
    "đầu",
    "năm",
    "kỳ",
    "thi",
    "điểm",
    "bạo",
    "lực",
    "đuối",
    "nước",
    "tai",
    "nạn",
    "xe",
    "đưa",
    "đón",
    "đồng",
    "phục",
    "quỹ",
    "lớp",
    "thư",
    "viện",
    "khai",
    "giảng",
    "bão",
    "lũ",
    "nghỉ",
    "học",
    "khen",
    "thưởng",
    "hội",
    "khỏe",
    "tập",
    "huấn",
    "chuyển",
    "đổi",
    "số",
    "dinh",
    "dưỡng",
    "sữa",
    "học",
    "đường",
    "nước",
    "sạch",
    "nhà",
    "vệ",
    "sinh",
]


def build(path: Path, mentions: int) -> None:
    """Write a store of this many mentions; takes some minutes for a million."""
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
        with store.engine.connect() as connection:
            raw: Any = connection.connection
            for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-800000"):
                raw.execute(f"PRAGMA {pragma}")
            connection.rollback()
            connection = connection.execution_options(langnghe_write=True)
            _fill(connection, mentions)
            connection.commit()
            raw.execute("PRAGMA journal_mode=WAL")
            raw.execute("ANALYZE")


def _fill(connection: sa.Connection, mentions: int) -> None:
    dice = random.Random(118)  # noqa: S311 - the same store every time
    from sqlmodel import Session

    with Session(connection) as session:
        sync_units(session, province(), END)
        session.flush()
        _house(connection, dice)
        big = min(BIG_STORY, mentions // 4)
        stories = _stories(dice, mentions, big)
        put(connection, t.StoryRow, (row for row in stories.rows(dice)))
        tally = _heard(connection, dice, mentions, stories)
        put(connection, t.BoardDayRow, (
            {"day": day, "heard": n, "sources": 60, "counted_at": END}
            for day, n in sorted(tally.heard.items())
        ))  # fmt: skip
        put(connection, t.BoardCountRow, tally.board())
        put(connection, t.WatchDayRow, (
            {"day": day, "heard": n, "listened": True, "touched": False, "counted_at": END}
            for day, n in sorted(tally.heard.items())
        ))  # fmt: skip
        put(connection, t.WatchCountRow, tally.watch())
        from tests.bench_store_desk import desk

        desk(connection, dice, stories)
        session.commit()


def put(connection: sa.Connection, model: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows of a table, many at a time; what a row does not say stands as in a new one."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    names = {column.name for column in table.columns}
    defaults: dict[str, Any] = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name in names and not field.is_required()
    }
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append({**defaults, **row})
        if len(batch) >= _BATCH:
            connection.execute(sa.insert(table), batch)
            batch = []
    if batch:
        connection.execute(sa.insert(table), batch)


def phrase(dice: random.Random, words: int) -> str:
    """Return some words in a row."""
    return " ".join(dice.choice(_WORDS) for _ in range(words))


class Stories:
    """Which mention belongs to which story, and how big each is."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sizes
        self.of: list[int] = [n for n, size in enumerate(sizes, 1) for _ in range(size)]
        self.units: list[str | None] = []
        self.topics: list[str] = []
        self.levels: list[int] = []

    def rows(self, dice: random.Random) -> Iterator[dict[str, Any]]:
        """Yield the stories, oldest first; the last one is the big one."""
        topics = list(topic_names())
        total, before = len(self.of), 0
        for number, size in enumerate(self.sizes, 1):
            first = moment_of(before, total)
            before += size
            last = moment_of(before - 1, total)
            school = int(SCHOOLS * dice.random() ** 3)
            unit = f"t{school}" if dice.random() < 0.4 else None
            level = 0 if dice.random() < 0.94 else dice.choice((1, 1, 1, 2, 2, 3))
            if number == len(self.sizes):
                unit, level = "t0", 3
            topic = dice.choice(topics)
            self.units.append(unit)
            self.topics.append(topic)
            self.levels.append(level if unit else 0)
            yield {
                "id": number, "title": phrase(dice, 10).capitalize(), "first_at": first,
                "last_at": last, "mention_count": size, "copy_count": size // 3,
                "source_count": min(size, 12), "unit_id": unit, "units": [unit] if unit else [],
                "topics": [topic], "level": self.levels[-1], "score": 20.0 * self.levels[-1],
                "assessed_at": last, "policy_version": "bench",
            }  # fmt: skip


def _stories(dice: random.Random, mentions: int, big: int) -> Stories:
    sizes, left = [], mentions - big
    while left > 0:
        size = min(left, 1 if dice.random() < 0.7 else int(dice.paretovariate(1.1)) + 1, 400)
        sizes.append(size)
        left -= size
    return Stories([*sizes, big])


def moment_of(place: int, total: int) -> datetime:
    """Return when the mention at this place was seen: evenly over the years, the last just now."""
    return END - timedelta(days=DAYS) * ((total - 1 - place) / max(total, 1))


class Tally:
    """Counts of days, as the stages keep them."""

    def __init__(self) -> None:
        self.heard: Counter[date] = Counter()
        self.counts: Counter[tuple[date, str, str, str]] = Counter()

    def add(self, day: date, unit: str | None, topic: str, tone: str) -> None:
        """Count one mention for its unit and all above it."""
        self.heard[day] += 1
        if unit is None:
            return
        for seen in (unit, f"xa{int(unit[1:]) % COMMUNES}", "tinh"):
            for of in ("", topic):
                self.counts[day, seen, of, tone] += 1

    def _rows(self) -> Iterator[tuple[date, str, str, Counter[str]]]:
        present: tuple[date, str, str] | None = None
        tones: Counter[str] = Counter()
        for (day, unit, topic, tone), n in sorted(self.counts.items()):
            if present is not None and present != (day, unit, topic):
                yield (*present, tones)
                tones = Counter()
            present = (day, unit, topic)
            tones[tone] += n
        if present is not None:
            yield (*present, tones)

    def board(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the overview's tallies."""
        for day, unit, topic, tones in self._rows():
            yield {
                "unit_id": unit, "topic": topic, "day": day, "week": week_number(day),
                "originals": tones.total(), "neg": tones["neg"], "neu": tones["neu"],
                "pos": tones["pos"],
            }  # fmt: skip

    def watch(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that the alarm counts by."""
        for day, unit, topic, tones in self._rows():
            yield {"day": day, "unit_id": unit, "topic": topic, "originals": tones.total()}


def _heard(
    connection: sa.Connection, dice: random.Random, mentions: int, stories: Stories
) -> Tally:
    tally = Tally()
    for start in range(0, mentions, _BATCH):
        places = range(start, min(start + _BATCH, mentions))
        rows = [_one(dice, place, mentions, stories, tally) for place in places]
        put(connection, t.MentionRow, (row[0] for row in rows))
        put(connection, t.ReadingRow, (row[1] for row in rows))
        put(connection, t.MentionUnitRow, (
            {"mention_id": row[0]["id"], "unit_id": row[2], "confidence": 0.9}
            for row in rows if row[2]
        ))  # fmt: skip
        put(connection, t.StoryMentionRow, (
            {"story_id": row[0]["story_id"], "mention_id": row[0]["id"], "at": row[0]["seen_at"]}
            for row in rows
        ))  # fmt: skip
    return tally


def _one(
    dice: random.Random, place: int, total: int, stories: Stories, tally: Tally
) -> tuple[dict[str, Any], dict[str, Any], str | None]:
    number, seen = place + 1, moment_of(place, total)
    story = stories.of[place]
    unit, topic = stories.units[story - 1], stories.topics[story - 1]
    level = stories.levels[story - 1]
    tone = dice.choices(("neg", "neu", "pos"), (3, 5, 2))[0] if level == 0 else "neg"
    name = f"Trường {dice.choice(SYLLABLES)} {dice.choice(SYLLABLES)}"
    title, text = f"{name}: {phrase(dice, 9)}", phrase(dice, 45)
    about = unit is not None or dice.random() < 0.7
    tally.add(hanoi(seen).date(), unit, topic, tone)
    source = f"nguon{dice.randrange(150)}"
    mention = {
        "id": number, "key": f"k{number}", "kind": "news" if dice.random() < 0.8 else "comment",
        "source_id": source, "source_name": f"Báo thử {source[5:]}",
        "url": f"https://bao{source[5:]}.example/{number}.html", "published_at": seen,
        "seen_at": seen, "title": title, "text": text, "folded": fold(f"{title} {text}"),
        "content_hash": f"h{number}", "stage": t.DONE, "about_education": about,
        "story_id": story,
    }  # fmt: skip
    reading = {
        "mention_id": number, "revision": 1, "model": "bench", "about_education": about,
        "about_education_p": 0.9, "scope": "vn", "sentiment": tone,
        "sentiment_p": {"neg": 0.4, "neu": 0.4, "pos": 0.2},
        "topics": [{"topic": topic, "p": 0.9, "evidence": text.split()[:3]}],
        "risk": level, "risk_p": [0.4, 0.3, 0.2, 0.1],
        "stance": dice.choices(("report", "confirm", "deny", "correct"), (90, 5, 3, 2))[0],
        "facts": [{"kind": "pupils", "value": dice.randrange(2, 40), "text": title.split()[2],
                   "span": [0, 6]}],
        "masked_title": title, "masked_text": f"{title}. {text}",
    }  # fmt: skip
    return mention, reading, unit


def _house(connection: sa.Connection, dice: random.Random) -> None:
    hashed = hash_password(PASSWORD)
    put(connection, t.UserRow, (
        {"username": name, "name": f"Đ/c {name}", "password_hash": hashed, "role": role,
         "unit_id": unit, "created_at": END}
        for name, (role, unit) in PEOPLE.items()
    ))  # fmt: skip
    put(connection, t.SourceRow, (
        {"id": f"nguon{n}", "name": f"Báo thử {n}", "kind": "rss",
         "url": f"https://bao{n}.example/rss", "state": "working" if n % 20 else "failing",
         "reason": "" if n % 20 else "Trang không trả lời.", "since": END, "last_ok_at": END,
         "last_item_at": END, "item_count": dice.randrange(9000)}
        for n in range(150)
    ))  # fmt: skip
    put(connection, t.MarkRow, (
        {"name": f"heartbeat:{stage}", "at": END} for stage in ("collect", "understand", "tell")
    ))  # fmt: skip


def main() -> None:
    """Write a store and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    given = parser.parse_args()
    load_policy()
    started = time.monotonic()
    build(given.file, given.mentions)
    size = given.file.stat().st_size / 1e6
    sys.stdout.write(
        f"{given.mentions} mentions in {time.monotonic() - started:.0f} s: {size:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
