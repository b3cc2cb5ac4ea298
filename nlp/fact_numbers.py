"""Numbers in Vietnamese sentences: how many of whom, and how much money.

"45/280 học sinh", "gần trăm em", "hai mươi mốt cháu", "70-80 người", "2tr5", "năm trăm nghìn đồng".
A count is read only together with what it counts, so that ages, scores, rooms, classes and years
are never taken for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from langnghe.core.text import strip_marks


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


CHILD = (
    r"học sinh|em học sinh|hs|nữ sinh|nam sinh|sinh viên|trẻ em|trẻ mầm non|trẻ|cháu bé|cháu|"
    r"bé gái|"
    r"bé trai|bé|em nhỏ|em|nam học sinh|nữ học sinh|thiếu niên|thiếu nữ|học trò|con|bạn|thí sinh|"
    r"học viên|nạn nhân"
)
ADULT = (
    r"giáo viên|gv|cô giáo|thầy giáo|thầy|phụ huynh|ph|bảo vệ|công nhân|tài xế|cán bộ|nhân viên|"
    r"người lớn|hiệu trưởng|hiệu phó|giảng viên|bảo mẫu|chiến sĩ|đối tượng|nghi phạm|"
    r"người đàn ông|người phụ nữ|cụ ông|cụ bà|cụ|công an|bác sĩ|nghệ sĩ|ca sĩ|diễn viên|cầu thủ|"
    r"cựu|vợ chồng|thợ|lái xe|shipper|quân nhân|bộ đội|giáo sư|nhà văn|nhà thơ|tiến sĩ|đoàn viên"
)
_ANIMAL = r"con (?:lợn|heo|bò|trâu|gà|vịt|chó|mèo|dê|cá)|gia súc|gia cầm|lợn|bò|trâu|gà|vịt"
_THING = (
    r"hộ|nhà|xe|trường|lớp|ngày|tháng|năm|giờ|phút|tuổi|lần|vụ|xã|phường|tỉnh|km|m|đồng|triệu|"
    r"nghìn|điểm"
)

_ONES = {
    "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10,
}  # fmt: skip
_TENS = {"mươi": 10, "chục": 10, "trăm": 100, "nghìn": 1000, "ngàn": 1000}
_JOINTS = ("linh", "lẻ")
_VALUES = _ONES | _TENS
_VALUES |= {strip_marks(word): value for word, value in _VALUES.items()}
# Without marks some become other words (nam, sau, bay): read then only behind another number word.
_FIRST = "một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín|mười|chục|trăm"
_FIRST_PLAIN = "mot|hai|ba|bon|chin|muoi|tram"
_MORE = "|".join([*_ONES, *_TENS, *_JOINTS])
_VAGUE = (
    r"hàng chục|hàng trăm|hàng loạt|hàng nghìn|hàng ngàn|vài chục|mấy chục|vài trăm|nhiều|một số|"
    r"nhóm|vài|mấy|loạt|cả loạt"
)
_SPELT = rf"(?:{_FIRST})(?: (?:{_MORE})){{0,4}}"
_SPELT_PLAIN = rf"(?:{_FIRST_PLAIN})(?: (?:{strip_marks(_MORE)})){{0,4}}"
_FIGURE = (
    r"(?P<of>\d{1,4})/\d{1,4}|\d{1,4} ?(?:-|–|đến|tới|hoặc) ?(?P<high>\d{1,4})|"
    r"(?P<digits>\d{1,3}(?:\.\d{3})+|\d{1,6})"
)
_ABOUT = r"(?:(?:gần|hơn|khoảng|trên|tới|ít nhất|cả|có|chừng|thêm|tổng cộng) )?"
_WHOM = (
    r"(?: (?:\+|trên|hơn|nhóm))? "
    rf"(?:(?P<animal>{_ANIMAL})|"
    r"(?:(?:em|cháu|bạn|nạn nhân|người|bé|ca|thi thể) (?:là )?)?"
    rf"(?:(?P<adult>{ADULT})|(?P<child>{CHILD}))|(?P<thing>{_THING})|"
    r"(?P<people>người|ca|thi thể))(?!\w)"
)


def _number(spelt: str) -> str:
    return (
        rf"(?<!\w){_ABOUT}(?<![\w.,/-])(?:{_FIGURE}|(?P<vague>{_VAGUE})|(?P<word>{spelt})){_WHOM}"
    )


NUMBER = Words(re.compile(_number(_SPELT)), re.compile(strip_marks(_number(_SPELT_PLAIN))))
"""A number with what it counts."""
_LINK = (
    r"(?:cho|khiến|làm|đối với|gồm|là|của|đã|hiện|nay|hiện nay|lên|tăng|lên tới|lên đến|tăng lên|"
    r"tăng lên đến|tăng lên tới|tăng thành|giảm còn|còn|ở mức|đến nay|khoảng|gần|hơn)"
)
BEHIND = words(rf"^:?(?: {_LINK}){{0,3}}:? ")
"""What may stand between an event and the count behind it ("nhập viện tăng lên 52")."""
BARE = words(rf"(?:{_FIGURE})(?![\w%]|[.,:/-]\d)(?! (?:{_THING}|tiếng|%))")
"""A number alone, to be read only where the words before it say that people are counted."""
COUNTED = words(
    r"(?<!\w)số (?:lượng )?(?:ca|học sinh|em|người|trẻ|cháu|nạn nhân|bệnh nhân|trường hợp|hs)"
    r"(?: \w+){0,3} $"
)
ROSTER = words(
    r"(?<!\w)(?:có|phục vụ|sĩ số|quy mô|tổng số|toàn trường|gồm|tuyển|dạy|quản lý|cho|đón|nuôi|"
    r"nấu|suất ăn)(?: \w+){0,2} $"
)
"""Words that tell how big a school is, not how many were hit."""


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A count: its value (``None`` for "hàng loạt"), what it counts, and where it stands.

    ``whom`` is ``people`` (pupils or persons in general), ``adult``, ``animal`` or ``thing``.
    """

    value: float | None
    whom: str
    start: int
    end: int

    @property
    def counts_people(self) -> bool:
        """Say whether pupils or people in general are counted."""
        return self.whom == "people"


