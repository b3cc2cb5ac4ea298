"""Who still owes an article this month? Pure: writers and articles in, one line a writer out."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from langnghe.core.clock import HANOI, hanoi
from langnghe.core.errors import InputError

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
DONE, WAITING, OWING, LATE = "done", "waiting", "owing", "late"


class Writer(Protocol):
    """What the tally must know of an organisation."""

    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def per_month(self) -> int: ...
    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


class Article(Protocol):
    """What the tally must know of an article."""

    @property
    def writer_id(self) -> int: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation's month: how many it owes, and how far its articles have come.

    ``state``: done, waiting (enough are written, not yet published), owing, late (the month is
    over).
    """

    writer_id: int
    name: str
    wanted: int
    written: int
    published: int
    state: str

    @property
    def missing(self) -> int:
        """How many are still to be published."""
        return max(0, self.wanted - self.published)


def month_of(moment: datetime) -> str:
    """Return the month of a moment in Vietnam, as ``2026-11``."""
    return f"{hanoi(moment):%Y-%m}"


def bounds(month: str) -> tuple[date, date]:
    """Return the first and last day of ``2026-11``. Raises InputError for anything else."""
    if not _MONTH.fullmatch(month):
        raise InputError(f"Tháng «{month[:20]}» không đúng.", mend="Viết như 2026-11.")
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def neighbours(month: str) -> tuple[str, str]:
    """Return the month before and the month after."""
    first, last = bounds(month)
    before, after = date.fromordinal(first.toordinal() - 1), date.fromordinal(last.toordinal() + 1)
    return f"{before:%Y-%m}", f"{after:%Y-%m}"


def span(month: str) -> tuple[datetime, datetime]:
    """Return a month of Vietnam as two moments: its first and the first after it."""
    first, _ = bounds(month)
    after, _ = bounds(neighbours(month)[1])
    return (
        datetime(first.year, first.month, 1, tzinfo=HANOI).astimezone(UTC),
        datetime(after.year, after.month, 1, tzinfo=HANOI).astimezone(UTC),
    )


def owes(writer: Writer, month: str) -> bool:
    """Tell whether the organisation owes articles in that month."""
    first, last = bounds(month)
    return writer.since <= last and (writer.until is None or writer.until >= first)


def tally(
    writers: Sequence[Writer], articles: Iterable[Article], month: str, today: date
) -> list[Line]:
    """Return the month's line of every organisation that owes articles, those behind first."""
    last = bounds(month)[1]
    own: dict[int, list[str]] = {}
    for article in articles:
        own.setdefault(article.writer_id, []).append(article.state)
    lines = []
    for writer in writers:
        if not owes(writer, month):
            continue
        states = own.get(writer.id or 0, [])
        published = states.count("published")
        written = sum(state in ("submitted", "approved", "published") for state in states)
        if published >= writer.per_month:
            state = DONE
        elif today > last:
            state = LATE
        else:
            state = WAITING if written >= writer.per_month else OWING
        lines.append(Line(writer.id or 0, writer.name, writer.per_month, written, published, state))
    order = {LATE: 0, OWING: 1, WAITING: 2, DONE: 3}
    return sorted(lines, key=lambda line: (order[line.state], line.name))
