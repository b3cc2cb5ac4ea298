"""What a paper is composed of, free of any file format: both writers lay out these same blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from alerts.reports.facts import Issuer, PaperKind
from langnghe.core.clock import hanoi

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a numbered part."""

    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph. ``look``: body (indented), item (a dash in front) or note (small, slanted)."""

    runs: tuple[Run, ...]
    look: Literal["body", "item", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Blank:
    """A label and dotted lines, for what only a person can say."""

    label: str
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``share`` of the width, in parts."""

    title: str
    share: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table whose head repeats on every page."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing; ``svg`` uses the paper's own font. ``width`` and ``height`` in its own units."""

    svg: str
    width: int
    height: int
    caption: str


Block = Heading | Para | Blank | Table | Chart


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. ``number`` is None in a draft; ``book`` is empty where none is taken.

    ``day`` is when it was numbered; a draft leaves the date to be filled in.
    """

    kind: PaperKind
    issuer: Issuer
    type_name: str
    abstract: str
    blocks: tuple[Block, ...]
    as_of: datetime
    book: str = ""
    number: int | None = None
    day: date | None = None
    addressed: bool = False
    landscape: bool = False
    drill: bool = False


def para(*parts: str | Run) -> Para:
    """Return a body paragraph of plain words and runs."""
    return Para(tuple(Run(p) if isinstance(p, str) else p for p in parts))


def item(*parts: str | Run) -> Para:
    """Return a paragraph with a dash in front."""
    return Para(tuple(Run(p) if isinstance(p, str) else p for p in parts), "item")


def listed(lines: Iterable[str]) -> list[Block]:
    """Return lines as items of one list: a semicolon after each, a full stop after the last."""
    said = list(lines)
    return [item(line + (";" if n < len(said) else ".")) for n, line in enumerate(said, 1)]


def note(text: str) -> Para:
    """Return a small slanted paragraph: where numbers come from and of which hour they are."""
    return Para((Run(text, italic=True),), "note")


def strong(text: str) -> Run:
    """Return bold words."""
    return Run(text, bold=True)


def clock(at: datetime) -> str:
    """Return ``08:30 ngày 23/11/2026``."""
    return hanoi(at).strftime("%H:%M ngày %d/%m/%Y")


def brief(at: datetime | None) -> str:
    """Return ``08:30 23/11/2026`` for a table, a dash for nothing."""
    return hanoi(at).strftime("%H:%M %d/%m/%Y") if at else "–"


def figure(value: float) -> str:
    """Return ``1.234`` or ``58,5`` as numbers are written in Vietnamese."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,"))


def percent(part: int, whole: int) -> str:
    """Return a share; a dash of nothing."""
    return f"{100 * part / whole:.1f} %".replace(".", ",") if whole else "–"


def change(now: int, before: int) -> str:
    """Return how a number moved: ``tăng 12 (+40 %)``; a share only of ten or more."""
    if now == before:
        return "không đổi"
    said = f"{'tăng' if now > before else 'giảm'} {figure(abs(now - before))}"
    if before >= 10:
        said += f" ({'+' if now > before else '−'}{abs(now - before) * 100 / before:.0f} %)"
    return said


def length(minutes: float) -> str:
    """Return ``45 phút``, ``2 giờ 5 phút`` or ``3 ngày 4 giờ``."""
    whole = round(minutes)
    days, hours, rest = whole // 1440, whole // 60 % 24, whole % 60
    if days:
        return f"{days} ngày" + (f" {hours} giờ" if hours else "")
    if hours:
        return f"{hours} giờ" + (f" {rest} phút" if rest else "")
    return f"{rest} phút"
