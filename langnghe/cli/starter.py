"""The two files ``langnghe init`` writes: a readable configuration and a first profile."""

from __future__ import annotations

import json


def starter_config(email: str) -> str:
    """Return a commented ``langnghe.toml``."""
    return f"""\
# Cấu hình Lắng Nghe. Mỗi mục cũng đặt được bằng biến môi trường LANGNGHE_<TÊN>.
# Mật khẩu thư nên đặt bằng biến LANGNGHE_SMTP_PASSWORD, không ghi vào tệp này.

# Địa chỉ mà người nhận thư mở được bảng điều khiển:
# base_url = "https://langnghe.truong.example"

# Máy chủ gửi thư:
# smtp_host = "smtp.truong.example"
# smtp_port = 587
# smtp_security = "starttls"      # none | starttls | tls
# smtp_user = "canhbao@truong.example"
# mail_from = "Lắng Nghe <canhbao@truong.example>"

# Ai được báo khi đơn vị chưa khai báo người nhận:
mail_fallback = {json.dumps(email)}

# Thư hoặc trang để nơi được thu thập tin liên hệ với quý vị:
contact = {json.dumps(email)}
"""


PEOPLE = """
# Danh bạ, lịch trực, tuyến báo cáo cũng sửa được trên trang «Đơn vị» và bằng «langnghe people».
# Chỉ ghi địa chỉ công vụ. Cách báo ghi theo thứ tự muốn dùng; cách trước hỏng thì dùng cách sau.
# [[units.contacts]]
# role = "officer"
# name = "Thư ký Hội đồng trường"
# email = "thuky@truong.example"
# phone = "0900000001"
# ways = ["zalo_zns", "email", "sms"]   # còn có zalo_oa | telegram | webhook | apprise
# quiet = "21:30-05:30"                 # giờ yên lặng; mức Đỏ vẫn báo
#
# [[units.duty]]                        # người trực được báo trước
# role = "officer"
# person = "Thư ký Hội đồng trường"     # đúng tên hoặc e-mail trong danh bạ của đơn vị
# since = 2026-09-05
# until = 2027-05-31                    # hết ngày này; có thể ghi cả giờ: 2027-05-31T18:00:00
# days = ["T7", "CN"]                   # bỏ trống: mọi ngày
# hours = "18:00-06:00"                 # bỏ trống: cả ngày
#
# Không ghi tuyến báo cáo thì theo lệ: trước 01/7/2025 Phòng GD&ĐT huyện; từ đó song song UBND xã
# (hành chính) và Sở GD&ĐT (chuyên môn).
# [[units.lines]]
# line = "chuyen_mon"                   # hanh_chinh | chuyen_mon
# to = "so"                             # mã đơn vị; hoặc office = "Tên cơ quan"
# since = 2025-07-01
# basis = "TT 15/2025/TT-BGDĐT"
"""


def starter_profile(school: str, commune: str, province: str, *, email: str) -> str:
    """Return a profile of one school, its commune and its province."""

    def q(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    contacts = (
        f"""
[[units.contacts]]
role = "principal"
name = "Hiệu trưởng"
email = {q(email)}
"""
        if email
        else """
# [[units.contacts]]
# role = "principal"        # officer | principal | deputy | homeroom | nurse | …
# name = "Họ tên, chức vụ"
# email = "hieutruong@truong.example"
"""
    )
    bare = province.removeprefix("tỉnh ").removeprefix("thành phố ")
    return f"""\
# Hồ sơ theo dõi: những đơn vị cần nghe. Sửa tên gọi khác và địa bàn cho đúng với thực tế.
name = {q(f"Hồ sơ theo dõi – {school}")}

[[units]]
id = "truong"
kind = "school"
name = {q(school)}
parent = "xa"
aliases = []                # các cách gọi khác của trường
name_variants = []          # các cách viết khác của tên riêng
places = [{{ commune = {q(commune)}, province = {q(province)} }}]
{contacts}{PEOPLE}
[[units]]
id = "xa"
kind = "commune"
name = {q(f"Giáo dục {commune}")}
parent = "so"
aliases = [{q(f"UBND {commune}")}]
places = [{{ commune = {q(commune)}, province = {q(province)} }}]

[[units]]
id = "so"
kind = "sector"
name = {q(f"Sở GD&ĐT {province}")}
aliases = [{q(f"Sở Giáo dục và Đào tạo {province}")}, {q(f"ngành giáo dục {bare}")}]
places = [{{ province = {q(province)} }}]
"""
