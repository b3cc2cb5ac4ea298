"""RSS, Atom and JSON Feed: bytes in, items out, whatever the bytes are.

Pure and total: hostile, broken or mislabelled input gives a problem with a plain sentence beside
the items that could be saved. feedparser reads XML, but expands entity declarations, so a document
that declares any is refused before it gets there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice

import feedparser
import structlog

from collectors.encoding import decode
from collectors.parsed import (
    MAX_ENTRIES,
    Context,
    Entry,
    ParsedFeed,
    Problem,
    absolute,
    gather,
    plain,
)

log = structlog.get_logger(__name__)

_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^>\["']|"[^"]*"|'[^']*')*(?P<subset>\[)?""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_CLOSED_ENTRY = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>[^<]*(?:<!--.*?-->\s*)*\Z",
                       re.IGNORECASE | re.DOTALL)  # fmt: skip
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ADVERTISED = re.compile(
    r"<link\b[^<>]{0,400}application/(?:rss|atom)\+xml[^<>]{0,400}>", re.IGNORECASE
)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_ITEMS = re.compile(r'"items"\s*:\s*\[')
# Characters XML 1.0 forbids; one of them would throw the strict parser off a good feed.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

# «TH&THCS», «GD&ĐT»: the loose parser would take a bare ampersand for an entity and add a «;».
_BARE_AND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});)",
    re.DOTALL,
)
_HALF = re.compile("[\ud800-\udfff]")

# A tag of this length holds thousands of attributes, over which feedparser takes quadratic time.
_ENDLESS_TAG = re.compile(r"<[A-Za-z/][^<>]{20000}")
_MAX_TAGS = 150_000
_MAX_CHARS = 5_000_000

_NOT_FEED = Problem(
    "not_feed",
    "Nội dung nhận được không phải là RSS, Atom hay JSON Feed.",
    "Kiểm tra lại địa chỉ RSS trong danh mục nguồn.",
)
_EMPTY = Problem(
    "empty_body",
    "Nguồn tin trả về nội dung trống.",
    "Hệ thống sẽ tự thử lại; nếu kéo dài, kiểm tra lại địa chỉ.",
)
_ENTITIES = Problem(
    "entity_declaration",
    "Bản tin khai báo thực thể XML (có thể là tấn công “bom thực thể”) nên không được đọc.",
    "Tắt nguồn này và báo đơn vị quản lý trang.",
)
_TRUNCATED = Problem(
    "truncated",
    "Bản tin bị cắt giữa chừng; chỉ lấy các mục còn nguyên vẹn.",
    "Hệ thống sẽ tự thử lại; nếu kéo dài, báo đơn vị quản lý trang.",
)
_BROKEN = Problem(
    "broken_xml",
    "Bản tin có lỗi XML; đã lấy các mục còn đọc được.",
    "Không cần làm gì nếu tin vẫn về; nếu thiếu tin, báo đơn vị quản lý trang.",
)
_WRONG_ENCODING = Problem(
    "wrong_encoding",
    "Bản tin ghi sai bảng mã chữ; đã đoán lại bảng mã đúng.",
    "Không cần làm gì nếu chữ hiển thị đúng; nếu sai, báo đơn vị quản lý trang.",
)
_TOO_LARGE = Problem(
    "too_many",
    f"Bản tin quá dài; chỉ đọc khoảng {MAX_ENTRIES} mục đầu.",
    "Chọn một RSS theo chuyên mục để đọc được hết.",
)
_UNREADABLE = Problem(
    "unreadable",
    "Không đọc được bản tin này.",
    "Báo đơn vị quản lý trang; tạm thời có thể tắt nguồn.",
)


def parse_feed(
    body: bytes,
    *,
    base_url: str,
    content_type: str | None = None,
    now: datetime,
    kind: str = "news",
    source: str | None = None,
) -> ParsedFeed:
    """Return the items and problems of an RSS, Atom or JSON Feed document.

    ``kind`` and ``source`` are written on each item. Never raises on any ``body``.
    """
    context = Context(base_url=base_url, now=now, kind=kind, source=source)
    text, honest = decode(body, content_type)
    text = text.lstrip("\ufeff")
    if not text.strip("\x00 \t\r\n"):
        return ParsedFeed(problems=(_EMPTY,))
    if text.lstrip()[:1] == "{":
        parsed = _json_feed(text, context)
    elif _declares_entities(text):
        return ParsedFeed(problems=(_ENTITIES,))
    else:
        parsed = _xml_feed(text, context)
    if not honest and parsed.kind != "unknown":
        parsed = replace(parsed, problems=(*parsed.problems, _WRONG_ENCODING))
    return parsed


def _xml_feed(text: str, context: Context) -> ParsedFeed:
    text = _FORBIDDEN.sub(" ", _DECLARATION.sub("", text, count=1)).lstrip()
    text, cut = _bounded(text)
    text = _BARE_AND.sub(lambda m: "&amp;" if m[0] == "&" else m[0], text)
    try:
        raw = feedparser.parse(
            text.encode("utf-8"),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        entries = list(raw.entries)
    except Exception as error:
        log.warning("feed_unreadable", fault=type(error).__name__)
        # feedparser's loose parser has raised half a dozen kinds of error on hostile input over the
        # years; whatever it is, it means the same to the officer and must not stop the service.
        return ParsedFeed(problems=(_UNREADABLE,))
    version = str(raw.get("version") or "")
    if not version and not entries:
        is_page = _HTML.search(text) is not None
        return ParsedFeed(problems=(_html_page(text, context) if is_page else _NOT_FEED,))
    problems: list[Problem] = []
    if cut:
        entries = entries[: len(_CLOSED_ENTRY.findall(text))]
        problems.append(_TOO_LARGE)
    elif raw.get("bozo") or not _ROOT_END.search(text[-2000:]):
        if _ROOT_END.search(text[-2000:]):
            problems.append(_BROKEN)
        else:
            # The last entry may end in the middle of its link, which would be another article.
            entries = entries[: len(_CLOSED_ENTRY.findall(text))]
            problems.append(_TRUNCATED)
    items, found = gather((_xml_entry(e) for e in entries[: MAX_ENTRIES + 1]), context)
    known = {problem.code for problem in problems}
    return ParsedFeed(
        items=items,
        problems=(*problems, *(problem for problem in found if problem.code not in known)),
        kind="atom" if version.startswith("atom") else "rss",
        title=plain(_string(raw.feed.get("title")), 200),
    )


def _bounded(text: str) -> tuple[str, bool]:
    """Return the beginning of a feed that can be parsed in a few seconds, and whether it was cut.

    feedparser takes some 15 microseconds a tag: ten megabytes of tags would hold a worker a minute.
    """
    end = len(text)
    if text.count("<") > _MAX_TAGS:
        end = next(islice(re.finditer("<", text), _MAX_TAGS, None)).start()
    closing = next(islice(_CLOSED_ENTRY.finditer(text, 0, end), MAX_ENTRIES, None), None)
    if closing is not None:
        end = closing.end()
    if endless := _ENDLESS_TAG.search(text, 0, end):
        end = endless.start()
    end = min(end, _MAX_CHARS)
    return text[:end], end < len(text)


def _xml_entry(entry: Mapping[str, object]) -> Entry:
    contents = entry.get("content")
    full = contents[0].get("value") if isinstance(contents, list) and contents else None
    return Entry(
        title=_string(entry.get("title")),
        text=_string(entry.get("summary")) or _string(full),
        link=_string(entry.get("link")),
        guid=_string(entry.get("id")),
        date=next(
            (
                found
                for name in ("published", "created", "updated")
                if (found := _string(entry.get(name)))
            ),
            None,
        ),
    )


def _json_feed(text: str, context: Context) -> ParsedFeed:
    problems: list[Problem] = []
    title: str | None = None
    try:
        document = json.loads(text)
    except RecursionError:
        return ParsedFeed(problems=(_UNREADABLE,))
    except ValueError:
        objects = list(islice(_salvaged(text), MAX_ENTRIES + 1))
        problems.append(_TRUNCATED)
        if not objects:
            return ParsedFeed(problems=(_NOT_FEED,))
    else:
        raw = document.get("items") if isinstance(document, dict) else None
        if not isinstance(raw, list):
            return ParsedFeed(problems=(_NOT_FEED,))
        title = plain(_string(document.get("title")), 200)
        objects = [o for o in raw[: MAX_ENTRIES + 1] if isinstance(o, dict)]
    items, found = gather(map(_json_entry, objects), context)
    return ParsedFeed(items, (*problems, *found), kind="jsonfeed", title=title)


def _json_entry(entry: Mapping[str, object]) -> Entry:
    raw_id = entry.get("id")
    return Entry(
        title=_string(entry.get("title")),
        text=_string(entry.get("summary"))
        or _string(entry.get("content_text"))
        or _string(entry.get("content_html")),
        link=_string(entry.get("url")) or _string(entry.get("external_url")),
        guid=str(raw_id) if isinstance(raw_id, int) else _string(raw_id),
        date=_string(entry.get("date_published")) or _string(entry.get("date_modified")),
    )


def _salvaged(text: str) -> Iterator[dict[str, object]]:
    """Yield the whole objects of the items list in a JSON document that breaks off."""
    start = _ITEMS.search(text)
    if start is None:
        return
    reader, position = json.JSONDecoder(), start.end()
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            found, position = reader.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        if isinstance(found, dict):
            yield found


def _declares_entities(text: str) -> bool:
    """Say whether the prolog has a DOCTYPE that declares entities (none is needed in a feed)."""
    position = 0
    while match := _PROLOG.match(text, position):
        position = match.end()
    doctype = _DOCTYPE.match(text, position)
    return bool(doctype and doctype["subset"] and "<!ENTITY" in text[doctype.end() :].upper())


def _html_page(text: str, context: Context) -> Problem:
    mend = "Tìm địa chỉ RSS trên trang và sửa trong danh mục nguồn."
    for link in _ADVERTISED.findall(text[:200_000]):
        href = _HREF.search(link)
        if href and (url := absolute(context.base_url, href[1].replace("&amp;", "&"))):
            mend = f"Trang này giới thiệu RSS tại {url}; sửa địa chỉ trong danh mục nguồn."
            break
    return Problem("html_not_feed", "Nguồn tin trả về trang web chứ không phải RSS.", mend)


def _string(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    # An escape can smuggle in half a character, which no digest, file or database will take.
    return _HALF.sub("\ufffd", value)
