"""Make the file of a paper: facts in, bytes with their name and media type out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from alerts.reports.facts import Facts
from dashboards.reports.compose import compose
from dashboards.reports.docx import to_docx
from dashboards.reports.layout import file_name
from dashboards.reports.pdf import to_pdf
from langnghe.core.clock import hanoi
from langnghe.core.store.tables.papers import PaperRow

Form = Literal["pdf", "docx"]
MEDIA: dict[Form, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A finished file."""

    name: str
    media: str
    content: bytes


def make(
    facts: Facts, form: Form, *, row: PaperRow | None = None, drill: bool = False
) -> PaperFile:
    """Return the paper as a file: a draft, or with the number and date of ``row``."""
    number, day = (row.number, _day(row)) if row is not None else (None, None)
    paper = compose(facts, number=number, day=day, drill=drill)
    content = to_pdf(paper) if form == "pdf" else to_docx(paper)
    return PaperFile(file_name(paper, form), MEDIA[form], content)


def _day(row: PaperRow) -> date:
    return hanoi(row.numbered_at).date()
