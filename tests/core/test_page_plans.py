"""No page reads a whole table that grows: every GET of every page is asked for its query plans.

The routes are walked as the application knows them, so a new page is held to this by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from dashboards.app import build_router
from langnghe.core.store.engine import Store
from tests.dashboards.test_budgets import furnish
from tests.webhouse import WebHouse

GROWING = {
    "mention", "reading", "mention_unit", "mention_revision", "story", "story_mention",
    "story_child", "incident", "incident_event", "step", "deadline", "outbox", "delivery", "audit",
    "correction", "story_decision", "watch_count", "unusual", "feedback", "statement",
    "statement_version", "paper", "evidence", "evidence_mention", "page_version", "recheck",
    "board_count", "source_day", "triage_mark", "intake", "attachment",
}  # fmt: skip
KNOWN = {("correction", "/tin/{mention_id}")}
"""What people correct by hand: some thousand small rows in years, read by a unit's own people."""
_WINDOW = "ix_mention_stream"
"""The newest rows of the stream are cut off by a LIMIT of their own, then looked at one by one."""
_PARTIAL = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
QUERIES = {
    "/dong-tin": (
        "tim=bua+an", "don_vi=th_a", "chu_de=khoan_thu", "sac_thai=neg", "muc=2", "nguon=nguon1",
        "loai=news", "tu=2026-01-01&den=2026-11-23", "tat_ca=1",
        "tim=bua&don_vi=th_a&muc=2&sac_thai=neg&chu_de=khoan_thu&loai=news",
    ),
    "/cum-tin": ("muc=2", "don_vi=th_a", "chu_de=khoan_thu"),
    "/vu-viec": ("tinh_trang=mo", "tinh_trang=dong", "muc=2"),
    "/thong-bao": ("tinh_trang=sent", "kenh=email"),
    "/nhat-ky": ("viec=login",),
    "/don-vi": ("tim=suoi",),
}  # fmt: skip


@pytest.fixture
def house(store: Store, tmp_path: Any) -> WebHouse:
    """SQLite alone: PostgreSQL chooses by statistics."""
    return WebHouse(store, tmp_path)


def addresses() -> Iterator[tuple[str, str]]:
    """Yield (route, address) of every page that can be opened; ids are those of the first row."""
    for path in sorted({route.path for route in flat(build_router()) if is_page(route)}):
        filled = re.sub(r"\{unit_id[^}]*\}", "th_a", path)
        filled = re.sub(r"\{source_id[^}]*\}", "nguon1", filled)
        filled = re.sub(r"\{\w*id[^}]*\}", "1", filled)
        filled = re.sub(r"\{[^}]*\}", "khong-co", filled)
        for query in ("", *QUERIES.get(path, ())):
            yield path, f"{filled}?{query}" if query else filled


def flat(router: Any) -> Iterator[Any]:
    """Yield the routes of a router and of all it takes in."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from flat(inner)


def is_page(route: Any) -> bool:
    """Tell whether a route answers GET at once (the live stream does not end)."""
    return "GET" in (getattr(route, "methods", None) or ()) and route.path != "/live"


@contextmanager
def recorded(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Yield the list that every SELECT goes into while the block runs."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters[0] if many else parameters))

    sa.event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", note)


def scanned(store: Store, statement: str, parameters: Any) -> set[str]:
    """Return the growing tables that a statement would read from end to end.

    A walk along an index (or the key) that a LIMIT ends is none, nor one along a partial index:
    that holds only the few rows a page is about.
    """
    found = set()
    names = {
        alias: table for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) AS (\w+)", statement)
    }
    with store.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        partial = set(connection.exec_driver_sql(_PARTIAL).scalars())
    steps = [row[3] for row in plan]
    bounded = " LIMIT " in statement.replace("\n", " ") and not any(
        step.startswith("USE TEMP B-TREE FOR ORDER BY") for step in steps
    )
    for step in steps:
        scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if scan and scan[2] == _WINDOW and re.search(r"LIMIT[^)]*\)", statement):
            continue
        if (
            scan
            and scan[2] not in partial
            and names.get(scan[1], scan[1]) in GROWING
            and not bounded
        ):
            found.add(names.get(scan[1], scan[1]))
    return found


def test_no_page_scans_a_growing_table(house: WebHouse) -> None:
    furnish(house)
    assert set(SQLModel.metadata.tables) >= GROWING
    opened, bad = 0, {}
    clients = [house.browser(name) for name in ("admin", "of_a")]
    for route, address in addresses():
        for client in clients:
            with recorded(house.store) as seen:
                opened += client.get(address).status_code == 200
            for statement, parameters in seen:
                for table in scanned(house.store, statement, parameters):
                    if (table, route) not in KNOWN:
                        bad[table, route] = statement
    assert opened > 60
    assert bad == {}


def test_the_check_itself_can_fail(house: WebHouse) -> None:
    store = house.store
    assert scanned(store, "SELECT * FROM mention WHERE stage = 0", ()) == {"mention"}
    assert scanned(store, "SELECT count(*) FROM mention AS m", ()) == {"mention"}
    assert scanned(store, "SELECT id FROM story ORDER BY title LIMIT 5", ()) == {"story"}
    assert scanned(store, "SELECT id FROM mention ORDER BY id DESC LIMIT 5", ()) == set()
    assert scanned(store, "SELECT * FROM mention WHERE id = 3", ()) == set()
