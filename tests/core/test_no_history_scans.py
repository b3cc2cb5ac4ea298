"""No step of a turn reads a whole table that grows: the cost of a mention stays flat for years.

SQLite tells how it would run each statement; a ``SCAN`` of a growing table that no index narrows
is the fault this test was written for (a partial index the query's wording did not match).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from alerts.watchdog import watch
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import MentionRow
from langnghe.pipeline import SWEEP, House, turn
from tests.core.test_pipeline import GRAVE, hear, house, wait

__all__ = ["house"]


@pytest.fixture
def any_store(store: Store) -> Store:
    """SQLite alone: PostgreSQL chooses by statistics, and matches partial indexes by meaning."""
    return store


GROWING = {
    "mention", "reading", "mention_unit", "mention_revision", "story", "story_mention",
    "story_child", "incident_event", "step", "deadline", "outbox", "audit", "correction",
    "story_decision", "watch_count", "board_count", "unusual",
}  # fmt: skip


def scans(store: Store, statements: list[tuple[str, Any]]) -> set[tuple[str, str]]:
    """Return (table, statement) of every full scan of a growing table."""
    found = set()
    with store.engine.connect() as connection:
        for statement, parameters in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            aliases = dict(re.findall(r"(?:FROM|JOIN) (\w+) AS (\w+)", statement))
            names = {alias: table for table, alias in aliases.items()}
            for row in plan:
                scan = re.match(r"SCAN (\w+)(?! USING (?:COVERING )?INDEX)", row[3])
                if scan and names.get(scan[1], scan[1]) in GROWING:
                    found.add((scan[1], statement))
    return found


def test_no_stage_scans_a_growing_table(house: House) -> None:
    store = house.services.store
    seen: list[tuple[str, Any]] = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append((statement, parameters[0] if many else parameters))

    hear(house, GRAVE, "Giá vàng hôm nay tăng mạnh")
    assert turn(house, SWEEP).failed == {}
    wait(house, 20)
    hear(house, "Vụ 20 học sinh Trường TH&THCS Suối Mơ nhập viện: xã cử đoàn kiểm tra bữa sáng")
    assert turn(house, SWEEP).failed == {}
    wait(house, 60 * 30)
    assert turn(house, SWEEP).failed == {}
    s = house.services
    watch(store, s.settings, s.clock.now(), started=s.clock.now(), channel=None)
    assert len(seen) > 40
    assert set(SQLModel.metadata.tables) >= GROWING
    assert scans(store, seen) == set()


def test_the_check_itself_can_fail(house: House) -> None:
    store = house.services.store
    wrong = sa.select(MentionRow.id).where(MentionRow.stage == 0)  # type: ignore[arg-type, call-overload]
    text = str(wrong.compile(store.engine, compile_kwargs={"literal_binds": True}))
    assert {table for table, _ in scans(store, [(text, ())])} == {"mention"}
