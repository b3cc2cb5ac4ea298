"""What a page offers to be listened to: the feeds it names, where they usually are, its articles.

Pure: from a page that was read to addresses and candidates. Fetching them is ``discover``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from collectors.fetcher import Fetched
from collectors.html import ListingSelectors, parse_listing
from collectors.parsed import ParsedFeed, absolute
from langnghe.core.text import clean
from langnghe.core.types import Item

SHOWN = 10
_FEED_TYPES = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)
_FEED_LINK = re.compile(r"(?:/rss(?:[/.?]|$)|\.rss\b|/feed/?$|/atom(?:\.xml)?$|rss\.xml)", re.I)
_USUAL = ("/rss", "/feed", "/rss.xml", "/news/rss/")
_NUKEVIET = re.compile(r"nukeviet", re.IGNORECASE)
# Where Vietnamese news pages keep their list; the one with most headlines is offered.
LIST_SELECTORS = ("article h3 a", "article h2 a", "h3 a", "h2 a", ".title a", "h4 a", "li a")
_HEADLINE_WORDS = 5
_ENOUGH_HEADLINES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be listened to, as it was just read."""

    url: str
    kind: str
    title: str
    items: tuple[Item, ...]
    selectors: ListingSelectors | None = None
    notes: tuple[str, ...] = ()


def named_feeds(soup: BeautifulSoup, base: str) -> Iterator[str]:
    """Yield the feeds a page names: its own head first, then links that look like feeds."""
    for link in soup.select("link[href]"):
        told = "alternate" in (link.get("rel") or ())
        if not (told and _FEED_TYPES.search(str(link.get("type", "")))):
            continue
        if url := absolute(base, str(link["href"])):
            yield url
    for link in soup.select("a[href]"):
        href = str(link["href"])
        if _FEED_LINK.search(href) and (url := absolute(base, href)) and same_site(url, base):
            yield url


def usual_feeds(soup: BeautifulSoup, base: str) -> list[str]:
    """Return where such a site usually has its feeds, NukeViet's own places for a NukeViet site."""
    made = soup.select_one("meta[name=generator]")
    by = str(made.get("content", "")) if isinstance(made, Tag) else ""
    own = bool(_NUKEVIET.search(by)) or bool(soup.select_one("[href*='nukeviet' i]"))
    usual = ("/news/rss/", "/vi/news/rss/", "/rss/") if own else _USUAL
    return [urljoin(base, path) for path in usual]


def same_site(url: str, base: str) -> bool:
    """Say whether two addresses lie on one host, with or without www."""
    one, other = urlsplit(url).hostname or "", urlsplit(base).hostname or ""
    return one.removeprefix("www.") == other.removeprefix("www.")


def of_feed(url: str, parsed: ParsedFeed) -> Candidate:
    """Return a feed that was read as something to choose."""
    notes = tuple(problem.message_vi for problem in parsed.problems)
    if not any(item.published_at for item in parsed.items):
        notes = (*notes, "Các tin không ghi ngày đăng; sẽ tính theo giờ đọc được.")
    return Candidate(
        url, parsed.kind, parsed.title or host_of(url), newest(parsed.items), notes=notes
    )


def of_listing(body: bytes, reply: Fetched, soup: BeautifulSoup, now: datetime) -> Candidate | None:
    """Return the page itself as a list of articles, read by the selector that finds most."""
    best: ParsedFeed | None = None
    chosen = ""
    for selector in LIST_SELECTORS:
        selectors = ListingSelectors(item=selector)
        parsed = parse_listing(
            body, reply.url, selectors, now=now, content_type=reply.headers.get("content_type")
        )
        items = tuple(
            item
            for item in parsed.items
            if len((item.title or "").split()) >= _HEADLINE_WORDS
            and same_site(item.url or "", reply.url)
        )
        # A list of menu entries is no list of articles: most of what is found must be headlines.
        if len(items) * 2 < len(parsed.items):
            continue
        if len(items) >= _ENOUGH_HEADLINES and (best is None or len(items) > len(best.items)):
            best, chosen = replace(parsed, items=items), selector
    if best is None:
        return None
    title = clean(soup.title.get_text())[:120] if soup.title else host_of(reply.url)
    note = (
        "Trang không có RSS: hệ thống sẽ đọc danh sách bài trên trang. Cách này dễ hỏng khi trang "
        "đổi giao diện."
    )
    return Candidate(
        reply.url, "html", title or host_of(reply.url), best.items[:SHOWN],
        ListingSelectors(item=chosen), (note,),
    )  # fmt: skip


def newest(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items that are shown: newest first, undated ones last."""
    dated = sorted(
        (item for item in items if item.published_at),
        key=lambda item: item.published_at.timestamp() if item.published_at else 0.0,
        reverse=True,
    )
    return tuple([*dated, *(item for item in items if not item.published_at)][:SHOWN])


def host_of(url: str) -> str:
    """Return the host of an address."""
    return urlsplit(url).hostname or url
