"""Numbers and addresses that lead to a private person: phones, ids, accounts, plates, homes.

All patterns have bounded repeats, so a megabyte of digits costs no more than a megabyte of prose.
Hotlines (111, 113, 1900…), money, dates and document numbers are not personal and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nlp.plain import lower
from nlp.shield_scan import grouped, word_start


class Found(NamedTuple):
    """A personal detail: where it stands, what it is, how sure (higher wins an overlap)."""

    start: int
    end: int
    kind: str
    rank: int = 1


_DIGITS = r"\d(?:[ .\-]?\d)"
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|(?<![\w.+-])[\w.+-]{3,64} ?(?:@|\[at\]|\(at\)|\(a còng\)|a còng|a cong|a móc) ?"
    r"(?:gmail|yahoo|hotmail|outlook|icloud) ?(?:\.|[\[(]?(?:chấm|cham|dot)[\])]?) ?(?:com|vn)"
)
_OFFICE_MAIL = re.compile(
    r"^(?:th|thcs|thpt|mn|c[123]|pgd|sgd|phonggd|sogd|ubnd|vanthu|vanphong|bgh|truong|tuyensinh|"
    r"daotao|contact|info|lienhe|toasoan|bandoc|congan|hotline|support)[\w.+-]*@(?!gmail|yahoo|"
    r"hotmail|outlook|icloud)"
)
_ID = re.compile(
    r"(?<!\w)(?:cccd|cmnd|cmtnd|cmt|căn cước(?: công dân)?|can cuoc|chứng minh(?: nhân dân| thư)?|"
    r"chung minh nhan dan|số định danh|mã định danh|so dinh danh|định danh|bhyt|bhxh|"
    r"bảo hiểm y tế|bao hiem y te|bảo hiểm xã hội|thẻ bảo hiểm|hộ chiếu|passport|mã học sinh|"
    r"mã hs(?!-)|giấy khai sinh|mst|mã số thuế)[^\d\n.;]{0,22}?"
    r"((?:[a-z]{2} ?)?" + _DIGITS + r"{6,15})(?!\d)"
)
_BIRTH_PAPER = re.compile(r"(?<=khai sinh số )\d{1,5}(?:/\d{1,4})?/(?:19|20)\d\d(?!\d)")
_INSURANCE = re.compile(r"(?<!\w)[a-z]{2} ?\d ?\d{2} ?\d{3} ?\d{3} ?\d{4}(?!\d)")
_LONG_ID = re.compile(
    r"(?<![\d.,/])0\d{2}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}(?![\d/])|(?<!\d)0\d{11}(?!\d)"
)
_ACCOUNT = re.compile(
    r"(?<!\w)(?:stk|số tk|so tk|tk|tài khoản|tai khoan|số tài khoản|ngân hàng|ngan hang|nh|"
    r"vietcombank|vcb|agribank|agri|bidv|vietinbank|techcombank|tcb|mb ?bank|mb|acb|vpbank|tpbank|"
    r"sacombank|momo|số thẻ|so the|chuyển khoản|chuyen khoan|ck)(?!\w)[^\d\n.;]{0,30}?"
    r"(?!\d{1,3}(?:\.\d{3})+(?![.\d])|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\d{1,2}[-./](?:19|"
    r"20)\d\d(?!\d)|(?:19|20)\d\d ?[-–])"
    r"(" + _DIGITS + r"{5,19})(?!\d| ?(?:đồng|đ(?!\w)|vnđ|triệu|tỷ|tỉ|nghìn|ngàn|usd|%))"
)
_CARD = re.compile(r"(?<!\d)(?:9704|[45]\d{3})[ .\-]?\d{4}[ .\-]?\d{4}[ .\-]?\d{4}(?!\d)")
_PHONE = re.compile(
    r"(?<![\w/.,*^])(?:\(\+?84\)|\+?84|"
    r"[0o])[ ._\-]?(?:\(0\))?[235789][ ._\-]?(?:[\do][ ._\-]{0,2}){6,8}[\do]"
    r"(?![\w/]|[.,]\d)"
)
_WORD = (
    r"(?:không|khong|kh0ng|linh|lẻ|một|mot|mốt|hai|ba|bốn|bon|tư|tu|năm|nam|lăm|sáu|sau|bảy|bay|"
    r"bẩy|tám|tam|chín|chin)"
)
# Spoken, or half spoken to slip past a filter: "không chín tám ...", "ko9tám 765".
_SPOKEN = re.compile(
    rf"{word_start('không|khong|kh0ng|hông|ko|k|o|0')}[ ,.\-]{{0,2}}"
    rf"(?:(?:{_WORD}|[\do])[ ,.\-]{{0,3}}){{8,10}}(?<![ ,.\-])(?![\w/])"
)
_SPEAKS = re.compile(r"[a-zà-ỹ]{2}")
# A landline of an office is published so that people ring it; so is a hotline of an authority.
_OFFICE_LINE = re.compile(
    r"(?:văn phòng|nhà trường|trường|trung tâm|ubnd|sở|phòng (?:gd|giáo dục)|công an|trực ban|"
    r"bệnh viện|trạm y tế|đường dây nóng|hotline|tổng đài|thường trực|tuyển sinh|ban giám hiệu|"
    r"van phong|nha truong|duong day nong|tong dai)(?!\w)[^\n;]{0,60}$"
)
_LINE_OF_OFFICE = re.compile(
    r"(?: là)?(?: số)?(?: máy)?(?: của| ?[-–:(])? ?(?:văn phòng|nhà trường|trường|trung tâm|ubnd|"
    r"sở|phòng (?:gd|giáo dục)|công an|trực ban|bệnh viện|trạm y tế|đường dây nóng|ban giám hiệu)"
    r"(?!\w)"
)
_HOTLINE = re.compile(
    r"(?:đường dây nóng|duong day nong|tổng đài|(?:trường|sở|phòng|ubnd|công an|bộ|bệnh viện|"
    r"trung tâm)[^\n.;]{0,40}hotline|hotline (?:của )?(?:trường|nhà trường|sở|phòng|ubnd|"
    r"công an|bộ|bệnh viện|trung tâm))[^\n.;]{0,48}$"
)
_PRIVATE_LINE = re.compile(
    r"(?:mẹ|bố|cha|em|cháu|bé|bà|ông|anh|chị|cô|thầy|nhà riêng|phụ huynh|gia đình|nhà em)"
    r"(?!\w)[^\n.;]{0,30}$"
)
_PLATE = re.compile(
    r"\d(?:(?<!\w\d)(?:\d ?-? ?[a-zđ]{1,2}\d? ?[- ] ?\d{3}\.?\d{2}(?!\w)|"
    r"\d[a-zđ]\d?[ -]\d{4,5}(?!\w)|"
    r"\d[a-zđ]{1,2}\d? ?\d{3}\.\d{2}(?!\w))|"
    r"(?<=biển số \d)\d[a-zđ]\w?[ .\-]?[\d.]{4,7})"
)

_STREET_WORD = r"[A-ZĐ0-9][\w/]{0,15}"
_UNIT_HEAD = r"(?:số nhà|so nha|nhà số|ngõ|ngo|ngách|ngach|hẻm|hem|kiệt|kiet)"
_LIVING = r"(?:tổ dân phố|tổ|to|thôn|thon|bản|ban|xóm|xom|ấp|ap|khu phố|khu|tiểu khu|buôn|buon|" \
    r"làng|lang|đội|phum|sóc|tdp|kp|plei)"  # fmt: skip
_REGION = r"(?:xã|xa|phường|phuong|thị trấn|thi tran|huyện|huyen|quận|quan|tỉnh|tinh|tp\.?|" \
    r"thành phố|thị xã|p\.|q\.|h\.)"  # fmt: skip
_TAIL = (
    rf"(?:(?:,? (?:[-–] )?)(?:{_LIVING}|{_UNIT_HEAD}|{_REGION}|đường|duong|phố|pho) "
    rf"{{0,1}}(?-i:{_STREET_WORD})(?: (?-i:{_STREET_WORD})){{0,4}})"
)
_PLACE_NAME = rf"(?-i:{_STREET_WORD})(?: (?-i:{_STREET_WORD})){{0,4}}"
_HOUSE = re.compile(
    rf"(?<!\w){_UNIT_HEAD} \d[\w/]{{0,9}}(?:,? (?:(?:đường|phố|duong|"
    rf"pho) )?{_PLACE_NAME})?{_TAIL}{{0,4}}",
    re.IGNORECASE,
)
_STREET_NO = re.compile(
    rf"(?<!\w)(?:số|so) \d[\w/]{{0,7}},? (?:đường|phố|duong|pho) {_PLACE_NAME}{_TAIL}{{0,4}}",
    re.IGNORECASE,
)
_LIVES = (
    r"(?:tạm |thường )?trú(?: tại| ở)?|thuong tru|tam tru|ngụ(?: tại| ở)?|"
    r"cư trú(?: tại)?|(?:bà|ông) (?:nội|ngoại) ở|"
    r"địa chỉ(?: nhà| chủ hộ| thường trú| nhận \w{1,6}| giao \w{1,6}| liên hệ)?|"
    r"dia chi(?: nha)?|nhà ở|nha o|"
    r"nhà (?:riêng )?(?:em|cháu|bé|tôi|mình|mẹ|chị|anh|ông|bà|cô)(?: \w+)?(?: ở| tại)?|"
    r"quê(?: ở| quán)?|nơi ở|chỗ ở|nơi cư trú|hktt|hộ khẩu(?: thường trú)?|đ/c|đc|sống (?:tại|ở)"
)
_HOME = re.compile(
    rf"(?<!\w){grouped(_LIVES)}[:,]? "
    rf"((?:{_LIVING}|xã|phường|thị trấn|xa|"
    rf"phuong) (?-i:{_STREET_WORD})(?: (?-i:{_STREET_WORD})){{0,3}}{_TAIL}{{0,4}})",
    re.IGNORECASE,
)
_SLASHED = re.compile(
    rf"(?<![\w/])\d{{1,4}}[a-z]?(?:/\d{{1,4}}[a-z]?){{1,3}},? (?:đường|phố|duong|pho|hẻm|ngõ|"
    rf"kiệt) {_PLACE_NAME}{_TAIL}{{0,4}}",
    re.IGNORECASE,
)
_FLAT = re.compile(
    rf"(?<!\w)(?:(?:chung cư|tòa nhà|tòa|ktx|khu tập thể|khu đô thị) {_PLACE_NAME},? )?"
    rf"(?:căn hộ|căn|phòng trọ|phòng) (?:số )?(?-i:[A-Z]{{0,2}})\d{{2,4}}"
    rf"(?:,? (?:chung cư|tòa nhà|tòa|khu tập thể|ktx) {_PLACE_NAME})(?!\w)|"
    rf"(?<!\w)(?:chung cư|tòa nhà|tòa|khu tập thể) {_PLACE_NAME},? (?:căn hộ|căn|phòng) (?:số )?"
    rf"(?-i:[A-Z]{{0,2}})\d{{2,4}}(?!\w)",
    re.IGNORECASE,
)
# A quarter with its ward tells a home only where the text speaks of somebody's house.
_QUARTER = re.compile(
    rf"(?<!\w)(?:tổ dân phố|tổ|khu phố|đội|tdp|kp) (?:số )?\d{{1,3}}[a-z]?,? "
    rf"(?:{_REGION}) {_PLACE_NAME}",
    re.IGNORECASE,
)
_HOUSEHOLD = re.compile(r"(?<!\w)(?:nhà|nha|hộ|ho khau|trọ|ở|phụ huynh)(?!\w)(?! trường| truong)")
_OF_AN_OFFICE = re.compile(
    r"(?:trường|thcs|thpt|trụ sở|văn phòng|ubnd|công an|sở|trung tâm|bệnh viện|công ty|cửa hàng|"
    r"nhà hàng|hội trường|ban quản lý|cơ sở)(?!\w)[^.;\n]{0,60}(?:địa chỉ|tại|ở|đóng|trụ sở|đ/c)"
    r"[^.;\n]{0,12}$|(?:địa chỉ|trụ sở)(?: của)? (?:trường|nhà trường|cơ quan|công ty)"
    r"[^.;\n]{0,40}$",
    re.IGNORECASE,
)
_NEAR_PERSON = re.compile(
    rf"(?:\s?[,(] ?\d{{1,2}} tuổi\)?)?[,( ]{{1,2}}(?:ở |tại |o |tai |nhà |ở tại )?"
    rf"((?:{_LIVING}) (?-i:{_STREET_WORD})(?: (?-i:{_STREET_WORD})){{0,3}}{_TAIL}{{0,4}})",
    re.IGNORECASE,
)
_NEAR_REGION = re.compile(
    rf"[,( ]{{1,2}}(?:ở|tại|trú ở|trú tại) ((?:xã|phường|thị trấn) {_PLACE_NAME}{_TAIL}{{0,3}})",
    re.IGNORECASE,
)


_REGION_ONLY = re.compile(r"(?:xã|phường|thị trấn|xa|phuong) [^,]*$", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SOME_DIGITS = re.compile(r"\d[ ._\-]?[\do]|\d\d ?-? ?[a-zđ]")
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){5}")
# Words without which a pattern of homes cannot match: a look is cheaper than the pattern.
_HINTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (_HOUSE, ("số nhà", "so nha", "nhà số", "ngõ", "ngo ", "ngách", "ngach", "hẻm", "hem ",
              "kiệt", "kiet")),
    (_STREET_NO, ("số ", "so ")),
    (_SLASHED, ("/",)),
    (_FLAT, ("chung cư", "tòa", "khu tập thể", "ktx")),
)  # fmt: skip
_QUARTERS = ("tổ ", "phố ", "đội ", "tdp ", "kp ")
_HOME_HINTS = (
    "trú", "tru ", "ngụ", "địa chỉ", "dia chi", "nhà ", "nha ", "quê", "sống", "nơi ở", "chỗ ở",
    "hktt", "hộ khẩu", "đ/c", "đc", "ngoại ở", "nội ở",
)  # fmt: skip


def find_numbers(low: str) -> Iterator[Found]:
    """Yield phones, mail addresses, ids, accounts and plates in a lower-case text."""
    if "@" in low or "gmail" in low or "yahoo" in low or "mail" in low:
        for match in _EMAIL.finditer(low):
            if _OFFICE_MAIL.search(match.group()):
                continue
            yield Found(match.start(), match.end(), "email", 9)
    for match in _SPOKEN.finditer(low):
        if _SPEAKS.search(match.group()):
            yield Found(match.start(), match.end(), "phone", 4)
    if not _SOME_DIGITS.search(low):
        return
    if _LONG_NUMBER.search(low):
        for pattern, kind, rank in ((_ID, "id_number", 8), (_ACCOUNT, "account", 7)):
            for match in pattern.finditer(low):
                yield Found(match.start(1), match.end(1), kind, rank)
        for pattern, kind, rank in (
            (_CARD, "account", 7), (_INSURANCE, "id_number", 6), (_LONG_ID, "id_number", 6),
        ):  # fmt: skip
            for match in pattern.finditer(low):
                yield Found(match.start(), match.end(), kind, rank)
    for pattern, kind, rank in (
        (_BIRTH_PAPER, "id_number", 6),
        (_PHONE, "phone", 5),
        (_PLATE, "plate", 4),
    ):
        for match in pattern.finditer(low):
            if kind != "phone" or not _is_office_line(low, match):
                yield Found(match.start(), match.end(), kind, rank)


def _is_office_line(low: str, match: re.Match[str]) -> bool:
    """Say whether a number is a published one: an office's landline, an authority's hotline."""
    before = low[max(0, match.start() - 90) : match.start()]
    if _PRIVATE_LINE.search(before):
        return False
    landline = re.match(r"\D{0,3}(?:84)?\D{0,3}[0o]?[ .\-(]{0,2}2", match.group()) is not None
    if landline and _LINE_OF_OFFICE.match(low, match.end()):
        return True
    return (_OFFICE_LINE if landline else _HOTLINE).search(before) is not None


def find_addresses(text: str, persons: Sequence[Found]) -> Iterator[Found]:
    """Yield homes of private persons; ``persons`` are the names and classes already found.

    A village named for itself ("học sinh bản X") is a place and stays; it is a home behind
    "trú tại", "nhà", a house number, or right behind a masked person.
    """
    low = lower(text)
    digits = _DIGIT.search(low) is not None
    for pattern, hints in _HINTS:
        if not digits or not any(map(low.__contains__, hints)):
            continue
        for match in pattern.finditer(text):
            if _OF_AN_OFFICE.search(text[max(0, match.start() - 90) : match.start()]):
                continue
            yield Found(match.start(), match.end(), "address", 3)
    if any(map(low.__contains__, _HOME_HINTS)):
        for match in _HOME.finditer(text):
            # "cháy nhà ở xã X" tells where a house burnt; a commune alone is no home.
            if not (
                match.group()[:6].lower() in ("nhà ở ", "nha o ") and _REGION_ONLY.match(match[1])
            ):
                yield Found(match.start(1), match.end(1), "address", 3)
    if digits and any(map(low.__contains__, _QUARTERS)):
        for match in _QUARTER.finditer(text):
            if _HOUSEHOLD.search(low[max(0, match.start() - 40) : match.start()]) or (
                _HOUSEHOLD.search(low[match.end() : match.end() + 20])
            ):
                yield Found(match.start(), match.end(), "address", 3)
    for person in persons:
        for pattern in (_NEAR_PERSON, _NEAR_REGION):
            near = pattern.match(text, person.end)
            if near:
                yield Found(near.start(1), near.end(1), "address", 3)
