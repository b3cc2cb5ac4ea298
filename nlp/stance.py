"""What a text does with the claim it carries: report, confirm, deny, correct, conclude or comment.

A story whose third article is the commune's denial must not climb like one whose third article is
another witness. Only an office or the school can confirm or deny; an angry parent's "không đúng"
is an opinion. A text that confirms harm and denies a part of the rumour confirms: being calmed by
half a denial would be the dearer mistake.
"""

from __future__ import annotations

import re

from langnghe.core.text import strip_marks
from langnghe.core.types import Stance
from nlp.normalise import readable
from nlp.plain import is_marked, lower, plain

_LEAD = 800  # letters of the body read: the news stands first, the background after it

_OFFICE = (
    r"(?:công an|cảnh sát|cơ quan|chính quyền|ubnd|ủy ban|chủ tịch|phó chủ tịch|nhà trường|"
    r"hiệu trưởng|hiệu phó|ban giám hiệu|lãnh đạo|đại diện|sở|phòng gd|phòng giáo dục|bộ gd|"
    r"bộ giáo dục|bệnh viện|trạm y tế|trung tâm y tế|bác sĩ|xã|phường|huyện|tỉnh|trường|"
    r"giám đốc|trưởng phòng|bộ công an|thanh tra|cdc|ông|bà)"
)
_SAYS = (
    r"(?:khẳng định|cho biết|cho hay|nói|xác nhận|thông tin|thông báo|lên tiếng|trả lời|"
    r"giải thích|báo cáo|trấn an|: ?[\"“'‘])"
)
_PERSON = r"(?:học sinh|em nào|em học|ca nào|ca|trường hợp|bệnh nhân|trẻ|cháu|ai|giáo viên|cô giáo)"
_NOTHING = (
    r"(?:không có (?:việc|chuyện|vụ|tình trạng|cơ sở|sự việc|gì|" + _PERSON + r"(?= ))|"
    r"không (?:xảy ra|hề|tiếp nhận|ghi nhận|phát hiện|ép|phải (?:là |ở |tại |của )?(?:trường|"
    r"địa phương|trên địa bàn))|là tin giả|sai sự thật|không đúng|không chính xác|bịa đặt|"
    # "chưa ghi nhận thương tích": how bad it is, not whether it happened
    r"chưa (?:ghi nhận|tiếp nhận|phát hiện)(?! (?:\w+ ){0,3}?(?:thương tích|thương vong|thiệt hại|"
    r"bị thương|vết thương|chấn thương|tử vong|trở nặng|chuyển nặng|nguy kịch|biến chứng)))"
)
_SOURCES: tuple[tuple[Stance, tuple[str, ...]], ...] = (
    (Stance.CORRECT, (r"đính chính", r"cải chính")),
    (
        Stance.CONCLUDE,
        (
            r"(?:công bố|có|thông báo|ra|ban hành|theo|đưa ra|nêu) (?:bản )?kết luận",
            r"kết luận (?:của|thanh tra|điều tra|kiểm tra|nội dung|vụ|sự việc|xác minh|nguyên nhân|"
            r"giám định|ban đầu|cuối cùng|số|hiệu trưởng|cô|thầy|rằng|việc|tố cáo|không|đơn|có|"
            r"trường|nhà trường|là|vi phạm)",
            r"kết quả (?:xác minh|điều tra|xét nghiệm|kiểm nghiệm|giám định|kiểm tra|"
            r"thanh tra) (?:cho thấy|"
            r"vụ|ban đầu|mẫu|cho biết|của|xác định|khẳng định)",
            r"(?:đoàn|tổ|hội đồng|công an|viện kiểm sát|thanh tra|sở|phòng gd|phòng giáo dục|ubnd|"
            r"cơ quan)[^.!?\n]{0,60}? kết luận(?! (?:vội|sớm))",
            r"kết luận[:,]",
        ),
    ),
    (
        Stance.DENY,
        (
            r"bác (?:bỏ )?(?:thông )?tin",
            r"(?:bác bỏ|phủ nhận)(?! (?:đơn|kháng cáo|đề xuất|đề nghị|yêu cầu|ý kiến|giải thích|"
            r"kiến nghị|công lao|vai trò|giá trị))",
            r"(?:tin|thông tin|nội dung|clip|bài đăng|hình ảnh|video)[^.!?\n]{0,90} (?:là |"
            r"hoàn toàn )(?:là |hoàn toàn |clip )?(?:sai|không đúng|không chính xác|bịa đặt|giả|"
            r"không có thật|thất thiệt|không có cơ sở|cũ|dàn dựng|cắt ghép)(?!\w)",
            r"(?:clip|video|hình ảnh)[^.!?\n]{0,60} (?:quay|chụp|xảy ra) ở (?:nơi khác|nước ngoài|"
            r"địa phương khác)",
            rf"{_OFFICE}[^.!?\n]{{0,80}} ?{_SAYS}[^.!?\n]{{0,60}}?{_NOTHING}",
            r"làm rõ (?:tin đồn|thông tin sai)",
            r"(?:tin|tin đồn|thông tin) (?:sai sự thật|thất thiệt|bịa đặt)",
            r"chưa (?:có|ghi nhận)[^.!?\n]{0,50} (?:như tin đồn|như mạng xã hội|như lan truyền)",
            r"chưa (?:có|đủ) (?:cơ sở|căn cứ) (?:để )?(?:khẳng định|kết luận|xác định|nói)",
            r"^(?:không có (?:chuyện|việc)|không hề có)",
        ),
    ),
    (
        Stance.CONFIRM,
        (
            rf"{_OFFICE}[^.!?\n]{{0,90}} (?:xác nhận(?! nhập học| trúng| học| thông tin cá)|"
            r"thừa nhận)",
            r"(?:xác nhận|thừa nhận) (?:có |với |vụ|sự việc|việc|thông tin|đã|là |rằng|trên|trong|"
            r"chậm|sai|thiếu)",
            r"(?:đúng là có|thông tin (?:trên|này)? ?là đúng|là có thật|có sự việc)",
            rf"{_OFFICE}[^.!?\n]{{0,60}} (?:(?:gửi lời )?xin lỗi|nhận trách nhiệm|nhận lỗi|"
            r"nhận sai)",
        ),
    ),
)
# Words without which a rule cannot match: one way is enough, and of each of its groups one word.
# Looking for them costs a tenth of trying the rule, and most texts hold none.
_Ways = tuple[tuple[tuple[str, ...], ...], ...]
_NEEDED: dict[Stance, _Ways] = {
    Stance.CORRECT: ((("đính chính", "cải chính"),),),
    Stance.CONCLUDE: ((("kết luận", "kết quả"),),),
    Stance.DENY: (
        (
            ("bác ", "phủ nhận", "làm rõ ", "sai sự thật", "thất thiệt", "bịa đặt", "chưa có",
             "chưa đủ", "chưa ghi nhận", "không có chuyện", "không có việc", "không hề có"),
        ),
        (
            ("tin", "nội dung", "clip", "bài đăng", "hình ảnh", "video"),
            (" là ", " hoàn toàn "),
            ("sai", "không đúng", "không chính xác", "không có", "giả", "cũ", "dàn dựng",
             "cắt ghép"),
        ),
        (("clip", "video", "hình ảnh"), ("nơi khác", "nước ngoài", "địa phương khác")),
        (
            ("không có", "không xảy ra", "không hề", "không tiếp nhận", "không ghi nhận",
             "không phát hiện", "không ép", "không phải ", "là tin giả", "không đúng",
             "không chính xác", "chưa tiếp nhận", "chưa phát hiện"),
            ("khẳng định", "cho biết", "cho hay", "nói", "xác nhận", "thông tin", "thông báo",
             "lên tiếng", "trả lời", "giải thích", "báo cáo", "trấn an", ":"),
        ),
    ),
    Stance.CONFIRM: (
        (("xác nhận", "thừa nhận", "đúng là có", "là đúng", "là có thật", "có sự việc", "xin lỗi",
          "nhận trách nhiệm", "nhận lỗi", "nhận sai"),),
    ),
}  # fmt: skip
# What stands right before and turns a match into something else.
_NOT = re.compile(
    r"(?:chưa|chờ|đợi|sớm|sẽ|đang chờ|trước khi|yêu cầu|đề nghị|mong|cần|phòng|chống|cảnh giác|"
    r"nhận diện|nhận biết|nếu)(?: \w+){0,3} $|(?:giấy|phiếu|đơn|mã|bản|thư|không|chẳng|khỏi) $"
    r"|(?:không|đừng|hành vi|tội) (?:chia sẻ|đăng|đăng tải|tung|lan truyền|phát tán)(?: \w+){0,2} $"
)
# The same inside of a match: "nhà trường chưa xác nhận", "hiệu trưởng không phủ nhận".
_TURNED = re.compile(
    r"(?:chưa|không|chẳng|phải|được|bị|buộc|đòi|bắt|chờ|yêu cầu|đề nghị|mong|sớm)(?: \w+){0,2} "
    r"(?:xác nhận|thừa nhận|xin lỗi|gửi lời xin lỗi|nhận lỗi|nhận trách nhiệm|nhận sai|kết luận)$"
)
_FAMILY = re.compile(
    r"(?:phụ huynh|gia đình|người nhà|cha mẹ|bố mẹ|mẹ|bố|luật sư|bị cáo|bị can|nghi phạm)"
    r"[^.!?,\n]{0,40}$"
)
_OWN = re.compile(r"(?:mình|tôi|em|chúng tôi|bên em|tui|page|ad)(?: xin| cũng)? $")
_TOLD = (
    r"(?:bị |nghỉ học|đi viện|nhập viện|cấp cứu|ngộ độc|bỏ quên|thu |bắt |đánh|sốt|đau bụng|"
    r"vừa có|mất|ngất|té|ngã|khóc)"
)
_REPORTED = (
    r"\b(?:con|cháu|bé) (?:gái |trai )?(?:tôi|mình|em|nhà tôi|nhà mình|nhà em|tui|nhà tui) "
    rf"[^?\n]{{0,60}}?{_TOLD}",
    r"\b(?:trường|lớp|cả lớp) (?:của )?(?:con |cháu |bé )?(?:tôi|mình|em|nhà|tui)\b"
    rf"[^?\n]{{0,60}}?{_TOLD}",
    r"\b(?:sáng nay|hôm nay|hôm qua|tối qua|chiều nay|trưa nay|vừa xong|mới đây|vừa|nay)\b"
    r"[^?\n]{0,80}?\b(?:bị|đánh|thu|nhập viện|cấp cứu|ngã|sập|cháy|ngộ độc|đuối nước|mất tích|"
    r"bắt|phạt|đuổi|tát|đâm|dọa)\b",
    r"\b(?:tôi|mình|em|tui) (?:vừa|mới|đã|có) (?:thấy|chứng kiến|quay được|chụp được|phát hiện)",
    r"\b(?:giúp em share|cả nhà share|nhờ mọi người chia sẻ|ai thấy báo)",
    r"\bphản ánh\b[^?\n]{0,60}?\b(?:trường|lớp|cô|thầy|nhà trường)\b",
    r"\b(?:trường|lớp)\b[^?\n]{0,30}?\b(?:thu|bắt đóng|bắt nộp)\b[^?\n]{0,20}?\d",
    r"\b(?:đóng|nộp|thu) (?:tiền )?(?:học phí|quỹ)\b[^?\n]{0,20}?\d",
)


