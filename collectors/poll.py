"""One visit to one source: what to ask, what it means for the source's health, when to come again.

All but the one fetch is a pure decision over (configuration, state, reply, now). Silence is not
safety: a source that fails, goes empty, loses its dates or has had nothing new for longer than it
ever does gets a health state of its own, in words an officer can act on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from collectors.catalog import SourceConfig
from collectors.feeds import parse_feed
from collectors.fetcher import Fetched
from collectors.html import ListingSelectors, parse_listing
from collectors.parsed import ParsedFeed, Problem
from collectors.sitemap import parse_sitemap
from langnghe.core.clock import say
from langnghe.core.errors import FetchError
from langnghe.core.evidence.originals import HTTP, Original
from langnghe.core.text import digest
from langnghe.core.types import Item, SourceState

LONGEST_BACKOFF = timedelta(hours=6)
_USUAL_GAPS = 6.0  # silent after so many of the source's own usual gaps
_GAP_MEMORY = 0.2  # weight of the newest gap in the running mean
_HARMLESS = frozenset(
    {"duplicate_entries", "empty_entries", "wrong_encoding", "clock_shift", "broken_xml",
     "too_many"}
)  # fmt: skip
_NO_MEND = "Không cần làm gì."


class Gets(Protocol):
    """The one thing a poll needs of the network; ``collectors.fetcher.Fetcher`` is one."""

    def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source does, in words for the screen. ``entries`` is what the last reading held."""

    state: SourceState = SourceState.UNCHECKED
    reason_vi: str = "Chưa đọc lần nào."
    mend_vi: str = _NO_MEND
    checked_at: datetime | None = None
    entries: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class PollState:
    """What is remembered of a source between visits (all of it fits a table row).

    ``reading`` is the health of the last body read; ``failures`` counts visits that failed in a
    row; ``changed_at`` when the entries last changed; ``usual_gap_s`` the running mean of seconds
    between changes.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    entries_hash: str | None = None
    failures: int = 0
    next_due_at: datetime | None = None
    changed_at: datetime | None = None
    usual_gap_s: float | None = None
    reading: SourceHealth | None = None


@dataclass(frozen=True, slots=True)
class PollResult:
    """The outcome of one visit. ``items`` is empty when nothing changed (``unchanged``).

    ``original`` is the document the items were read from.
    """

    items: tuple[Item, ...]
    health: SourceHealth
    state: PollState
    unchanged: bool = False
    title: str | None = None
    original: Original | None = None


def original_of(reply: Fetched, now: datetime) -> Original | None:
    """Return a reply as evidence, None where it held no document."""
    if reply.body is None:
        return None
    return Original(
        HTTP, reply.url, now, reply.body, status=reply.status, headers=reply.sent,
        truncated=reply.truncated,
    )  # fmt: skip


def poll(source: SourceConfig, state: PollState, fetcher: Gets, now: datetime) -> PollResult:
    """Visit a source once and return its items, health and new state; never raises ``FetchError``.

    An unchanged body (304, or the same bytes) is not parsed again. Failures push the next visit
    back exponentially up to six hours, and never before the time the site itself has named.
    """
    try:
        reply = fetcher.get(source.url, etag=state.etag, last_modified=state.last_modified)
    except FetchError as error:
        return _failed(source, state, error, now)
    rested = replace(
        state, failures=0, next_due_at=now + timedelta(minutes=source.interval_minutes)
    )
    body_hash = None if reply.body is None else blake2b(reply.body, digest_size=16).hexdigest()
    if state.reading is not None and (reply.body is None or body_hash == state.body_hash):
        health = _not_silent(replace(state.reading, checked_at=now), source, rested, now)
        return PollResult((), health, rested, unchanged=True)
    if reply.body is None:
        # "Not modified" of something never read: ask without conditions next time.
        rested = replace(rested, etag=None, last_modified=None, next_due_at=now)
        return PollResult((), SourceHealth(checked_at=now), rested, unchanged=True)
    parsed = _parse(source, reply, reply.body, now)
    reading = _judge(parsed, reply, now)
    new_state = _remember(rested, parsed, reply, body_hash, reading, now)
    health = _not_silent(reading, source, new_state, now)
    return PollResult(
        parsed.items, health, new_state, title=parsed.title, original=original_of(reply, now)
    )


def _parse(source: SourceConfig, reply: Fetched, body: bytes, now: datetime) -> ParsedFeed:
    content_type = reply.headers.get("content_type")
    if source.kind == "html":
        return parse_listing(
            body,
            reply.url,
            source.selectors or ListingSelectors(item="a[href]"),
            now=now,
            content_type=content_type,
            kind=source.item_kind,
            source=source.name,
        )
    read = parse_sitemap if source.kind == "sitemap" else parse_feed
    return read(
        body,
        base_url=reply.url,
        content_type=content_type,
        now=now,
        kind=source.item_kind,
        source=source.name,
    )


def _judge(parsed: ParsedFeed, reply: Fetched, now: datetime) -> SourceHealth:
    """Return the health that one reading shows by itself."""
    count = len(parsed.items)
    grave = [problem for problem in parsed.problems if problem.code not in _HARMLESS]
    undated = sum(item.published_at is None for item in parsed.items)
    health = SourceHealth(checked_at=now, entries=count, problems=parsed.problems)
    if grave:
        kept = f" Đã giữ được {count} mục." if count else ""
        return replace(
            health,
            state=SourceState.MALFORMED,
            reason_vi=grave[0].message_vi + kept,
            mend_vi=grave[0].mend_vi,
        )
    if reply.truncated:
        return replace(
            health,
            state=SourceState.MALFORMED,
            reason_vi=f"Nguồn tin ngắt giữa chừng; đã giữ được {count} mục.",
            mend_vi="Hệ thống sẽ tự thử lại; nếu kéo dài, báo đơn vị quản lý trang.",
        )
    if not count:
        return replace(
            health,
            state=SourceState.EMPTY,
            reason_vi="Nguồn tin đọc được nhưng không có mục nào.",
            mend_vi="Mở địa chỉ bằng trình duyệt; nếu trang có tin, kiểm tra lại địa chỉ RSS.",
        )
    if undated == count:
        return replace(
            health,
            state=SourceState.UNDATED,
            reason_vi=f"Cả {count} mục đều không có ngày đăng dùng được; tính theo giờ đọc được.",
            mend_vi="Báo đơn vị quản lý trang bổ sung ngày đăng; tin vẫn được theo dõi.",
        )
    notes = [problem.message_vi for problem in parsed.problems]
    if undated:
        notes.append(f"{undated} mục không có ngày đăng dùng được.")
    return replace(
        health,
        state=SourceState.WORKING,
        reason_vi=" ".join([f"Hoạt động bình thường, {count} mục.", *notes]),
    )


def _remember(
    state: PollState,
    parsed: ParsedFeed,
    reply: Fetched,
    body_hash: str | None,
    reading: SourceHealth,
    now: datetime,
) -> PollState:
    entries_hash = digest(*sorted(item.id for item in parsed.items))
    # What came broken is asked for anew: its validators would have the site answer "not modified".
    whole = reading.state is not SourceState.MALFORMED
    state = replace(
        state,
        etag=reply.headers.get("etag") if whole else None,
        last_modified=reply.headers.get("last_modified") if whole else None,
        body_hash=body_hash if whole else None,
        reading=reading,
    )
    if not parsed.items or entries_hash == state.entries_hash:
        return replace(state, changed_at=state.changed_at or now)
    usual = state.usual_gap_s
    if state.entries_hash is not None and state.changed_at is not None:
        gap = (now - state.changed_at).total_seconds()
        usual = gap if usual is None else usual + _GAP_MEMORY * (gap - usual)
    dates = [item.published_at for item in parsed.items if item.published_at]
    # A feed met for the first time may have been still for years: its own dates say so.
    changed = min(now, max(dates)) if dates and state.entries_hash is None else now
    return replace(state, entries_hash=entries_hash, changed_at=changed, usual_gap_s=usual)


def _not_silent(
    health: SourceHealth, source: SourceConfig, state: PollState, now: datetime
) -> SourceHealth:
    """Return ``health``, or *silent* where a sound source has had nothing new for too long."""
    if health.state not in (SourceState.WORKING, SourceState.UNDATED) or state.changed_at is None:
        return health
    patience = timedelta(hours=source.silent_after_hours)
    if state.usual_gap_s is not None:
        patience = max(patience, timedelta(seconds=_USUAL_GAPS * state.usual_gap_s))
    if now - state.changed_at <= patience:
        return health
    return replace(
        health,
        state=SourceState.SILENT,
        reason_vi=f"Không có tin mới từ {say(state.changed_at)}, lâu hơn bình thường.",
        mend_vi="Mở trang bằng trình duyệt; nếu trang có tin mới, RSS đã ngừng cập nhật: "
        "tìm địa chỉ mới.",
    )


def _failed(source: SourceConfig, state: PollState, error: FetchError, now: datetime) -> PollResult:
    failures = state.failures + 1
    wait = timedelta(minutes=source.interval_minutes) * 2 ** min(failures - 1, 10)
    due = now + max(min(wait, LONGEST_BACKOFF), timedelta(minutes=source.interval_minutes))
    retry_at = getattr(error, "retry_at", None)
    if retry_at is not None:
        due = max(due, retry_at)
    times = f" Đã lỗi {failures} lần liên tiếp." if failures > 1 else ""
    health = SourceHealth(
        state=SourceState(error.state),
        reason_vi=f"{error.message}{times} Đọc lại lúc {say(due)}.",
        mend_vi=error.mend or _NO_MEND,
        checked_at=now,
        entries=0,
    )
    return PollResult((), health, replace(state, failures=failures, next_due_at=due))
