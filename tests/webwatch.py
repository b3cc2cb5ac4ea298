"""Something unusual in the invented house of the web tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from langnghe.core.clock import hanoi
from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import WebHouse


def put_unusual(house: WebHouse, unit: str = "th_a", **more: Any) -> int:
    """Store a row that stands; return its id."""
    fields: dict[str, Any] = {
        "unit_id": unit, "topic": "khoan_thu", "kind": "burst",
        "since": hanoi(NOW).date() - timedelta(1), "through": hanoi(NOW).date(), "opened_at": NOW,
        "seen": 5, "expected": 0.31, "once_in_days": 900.0, "strength": 0.55,
        "mention_ids": [1, 2], "story_ids": [7], "text": f"{unit}: 5 tin",
    }  # fmt: skip
    return house.add(t.UnusualRow(**(fields | more)))


def put_series(house: WebHouse, unit: str, number: int) -> None:
    """Let the house keep ``number`` series of a unit."""
    with house.store.write() as session:
        for n in range(number):
            session.add(
                t.WatchStateRow(unit_id=unit, topic=f"t{n}", through=hanoi(NOW).date(), data={})
            )
