"""Compose the papers of one incident: the quick report in its eight parts, and the dossier."""

from __future__ import annotations

from alerts.reports.facts import IncidentFacts, NumberLine, PaperKind, StepLine
from dashboards.reports.blocks import (
    Blank,
    Block,
    Column,
    Heading,
    Paper,
    Table,
    brief,
    clock,
    figure,
    item,
    listed,
    note,
    para,
    percent,
    strong,
)
from dashboards.reports.statements import register_table
from langnghe.core.words import word

_EVENTS = 12


def compose(facts: IncidentFacts) -> Paper:
    """Return the quick report or the dossier."""
    whole = facts.kind is PaperKind.DOSSIER
    topics = f" (chủ đề: {', '.join(facts.topics[:2])})" if facts.topics else ""
    matter = f"vụ việc số {facts.line.incident_id} tại {facts.line.unit}{topics}"
    return Paper(
        kind=facts.kind,
        issuer=facts.issuer,
        type_name="HỒ SƠ VỤ VIỆC" if whole else "BÁO CÁO NHANH",
        abstract=matter[0].upper() + matter[1:] if whole else f"Về {matter}",
        blocks=tuple(_dossier(facts) if whole else _quick(facts)),
        as_of=facts.as_of,
        addressed=not whole,
    )


def _quick(facts: IncidentFacts) -> list[Block]:
    return [
        Heading("1. Thời gian, địa điểm"), *_when(facts),
        Heading("2. Diễn biến"), *_course(facts),
        Heading("3. Thiệt hại, đối tượng liên quan"), *_harm(facts),
        Heading("4. Việc đã làm"), *_done(facts),
        Heading("5. Tình hình dư luận"), *_opinion(facts),
        Heading("6. Khó khăn, vướng mắc"), *_late(facts), Blank("Khó khăn khác:", 2),
        Heading("7. Đề xuất, kiến nghị"), Blank("Kiến nghị với cấp trên:", 2), *_next(facts),
        Heading("8. Người liên hệ"), *_contacts(facts),
        note(_basis(facts)),
    ]  # fmt: skip


def _dossier(facts: IncidentFacts) -> list[Block]:
    line = facts.line
    said = register_table(facts.statements, hashes=False)
    blocks: list[Block] = [
        Heading("1. Tóm tắt vụ việc"), *_when(facts),
        item(f"Mức rủi ro hiện tại: {line.level_name}; mức cao nhất đã chấm: {line.peak_name}."),
        item(f"Tình trạng: {word('state', line.state)}; xác minh: "
             f"{word('verification', line.verification)}."),
        item(f"Mở lúc {clock(line.opened_at)}; tiếp nhận: {brief(line.acknowledged_at)}; đóng: "
             f"{brief(line.closed_at)}."),
        *_concluded(facts),
        Heading("2. Tình hình dư luận"), *_opinion(facts), *_outlets(facts),
        Heading("3. Thiệt hại theo các nguồn tin"), *_harm(facts),
        Heading("4. Dòng thời gian"), *_events(facts, len(facts.events)),
        Heading("5. Việc phải làm và kết quả"), *_steps(facts),
        Heading("6. Tin báo đã gửi"), *_notices(facts),
        Heading("7. Nội dung đã phát ngôn"),
        *(said or [para("Chưa có nội dung phát ngôn nào.")]),
        Heading("8. Danh mục bằng chứng"), *_evidence(facts),
        note(_basis(facts)),
    ]  # fmt: skip
    return blocks


def _when(facts: IncidentFacts) -> list[Block]:
    found: list[Block] = []
    first = facts.first
    if first is not None:
        found.append(item(
            f"Tin đầu tiên hệ thống ghi nhận: {clock(first.at)}, nguồn: {first.source}, tiêu đề: "
            f"“{first.title}”."
        ))  # fmt: skip
    found.append(item(f"Vụ việc được mở trên hệ thống lúc {clock(facts.line.opened_at)}."))
    place = f", {facts.place}" if facts.place else ""
    found.append(item(f"Nơi được phản ánh: {facts.line.unit}{place}."))
    if facts.kind is PaperKind.QUICK:
        found.append(Blank("Thời gian, địa điểm xảy ra sự việc đã xác minh:"))
    return found


def _course(facts: IncidentFacts) -> list[Block]:
    found: list[Block] = []
    if facts.summary:
        found.append(para("Theo các tin đã đăng (chưa phải kết luận của cơ quan có thẩm quyền):"))
        found += [item(f"“{sentence}”") for sentence in facts.summary]
    found.append(item(f"Mức xác minh hiện tại: {word('verification', facts.line.verification)}."))
    return [*found, *_events(facts, _EVENTS)]


