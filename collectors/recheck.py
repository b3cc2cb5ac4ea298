"""Look again at the pages of open incidents: an edit or a removal is a fact too.

Bounded and polite: a few pages a turn, the gravest incident and the newest mention first, one hour,
six hours, a day, three and seven days after first sight, through the same guarded way out as every
poll. A page counts as taken down only when it was found gone twice, half an hour apart; a network
that fails, a site that is slow or a robots.txt that forbids says nothing about a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from sqlmodel import Session

from collectors.faults import FetchFault
from collectors.fetcher import Fetched
from collectors.html import parse_article
from collectors.poll import Gets, original_of
from langnghe.core.clock import say
from langnghe.core.errors import FetchError
from langnghe.core.evidence.keeping import keep_note, keep_originals, keep_page
from langnghe.core.evidence.originals import GONE, Original, Sighting
from langnghe.core.evidence.vault import Vault, plain_disk_reason
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.mentions import content_hash, keep
from langnghe.core.store.recheck import (
    DuePage,
    add_version,
    due_pages,
    enrol,
    last_version,
    locked,
)
from langnghe.core.store.tables import PageVersionRow, RecheckRow
from langnghe.core.text import fold
from langnghe.core.types import Item

log = structlog.get_logger(__name__)

DELAYS = tuple(timedelta(hours=h) for h in (1, 6, 24, 72, 168))
CONFIRM_AFTER = timedelta(minutes=30)
PAGES = 10  # looked at in one turn
ENROLLED = 200  # mentions taken in in one turn
ASLEEP = timedelta(days=1)  # how long a page of a closed incident waits to be asked after again
LONGEST_WAIT = timedelta(days=1)
_SHORT = 600  # characters; a page that says no more may be a notice and not an article
_REMOVED = tuple(
    fold(words)
    for words in (
        "bài viết không tồn tại", "bài viết không còn tồn tại", "bài viết đã bị gỡ",
        "bài viết đã được gỡ", "bài viết đã bị xóa", "nội dung không tồn tại",
        "nội dung đã bị gỡ", "nội dung đã bị xóa", "nội dung này không còn",
        "không tìm thấy trang", "không tìm thấy bài viết", "trang không tồn tại",
        "trang bạn tìm không tồn tại", "page not found", "no longer available",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a page showed.

    ``state``: same (not modified), there, gone, blocked (asked not to come) or unreadable (says
    nothing). ``why`` is a plain sentence for the last three; ``page`` the article where one was.
    """

    state: str
    why: str = ""
    page: Item | None = None
    original: Original | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_at: datetime | None = None


def next_look(seen_at: datetime, now: datetime) -> datetime | None:
    """Return when a page first seen at ``seen_at`` is looked at after ``now``; None: never more."""
    return next((seen_at + delay for delay in DELAYS if seen_at + delay > now), None)


def first_look(seen_at: datetime, now: datetime) -> datetime:
    """Return when a page is looked at for the first time: at once where an hour has passed."""
    return max(now, seen_at + DELAYS[0])


def judge(reply: Fetched | FetchError, asked: str, now: datetime) -> Look:
    """Return what an answer says about the page that was asked for."""
    if isinstance(reply, FetchError):
        code = reply.code if isinstance(reply, FetchFault) else ""
        retry_at = reply.retry_at if isinstance(reply, FetchFault) else None
        if code == "not_found":
            return Look("gone", reply.message.replace("Địa chỉ nguồn tin", "Trang"))
        if code in ("robots", "forbidden"):
            return Look("blocked", reply.message)
        return Look("unreadable", reply.message, retry_at=retry_at)
    if reply.body is None:
        return Look("same")
    if _path(asked) and not _path(reply.url):
        return Look("gone", "Địa chỉ bài viết nay dẫn về trang chủ.")
    page = parse_article(
        reply.body, reply.url, now=now, content_type=reply.headers.get("content_type")
    )
    if page is None or reply.truncated:
        return Look("unreadable", "Trang không còn đọc được thành bài viết.")
    said = fold(f"{page.title or ''} {page.text or ''}")
    if len(page.text or "") < _SHORT and any(f" {w} " in f" {said} " for w in _REMOVED):
        return Look("gone", "Trang báo bài viết không còn.")
    return Look(
        "there", page=page, original=original_of(reply, now),
        etag=reply.headers.get("etag"), last_modified=reply.headers.get("last_modified"),
    )  # fmt: skip


def recheck_due(
    store: Store, fetcher: Gets, vault: Vault, *, secret: bytes, now: datetime, limit: int = PAGES
) -> int:
    """Look at up to ``limit`` pages that are due; return how many were looked at."""
    with store.write() as session:
        enrol(session, now, first_look, ENROLLED)
    with store.read() as session:
        due = due_pages(session, now, limit)
    looked = 0
    for page in due:
        if not page.is_open:
            _sleep(store, page, now)
            continue
        looked += 1
        look = _look(fetcher, page, now)
        with store.write() as session:
            row = locked(session, page.row.mention_id)
            if row is None or row.due_at != page.row.due_at:
                continue  # another worker has been there
            _write(session, vault, page, row, look, secret, now)
    return looked


def _look(fetcher: Gets, page: DuePage, now: datetime) -> Look:
    asked = page.mention.url or ""
    try:
        reply: Fetched | FetchError = fetcher.get(
            asked, etag=page.row.etag, last_modified=page.row.last_modified
        )
    except FetchError as error:
        reply = error
    return judge(reply, asked, now)


