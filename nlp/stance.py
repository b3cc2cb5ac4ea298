"""What a text does with the claim it carries: report, confirm, deny, correct, conclude or comment.

A story whose third article is the commune's denial must not climb like one whose third article is
another witness. Only an office or the school can confirm or deny; an angry parent's "không đúng"
is an opinion.
"""

from __future__ import annotations

import re

from langnghe.core.text import strip_marks
from langnghe.core.types import Stance
from nlp.plain import is_marked, lower, plain

_LEAD = 800  # letters of the body read: the news stands first, the background after it

_OFFICE = (
    r"(?:công an|cảnh sát|cơ quan|chính quyền|ubnd|ủy ban|uỷ ban|chủ tịch|phó chủ tịch|"
    r"nhà trường|hiệu trưởng|hiệu phó|ban giám hiệu|bgh|lãnh đạo|đại diện|sở gd|sở giáo dục|"
    r"sở y tế|sở|phòng gd|phòng giáo dục|bộ gd|bộ giáo dục|bệnh viện|trạm y tế|trung tâm y tế|"
    r"bác sĩ|xã|phường|huyện|tỉnh|trường|giám đốc|trưởng phòng|bộ công an|thanh tra|cdc|ông|bà)"
)
_SOURCES: tuple[tuple[Stance, tuple[str, ...]], ...] = (
    (Stance.CORRECT, (r"đính chính", r"cải chính")),
    (
        Stance.CONCLUDE,
        (
            r"(?:công bố|có|thông báo|ra|ban hành|theo|đưa ra|nêu) (?:bản )?kết luận",
            r"kết luận (?:của|thanh tra|điều tra|kiểm tra|nội dung|vụ|sự việc|xác minh|nguyên nhân|"
            r"giám định|ban đầu|cuối cùng|số|hiệu trưởng|cô|thầy|rằng|việc|tố cáo|không|đơn)",
            r"kết quả (?:xác minh|điều tra|xét nghiệm|giám định|kiểm tra|thanh tra) (?:cho thấy|"
            r"vụ|ban đầu|mẫu|cho biết|của)",
            r"kết luận[:,]",
        ),
    ),
    (
        Stance.DENY,
        (
            r"bác (?:bỏ )?(?:thông )?tin",
            r"(?:bác bỏ|phủ nhận)",
            r"(?:tin|thông tin|nội dung|clip|bài đăng|hình ảnh)[^.!?\n]{0,90} (?:là |hoàn toàn )"
            r"(?:là |hoàn toàn )?(?:sai|không đúng|không chính xác|bịa đặt|giả|không có thật|"
            r"thất thiệt|không có cơ sở)",
            _OFFICE + r"[^.!?\n]{0,80} (?:khẳng định|cho biết|nói|xác nhận|thông tin|thông báo|"
            r"lên tiếng|trả lời)[^.!?\n]{0,60} (?:không có (?:việc|chuyện|vụ|tình trạng|cơ sở)|"
            r"không xảy ra|không hề có|là tin giả|sai sự thật|là không đúng|không đúng sự thật|"
            r"không chính xác)",
            r"làm rõ (?:tin đồn|thông tin sai)",
            r"(?:tin|tin đồn|thông tin) (?:sai sự thật|thất thiệt|bịa đặt)",
            r"chưa (?:có|ghi nhận)[^.!?\n]{0,50} (?:như tin đồn|như mạng xã hội|như lan truyền)",
        ),
    ),
    (
        Stance.CONFIRM,
        (
            _OFFICE
            + r"[^.!?\n]{0,90} (?:xác nhận(?! nhập học| trúng| học| thông tin cá)|thừa nhận)",
            r"(?:xác nhận|thừa nhận) (?:có |với |vụ|sự việc|việc|thông tin|đã|là |rằng|trên|trong|"
            r"chậm|sai|thiếu)",
            r"(?:đúng là có|thông tin (?:trên|này)? ?là đúng|là có thật)",
            _OFFICE + r"[^.!?\n]{0,60} (?:xin lỗi|nhận trách nhiệm)",
        ),
    ),
)
# Words that look like one of the above and are not.
_NOT = re.compile(
    r"(?:chưa|chờ|đợi|sớm|sẽ|đang chờ|trước khi|yêu cầu|đề nghị|mong)(?: \w+){0,3} $"
    r"|(?:giấy|phiếu|đơn|mã|bản|thư) $"
)
_REPORTED = (
    r"\b(?:con|cháu|bé) (?:tôi|mình|em|e|nhà tôi|nhà mình|nhà em|tui|t|mk) [^?\n]{0,60}?bị ",
    r"\b(?:sáng nay|hôm nay|hôm qua|tối qua|chiều nay|trưa nay|vừa xong|mới đây|vừa|nay)\b"
    r"[^?\n]{0,80}?\b(?:bị|đánh|thu|nhập viện|cấp cứu|ngã|sập|cháy|ngộ độc|đuối nước|mất tích|"
    r"bắt|phạt|đuổi|tát|đâm|dọa)\b",
    r"\b(?:tôi|mình|em|e|tui) (?:vừa|mới|đã|có) (?:thấy|chứng kiến|quay được|chụp được|phát hiện)",
    r"\b(?:giúp em share|cả nhà share|nhờ mọi người chia sẻ|ai thấy báo)",
    r"\bphản ánh\b[^?\n]{0,60}?\b(?:trường|lớp|cô|thầy|nhà trường)\b",
)


