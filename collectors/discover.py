"""From a site's address to the feeds it offers: what a person pastes, what can be listened to.

A page says itself where its feeds are; where it does not, the few usual addresses are tried. All
goes through ``collectors.fetcher``: robots.txt, the guard against private networks, caps of size
and time. Nothing is stored; the person chooses from what was really read.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

import structlog
from bs4 import BeautifulSoup

from collectors.catalog import SOURCE_KINDS, SourceConfig
from collectors.encoding import decode
from collectors.faults import FetchFault
from collectors.feeds import parse_feed
from collectors.fetcher import Fetched, Fetcher, FetchPolicy
from collectors.offers import (
    LIST_SELECTORS,
    Candidate,
    host_of,
    named_feeds,
    newest,
    of_feed,
    of_listing,
    same_site,
    usual_feeds,
)
from collectors.parsed import ParsedFeed, absolute
from collectors.sitemap import parse_sitemap
from langnghe.core.errors import FetchError, InputError, LangNgheError
from langnghe.core.settings import Settings
from langnghe.core.text import clean

log = structlog.get_logger(__name__)
TOTAL_S = 15.0
"""Seconds after which a person is answered with what was found so far."""
EACH_S = 6.0
PAUSE_S = 0.5
"""Between two requests to the site: a person is waiting, and there are at most ``MOST_READ``."""
MOST_READ = 7
MOST_FOUND = 4
LONGEST_ADDRESS = 2000
_USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml")
_MOST_SITEMAPS = 3
_SITEMAP_LINE = re.compile(
    r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,500})[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at an address brought. ``why`` and ``mend`` say why there may be nothing."""

    asked: str
    candidates: tuple[Candidate, ...] = ()
    why: str = ""
    mend: str = ""
    in_time: bool = True


@dataclass(slots=True)
class _Look:
    """One look under way: what was found so far, readable while it still goes on."""

    asked: str
    found: list[Candidate] = field(default_factory=list)
    why: str = ""
    mend: str = ""
    done: bool = False


class _TooLong(Exception):
    """The time is up."""


def address_of(typed: str) -> str:
    """Return the address a person meant: with its scheme, without fragment. Raises InputError."""
    text = clean(typed).strip("<>\"' ")
    wrong = InputError(
        "Đây không phải địa chỉ một trang web.",
        mend="Dán địa chỉ như trên thanh địa chỉ của trình duyệt, ví dụ thcs-xyz.edu.vn.",
    )
    if not text or len(text) > LONGEST_ADDRESS or any(c.isspace() for c in text):
        raise wrong
    if "://" not in text:
        if "." not in text.partition("/")[0]:
            raise wrong
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("http", "https") or not host:
        raise wrong
    if "@" in parts.netloc:
        raise InputError(
            "Địa chỉ có chứa tên đăng nhập hoặc mật khẩu.",
            mend="Lắng Nghe chỉ đọc trang công khai; bỏ phần trước dấu @.",
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))


def looking_fetcher(
    settings: Settings,
    agent: str,
    *,
    out_of_time: Callable[[], bool],
    sleep: Callable[[float], None] = time.sleep,
) -> Fetcher:
    """Return a fetcher for one look: same manners, shorter patience than the collector's."""
    contact = settings.contact or settings.public_url
    policy = FetchPolicy(
        user_agent=f"{agent} (+{contact})",
        contact=contact,
        timeout_s=EACH_S,
        max_bytes=3 * 1024 * 1024,
        max_inflated=6 * 1024 * 1024,
        min_delay_s=PAUSE_S,
        allow_private=frozenset(settings.allow_private_hosts),
    )

    def patient(seconds: float) -> None:
        if seconds > TOTAL_S or out_of_time():
            raise FetchFault("rate_limited")
        sleep(seconds)

    return Fetcher(policy, sleep=patient)


