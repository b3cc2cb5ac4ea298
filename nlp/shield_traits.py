"""What gives a child away without a name: class, birthday, marks of body, illnesses.

Injuries are no such marks: that a child has a bruise on the cheek is the news, that it has a
birthmark there tells the neighbours who it is.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence

from nlp.names import PET_NAMES, word_set
from nlp.plain import lower, plain
from nlp.shield_numbers import Found
from nlp.shield_scan import word_start
from nlp.shield_words import BARE_CLASS, CLASS, ILLNESS

_DAY = (
    r"(?:(?:ngày |mùng |mồng )?\d{1,2} ?[/.\-] ?\d{1,2} ?[/.\-] ?(?:19|20)?\d{2}|"
    r"(?:ngày |mùng |mồng )?\d{1,2} tháng (?:\d{1,2}|giêng|chạp)(?:,? năm (?:19|20)\d{2})?|"
    r"(?:ngay )\d{1,2} thang \d{1,2}(?: nam (?:19|20)\d{2})?)"
)
_BIRTH = re.compile(
    rf"(?<!\w)(?:sinh(?: vào)?(?: ngày)?|ngày(?: tháng)?(?: năm)? sinh|sn|s\.n|ns|nsinh|"
    rf"ngay sinh|sinh nhật(?: con| cháu| em| bé)?(?: là)?)[: ]{{1,3}}({_DAY})(?![\d/])"
)
_WHERE = (
    r"(?: (?:ở|bên|trên|dưới|trái|phải|má|trán|cằm|mắt|cổ|tay|chân|lưng|vai|mũi|môi|cánh|bàn|"
    r"cẳng|đùi|mặt|tai|khóe|gò|đuôi|lông mày|dài|nhỏ|to|đỏ|đen|son|lồi|màu|cạnh|gần|giữa|sau|gáy))"
)
_MARK = (
    r"(?:vết )?(?:bớt|chàm)(?= (?:ở|bên|trên|dưới|đỏ|đen|son|to|nhỏ|màu|má|sau))|nốt ruồi|"
    r"(?:vết )?sẹo|niềng răng|răng (?:khểnh|sún|hô|vẩu|thỏ)|sún răng|răng sún|"
    r"tóc (?:xoăn|tém|tết|vàng hoe|nhuộm|đuôi gà|hai bím|bím|húi cua|ngang vai|mái ngố|bob)|"
    r"da (?:ngăm(?: đen)?|trắng|đen nhẻm)|lúm đồng tiền|má lúm|mắt (?:lác|lé|một mí|hí|híp)|"
    r"hình xăm|sứt môi|hở hàm ếch|chân (?:khoèo|thọt|tật|vòng kiềng)|tay (?:khoèo|tật)|"
    r"mặt (?:tròn|trái xoan|đầy tàn nhang)|đeo kính cận|đi khập khiễng|"
    r"dáng (?:gầy|mập|cao|thấp)|người (?:gầy gò|thấp bé|mập mạp)"
)
_BODY = re.compile(rf"(?:{word_start(_MARK)}{_WHERE}{{0,5}}|{word_start(plain(_MARK))})(?!\w)")
_NAMED_CLASS = re.compile(
    r"[Ll](?<!\w[Ll])(?:ớp|ớp học) ([A-ZĐ]\w{1,6}(?: [A-ZĐ]\w{1,6})?(?: \d)?)(?!\w)"
)
_FLOWERS = word_set(
    """hoa sen mai hồng cúc lan huệ đào sơn ca họa mi vành khuyên ong vàng bướm xinh thỏ ngọc nâu
    trắng non búp măng chim bồ câu"""
)
_DIGIT = re.compile(r"\d")
_BARE_SIGN = re.compile(r"[1-90-2][a-h]")
# An illness that goes round, or is guarded against, is nobody's own.
_EPIDEMIC = re.compile(r"(?<!\w)(?:dịch|ổ dịch|phòng|chống|phòng ngừa|tiêm|vắc xin) (?:bệnh )?$")
_NEAR = 160
_CHILDREN = ("con ", "cháu ", "chau ", "bé ", "be ")
# No name, but the neighbours of who writes it know the child.
_OWN_CHILD = re.compile(
    r"(?<!\w)(?:con|cháu|bé|chau|be)(?: gái| trai| lớn| nhỏ| đầu| út| thứ hai)?(?: nhà)? "
    r"(?:tôi|mình|em|chị|anh|tớ|tui|toi|minh|e|ông|bà)(?!\w)[^.;!?\n]{0,30}$"
)


def find_classes(text: str, low: str) -> Iterator[Found]:
    """Yield classes such as "lớp 4A2" and "lớp Thỏ Trắng" ("lớp 4" is a level and none)."""
    digits = _DIGIT.search(low) is not None
    if not digits and "lớp" not in low and "lop" not in low:
        return
    for match in CLASS.finditer(low):
        found = match[1] or match[2]
        if found.endswith("k") and found[:-1].isdigit():
            continue
        yield Found(match.start(), match.end(), "child_class", 3)
    for match in BARE_CLASS.finditer(low) if _BARE_SIGN.search(low) else ():
        group = 1 if match[1] else 2
        yield Found(*match.span(group), "child_class", 3)
    if text == low:
        return
    for match in _NAMED_CLASS.finditer(text):
        words = [word for word in lower(match[1]).split() if not word.isdigit()]
        if words[0] in PET_NAMES or (len(words) > 1 and all(word in _FLOWERS for word in words)):
            yield Found(*match.span(1), "child_class", 3)


def find_traits(low: str, persons: Sequence[Found]) -> Iterator[Found]:
    """Yield days of birth anywhere; body marks and illnesses near a person who is covered."""
    if "sinh" in low or "sn" in low or "s.n" in low or "ns" in low:
        for match in _BIRTH.finditer(low):
            yield Found(match.start(1), match.end(1), "birth", 6)
    ends = sorted(person.end for person in persons)
    if not ends and not any(map(low.__contains__, _CHILDREN)):
        return
    for pattern, kind in ((ILLNESS, "health"), (_BODY, "body")):
        for match in pattern.finditer(low):
            if _EPIDEMIC.search(low[max(0, match.start() - 16) : match.start()]):
                continue
            if kind == "health" and _OWN_CHILD.search(
                low[max(0, match.start() - 48) : match.start()]
            ):
                yield Found(match.start(), match.end(), kind, 2)
                continue
            nearest = bisect.bisect_left(ends, match.start() - _NEAR)
            if nearest < len(ends) and ends[nearest] < match.start() + _NEAR:
                yield Found(match.start(), match.end(), kind, 2)
