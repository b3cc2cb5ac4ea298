"""Feed an archive through the real pipeline on a virtual clock.

Nothing is simulated but time: the same stages, tables, deadlines and mails as in live use. The
cursor is committed together with the items it stands for, so a killed replay goes on where it
stopped and comes to the same incidents. Several archives are one stream in the order of time, so a
story may run from one month into the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from collectors.archives import read_archive
from langnghe.core.clock import VirtualClock
from langnghe.core.errors import InputError
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import REPLAY, get_mark, put_mark
from langnghe.core.store.mentions import keep
from langnghe.core.store.tables import DeadlineRow, IncidentEventRow, IncidentRow, MentionRow
from langnghe.core.types import Item, Reading
from langnghe.pipeline import SWEEP, House, turn
from nlp.stage import Reads

TICK = timedelta(minutes=15)
ALERTS = ("opened", "raised", "reopened", "news")
"""The lines of an incident's timeline that say somebody was told of something new."""
_AHEAD = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadLine(NamedTuple):
    """A line of an archive that could not be used, and why (what is lost with it)."""

    archive: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Archive:
    """One or more archives in the order they were seen, and the lines that could not be used."""

    items: tuple[Item, ...]
    bad_lines: tuple[BadLine, ...] = ()

    @classmethod
    def load(cls, *paths: Path) -> Archive:
        """Read whole archives (about 1.5 KB of memory an item) and put them in time order.

        A file that breaks off gives what stands before the break, and a line that says so. Raises
        ``InputError`` for a file that cannot be read at all.
        """
        items: list[Item] = []
        bad: list[BadLine] = []
        for path in paths:
            for line, item in read_archive(path):
                if isinstance(item, InputError):
                    bad.append(BadLine(path.name, line, item.message))
                else:
                    items.append(item)
        return cls.of(items, bad)

    @classmethod
    def of(cls, items: Sequence[Item], bad_lines: Sequence[BadLine] = ()) -> Archive:
        """Put items in time order; each gets the moment it counts as seen.

        Items of one moment stand in the order of their ids, so the order of the lines and of the
        files does not matter; an item without any time comes after those of the moment of the
        one that stood before it in the file.
        """
        moments: list[datetime] = []
        last = next((t for i in items if (t := _moment(i))), _EPOCH)
        for item in items:
            last = _moment(item) or last
            moments.append(last)

        def place(number: int) -> tuple[datetime, bool, str, int]:
            undated = _moment(items[number]) is None
            return moments[number], undated, "" if undated else items[number].id, number

        order = sorted(range(len(items)), key=place)
        return cls(tuple(_seen(items[n], moments[n]) for n in order), tuple(bad_lines))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay has come: items fed, items in all, the virtual moment, the last turn."""

    fed: int
    total: int
    at: datetime
    failed: dict[str, str]


class ReadAhead:
    """A reader that understands many archive items at once and hands the answers out later.

    Reading is a pure function of the text, so doing it early changes nothing but the cost: a batch
    of 256 costs far less than 50 batches of five.
    """

    def __init__(self, reader: Reads, items: Sequence[Item]) -> None:
        self._reader = reader
        self._items = items
        self._next = 0
        self._ready: dict[tuple[object, ...], Reading] = {}

    def skip_to(self, position: int) -> None:
        """Forget what lies before ``position`` of the archive."""
        self._next = max(self._next, position)

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order, computing ahead where one is not ready."""
        missing = [item for item in items if _content(item) not in self._ready]
        if missing:
            ahead = self._items[self._next : self._next + _AHEAD]
            self._next += len(ahead)
            batch = [*missing, *ahead]
            for item, reading in zip(batch, self._reader.predict(batch), strict=True):
                self._ready[_content(item)] = reading
        return [self._take(item) for item in items]

    def _take(self, item: Item) -> Reading:
        key = _content(item)
        # Two items of one batch may say the same; the second finds its answer already taken.
        return self._ready.pop(key) if key in self._ready else self._reader.predict([item])[0]


