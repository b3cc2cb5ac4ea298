"""Who says it, where and when: the frame around a fact, each part with its place in the text.

Speakers are offices and families in general ("nhà trường", "công an xã"), never persons: what is
quoted is the role alone, so that no name rides along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from langnghe.core.text import strip_marks
from nlp.fact_numbers import Words, words

_MOST = 8  # dates, and places, kept of one text
_REACH = 55  # letters between a speaker and the verb of saying
_SAYS = (
    r"cho biết|cho hay|cho rằng|khẳng định|thông tin|(?<!không )(?<!chưa )xác nhận|"
    r"thừa nhận|phủ nhận|(?<!không )bác bỏ|bác tin|"
    r"bác thông tin|kể|chia sẻ|trả lời|(?<!tra )(?<!nhận )(?<!theo )phản ánh|(?<!khởi )(?<!bị )tố|"
    r"tố cáo|kết luận|đính chính|cải chính|lý giải|"
    r"thông báo|công bố|chỉ ra|giải thích|lên tiếng|nhận lỗi|(?<!phải )xin lỗi|"
    r"đòi|mong|nêu|phát biểu|nói|đề nghị|"
    r"yêu cầu|báo cáo|trình bày|nhận định|cam kết|hứa|chẩn đoán|tiếp nhận|ghi nhận|làm rõ|bức xúc|"
    r"tường trình|đăng tải|trần tình|nhận trách nhiệm|phân trần|trấn an"
)
_AREA = r"xã|phường|huyện|quận|thị xã|thị trấn|tỉnh|thành phố|tp|địa phương"
_ROLES: tuple[tuple[str, str], ...] = (
    (
        "school",
        r"phó hiệu trưởng|hiệu trưởng|hiệu phó|nhà trường|ban giám hiệu|hội đồng trường|"
        r"(?:lãnh đạo|đại diện|phía|chủ|quản lý) (?:nhà )?(?:trường|nhóm trẻ|cơ sở mầm non)|"
        r"cô giáo|thầy giáo|giáo viên(?: chủ nhiệm)?|cô chủ nhiệm|trường(?= (?:mầm non|tiểu học|"
        r"trung học|thcs|thpt|đại học|cao đẳng|phổ thông|mẫu giáo|quốc tế|nói|cho|xác|thừa|phủ|"
        r"bác|khẳng|thông báo|trả lời))",
    ),
    (
        "family",
        r"phụ huynh|gia đình(?! nạn nhân được)|người nhà|(?:cha|mẹ|bố|ba|má|ông nội|bà nội|"
        r"ông ngoại|bà ngoại|chị gái|anh trai)(?= (?:của )?(?:em|cháu|bé|nữ sinh|nam sinh|"
        r"học sinh|nạn nhân|con))",
    ),
    (
        "commune",
        rf"(?:chủ tịch |phó chủ tịch |lãnh đạo |đại diện )?(?:ubnd|ủy ban nhân dân)(?: {_AREA})?|"
        rf"(?:chủ tịch|phó chủ tịch|lãnh đạo|bí thư) (?:{_AREA})|chính quyền(?: {_AREA})?",
    ),
    ("police", rf"công an(?: {_AREA})?|cảnh sát|cơ quan (?:cảnh sát )?điều tra|csđt|viện kiểm sát"),
    (
        "hospital",
        r"bác sĩ|bệnh viện|trung tâm y tế|trạm y tế|cdc|trung tâm kiểm soát bệnh tật",
    ),
    (
        "department",
        r"(?:giám đốc |phó giám đốc |lãnh đạo |đại diện |trưởng |phó )?(?:sở|phòng|bộ) (?:gd|"
        r"giáo dục|y tế|văn hóa|lao động)|(?:đoàn )?thanh tra(?: sở| tỉnh| huyện| bộ)?|"
        r"bộ trưởng|thứ trưởng",
    ),
)
_ROLE = "|".join(rf"(?P<{name}>{alternatives})" for name, alternatives in _ROLES)
# "sở" alone is too short to be read without marks, where it is also số, sợ, so.
_BARE_OFFICE = r"(?<!cơ )(?<!trụ )(?<!hội )sở"
ROLE = Words(
    re.compile(rf"(?<!\w)(?:{_ROLE}|{_BARE_OFFICE})(?!\w)"),
    re.compile(strip_marks(rf"(?<!\w)(?:{_ROLE})(?!\w)")),
)
_VERB = words(rf"(?<!\w)(?:{_SAYS})(?!\w)")
_ACCORDING = words(
    r"(?<!\w)(?:theo|kết luận của|thông tin từ|thông báo của|báo cáo của|nguồn tin từ) $"
)
_QUOTED = re.compile(r"^(?: [^\s.!?]+){0,4}: ?[\"“'‘]")
_OBJECT = words(
    r"(?<!\w)(?:báo|trình báo|báo cáo|gửi|đến|tới|với|cho|tại|trong|vào|của|do|gặp|bị|về|nhờ|"
    r"cùng|và|trước|đưa|chuyển|trực tiếp|thuộc|trên|gọi|tố|phản ánh|mời|thăm) $"
)

_PART = r"(?:rạng sáng|sáng sớm|sáng|trưa|chiều tối|chiều|tối|đêm|khuya)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_COUNTED = (
    r"(?! (?:số|học sinh|em|điểm|người|trẻ|phụ huynh|trường|lớp|thí sinh|cháu|giáo viên|nữ|nam|"
    r"tổng|chặng|ca|xã|môn))"
)
_DATE = words(
    # No date begins within a word: said once here, it saves trying every form at every letter.
    r"(?<!\w)(?:"
    # chiều 12/9, ngày 3-4-2025, từ 14-10, ngày 5 tháng 9 năm 2025
    rf"(?<![\w/.,-])(?:(?:{_PART}|từ|đến|trước|sau|vào|hôm)(?: (?:ngày|mùng|hôm))? |(?:ngày|mùng) )"
    rf"{_DAY}(?:[/.-]{_MONTH}|(?: tháng {_MONTH}))"
    rf"(?:[/.-]{_YEAR}| năm {_YEAR})?(?![\w/]|[.,-]\d)"
    # ngày 26 và 27/6
    rf"|(?<!\w)(?:{_PART} )?ngày {_DAY}(?:,| và| đến|-) ?{_DAY}[/-]{_MONTH}"
    rf"(?:[/-]{_YEAR})?(?![\w/])"
    # 12/9 alone, unless it counts ("9/10 học sinh")
    rf"|(?<![\w/.,-]){_DAY}/{_MONTH}(?:/{_YEAR})?(?![\w/%]|[.,-]\d){_COUNTED}"
    # told from today
    rf"|(?<!\w)(?:{_PART}|hôm) (?:nay|qua|kia)(?!\w)|(?<!\w)hôm trước(?!\w)"
    r"|(?<!\w)(?<!\d )(?<!hai )(?<!ba )(?<!vài )(?<!nhiều )(?<!mấy )(?<!những )"
    r"(?:tuần|tháng|năm) (?:trước|ngoái)(?!\w)"
    # a month or a year
    rf"|(?<!\w)(?:tháng {_MONTH}(?:/| năm ){_YEAR}|năm {_YEAR})(?![\w/-])"
    r")"
)
_LED_IN = words(r"^(?:từ|đến|trước|sau|vào) (?=\d|ngày|hôm)")
_NO_DATE = words(r"(?<!\w)(?:lớp|số|phòng|điểm|tỷ số|tỉ số|đề|câu|tổ|khối|hẻm|đường|quốc lộ|lệ) $")

_CAPITAL = "".join(c for c in map(chr, range(0x41, 0x1EFA)) if c.isupper() and c.isalpha())
_NAME = rf"[{_CAPITAL}]\w*"
_TYPES = (
    r"[Xx]ã|[Pp]hường|[Tt]hị trấn|[Tt]hị xã|[Hh]uyện|[Qq]uận|[Tt]ỉnh|[Tt]hành phố|TP\.?(?! )|"
    r"TP(?= )|thôn|bản|ấp|xóm|buôn|làng|[Đđ]ặc khu|khu phố|tổ dân phố|"
    r"(?<=[.,] )(?:Thôn|Bản|Ấp|Xóm|Làng)"
)
_PLACE = re.compile(rf"(?<!\w)(?:{_TYPES}) ?(?:{_NAME}(?: {_NAME}){{0,3}}|\d{{1,2}}(?![\w/]))")
_PLACE_PLAIN = re.compile(
    rf"(?<!\w)(?:[Xx]a|[Pp]huong|[Tt]hi tran|[Tt]hi xa|[Hh]uyen|[Qq]uan|[Tt]inh|"
    rf"[Tt]hanh pho|TP\.?|thon) ?{_NAME}(?: {_NAME}){{0,3}}"
)


def speakers(low: str, marked: bool) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of each role that says something, the first of its kind only."""
    matches = list(ROLE.of(marked).finditer(low))
    if not matches:
        return
    verbs = [match.start() for match in _VERB.of(marked).finditer(low)]
    seen: set[str] = set()
    at = 0
    for number, match in enumerate(matches):
        role = match.lastgroup or "department"
        if role in seen:
            continue
        before = low[max(0, match.start() - 20) : match.start()]
        if _UNHEARD.of(marked).search(before):
            continue
        said = bool(
            _ACCORDING.of(marked).search(before)
            or _QUOTED.match(low[match.end() : match.end() + 40])
        )
        if not said:
            while at < len(verbs) and verbs[at] < match.end():
                at += 1
            following = matches[number + 1].start() if number + 1 < len(matches) else len(low)
            said = (
                at < len(verbs)
                and verbs[at] - match.end() <= _REACH
                and (verbs[at] <= following or matches[number + 1].lastgroup == role)
                and not _ENDS.search(low, match.end(), verbs[at])
                and not _is_silent(low, match.end(), verbs[at], marked)
                and _OBJECT.of(marked).search(before) is None
            )
        if said:
            seen.add(role)
            yield f"speaker_{role}", match.start(), match.end()