def discover(
    asked: str,
    make_fetcher: Callable[[Callable[[], bool]], Fetcher],
    now: datetime,
    *,
    total_s: float = TOTAL_S,
    when_done: Callable[[], None] = lambda: None,
) -> Found:
    """Look for what can be listened to at ``asked`` (from ``address_of``) within ``total_s``.

    ``make_fetcher`` is given what says that the time is up. A look that takes longer is answered
    with what it found so far; ``when_done`` is called when its last request has really ended.
    Never raises for what a site does.
    """
    look = _Look(asked)
    ends = time.monotonic() + total_s

    def out_of_time() -> bool:
        return time.monotonic() > ends

    def work() -> None:
        try:
            _search(look, make_fetcher(out_of_time), now, out_of_time)
        except _TooLong:
            log.info("look_too_long", asked=asked)
        except LangNgheError as error:
            look.why, look.mend = _plainly(error)
        except Exception:
            log.exception("look_broke", asked=asked)
            look.why = "Có lỗi ngoài dự kiến khi đọc trang này."
            look.mend = "Thử lại; nếu vẫn vậy, báo người quản trị xem nhật ký mục «look_broke»."
        finally:
            look.done = True
            when_done()

    thread = threading.Thread(target=work, name="discover", daemon=True)
    thread.start()
    thread.join(total_s)
    in_time = look.done
    candidates = tuple(look.found[:MOST_FOUND])
    if candidates:
        return Found(asked, candidates, in_time=in_time)
    if not in_time:
        return Found(
            asked, why=f"Trang trả lời quá chậm: sau {total_s:.0f} giây vẫn chưa đọc xong.",
            mend="Thử lại sau; hoặc dán thẳng địa chỉ RSS nếu bạn biết.", in_time=False,
        )  # fmt: skip
    return Found(asked, why=look.why, mend=look.mend)


def _search(look: _Look, fetcher: Fetcher, now: datetime, out_of_time: Callable[[], bool]) -> None:
    reply = _first(look.asked, fetcher)
    body = reply.body or b""
    parsed = _as_feed(reply, now)
    if parsed.kind != "unknown":
        if parsed.items:
            look.found.append(of_feed(reply.url, parsed))
        else:
            look.why = "Địa chỉ này là RSS nhưng hiện không có tin nào."
            look.mend = "Kiểm tra lại địa chỉ, hoặc thử lại khi trang có tin mới."
        return
    text, _ = decode(body, reply.headers.get("content_type"))
    if "<" not in text or not re.search(r"<(?:!doctype html|html|head|body|a|div)\b", text, re.I):
        look.why = "Địa chỉ này không phải trang web và cũng không phải RSS."
        look.mend = "Dán địa chỉ trang chủ hoặc trang chuyên mục của trang tin."
        return
    soup = BeautifulSoup(text[:3_000_000], "lxml")
    refused = _follow(look, soup, reply, fetcher, now, out_of_time)
    if look.found:
        return
    if (mapped := _sitemap(reply.url, fetcher, now, out_of_time)) is not None:
        look.found.append(mapped)
        return
    listed = of_listing(body, reply, soup, now)
    if listed is not None:
        look.found.append(listed)
    elif refused is not None:
        look.why, look.mend = _plainly(refused)
    else:
        look.why = "Không thấy RSS và cũng không thấy danh sách bài trên trang này."
        look.mend = (
            "Mở trang bằng trình duyệt, tìm chữ RSS (thường ở cuối trang) hoặc mở một chuyên mục "
            "rồi dán địa chỉ ấy. Trang chỉ hiện bài bằng chương trình thì chưa nghe được."
        )


def _first(asked: str, fetcher: Fetcher) -> Fetched:
    """Read the page; a site without a sound https is read over http, as its visitors do."""
    try:
        return fetcher.get(asked)
    except FetchFault as fault:
        if fault.code not in ("connect", "tls") or not asked.startswith("https://"):
            raise
        return fetcher.get("http://" + asked.removeprefix("https://"))


def _follow(
    look: _Look,
    soup: BeautifulSoup,
    page: Fetched,
    fetcher: Fetcher,
    now: datetime,
    out_of_time: Callable[[], bool],
) -> FetchError | None:
    """Read the feeds a page names or may have; return a refusal met on the way."""
    refused: FetchError | None = None
    read = 0
    named = list(named_feeds(soup, page.url))
    tried: set[str] = {page.url}
    for url in [*named, *usual_feeds(soup, page.url)]:
        if len(look.found) >= MOST_FOUND or read >= MOST_READ:
            break
        if url in tried or (url not in named and look.found):
            continue
        if out_of_time():
            raise _TooLong
        tried.add(url)
        read += 1
        try:
            reply = fetcher.get(url)
        except FetchFault as fault:
            if fault.code in ("robots", "robots_down", "rate_limited", "forbidden"):
                refused = refused or fault
            continue
        parsed = _as_feed(reply, now)
        if (
            parsed.kind != "unknown"
            and parsed.items
            and reply.url not in {one.url for one in look.found}
        ):
            look.found.append(of_feed(reply.url, parsed))
    return refused


