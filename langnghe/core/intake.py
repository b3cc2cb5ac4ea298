"""The rules of what people hand in: words, sizes, links, receipts, and a form that proves its age.

Pure: nothing here touches a table or the network. A report comes in two ways: somebody of the unit
writes down what a parent told them, or a stranger fills in the unit's public form. The second way
is open to machines too, so its form carries a signed time, and every count has a limit.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from langnghe.core.clock import hanoi
from langnghe.core.errors import InputError
from langnghe.core.evidence.originals import LINE, Original
from langnghe.core.text import clean
from langnghe.core.urls import host_of

QR = "qr"
CHANNELS: Mapping[str, str] = {
    "zalo": "phụ huynh báo qua Zalo", "phone": "báo qua điện thoại", "letter": "đơn thư",
    "in_person": "gặp trực tiếp", "online": "thấy trên mạng", QR: "biểu mẫu công khai",
}  # fmt: skip
"""How a report came in, as it stands on the screen; ``qr`` is nobody's choice."""
WAITING, ACCEPTED, JOINED, ASIDE = "waiting", "accepted", "joined", "aside"
STATES: Mapping[str, str] = {
    WAITING: "chờ xem", ACCEPTED: "đã đưa vào dòng tin", JOINED: "đã có tin này",
    ASIDE: "để riêng",
}  # fmt: skip
PUBLIC_STATES: Mapping[str, str] = {
    WAITING: "Đã nhận, đang chờ người của đơn vị xem.",
    ACCEPTED: "Đã xem và đang được theo dõi, xử lý.",
    JOINED: "Đã xem và đang được theo dõi, xử lý cùng thông tin đã có.",
    ASIDE: "Đã xem. Đơn vị không theo dõi tiếp thông tin này.",
}  # fmt: skip
"""All that a receipt tells whoever holds it."""

SOURCE = "Phiếu tiếp nhận"
LONGEST = 20_000
LONGEST_PUBLIC = 4_000
SHORTEST_PUBLIC = 10
MOST_LINKS = 3
LONGEST_LINK = 2_000
MOST_FILES = 3
MAX_PUBLIC_FILE = 5_000_000
PUBLIC_KINDS = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf"})
"""What a stranger may hand in: pictures whose place and device can be cut out, and papers."""
MAX_PUBLIC_BYTES = 100_000_000
"""Bytes of files that a unit's unread reports may hold together."""
KEEP_CONTACT = timedelta(days=90)
KEEP_ASIDE = timedelta(days=30)
OLDEST = timedelta(days=366)

YOUNGEST_FORM = timedelta(seconds=3)
OLDEST_FORM = timedelta(hours=3)
PER_PLACE = (12, timedelta(hours=1))
"""Many telephones of one village share an address of their network."""
PER_UNIT = (60, timedelta(hours=1))
MOST_WAITING = 300
"""Reports a unit's box holds before the form asks to ring instead."""
KEEP_HITS = timedelta(days=1)

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another on paper
_RECEIPT = re.compile(rf"[{_SIGNS}]{{5}}-[{_SIGNS}]{{5}}")
_CODE = re.compile(r"[A-Za-z0-9_-]{16,40}")
_CLOSED_HOSTS = frozenset(
    {
        "facebook.com", "fb.com", "fb.me", "fb.watch", "messenger.com", "m.me", "zalo.me",
        "chat.zalo.me", "zaloapp.com", "instagram.com", "threads.net", "whatsapp.com", "wa.me",
        "viber.com", "discord.com", "discord.gg", "skype.com", "teams.microsoft.com",
        "drive.google.com", "docs.google.com", "photos.app.goo.gl", "1drv.ms", "onedrive.live.com",
    }
)  # fmt: skip
"""Places of closed circles, or behind a sign-in: what is said there is not fetched, ever."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not taken in: a sentence to read, and the HTTP status."""

    text: str
    status: int = 422


def source_name(unit_name: str) -> str:
    """Return the source under which a unit's reports stand in the stream."""
    return f"{SOURCE} – {unit_name}"


def link_of(typed: str) -> str:
    """Return a typed address, ``""`` for none. Raises InputError for what is no web address."""
    link = clean(typed).replace("\n", "")
    if not link:
        return ""
    if "://" not in link:
        link = f"https://{link}"
    parts = urlsplit(link) if len(link) <= LONGEST_LINK and " " not in link else None
    if parts is None or parts.scheme not in ("http", "https") or "." not in host_of(link):
        raise InputError(
            "Đường dẫn không đúng.", mend="Chép nguyên địa chỉ từ trình duyệt, hoặc để trống ô này."
        )
    return link


def links_in(text: str) -> list[str]:
    """Return the web addresses a text holds, in order."""
    return [found.rstrip(".,;:!?)»”") for found in _LINK.findall(text)]


def may_be_fetched(link: str) -> bool:
    """Tell whether a page may be asked for: never what lies in a closed circle."""
    host = host_of(link)
    if not host or any(host == closed or host.endswith(f".{closed}") for closed in _CLOSED_HOSTS):
        return False
    path = urlsplit(link).path
    # Telegram: a public channel's page may be read, an invitation may not be followed.
    return host not in ("t.me", "telegram.me") or not path.startswith(("/+", "/joinchat"))


