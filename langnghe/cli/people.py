"""Commands over who answers for a unit: ``people list|add|remove|duty|assign|…|chain|line|unline``.

What the page does, for those who have a terminal; the same desk checks and writes the audit.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core.clock import SystemClock, hanoi
from langnghe.core.contacts import WAY_NAMES, read_hours, ways_of, write_hours
from langnghe.core.duty import DAYS, Duty, say_gap, say_moment, say_pattern, say_together
from langnghe.core.errors import InputError
from langnghe.core.lines import LINES, Line
from langnghe.core.people import Desk, Roster, known_roles
from langnghe.core.people_board import unit_board
from langnghe.core.profile_people import moment_of
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.people import Person, people_of, unit_in_scope
from langnghe.core.types import Contact

people_app = typer.Typer(
    help="Danh bạ, lịch trực, tuyến báo cáo của các đơn vị.", no_args_is_help=True
)
Unit = Annotated[str, typer.Argument(help="Mã đơn vị.")]
Row = Annotated[int, typer.Argument(help="Số của mục, xem trong danh sách.", min=1)]
At = Annotated[str | None, typer.Option(help="Thời điểm: 2026-11-28 hoặc «2026-11-28 18:00».")]
Since = Annotated[str | None, typer.Option(help="Từ ngày, hoặc từ ngày giờ.")]
Until = Annotated[str | None, typer.Option(help="Đến hết ngày, hoặc đến ngày giờ.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(people_app, name="people")


@people_app.command("list")
def list_people(
    unit: Annotated[str | None, typer.Argument(help="Mã đơn vị; để trống: mọi đơn vị.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Liệt kê người trong danh bạ và các cách báo, theo thứ tự."""
    with _store(settings_for(home)) as store, store.read() as session:
        if unit is not None:
            unit_in_scope(session, unit, None)
        found = people_of(session, None if unit is None else [unit])
    for person in found:
        if as_json:
            emit(_plain(person))
        else:
            ways = " → ".join(f"{WAY_NAMES[c]} {a}" for c, a in ways_of(person.contact))
            say(
                f"{person.id:>5}  {person.unit_id:<20} {person.contact.role:<12} "
                f"{person.contact.name}: {ways or 'chưa có địa chỉ nào'}"
            )
    if not as_json:
        say(f"{len(found)} người.")


@people_app.command("add")
def add(
    unit: Unit,
    role: Annotated[str, typer.Argument(help="Vai: officer, principal, …")],
    name: Annotated[str, typer.Argument(help="Họ tên, chức vụ.")],
    email: Annotated[str | None, typer.Option(help="E-mail công vụ.")] = None,
    phone: Annotated[str | None, typer.Option(help="Điện thoại công vụ.")] = None,
    zalo: Annotated[str | None, typer.Option(help="Mã người quan tâm Zalo OA.")] = None,
    telegram: Annotated[str | None, typer.Option(help="Mã phòng chat Telegram.")] = None,
    ways: Annotated[str, typer.Option(help="Cách báo theo thứ tự: zalo_zns,email,sms.")] = "",
    quiet: Annotated[str | None, typer.Option(help="Giờ yên lặng: 21:30-05:30.")] = None,
    replace: Annotated[int | None, typer.Option(help="Sửa mục số này thay vì thêm.")] = None,
    home: Home = None,
) -> None:
    """Thêm một người vào danh bạ của đơn vị, hoặc sửa (--replace)."""
    order = tuple(way.strip() for way in ways.split(",") if way.strip())
    contact = Contact(role, name, email, phone, zalo, telegram, ways=order, quiet=quiet)
    with _desk(settings_for(home)) as desk:
        number = desk.put_contact(unit, contact, replace)
    say(f"Đã ghi {name} (mục số {number}).")


@people_app.command("remove")
def remove(row: Row, home: Home = None) -> None:
    """Gỡ một người khỏi danh bạ và lịch trực."""
    with _desk(settings_for(home)) as desk:
        changes = desk.remove_contact(row)
    say("Đã gỡ." + (" Các ca trực của người này cũng thôi hiệu lực." if changes else ""))


