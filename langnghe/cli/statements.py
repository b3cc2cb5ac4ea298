"""``langnghe statement …`` and ``langnghe delegate …``: the same rights as on the pages.

Whoever has a shell on the machine has not thereby the right to speak for a school. Every acting
command names its user and proves it: a password asked on the screen (or one line of standard
input), or the user's API token in ``LANGNGHE_TOKEN``. The guard then decides as everywhere.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from alerts.statements import delegations, releasing
from alerts.statements import desk as acts
from alerts.statements.checks import CheckContext, Finding, blocks, check
from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core import auth
from langnghe.core.auth import Caller
from langnghe.core.clock import HANOI, as_utc
from langnghe.core.clock import say as say_time
from langnghe.core.errors import InputError
from langnghe.core.oserrors import plain_reason
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.services import Services
from langnghe.core.store.statements import (
    StatementFilter,
    list_delegations,
    list_statements,
)
from langnghe.core.words import word

statement_app = typer.Typer(help="Nội dung phát ngôn.", no_args_is_help=True)
delegate_app = typer.Typer(help="Ủy quyền phát ngôn.", no_args_is_help=True)

TOKEN = "LANGNGHE_TOKEN"  # noqa: S105 - the name of a variable
_PLACE = "dòng lệnh"
As = Annotated[
    str, typer.Option("--as", help="Tên đăng nhập của người làm việc này; sẽ hỏi mật khẩu.")
]
Number = Annotated[int, typer.Argument(help="Mã nội dung phát ngôn.", min=1)]
Version = Annotated[int, typer.Option("--version", help="Phiên bản đã đọc.", min=1)]


def register(app: typer.Typer) -> None:
    """Add this module's command groups."""
    app.add_typer(statement_app, name="statement")
    app.add_typer(delegate_app, name="delegate")


@statement_app.command("templates")
def templates(
    file: Annotated[Path | None, typer.Argument(help="Tệp mẫu cần kiểm tra.")] = None,
    as_json: AsJson = False,
) -> None:
    """Kiểm tra và liệt kê các mẫu phát ngôn; nêu tệp, dòng và mục sai."""
    known = load_templates(file)
    for one in known.templates:
        if as_json:
            emit({"id": one.id, "name": one.name, "fields": [f.id for f in one.fields]})
        else:
            say(f"{one.id:<4} {one.name}")
    if not as_json:
        say(f"Mẫu hợp lệ, phiên bản {known.version}.")


@statement_app.command("list")
def listing(who: As, home: Home = None, as_json: AsJson = False) -> None:
    """Liệt kê nội dung phát ngôn trong phạm vi của người hỏi, mới trước."""
    with _acting(who, home) as (services, caller), services.store.read() as session:
        wanted = StatementFilter(viewer_unit=caller.unit_scope)
        found = list_statements(session, wanted, cursor=None, limit=200)
    for row in found.rows:
        title, number = acts.shown_words(row, caller)[0], releasing.number_of(row)
        if as_json:
            emit({"id": row.id, "state": row.state, "version": row.version, "number": number,
                  "unit": row.unit_id, "title": title, "sha256": row.text_hash})  # fmt: skip
        else:
            say(f"{row.id:>5}  {word('statement', row.state):<12} {number:<9} {title}")
    if not found.rows and not as_json:
        say("Chưa có nội dung phát ngôn nào trong phạm vi của bạn.")


@statement_app.command("draft")
def draft(
    who: As,
    template: Annotated[str, typer.Option(help="Mẫu: M1 … M11.")],
    audience: Annotated[str, typer.Option(help="Nhóm người nhận: public, parents, press…")],
    incident: Annotated[int | None, typer.Option(help="Mã vụ việc.", min=1)] = None,
    unit: Annotated[str | None, typer.Option(help="Đơn vị phát ngôn.")] = None,
    value: Annotated[
        list[str] | None, typer.Option(help="Dữ kiện dạng mã=nội dung; dùng nhiều lần được.")
    ] = None,
    home: Home = None,
) -> None:
    """Soạn dự thảo từ mẫu; chỗ chưa có dữ kiện được đánh dấu."""
    pairs = [one.partition("=") for one in value or ()]
    if any(not sign for _, sign, _ in pairs):
        raise InputError("Dữ kiện phải viết dạng mã=nội dung.", mend="Ví dụ: --value an_toan=…")
    with _acting(who, home) as (services, caller):
        asked = acts.Asked(
            template, audience, unit_id=unit, incident_id=incident,
            values={key: said for key, _, said in pairs},
        )  # fmt: skip
        made = acts.draft(services.store, caller, services.policy, asked, services.clock.now())
        found = acts.findings_of(services.store, caller, made)
    typer.echo(made)
    _tell(found)