def _sitemap(
    base: str, fetcher: Fetcher, now: datetime, out_of_time: Callable[[], bool]
) -> Candidate | None:
    """Return the site's news sitemap: one that its robots.txt names, or at a usual address."""
    urls: list[str] = []
    try:
        rules, _ = decode((fetcher.get(urljoin(base, "/robots.txt")).body or b"")[:100_000])
        named = (match[1] for match in _SITEMAP_LINE.finditer(rules) if "news" in match[1].lower())
        urls += [url for url in named if absolute(base, url) and same_site(url, base)]
    except FetchFault as fault:
        if fault.code != "not_found":
            return None
    urls += [urljoin(base, path) for path in _USUAL_SITEMAPS]
    for url in list(dict.fromkeys(urls))[:_MOST_SITEMAPS]:
        if out_of_time():
            raise _TooLong
        try:
            reply = fetcher.get(url)
        except FetchFault:
            continue
        parsed = parse_sitemap(
            reply.body or b"", base_url=reply.url, now=now,
            content_type=reply.headers.get("content_type"),
        )  # fmt: skip
        if parsed.items:
            note = "Trang không có RSS; sẽ đọc sơ đồ tin rồi đọc từng bài trên trang."
            title = f"{host_of(base)} – tin mới"
            return Candidate(reply.url, "sitemap", title, newest(parsed.items), notes=(note,))
    return None


def _as_feed(reply: Fetched, now: datetime) -> ParsedFeed:
    return parse_feed(
        reply.body or b"", base_url=reply.url, content_type=reply.headers.get("content_type"),
        now=now,
    )  # fmt: skip


def _plainly(error: LangNgheError) -> tuple[str, str]:
    """Return what happened in the words of somebody who adds a source, not of one who has it."""
    code = error.code if isinstance(error, FetchFault) else ""
    said = {
        "robots": (
            "Trang này không cho chương trình đọc tự động (robots.txt).",
            "Lắng Nghe tôn trọng điều đó. Có thể xin phép đơn vị quản lý trang, hoặc tìm trang "
            "khác đăng cùng tin.",
        ),
        "private_address": (
            "Địa chỉ này dẫn vào mạng nội bộ nên không được mở.",
            "Chỉ thêm được trang công khai trên Internet.",
        ),
        "dns": ("Không có máy chủ nào mang tên này.", "Kiểm tra lại chính tả của địa chỉ."),
        "timeout": ("Trang trả lời quá chậm.", "Thử lại sau ít phút."),
        "not_found": ("Trang này không còn.", "Mở bằng trình duyệt để lấy địa chỉ đúng."),
        "rate_limited": (
            "Trang yêu cầu đọc thưa hơn mức có thể chờ ở đây.",
            "Dán thẳng địa chỉ RSS của trang nếu bạn biết.",
        ),
    }  # fmt: skip
    return said.get(code, (error.message, error.mend or "Thử lại sau."))


def config_of(candidate_kind: str, url: str, selector: str = "") -> dict[str, object]:
    """Return the fields of an added source that the person does not choose."""
    kind = candidate_kind if candidate_kind in SOURCE_KINDS else "rss"
    found: dict[str, object] = {"added": True, "kind": kind, "url": url, "evidence": "ok"}
    if kind == "html":
        found["selectors"] = {"item": selector if selector in LIST_SELECTORS else LIST_SELECTORS[0]}
    return found


def listed_already(url: str, sources: Sequence[SourceConfig]) -> SourceConfig | None:
    """Return the source of a list that reads this address, whatever its scheme or ending."""
    wanted = _bare(url)
    return next((source for source in sources if _bare(source.url) == wanted), None)


def _bare(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}:{parts.port or ''}{parts.path.rstrip('/')}{query}"
