"""What is published in the story, and who must hear of it when: written down by hand.

The table was worked out on paper from the playbook's rules (whom each level tells first, after how
many minutes whom next, which steps are reminded of and when, quiet hours 21:30-05:30) and from who
is on duty. Nothing in it is read from the product. Times are "day hour:minute" in Vietnam.
"""

from __future__ import annotations

from tests.crisis.post import Told
from tests.crisis.town import AN, DO, HANH, PHONG, SON, THAO, VAN

CHILD = "Lò Thị Mẩy Xuân"
OFFICER, PRINCIPAL = "Thư ký Hội đồng trường", "Hiệu trưởng"
VHXH, SO = "UBND xã (Phòng Văn hóa – Xã hội)", "Sở Giáo dục và Đào tạo"
HOMEROOM = "Giáo viên chủ nhiệm"

# key: (source, title, text, kind)
ITEMS = {
    "bai dau": (
        "Hội phụ huynh Suối Mơ", "",
        "Trưa qua các con ở Trường Tiểu học Suối Mơ ăn bán trú suất cơm có mùi thiu, thịt ôi, "
        "nhiều cháu bỏ ăn. Đề nghị nhà trường kiểm tra bếp và trả lời phụ huynh.",
        "comment",
    ),
    "noi thu hai": (
        "Báo Mây Trắng",
        "Phụ huynh phản ánh bữa trưa bán trú ở Trường Tiểu học Suối Mơ, 2 học sinh nghi ngộ độc",
        "Trưa nay, sau suất cơm bán trú có mùi thiu tại Trường Tiểu học Suối Mơ (xã Bản Hoa), "
        "2 học sinh có biểu hiện đau bụng, nôn, nghi ngộ độc thực phẩm.",
        "news",
    ),
    "nhap vien": (
        "Tin Nhanh Mây Trắng",
        "5 học sinh Trường Tiểu học Suối Mơ nhập viện sau bữa trưa bán trú, clip lan truyền",
        "Tối nay, 5 học sinh Trường Tiểu học Suối Mơ phải nhập viện cấp cứu, nghi ngộ độc thực "
        f"phẩm sau bữa cơm bán trú. Em {CHILD}, lớp 4A, nằm tại khoa cấp cứu. Clip các em nôn tại "
        "lớp lan truyền trên mạng.",
        "news",
    ),
    "khoan thu": (
        "Báo Đồi Sim",
        "Phụ huynh Trường THCS Đồi Gió thắc mắc khoản quỹ lớp 1,5 triệu đồng",
        "Nhiều phụ huynh Trường THCS Đồi Gió bức xúc vì khoản quỹ lớp 1,5 triệu đồng thu đầu năm "
        "học không có biên lai, đề nghị nhà trường công khai các khoản thu và hoàn trả.",
        "news",
    ),
    "15 em": (
        "Báo Mây Trắng",
        "Vụ ngộ độc ở Trường Tiểu học Suối Mơ: số học sinh nhập viện tăng lên 15 em",
        "Sáng nay, 15 học sinh Trường Tiểu học Suối Mơ nhập viện sau bữa trưa bán trú, đang được "
        "bệnh viện điều trị.",
        "news",
    ),
    "tu vong": (
        "Báo Mây Trắng",
        "Một học sinh Trường Tiểu học Suối Mơ tử vong sau vụ ngộ độc bữa trưa bán trú",
        "Sáng nay, bệnh viện cho biết 1 học sinh Trường Tiểu học Suối Mơ đã tử vong sau vụ ngộ độc "
        "bữa trưa bán trú ngày 2/12.",
        "news",
    ),
}  # fmt: skip

