"""The walk of the stream says on both databases what a plain look at every row says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.queries.mentions import MentionFilter, list_mentions
from langnghe.core.store.search import parse_query
from tests.conftest import NOW
from tests.webhouse import WebHouse

STANCES = ("report", "deny", "comment")
TONES = ("neg", "neu", "pos")


@pytest.fixture
def filled(any_store: Store, tmp_path: Path) -> Store:
    house = WebHouse(any_store, tmp_path)
    stories = [
        house.add(t.StoryRow(title=str(n), first_at=NOW, last_at=NOW, level=n)) for n in range(4)
    ]
    for n in range(90):
        house.mention(
            f"tin {n}", "quỹ lớp" if n % 7 == 0 else "bữa trưa", minutes=n,
            unit=("th_a", "th_b", None)[n % 3], story=stories[n % 4] if n % 5 else None,
            stance=STANCES[n % 3], sentiment=TONES[n % 2],
        )  # fmt: skip
    with any_store.write() as session:
        for n in (3, 30, 60):
            session.add(t.TriageMarkRow(unit_id="", mention_id=n, starred=True, seen=n > 3, at=NOW))
    return any_store


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, lambda n: True),
        ({"unit": "th_a"}, lambda n: n % 3 == 0),
        ({"unit": "so"}, lambda n: n % 3 != 2),
        ({"viewer_unit": "th_b"}, lambda n: n % 3 != 0),
        ({"stance": "deny"}, lambda n: n % 3 == 1),
        ({"stance": "deny", "unit": "th_b", "sentiment": "neu"}, lambda n: n % 6 == 1),
        ({"level": 2}, lambda n: n % 5 != 0 and n % 4 == 2),
        ({"level": 0, "sentiment": "pos"}, lambda n: False),
        ({"source": "Báo Thử"}, lambda n: True),
        ({"query": parse_query("quy lop")}, lambda n: n % 7 == 0),
        ({"query": parse_query('"quỹ lớp"'), "unit": "th_a"}, lambda n: n % 21 == 0),
        ({"since": NOW + timedelta(minutes=50)}, lambda n: n >= 50),
        ({"until": NOW + timedelta(minutes=50), "unit": "th_a"}, lambda n: n < 50 and n % 3 == 0),
        ({"desk": "", "starred": True}, lambda n: n in (2, 29, 59)),
        ({"desk": "", "starred": True, "seen": False}, lambda n: n == 2),
        ({"desk": "", "seen": True}, lambda n: n in (29, 59)),
        ({"desk": "", "seen": False}, lambda n: n not in (29, 59)),
        ({"desk": "", "noise": True}, lambda n: False),
        ({"topic": "khoan_thu"}, lambda n: True),
        ({"topic": "la"}, lambda n: False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("windows", [None, (4, 9)])
def test_pages_together_hold_what_fits_and_nothing_twice(
    filled: Store, fields: dict[str, Any], holds: Any, windows: tuple[int, ...] | None
) -> None:
    seen: list[str] = []
    cursor: str | None = None
    with filled.read() as session:
        for _ in range(60):
            page = list_mentions(
                session, MentionFilter(**fields), cursor=cursor, limit=7, windows=windows
            )
            seen += [m.title for m in page.rows]
            cursor = page.next
            if cursor is None:
                break
    assert cursor is None, "the walk comes to an end"
    assert seen == [f"tin {n}" for n in reversed(range(90)) if holds(n)]
