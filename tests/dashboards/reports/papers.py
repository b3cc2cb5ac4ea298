"""Facts written by hand, so that a picture of a paper changes only when its layout does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from alerts.reports.facts import (
    DayCount,
    EventLine,
    EvidenceLine,
    IncidentFacts,
    IncidentLine,
    Issuer,
    MentionLine,
    NoticeLine,
    NumberLine,
    OpinionFacts,
    PaperKind,
    Period,
    Person,
    RegisterFacts,
    ReleaseFacts,
    Response,
    Share,
    StatementLine,
    StepLine,
    StoryLine,
    Tones,
)

AS_OF = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 07:00 in Vietnam
HOUR = timedelta(hours=1)
ISSUER = Issuer(
    unit_id="th", unit_name="Trường TH&THCS Suối Mơ", agency="Trường TH&THCS Suối Mơ",
    parent_agency="UBND xã Bản Hoa", symbol="TH&THCSSM", place="Bản Hoa",
    signer_title="Hiệu trưởng", signer_name="Nguyễn Đức Thuỷ Ưởng",
    addressees=("UBND xã Bản Hoa", "Sở GD&ĐT tỉnh Mây Trắng"),
    recipients=("UBND xã Bản Hoa", "Sở GD&ĐT tỉnh Mây Trắng"),
    contacts=(Person("officer", "Vàng Thị Nguyệt, Thư ký Hội đồng trường", "0215 000 0000",
                     "thuky@suoimo.example"),),
)  # fmt: skip
LINE = IncidentLine(
    incident_id=56, title="Học sinh nhập viện sau bữa trưa bán trú",
    unit="Trường TH&THCS Suối Mơ", level=3, level_name="Đỏ", peak_name="Đỏ", state="responding",
    verification="unverified", opened_at=AS_OF - 9 * HOUR, acknowledged_at=AS_OF - 8.8 * HOUR,
    closed_at=None,
)  # fmt: skip
FIRST = MentionLine(
    1, "Em [tên học sinh] cùng 20 học sinh nhập viện sau bữa trưa", "Báo Mây Trắng",
    AS_OF - 9 * HOUR, "https://bao.example/1", "Sau bữa trưa bán trú, các em được đưa đi theo dõi.",
)  # fmt: skip
STATEMENTS = tuple(
    StatementLine(
        n, f"{n:02d}/2026", title, "public", "released", "Nguyễn Đức Thuỷ Ưởng",
        "Nguyễn Đức Thuỷ Ưởng", AS_OF - (10 - n) * HOUR, n == 3,
        ("website https://truong.example/tb/1", "zalo"), "01/2026" if n == 2 else "",
        f"{n:02d}" + "ab" * 31, "",
    )
    for n, title in enumerate(
        ("Thông tin ban đầu về bữa ăn bán trú", "Đính chính thông tin «trường đóng cửa»",
         "Kết quả theo dõi sức khỏe học sinh"), 1)
)  # fmt: skip


def quick(*, events: int = 5, kind: PaperKind = PaperKind.QUICK) -> IncidentFacts:
    """Return an incident; a dossier lists messages, statements and evidence too."""
    facts = IncidentFacts(
        kind=kind, issuer=ISSUER, as_of=AS_OF, line=LINE, place="xã Bản Hoa, tỉnh Mây Trắng",
        topics=("An toàn thực phẩm, bữa ăn bán trú",), owner="", outcome="", conclusion="",
        concluded_by="", concluded_at=None,
        summary=("Sau bữa trưa bán trú, em [tên học sinh] và các bạn được đưa đi theo dõi.",),
        first=FIRST, last_at=AS_OF - HOUR, mentions=4, voices=3, phase="lan rộng",
        tones=Tones(3, 1, 0), outlets=(Share("Báo Mây Trắng", 3), Share("Đài PT-TH tỉnh", 1)),
        numbers=(NumberLine("nhập viện", "20 → 31", "31 học sinh", "Thời báo Núi Xanh",
                            AS_OF - 6 * HOUR, "31 học sinh", AS_OF - 5 * HOUR, False),),
        reasons=("Từ 2 học sinh nhập viện sau một bữa ăn.",),
        steps=(
            StepLine("B01", "Tiếp nhận, xác nhận cảnh báo", "Thư ký Hội đồng trường",
                     AS_OF - 8 * HOUR, AS_OF - 8.8 * HOUR, "Đ/c Nguyệt", "Biên bản số 3"),
            StepLine("B07", "Xác minh: ai, gì, khi nào, ở đâu", "Phó Hiệu trưởng",
                     AS_OF - 5 * HOUR, None, None, ""),
            StepLine("B12", "Xử lý nguyên nhân, cập nhật vào giờ cố định mỗi ngày", "Hiệu trưởng",
                     AS_OF + 15 * HOUR, None, None, ""),
        ),
        events=tuple(
            EventLine(AS_OF - 9 * HOUR + timedelta(minutes=2 * n), "engine" if n % 3 else
                      "Đ/c Nguyệt", f"Lần cập nhật thứ {n + 1}: số em đang theo dõi không đổi.")
            for n in range(events)
        ),
    )  # fmt: skip
    if kind is PaperKind.QUICK:
        return facts
    return replace(
        facts,
        notices=(NoticeLine(AS_OF - 9 * HOUR, "open", "Hiệu trưởng", "email", "Đỏ", "sent",
                            AS_OF - 9 * HOUR),),
        evidence=(EvidenceLine(AS_OF - 9 * HOUR, "Báo Mây Trắng: tin đầu tiên", "bản lưu tin",
                               "0f" * 32, "https://bao.example/1"),),
        statements=STATEMENTS,
    )  # fmt: skip


def month(kind: PaperKind = PaperKind.MONTH, *, incidents: int = 3) -> OpinionFacts:
    """Return a month that is not over."""
    since = datetime(2026, 10, 31, 17, tzinfo=UTC)
    return OpinionFacts(
        kind=kind, issuer=ISSUER, as_of=AS_OF,
        period=Period(since, datetime(2026, 11, 30, 17, tzinfo=UTC)),
        tones=Tones(45, 31, 24), tones_before=Tones(30, 30, 20), sources=7,
        days=tuple(DayCount(date(2026, 11, d), 3 + d % 4, d % 3) for d in range(1, 23)),
        topics=(Share("Thu – chi, đóng góp, dạy thêm", 40, 22), Share("Cơ sở vật chất", 9, 12)),
        outlets=(Share("Báo Rừng", 31), Share("Diễn đàn Giáo dục vùng cao", 12)),
        stories=(StoryLine(8, 21, 9, 2, "Cam", ("Thu – chi, đóng góp, dạy thêm",), FIRST),),
        good=(MentionLine(2, "Học sinh vùng cao dựng vườn rau", "Báo Rừng", AS_OF - 30 * HOUR),),
        good_count=14,
        levels=(Share("Vàng", 1), Share("Cam", 0), Share("Đỏ", 2)),
        incidents=tuple(replace(LINE, incident_id=n + 1) for n in range(incidents)),
        standing=(LINE,),
        responses=(Response(3, "Đỏ", 2, 2, 1, 14.5, 15.0),),
        sources_on=9, sources_bad=("Trang tin Bản Hoa",),
    )  # fmt: skip


def register() -> RegisterFacts:
    """Return a register of three statements."""
    period = Period(datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC))
    return RegisterFacts(PaperKind.REGISTER, ISSUER, AS_OF, period, STATEMENTS)


def release(*paragraphs: str) -> ReleaseFacts:
    """Return a released statement that says these paragraphs."""
    said = paragraphs or (
        "Nhà trường đã tiếp nhận thông tin phản ánh về bữa ăn bán trú vào lúc 11 giờ 20 phút ngày "
        "22/11/2026, đã đưa các em đi theo dõi sức khỏe và liên hệ gia đình.",
        "Để bảo vệ học sinh, đề nghị không chia sẻ hình ảnh, thông tin cá nhân của các em.",
    )
    return ReleaseFacts(PaperKind.RELEASE, ISSUER, AS_OF, STATEMENTS[0], said)
