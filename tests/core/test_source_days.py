"""What each source brought a day: kept while collecting, read without counting mentions."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from collectors.catalog import SourceConfig
from collectors.fetcher import Fetched
from collectors.stage import collect_due, source_rows
from langnghe.core.store.engine import Store
from langnghe.core.store.sources import SOURCE_DAY, sync_sources, tally, volumes
from tests.conftest import NOW

TODAY = date(2026, 11, 23)
LISTED = [SourceConfig("bao-thu", "Báo Thử", "rss", "https://bao.example/rss")]


class Site:
    """A site whose feed grows by one item a visit."""

    def __init__(self) -> None:
        self.visits = 0

    def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        self.visits += 1
        items = "".join(
            f"<item><title>Tin {n}</title><link>https://bao.example/{n}</link></item>"
            for n in range(self.visits)
        )
        body = f"<rss version='2.0'><channel><title>Báo</title>{items}</channel></rss>"
        return Fetched(200, url, body.encode())


def test_new_mentions_are_tallied_by_the_vietnamese_day(any_store: Store) -> None:
    late = NOW.replace(hour=17, minute=30)  # half past midnight in Hà Nội
    with any_store.write() as session:
        tally(session, "bao-thu", NOW, 3)
        tally(session, "bao-thu", NOW, 2)
        tally(session, "bao-thu", late - timedelta(days=1), 1)
        tally(session, "bao-thu", late, 7)
        tally(session, "bao-cu", NOW, 0)
    with any_store.read() as session:
        found = volumes(session, TODAY, 28)
    assert set(found) == {"bao-thu"}
    assert len(found["bao-thu"]) == 28
    assert found["bao-thu"][-2:] == [0, 6]


def test_collecting_keeps_the_tally(any_store: Store) -> None:
    site = Site()
    with any_store.write() as session:
        sync_sources(session, source_rows(LISTED), NOW)
    for hours in (0, 1, 2):
        collect_due(any_store, site, secret=b"x", now=NOW + timedelta(hours=hours))
    with any_store.read() as session:
        assert volumes(session, TODAY, 28, source_id="bao-thu")["bao-thu"][-1] == 3


def test_the_days_shown_are_found_by_the_index(store: Store) -> None:
    query = sa.select(SOURCE_DAY).where(SOURCE_DAY.c.day >= TODAY, SOURCE_DAY.c.day <= TODAY)
    with store.read() as session:
        compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}")).all()
    told = " | ".join(str(row[3]) for row in plan)
    assert "ix_source_day_day" in told
    assert "SCAN" not in told
