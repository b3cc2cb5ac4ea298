"""From facts to a paper, whatever its kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from alerts.reports.desk import BOOKS
from alerts.reports.facts import Facts, IncidentFacts, OpinionFacts, RegisterFacts
from dashboards.reports import incident, opinion, statements
from dashboards.reports.blocks import Paper


def compose(
    facts: Facts, *, number: int | None = None, day: date | None = None, drill: bool = False
) -> Paper:
    """Return the paper; ``number`` and ``day`` are those of the number book, absent in a draft."""
    if isinstance(facts, OpinionFacts):
        paper = opinion.compose(facts)
    elif isinstance(facts, IncidentFacts):
        paper = incident.compose(facts)
    elif isinstance(facts, RegisterFacts):
        paper = statements.compose_register(facts)
    else:
        return replace(statements.compose_release(facts), drill=drill)
    book = BOOKS.get(facts.kind, "")
    return replace(paper, book=book, number=number, day=day, drill=drill)


def symbol_of(paper: Paper) -> str:
    """Return what stands behind the number: ``BC-THSM``; dots for letters nobody has set."""
    return f"{paper.book}-{paper.issuer.symbol or '……'}"
