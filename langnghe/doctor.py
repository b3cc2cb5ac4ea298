"""Say in plain words what is wrong and how to mend it, before it matters."""

from __future__ import annotations

import shutil
import smtplib
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.channels import EMAIL, PUSH, configured
from alerts.channels.email import RECEIPTS_NAME
from alerts.channels.webpush import sender_key
from alerts.forecast.model import load as load_forecast
from alerts.forecast.model import rules_version
from alerts.outbox import Receipts
from collectors.catalog import load_catalog
from langnghe.core.clock import SystemClock, say
from langnghe.core.contacts import ways_of
from langnghe.core.errors import LangNgheError, StoreError
from langnghe.core.oserrors import plain_reason
from langnghe.core.overlay_profile import MARK as EDITS_MARK
from langnghe.core.overlay_profile import PassedOver, said_passed
from langnghe.core.policy.loader import load_policy
from langnghe.core.settings import SECRET_NAME, Settings
from langnghe.core.shelf import Shelf, file_hash
from langnghe.core.store.channels import OK, health_of, token_of
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import stories_set_aside
from langnghe.core.store.marks import get_mark, heartbeats
from langnghe.core.store.outbox import troubled
from langnghe.core.store.queries.system import source_states
from langnghe.core.words import word
from langnghe.house import load_reader, read_profile, read_sources
from nlp.models import DEFAULT_WEIGHTS

