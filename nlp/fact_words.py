"""The words behind ``nlp.facts``: triggers, counts, persons, and what takes a statement back.

Written with marks; the form without marks is derived, except for words that become something else
("tự tử" would turn into "từ từ"), which are read only where marks are there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from langnghe.core.text import strip_marks

PEOPLE_KINDS = frozenset(
    {"dead", "injured", "hospitalised", "absent", "missing", "suicide", "sexual_abuse"}
)


@dataclass(frozen=True, slots=True)
class Words:
    """One search in two spellings: with marks, and for texts written without."""

    marked: re.Pattern[str]
    plain: re.Pattern[str]

    def of(self, marked: bool) -> re.Pattern[str]:
        """Return the pattern for a text with or without marks."""
        return self.marked if marked else self.plain


def words(pattern: str, *, only_marked: str = "") -> Words:
    """Compile a pattern and its unmarked twin; ``only_marked`` alternatives have no twin."""
    full = f"{pattern}|{only_marked}" if only_marked else pattern
    return Words(re.compile(full), re.compile(strip_marks(pattern)))


# kind -> (alternatives safe without marks, alternatives that need their marks)
_TRIGGERS: dict[str, tuple[str, str]] = {
    "suicide": (
        r"tự sát|nhảy lầu|treo cổ|uống thuốc trừ sâu|uống thuốc diệt cỏ|lá thư tuyệt mệnh|"
        r"thư tuyệt mệnh|quyên sinh",
        r"tự tử|tự vẫn|nhảy cầu|nhảy xuống sông",
    ),
    "sexual_abuse": (
        r"dâm ô|xâm hại tình dục|hiếp dâm|cưỡng hiếp|xâm hại|quấy rối tình dục|sàm sỡ|"
        r"lạm dụng tình dục|"
        r"giao cấu|sờ soạng",
        "",
    ),
    "data_leak": (
        r"(?:lộ|rò rỉ|phát tán|rao bán|bán|mua bán|đánh cắp|lọt)(?: \w+){0,3} "
        r"(?:dữ liệu|thông tin cá nhân|danh sách|hồ sơ|thông tin)(?: \w+){0,3} "
        r"(?:học sinh|phụ huynh|trẻ|thí sinh|sinh viên|hs)|lộ lọt (?:dữ liệu|thông tin)|"
        r"(?:dữ liệu|thông tin cá nhân)(?: \w+){0,5} bị (?:lộ|rò rỉ|phát tán|rao bán|đánh cắp)",
        "",
    ),
    "petition": (
        r"đơn (?:thư )?tập thể|(?:cùng|đồng loạt|tập thể)(?: \w+){0,4} ký đơn|đơn kiến nghị|"
        r"đơn (?:kêu cứu|tố cáo|khiếu nại|phản ánh)|(?:gửi|làm|viết|ký|nộp) đơn(?: \w+){0,3} "
        r"(?:kiến nghị|tố cáo|khiếu nại|kêu cứu|phản ánh)|căng băng rôn|tập trung phản đối",
        "",
    ),
    "clip": (
        r"(?:clip|video|đoạn phim|hình ảnh|livestream)[^.!?\n]{0,70}? (?:lan truyền|xôn xao|"
        r"gây sốt|"
        r"phát tán|trên mạng|trên facebook|trên tiktok|trên zalo|gây phẫn nộ|gây bức xúc|dậy sóng|"
        r"viral|chia sẻ chóng mặt|lên mạng)|(?:lan truyền|xuất hiện|phát tán|xôn xao|rò rỉ|tung|"
        r"đăng)"
        r"(?: \w+){0,4} (?:clip|video)",
        "",
    ),
    "police": (
        r"(?:công an|cảnh sát|cơ quan điều tra|csđt|cqđt)[^.!?\n]{0,70}? (?:vào cuộc|điều tra|"
        r"xác minh|"
        r"làm rõ|triệu tập|mời(?: \w+){0,3} làm việc|lấy lời khai|khám nghiệm|thụ lý|tiếp nhận|"
        r"có mặt|tới đông|đến trường|tới trường|phong tỏa)|"
        r"(?:trình báo|báo|tố giác)(?: \w+){0,3} công an|nhờ công an",
        "",
    ),
    "arrested": (
        r"bắt giữ|bị bắt(?! (?:cóc|ép|quỳ|nạt|phải|đi|học|làm|chịu|nộp|đóng|viết|đứng|ăn))|"
        r"bắt tạm giam|tạm giam|tạm giữ|khởi tố|bắt khẩn cấp|bắt giam|truy nã|"
        r"lệnh bắt|bắt quả tang|bắt (?:nghi phạm|đối tượng|nam sinh|nữ sinh|thầy giáo|cô giáo|"
        r"hiệu trưởng|bảo mẫu)",
        "",
    ),
    "suspended": (
        r"đình chỉ(?! thai)|tạm đình chỉ|tạm dừng (?:công tác|đứng lớp|giảng dạy)|cho thôi việc|"
        r"buộc thôi việc|cách chức|buộc thôi học|đuổi học|kỷ luật (?:cảnh cáo|khiển trách|buộc|"
        r"hiệu trưởng|giáo viên|thầy|cô)|cho thôi chức|dừng đứng lớp",
        "",
    ),
    "weapon": (
        r"hung khí|mã tấu|dao (?:phóng lợn|rựa|bấm|găm|nhọn|lê|tự chế|thái lan)|"
        r"(?:dùng|cầm|mang|rút|vung|lấy|giấu|vác) (?:\w+ )?(?:dao|kiếm|tuýp sắt|gậy sắt|súng|"
        r"mã tấu|"
        r"gậy bóng chày|lưỡi lam|kéo đâm)|(?:bị|bằng) (?:\w+ )?(?:đâm|chém|dao)|vác dao|"
        r"súng tự chế|"
        r"bom xăng|côn nhị khúc|gậy ba khúc|dao đâm",
        "",
    ),
    "dead": (
        r"tử vong|thiệt mạng|tử nạn|không qua khỏi|chết đuối|qua đời|mất mạng|đã chết|bị chết|"
        r"làm chết|"
        r"chết (?:ngạt|cháy|thương tâm|bất thường|tại chỗ)|cướp đi (?:sinh mạng|mạng sống)|"
        r"(?:học sinh|hs|em|cháu|bé|nữ sinh|nam sinh|người|trẻ|sinh viên)(?: \w+){0,2} chết|"
        r"tìm thấy thi thể|thi thể|đuối nước tử vong",
        r"sát hại",
    ),
    "hospitalised": (
        r"nhập viện|cấp cứu|đi viện|vào viện|nằm viện|đưa (?:\w+ ){0,3}(?:đến|tới|vào|"
        r"đi) (?:bệnh )?viện|"
        r"đến bệnh viện|chuyển viện|điều trị tại (?:bệnh viện|trung tâm y tế|trạm y tế)|"
        r"đến trạm y tế|tới trạm y tế|theo dõi tại bệnh viện|đưa (?:đến|tới) (?:cơ sở|"
        r"trung tâm) y tế",
        "",
    ),
    "injured": (
        r"bị thương|thương tích|chấn thương|trọng thương|gãy (?:tay|chân|xương|cổ|răng|mũi)|"
        r"bị bỏng|"
        r"rách da|khâu \d+ mũi|chảy máu|bầm tím|đa chấn thương|hôn mê|bất tỉnh|"
        r"bị đánh (?:nhập viện|ngất|hội đồng)",
        r"ngất xỉu",
    ),
    "absent": (
        r"nghỉ học|không (?:đến|tới) (?:trường|lớp)|bỏ học|cho con nghỉ|vắng học|không cho con "
        r"(?:đến|tới|đi|ăn)|(?:không|chưa) ra lớp",
        "",
    ),
    "missing": (
        r"mất tích|mất liên lạc|bị lạc|đi lạc|bỏ nhà đi|bị cuốn trôi|lũ cuốn|nước cuốn|"
        r"chưa tìm thấy",
        "",
    ),
}  # fmt: skip


def _named(group: str, alternatives: str) -> str:
    return rf"(?P<{group}>(?:{alternatives})(?!\w))"


TRIGGERS = Words(
    re.compile(
        r"(?<!\w)(?:"
        + "|".join(_named(k, f"{a}|{b}" if b else a) for k, (a, b) in _TRIGGERS.items())
        + ")"
    ),
    re.compile(
        r"(?<!\w)(?:" + "|".join(_named(k, strip_marks(a)) for k, (a, _) in _TRIGGERS.items()) + ")"
    ),
)

_CHILD = (
    r"học sinh|em học sinh|hs|nữ sinh|nam sinh|sinh viên|trẻ em|trẻ mầm non|trẻ|cháu bé|cháu|"
    r"bé gái|"
    r"bé trai|bé|em nhỏ|em|thiếu niên|thiếu nữ|học trò|con|bạn|thí sinh|học viên|nạn nhân"
)
_ADULT = (
    r"giáo viên|gv|cô giáo|thầy giáo|thầy|phụ huynh|ph|bảo vệ|công nhân|tài xế|cán bộ|nhân viên|"
    r"người lớn|hiệu trưởng|hiệu phó|giảng viên|bảo mẫu|chiến sĩ|đối tượng|nghi phạm|"
    r"người đàn ông|người phụ nữ|cụ ông|cụ bà|cụ|công an|bác sĩ|nghệ sĩ|ca sĩ|diễn viên|cầu thủ|"
    r"cựu|vợ chồng|thợ|lái xe|shipper|quân nhân|bộ đội|giáo sư|nhà văn|nhà thơ|tiến sĩ|đoàn viên"
)
_OTHER_THING = (
    r"con (?:lợn|heo|bò|trâu|gà|vịt|chó|mèo|dê|cá)|gia súc|gia cầm|lợn|bò|trâu|gà|vịt|hộ|nhà|xe|"
    r"trường|lớp|ngày|tháng|năm|giờ|phút|tuổi|lần|vụ|xã|phường|tỉnh|km|m|đồng|triệu|nghìn|điểm"
)
CHILDREN = words(rf"(?<!\w)(?:{_CHILD})(?!\w)")
ADULTS = words(rf"(?<!\w)(?:{_ADULT}|ông|bà|anh|chị)(?!\w)")

_UNITS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mười": 10, "chục": 10, "mươi": 10,
}  # fmt: skip
_UNITS |= {strip_marks(word): value for word, value in _UNITS.items()}
_UNIT = "|".join(sorted((w for w in _UNITS if not w.isascii() or w in {"hai", "ba"}), key=len,
                        reverse=True))  # fmt: skip
_VAGUE = r"hàng chục|hàng trăm|hàng loạt|nhiều|một số|nhóm|vài|mấy|loạt|cả chục|hàng nghìn"
NUMBER = words(
    r"(?<!\w)(?:(?:gần|hơn|khoảng|trên|tới|ít nhất|cả|có) )?"
    rf"(?<![\w.,/-])(?:(?P<of>\d{{1,4}})/\d{{1,4}}|(?P<digits>\d{{1,3}}(?:\.\d{{3}})+|\d{{1,6}})|"
    rf"(?P<vague>{_VAGUE})|(?P<word>(?:{_UNIT})(?: (?:{_UNIT}|mươi|chục))?))"
    rf"(?: (?:\+|trên|hơn|nhóm))? (?:(?:em|cháu|bạn|nạn nhân|người|bé) (?:là )?)?"
    rf"(?:(?P<adult>{_ADULT})|(?P<thing>{_OTHER_THING})|(?P<child>{_CHILD})|(?P<people>người|ca))"
    rf"(?!\w)"
)


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A count of somebody: its value (``None`` for "hàng loạt") and whether it counts people."""

    value: float | None
    counts_people: bool
    start: int
    end: int