def _compile(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    joined = "|".join(patterns)
    return re.compile(joined), re.compile(strip_marks(joined))


_RULES = tuple((stance, *_compile(patterns)) for stance, patterns in _SOURCES)
_REPORT, _REPORT_PLAIN = _compile(_REPORTED)
_NOT_PLAIN = re.compile(strip_marks(_NOT.pattern))


def judge_stance(title: str | None, text: str | None, kind: str) -> Stance:
    """Return what a mention does with its claim; ``kind`` is ``news`` or ``comment``.

    The title decides before the text. A comment stays a comment unless it tells of an event as
    its own news, or quotes an office that denies, corrects or concludes.
    """
    comment = kind == "comment"
    for part in (title, text):
        if not part:
            continue
        found = _official(part[:_LEAD], comment)
        if found is not None:
            return found
    if not comment:
        return Stance.REPORT
    body = lower((text or title or "")[:_LEAD])
    report = _REPORT if is_marked(body) else _REPORT_PLAIN
    return Stance.REPORT if report.search(body) else Stance.COMMENT


def _official(part: str, comment: bool) -> Stance | None:
    low = lower(part)
    marked = is_marked(low)
    if not marked:
        low = plain(low)
    for stance, with_marks, without in _RULES:
        for match in (with_marks if marked else without).finditer(low):
            before = low[max(0, match.start() - 40) : match.start()]
            if (_NOT if marked else _NOT_PLAIN).search(before) or _doubted(low, match.end()):
                continue
            if comment and not _quotes_office(low, match.start(), match.end(), marked):
                continue
            return stance
    return None


def _doubted(low: str, end: int) -> bool:
    """Say whether the sentence goes on as a question ("xác nhận chưa?", "bác bỏ à?")."""
    tail = low[end : end + 30]
    stop = next((char for char in tail if char in ".!?\n"), "")
    return stop == "?"


_OFFICE_ONLY = re.compile(
    r"\b(?:công an|ubnd|chính quyền|nhà trường|hiệu trưởng|ban giám hiệu|bgh|sở|phòng gd|bộ gd|"
    r"cơ quan chức năng|chủ tịch|thanh tra|bệnh viện|xã|trường)\b"
)
_OFFICE_PLAIN = re.compile(strip_marks(_OFFICE_ONLY.pattern))


def _quotes_office(low: str, start: int, end: int, marked: bool) -> bool:
    window = low[max(0, start - 60) : end]
    return (_OFFICE_ONLY if marked else _OFFICE_PLAIN).search(window) is not None
