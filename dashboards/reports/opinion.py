"""Compose the papers of a period: the day's digest, the week and the month."""

from __future__ import annotations

from datetime import timedelta

from alerts.reports.facts import (
    IncidentLine,
    MentionLine,
    OpinionFacts,
    PaperKind,
    Response,
    StoryLine,
)
from dashboards.reports.blocks import (
    Block,
    Column,
    Heading,
    Paper,
    Table,
    brief,
    change,
    clock,
    figure,
    item,
    length,
    listed,
    note,
    para,
    percent,
    strong,
)
from dashboards.reports.charts import bars_chart, days_chart, tones_chart
from langnghe.core.clock import hanoi
from langnghe.core.words import word

_STANDING = 12
_RULE = (
    "Mức rủi ro là mức rủi ro truyền thông do hệ thống chấm, không phải kết luận về sự việc; nội "
    "dung phản ánh dẫn theo nguồn, thông tin nhận ra trẻ em đã được che."
)


def compose(facts: OpinionFacts) -> Paper:
    """Return the paper of a period."""
    digest = facts.kind is PaperKind.DIGEST
    return Paper(
        kind=facts.kind,
        issuer=facts.issuer,
        type_name="BÁO CÁO",
        abstract=abstract(facts),
        blocks=tuple(_digest(facts) if digest else _report(facts)),
        as_of=facts.as_of,
        addressed=not digest,
    )


def abstract(facts: OpinionFacts) -> str:
    """Return what the paper is about, in the words of its period."""
    since = hanoi(facts.period.since)
    last = hanoi(facts.period.until - timedelta(seconds=1))
    span = f"từ ngày {since:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"
    if facts.kind is PaperKind.DIGEST and last.date() == since.date():
        return f"Điểm tin ngày {since:%d/%m/%Y}"
    if facts.kind is PaperKind.DIGEST:
        return f"Điểm tin {span}"
    if facts.kind is PaperKind.WEEK and (last - since).days == 6 and since.weekday() == 0:
        year, week, _ = since.isocalendar()
        return f"Tình hình dư luận tuần {week} năm {year} ({span})"
    if (last + timedelta(seconds=1)).day == 1 and since.day == 1 and (last - since).days < 31:
        return f"Tình hình dư luận tháng {since.month} năm {since.year}"
    return f"Tình hình dư luận {span}"


def basis(facts: OpinionFacts) -> str:
    """Return where the numbers come from and of which hour they are."""
    until = min(facts.period.until, facts.as_of)
    return (
        f"Nguồn số liệu: tin, bài, bình luận công khai hệ thống Lắng Nghe thu được, có nhắc tới "
        f"{facts.issuer.unit_name} và đơn vị trực thuộc, từ {clock(facts.period.since)} đến "
        f"{clock(until)}; lập lúc {clock(facts.as_of)}."
    )


def _digest(facts: OpinionFacts) -> list[Block]:
    blocks: list[Block] = [Heading("1. Tình hình chung"), *_counts(facts), *_deaf(facts)]
    blocks.append(Heading("2. Vụ việc đang xử lý"))
    blocks += _incidents(facts.standing[:_STANDING], "Không có vụ việc nào đang mở.")
    if len(facts.standing) > _STANDING:
        rest = figure(len(facts.standing) - _STANDING)
        blocks.append(note(f"Xếp theo mức, cao trước. Còn {rest} vụ việc đang mở khác."))
    blocks.append(Heading("3. Tin đáng chú ý"))
    blocks += _stories(facts.stories, "Trong ngày không ghi nhận tin nào.")
    blocks.append(Heading("4. Gương tốt, việc tốt"))
    blocks += _good(facts)
    blocks += [note(basis(facts)), note(_RULE)]
    return blocks


def _report(facts: OpinionFacts) -> list[Block]:
    hour = f"Tính đến {clock(min(facts.as_of, facts.period.until))}."
    blocks: list[Block] = [Heading("1. Tình hình chung"), *_counts(facts), *_deaf(facts)]
    if facts.tones.total or facts.tones_before.total:
        blocks += [
            days_chart(facts.days, f"Hình 1. Số tin theo ngày. {hour}"),
            tones_chart(
                facts.tones, facts.tones_before,
                f"Hình 2. Sắc thái của tin, so với kỳ trước liền kề có cùng độ dài. {hour}",
            ),
        ]  # fmt: skip
    blocks.append(Heading("2. Chủ đề và nguồn tin"))
    if facts.topics:
        blocks.append(bars_chart(
            facts.topics, f"Hình 3. Số tin theo chủ đề (một tin có thể thuộc nhiều chủ đề). {hour}"
        ))  # fmt: skip
    if facts.outlets:
        blocks.append(bars_chart(facts.outlets, f"Hình 4. Nguồn đăng nhiều tin nhất. {hour}"))
    if not facts.topics and not facts.outlets:
        blocks.append(para("Trong kỳ không ghi nhận tin nào."))
    blocks.append(Heading("3. Nội dung được nói đến nhiều"))
    blocks += _stories(facts.stories, "Trong kỳ không ghi nhận cụm tin nào.")
    blocks.append(Heading("4. Vụ việc phát sinh trong kỳ"))
    levels = "; ".join(f"{share.name}: {figure(share.count)}" for share in facts.levels)
    blocks.append(para(
        strong(f"{figure(len(facts.incidents))} vụ việc"), f" được mở trong kỳ (mức cao nhất đã "
        f"chấm – {levels}). Đang mở tại thời điểm lập báo cáo: {figure(len(facts.standing))}.",
    ))  # fmt: skip
    blocks += _incidents(facts.incidents, "")
    blocks.append(Heading("5. Thời gian tiếp nhận"))
    blocks += _responses(facts)
    blocks.append(Heading("6. Gương tốt, việc tốt"))
    blocks += _good(facts)
    blocks += [note(basis(facts)), note(_RULE)]
    return blocks