@people_app.command("duty")
def duty(unit: Unit, at: At = None, home: Home = None, as_json: AsJson = False) -> None:
    """Ai đang trực, ai trực kế tiếp, khi nào không ai trực; và lịch trực."""
    moment = _moment(at, "at") or SystemClock().now()
    with _store(settings_for(home)) as store, store.read() as session:
        unit_in_scope(session, unit, None)
        board = unit_board(session, unit, moment)
    if as_json:
        for role in board.roles:
            emit(
                {
                    "unit": unit, "at": moment.isoformat(), "role": role.role,
                    "serving": [s.duty.person for s in role.serving],
                    "next": role.next.duty.person if role.next else None,
                    "next_at": role.next.span.since.isoformat() if role.next else None,
                    "gaps": [[g.since.isoformat(), g.until.isoformat()] for g in role.gaps],
                }
            )  # fmt: skip
        return
    for role in board.roles:
        now = ", ".join(
            s.duty.person + (f" (đến {say_moment(s.until)})" if s.until else "")
            for s in role.serving
        )
        say(f"Vai {role.role}: đang trực: {now or 'không ai'}.")
        if role.next:
            say(f"  Kế tiếp: {role.next.duty.person}, từ {say_moment(role.next.span.since)}.")
        for gap in role.gaps:
            say(f"  {say_gap(gap, through=board.horizon)}")
        for together in role.together:
            say(f"  {say_together(together)}")
    if not board.roles:
        say("Chưa có lịch trực: tin báo đi tới những người giữ vai trong danh bạ.")
    for row in board.roster:
        until = say_moment(row.until) if row.until else "chưa định"
        pattern = f" ({say_pattern(row)})" if say_pattern(row) else ""
        say(f"{row.id:>5}  {row.person}, {row.role}: {say_moment(row.since)} – {until}{pattern}")


@people_app.command("assign")
def assign(
    unit: Unit,
    role: Annotated[str, typer.Argument(help="Vai trực: officer, principal, …")],
    person: Annotated[str, typer.Argument(help="Số mục, họ tên hoặc e-mail trong danh bạ.")],
    since: Annotated[str, typer.Option(help="Từ ngày, hoặc từ ngày giờ.")],
    until: Until = None,
    days: Annotated[str, typer.Option(help="Các ngày trong tuần: T2,T3,…,CN.")] = "",
    hours: Annotated[str | None, typer.Option(help="Giờ mỗi ngày: 18:00-06:00.")] = None,
    replace: Annotated[int | None, typer.Option(help="Sửa ca số này thay vì thêm.")] = None,
    home: Home = None,
) -> None:
    """Xếp ca trực; có hiệu lực ngay, người có thay đổi được báo qua e-mail."""
    start = _moment(since, "since")
    span = read_hours(hours) if hours else None
    if hours and span is None:
        raise InputError("Giờ trực không đọc được.", mend="Ghi như --hours 18:00-06:00.")
    named = [day.strip().upper() for day in days.split(",") if day.strip()]
    if start is None or any(day not in DAYS for day in named):
        raise InputError("Ngày trong tuần không đúng.", mend=f"Dùng: {', '.join(DAYS)}.")
    with _desk(settings_for(home)) as desk:
        with desk.store.read() as session:
            number = _find(session, unit, person)
        row = Duty(
            unit, role, "", start, _moment(until, "until", end=True),
            tuple(sorted({DAYS.index(day) for day in named})), span, number,
        )  # fmt: skip
        done = desk.put_duty(row, replace)
    _say_roster(done)


@people_app.command("unassign")
def unassign(row: Row, home: Home = None) -> None:
    """Gỡ một ca trực."""
    with _desk(settings_for(home)) as desk:
        done = desk.remove_duty(row)
    _say_roster(done)


@people_app.command("chain")
def chain(unit: Unit, at: At = None, home: Home = None, as_json: AsJson = False) -> None:
    """Đơn vị báo cáo lên đâu, từ bao giờ, theo căn cứ nào."""
    moment = _moment(at, "at") or SystemClock().now()
    with _store(settings_for(home)) as store, store.read() as session:
        unit_in_scope(session, unit, None)
        board = unit_board(session, unit, moment)
        ends = {i: unit_name(session, i) for i in {r.to_unit for r in board.all_lines} if i}
    for row in board.all_lines:
        to = ends.get(row.to_unit or "", row.to_name)
        if as_json:
            emit(
                {
                    "id": row.id, "line": row.line, "to_unit": row.to_unit, "to": to,
                    "since": row.since and row.since.isoformat(),
                    "until": row.until and row.until.isoformat(), "basis": row.basis,
                    "in_force": row in board.lines,
                }
            )  # fmt: skip
        else:
            mark = "●" if row in board.lines else "○"
            since = f"{hanoi(row.since):%d/%m/%Y}" if row.since else "…"
            until = f"trước {hanoi(row.until):%d/%m/%Y}" if row.until else "nay"
            say(
                f"{row.id:>5}  {mark} {LINES[row.line]}: {to} ({since} – {until}"
                f"{'; ' + row.basis if row.basis else ''})"
            )
    if not as_json and not board.all_lines:
        say("Chưa khai tuyến báo cáo: hệ thống theo cây đơn vị trong hồ sơ.")