@statement_app.command("check")
def check_text(
    file: Annotated[Path, typer.Argument(help="Tệp chữ cần soát; «-» là stdin.")],
    topic: Annotated[list[str] | None, typer.Option(help="Chủ đề của sự việc.")] = None,
    as_json: AsJson = False,
) -> None:
    """Soát một văn bản bất kỳ; mã thoát 1 khi có chỗ phải sửa."""
    raw = sys.stdin.buffer.read() if str(file) == "-" else _bytes(file)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("Văn bản không phải chữ UTF-8.", mend="Lưu lại dạng UTF-8.") from error
    found = check(text, CheckContext(topics=tuple(topic or ())))
    if as_json:
        for one in found:
            emit({"severity": one.severity, "code": one.code, "span": list(one.span),
                  "sentence": one.sentence, "text": one.text, "mend": one.mend})  # fmt: skip
    else:
        _tell(found)
    if blocks(found):
        raise typer.Exit(1)


@statement_app.command("submit")
def submit(number: Number, version: Version, who: As, home: Home = None) -> None:
    """Trình duyệt."""
    with _acting(who, home) as (services, caller):
        now = services.clock.now()
        acts.submit(services.store, caller, number, version=version, now=now)
    say("Đã trình duyệt.")


@statement_app.command("approve")
def approve(number: Number, version: Version, who: As, home: Home = None) -> None:
    """Duyệt nội dung đúng như phiên bản đã đọc."""
    with _acting(who, home) as (services, caller):
        now = services.clock.now()
        warning = acts.approve(services.store, caller, number, version=version, now=now)
    say(f"Đã duyệt. {warning}".strip())


@statement_app.command("return")
def send_back(
    number: Number,
    version: Version,
    who: As,
    note: Annotated[str, typer.Option(help="Điều phải sửa.")],
    home: Home = None,
) -> None:
    """Trả lại người soạn, kèm nhận xét."""
    with _acting(who, home) as (services, caller):
        now = services.clock.now()
        acts.send_back(services.store, caller, number, version=version, note=note, now=now)
    say("Đã trả lại.")


@statement_app.command("release")
def release(
    number: Number,
    version: Version,
    who: As,
    place: Annotated[
        list[str],
        typer.Option(help="Nơi đăng: kênh hoặc kênh=đường dẫn; kênh: website, zalo, notice, "
                     "press, email, other."),
    ],
    home: Home = None,
) -> None:  # fmt: skip
    """Đăng: chỉ người phát ngôn hoặc người được ủy quyền; mọi lần từ chối đều ghi nhật ký."""
    places = [
        releasing.Place(channel, url) for channel, _, url in (p.partition("=") for p in place)
    ]
    with _acting(who, home) as (services, caller):
        done = releasing.release(services, caller, number, version=version, places=places)
    say(f"Đã đăng, số {done.number}.")
    emit({"number": done.number, "sha256": done.text_hash, "step_done": done.step_done})


@statement_app.command("withdraw")
def withdraw(
    number: Number,
    who: As,
    reason: Annotated[str, typer.Option(help="Lý do thu hồi.")],
    home: Home = None,
) -> None:
    """Thu hồi; nội dung vẫn còn trong sổ, kèm lý do."""
    with _acting(who, home) as (services, caller):
        releasing.withdraw(services.store, caller, number, reason, services.clock.now())
    say("Đã thu hồi.")


