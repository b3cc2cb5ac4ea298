"""Pages made for people: listing pages read by selectors, articles by what they say of themselves.

An article's own JSON-LD and meta tags are the most dependable (they are what search engines check);
trafilatura gives the body. No page's scripts are run and nothing it links to is loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import soupsieve
import structlog
from bs4 import BeautifulSoup, Tag

from collectors.encoding import decode
from collectors.parsed import (
    Context,
    Entry,
    ParsedFeed,
    Problem,
    absolute,
    gather,
    make_item,
    plain,
)
from langnghe.core.text import fold
from langnghe.core.types import Item

log = structlog.get_logger(__name__)

_MAX_LISTED = 500
_MAX_CHARS = 6_000_000
_ARTICLE_TYPES = frozenset(
    {"newsarticle", "article", "reportagenewsarticle", "blogposting", "webpage", "liveblogposting"}
)
_TITLE_META = ("og:title", "twitter:title")
_LEAD_META = ("og:description", "description", "twitter:description")
_DATE_META = (
    "article:published_time", "pubdate", "datepublished", "og:published_time", "dc.date.issued",
    "dc.date", "date",
)  # fmt: skip
_LINK_META = ("og:url",)
_SITE_NAME_END = re.compile(r"\s+[-|–]\s+[^-|–]{2,40}$")

_NOT_PAGE = Problem(
    "not_html",
    "Nội dung nhận được không phải là trang web.",
    "Kiểm tra lại địa chỉ trong danh mục nguồn.",
)
_NOTHING_FOUND = Problem(
    "selectors_found_nothing",
    "Không tìm thấy bài nào trên trang; có thể trang đã đổi giao diện.",
    "Mở trang bằng trình duyệt và sửa bộ chọn (selectors) của nguồn trong danh mục.",
)


@dataclass(frozen=True, slots=True)
class ListingSelectors:
    """CSS selectors of a listing page; all but ``item`` are looked up inside one item.

    Without ``link`` the item itself, or its first link, is the article's; without ``title`` the
    words of that link are. ``must_contain`` keeps only addresses that hold this piece of text.
    """

    item: str
    title: str | None = None
    link: str | None = None
    summary: str | None = None
    date: str | None = None
    must_contain: str | None = None

    def wrong_field(self) -> str | None:
        """Return the name of the first selector that is not valid CSS, or ``None``."""
        for name in ("item", "title", "link", "summary", "date"):
            selector = getattr(self, name)
            if selector is None:
                continue
            try:
                soupsieve.compile(selector)
            except (soupsieve.SelectorSyntaxError, ValueError, TypeError):
                return name
        return None


def parse_listing(
    body: bytes,
    base_url: str,
    selectors: ListingSelectors,
    *,
    now: datetime | None = None,
    content_type: str | None = None,
    kind: str = "news",
    source: str | None = None,
) -> ParsedFeed:
    """Return the articles a listing page links to. Never raises on any ``body``.

    Without ``now`` the present moment judges which dates lie in the future.
    """
    context = Context(base_url, now or datetime.now(UTC), kind, source)
    text, _ = decode(body, content_type)
    if "<" not in text:
        return ParsedFeed(problems=(_NOT_PAGE,))
    soup = BeautifulSoup(text[:_MAX_CHARS], "lxml")
    base = soup.select_one("base[href]")
    if base is not None and (moved := absolute(base_url, _attribute(base, "href"))):
        context = replace(context, base_url=moved)
    entries = [
        entry
        for node in soup.select(selectors.item, limit=_MAX_LISTED)
        if (entry := _listed(node, selectors)) is not None
        and _wanted(entry, selectors, context.base_url)
    ]
    items, problems = gather(_one_each(entries, context.base_url), context)
    # Every front page links to an article twice, by its picture and by its title.
    problems = [problem for problem in problems if problem.code != "duplicate_entries"]
    if not items:
        problems.append(_NOTHING_FOUND)
    title = soup.title.get_text() if soup.title else None
    return ParsedFeed(items, tuple(problems), kind="html", title=plain(title, 200))


def parse_article(
    body: bytes,
    url: str,
    *,
    now: datetime | None = None,
    content_type: str | None = None,
    source: str | None = None,
) -> Item | None:
    """Return the article on a page: JSON-LD first, then meta tags, body text by trafilatura.

    ``None`` where the page holds no title and no text. Never raises on any ``body``.
    """
    text, _ = decode(body, content_type)
    text = text[:_MAX_CHARS]
    if "<" not in text:
        return None
    soup = BeautifulSoup(text, "lxml")
    stated = next(_json_ld(soup), {})
    metas = _metas(soup)
    heading = soup.select_one("h1")
    title = (
        _first(stated, "headline")
        or _meta(metas, _TITLE_META)
        or (heading.get_text(" ") if heading else None)
        or (_SITE_NAME_END.sub("", soup.title.get_text()) if soup.title else None)
    )
    lead = plain(_first(stated, "description") or _meta(metas, _LEAD_META))
    content = plain(_first(stated, "articleBody")) or _body_text(text, url)
    if content and title:
        first, _, rest = content.partition("\n")
        content = rest if fold(first) == fold(title) else content
    if lead and content and fold(lead) in fold(content):
        lead = None
    canonical = soup.select_one("link[rel=canonical][href]")
    link = (_attribute(canonical, "href") if canonical else None) or _meta(metas, _LINK_META)
    time = soup.select_one("time[datetime]")
    entry = Entry(
        title=title,
        text="\n".join(part for part in (lead, content) if part) or None,
        link=link if _same_site(absolute(url, link), url) else url,
        date=_first(stated, "datePublished")
        or _meta(metas, _DATE_META)
        or (_attribute(time, "datetime") if time else None),
    )
    return make_item(entry, Context(url, now or datetime.now(UTC), source=source))


def _body_text(text: str, url: str) -> str | None:
    # Imported here because it takes most of a second, which `langnghe --help` need not wait for.
    import trafilatura

    try:
        found = trafilatura.extract(
            text, url=url, include_comments=False, include_tables=False, favor_precision=True
        )
    except Exception as error:
        log.warning("article_body_unreadable", fault=type(error).__name__)
        # It runs a dozen heuristics over foreign markup; title and lead stand without the body.
        return None
    return found if isinstance(found, str) else None


def _listed(node: Tag, selectors: ListingSelectors) -> Entry | None:
    if selectors.link is not None:
        anchor = node.select_one(selectors.link)
    else:
        anchor = node if node.name == "a" else node.select_one("a[href]")
    if anchor is None or not (href := _attribute(anchor, "href")):
        return None
    titled = node.select_one(selectors.title) if selectors.title else anchor
    title = (titled.get_text(" ") if titled else "").strip() or _attribute(anchor, "title")
    summary = node.select_one(selectors.summary) if selectors.summary else None
    dated = node.select_one(selectors.date) if selectors.date else None
    date = None
    if dated is not None:
        date = _attribute(dated, "datetime") or dated.get_text(" ")
    return Entry(title=title, text=summary.get_text(" ") if summary else None, link=href, date=date)


def _wanted(entry: Entry, selectors: ListingSelectors, base_url: str) -> bool:
    url = absolute(base_url, entry.link)
    return url is not None and (not selectors.must_contain or selectors.must_contain in url)


def _one_each(entries: list[Entry], base_url: str) -> list[Entry]:
    """Return one entry a link, with the longest title any link to it bears."""
    found: dict[str, Entry] = {}
    for entry in entries:
        key = absolute(base_url, entry.link) or ""
        known = found.setdefault(key, entry)
        if known is not entry:
            found[key] = Entry(
                title=max(known.title or "", entry.title or "", key=len),
                text=known.text or entry.text,
                link=known.link,
                date=known.date or entry.date,
            )
    return [entry for entry in found.values() if entry.title]


def _json_ld(soup: BeautifulSoup) -> Iterator[dict[str, object]]:
    """Yield the article objects a page describes itself by, real articles before mere pages."""
    pages: list[dict[str, object]] = []
    for script in soup.select('script[type="application/ld+json"]', limit=20):
        try:
            document = json.loads(script.get_text(), strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _things(document):
            types = thing.get("@type")
            names = {str(t).lower() for t in (types if isinstance(types, list) else [types])}
            if names & (_ARTICLE_TYPES - {"webpage"}):
                yield thing
            elif "webpage" in names:
                pages.append(thing)
    yield from pages


def _things(document: object) -> Iterator[dict[str, object]]:
    for thing in document if isinstance(document, list) else [document]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            if isinstance(graph, list):
                yield from (part for part in graph if isinstance(part, dict))


def _metas(soup: BeautifulSoup) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in soup.select("meta[content]", limit=300):
        name = _attribute(tag, "property") or _attribute(tag, "name") or _attribute(tag, "itemprop")
        content = _attribute(tag, "content")
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _meta(metas: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((metas[name] for name in names if name in metas), None)


def _first(thing: dict[str, object], name: str) -> str | None:
    value = thing.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) and value.strip() else None


def _same_site(link: str | None, url: str) -> bool:
    # A page may call itself by another address of its own site, not claim to be someone else's.
    def site(address: str) -> str:
        host = address.split("/")[2:3] or [""]
        return ".".join(host[0].lower().partition(":")[0].split(".")[-2:])

    return link is not None and link.rstrip("/").count("/") > 2 and site(link) == site(url)


def _attribute(tag: Tag, name: str) -> str | None:
    value = tag.get(name)
    return value.strip() if isinstance(value, str) and value.strip() else None