def _events(facts: IncidentFacts, most: int) -> list[Block]:
    if not facts.events:
        return [para("Chưa có ghi chép nào.")]
    shown = facts.events
    left_out = len(shown) - most
    if left_out > 0:  # the beginning and the newest tell more than the middle
        shown = (*shown[:2], *shown[-(most - 2) :])
    table = Table(
        (Column("Thời điểm", 3, "center"), Column("Nội dung", 11), Column("Người ghi", 3.4)),
        tuple((brief(e.at), e.text, _who(e.actor)) for e in shown),
    )
    said = f"Lược {figure(left_out)} ghi chép ở giữa; đủ trong hồ sơ vụ việc."
    return [table, note(said)] if left_out > 0 else [table]


def _who(actor: str) -> str:
    return {"engine": "hệ thống", "system": "hệ thống", "máy": "hệ thống"}.get(actor, actor)


def _harm(facts: IncidentFacts) -> list[Block]:
    found: list[Block] = [item(_number(number)) for number in facts.numbers]
    if not found:
        found.append(para("Các tin ghi nhận được chưa nêu số người bị ảnh hưởng hay thiệt hại."))
    if facts.kind is PaperKind.QUICK:
        found.append(Blank("Số liệu đã được cơ quan có thẩm quyền xác nhận (nguồn, giờ):"))
        found.append(note("Báo cáo không nêu danh tính, lớp, hình ảnh, bệnh án của trẻ em."))
    return found


def _number(n: NumberLine) -> str:
    told = n.path or n.shown
    said = f"{n.kind[0].upper()}{n.kind[1:]}: {told}"
    if n.path:
        said += f", mới nhất {n.shown}"
    said += f" (theo {n.source}, {clock(n.at)})"
    if n.official and n.official_at:
        said += f"; cơ quan có thẩm quyền nêu {n.official} ({clock(n.official_at)})"
    if n.disputed:
        said += "; các nguồn nêu số khác nhau, cần xác minh"
    return said + "."


def _done(facts: IncidentFacts) -> list[Block]:
    done = [step for step in facts.steps if step.done_at is not None]
    if not done:
        return [para("Chưa ghi nhận việc nào đã hoàn thành trên hệ thống.")]
    columns = (
        Column("Việc", 7), Column("Xong lúc", 3, "center"), Column("Người ghi nhận", 3.6),
        Column("Bằng chứng", 4.4),
    )  # fmt: skip
    ordered = sorted(done, key=lambda s: (s.done_at or facts.as_of, s.code))
    return [Table(columns, tuple(
        (s.title, brief(s.done_at), s.done_by or s.role, s.note or "–") for s in ordered
    ))]  # fmt: skip


def _steps(facts: IncidentFacts) -> list[Block]:
    if not facts.steps:
        return [para("Vụ việc chưa có việc nào theo kịch bản.")]
    columns = (
        Column("Mã", 1.7, "center"), Column("Việc", 6.2), Column("Vai", 3),
        Column("Hạn", 3, "center"), Column("Xong lúc", 3, "center"),
        Column("Người ghi, bằng chứng", 4.4),
    )  # fmt: skip
    return [Table(columns, tuple(
        (
            s.code, s.title, s.role, brief(s.due_at), _finished(s, facts),
            ": ".join(part for part in (s.done_by or "", s.note) if part) or "–",
        )
        for s in facts.steps
    ))]  # fmt: skip


def _finished(step: StepLine, facts: IncidentFacts) -> str:
    if step.done_at is not None:
        late = step.due_at is not None and step.done_at > step.due_at
        return brief(step.done_at) + (" (trễ hạn)" if late else "")
    return "quá hạn" if step.due_at is not None and step.due_at < facts.as_of else "chưa xong"


def _opinion(facts: IncidentFacts) -> list[Block]:
    tones = facts.tones
    if not tones.total:
        return [para("Chưa có tin nào được gắn với vụ việc.")]
    found: list[Block] = [
        item(f"Số tin: {figure(facts.mentions)}, của {figure(facts.voices)} nguồn đưa tin độc lập;"
             f" tin mới nhất lúc {clock(facts.last_at or facts.as_of)}."),
        item(f"Sắc thái: tiêu cực {figure(tones.neg)} ({percent(tones.neg, tones.total)}), trung "
             f"lập {figure(tones.neu)}, tích cực {figure(tones.pos)}."),
        item(f"Mức rủi ro truyền thông: {facts.line.level_name}; mức cao nhất đã chấm: "
             f"{facts.line.peak_name}."),
    ]  # fmt: skip
    if facts.phase:
        found.append(item(f"Giai đoạn: {facts.phase}."))
    if facts.outlets and facts.kind is PaperKind.QUICK:
        named = "; ".join(f"{s.name} ({figure(s.count)})" for s in facts.outlets)
        found.append(item(f"Nguồn đăng nhiều nhất: {named}."))
    if facts.reasons:
        found.append(item("Căn cứ chấm mức: " + " ".join(facts.reasons[:3])))
    return found