def _compile(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    joined = "|".join(patterns)
    return re.compile(joined), re.compile(strip_marks(joined))


def _unmarked(ways: _Ways) -> _Ways:
    return tuple(tuple(tuple(map(strip_marks, group)) for group in way) for way in ways)


_RULES = tuple(
    (stance, *_compile(patterns), _NEEDED[stance], _unmarked(_NEEDED[stance]))
    for stance, patterns in _SOURCES
)
_REPORT, _REPORT_PLAIN = _compile(_REPORTED)
_NOT_PLAIN, _TURNED_PLAIN, _FAMILY_PLAIN, _OWN_PLAIN = (
    re.compile(strip_marks(rule.pattern)) for rule in (_NOT, _TURNED, _FAMILY, _OWN)
)


def judge_stance(title: str | None, text: str | None, kind: str) -> Stance:
    """Return what a mention does with its claim; ``kind`` is ``news`` or ``comment``.

    The title decides before the text. A comment stays a comment unless it tells of an event as
    its own news, or quotes an office that denies, corrects or concludes.
    """
    comment = kind == "comment"
    low, marked = "", False
    for part in (title, text):
        if not part:
            continue
        low, marked = _read(part)
        found = _official(low, marked, comment)
        if found is not None:
            return found
    if not comment:
        return Stance.REPORT
    return Stance.REPORT if (_REPORT if marked else _REPORT_PLAIN).search(low) else Stance.COMMENT


def _read(part: str) -> tuple[str, bool]:
    """Return the lead written out in lower case, without marks if it was typed so."""
    part = part[:_LEAD]
    low = lower(readable(part).text)
    return (low, True) if is_marked(part) else (plain(low), False)


def _official(low: str, marked: bool, comment: bool) -> Stance | None:
    found: dict[Stance, re.Match[str]] = {}
    for stance, with_marks, without, needed, needed_plain in _RULES:
        if not _may_match(low, needed if marked else needed_plain):
            continue
        for match in (with_marks if marked else without).finditer(low):
            if _meant(stance, match, low, marked, comment):
                found[stance] = match
                break
    if Stance.DENY in found and Stance.CONFIRM in found:
        confirm, deny = found[Stance.CONFIRM], found[Stance.DENY]
        if confirm.end() <= deny.start() and re.search(r"[.;,]", low[confirm.end() : deny.start()]):
            del found[Stance.DENY]
    return next((stance for stance, *_ in _RULES if stance in found), None)


def _may_match(low: str, ways: _Ways) -> bool:
    for way in ways:
        for group in way:
            for word in group:
                if word in low:
                    break
            else:
                break
        else:
            return True
    return False


def _meant(stance: Stance, match: re.Match[str], low: str, marked: bool, comment: bool) -> bool:
    """Say whether a match stands for its stance: not negated, asked, wished for or another's."""
    start, end = match.span()
    before = low[max(0, start - 60) : start]
    if (_NOT if marked else _NOT_PLAIN).search(before[-40:]) or _doubted(low, end):
        return False
    if stance in (Stance.CONFIRM, Stance.CONCLUDE) and (
        _TURNED if marked else _TURNED_PLAIN
    ).search(match[0]):
        return False
    if stance is Stance.DENY and (_FAMILY if marked else _FAMILY_PLAIN).search(before):
        return False
    if not comment:
        return True
    if stance is Stance.CORRECT and (_OWN if marked else _OWN_PLAIN).search(before):
        return True
    return _quotes_office(low, start, end, marked)


def _doubted(low: str, end: int) -> bool:
    """Say whether the sentence goes on as a question ("xác nhận chưa?", "bác bỏ à?")."""
    tail = low[end : end + 30]
    stop = next((char for char in tail if char in ".!?\n"), "")
    return stop == "?"


_OFFICE_ONLY = re.compile(
    r"\b(?:công an|ubnd|ủy ban|chính quyền|nhà trường|hiệu trưởng|ban giám hiệu|phòng gd|bộ gd|"
    r"phòng giáo dục|sở|cơ quan chức năng|chủ tịch|thanh tra|bệnh viện|xã|trường)\b"
)
_OFFICE_PLAIN = re.compile(strip_marks(_OFFICE_ONLY.pattern))


def _quotes_office(low: str, start: int, end: int, marked: bool) -> bool:
    window = low[max(0, start - 60) : end + 12]
    return (_OFFICE_ONLY if marked else _OFFICE_PLAIN).search(window) is not None