def replay(
    archive: Archive,
    house: House,
    clock: VirtualClock,
    *,
    identity: str,
    tick: timedelta = TICK,
    speed: float | None = None,
    stop_at: datetime | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Progress]:
    """Run the archive through ``house``, yielding after every turn.

    ``identity`` names archive and profile: a database that holds another replay is refused.
    ``speed`` is virtual seconds per real second, ``None`` for as fast as it goes. ``stop_at``
    leaves the clock there at the end (deadlines that fall before it are still served).
    """
    store = house.services.store
    items = archive.items
    position = _resume(store, identity, clock, items)
    if isinstance(house.reader, ReadAhead):
        house.reader.skip_to(position)
    if position:
        report = turn(house, SWEEP)
        yield Progress(position, len(items), clock.now(), report.failed)
    while True:
        target = _next_moment(store, items, position, clock.now(), tick, stop_at)
        if target is None:
            return
        if speed is not None:
            wait(max(0.0, (target - clock.now()).total_seconds() / speed))
        clock.move_to(target)
        end = position
        while end < len(items) and (items[end].seen_at or _EPOCH) <= target:
            end += 1
        with store.write() as session:
            if end > position:
                keep(
                    session,
                    items[position:end],
                    now=clock.now(),
                    secret=house.services.settings.secret_key(),
                )
            put_mark(session, REPLAY, clock.now(), {"identity": identity, "next": end})
        position = end
        report = turn(house, SWEEP)
        yield Progress(position, len(items), clock.now(), report.failed)


def alerts_of(store: Store) -> list[dict[str, Any]]:
    """Return one object an alert (see ``ALERTS``), in the shape of the contract."""
    with store.read() as session:
        rows = session.execute(
            sa.select(IncidentEventRow, IncidentRow)
            .join(IncidentRow, IncidentRow.id == IncidentEventRow.incident_id)  # type: ignore[arg-type]
            .where(IncidentEventRow.kind.in_(ALERTS))  # type: ignore[attr-defined]
            .order_by(IncidentEventRow.id)  # type: ignore[arg-type]
        ).all()
        wanted = {m for event, _ in rows for m in event.data.get("mention_ids", ())}
        names = {
            row.id: row.external_id
            for row in session.execute(
                sa.select(MentionRow.id, MentionRow.external_id).where(  # type: ignore[call-overload]
                    MentionRow.id.in_(wanted)  # type: ignore[union-attr]
                )
            )
        }
    return [
        {
            "at": event.at.isoformat(),
            "level": event.data["level"],
            "story_id": incident.story_id,
            "incident_id": incident.id,
            "title": incident.title,
            "topics": event.data.get("topics", incident.topics),
            "mention_ids": [names[m] for m in event.data.get("mention_ids", ()) if m in names],
            "units": [incident.unit_id],
            "reasons": event.data.get("reasons", []),
        }
        for event, incident in rows
    ]


def _resume(store: Store, identity: str, clock: VirtualClock, items: Sequence[Item]) -> int:
    with store.read() as session:
        mark = get_mark(session, REPLAY)
        taken = session.execute(sa.select(sa.func.count()).select_from(MentionRow)).scalar()
    if mark is None:
        if taken:
            raise InputError(
                "Cơ sở dữ liệu này đang chứa tin thật, không dùng để phát lại.",
                mend="Chọn thư mục khác bằng --home, hoặc bỏ tùy chọn đó.",
            )
        if items and items[0].seen_at:
            clock.move_to(items[0].seen_at - timedelta(seconds=1))
        return 0
    if mark.data.get("identity") != identity:
        raise InputError(
            "Thư mục này giữ một lần phát lại khác (kho tin hoặc hồ sơ đã đổi).",
            mend="Dùng --fresh để làm lại từ đầu, hoặc chọn thư mục khác bằng --home.",
        )
    clock.move_to(mark.at)
    return int(mark.data["next"])


def _next_moment(
    store: Store,
    items: Sequence[Item],
    position: int,
    now: datetime,
    tick: timedelta,
    stop_at: datetime | None,
) -> datetime | None:
    """Return when something happens next: an item's tick, a deadline, or the end."""
    arrival = _tick_after(items[position].seen_at or now, tick) if position < len(items) else None
    end = max(filter(None, (arrival, stop_at)), default=None)
    if end is None:
        return None
    with store.read() as session:
        deadline = session.execute(
            sa.select(sa.func.min(DeadlineRow.due_at)).where(DeadlineRow.state == "open")  # type: ignore[arg-type]
        ).scalar()
    moments = [m for m in (arrival, deadline, stop_at) if m is not None and now < m <= end]
    return min(moments, default=arrival if arrival is not None else None)


def _tick_after(moment: datetime, tick: timedelta) -> datetime:
    return _EPOCH + tick * -((_EPOCH - moment) // tick)


def _moment(item: Item) -> datetime | None:
    return item.seen_at or item.published_at


def _seen(item: Item, moment: datetime) -> Item:
    if item.seen_at == moment:
        return item
    return Item(
        id=item.id, kind=item.kind, source=item.source, url=item.url,
        published_at=item.published_at, title=item.title, text=item.text,
        author=item.author, seen_at=moment, problems=item.problems,
    )  # fmt: skip


def _content(item: Item) -> tuple[object, ...]:
    return item.kind, item.title, item.text, item.published_at
