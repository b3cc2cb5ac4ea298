"""Play a drill: its clock, its loop, and what is said on the terminal while it runs.

Items and the cursor that counts them are committed together, and the clock's reading with them, so
a killed drill goes on where it stopped; the time it lay dead does not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alerts.channels.email import RECEIPTS_NAME, SmtpChannel
from alerts.outbox import Channel, Receipts, release_leases, replay_receipts
from langnghe.core.clock import as_utc
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.drills import refuse_real
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import DRILL, get_mark, put_mark
from langnghe.core.store.mentions import keep
from langnghe.core.store.tables import IncidentEventRow, OutboxRow
from langnghe.core.types import Item
from langnghe.drill.answers import answers_in
from langnghe.drill.cast import DATABASE, NO_SOURCES, Cast, settings_in
from langnghe.drill.scenario import Scenario, bind
from langnghe.drill.ways_out import DryRun, Gate
from langnghe.house import open_house, open_services
from langnghe.pipeline import SWEEP, House, turn
from nlp.stage import Reads

Say = Callable[[str], None]


class PacedClock:
    """A clock that starts where it is told and runs ``speed`` times as fast as real time."""

    def __init__(
        self, start: datetime, speed: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._start = as_utc(start)
        self._speed = speed
        self._monotonic = monotonic
        self._since = monotonic()

    def now(self) -> datetime:
        """Return the drill's present moment, an aware UTC datetime."""
        return self._start + timedelta(seconds=(self._monotonic() - self._since) * self._speed)

    def move_to(self, moment: datetime) -> None:
        """Run on from ``moment``."""
        self._start, self._since = as_utc(moment), self._monotonic()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a drill's mark says: how it is run, and how far it has come.

    ``mode`` is ``dry`` (nothing is sent), ``deliver`` or ``to`` (everything to ``redirect``).
    """

    title: str
    scenario: str
    unit: str
    start: datetime
    speed: float
    mode: str
    redirect: str = ""
    superiors: bool = False
    next: int = 0
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the sheet as the mark keeps it, with what the banner says of the clock."""
        note = ""
        if self.speed != 1:
            note = f"Giờ trong thư là giờ diễn tập, nhanh gấp {self.speed:g} lần giờ thật."
        elif self.at is not None:
            note = "Giờ trong thư là giờ diễn tập, chậm hơn giờ thật vì buổi tập có lúc dừng."
        return {
            "title": self.title, "scenario": self.scenario, "unit": self.unit,
            "start": self.start.isoformat(), "speed": self.speed, "mode": self.mode,
            "redirect": self.redirect, "superiors": self.superiors, "next": self.next,
            "note": note,
        }  # fmt: skip


@dataclass(slots=True)
class Drill:
    """An open drill: enough to be read, and with ``furnish`` to be played."""

    services: Services
    clock: PacedClock
    scenario: Scenario
    cast: Cast
    items: list[Item]
    sheet: Sheet
    folder: Path
    stopped: bool = False
    failed: dict[str, str] = field(default_factory=dict)


def read_sheet(folder: Path) -> Sheet:
    """Return the sheet of the drill in ``folder``. Raises ``InputError`` where there is none."""
    path = folder / DATABASE
    if not path.is_file():
        raise InputError(
            f"Thư mục {folder} không giữ buổi diễn tập nào.",
            mend="«langnghe drill list» kể các buổi đã lập trong thư mục dữ liệu.",
        )
    with Store(f"sqlite:///{path}") as store:
        refuse_real(store)
        with store.read() as session:
            mark = get_mark(session, DRILL)
    if mark is None or "start" not in mark.data:
        raise InputError(f"Buổi diễn tập ở {folder} chưa bắt đầu.", mend="Lập một buổi mới.")
    said = {k: v for k, v in mark.data.items() if k != "note"}
    return Sheet(**said | {"start": datetime.fromisoformat(said["start"]), "at": mark.at})