@people_app.command("line")
def line(
    unit: Unit,
    kind: Annotated[str, typer.Argument(help=f"Tuyến: {' | '.join(LINES)}.")],
    to: Annotated[str | None, typer.Option(help="Mã đơn vị cấp trên.")] = None,
    office: Annotated[str, typer.Option(help="Hoặc tên cơ quan không theo dõi.")] = "",
    since: Since = None,
    until: Until = None,
    basis: Annotated[str, typer.Option(help="Căn cứ.")] = "",
    replace: Annotated[int | None, typer.Option(help="Sửa dòng số này thay vì thêm.")] = None,
    home: Home = None,
) -> None:
    """Ghi một dòng có ngày của tuyến báo cáo; dòng cũ nên cho ngày kết thúc, đừng xóa."""
    row = Line(
        unit, kind, to, office, _moment(since, "since"), _moment(until, "until", end=True), basis
    )
    with _desk(settings_for(home)) as desk:
        number = desk.put_line(row, replace)
    say(f"Đã ghi (dòng số {number}).")


@people_app.command("unline")
def unline(row: Row, home: Home = None) -> None:
    """Gỡ một dòng của tuyến báo cáo."""
    with _desk(settings_for(home)) as desk:
        desk.remove_line(row)
    say("Đã gỡ.")


def unit_name(session: Session, unit_id: str) -> str:
    """Return the name of a unit, or its id where it is no longer watched."""
    from langnghe.core.store.tables import UnitRow

    row = session.get(UnitRow, unit_id)
    return row.name if row is not None else unit_id


def _find(session: Session, unit: str, said: str) -> int:
    """Return the person of the unit that a number, name or address means. Raises InputError."""
    wanted = said.strip().lower()
    found = [
        person.id
        for person in people_of(session, [unit])
        if wanted
        in (str(person.id), person.contact.name.lower(), (person.contact.email or "").lower())
    ]
    if len(found) != 1:
        count = "Không có" if not found else f"Có {len(found)}"
        raise InputError(
            f"{count} người «{said}» trong danh bạ của «{unit}».",
            mend=f"Xem «langnghe people list {unit}» rồi dùng số của mục.",
        )
    return found[0]


def _say_roster(done: Roster) -> None:
    say(f"Đã ghi lịch trực (ca số {done.id}).")
    for change in done.changes:
        word = "trực thêm" if change.gained and not change.lost else "có thay đổi ca trực"
        say(f"  {change.person} {word}.")
    for gap in done.gaps:
        say(f"  {say_gap(gap)}")
    for together in done.together:
        say(f"  {say_together(together)}")


def _moment(text: str | None, field: str, *, end: bool = False) -> datetime | None:
    if not text:
        return None
    found = moment_of(text, end=end)
    if found is None:
        raise InputError(
            f"Ngày giờ «{text}» của --{field} không đọc được.",
            mend="Ghi như 2026-11-28 hoặc «2026-11-28 18:00».",
        )
    return found


def _plain(person: Person) -> dict[str, object]:
    c = person.contact
    return {
        "id": person.id, "unit": person.unit_id, "role": c.role, "name": c.name,
        "ways": [{"channel": channel, "address": address} for channel, address in ways_of(c)],
        "quiet": write_hours(read_hours(c.quiet)) if c.quiet else None,
    }  # fmt: skip


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    with Store(settings.database) as store:
        store.migrate()
        yield store


@contextmanager
def _desk(settings: Settings) -> Iterator[Desk]:
    from alerts.duty_letters import duty_teller
    from langnghe.core.policy.loader import load_policy

    policy = load_policy(settings.playbook)
    actor, tell = f"{_me()} (dòng lệnh)", duty_teller(settings, policy)
    with _store(settings) as store:
        yield Desk(store, actor, None, SystemClock().now(), tell, known_roles(policy))


def _me() -> str:
    """Return who runs the command, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a named user
        return "quản trị"