def read_number(match: re.Match[str]) -> NumberWord:
    """Return the count a match of ``NUMBER`` states."""
    groups = match.groupdict()
    value: float | None = None
    if groups["of"]:
        value = float(groups["of"])
    elif groups["digits"]:
        value = float(groups["digits"].replace(".", ""))
    elif groups["word"]:
        value = _spelled(groups["word"])
    people = bool(groups["child"] or groups["people"])
    return NumberWord(value, people, match.start(), match.end())


def _spelled(text: str) -> float:
    first, *rest = text.split()
    value = _UNITS[first]
    for word in rest:
        number = _UNITS[word]
        value = value * 10 if word in ("mươi", "chục", "muoi", "chuc") else value + number
    return float(value)


_SCALE = {
    "tỷ": 1e9, "tỉ": 1e9, "triệu": 1e6, "trieu": 1e6, "tr": 1e6, "củ": 1e6, "nghìn": 1e3,
    "nghin": 1e3, "ngàn": 1e3, "ngan": 1e3, "k": 1e3,
}  # fmt: skip


def amount(digits: str, scale: str, tail: str | None) -> float | None:
    """Return đồng for "1,5 triệu", "350.000 đồng", "4tr5"; ``None`` for what is no amount."""
    factor = _SCALE.get(scale, 1.0)
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits)
    number = (
        float(digits.replace(".", "").replace(",", ""))
        if grouped
        else float(digits.replace(",", "."))
    )
    if tail:
        if scale not in ("tr", "triệu", "trieu", "củ", "k", "tỷ", "tỉ"):
            return None
        number += float(tail) / 10 ** len(tail)
    value = number * factor
    return round(value) if 500 <= value <= 1e14 else None


