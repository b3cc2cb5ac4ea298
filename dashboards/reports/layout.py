"""What both writers ask of a paper: its head, number, date and signature as plain strings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboards.reports.blocks import Paper, Table
from dashboards.reports.compose import symbol_of
from langnghe.core.clock import hanoi
from langnghe.core.watermark import BANNER, FILE_PREFIX, WORD

LONG_CELL = 1_500
"""Characters from which a row of a table may break over two pages."""


_UNHELD = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Head:
    """The parts of the form. ``None`` is a blank to be filled in by hand."""

    parent_agency: str | None
    agency: str
    digits: str | None
    symbol: str | None
    place: str | None
    day: str | None
    month: str | None
    year: str
    addressees: tuple[str, ...]
    recipients: tuple[str, ...]


def head_of(paper: Paper) -> Head:
    """Return the head: days and numbers below ten, months below three with a nought in front."""
    issuer, day = paper.issuer, paper.day
    recipients = issuer.recipients
    archive = f"Lưu: VT{', hồ sơ vụ việc' if paper.book == 'HS' else ''}."
    return Head(
        parent_agency=issuer.parent_agency,
        agency=issuer.agency,
        digits=f"{paper.number:02d}" if paper.number is not None else None,
        symbol=symbol_of(paper) if paper.book else None,
        place=issuer.place,
        day=f"{day.day:02d}" if day else None,
        month=(f"{day.month:02d}" if day.month < 3 else str(day.month)) if day else None,
        year=str((day or hanoi(paper.as_of)).year),
        addressees=issuer.addressees if paper.addressed else (),
        recipients=(*(f"{who};" for who in recipients), archive),
    )


def holdable(text: str) -> str:
    """Return the text with blanks for the signs that XML 1.0 cannot hold, such as control signs."""
    return _UNHELD.sub(" ", text)


def breakable(row: tuple[str, ...]) -> bool:
    """Tell whether a row is too tall to be kept together."""
    return any(len(cell) > LONG_CELL for cell in row)


def tables(paper: Paper) -> tuple[Table, ...]:
    """Return the tables of a paper."""
    return tuple(block for block in paper.blocks if isinstance(block, Table))


def file_name(paper: Paper, ending: str) -> str:
    """Return the name of a paper's file: ``12-BC-THSM.pdf``, or its kind and hour for a draft."""
    if paper.number is not None and paper.day is not None:
        stem = f"{paper.number:02d}-{paper.day.year}-{symbol_of(paper).replace('……', 'xx')}"
        stem = f"{paper.kind.value}-{stem}"
    else:
        stem = f"{paper.kind.value}-{hanoi(paper.as_of):%Y%m%d-%H%M}"
    return f"{FILE_PREFIX if paper.drill else ''}{stem}.{ending}"


def drill_words(paper: Paper) -> dict[str, str] | None:
    """Return what a drill's paper says on every page."""
    return {"word": WORD, "banner": BANNER} if paper.drill else None