def _counts(facts: OpinionFacts) -> list[Block]:
    tones = facts.tones
    if not tones.total:
        return [para(
            "Hệ thống không ghi nhận tin nào trong kỳ", f" (kỳ trước: "
            f"{figure(facts.tones_before.total)} tin).",
        )]  # fmt: skip
    before = facts.tones_before
    if before.total:
        moved = (
            f"; so với kỳ trước liền kề ({figure(before.total)} tin): "
            f"{change(tones.total, before.total)}"
        )
        worse = f", so với kỳ trước {change(tones.neg, before.neg)}"
    else:
        moved, worse = "; kỳ trước liền kề không ghi nhận tin nào để so sánh", ""
    return [
        para(
            "Ghi nhận ", strong(f"{figure(tones.total)} tin"),
            f" của {figure(facts.sources)} nguồn{moved}.",
        ),
        item(f"Tiêu cực: {figure(tones.neg)} tin ({percent(tones.neg, tones.total)}){worse};"),
        item(f"Trung lập: {figure(tones.neu)} tin ({percent(tones.neu, tones.total)});"),
        item(
            f"Tích cực: {figure(tones.pos)} tin ({percent(tones.pos, tones.total)}), trong đó "
            f"{figure(facts.good_count)} tin về hoạt động tích cực."
        ),
    ]  # fmt: skip


def _deaf(facts: OpinionFacts) -> list[Block]:
    if not facts.sources_bad:
        return []
    named = ", ".join(facts.sources_bad[:6]) + ("…" if len(facts.sources_bad) > 6 else "")
    return [para(
        strong("Lưu ý: "), f"{figure(len(facts.sources_bad))}/{figure(facts.sources_on)} nguồn tin "
        f"không đọc được tại thời điểm lập báo cáo ({named}); số liệu có thể còn thiếu.",
    )]  # fmt: skip


def _stories(stories: tuple[StoryLine, ...], nothing: str) -> list[Block]:
    if not stories:
        return [para(nothing)]
    columns = (
        Column("TT", 1, "center"), Column("Nội dung phản ánh (theo nguồn đầu tiên)", 10.5),
        Column("Chủ đề", 4), Column("Số tin", 1.8, "right"), Column("Tiêu cực", 1.8, "right"),
        Column("Mức", 1.9, "center"),
    )  # fmt: skip
    return [Table(columns, tuple(
        (
            str(n), f"“{s.first.title}” ({_where(s.first)})", ", ".join(s.topics) or "–",
            figure(s.count), figure(s.neg), s.level_name,
        )
        for n, s in enumerate(stories, 1)
    ))]  # fmt: skip


def _incidents(lines: tuple[IncidentLine, ...], nothing: str) -> list[Block]:
    if not lines:
        return [para(nothing)] if nothing else []
    several = len({line.unit for line in lines}) > 1
    columns = (
        Column("Số", 1.2, "center"), Column("Nội dung phản ánh", 6.6 if several else 9.4),
        *((Column("Đơn vị", 4.2),) if several else ()), Column("Mức", 1.6, "center"),
        Column("Mở lúc", 3, "center"), Column("Tiếp nhận", 3, "center"), Column("Tình trạng", 3.6),
    )  # fmt: skip
    return [Table(columns, tuple(
        (
            str(line.incident_id), f"“{line.title}”", *((line.unit,) if several else ()),
            line.level_name, brief(line.opened_at), brief(line.acknowledged_at),
            f"{word('state', line.state)}; {word('verification', line.verification)}",
        )
        for line in lines
    ))]  # fmt: skip


def _responses(facts: OpinionFacts) -> list[Block]:
    if not facts.responses:
        return [para("Trong kỳ không có vụ việc nào phải tiếp nhận.")]
    columns = (
        Column("Mức", 2), Column("Số vụ việc", 2.2, "right"),
        Column("Đã tiếp nhận", 2.4, "right"), Column("Trung vị thời gian tiếp nhận", 4.4, "right"),
        Column("Hạn theo kịch bản", 3, "right"), Column("Đúng hạn", 3, "right"),
    )  # fmt: skip
    return [Table(columns, tuple(_response(r) for r in facts.responses))]


def _response(r: Response) -> tuple[str, ...]:
    return (
        r.level_name, figure(r.opened), figure(r.acknowledged),
        length(r.median) if r.median is not None else "–", length(r.allowed),
        f"{figure(r.in_time)}/{figure(r.opened)} ({percent(r.in_time, r.opened)})",
    )  # fmt: skip


def _good(facts: OpinionFacts) -> list[Block]:
    if not facts.good:
        return [para("Trong kỳ chưa ghi nhận tin nào về hoạt động tích cực.")]
    found = listed(f"{line.title} ({_where(line)})" for line in facts.good)
    rest = facts.good_count - len(facts.good)
    return [*found, note(f"Ngoài ra còn {figure(rest)} tin khác.")] if rest > 0 else found


def _where(line: MentionLine) -> str:
    return f"{line.source}, {brief(line.at)}"
