"""The invented place of the crisis: a commune school, the offices above it, who works there when.

Written as the profile file a school would write, so that reading it is part of what is played.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from langnghe.core.clock import HANOI

SCHOOL, COMMUNE, SECTOR = "th_suoi_mo", "xa_ban_hoa", "so_may_trang"
OTHER = "thcs_doi_gio"
HANH, BINH, AN, VAN = "Cô Lò Thị Hạnh", "Thầy Hà Văn Bình", "Thầy Vì Văn An", "Cô Cầm Thị Vân"
THAO, PHONG = "Cô Quàng Thị Thảo", "Thầy Đinh Văn Phong"
DO, SON = "Cô Mùa Thị Dợ", "Thầy Tòng Văn Sơn"
MAIL = {
    HANH: "hieutruong@suoimo.example",
    BINH: "phohieutruong@suoimo.example",
    AN: "thuky@suoimo.example",
    VAN: "vanthu@suoimo.example",
    THAO: "vhxh@banhoa.example",
    PHONG: "vanphong@maytrang.example",
    DO: "hieutruong@doigio.example",
    SON: "thuky@doigio.example",
}
PERSON = {address: name for name, address in MAIL.items()}
THAO_PHONE = "0912345678"

# Thầy An answers for the school by day, Cô Vân by night. Both principals are left in peace half an
# hour longer than everybody; the other school has no roster. Before 7/2025 the
# school reported to the office of its district.
PROFILE = f"""
name = "Trường Tiểu học Suối Mơ"

[[units]]
id = "{SCHOOL}"
kind = "school"
name = "Trường Tiểu học Suối Mơ"
parent = "{COMMUNE}"
aliases = ["TH Suối Mơ"]
contacts = [
  {{role = "principal", name = "{HANH}", email = "{MAIL[HANH]}", quiet = "21:00-06:00"}},
  {{role = "deputy", name = "{BINH}", email = "{MAIL[BINH]}"}},
  {{role = "officer", name = "{AN}", email = "{MAIL[AN]}"}},
  {{role = "officer", name = "{VAN}", email = "{MAIL[VAN]}"}},
]
duty = [
  {{role = "officer", person = "{AN}", since = "2026-11-30", hours = "06:00-18:00"}},
  {{role = "officer", person = "{VAN}", since = "2026-11-30", hours = "18:00-06:00"}},
]
lines = [
  {{line = "hanh_chinh", office = "Phòng GD&ĐT huyện Mơ Cũ", until = "2025-06-30"}},
  {{line = "hanh_chinh", to = "{COMMUNE}", since = "2025-07-01"}},
  {{line = "chuyen_mon", to = "{SECTOR}", since = "2025-07-01"}},
]
places = [
  {{commune = "xã Mơ Cũ", district = "huyện Mơ Cũ", province = "tỉnh Mây Trắng", until = "2025-06-30"}},
  {{commune = "xã Bản Hoa", province = "tỉnh Mây Trắng", since = "2025-07-01"}},
]

[[units]]
id = "{OTHER}"
kind = "school"
name = "Trường THCS Đồi Gió"
parent = "{COMMUNE}"
contacts = [
  {{role = "principal", name = "{DO}", email = "{MAIL[DO]}", quiet = "21:00-06:00"}},
  {{role = "officer", name = "{SON}", email = "{MAIL[SON]}"}},
]
places = [{{commune = "xã Bản Hoa", province = "tỉnh Mây Trắng", since = "2025-07-01"}}]

[[units]]
id = "{COMMUNE}"
kind = "commune"
name = "Phòng Văn hóa - Xã hội xã Bản Hoa"
parent = "{SECTOR}"
contacts = [
  {{role = "commune", name = "{THAO}", email = "{MAIL[THAO]}", phone = "{THAO_PHONE}", ways = ["email", "sms"]}},
]

[[units]]
id = "{SECTOR}"
kind = "sector"
name = "Sở GD&ĐT tỉnh Mây Trắng"
contacts = [{{role = "sector", name = "{PHONG}", email = "{MAIL[PHONG]}"}}]
"""  # noqa: E501

FIRST_DAY = datetime(2026, 12, 2, tzinfo=HANOI)  # a Wednesday


def at(when: str) -> datetime:
    """Return the moment of ``2 06:10``: the second day of the story, ten past six in Vietnam."""
    day, clock = when.split()
    hour, minute = clock.split(":")
    return FIRST_DAY + timedelta(days=int(day) - 1, hours=int(hour), minutes=int(minute))


def told_at(moment: datetime) -> str:
    """Return a moment as the story's tables write it."""
    local = moment.astimezone(HANOI)
    return f"{(local.date() - FIRST_DAY.date()).days + 1} {local:%H:%M}"