@delegate_app.command("add")
def delegate_add(
    holder: Annotated[str, typer.Argument(help="Tên đăng nhập của người được ủy quyền.")],
    who: As,
    start: Annotated[str, typer.Option("--from", help="Từ, giờ Việt Nam: 2026-11-23T08:00.")],
    until: Annotated[str, typer.Option(help="Đến, giờ Việt Nam.")],
    document: Annotated[str, typer.Option(help="Số, ký hiệu văn bản ủy quyền.")],
    paper: Annotated[Path, typer.Option(help="Tệp văn bản đã ký (PDF, JPEG, PNG, DOCX).")],
    topic: Annotated[list[str] | None, typer.Option(help="Chủ đề; không nêu là tất cả.")] = None,
    unit: Annotated[str | None, typer.Option(help="Đơn vị; mặc định của người ủy quyền.")] = None,
    home: Home = None,
) -> None:
    """Ủy quyền phát ngôn: chỉ người phát ngôn, kèm văn bản đã ký."""
    signed = delegations.Paper(paper.name, _bytes(paper))
    with _acting(who, home) as (services, caller):
        made = delegations.grant(
            services.store, caller, services.policy, holder=holder, unit_id=unit,
            topics=topic or (), from_at=_moment(start), until_at=_moment(until),
            document_number=document, paper=signed, now=services.clock.now(),
        )  # fmt: skip
    typer.echo(made)


@delegate_app.command("list")
def delegate_list(who: As, home: Home = None, as_json: AsJson = False) -> None:
    """Liệt kê ủy quyền trong phạm vi của người hỏi, mới trước."""
    with _acting(who, home) as (services, caller), services.store.read() as session:
        found = list_delegations(session, viewer_unit=caller.unit_scope)
    for row, holder in found:
        name = holder.username if holder else "?"
        if as_json:
            emit({"id": row.id, "unit": row.unit_id, "holder": name, "topics": row.topics,
                  "from": row.from_at, "until": row.until_at, "document": row.document_number,
                  "sha256": row.paper, "revoked_at": row.revoked_at})  # fmt: skip
        else:
            ended = "  (đã thu hồi)" if row.revoked_at else ""
            say(f"{row.id:>4}  {name:<16} {row.unit_id:<16} {say_time(row.from_at)} – "
                f"{say_time(row.until_at)}  {row.document_number}{ended}")  # fmt: skip


@delegate_app.command("revoke")
def delegate_revoke(
    delegation: Annotated[int, typer.Argument(help="Mã ủy quyền.", min=1)],
    who: As,
    reason: Annotated[str, typer.Option(help="Lý do.")],
    home: Home = None,
) -> None:
    """Thu hồi ủy quyền ngay."""
    with _acting(who, home) as (services, caller):
        delegations.revoke(services.store, caller, delegation, reason, services.clock.now())
    say("Đã thu hồi ủy quyền.")


@contextmanager
def _acting(username: str, home: Path | None) -> Iterator[tuple[Services, Caller]]:
    """Yield the services and the caller who has proved to be ``username``."""
    from langnghe.house import open_services

    services = open_services(settings_for(home))
    try:
        now, token = services.clock.now(), os.environ.get(TOKEN, "")
        if token:
            caller = auth.caller_of(services.store, token, kind="token", now=now)
            if caller is None or caller.username != auth.fold_username(username):
                raise auth.SignInError(
                    f"Mã truy cập trong {TOKEN} không đúng, đã hết hạn hoặc của người khác.",
                    mend="Kiểm tra biến môi trường, hoặc bỏ nó để nhập mật khẩu.",
                )
            yield services, caller
            return
        _, caller = auth.sign_in(
            services.store, username, _password(username), place=_PLACE, now=now, hours=1
        )
        try:
            yield services, caller
        finally:
            auth.sign_out(services.store, caller)
    finally:
        services.store.close()


def _password(username: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Mật khẩu của {username}: ")
    return sys.stdin.readline().rstrip("\r\n")


def _tell(found: tuple[Finding, ...]) -> None:
    for one in found:
        head = "Phải sửa" if one.severity == "block" else "Cân nhắc"
        say(f"{head}: {one.text} {one.mend}".replace("[", "\\["))
        if one.sentence:
            say(f"    «{one.sentence}»".replace("[", "\\["))
    if not found:
        say("Không thấy điều phải sửa.")


def _moment(typed: str) -> datetime:
    try:
        moment = datetime.fromisoformat(typed.strip())
    except ValueError as error:
        raise InputError("Ngày giờ không đúng.", mend="Ví dụ: 2026-11-23T08:00.") from error
    return as_utc(moment if moment.tzinfo else moment.replace(tzinfo=HANOI))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Không đọc được tệp {path}: {plain_reason(error)}.", mend="Kiểm tra đường dẫn."
        ) from error