@dataclass(frozen=True, slots=True)
class _Undone:
    before: Words
    anywhere: Words


DENIED = _Undone(
    before=words(
        r"(?<!\w)(?:không|chưa|chẳng|ko|k|không hề|chưa hề)(?:,? \w+){0,6} $"
        r"|(?<!\w)(?:không|chưa) (?:có|ghi nhận|phát hiện|xảy ra)[^,]{0,50}$"
        r"|(?<!\w)(?:suýt|may|tránh|hết|thoát)(?: \w+){0,2} $"
    ),
    anywhere=words(
        r"(?<!\w)(?:bác (?:bỏ )?(?:thông )?tin|bác bỏ|phủ nhận|tin giả|sai sự thật|bịa đặt|"
        r"tin đồn thất thiệt|không đúng sự thật|không có chuyện|không có việc|tin không đúng|"
        r"thông tin (?:trên )?là không (?:đúng|chính xác))(?!\w)"
    ),
)
TRAINED = _Undone(
    before=words(
        r"(?<!\w)(?:phòng,? (?:chống|tránh|ngừa)|phòng|chống|ngăn ngừa|ngăn chặn|ngừa|tránh|"
        r"tuyên truyền(?: về)?|cảnh báo(?: về)?|kỹ năng|nguy cơ|khả năng|hành vi|định|nếu|giả sử|"
        r"giả định|lỡ|nhỡ|sẽ|có thể(?: bị| gây| dẫn đến)?|dễ|đề phòng|trong trường hợp|khi bị|"
        r"hậu quả|sợ|lo|bảo hiểm|tội|quy định|đối với|xử lý|kịch bản|tình huống)(?: \w+){0,4},? $"
    ),
    anywhere=words(
        r"(?<!\w)(?:phòng,? chống|phòng tránh|phòng ngừa|diễn tập|tập huấn|giả định|chuyên đề|"
        r"buổi tuyên truyền|nếu|giả sử|ngoại khóa|cuộc thi|lớp dạy bơi|hội thảo|dự thảo|"
        r"dự kiến|đề xuất mức|mức phạt|bộ phim|tiểu thuyết|vở kịch)(?!\w)"
    ),
)