def _outlets(facts: IncidentFacts) -> list[Block]:
    if not facts.outlets:
        return []
    columns = (Column("Nguồn đăng nhiều nhất", 12), Column("Số tin", 2, "right"))
    return [Table(columns, tuple((s.name, figure(s.count)) for s in facts.outlets))]


def _late(facts: IncidentFacts) -> list[Block]:
    late = [s for s in facts.steps
            if s.done_at is None and s.due_at is not None and s.due_at < facts.as_of]  # fmt: skip
    if not late:
        return [para("Tại thời điểm lập báo cáo không có việc nào quá hạn.")]
    return [
        para(strong(f"{figure(len(late))} việc quá hạn"), " chưa ghi nhận hoàn thành:"),
        *listed(f"{s.title} ({s.role}, hạn {brief(s.due_at)})" for s in late),
    ]


def _next(facts: IncidentFacts) -> list[Block]:
    ahead = [s for s in facts.steps
             if s.done_at is None and s.due_at is not None and s.due_at >= facts.as_of]  # fmt: skip
    if not ahead:
        return []
    ordered = sorted(ahead, key=lambda s: (s.due_at or facts.as_of, s.code))[:6]
    return [
        para("Việc thực hiện tiếp theo kịch bản ứng phó:"),
        *listed(f"{s.title} ({s.role}, hạn {brief(s.due_at)})" for s in ordered),
    ]


def _contacts(facts: IncidentFacts) -> list[Block]:
    if not facts.issuer.contacts:
        return [Blank("Họ tên, chức vụ, điện thoại:")]
    columns = (Column("Họ tên, chức vụ", 8), Column("Điện thoại", 4), Column("Thư điện tử", 6))
    return [Table(columns, tuple(
        (c.name, c.phone or "–", c.email or "–") for c in facts.issuer.contacts
    ))]  # fmt: skip


def _concluded(facts: IncidentFacts) -> list[Block]:
    if not facts.conclusion:
        return [item("Kết luận của cơ quan có thẩm quyền: chưa có.")]
    by = f" ({facts.concluded_by}, {brief(facts.concluded_at)})" if facts.concluded_by else ""
    return [item(f"Kết luận{by}: {facts.conclusion}")]


def _notices(facts: IncidentFacts) -> list[Block]:
    if not facts.notices:
        return [para("Chưa gửi tin báo nào.")]
    columns = (
        Column("Lập lúc", 3, "center"), Column("Mục đích", 4), Column("Vai nhận", 4),
        Column("Kênh", 2.6), Column("Mức", 1.8, "center"), Column("Kết quả", 4),
    )  # fmt: skip
    return [Table(columns, tuple(
        (
            brief(n.at), word("purpose", n.purpose), n.role,
            word("way", n.channel), n.level_name,
            word("notice", n.state) + (f" {brief(n.sent_at)}" if n.sent_at else ""),
        )
        for n in facts.notices
    ))]  # fmt: skip


def _evidence(facts: IncidentFacts) -> list[Block]:
    if not facts.evidence:
        return [para("Chưa lưu bằng chứng nào.")]
    columns = (
        Column("TT", 1.1, "center"), Column("Lưu lúc", 3, "center"),
        Column("Nội dung", 7.2), Column("Loại", 2.3), Column("SHA-256 (16 ký tự đầu)", 4.6),
    )  # fmt: skip
    return [
        Table(columns, tuple(
            (str(n), brief(e.at), e.what, e.kind, e.sha256[:16] or "chưa lưu bản gốc")
            for n, e in enumerate(facts.evidence, 1)
        )),
        note("Bản gốc và mã SHA-256 đầy đủ nằm trong gói bằng chứng của vụ việc."),
    ]  # fmt: skip


def _basis(facts: IncidentFacts) -> str:
    return (
        f"Số liệu do hệ thống Lắng Nghe tổng hợp từ tin, bài, bình luận công khai, tính đến "
        f"{clock(facts.as_of)}. Mức rủi ro là mức rủi ro truyền thông, không phải kết luận về sự "
        "việc; lời trong ngoặc kép là của nguồn tin."
    )