def read_number(match: re.Match[str]) -> NumberWord:
    """Return the count a match of ``NUMBER`` or ``BARE`` states."""
    groups = match.groupdict()
    value: float | None = None
    figure = groups["of"] or groups["high"] or groups["digits"]
    if figure:
        value = float(figure.replace(".", ""))
    elif groups.get("word"):
        value = spelled(groups["word"])
    whom = next((kind for kind in ("adult", "animal", "thing") if groups.get(kind)), "people")
    return NumberWord(value, whom, match.start(), match.end())


def spelled(text: str) -> float:
    """Return the value of number words with or without marks ("hai mươi mốt" → 21)."""
    total = current = 0
    for word in text.split():
        value = _VALUES.get(word, 0)
        if value >= 100:
            current = max(current, 1) * value
            if value == 1000:
                total, current = total + current, 0
            else:
                total, current = total + current, 0
        elif word in ("mươi", "chục", "muoi", "chuc") and current:
            current *= 10
        else:
            current = current + value if current >= 10 else value
    return float(total + current)


_SCALE = {
    "tỷ": 1e9, "tỉ": 1e9, "ty": 1e9, "triệu": 1e6, "trieu": 1e6, "tr": 1e6, "củ": 1e6, "nghìn": 1e3,
    "nghin": 1e3, "ngàn": 1e3, "ngan": 1e3, "k": 1e3,
}  # fmt: skip
_SCALES = "tỷ|tỉ|triệu|trieu|tr|củ|nghìn|nghin|ngàn|ngan|k"
_COIN = "đồng|dong|đ|vnđ|vnd"
_LOOSE = frozenset(("tỷ", "tỉ", "triệu", "trieu", "nghìn", "nghin", "ngàn", "ngan"))
_COINED = re.compile(rf"(?<!\w)(?:{_COIN})$")
_NO_DONG = r"(?! ?(?:usd|đô|do la|euro|eur|won|yên|yen|nhân dân tệ|nhan dan te|ndt|tệ|bảng)(?!\w))"
_COUNTS = re.compile(
    r" ?(?:học sinh|hoc sinh|em|người|nguoi|lượt|luot|view|thí sinh|thi sinh|trẻ|giáo viên|"
    r"giao vien|tài khoản|dân|bản|trường|m2|ha|tấn|năm|cây|follow|like|sinh viên|sinh vien|cuốn|"
    r"quyển|hộ|liều)(?!\w)"
)
_MONEY = re.compile(
    r"(?<!\w)(?:(?<![\d.,/])(?P<digits>\d{1,3}(?:[.,]\d{3})+|\d{1,9}(?:[.,]\d{1,2})?) ?"
    rf"(?P<scale>{_SCALES}|{_COIN})(?P<tail>\d{{1,3}}| rưỡi| ruoi)?"
    rf"(?P<more> tỷ| tỉ)?(?: (?:{_COIN}))?(?!\w){_NO_DONG}"
    rf"|(?<!hàng )(?<!vài )(?<!mấy )(?<!cả )(?<!hang )"
    rf"(?P<word>{_SPELT}|{_SPELT_PLAIN}) (?P<big>tỷ|tỉ|triệu|trieu|nghìn|nghin|ngàn)"
    rf"(?P<half> rưỡi| ruoi)? (?:{_COIN})(?!\w))"
)