def open_drill(
    base: Settings,
    folder: Path,
    scenario: Scenario,
    cast: Cast,
    sheet: Sheet,
    *,
    host: str = "127.0.0.1",
    port: int = 8119,
    base_url: str = "",
    monotonic: Callable[[], float] = time.monotonic,
) -> Drill:
    """Open the drill in ``folder`` (new, or one that was broken off).

    Raises ``StoreError`` for a database that is not a drill's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_in(base, folder, host=host, port=port, base_url=base_url)
    (folder / NO_SOURCES).write_text("sources: []\n", encoding="utf-8")
    at = sheet.at or sheet.start
    clock = PacedClock(at, sheet.speed, monotonic)
    services = open_services(settings, clock=clock, profile=cast.profile, drill=sheet.title)
    with services.store.write() as session:
        put_mark(session, DRILL, at, sheet.to_json())
    items = bind(scenario, cast.unit, cast.profile, sheet.start)
    return Drill(services, clock, scenario, cast, items, sheet, folder)


def furnish(drill: Drill, reader: Reads) -> House:
    """Return the house that plays the drill, its one way out behind the gate."""
    store, settings = drill.services.store, drill.services.settings
    replay_receipts(store, Receipts(settings.home / RECEIPTS_NAME))
    release_leases(store)  # the only process: whoever held a lease is no more
    inner: Channel = DryRun() if drill.sheet.mode == "dry" else SmtpChannel(settings)
    gate = Gate(inner, drill.cast.allowed, drill.sheet.redirect)
    return open_house(drill.services, fetch=False, channel=gate, reader=reader)


def play(
    drill: Drill,
    house: House,
    say: Say,
    *,
    wait: Callable[[float], None] = time.sleep,
    pause: float = 0.5,
) -> None:
    """Run the drill to its end; ``KeyboardInterrupt`` (or ``stopped``) ends it early.

    ``pause`` is the longest real time between two looks, in seconds.
    """
    teller = Teller(drill, say)
    end = drill.sheet.start + timedelta(minutes=drill.scenario.minutes)
    # No further than the end, however long the machine slept.
    drill.clock.move_to(min(drill.clock.now(), end))
    position = drill.sheet.next
    if position or drill.sheet.at:
        say(f"{elapsed(drill, drill.clock.now())} tiếp tục buổi diễn tập bị dừng")
    while not drill.stopped:
        now = drill.clock.now()
        position = _feed(drill, position, now, say)
        report = turn(house, SWEEP)
        for stage, why in report.failed.items():
            if drill.failed.get(stage) != why:
                say(f"{elapsed(drill, now)} LỖI ở khâu {stage}: {why}")
        drill.failed |= report.failed
        teller.look()
        if now >= end:
            return
        upcoming = [i.seen_at for i in drill.items[position:] if i.seen_at] + [end]
        left = (min(upcoming) - drill.clock.now()).total_seconds() / drill.sheet.speed
        wait(min(pause, max(left, 0.02)))


def _feed(drill: Drill, position: int, now: datetime, say: Say) -> int:
    fresh: list[Item] = []
    while position + len(fresh) < len(drill.items):
        item = drill.items[position + len(fresh)]
        if item.seen_at is None or item.seen_at > now:
            break
        fresh.append(item)
    with drill.services.store.write() as session:
        if fresh:
            secret = drill.services.settings.secret_key()
            keep(session, fresh, now=now, secret=secret)
        data = drill.sheet.to_json() | {"next": position + len(fresh)}
        put_mark(session, DRILL, now, data)
    for number, item in enumerate(fresh, start=position + 1):
        # The text may name a child; the source and the count are enough for the terminal.
        say(f"{elapsed(drill, item.seen_at or now)} tin {number}/{len(drill.items)}: {item.source}")
    return position + len(fresh)


class Teller:
    """Says what happened since it last looked, one line each."""

    def __init__(self, drill: Drill, say: Say) -> None:
        self._drill = drill
        self._say = say
        self._event = 0
        self._sent: set[int] = set()

    def look(self) -> None:
        """Read the timeline and the messages handed over, and tell what is new."""
        with self._drill.services.store.read() as session:
            events = session.scalars(
                sa.select(IncidentEventRow)
                .where(IncidentEventRow.id > self._event)  # type: ignore[operator,arg-type]
                .order_by(IncidentEventRow.id)  # type: ignore[arg-type]
            ).all()
            mails = session.scalars(
                sa.select(OutboxRow)
                .where(OutboxRow.state.in_(("sent", "dead")))  # type: ignore[attr-defined]
                .order_by(OutboxRow.id)  # type: ignore[arg-type]
            ).all()
        told = [(e.at, 0, self._event_line(e)) for e in events]
        new = [m for m in mails if m.id not in self._sent]
        told += [(m.sent_at or m.created_at, 1, self._mail_line(m)) for m in new]
        for _, _, line in sorted(told):
            if line:
                self._say(line)
        self._event = max([self._event, *(e.id or 0 for e in events)])
        self._sent |= {m.id or 0 for m in new}

    def _event_line(self, event: IncidentEventRow) -> str:
        at = elapsed(self._drill, event.at)
        if event.kind == "acknowledged":
            s = self._drill.services
            answers = answers_in(s.store, s.policy, event.at)
            answer = next((a for a in reversed(answers) if a.event_id == event.id), None)
            who = self._drill.cast.name_of(event.actor)
            if answer is None:
                return f"{at} {who} đã nhận"
            mark = "✓" if answer.in_time else "✗ quá hạn"
            return f"{at} {who} đã nhận (hạn {elapsed(self._drill, answer.due)}) {mark}"
        return "" if event.kind in ("notified", "updated") else f"{at} {event.text}"

    def _mail_line(self, mail: OutboxRow) -> str:
        at = elapsed(self._drill, mail.sent_at or mail.created_at)
        role = self._drill.services.policy.role_name(mail.role)
        who = f"{role} – {self._drill.cast.name_of(mail.recipient)}"
        if mail.state == "dead":
            return f"{at} KHÔNG gửi được thư tới {who}: {mail.last_error}"
        if self._drill.sheet.mode != "dry":
            return f"{at} thư tới {who}: {mail.subject}"
        link = next((w for w in mail.body_text.split() if "/xac-nhan/" in w), "")
        return f"{at} (không gửi) thư tới {who}: {mail.subject}\n           {link}"


def elapsed(drill: Drill, at: datetime) -> str:
    """Return ``T+00:04:12`` for a moment of the drill."""
    return span(at - drill.sheet.start)


def span(length: timedelta) -> str:
    """Return ``T+00:04:12`` for a length of time."""
    seconds = max(0, int(length.total_seconds()))
    return f"T+{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
