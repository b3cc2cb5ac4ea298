"""Pages looked at again: edits kept, removals confirmed, and what says nothing left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from collectors.faults import FetchFault
from collectors.fetcher import Fetched
from collectors.recheck import DELAYS, first_look, judge, next_look, recheck_due
from langnghe.core.errors import FetchError
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW, count
from tests.core.evidencehouse import EvidenceHouse, item

HOUR = timedelta(hours=1)
URL = "https://bao-suoi-mo.example/tin/1"
GONE = FetchFault("not_found", http_status=404)


def page(text: str, title: str = "Tin 1") -> bytes:
    """Return an article's page."""
    body = "".join(f"<p>{text}</p>" for _ in range(1))
    return (
        f"<html><head><title>{title}</title><meta property='og:title' content='{title}'></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


ARTICLE = page("Nhà trường cho biết đang xác minh phản ánh của phụ huynh về bữa ăn bán trú. " * 12)
EDITED = page("Nhà trường cho biết đã có kết luận về bữa ăn bán trú tại điểm trường này. " * 12)


class Site:
    """A site that answers as it is told, page by page, and remembers what it was asked."""

    def __init__(self) -> None:
        self.says: bytes | FetchError | None = ARTICLE
        self.at = ""
        self.asked: list[tuple[str, str | None]] = []

    def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        """Answer or raise."""
        self.asked.append((url, etag))
        if isinstance(self.says, FetchError):
            raise self.says
        return Fetched(304 if self.says is None else 200, self.at or url, self.says,
                       {"etag": '"v1"'}, 0.1, False, (("Content-Type", "text/html"),))  # fmt: skip


class Town:
    """An open incident with one mention, and the site it stands on."""

    def __init__(self, store: Store, home: Path) -> None:
        self.house = EvidenceHouse(store, home)
        self.store = store
        self.site = Site()
        self.house.see(item(1))
        with store.write() as session:
            story = t.StoryRow(title="x", first_at=NOW, last_at=NOW, unit_id="truong", level=2)
            session.add(story)
            session.flush()
            incident = t.IncidentRow(
                story_id=story.id or 0, unit_id="truong", title="x", level=2, peak_level=2,
                score=60.0, opened_at=NOW, updated_at=NOW, policy_version="p",
            )  # fmt: skip
            session.add(incident)
            session.flush()
            story.incident_id = incident.id
            session.execute(sa.text("UPDATE mention SET story_id = :s"), {"s": story.id})

    def look(self, hours: float) -> int:
        """Run the stage at a time after first sight."""
        return recheck_due(
            self.store, self.site, self.house.vault, secret=b"k", now=NOW + HOUR * hours
        )

    def row(self) -> t.RecheckRow:
        """Return what is known of the page."""
        with self.store.read() as session:
            row = session.get(t.RecheckRow, 1)
        assert row is not None
        return row

    def events(self) -> list[str]:
        """Return the kinds of the incident's timeline."""
        with self.store.read() as session:
            return list(session.scalars(sa.text("SELECT kind FROM incident_event ORDER BY id")))


@pytest.fixture
def town(any_store: Store, tmp_path: Path) -> Iterator[Town]:
    """Return an incident on either database."""
    made = Town(any_store, tmp_path)
    yield made
    made.house.vault.close()


def test_it_comes_after_one_and_six_hours_a_day_three_and_seven() -> None:
    looks, now = [], first_look(NOW, NOW)
    while now is not None:
        looks.append((now - NOW) / HOUR)
        now = next_look(NOW, now)  # type: ignore[assignment]
    assert looks == [1, 6, 24, 72, 168]
    assert first_look(NOW, NOW + 50 * HOUR) == NOW + 50 * HOUR
    assert next_look(NOW, NOW + DELAYS[-1]) is None


def test_the_first_look_keeps_the_page_and_is_no_change(town: Town) -> None:
    assert town.look(0.5) == 0
    assert town.look(1.1) == 1
    assert count(town.store, "page_version") == 1
    assert town.events() == []
    assert town.row().due_at == NOW + 6 * HOUR
    assert [r.kind for r in town.house.rows()] == ["response", "response"]
    assert town.house.verify().ok


def test_an_unchanged_page_is_asked_politely_and_kept_once(town: Town) -> None:
    town.look(1.1)
    town.site.says = None
    town.look(6.1)
    town.site.says = ARTICLE
    town.look(24.1)
    assert [etag for _, etag in town.site.asked] == [None, '"v1"', '"v1"']
    assert count(town.store, "page_version") == 1
    assert len(town.house.rows()) == 2


def test_an_edited_page_is_a_version_with_its_evidence(town: Town) -> None:
    town.look(1.1)
    town.site.says = EDITED
    town.look(6.1)
    assert count(town.store, "page_version") == 2
    assert town.events() == ["evidence_changed"]
    assert len(town.house.rows()) == 3
    assert town.house.verify().ok


def test_an_edited_article_read_from_its_page_is_a_revision(town: Town) -> None:
    with town.store.write() as session:
        session.add(t.SourceRow(id="s", name="s", kind="html", url="https://x.example"))
        session.execute(sa.text("UPDATE mention SET source_id = 's'"))
    town.site.says = EDITED
    town.look(1.1)
    assert count(town.store, "mention_revision") == 1
    assert count(town.store, "page_version") == 0
    assert [m[1] for m in town.house.rows()[-1].mentions] == [2]
    assert town.events() == ["evidence_changed"]
    assert town.house.verify().ok


def test_gone_once_is_not_yet_gone(town: Town) -> None:
    town.look(1.1)
    town.site.says = GONE
    town.look(6.1)
    assert (town.row().state, town.row().deleted_at) == ("missing", None)
    assert town.look(6.3) == 0, "half an hour must pass"
    town.look(6.7)
    row = town.row()
    assert (row.state, row.deleted_at) == ("gone", NOW + 6.1 * HOUR)
    assert town.events() == ["evidence_gone"]
    assert town.house.rows()[-1].kind == "metadata"
    town.look(24.1)
    assert town.events() == ["evidence_gone"], "told once"
    town.site.says = ARTICLE
    town.look(72.1)
    assert town.row().restored_at == NOW + 72.1 * HOUR
    assert town.events() == ["evidence_gone", "evidence_back"]
    assert town.house.verify().ok


def test_back_within_the_half_hour_was_never_gone(town: Town) -> None:
    town.site.says = GONE
    town.look(1.1)
    town.site.says = ARTICLE
    town.look(1.7)
    town.site.says = GONE
    town.look(6.1)
    assert (town.row().state, town.row().deleted_at) == ("missing", None)


@pytest.mark.parametrize("code", ["timeout", "dns", "http_error", "unavailable", "robots_down"])
def test_a_network_that_fails_is_no_removal(town: Town, code: str) -> None:
    town.site.says = FetchFault(code)
    for hours in (1.1, 3, 6, 12, 24):
        town.look(hours)
    row = town.row()
    assert row.deleted_at is None
    assert row.missing_at is None
    assert row.failures == 5
    assert row.due_at is not None
    assert row.due_at > NOW + 24 * HOUR
    assert town.events() == []


def test_a_site_that_names_a_time_is_left_alone_until_then(town: Town) -> None:
    until = NOW + 20 * HOUR
    town.site.says = FetchFault("rate_limited", http_status=429, retry_at=until)
    town.look(1.1)
    assert town.row().due_at == until


def test_robots_are_honoured(town: Town) -> None:
    town.site.says = FetchFault("robots")
    town.look(1.1)
    assert town.row().state == "blocked"
    assert town.row().deleted_at is None


@pytest.mark.parametrize(
    ("body", "at", "state"),
    [
        (page("Bài viết không tồn tại hoặc đã bị gỡ bỏ."), "", "gone"),
        (ARTICLE, "https://bao-suoi-mo.example/", "gone"),
        (ARTICLE, "https://bao-suoi-mo.example/tin/1-moi", "there"),
        (
            page("Nội dung đã bị xóa theo yêu cầu. " + "Phụ huynh kể lại sự việc. " * 60),
            "",
            "there",
        ),
        (b"", "", "unreadable"),
    ],
)
def test_what_a_page_says_of_itself(body: bytes, at: str, state: str) -> None:
    assert judge(Fetched(200, at or URL, body), URL, NOW).state == state


def test_a_closed_incident_is_left_alone(town: Town) -> None:
    town.look(0.1)
    with town.store.write() as session:
        session.execute(sa.text("UPDATE incident SET state = 'closed'"))
    assert town.look(1.1) == 0
    assert town.site.asked == []
    town.look(1.1 + 24)
    town.look(24 * 9)
    assert town.row().due_at is None
    assert town.row().state == "done"


def test_no_more_pages_than_the_bound(town: Town) -> None:
    town.house.see(*(item(n) for n in range(2, 20)))
    with town.store.write() as session:
        session.execute(sa.text("UPDATE mention SET story_id = 1"))
    town.look(0)
    assert town.look(1.1) == 10
    assert town.look(1.1) == 9
