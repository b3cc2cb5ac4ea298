"""News sitemaps: what a site tells search engines of its articles of the last two days.

Where a site has no feed this is the best it says of itself: addresses, headlines and dates, to be
read on the pages. Only sitemaps with headlines (``news:title``) are read; a plain list of all
pages of a site is none. Pure and total, like the reader of feeds.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice

from bs4 import BeautifulSoup, Tag

from collectors.encoding import decode
from collectors.parsed import MAX_ENTRIES, Context, Entry, ParsedFeed, Problem, gather

_MAX_CHARS = 5_000_000
_MAX_TAGS = 150_000
_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NOT_NEWS = Problem(
    "not_sitemap",
    "Nội dung nhận được không phải là sơ đồ tin (news sitemap).",
    "Kiểm tra lại địa chỉ, hoặc gỡ nguồn này rồi thêm lại bằng địa chỉ trang chủ.",
)


def parse_sitemap(
    body: bytes,
    *,
    base_url: str,
    now: datetime,
    content_type: str | None = None,
    kind: str = "news",
    source: str | None = None,
) -> ParsedFeed:
    """Return the articles of a news sitemap. Never raises on any ``body``."""
    text, _ = decode(body, content_type)
    text = text[:_MAX_CHARS]
    # No sitemap needs declarations, which an XML reader might expand.
    if "<urlset" not in text or _DECLARED.search(text) or text.count("<") > _MAX_TAGS:
        return ParsedFeed(problems=(_NOT_NEWS,))
    soup = BeautifulSoup(text, "lxml-xml")
    entries = (
        Entry(title=title, link=_said(url, "loc"), date=_said(url, "publication_date"))
        for url in soup.find_all("url")
        if isinstance(url, Tag) and (title := _said(url, "title"))
    )
    context = Context(base_url=base_url, now=now, kind=kind, source=source)
    items, problems = gather(islice(entries, MAX_ENTRIES + 1), context)
    if not items:
        return ParsedFeed(problems=(_NOT_NEWS,))
    return ParsedFeed(items, tuple(problems), kind="sitemap")


def _said(url: Tag, name: str) -> str | None:
    found = url.find(name)
    return found.get_text(" ", strip=True) or None if isinstance(found, Tag) else None
