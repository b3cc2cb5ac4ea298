"""Which province, commune and school a text names: what keeps look-alike events apart.

Two drownings on one day read alike in every word but the place. Provinces are the 34 in force since
1/7/2025; the older 63 names and well-known towns lead to the province they lie in today, because
newspapers and parents go on using them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Province today: older provinces and well-known towns inside it, all without diacritics.
_PROVINCES = {
    "Ha Noi": "Thu do",
    "Hue": "Thua Thien Hue",
    "Hai Phong": "Hai Duong",
    "Da Nang": "Quang Nam,Hoi An,Tam Ky",
    "TPHCM": "TP.HCM,TP HCM,Ho Chi Minh,HCM,Sai Gon,Thu Duc,Binh Duong,Thu Dau Mot,Ba Ria,"
    "Vung Tau,Con Dao",
    "Can Tho": "Soc Trang,Hau Giang",
    "Tuyen Quang": "Ha Giang",
    "Lao Cai": "Yen Bai,Sa Pa",
    "Thai Nguyen": "Bac Kan,Bac Can",
    "Phu Tho": "Vinh Phuc,Hoa Binh,Viet Tri",
    "Bac Ninh": "Bac Giang",
    "Hung Yen": "Thai Binh",
    "Ninh Binh": "Ha Nam,Nam Dinh",
    "Quang Tri": "Quang Binh,Dong Hoi,Dong Ha",
    "Quang Ngai": "Kon Tum",
    "Gia Lai": "Binh Dinh,Quy Nhon,Pleiku",
    "Khanh Hoa": "Ninh Thuan,Nha Trang,Cam Ranh",
    "Lam Dong": "Dak Nong,Dac Nong,Binh Thuan,Da Lat,Phan Thiet",
    "Dak Lak": "Dac Lac,Dak Lac,Phu Yen,Buon Ma Thuot,Tuy Hoa",
    "Dong Nai": "Binh Phuoc,Bien Hoa",
    "Tay Ninh": "Long An",
    "Vinh Long": "Ben Tre,Tra Vinh",
    "Dong Thap": "Tien Giang,My Tho,Cao Lanh",
    "Ca Mau": "Bac Lieu",
    "An Giang": "Kien Giang,Phu Quoc,Rach Gia,Long Xuyen",
    "Lai Chau": "",
    "Dien Bien": "",
    "Son La": "",
    "Lang Son": "",
    "Quang Ninh": "Ha Long",
    "Thanh Hoa": "",
    "Nghe An": "",
    "Ha Tinh": "",
    "Cao Bang": "",
}
_COUNTRIES = (
    "Indonesia,Malaysia,Philippines,Singapore,Campuchia,Myanmar,Nhat Ban,Han Quoc,Trieu Tien,"
    "Trung Quoc,Dai Loan,Hong Kong,Thai Lan,An Do,Pakistan,Bangladesh,Nepal,Iran,Iraq,Israel,Gaza,"
    "Ukraine,Nigeria,Kenya,Nam Phi,Ai Cap,Sudan,Uganda,Brazil,Mexico,Colombia,Argentina,Peru,"
    "Canada,Australia,New Zealand,Tay Ban Nha,Bo Dao Nha,Ha Lan,Thuy Dien,Na Uy,Phan Lan,Dan Mach,"
    "Ba Lan,Tho Nhi Ky,Hy Lap,Kazakhstan,Afghanistan,Saudi Arabia,Sri Lanka"
)
_PLACE_OF = {
    name: province
    for province, others in _PROVINCES.items()
    for name in (province, *filter(None, others.split(",")))
} | {name: "~" + name for name in _COUNTRIES.split(",")}

# "Thai Binh Duong" is an ocean, not two provinces.
_PLACE = re.compile(
    r"(?<!\w)(?<!Thai )("
    + "|".join(sorted(map(re.escape, _PLACE_OF), key=len, reverse=True))
    + r")\b"
    r"(?! Duong\b)"
)
# Without capitals only names that are hardly ever two ordinary words may count.
_AMBIGUOUS = {"Hue", "HCM", "Hoa Binh", "Thai Binh", "Ha Nam", "Thanh Hoa", "Long An", "An Giang",
              "Phu Yen", "Binh Dinh", "Binh Duong", "Ha Long", "Son La", "Gia Lai", "Hoi An",
              "Thu do", "An Do", "Ba Lan", "Ha Lan", "Peru", "Iran", "Iraq", "Gaza", "Na Uy",
              "Dong Ha", "Ai Cap", "Tay Ninh", "Yen Bai", "Con Dao", "Cao Bang"}  # fmt: skip
_LOWER_PLACE_OF = {
    name.lower(): place for name, place in _PLACE_OF.items() if name not in _AMBIGUOUS
}
_LOWER_PLACE = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _LOWER_PLACE_OF), key=len, reverse=True)) + r")\b"
)
_HUE = re.compile(
    r"\bThua Thien|(?:^|[^\w ]\s*|\b(?:[a-z]\w*|[A-Z]{2,}|Tai|O|Tu|Thanh pho|Tinh)\.? )Hue\b"
)
_NAME = r"((?:[A-Z][\w.]*)(?: [A-Z0-9][\w.]*){0,4})"
_COMMUNE = re.compile(
    r"\b(?:[Xx]a|[Pp]huong|[Tt]hi tran|[Hh]uyen|[Qq]uan|[Tt]hi xa|[Dd]ac khu) " + _NAME
)
_LEVEL = (
    r"(?:[Tt]ieu hoc|TH|THCS|THPT|[Mm]am non|MN|[Mm]au giao|MG|DH|[Dd]ai hoc|CD|[Cc]ao dang|[Hh]oc "
    r"vien|[Pp]ho thong|PTDTBT|PTDTNT|[Dd]an toc|[Nn]oi tru|[Bb]an tru|[Tt]rung hoc co so|[Tt]rung "
    r"hoc pho thong|[Tt]u thuc|[Ll]ien cap|[Qq]uoc te)"
)
# "Trường Cao đẳng Du lịch Hà Nội": the small second half of the subject belongs to the name.
_SUBJECT = (
    r"(?:Du lich|Kinh te|Nong nghiep|Nong lam|Cong nghe|Cong nghiep|Su pham|Bach khoa|Y duoc|Van "
    r"hoa|Tai chinh|Ngan hang|Khoa hoc|Thuong mai|Ky thuat|Xay dung|Kien truc|Thuy loi|Giao duc|"
    r"Ngoai ngu|Ngoai thuong|Giao thong|Quoc gia|Lao dong|Hang hai|Dien luc) "
)
_SCHOOL = re.compile(
    rf"\b{_LEVEL}(?:(?: ?[,&-] ?| va | )(?:{_LEVEL}))* (?:so \d+ )?"
    rf"((?:{_SUBJECT}(?:(?:va |- ?)?{_SUBJECT})*)?(?:[A-Z][\w.]*)(?: [A-Z0-9][\w.]*){{0,4}})"
)
_INITIALS = re.compile(r"(?:[a-z]{1,2}\.)+[a-z]{0,2}|[a-z]")
_KIND_WORDS = {"truong", "th", "thcs", "thpt", "ptdtbt", "mn", "mam", "non", "tieu", "hoc", "ban",
               "tru"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """Names found in one text, folded. A country is written ``~Name`` among ``provinces``."""

    provinces: frozenset[str] = frozenset()
    communes: frozenset[str] = frozenset()
    schools: frozenset[str] = frozenset()


def find_places(stripped: str, original: str) -> Places:
    """Return the places named in ``stripped``: the text without diacritics, letter case kept."""
    has_case = not stripped.islower()
    if has_case:
        provinces = {_PLACE_OF[m] for m in _PLACE.findall(stripped)}
        # "Huệ" is a person and so is "Nguyễn Thị Huế"; the city stands without a name before it.
        if "Hue" in provinces and not (
            _HUE.search(stripped) and (original.isascii() or "Huế" in original)
        ):
            provinces.discard("Hue")
    else:
        provinces = {_LOWER_PLACE_OF[m] for m in _LOWER_PLACE.findall(stripped)}
    communes = {_tidy(m) for m in _COMMUNE.findall(stripped)} if has_case else set()
    schools = {_tidy(m) for m in _SCHOOL.findall(stripped)} if has_case else set()
    return Places(
        frozenset(provinces), frozenset(filter(None, communes)), frozenset(filter(None, schools))
    )


def _tidy(name: str) -> str:
    words = [word.strip(".") for word in name.lower().split()]
    # "Trường tiểu học A.B." hides a name: it neither agrees nor disagrees with a full one.
    if any(_INITIALS.fullmatch(word) for word in words):
        return ""
    while words and words[0] in _KIND_WORDS:
        words.pop(0)
    return " ".join(words)