_OWN = ("127.0.0.1", "::1", "localhost")
MIN_FREE = 500 * 1024**2  # bytes; a year of one province's mentions takes about this much


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    check: str
    ok: bool
    what: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything a service needs; one failing look never hides another."""
    checks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("thư mục dữ liệu", _folder),
        ("hồ sơ đơn vị", _profile),
        ("kịch bản ứng phó", _policy),
        ("danh mục nguồn", _catalog),
        ("dự báo", _forecast),
        ("mô hình đọc hiểu", _reader),
        ("cơ sở dữ liệu", _database),
        ("thư điện tử", _mail),
        ("các cách gửi khác", _channels),
        ("cổng web", _port),
    )
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check(settings))
        except LangNgheError as error:
            findings.append(Finding(name, False, error.message, error.mend))
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            findings.append(
                Finding(
                    name, False, f"Không đọc hoặc ghi được{where}: {plain_reason(error)}.",
                    "Kiểm tra đường dẫn, quyền và dung lượng đĩa.",
                )
            )  # fmt: skip
    return findings


def _folder(settings: Settings) -> Iterator[Finding]:
    name = "thư mục dữ liệu"
    if settings.home.exists() and not settings.home.is_dir():
        yield Finding(name, False, f"{settings.home} là một tệp, không phải thư mục.",
                      "Chọn thư mục khác bằng --home.")  # fmt: skip
        return
    if not settings.home.is_dir():
        yield Finding(name, False, f"Chưa có {settings.home}.", "Chạy «langnghe init».")
        return
    probe = settings.home / ".doctor"
    probe.write_text("x")
    probe.unlink()
    free = shutil.disk_usage(settings.home).free
    yield Finding(
        name,
        free >= MIN_FREE,
        f"{settings.home} ghi được, còn trống {free / 1024**3:.1f} GiB.",
        "" if free >= MIN_FREE else "Giải phóng ít nhất 0,5 GiB.",
    )
    if (settings.home / SECRET_NAME).exists():
        settings.secret_key()
    Receipts(settings.home / RECEIPTS_NAME)


def _profile(settings: Settings) -> Iterator[Finding]:
    profile = read_profile(settings)
    heard = sum(any(ways_of(contact) for contact in unit.contacts) for unit in profile.units)
    yield Finding("hồ sơ đơn vị", True, f"«{profile.name}», {len(profile.units)} đơn vị.")
    yield Finding(
        "người nhận cảnh báo",
        bool(heard or settings.mail_fallback),
        f"{heard}/{len(profile.units)} đơn vị có người nhận.",
        ""
        if heard or settings.mail_fallback
        else "Thêm [[units.contacts]] vào hồ sơ hoặc đặt mail_fallback.",
    )


def _policy(settings: Settings) -> Iterator[Finding]:
    policy = load_policy(settings.playbook)
    levels = ", ".join(level.name for level in policy.levels)
    yield Finding("kịch bản ứng phó", True, f"Phiên bản {policy.version}: {levels}.")


def _forecast(settings: Settings) -> Iterator[Finding]:
    current = load_forecast().rules == rules_version(load_policy(settings.playbook))
    yield Finding(
        "dự báo",
        current,
        "Dùng được với kịch bản này."
        if current
        else "Kịch bản đã đổi so với khi dựng dự báo, nên trang cụm tin không đưa ra dự báo.",
        "" if current else "Phát lại vài tháng tin rồi dựng lại bằng «langnghe forecast fit».",
    )


def _catalog(settings: Settings) -> Iterator[Finding]:
    catalog = load_catalog(settings.catalog)
    if settings.profile_path.is_file():
        catalog = read_sources(settings, read_profile(settings))
    on = sum(source.enabled for source in catalog)
    yield Finding("danh mục nguồn", on > 0, f"{on}/{len(catalog)} nguồn đang bật.",
                  "" if on else "Bật ít nhất một nguồn trong danh mục.")  # fmt: skip


def _reader(settings: Settings) -> Iterator[Finding]:
    name = "mô hình đọc hiểu"
    version = load_reader(settings).version
    shelved = Shelf(settings.home).active()
    if shelved is None:
        yield Finding(name, True, f"Phiên bản {version}, kèm theo sản phẩm.")
        return
    current = shelved.facts.get("shipped") == file_hash(DEFAULT_WEIGHTS)
    yield Finding(
        name,
        current,
        f"Phiên bản {version}, bản «{shelved.name}» đã đưa vào dùng"
        + ("." if current else ", nhưng sản phẩm đã có mô hình kèm theo mới hơn."),
        ""
        if current
        else "Dạy lại bằng «langnghe train --corrections» rồi «langnghe model "
        "promote», hoặc dùng bản kèm theo bằng «langnghe model back».",
    )


def _aside(stories: Sequence[tuple[int, str, str]]) -> Finding:
    name = "cụm tin chờ xử lý lại"
    if not stories:
        return Finding(name, True, "không có.")
    number, title, why = stories[0]
    return Finding(
        name,
        False,
        f"{len(stories)} cụm tin bị để riêng, mới nhất số {number} «{title}»: {why}",
        "Xem nhật ký mục «story_broke», tự đọc các tin của cụm; báo lỗi cho nơi cung cấp phần mềm.",
    )


def _edits(passed: Sequence[PassedOver]) -> Finding:
    """Say which changes made on the screen no longer count."""
    name = "thay đổi trên màn hình"
    if not passed:
        return Finding(name, True, "đều còn hiệu lực.")
    first = passed[0]
    return Finding(
        name,
        False,
        f"{len(passed)} thay đổi không còn dùng được nên được bỏ qua, đầu tiên «{first.key}»: "
        f"{first.why}",
        "Mở trang Nguồn tin, Từ khóa, Đơn vị hoặc Cài đặt để sửa hoặc trả lại như tệp.",
    )


def _database(settings: Settings) -> Iterator[Finding]:
    name = "cơ sở dữ liệu"
    if not settings.database_url and not (settings.home / "langnghe.db").is_file():
        yield Finding(name, False, "Chưa có dữ liệu.", "Chạy «langnghe init».")
        return
    store = Store(settings.database, busy_timeout_s=2)
    try:
        found, wanted = store.schema_versions()
        if found != wanted:
            raise StoreError(
                f"Cấu trúc dữ liệu ở phiên bản {found}, chương trình cần {wanted}.",
                mend="Chạy lại «langnghe init» (dữ liệu được giữ nguyên).",
            )
        yield Finding(name, True, f"{'PostgreSQL' if settings.is_postgres else 'SQLite'}, {found}.")
        with store.read() as session:
            beats, states = heartbeats(session), source_states(session)
            mails = troubled(session)
            aside = stories_set_aside(session)
            passed = get_mark(session, EDITS_MARK)
        with store.write():  # waits two seconds for its turn, then says who holds the lock
            pass
    finally:
        store.close()
    now = SystemClock().now()
    limit = timedelta(seconds=settings.stalled_after_s)
    for stage, at in sorted(beats.items()):
        fresh = now - at <= limit
        yield Finding(f"nhịp của khâu {word('stage', stage)}", fresh, f"lần cuối {say(at)}.",
                      "" if fresh else "Dịch vụ không chạy? Chạy «langnghe up».")  # fmt: skip
    yield from _outbox(mails)
    yield _aside(aside)
    yield _edits(said_passed(passed.data) if passed is not None else ())
    bad = {state: n for state, n in states.items() if state in ("failing", "refused", "malformed")}
    yield Finding(
        "nguồn tin",
        not bad,
        ", ".join(f"{n} {word('source', state)}" for state, n in sorted(states.items()))
        or "chưa có nguồn nào",
        "Xem trang Nguồn tin: mỗi nguồn có lý do và cách xử lý." if bad else "",
    )


def _outbox(mails: Mapping[str, tuple[int, str]]) -> Iterator[Finding]:
    said = {
        "due": ("thư chờ gửi lại", "chưa gửi được, vẫn được giữ", "Thư tự gửi lại khi gửi được."),
        "dead": ("thư bị từ chối", "không gửi được", "Sửa địa chỉ người nhận trong hồ sơ đơn vị."),
    }
    for state, (name, what, mend) in said.items():
        number, why = mails[state]
        if number:
            yield Finding(name, False, f"{number} thư {what}. Lý do gần nhất: {why}", mend)


def _mail(settings: Settings) -> Iterator[Finding]:
    name = "thư điện tử"
    if not settings.smtp_host:
        yield Finding(name, False, "Chưa cấu hình máy chủ thư.",
                      "Đặt smtp_host, smtp_port, smtp_user trong langnghe.toml.")  # fmt: skip
        return
    connect = smtplib.SMTP_SSL if settings.smtp_security == "tls" else smtplib.SMTP
    try:
        with connect(settings.smtp_host, settings.smtp_port, timeout=5) as server:
            if settings.smtp_security == "starttls":
                server.starttls()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.noop()
    except smtplib.SMTPAuthenticationError:
        yield Finding(name, False, "Máy chủ thư từ chối tên hoặc mật khẩu.",
                      "Kiểm tra smtp_user và LANGNGHE_SMTP_PASSWORD.")  # fmt: skip
        return
    except (OSError, smtplib.SMTPException) as error:
        told = isinstance(error, smtplib.SMTPException)  # an OSError too, but without a number
        why = "máy chủ trả lời sai giao thức hoặc từ chối" if told else plain_reason(error)
        yield Finding(
            name, False,
            f"Không nói chuyện được với {settings.smtp_host}:{settings.smtp_port}: {why}.",
            "Kiểm tra tên máy chủ, cổng, kiểu bảo mật và đường mạng.",
        )  # fmt: skip
        return
    yield Finding(name, True, f"{settings.smtp_host}:{settings.smtp_port} trả lời.")


def _channels(settings: Settings) -> Iterator[Finding]:
    """Look at the other ways out without sending anything."""
    c, name = settings.channels, "các cách gửi khác"
    ways = [way for way in configured(settings) if way != EMAIL]
    yield Finding(name, True, ", ".join(ways) if ways else "không khai báo thêm.")
    if settings.smtp_user and settings.smtp_security == "none" and settings.smtp_host not in _OWN:
        yield Finding("thư điện tử", False, "Mật khẩu hộp thư đi qua mạng không mã hóa.",
                      "Đặt smtp_security = \"starttls\" hoặc \"tls\".")  # fmt: skip
    if c.zalo.ready and not (c.zalo.template_id or c.zalo.oa):
        yield Finding("Zalo", False, "Có ứng dụng nhưng chưa chọn cách gửi.",
                      "Đặt template_id (ZNS) hoặc oa = true trong mục channels.zalo.")  # fmt: skip
    if PUSH in ways:
        sender_key(c.push, settings.home)
        secure = settings.public_url.startswith("https://")
        yield Finding(
            "thông báo đẩy",
            secure,
            "Khóa dùng được." if secure else "Trình duyệt chỉ nhận thông báo đẩy qua https.",
            "" if secure else "Đặt base_url bắt đầu bằng https:// và chạy sau máy chủ TLS.",
        )
    if not settings.database_url and not (settings.home / "langnghe.db").is_file():
        return
    store = Store(settings.database, busy_timeout_s=2)
    try:
        with store.read() as session:
            known = health_of(session)
            began = c.zalo.ready and token_of(session, f"zalo:{c.zalo.app_id}") is not None
    finally:
        store.close()
    if c.zalo.ready and not began and not c.zalo.refresh_token.get_secret_value():
        yield Finding("Zalo", False, "Chưa có refresh token.",
                      "Đặt LANGNGHE_CHANNELS__ZALO__REFRESH_TOKEN (docs/channels.md).")  # fmt: skip
    for way, row in known.items():
        if row.state != OK:
            yield Finding(f"cách gửi {way}", False, f"Hỏng từ {say(row.since)}. {row.why}",
                          row.mend)  # fmt: skip


def _port(settings: Settings) -> Iterator[Finding]:
    with socket.socket() as probe:
        probe.settimeout(1)
        busy = probe.connect_ex((settings.host, settings.port)) == 0
    what = "đang có chương trình dùng (có thể chính là Lắng Nghe)." if busy else "còn trống."
    yield Finding("cổng web", True, f"{settings.host}:{settings.port} {what}")