# "1,8 triệu mũ" counts hats: without đồng, money must be spoken of before or end there.
_PAID = words(
    r"(?<!\w)(?:thu|đóng|nộp|phạt|giá|phí|quỹ|tiền|lương|thưởng|mức|hết|mất|tốn|trả|chi|góp|"
    r"vay|nợ|lừa|chiếm đoạt|đòi|hỗ trợ|"
    r"trị giá|học bổng|hoàn|bồi thường|chuyển khoản)"
    r"(?: \w+){0,5} $"
)
_GOES_ON = words(
    r"^ (?!mỗi|một|tiền|để|là|trong|rồi|mà|thì|từ|với|quỹ|mua|thưởng|và|hoặc|đến|tới|lương|trở|"
    r"tháng|năm|hay|nữa|thôi|ạ|nhé|lận|luôn|lần|qua|vào|vì|do|nên|nhưng|học phí|đầu|cuối)[^\W\d_]"
)


def find_money(low: str) -> Iterator[tuple[float, int, int]]:
    """Yield (đồng, start, end) of each amount in lower-case text, marked or not."""
    for match in _MONEY.finditer(low):
        if match["word"]:
            half = 0.5 if match["half"] else 0.0
            value: float | None = (spelled(match["word"]) + half) * _SCALE[match["big"]]
        else:
            value = _amount(match["digits"], match["scale"], match["tail"])
            coined = _COINED.search(match[0]) is not None
            if not coined and _COUNTS.match(low, match.end()):
                continue
            if match["scale"] in _LOOSE and not coined:
                marked = not low.isascii()
                paid = _PAID.of(marked).search(low[max(0, match.start() - 40) : match.start()])
                on = _GOES_ON.of(marked).match(low[match.end() : match.end() + 12])
                if on and not paid:
                    continue
            if value is not None and match["more"]:  # nghìn tỷ
                value *= 1e9
        if value is not None and value <= 1e15:
            yield value, match.start(), match.end()


def _amount(digits: str, scale: str, tail: str | None) -> float | None:
    """Return đồng for "1,5 triệu", "350.000 đồng", "4tr5"; ``None`` for what is no amount."""
    factor = _SCALE.get(scale, 1.0)
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        number = float(digits.replace(".", "").replace(",", ""))
    else:
        number = float(digits.replace(",", "."))
    if tail and tail.strip().isdigit():
        if factor == 1.0:
            return None
        number += float(tail) / 10 ** len(tail)
    elif tail:
        number += 0.5
    value = number * factor
    return round(value) if 500 <= value <= 1e14 else None
