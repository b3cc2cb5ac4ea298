"""Commands over records: backup, restore, keeping times, holds, and requests of persons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core import subject
from langnghe.core.attached import attached_path
from langnghe.core.backup import make_backup
from langnghe.core.clock import SystemClock, hanoi
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.forgetting import forgetter
from langnghe.core.keeping import CLOCK, JUMP, clock_state, keep_due, look_again
from langnghe.core.restore import restore_backup
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.holds import holds, place_hold, release_hold
from langnghe.core.store.outbox import unsent
from langnghe.core.subject import Asked

hold_app = typer.Typer(help="Lệnh giữ lại, không xóa theo thời hạn.", no_args_is_help=True)
subject_app = typer.Typer(
    help="Yêu cầu của người có dữ liệu: tìm, xuất, xóa, ẩn tên.", no_args_is_help=True
)
keep_app = typer.Typer(help="Thời hạn lưu.", no_args_is_help=True)

By = Annotated[str, typer.Option("--actor", help="Ai làm (ghi vào nhật ký).")]
Handle = Annotated[str | None, typer.Option("--handle", help="Tên tài khoản đã đăng bài.")]
Text = Annotated[str | None, typer.Option("--text", help="Họ tên hoặc cụm chữ, viết đủ.")]
Number = Annotated[int, typer.Argument(help="Số của yêu cầu.")]
_NAMES = {"mention": "tin ngoài vụ việc", "incident": "tin trong vụ việc đã đóng",
          "notice": "nội dung thông báo đã gửi"}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(backup)
    app.command()(restore)
    app.add_typer(keep_app, name="keep")
    app.add_typer(hold_app, name="hold")
    app.add_typer(subject_app, name="subject")


def backup(
    out: Annotated[Path, typer.Option("--out", help="Tệp .zip sẽ tạo.")],
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Không kèm khóa bí mật.")
    ] = False,
    home: Home = None,
) -> None:
    """Sao lưu toàn bộ vào một tệp, cả khi dịch vụ đang chạy."""
    made = make_backup(settings_for(home), out, SystemClock().now(), key=not without_key)
    say(f"Đã sao lưu {made.files} tệp, {made.bytes / 1e6:.1f} MB vào {made.path}.")
    say("Tệp này chứa dữ liệu gốc" + ("" if without_key else " và khóa bí mật")
        + ": cất ở nơi khác, chỉ người có trách nhiệm được đọc.")  # fmt: skip


def restore(
    archive: Annotated[Path, typer.Argument(help="Tệp sao lưu.")], home: Home = None
) -> None:
    """Phục hồi vào một thư mục trống; mọi tệp được đối chiếu mã băm trước khi dùng."""
    settings = settings_for(home)
    made = restore_backup(archive, settings.home, database_url=settings.database_url)
    with _store(settings_for(home)) as store, store.read() as session:
        waiting = unsent(session)
    say(f"Đã phục hồi {made.files} tệp vào {made.path}.")
    if waiting:
        say(f"{waiting} thông báo lúc sao lưu còn chờ gửi: chạy «langnghe up» là gửi, kể cả những "
            "thư đã gửi sau lúc sao lưu (cùng mã thư, hộp thư thường gộp lại).")  # fmt: skip
    say("Kiểm tra bằng «langnghe verify» và «langnghe doctor» trước khi chạy «langnghe up».")


@keep_app.command("show")
def keep_show(home: Home = None, as_json: AsJson = False) -> None:
    """Thời hạn lưu từng loại và đồng hồ đã đi tới đâu."""
    settings = settings_for(home)
    with _store(settings) as store, store.read() as session:
        state = clock_state(session, settings)
    for kind, (days, at) in state.items():
        if as_json:
            emit({"kind": kind, "days": days, "passed_at": at})
        else:
            told = f"{days} ngày" if days else "giữ mãi"
            when = f"lần xóa gần nhất {hanoi(at):%d/%m/%Y %H:%M}" if at else "chưa xóa lần nào"
            say(f"{_NAMES[kind]:<30} {told:<12} {when}")


@keep_app.command("run")
def keep_run(
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Đã xem lại giờ máy và giờ máy đúng.")
    ] = False,
    home: Home = None,
) -> None:
    """Xóa ngay những gì đã hết thời hạn lưu (dịch vụ vẫn tự làm mỗi giờ)."""
    settings, now = settings_for(home), SystemClock().now()
    mentions = notices = lines = 0
    with _store(settings) as store:
        forget = forgetter(settings, CLOCK)
        while True:
            done = keep_due(
                store, settings, now, forget=forget, every=timedelta(0), sure=clock_is_right
            )
            if done.waits:
                raise ConflictError(
                    f"Giờ máy đi xa hơn {JUMP.days} ngày so với lần trước, chưa xóa gì.",
                    mend="Xem lại giờ máy; nếu đúng, chạy lại với --clock-is-right.",
                )
            mentions, notices = mentions + done.mentions, notices + done.notices
            lines += done.sign_ins
            if not done.more:
                break
    say(f"Đã xóa nội dung {mentions} tin, {notices} thông báo, {lines} dòng đăng nhập.")


@hold_app.command("add")
def hold_add(
    kind: Annotated[str, typer.Argument(help="incident | story | mention.")],
    number: Annotated[int, typer.Argument(help="Số của vụ việc, cụm tin hoặc tin.")],
    reason: Annotated[str, typer.Option(help="Căn cứ: số văn bản, cơ quan yêu cầu.")],
    actor: By,
    home: Home = None,
) -> None:
    """Giữ lại: không gì thuộc đối tượng này bị xóa cho tới khi gỡ lệnh."""
    with _store(settings_for(home)) as store, store.write() as session:
        placed = place_hold(session, kind, number, reason, actor, SystemClock().now())
    say(f"Đã đặt lệnh giữ lại số {placed}.")


@hold_app.command("list")
def hold_list(home: Home = None, as_json: AsJson = False) -> None:
    """Các lệnh giữ lại đang có hiệu lực."""
    with _store(settings_for(home)) as store, store.read() as session:
        rows = holds(session)
    for row in rows:
        if as_json:
            emit(row.model_dump(mode="json"))
        else:
            say(f"{row.id:>4}  {row.kind} {row.subject_id}  {row.ordered_by}: {row.reason}")


@hold_app.command("release")
def hold_release(
    number: Annotated[int, typer.Argument(help="Số của lệnh giữ lại.")],
    reason: Annotated[str, typer.Option(help="Vì sao gỡ.")],
    actor: By,
    home: Home = None,
) -> None:
    """Gỡ lệnh giữ lại; những gì đã quá hạn sẽ bị xóa ở lượt kế tiếp."""
    with _store(settings_for(home)) as store, store.write() as session:
        now = SystemClock().now()
        look_again(session, release_hold(session, number, reason, actor, now), now)
    say(f"Đã gỡ lệnh giữ lại số {number}.")


@subject_app.command("receive")
def subject_receive(
    actor: By,
    proof: Annotated[str, typer.Option(help="Đã kiểm tra người yêu cầu bằng cách nào.")],
    handle: Handle = None,
    text: Text = None,
    home: Home = None,
) -> None:
    """Ghi nhận một yêu cầu; in số và hạn trả lời. Tên không được lưu, chỉ lưu mã băm."""
    settings = settings_for(home)
    asked = _asked(handle, text)
    with _store(settings) as store, store.write() as session:
        row = subject.receive(
            session, asked, secret=settings.secret_key(), proof=proof, actor=actor,
            now=SystemClock().now(),
        )  # fmt: skip
        number, due = row.id, row.due_at
    say(f"Yêu cầu số {number}; hạn trả lời {hanoi(due):%H:%M %d/%m/%Y}.")
    if subject.near_tet(due):
        say("Hạn này chưa trừ ngày nghỉ Tết Nguyên đán; xem lịch nghỉ của năm.")


@subject_app.command("find")
def subject_find(
    number: Number, actor: By, handle: Handle = None, text: Text = None, home: Home = None
) -> None:
    """Đếm những gì đang lưu về người này."""
    _act(number, "find", actor, handle, text, home)


@subject_app.command("export")
def subject_export(
    number: Number, actor: By, handle: Handle = None, text: Text = None, home: Home = None
) -> None:
    """Xuất những gì đang lưu (JSON Lines, stdout) để giao cho chính người yêu cầu."""
    _act(number, "export", actor, handle, text, home)


@subject_app.command("erase")
def subject_erase(
    number: Number, actor: By, handle: Handle = None, text: Text = None,
    answer: Annotated[str, typer.Option(help="Câu trả lời, kết thúc yêu cầu.")] = "",
    home: Home = None,
) -> None:  # fmt: skip
    """Xóa nội dung các tin có người này, trừ những tin đang bị lệnh giữ lại."""
    _act(number, "erase", actor, handle, text, home, answer)


@subject_app.command("anonymise")
def subject_anonymise(
    number: Number, actor: By, handle: Handle = None, text: Text = None,
    answer: Annotated[str, typer.Option(help="Câu trả lời, kết thúc yêu cầu.")] = "",
    home: Home = None,
) -> None:  # fmt: skip
    """Ẩn tên người này nhưng giữ nội dung."""
    _act(number, "anonymise", actor, handle, text, home, answer)


@subject_app.command("list")
def subject_list(home: Home = None, as_json: AsJson = False) -> None:
    """Sổ yêu cầu: số, ngày nhận, hạn, đã làm gì."""
    now = SystemClock().now()
    with _store(settings_for(home)) as store, store.read() as session:
        rows = subject.requests(session)
    for row in rows:
        if as_json:
            emit(row.model_dump(mode="json", exclude={"subject"}))
            continue
        late = "  QUÁ HẠN" if row.answered_at is None and row.due_at < now else ""
        done = ", ".join(str(act["what"]) for act in row.done) or "chưa xử lý"
        say(f"{row.id:>4}  nhận {hanoi(row.received_at):%d/%m/%Y}  hạn "
            f"{hanoi(row.due_at):%d/%m/%Y %H:%M}  {done}{late}")  # fmt: skip


def _act(
    number: int, what: str, actor: str, handle: str | None, text: str | None,
    home: Path | None, answer: str = "",
) -> None:  # fmt: skip
    settings, now = settings_for(home), SystemClock().now()
    asked, secret = _asked(handle, text), settings.secret_key()
    with _store(settings) as store, store.write() as session:
        subject.checked(session, number, asked, secret=secret)
        found = subject.find(session, asked, secret=secret)
        forget = forgetter(settings, actor, asked_for=True)
        files: list[str] = []
        counts = {"mentions": len(found.mentions), "feedback": len(found.feedback),
                  "reports": len(found.reports), "held": len(found.held)}  # fmt: skip
        lines = subject.export(session, found) if what == "export" else []
        if what == "erase":
            counts = subject.erase(session, found, now, forget=forget, files=files)
        elif what == "anonymise":
            counts = subject.anonymise(session, found, asked, now, forget=forget)
        subject.record(
            session, number, asked, what, counts, secret=secret, actor=actor, now=now,
            answer=answer,
        )  # fmt: skip
    for sha256 in files:
        attached_path(settings, sha256).unlink(missing_ok=True)
    for line in lines:
        emit(line)
    say(f"Yêu cầu số {number}: {len(found.mentions)} tin, {len(found.feedback)} góp ý, "
        f"{len(found.reports)} phiếu, {len(found.held)} tin đang bị giữ lại.")  # fmt: skip
    for mention, reason in sorted(found.held.items())[:20]:
        say(f"  tin {mention} giữ lại: {reason}")


def _asked(handle: str | None, text: str | None) -> Asked:
    if (handle is None) == (text is None):
        raise InputError("Ghi đúng một trong hai: --handle hoặc --text.")
    return Asked("handle", handle) if handle is not None else Asked("text", text or "")


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    with Store(settings.database) as store:
        store.migrate()
        yield store
