"""One visit: unchanged bodies are not read again, failures back off, health is said plainly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer

from collectors.catalog import SourceConfig
from collectors.faults import FetchFault
from collectors.fetcher import Fetched, Fetcher, FetchPolicy
from collectors.poll import LONGEST_BACKOFF, PollResult, PollState, poll
from langnghe.core.clock import VirtualClock
from langnghe.core.types import SourceState

NOW = datetime(2026, 5, 29, 3, 0, tzinfo=UTC)
SOURCE = SourceConfig(id="bao", name="Báo Ví Dụ", kind="rss", url="https://baovidu.vn/rss",
                      interval_minutes=15)  # fmt: skip
DATED = "<pubDate>Fri, 29 May 2026 09:00:00 +0700</pubDate>"


def feed(*titles: str, date: str = DATED) -> bytes:
    items = "".join(f"<item><title>{t}</title><link>/{t}</link>{date}</item>" for t in titles)
    return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()


class Site:
    """A site that gives the replies it was told to, and remembers what it was asked."""

    def __init__(self, *replies: bytes | FetchFault | None, etag: str | None = None) -> None:
        self.replies = list(replies)
        self.etag = etag
        self.asked: list[tuple[str | None, str | None]] = []
        self.truncated = False

    def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        self.asked.append((etag, last_modified))
        reply = self.replies.pop(0)
        if isinstance(reply, FetchFault):
            raise reply
        headers = {"etag": self.etag} if self.etag else {}
        status = 304 if reply is None else 200
        return Fetched(status, url, reply, headers, 0.1, self.truncated)


def visits(site: Site, *, every: timedelta = timedelta(minutes=15),
           source: SourceConfig = SOURCE) -> list[PollResult]:  # fmt: skip
    state, now, results = PollState(), NOW, []
    while site.replies:
        result = poll(source, state, site, now)
        results.append(result)
        state, now = result.state, now + every
    return results


def test_a_working_source() -> None:
    (result,) = visits(Site(feed("a", "b"), etag='"1"'))
    assert [i.title for i in result.items] == ["a", "b"]
    assert (result.health.state, result.health.entries) == (SourceState.WORKING, 2)
    assert (result.state.etag, result.state.next_due_at) == ('"1"', NOW + timedelta(minutes=15))


@pytest.mark.parametrize("again", [None, feed("a")])
def test_an_unchanged_body_is_not_read_again(again: bytes | None) -> None:
    site = Site(feed("a"), again, feed("a", "b"), etag='"1"')
    first, second, third = visits(site)
    assert (second.items, second.unchanged, second.health.state) == ((), True, SourceState.WORKING)
    assert second.health.entries == first.health.entries == 1
    assert second.health.checked_at == NOW + timedelta(minutes=15)
    assert len(third.items) == 2
    assert site.asked == [(None, None), ('"1"', None), ('"1"', None)]


def test_not_modified_of_what_was_never_read_is_asked_anew() -> None:
    result = poll(SOURCE, PollState(etag='"cu"'), Site(None), NOW)
    assert result.state.etag is None
    assert result.state.next_due_at == NOW


def test_failures_back_off_up_to_a_cap_and_recover() -> None:
    site = Site(*(FetchFault("connect") for _ in range(9)), feed("a"))
    results = visits(site)
    starts = [NOW + timedelta(minutes=15) * n for n in range(9)]
    waits = [
        (r.state.next_due_at - s) for r, s in zip(results, starts, strict=False)
        if r.state.next_due_at
    ]  # fmt: skip
    assert waits[:4] == [timedelta(minutes=m) for m in (15, 30, 60, 120)]
    assert waits[8] == LONGEST_BACKOFF
    assert results[3].health.state is SourceState.FAILING
    assert "Đã lỗi 4 lần liên tiếp." in results[3].health.reason_vi
    assert (results[9].state.failures, results[9].health.state) == (0, SourceState.WORKING)


def test_the_time_a_site_names_is_kept() -> None:
    later = NOW + timedelta(hours=9)
    (result,) = visits(Site(FetchFault("rate_limited", http_status=429, retry_at=later)))
    assert (result.health.state, result.state.next_due_at) == (SourceState.REFUSED, later)
    soon = FetchFault("unavailable", http_status=503, retry_at=NOW + timedelta(seconds=5))
    (result,) = visits(Site(soon))
    assert result.state.next_due_at == NOW + timedelta(minutes=15)


def test_a_failure_keeps_what_was_known() -> None:
    first, second = visits(Site(feed("a"), FetchFault("timeout"), etag='"1"'))
    assert second.state.etag == first.state.etag
    assert second.state.entries_hash == first.state.entries_hash


@pytest.mark.parametrize(
    ("body", "state", "kept"),
    [
        (feed(), SourceState.EMPTY, 0),
        (feed("a", date=""), SourceState.UNDATED, 1),
        (b"<html><body>Trang</body></html>", SourceState.MALFORMED, 0),
        (b"", SourceState.MALFORMED, 0),
        (feed("a", "b")[:-40], SourceState.MALFORMED, 1),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss/>', SourceState.MALFORMED, 0),
        (feed("a & b"), SourceState.WORKING, 1),
    ],
)
def test_health_of_what_came(body: bytes, state: SourceState, kept: int) -> None:
    (result,) = visits(Site(body, etag='"1"'))
    assert (result.health.state, len(result.items)) == (state, kept)
    assert result.health.reason_vi.endswith(".")
    assert result.health.mend_vi.endswith(".")
    # What came broken must not be answered "not modified" next time.
    assert (result.state.etag is None) is (state is SourceState.MALFORMED)


def test_a_transfer_that_broke_off_is_said_and_asked_anew() -> None:
    site = Site(feed("a"), etag='"1"')
    site.truncated = True
    (result,) = visits(site)
    assert (result.health.state, len(result.items)) == (SourceState.MALFORMED, 1)
    assert (result.state.etag, result.state.body_hash) == (None, None)


def test_a_source_still_for_too_long_is_silent_and_wakes_up() -> None:
    results = visits(Site(feed("a"), None, None, feed("a", "b")), every=timedelta(hours=40))
    assert [r.health.state for r in results] == [
        SourceState.WORKING, SourceState.WORKING, SourceState.SILENT, SourceState.WORKING,
    ]  # fmt: skip
    assert "29/05/2026 09:00" in results[2].health.reason_vi


def test_a_source_dead_when_first_met_is_silent_at_once() -> None:
    old = "<pubDate>Fri, 29 May 2020 09:00:00 +0700</pubDate>"
    (result,) = visits(Site(feed("a", date=old)))
    assert result.health.state is SourceState.SILENT
    assert len(result.items) == 1


def test_a_source_that_is_slow_by_habit_is_given_more_time() -> None:
    bodies = [feed(*(f"t{n}" for n in range(k + 1))) for k in range(4)]
    results = visits(Site(*bodies, None, None), every=timedelta(days=7))
    assert results[-1].state.usual_gap_s == pytest.approx(7 * 86400, rel=0.01)
    assert results[-1].health.state is SourceState.WORKING


def test_the_real_way_round(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", 404)
    httpserver.expect_oneshot_request("/rss").respond_with_data(
        feed("a"), headers={"ETag": '"1"', "Content-Type": "application/rss+xml"}
    )
    httpserver.expect_request("/rss", headers={"If-None-Match": '"1"'}).respond_with_data("", 304)
    source = SourceConfig(id="x", name="X", kind="rss", url=httpserver.url_for("/rss"))
    here = frozenset({f"{httpserver.host}:{httpserver.port}"})
    way = Fetcher(FetchPolicy(min_delay_s=0, allow_private=here), clock=VirtualClock(NOW))
    first = poll(source, PollState(), way, NOW)
    second = poll(source, first.state, way, NOW + timedelta(minutes=30))
    assert ([i.title for i in first.items], second.items, second.unchanged) == (["a"], (), True)
