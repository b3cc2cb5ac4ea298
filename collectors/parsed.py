"""What every parser returns, and the one way an entry becomes an ``Item``.

RSS, Atom, JSON Feed and listing pages differ in how an entry is found, not in what makes a good
mention: plain text, a stable id, a date one can believe.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import nh3

from collectors import dates
from langnghe.core.legacy import modern
from langnghe.core.text import clean, digest, shorten
from langnghe.core.types import Item
from langnghe.core.urls import canonical_url

MAX_ENTRIES = 1000
_MAX_TITLE = 500
_MAX_TEXT = 20_000
_MAX_RAW = 400_000
_MAX_URL = 2_000
# What ends a line in print; without it the words of two paragraphs would run together.
_BREAK = re.compile(
    r"<\s{0,3}/?\s{0,3}(?:br|p|div|li|ul|ol|tr|td|h[1-6]|blockquote|figure|figcaption|section)\b[^<>]*>",
    re.IGNORECASE,
)
_LONE_LESS = re.compile(r"<(?!/?[a-zA-Z][^<>]*>|!--)")
_STILL_MARKUP = re.compile(r"&(?:[a-zA-Z]{2,12}|#x?[0-9a-fA-F]{1,6});|</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a whole feed, said in one Vietnamese sentence, with its mend."""

    code: str
    message_vi: str
    mend_vi: str


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a document held. ``kind``: rss, atom, jsonfeed, html or unknown; ``title`` its own."""

    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = ()
    kind: str = "unknown"
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its format wrote it, before any judgement."""

    title: str | None = None
    text: str | None = None
    link: str | None = None
    guid: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Where entries come from: base of relative links, mention kind, source name, present time."""

    base_url: str
    now: datetime
    kind: str = "news"
    source: str | None = None


def plain(markup: str | None, limit: int = _MAX_TEXT) -> str | None:
    """Return the readable text of an HTML fragment, or ``None`` if it has none.

    Tags go, entities are undone, again where a careless system escaped them twice.
    """
    if not markup:
        return None
    text = markup[:_MAX_RAW]
    for _ in range(3):
        if "<" in text:
            text = _BREAK.sub("\n", text)
            text = _LONE_LESS.sub("&lt;", text)
            text = nh3.clean(text, tags=set(), clean_content_tags={"script", "style"})
        if "&" in text:
            text = html.unescape(text)
        if not _STILL_MARKUP.search(text):
            break
    return shorten(clean(modern(text.replace("\ufffd", " "))), limit) or None


def absolute(base_url: str, link: str | None) -> str | None:
    """Return ``link`` as an http(s) address, resolved against ``base_url``; else ``None``."""
    if not link or not (link := link.strip()) or len(link) > _MAX_URL:
        return None
    try:
        url = urljoin(base_url, link)
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if good else None


def make_item(entry: Entry, context: Context) -> Item | None:
    """Return the item of an entry, or ``None`` where it has neither title nor text.

    The id is a digest of the canonical URL, else of the guid within its site, else of the content.
    """
    title, text = plain(entry.title, _MAX_TITLE), plain(entry.text)
    if title is None and text is None:
        return None
    url = absolute(context.base_url, entry.link)
    if url is None and entry.guid and entry.guid.strip().startswith(("http://", "https://")):
        url = absolute(context.base_url, entry.guid)
    if url is not None:
        item_id = digest("url", canonical_url(url))
    elif entry.guid and entry.guid.strip():
        site = canonical_url(context.base_url).split("/")[2:3] or [""]
        item_id = digest("guid", site[0], entry.guid.strip())
    else:
        item_id = digest("content", title, text)
    published_at, problems = settle_date(entry.date, url, context.now)
    return Item(
        id=item_id,
        kind=context.kind,
        source=context.source,
        url=url,
        published_at=published_at,
        title=title,
        text=text,
        problems=problems,
    )


def settle_date(
    stated: str | None, url: str | None, now: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the date to use and what was doubtful (ids of ``collectors.dates``).

    A credible stated date counts, unless the article number shows it to be in a wrong zone; an
    article number also stands in for a date that is missing or not credible.
    """
    read = dates.parse_date(stated, now=now) if stated else None
    moment, problem = dates.judge_date(read, now=now)
    minted, unlikely = dates.judge_date(dates.date_from_url(url) if url else None, now=now)
    if unlikely or minted is None:
        return moment, (problem,) if problem else ()
    if moment is None:
        found = () if problem == dates.UNDATED else (problem,)
        return minted, tuple(p for p in (*found, dates.DATE_FROM_URL) if p)
    if dates.is_clock_shift(moment, minted, now=now):
        return minted, (dates.CLOCK_SHIFT,)
    return moment, ()


def gather(entries: Iterable[Entry], context: Context) -> tuple[tuple[Item, ...], list[Problem]]:
    """Return the items of a feed, each article once, and what was wrong with the lot."""
    items: dict[str, Item] = {}
    doubles = empty = 0
    for entry in entries:
        item = make_item(entry, context)
        if item is None:
            empty += 1
        elif (known := items.get(item.id)) is None:
            if len(items) == MAX_ENTRIES:
                return tuple(items.values()), [_too_many()]
            items[item.id] = item
        else:
            doubles += 1
            if known.published_at is None and item.published_at is not None:
                items[item.id] = replace(item, text=item.text or known.text)
    found, shifted = _unshift(list(items.values()), context.now)
    problems: list[Problem] = []
    if empty:
        problems.append(
            Problem(
                "empty_entries",
                f"{empty} mục không có tiêu đề và nội dung nên bị bỏ qua.",
                "Không cần làm gì; nếu mọi mục đều trống, hãy báo đơn vị quản lý trang.",
            )
        )
    if doubles:
        problems.append(
            Problem(
                "duplicate_entries",
                f"{doubles} mục lặp lại bài đã có trong cùng bản tin.",
                "Không cần làm gì; mỗi bài chỉ được tính một lần.",
            )
        )
    if shifted:
        problems.append(
            Problem(
                dates.CLOCK_SHIFT,
                f"{shifted} mục ghi sai múi giờ (lệch khoảng 7 giờ); đã lấy giờ theo mã bài viết.",
                "Không cần làm gì; có thể báo đơn vị quản lý trang sửa múi giờ của RSS.",
            )
        )
    return tuple(found), problems


def _unshift(items: list[Item], now: datetime) -> tuple[list[Item], int]:
    """Trust the article numbers where half a feed or more runs seven hours late.

    One such article may have waited as a draft; three and more do not wait seven hours each.
    """
    minted = {
        item.id: moment
        for item in items
        if item.url and item.published_at and (moment := dates.date_from_url(item.url))
    }
    late = {
        item.id
        for item in items
        if item.id in minted
        and item.published_at
        and dates.is_seven_late(item.published_at, minted[item.id])
    }
    if len(late) >= 3 and 2 * len(late) >= len(minted):
        items = [
            replace(item, published_at=minted[item.id], problems=(dates.CLOCK_SHIFT,))
            if item.id in late
            else item
            for item in items
        ]
    return items, sum(dates.CLOCK_SHIFT in item.problems for item in items)


def _too_many() -> Problem:
    return Problem(
        "too_many",
        f"Bản tin có quá nhiều mục; chỉ đọc {MAX_ENTRIES} mục đầu.",
        "Chọn một RSS theo chuyên mục để đọc được hết.",
    )
