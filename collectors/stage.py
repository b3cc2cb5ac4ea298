"""The rim of collecting: visit the sources that are due, keep what they hold, note their health.

Fetching runs side by side (each host is still visited politely by the fetcher); keeping is one
transaction a source together with its health, so that neither is ever ahead of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter
from sqlmodel import Session

from collectors.catalog import LISTS, SourceConfig
from collectors.html import parse_article
from collectors.poll import Gets, PollResult, PollState, SourceHealth, original_of, poll
from langnghe.core.clock import say
from langnghe.core.errors import FetchError, LangNgheError
from langnghe.core.evidence.keeping import Held, keep_originals
from langnghe.core.evidence.originals import Original, Sighting
from langnghe.core.evidence.vault import Vault
from langnghe.core.store.engine import Store
from langnghe.core.store.evidence import lacking_urls
from langnghe.core.store.mentions import Kept, keep, known_urls
from langnghe.core.store.sources import due_sources, tally
from langnghe.core.store.tables import SourceRow
from langnghe.core.types import Item, SourceState

__all__ = ["Gets", "collect_due", "source_rows"]
log = structlog.get_logger(__name__)

AT_ONCE = 8  # sources visited side by side
BATCH = 40  # sources of one turn; the rest is due again at the next
AFTER_FAULT = timedelta(hours=1)
ARTICLES = 20  # article pages read for one listing page in one visit

_CONFIG = TypeAdapter(SourceConfig)
_STATE = TypeAdapter(PollState)


@dataclass(frozen=True, slots=True)
class Visit:
    """One source, what it said, and its items with article texts filled in.

    ``pages`` are the documents of items read from a page of their own, by item id.
    """

    source_id: str
    result: PollResult
    items: tuple[Item, ...]
    pages: Mapping[str, Original] = field(default_factory=dict)

    def sightings(self) -> list[Sighting]:
        """Return each item with the document it was read from."""
        found = ((item, self.pages.get(item.id, self.result.original)) for item in self.items)
        return [Sighting(item, original) for item, original in found if original is not None]


def source_rows(sources: Iterable[SourceConfig]) -> list[SourceRow]:
    """Return the declared part of the table rows for catalogue entries."""
    return [
        SourceRow(
            id=source.id,
            name=source.name,
            kind=source.kind,
            url=source.url,
            tier=source.tier,
            place=source.place or None,
            interval_minutes=source.interval_minutes,
            enabled=source.enabled,
            config=_CONFIG.dump_python(source, mode="json"),
        )
        for source in sources
    ]


def collect_due(
    store: Store, fetcher: Gets, *, secret: bytes, now: datetime, vault: Vault | None = None
) -> int:
    """Visit every source that is due (at most ``BATCH``); return how many were visited.

    One source's fault never stops the others; it stands on that source's health line. What is new
    is kept with its original in ``vault``.
    """
    with store.read() as session:
        due = due_sources(session, now, BATCH)
    if not due:
        return 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="collect") as pool:
        for visit in pool.map(lambda row: _visit(store, row, fetcher, now), due):
            kept = _keep_or_say(store, visit, secret, now, vault)
            log.info("collected", source=visit.source_id, state=str(visit.result.health.state),
                     new=kept.new, revised=kept.revised)  # fmt: skip
    return len(due)


def _visit(store: Store, row: SourceRow, fetcher: Gets, now: datetime) -> Visit:
    try:
        return _look(store, row, fetcher, now)
    except LangNgheError:
        raise  # the database's own trouble is the whole stage's
    except Exception:
        log.exception("source_broke", source=row.id)
        return _broken(row.id, row.failures, now)


def _broken(source_id: str, failures: int, now: datetime, lost: Sequence[str] = ()) -> Visit:
    """Stand for a visit that met a fault of ours: it waits its turn and holds up no other.

    ``lost`` are the addresses of items that could not be kept; the others were.
    """
    what = f"{len(lost)} tin không lưu được, đầu tiên: {lost[0]}" if lost else "Lỗi ngoài dự kiến"
    health = SourceHealth(
        state=SourceState.FAILING,
        reason_vi=f"{what}. Đọc lại lúc {say(now + AFTER_FAULT)}.",
        mend_vi="Báo người quản trị: chi tiết ở dòng «source_broke» trong nhật ký.",
        checked_at=now,
    )
    state = PollState(failures=failures + 1, next_due_at=now + AFTER_FAULT)
    return Visit(source_id, PollResult((), health, state), ())


def _look(store: Store, row: SourceRow, fetcher: Gets, now: datetime) -> Visit:
    config = _CONFIG.validate_python(row.config)
    result = poll(config, _STATE.validate_python(row.poll_state or {}), fetcher, now)
    items: Sequence[Item] = result.items
    pages: dict[str, Original] = {}
    if config.kind in LISTS and items:
        with store.read() as session:
            urls = [item.url for item in items if item.url]
            again = lacking_urls(session, urls)  # their originals could not be kept: read anew
            known = {u: True for u in known_urls(session, urls) if u not in again}
        items = _with_articles(items, known, fetcher, now, pages)
    return Visit(row.id, result, tuple(items), pages)


def _with_articles(
    items: Sequence[Item],
    known: Mapping[str, bool],
    fetcher: Gets,
    now: datetime,
    pages: dict[str, Original],
) -> list[Item]:
    """Fill in text and date of listed articles not kept before; one unread stays as listed.

    The pages read go into ``pages`` by item id.
    """
    filled: list[Item] = []
    left = ARTICLES
    for item in items:
        if not item.url or item.url in known:
            continue
        if left <= 0:  # keep what the listing says rather than wait: the site may not list it again
            filled.append(replace(item, problems=(*item.problems, "article_unread")))
            continue
        left -= 1
        filled.append(_read_article(item, item.url, fetcher, now, pages))
    return filled


def _read_article(
    item: Item, url: str, fetcher: Gets, now: datetime, pages: dict[str, Original]
) -> Item:
    try:
        reply = fetcher.get(url)
    except FetchError as error:
        log.info("article_unread", url=url, why=error.message)
        return replace(item, problems=(*item.problems, "article_unread"))
    page = None
    if reply.body is not None:
        page = parse_article(
            reply.body, reply.url, now=now, content_type=reply.headers.get("content_type"),
            source=item.source,
        )  # fmt: skip
    if page is None:
        return replace(item, problems=(*item.problems, "article_unread"))
    if (original := original_of(reply, now)) is not None:
        pages[item.id] = original
    return replace(
        item,
        title=page.title or item.title,
        text=page.text or item.text,
        published_at=page.published_at or item.published_at,
        author=page.author or item.author,
    )


def _keep_or_say(
    store: Store, visit: Visit, secret: bytes, now: datetime, vault: Vault | None
) -> Kept:
    """Keep what a visit brought; where that breaks, item by item, so that one costs no other."""
    try:
        return _keep(store, visit, secret, now, vault)
    except LangNgheError:
        raise
    except Exception:
        log.exception("source_broke", source=visit.source_id, items=len(visit.items))
    new = revised = 0
    lost: list[str] = []
    for item in visit.items:
        alone = replace(visit, items=(item,))
        try:
            with store.write() as session:
                kept = keep(session, [item], now=now, secret=secret, source_id=visit.source_id)
                _keep_originals(session, alone, vault, now)
        except LangNgheError:
            raise
        except Exception:
            log.exception("item_broke", source=visit.source_id, item=item.id, url=item.url)
            lost.append(item.url or item.id)
        else:
            new, revised = new + kept.new, revised + kept.revised
    # Without the marks of this visit the source is read whole again, so the item is tried again.
    failed = _broken(visit.source_id, visit.result.state.failures, now, lost)
    _keep(store, failed, secret, now, None, fresh=Kept(new, revised))
    return Kept(new, revised)


def _keep_originals(session: Session, visit: Visit, vault: Vault | None, now: datetime) -> Held:
    if vault is None:
        return Held()
    return keep_originals(session, vault, visit.sightings(), now)


def _keep(
    store: Store,
    visit: Visit,
    secret: bytes,
    now: datetime,
    vault: Vault | None,
    *,
    fresh: Kept | None = None,
) -> Kept:
    """Write a visit's items and its source's health; ``fresh`` was kept of it before."""
    result = visit.result
    with store.write() as session:
        kept = fresh or keep(
            session, visit.items, now=now, secret=secret, source_id=visit.source_id
        )
        held = _keep_originals(session, visit, vault, now)
        row = session.get(SourceRow, visit.source_id)
        if row is None:
            return kept
        state = str(result.health.state)
        if state != row.state:
            row.since = now
        row.state, row.reason, row.mend = state, result.health.reason_vi, result.health.mend_vi
        remembered = result.state
        if held.missing:  # read it whole again: the source may still show what was not kept
            remembered = replace(remembered, etag=None, last_modified=None, body_hash=None)
        row.poll_state = _STATE.dump_python(remembered, mode="json")
        row.next_due_at = result.state.next_due_at
        row.failures = result.state.failures
        row.last_poll_at = now
        if not result.state.failures:
            row.last_ok_at = now
        if kept.new or kept.revised:
            row.last_item_at = now
            row.item_count += kept.new
            tally(session, row.id, now, kept.new)
        session.add(row)
    return kept