# Vàng 120 minutes to answer, then the principal, after 240 the commune.
YELLOW = [
    Told("1 09:00", 1, "mới", "Vàng", AN, OFFICER),
    Told("1 09:00", 1, "mới", "Vàng", HANH, PRINCIPAL),
    Told("1 11:00", 1, "báo lên", "Vàng", HANH, PRINCIPAL),
    Told("1 13:00", 1, "báo lên", "Vàng", THAO, VHXH),
]
# Cam: principal after 30, commune after 60, department after 120 minutes.
ORANGE = [
    Told("1 13:20", 1, "nâng mức", "Cam", HANH, PRINCIPAL),
    Told("1 13:20", 1, "nâng mức", "Cam", AN, OFFICER),
    Told("1 13:50", 1, "báo lên", "Cam", HANH, PRINCIPAL),
    Told("1 14:20", 1, "báo lên", "Cam", THAO, VHXH),
    Told("1 15:20", 1, "báo lên", "Cam", PHONG, SO),
]
# Đỏ at night: at once to the school and both offices above it, whatever the hour; then after 15,
# 30 and 60 minutes.
# By now Cô Vân is on duty. Who was asked on a rung of this round is not asked on the next.
RED = [
    Told("1 22:10", 1, "nâng mức", "Đỏ", HANH, PRINCIPAL),
    Told("1 22:10", 1, "nâng mức", "Đỏ", VAN, OFFICER),
    Told("1 22:10", 1, "nâng mức", "Đỏ", THAO, VHXH),
    Told("1 22:10", 1, "nâng mức", "Đỏ", PHONG, SO),
    Told("1 22:25", 1, "báo lên", "Đỏ", HANH, PRINCIPAL),
    Told("1 22:40", 1, "báo lên", "Đỏ", THAO, VHXH),
    Told("1 23:10", 1, "báo lên", "Đỏ", PHONG, SO),
]
# Acknowledged at 23:14. Of the steps that are reminded of, sealing the kitchen (by 23:29), the
# families (by 23:44) and the first statement (by 01:14) are done in time; reporting is not.
ANSWERED = [Told("1 23:44", 1, "nhắc việc", "Đỏ", HANH, PRINCIPAL)]
# A Vàng matter of the other school, heard of at 22:50, waits: for everybody to 05:30, for the
# principal, who wants it so, to 06:00.
SECOND = [
    Told("2 05:30", 2, "mới", "Vàng", SON, OFFICER),
    Told("2 06:00", 2, "mới", "Vàng", DO, PRINCIPAL),
]
# Raised by hand at 08:00, taken up at 08:05: families by 09:05, report by
# 10:05, statement by 11:05.
# Nobody is homeroom teacher in the directory and nobody on duty: all of the school are reminded.
BY_HAND = [
    Told("2 08:00", 2, "nâng mức", "Cam", DO, PRINCIPAL),
    Told("2 08:00", 2, "nâng mức", "Cam", SON, OFFICER),
    Told("2 09:05", 2, "nhắc việc", "Cam", DO, HOMEROOM),
    Told("2 09:05", 2, "nhắc việc", "Cam", SON, HOMEROOM),
    Told("2 10:05", 2, "nhắc việc", "Cam", DO, PRINCIPAL),
    Told("2 11:05", 2, "nhắc việc", "Cam", DO, PRINCIPAL),
]
# Three times as many pupils in hospital: told although the level stays and somebody has answered.
NEWS = [
    Told("2 09:00", 1, "diễn biến", "Đỏ", HANH, PRINCIPAL),
    Told("2 09:00", 1, "diễn biến", "Đỏ", AN, OFFICER),
    Told("2 09:00", 1, "diễn biến", "Đỏ", THAO, VHXH),
    Told("2 09:00", 1, "diễn biến", "Đỏ", PHONG, SO),
]
# The second matter is closed at noon: everybody who heard of it, once.
SECOND_ENDS = [
    Told("2 12:00", 2, "đã xử lý", "Cam", DO, PRINCIPAL),
    Told("2 12:00", 2, "đã xử lý", "Cam", SON, HOMEROOM),
]
# The first is closed on the ninth day, at the level it had come down to: everybody, once.
ENDS = [
    Told("9 10:05", 1, "đã xử lý", "Cam", HANH, PRINCIPAL),
    Told("9 10:05", 1, "đã xử lý", "Cam", AN, OFFICER),
    Told("9 10:05", 1, "đã xử lý", "Cam", VAN, OFFICER),
    Told("9 10:05", 1, "đã xử lý", "Cam", THAO, VHXH),
    Told("9 10:05", 1, "đã xử lý", "Cam", PHONG, SO),
]
# Worse news: the round begins anew, and ends at 08:20 when somebody answers.
AGAIN = [
    Told("10 08:00", 1, "mở lại", "Đỏ", HANH, PRINCIPAL),
    Told("10 08:00", 1, "mở lại", "Đỏ", AN, OFFICER),
    Told("10 08:00", 1, "mở lại", "Đỏ", THAO, VHXH),
    Told("10 08:00", 1, "mở lại", "Đỏ", PHONG, SO),
    Told("10 08:15", 1, "báo lên", "Đỏ", HANH, PRINCIPAL),
]
ALL = [
    *YELLOW, *ORANGE, *RED, *ANSWERED, *SECOND, *BY_HAND, *NEWS, *SECOND_ENDS, *ENDS, *AGAIN,
]  # fmt: skip
