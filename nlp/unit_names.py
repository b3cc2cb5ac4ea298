"""Taking the written name of a school or an area apart: type words, levels, the name itself."""

from __future__ import annotations

import re
from functools import lru_cache

from langnghe.core.text import clean, fold
from nlp.names import SURNAMES_PLAIN, word_set

_AREA_TYPE = re.compile(
    r"^(xa|phuong|thi tran|huyen|quan|thi xa|thanh pho|tp|tinh|dac khu|tt|h|x|p) (?=[a-z])"
)
_LEVELS: tuple[tuple[str, str], ...] = (
    ("mn", r"mam non|mn|mau giao|mg|nha tre"),
    ("thcs", r"trung hoc co so|thcs|cap (?:1 |i )?(?:2|ii)|cap hai|cap mot hai|cap 2 3"),
    ("thpt", r"trung hoc pho thong|thpt|ptth|cap (?:2 |ii )?(?:3|iii)|cap ba|chuyen"),
    ("dh", r"dai hoc|dh|hoc vien|cao dang|cd"),
    ("th", r"tieu hoc|th(?! cs| pt)|cap 1|cap mot|cap i|ptcs|pho thong co so"),
)
_LEVEL = tuple((level, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for level, words in _LEVELS)
TYPE_WORDS = word_set(
    """truong trg tr th thcs thpt ptth ptdtbt ptdtnt ptdt pt tieu hoc trung co so pho thong mam non
    mn mau giao mg cap 1 2 3 i ii iii hai ba mot va dan toc ban tru noi lien chuyen dai vien cao
    dang dh cs ptcs quoc te tu thuc dtbt dtnt phan hieu diem khu truog truongg truonh"""
)
# Whole phrases, for words like "trung" and "hai" also begin names: "THCS Hai Bà Trưng".
_TYPES = re.compile(
    r"(?:(?:truong|trg|tr|tieu hoc|trung hoc co so|trung hoc pho thong|trung hoc|pho thong dan toc|"
    r"pho thong co so|pho thong|dan toc|ban tru|noi tru|lien cap|mam non|mau giao|nha tre|"
    r"cap (?:\d|i+|mot|hai|ba)(?: (?:va )?(?:\d|i+|hai|ba)(?= ))*|dai hoc|hoc vien|cao dang|"
    r"trung cap|quoc te|tu thuc|dan lap|phan hieu|diem truong|chuyen|th|thcs|thpt|ptth|pt|ptcs|"
    r"ptdtbt|ptdtnt|ptdt|dtbt|dtnt|mn|mg|dh|cd)"
    r"(?: va(?= (?:th|trung hoc|cap|mau giao|pho thong)))? )+"
)
# The type words as written: "Trương Định" is a name, though "truong" mostly is a school.
_WRITTEN = word_set(
    """trường tiểu học trung cơ sở phổ thông dân tộc bán trú nội liên cấp mầm non mẫu giáo nhà trẻ
    đại viện cao đẳng quốc tế tư thục lập phân hiệu điểm chuyên và một hai"""
)
_NUMBER = re.compile(r"^so \d+ | (?:so )?\d+$| [a-h]$")


def levels_in(words: str) -> frozenset[str]:
    """Return the school levels (mn, th, thcs, thpt, dh) named in folded words."""
    return frozenset(level for level, pattern in _LEVEL if pattern.search(words))


@lru_cache(maxsize=65536)
def split_area(name: str) -> tuple[str, str]:
    """Return the folded name of an area without its type word, and the type word."""
    folded = fold(name)
    match = _AREA_TYPE.match(folded)
    return (folded[match.end() :], match[1]) if match else (folded, "")


def type_part(folded: str) -> str:
    """Return the type words a folded school name begins with."""
    match = _TYPES.match(folded)
    return match.group().strip() if match else ""


def core_shown(name: str) -> str:
    """Return a school's name without its type words ("Trường THCS Na Ư" → "Na Ư").

    A name of type words only ("Trường Chuyên") keeps its last word.
    """
    pieces = [piece for piece in re.split(r"[\s&\-–/,]+", clean(name)) if fold(piece)]
    words = [fold(piece) for piece in pieces]
    skip = len(type_part(" ".join(words) + " ").split())
    shown = enumerate(piece.lower() for piece in pieces[:skip])
    skip = next((n for n, low in shown if not low.isascii() and low not in _WRITTEN), skip)
    if 0 < skip < len(pieces) and pieces[skip].lower() in ("xã", "phường"):
        skip += skip < len(pieces) - 1
    return " ".join(pieces[min(skip, len(pieces) - 1) :])


def stem(core: str) -> str:
    """Return a folded name without its number or letter ("so 2 suoi mo", "suoi mo b")."""
    return _NUMBER.sub("", core).strip() or core


def initials(shown: str) -> tuple[str, ...]:
    """Return the short forms the press uses, as shown but small: "L.Q.Đ.", "L.Q.Đôn".

    One-word names and names with numbers have none.
    """
    words = shown.lower().split()
    if len(words) < 2 or not all(word[0].isalpha() for word in words):
        return ()
    heads = [word[0] for word in words]
    short = ["".join(heads)]
    if len(words[-1]) > 2:
        short.append(f"{''.join(heads[:-1])} {words[-1]}")
    return tuple(short)


def heroic(core: str) -> bool:
    """Say whether a name looks like a person's or hero's, which schools everywhere bear."""
    words = core.split()
    return (len(words) >= 3 and words[0] in SURNAMES_PLAIN) or core in _SHARED


_SHARED = frozenset(
    name.strip()
    for name in """kim dong|hoa hong|hoa sen|hoa mai|hoa ban|hoa phuong|huong sen|hoa huong duong|
    binh minh|hoa binh|thong nhat|doc lap|tan binh|tan lap|sao mai|son ca|hoa mi|tuoi tho|ban mai|
    hoa lan|nguyen du|le loi|quang trung|tran phu|nguyen trai|le lai|chu van an|ly thuong kiet|
    hung vuong|vo thi sau|le hong phong|be van dan|phan dinh giot|cu chinh lan|to vinh dien|
    ba trieu|le van tam|tran hung dao|nguyen hue|hai ba trung|luong the vinh|nguyen binh khiem|
    ngo quyen|le duan|ton duc thang|to hieu|van an|mang non|hoa ngoc lan|anh duong|vang anh|
    thang long|nam cuong|trung vuong|tan tien|tan thanh|tan hoa|minh khai|doan ket|1|2|3|so 1|so 2|
    tt|trung tam|thi tran|nguyen hien|nguyen khuyen|le loi|phan chu trinh|phan boi chau|ly tu trong|
    to hien thanh|dinh tien hoang|le dai hanh|ly thai to|an duong vuong|ho chi minh|hoa sua|
    hoang dieu|hong bang|lam son|chi lang|bach dang|dong da|ba dinh|viet my|sao vang|hong ha|
    nguyen sieu|nguyen tat thanh|xuan dieu|huynh thuc khang|hung dao|ky dong|le chan|mai dong|
    nui thanh|phu dong|thanh nien|tien phong|trung nhi|van lang|hoang hoa tham""".replace(
        "\n", ""
    ).split("|")
)
