"""Read the public page behind a link that somebody reported, later and politely, never at once.

A report that held hardly more than the link gets the page's words as its own; one that told a story
of its own keeps it, and the page is kept beside it as evidence. What lies in a closed circle never
comes here (``langnghe.core.intake.may_be_fetched``), and is checked once more before asking.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from collectors.html import parse_article
from collectors.poll import Gets, original_of
from langnghe.core.errors import FetchError
from langnghe.core.evidence.keeping import keep_originals, keep_page
from langnghe.core.evidence.originals import Sighting
from langnghe.core.evidence.vault import Vault
from langnghe.core.intake import may_be_fetched
from langnghe.core.store.engine import Store
from langnghe.core.store.intake import by_id, to_fetch
from langnghe.core.store.mentions import content_hash, keep
from langnghe.core.store.tables import MentionRow

log = structlog.get_logger(__name__)
AT_ONCE = 5
TRIES = 3
AGAIN = timedelta(hours=1)
OWN_WORDS = 80
"""Characters from which a report counts as told in the reporter's own words."""


def fetch_links(
    store: Store, fetcher: Gets, *, secret: bytes, now: datetime, vault: Vault,
    limit: int = AT_ONCE,
) -> int:  # fmt: skip
    """Read the pages that are due; return how many links were tried."""
    with store.read() as session:
        due = [(row.id or 0, row.link) for row in to_fetch(session, now, limit)]
    for number, link in due:
        _one(store, fetcher, number, link, secret=secret, now=now, vault=vault)
    return len(due)


def _one(
    store: Store, fetcher: Gets, number: int, link: str, *, secret: bytes, now: datetime,
    vault: Vault,
) -> None:  # fmt: skip
    page = original = None
    why = "Trang nằm trong nhóm kín hoặc phải đăng nhập: chỉ ghi đường dẫn."
    allowed = may_be_fetched(link)
    if allowed:
        try:
            reply = fetcher.get(link)
        except FetchError as error:
            why = error.message
        else:
            # An open link may lead into a closed circle.
            if reply.body is not None and may_be_fetched(reply.url):
                kind = reply.headers.get("content_type")
                page = parse_article(reply.body, reply.url, now=now, content_type=kind)
                original = original_of(reply, now)
                why = "" if page else "Trang không đọc được thành bài viết."
    with store.write() as session:
        row = next(iter(by_id(session, [number])), None)
        if row is None or row.visit != "due":
            return  # another worker has been there, or it was taken back
        mention = session.get(MentionRow, row.mention_id) if row.mention_id else None
        if page is None or original is None or mention is None or mention.purged_at is not None:
            row.visit_tries += 1
            row.visit_at = now + AGAIN * row.visit_tries
            last = not allowed or page is not None or row.visit_tries >= TRIES
            row.visit, row.note = ("failed" if last else "due"), why
            log.info("reported_link_unread", intake=number, tries=row.visit_tries)
            return
        row.visit, row.note = "done", ""
        if len(mention.text or "") >= OWN_WORDS:
            told = (mention.id or 0, mention.revision, content_hash(page))
            keep_page(session, vault, original, told)
            return
        item = replace(page, id=mention.external_id, kind="comment", source=mention.source_name,
                       url=mention.url, author=None)  # fmt: skip
        keep(session, [item], now=now, secret=secret)
        keep_originals(session, vault, [Sighting(item, original)], now)