# "nhà trường chưa lên tiếng", "chưa có phản hồi về thông tin": silence is no word of theirs. To
# deny ("không thừa nhận") is one.
_SILENT = words(
    r"(?<!\w)(?:(?:chưa|không|chẳng|chả|ko|từ chối|né tránh|tránh)(?: (?:hề|có|thể|kịp|muốn|chịu|"
    r"dám|được|ai|ra|đưa ra|đưa|cung cấp|bất kỳ|bất kì|bất cứ|một|câu|lời|văn bản|chính thức|"
    r"công khai|động thái|việc|thêm|sự|thông tin|ý kiến)){0,4} "
    r"(?:lên tiếng|phản hồi|trả lời|hồi âm|hồi đáp|phát ngôn|phát biểu|bình luận|giải thích|"
    r"thông tin|thông báo|công bố|xác nhận|nói|nêu|kết luận|báo cáo|cho biết|làm rõ|xin lỗi|"
    r"giải trình|lý giải)|im lặng|im hơi lặng tiếng)(?!\w)"
)
_UNHEARD = words(
    r"(?<!\w)(?:chưa|không|chẳng|chả|ko|chua)(?: hề)? (?:thấy|nghe|nghe thấy|nghe nói|được nghe) $"
)
_ENDS = re.compile(r"[.!?;\n](?=\s|$)")


def _is_silent(low: str, start: int, verb: int, marked: bool) -> bool:
    """Tell whether what stands from a role to its verb says that it said nothing."""
    found = _SILENT.of(marked).search(low, start, verb + _REACH)
    return found is not None and found.start() < verb


def dates(low: str, marked: bool) -> Iterator[tuple[int, int]]:
    """Yield the places of dates and days told in lower-case text."""
    for match in islice(_DATE.of(marked).finditer(low), _MOST):
        if _NO_DATE.of(marked).search(low[max(0, match.start() - 10) : match.start()]):
            continue
        lead = _LED_IN.of(marked).match(match[0])
        yield match.start() + (lead.end() if lead else 0), match.end()


def places(text: str, marked: bool) -> Iterator[tuple[int, int]]:
    """Yield where places stand that are named with their kind (xã, phường, tỉnh …)."""
    pattern = _PLACE if marked else _PLACE_PLAIN
    for match in islice(pattern.finditer(text), _MOST):
        yield match.start(), match.end()