def new_receipt() -> str:
    """Return a number for a receipt: 49 random bits, easy to read aloud."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(10))
    return f"{signs[:5]}-{signs[5:]}"


def receipt_of(typed: str) -> str:
    """Return a typed receipt number in the form it is kept in, ``""`` for none that can be."""
    signs = "".join(sign for sign in typed.upper() if sign in _SIGNS)[:11]
    said = f"{signs[:5]}-{signs[5:]}"
    return said if _RECEIPT.fullmatch(said) else ""


def new_code() -> str:
    """Return the opaque code of a public form."""
    return secrets.token_urlsafe(15)


def is_code(typed: str) -> bool:
    """Tell whether an address holds what could be a form's code."""
    return bool(_CODE.fullmatch(typed))


def form_token(secret: bytes, code: str, now: datetime) -> str:
    """Return a token that says when this form was handed out; no two are the same."""
    said = f"{int(now.timestamp()):x}.{secrets.token_hex(8)}"
    return f"{said}.{_mac(secret, code, said)}"


def judge_token(secret: bytes, code: str, token: str, now: datetime) -> str:
    """Return what a form's token says: ``fine``, ``quick``, ``old`` or ``forged``."""
    said, _, mac = token[:200].rpartition(".")
    if not said or not hmac.compare_digest(_mac(secret, code, said).encode(), mac.encode()):
        return "forged"
    age = now - datetime.fromtimestamp(int(said.partition(".")[0], 16), UTC)
    if age < YOUNGEST_FORM:
        return "quick"
    return "fine" if age <= OLDEST_FORM else "old"


def token_mark(token: str) -> str:
    """Return what is kept of a used token, so that a form sent twice is one report."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def place_mark(secret: bytes, address: str, now: datetime) -> str:
    """Return the keyed hash of a network address that counts as one place today.

    The key changes with the day, so that nothing can be told from one day to the next. Of IPv6 the
    first 64 bits count: one house has the rest to itself.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        place = address
    else:
        place = str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
    said = f"intake\x1f{hanoi(now).date().isoformat()}\x1f{place}".encode()
    return hmac.new(secret, said, hashlib.sha256).hexdigest()[:24]


def too_many(from_place: int, at_unit: int, waiting: int, phone: str) -> Refusal | None:
    """Return why no report is taken in now, ``None`` where one is."""
    ring = f" Việc gấp xin gọi {phone}." if phone else " Việc gấp xin gọi trực tiếp cho đơn vị."
    if waiting >= MOST_WAITING:
        return Refusal(
            "Hộp phiếu của đơn vị đang đầy, chưa nhận thêm được. Xin gửi lại sau." + ring, 503
        )
    if from_place >= PER_PLACE[0]:
        return Refusal(
            "Nơi kết nối này đã gửi nhiều phiếu trong một giờ qua. Xin gửi lại sau." + ring, 429
        )
    if at_unit >= PER_UNIT[0]:
        return Refusal("Đang có quá nhiều phiếu gửi đến cùng lúc. Xin gửi lại sau." + ring, 429)
    return None


def wrong_words(text: str) -> Refusal | None:
    """Return what is wrong with the words of a public report, ``None`` where nothing is."""
    if len(text) < SHORTEST_PUBLIC:
        return Refusal("Xin ghi rõ hơn chuyện gì đã xảy ra.")
    if len(text) > LONGEST_PUBLIC:
        return Refusal(f"Nội dung dài quá {LONGEST_PUBLIC} ký tự. Xin rút gọn.")
    if len(links_in(text)) > MOST_LINKS:
        return Refusal(f"Xin ghi nhiều nhất {MOST_LINKS} đường dẫn trong một phiếu.")
    return None


def phone_of(typed: str) -> str:
    """Return a typed telephone number, ``""`` for none. Raises InputError for anything else."""
    said = clean(typed)
    digits = sum(sign.isdigit() for sign in said)
    if said and (not 3 <= digits <= 15 or not re.fullmatch(r"[\d\s+().-]{3,30}", said)):
        raise InputError("Số điện thoại không đúng.", mend="Kiểm tra lại, hoặc để trống ô này.")
    return said


def covered_name(name: str) -> str:
    """Return a name of which only the first letters of its words can be read."""
    return " ".join(f"{word[0]}…" for word in name.split())


def covered_phone(phone: str) -> str:
    """Return a telephone number of which only the last three digits can be read."""
    digits = [sign for sign in phone if sign.isdigit()]
    return "•" * max(len(digits) - 3, 0) + "".join(digits[-3:])


def heard(moment: datetime | None, now: datetime) -> datetime | None:
    """Return when something was heard of. Raises InputError for a time that cannot be."""
    if moment is not None and moment > now + timedelta(minutes=5):
        raise InputError("Giờ nghe tin nằm trong tương lai.", mend="Chọn lại ngày giờ.")
    if moment is not None and moment < now - OLDEST:
        raise InputError("Giờ nghe tin đã quá một năm.", mend="Kiểm tra lại ngày, tháng, năm.")
    return moment


def original_of_report(body: bytes, number: int, at: datetime) -> Original:
    """Return a report as evidence: its words, who took it down and when, never who reported."""
    return Original(
        LINE, f"urn:langnghe:intake:{number}", at, body, media_type="application/json"
    )  # fmt: skip


def _mac(secret: bytes, code: str, said: str) -> str:
    told = f"langnghe.intake.v1\x1f{code}\x1f{said}".encode()
    return hmac.new(secret, told, hashlib.sha256).hexdigest()[:32]
