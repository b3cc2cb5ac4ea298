"""The register of statements and one released statement, word for word as it was released."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from alerts.reports.facts import (
    Issuer,
    PaperKind,
    Period,
    RegisterFacts,
    ReleaseFacts,
    StatementLine,
)
from langnghe.core.store.queries import report_files as files
from langnghe.core.store.tables.statements import StatementRow


def register_facts(
    session: Session, issuer: Issuer, period: Period, now: datetime, *, scope_unit: str | None
) -> RegisterFacts:
    """Return the register of a period for one unit's subtree."""
    found = files.released_between(session, scope_unit, period.since, min(period.until, now))
    return RegisterFacts(
        kind=PaperKind.REGISTER,
        issuer=issuer,
        as_of=now,
        period=period,
        statements=statement_lines(session, found),
    )


def release_facts(
    session: Session, issuer: Issuer, row: StatementRow, now: datetime
) -> ReleaseFacts:
    """Return one released statement as a thông cáo."""
    return ReleaseFacts(
        kind=PaperKind.RELEASE,
        issuer=issuer,
        as_of=now,
        statement=statement_lines(session, [row])[0],
        paragraphs=tuple(line.strip() for line in row.text.splitlines() if line.strip()),
    )


def statement_lines(session: Session, rows: Sequence[StatementRow]) -> tuple[StatementLine, ...]:
    """Return statements as the register lists them."""
    places = files.places_of(session, [row.id for row in rows if row.id is not None])
    corrected = files.numbers_of(session, [row.corrects_id for row in rows if row.corrects_id])
    return tuple(
        StatementLine(
            statement_id=row.id or 0,
            number=f"{row.number:02d}/{row.year}" if row.number is not None else "",
            title=row.title,
            audience=row.audience,
            state=row.state,
            approved_by=row.approved_name,
            released_by=row.released_name,
            released_at=row.released_at,
            delegated=row.delegation_id is not None,
            places=tuple(places.get(row.id or 0, ())),
            corrects="{:02d}/{}".format(*corrected[row.corrects_id])
            if row.corrects_id in corrected
            else "",
            text_hash=row.text_hash,
            note=row.withdrawn_reason,
        )
        for row in rows
    )
