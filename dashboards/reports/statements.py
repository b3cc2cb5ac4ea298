"""Compose the register of statements and the thông cáo of one released statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alerts.reports.facts import RegisterFacts, ReleaseFacts, StatementLine
from dashboards.reports.blocks import (
    Block,
    Column,
    Paper,
    Table,
    brief,
    clock,
    figure,
    item,
    note,
    para,
)
from langnghe.core.clock import hanoi
from langnghe.core.words import word


def compose_register(facts: RegisterFacts) -> Paper:
    """Return the register of a period, lying, for its many columns."""
    since = hanoi(facts.period.since)
    last = hanoi(facts.period.until - timedelta(seconds=1))
    table = register_table(facts.statements)
    blocks: list[Block] = [
        para(f"Số nội dung đã phát ngôn trong kỳ: {figure(len(facts.statements))}."),
        *(table or [para("Trong kỳ không có nội dung nào được phát ngôn.")]),
        note(
            f"Trích từ sổ điện tử của hệ thống Lắng Nghe, tính đến {clock(facts.as_of)}. Mã băm "
            "SHA-256 (16 ký tự đầu) tính trên nguyên văn đã phát ngôn."
        ),
    ]
    return Paper(
        kind=facts.kind,
        issuer=facts.issuer,
        type_name="SỔ THEO DÕI PHÁT NGÔN",
        abstract=f"Từ ngày {since:%d/%m/%Y} đến ngày {last:%d/%m/%Y}",
        blocks=tuple(blocks),
        as_of=facts.as_of,
        landscape=True,
    )


def register_table(lines: Sequence[StatementLine], *, hashes: bool = True) -> list[Block]:
    """Return the table of statements, nothing of none. ``hashes`` need a lying page."""
    if not lines:
        return []
    columns = (
        Column("Số", 2.5, "center"), Column("Phát ngôn lúc", 3.2, "center"),
        Column("Nội dung", 6), Column("Người phát ngôn", 3.6), Column("Nơi đăng, gửi", 4.4),
        Column("Tình trạng, đính chính", 3.4), Column("Mã băm", 4),
    )  # fmt: skip
    width = len(columns) if hashes else len(columns) - 1
    return [Table(columns[:width], tuple(_row(line)[:width] for line in lines))]


def _row(line: StatementLine) -> tuple[str, ...]:
    state = word("statement", line.state)
    if line.note:
        state += f": {line.note}"
    if line.corrects:
        state += f"; đính chính nội dung số {line.corrects}"
    by = line.released_by + (" (theo ủy quyền)" if line.delegated else "")
    return (
        line.number, brief(line.released_at), line.title, by,
        "; ".join(_place(place) for place in line.places) or "–", state,
        line.text_hash[:16] or "–",
    )  # fmt: skip


def _place(place: str) -> str:
    """Return where a text stands: the channel's name and its address."""
    channel, _, address = place.partition(" ")
    return f"{word('statement_place', channel)} {address}".strip()


def compose_release(facts: ReleaseFacts) -> Paper:
    """Return a released statement as a thông cáo, under the number it was released with."""
    line = facts.statement
    blocks: list[Block] = [para(text) for text in facts.paragraphs]
    if line.corrects:
        blocks.append(item(f"Nội dung này đính chính nội dung phát ngôn số {line.corrects}."))
    if line.state == "withdrawn":
        blocks.append(item("Nội dung này đã được thu hồi."))
    digits = line.number.partition("/")[0]
    return Paper(
        kind=facts.kind,
        issuer=facts.issuer,
        type_name="THÔNG CÁO",
        abstract=line.title,
        blocks=tuple(blocks),
        as_of=facts.as_of,
        book="TC",
        number=int(digits) if digits else None,
        day=hanoi(line.released_at).date() if line.released_at else None,
    )