def _sleep(store: Store, page: DuePage, now: datetime) -> None:
    with store.write() as session:
        row = locked(session, page.row.mention_id)
        if row is not None:
            over = now - page.mention.seen_at > DELAYS[-1]
            row.due_at, row.state = (None, "done") if over else (now + ASLEEP, row.state)


def _write(
    session: Session, vault: Vault, page: DuePage, row: RecheckRow, look: Look, secret: bytes,
    now: datetime,
) -> None:  # fmt: skip
    row.checked_at, row.reason = now, look.why
    following = next_look(page.mention.seen_at, now)
    if look.state == "unreadable":
        row.failures += 1
        wait = now + min(timedelta(hours=1) * 2 ** min(row.failures - 1, 10), LONGEST_WAIT)
        row.due_at = None if following is None and row.failures > 5 else max(
            wait, look.retry_at or wait
        )  # fmt: skip
        return
    row.failures = 0
    row.step += 1
    row.due_at = following
    if look.state == "blocked":
        row.state = "blocked"
    elif look.state == "gone":
        _gone(session, vault, page, row, look, now)
    else:
        _there(session, vault, page, row, look, secret, now)
    if row.due_at is None and row.state in ("there", "waiting"):
        row.state = "done"


def _gone(
    session: Session, vault: Vault, page: DuePage, row: RecheckRow, look: Look, now: datetime
) -> None:
    if row.deleted_at is not None and row.restored_at is None:
        return  # known
    if row.missing_at is None:
        row.state, row.missing_at = "missing", now
    if now - row.missing_at < CONFIRM_AFTER:
        row.due_at = row.missing_at + CONFIRM_AFTER
        return
    row.state, row.deleted_at, row.restored_at = "gone", row.missing_at, None
    mention = page.mention
    told = {
        "what": "gone",
        "first_seen_gone": row.missing_at.isoformat(),
        "confirmed": now.isoformat(),
        "why": look.why,
    }
    about = (row.mention_id, mention.revision, mention.content_hash, GONE)
    try:
        keep_note(session, vault, mention.url or "", now, told, about)
    except OSError as error:
        log.error("evidence_missing", mention=row.mention_id, why=plain_disk_reason(error))
    where = mention.source_name or "Nguồn tin"
    add_event(
        session, page.incident_id, now, "evidence_gone", "máy",
        f"{where}: tin số {row.mention_id} đã bị gỡ, thấy lúc {say(row.deleted_at)}. "
        "Bản lưu còn giữ trong hồ sơ.",
        {"mention_ids": [row.mention_id]},
    )  # fmt: skip


def _there(
    session: Session, vault: Vault, page: DuePage, row: RecheckRow, look: Look, secret: bytes,
    now: datetime,
) -> None:  # fmt: skip
    row.missing_at = None
    if row.deleted_at is not None and row.restored_at is None:
        row.restored_at = now
        _tell(session, page, now, "evidence_back", "đã gỡ nay hiện lại")
    row.state = "there"
    if look.page is None or look.original is None:
        return
    row.etag, row.last_modified = look.etag, look.last_modified
    change = _as_revision if page.from_page else _as_version
    if change(session, vault, page, look.page, look.original, secret, now):
        _tell(session, page, now, "evidence_changed", "đã sửa nội dung so với lần thấy trước")


def _as_revision(
    session: Session, vault: Vault, page: DuePage, found: Item, original: Original, secret: bytes,
    now: datetime,
) -> bool:  # fmt: skip
    """Keep an edited article as a new revision of its mention; return whether it was edited."""
    mention = page.mention
    item = Item(
        id=mention.external_id, kind=mention.kind, source=mention.source_name, url=mention.url,
        published_at=mention.published_at, title=found.title or mention.title,
        text=found.text or mention.text,
    )  # fmt: skip
    if content_hash(item) == mention.content_hash or _same(item, mention.title, mention.text):
        return False
    kept = keep(session, [item], now=now, secret=secret, source_id=mention.source_id)
    keep_originals(session, vault, [Sighting(item, original)], now)
    return bool(kept.revised)


def _as_version(
    session: Session, vault: Vault, page: DuePage, found: Item, original: Original, _secret: bytes,
    now: datetime,
) -> bool:  # fmt: skip
    """Keep what the page says now, if it is not what it said; the first time is no change."""
    number = page.row.mention_id
    last = last_version(session, number)
    if last is not None and _same(found, last.title, last.text):
        return False
    hashed = content_hash(found)
    try:
        seq = keep_page(session, vault, original, (number, page.mention.revision, hashed))
    except OSError as error:
        log.error("evidence_missing", mention=number, why=plain_disk_reason(error))
        seq = None
    add_version(
        session,
        PageVersionRow(
            mention_id=number, version=last.version + 1 if last else 1, at=now,
            title=found.title, text=found.text, content_hash=hashed, seq=seq,
        ),
    )  # fmt: skip
    return last is not None


def _tell(session: Session, page: DuePage, now: datetime, kind: str, what: str) -> None:
    number = page.row.mention_id
    where = page.mention.source_name or "Nguồn tin"
    add_event(
        session, page.incident_id, now, kind, "máy",
        f"{where}: tin số {number} {what}, thấy lúc {say(now)}.", {"mention_ids": [number]},
    )  # fmt: skip


def _same(found: Item, title: str | None, text: str | None) -> bool:
    return fold(f"{found.title or ''} {found.text or ''}") == fold(f"{title or ''} {text or ''}")


def _path(url: str) -> str:
    return urlsplit(url).path.strip("/")
