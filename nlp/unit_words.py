"""The words round a name that tell whether a unit is meant: school talk, offices, streets, persons.

All are matched against folded words (no marks) unless said otherwise.
"""

from __future__ import annotations

import re

from nlp.names import word_set

MOST_HITS = 300  # names looked at in one text: bounds hostile input, no real text has so many
LOWEST = 0.4  # what is less sure than this is left undecided
NEAR = 14  # words: "the same breath" for a place that supports or contradicts a name

_EDU = (
    r"(?<!thị )(?<!môi )(?<!hiện )(?<!xã )(?<!phường )"
    r"(?<!công )(?<!quảng )(?<!lập )(?<!thương )(?<!phim )(?<!chiến )"
    r"trường(?! hợp| sa| kỳ| thọ| đời| tồn)|học sinh|hs|học sih|giáo viên|gv|thầy|thầy cô|"
    r"cô giáo|cô nuôi|"
    r"các cô|hiệu trưởng|phụ huynh|ph|phhs|lớp|mầm non|tiểu học|thcs|thpt|ptdtbt|trg|bán trú|"
    r"nội trú|học phí|học bạ|tuyển sinh|tốt nghiệp|giáo dục|gd|gdđt|gd-đt|sgd|sgdđt|sgdđt|"
    r"khai giảng|"
    r"năm học|nữ sinh|nam sinh|sinh viên|đại học|học bổng|thí sinh|kỳ thi|điểm thi|dạy học|đi học|"
    r"học trò|nhà trẻ|mẫu giáo|nghỉ học|bỏ học|trẻ em|học đường|dạy thêm|học thêm|sách giáo khoa|"
    r"bếp ăn|suất ăn|điểm trường|cấp [123]"
)
# Marks lost, these still speak of school; "di hoc" may be "đi học" in any idle talk.
_EDU_PLAIN = (
    r"(?<!thi )(?<!moi )(?<!hien )(?<!cong )truong(?! hop| doi)|hoc sinh|hs|giao vien|gv|thay co|"
    r"co giao|phu huynh|ph|lop|mam non|tieu hoc|thcs|thpt|trg|ban tru|hoc phi|tuyen sinh|giao duc|"
    r"gd|nu sinh|nam sinh|hieu truong|nam hoc|nha tre|mau giao|truong hoc"
)
EDU_RE = re.compile(rf"(?<!\w)(?:{_EDU})(?!\w)")
EDU_PLAIN_RE = re.compile(rf"(?<!\w)(?:{_EDU_PLAIN})(?!\w)")
PEOPLE = re.compile(
    r" (?:thay co|co giao|thay giao|giao vien|gv|hoc sinh|hs|phu huynh|ph|hieu truong|hieu pho|"
    r"hoc o|hoc tai|day o|day tai|cong tac o|nha truong|cac em|tre em)(?: (?:o|tai|xa|ben|tren|"
    r"cua))? $"
)
PERSON = word_set("""em be chau thay ong ba chi anh chu bac di con ban hoc si vua tuong""") - {
    "hoc"
}
NOT_SCHOOL = word_set(
    """cho ban duong pho suoi cau don deo song nui ho quan homestay khach san cafe bien cay cun"""
)
STREET = re.compile(
    r" (?:duong|pho|dai lo|ngo|hem|cau|cho|bao|benh vien|khach san|quang truong|chien thang|"
    r"chien dich|truong|th|thcs|thpt|tieu hoc|mam non|chuyen|dai hoc|cong ty|cuoc thi|giai|ga|cho|"
    r"nguoi|ong|ba|anh|chi|em|thay|co|rap|quan|nha hang|clb) $"
)
AGENCY = re.compile(
    r" (?:so (?:gd|giao duc)(?: va dao tao| dao tao| dt)?|so gddt|sgddt|sgd dt|sgd|sgd va dt|"
    r"nganh (?:gd|giao duc)(?: va dao tao| dt)?|nganh gddt|nganh giao duc va dao tao|"
    r"giam doc so)(?: cua)?(?: (?:tinh|thanh pho|tp|t))? $"
)
OFFICE = re.compile(
    r" (?:ubnd|uy ban(?: nhan dan)?|hdnd|chu tich(?: ubnd)?|bi thu|dang uy|phong (?:van hoa|vhxh|"
    r"vh xh)"
    r"(?: xa hoi)?|van hoa xa hoi|lanh dao|chinh quyen|cong an|nganh giao duc|giao duc)"
    r"(?: (?:xa|phuong|thi tran|dac khu|dia phuong))? $"
)
TYPED_AREA = frozenset(("xa", "phuong", "tran", "khu", "x", "p"))
ADVERB = re.compile(r" (?:o|tai|tinh|tp|thanh pho|t) $")
SCHOOL_WORDS = word_set("""truong trg ptdtbt ptdtnt ptdt dtbt dtnt""")
NOW = re.compile(r" nay (?:la|thuoc|doi thanh|sap nhap vao)(?: (?:xa|phuong|thi tran|tinh))? ")
