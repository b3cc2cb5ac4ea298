"""The words behind ``nlp.facts``: triggers, counts, persons, and what takes a statement back.

Written with marks; the form without marks is derived, except for words that become something else
("tự tử" would turn into "từ từ"), which are read only where marks are there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from langnghe.core.text import strip_marks
from nlp.fact_numbers import ADULT, CHILD, Words, words

PEOPLE_KINDS = frozenset(
    {"dead", "injured", "hospitalised", "poisoned", "absent", "missing", "suicide", "sexual_abuse"}
)
OFFICE_ACTS = frozenset({"arrested", "suspended", "police"})
"""What an office does to somebody: wished for as often as reported."""


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
        r"(?:học sinh|phụ huynh|trẻ|thí sinh|sinh viên|hs)|(?:danh sách|số điện thoại|hồ sơ|"
        r"dữ liệu)(?: \w+){0,7} bị (?:lộ|rò rỉ|phát tán|rao bán|đánh cắp)|"
        r"lộ lọt (?:dữ liệu|thông tin)|"
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
        r"phát tán|trên mạng|trên facebook|trên tiktok|trên zalo|gây phẫn nộ|gây bức xúc|"
        r"dậy sóng|"
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
        r"bắt giữ|"
        r"bị bắt(?=[.,;:!]|$| (?:giữ|giam|khẩn|vì|do|để điều|khi|sau|tại|ở|cùng|theo|về tội))|"
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
        r"đến trạm y tế|tới trạm y tế|theo dõi tại bệnh viện|"
        r"đưa (?:đến|tới|vào|đi) (?:các |một )?(?:cơ sở|trung tâm|trạm|phòng khám)(?: y tế)?",
        "",
    ),
    "injured": (
        r"bị thương|thương tích|chấn thương|trọng thương|gãy (?:tay|chân|xương|cổ|răng|mũi)|"
        r"bị bỏng|"
        r"rách da|khâu \d+ mũi|chảy máu|bầm tím|đa chấn thương|hôn mê|bất tỉnh|"
        r"bị đánh (?:nhập viện|ngất|hội đồng)",
        r"ngất xỉu",
    ),
    "poisoned": (
        r"ngộ độc|trúng thực|nôn ói|nôn mửa|ói mửa|buồn nôn|đau bụng|tiêu chảy",
        "",
    ),
    "absent": (
        r"nghỉ học|vắng mặt|vắng thi|(?:không|chưa) thể (?:đến|tới) (?:trường|lớp)|"
        r"không (?:đến|tới) (?:trường|lớp)|bỏ học|cho con nghỉ|vắng học|không cho con "
        r"(?:đến|tới|đi|ăn)|(?:không|chưa) ra lớp",
        "",
    ),
    "missing": (
        r"mất tích|mất liên lạc|bị lạc|đi lạc|bỏ nhà đi|(?:bị |lũ |nước ){0,3}cuốn trôi(?! (?:hàng|"
        r"nhiều|\d+|một|ngôi|nhà|xe|cầu|tài)(?: \w+)? (?:nhà|xe|cầu|căn|tài|cây|đường|ha))|"
        r"lũ cuốn|nước cuốn|"
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
        r"(?<!\w)(?:"
        + "|"
        r"".join(_named(k, strip_marks(a)) for k, (a, _) in _TRIGGERS.items())
        + ")"
    ),
)

CHILDREN = words(rf"(?<!\w)(?:{CHILD})(?!\w)")
ADULTS = words(rf"(?<!\w)(?:{ADULT}|ông|bà|anh|chị|cha|mẹ|bố|má|vợ|chồng|bác|chú)(?!\w)")


@dataclass(frozen=True, slots=True)
class _Undone:
    before: Words
    anywhere: Words


# "Không may", "chưa rõ", "không chỉ": the event stands all the same.
_STILL_SO = (
    r"(?! (?:có kết luận|có kết quả|rõ|xác định|chỉ|những|biết|dừng|kịp|may|qua khỏi|cho|được|"
    r"đồng ý|phải lần|thể chấp nhận))"
)
DENIED = _Undone(
    before=words(
        rf"(?<!\w)(?:không|chưa|chẳng|không hề|chưa hề){_STILL_SO}(?:,? \w+){{0,6}} $"
        rf"|(?<!\w)(?:không|chưa){_STILL_SO} (?:có|ghi nhận|phát hiện|xảy ra)[^,]{{0,50}}$"
        r"|(?<!\w)(?:suýt|hết|thoát)(?: \w+){0,2} $",
        only_marked=r"(?<!\w)(?:tránh|(?<!không )may)(?: \w+){0,2} $",
    ),
    anywhere=words(
        r"(?<!\w)(?:bác (?:bỏ )?(?:thông )?tin|bác bỏ|phủ nhận|tin giả|sai sự thật|bịa đặt|"
        r"tin đồn thất thiệt|đính chính|cải chính|thực hư|không đúng sự thật|"
        r"nói gì về (?:tin|thông tin|việc|nghi vấn)|xác minh (?:tin|thông tin)|"
        r"không chính xác|không có chuyện|không có việc|tin không đúng|chưa (?:có|"
        r"đủ) (?:cơ sở|căn cứ)|"
        r"thông tin (?:trên )?là không (?:đúng|chính xác))(?!\w)"
    ),
)
_THEN = r"(?: \w+){0,4},? $"
TRAINED = _Undone(
    before=words(
        r"(?<!\w)(?:phòng,? (?:chống|tránh|ngừa)|ngăn ngừa|ngăn chặn|tuyên truyền(?: về)?|"
        r"cảnh báo(?: về)?|kỹ năng|nguy cơ|khả năng|nếu|giả sử|giả định|sẽ|"
        r"có thể(?: bị| gây| dẫn đến)?|đề phòng|trong trường hợp|khi bị|toàn tin|dạo này|kiểu|"
        r"ngày xưa|hồi xưa|hậu quả|bảo hiểm|quy định|đối với|xử lý|kịch bản|tình huống|"
        rf"(?<!có )(?<!vì )(?<!do )hành vi){_THEN}",
        # Without marks these are other words: tôi, dễ/để, định/đỉnh, phòng (room) …
        only_marked=r"(?<!\w)(?:phòng|chống|ngừa|tránh|lỡ|nhỡ|định|dễ|như|sợ|lo|(?<!về )tội)"
        rf"{_THEN}",
    ),
    anywhere=words(
        r"(?<!\w)(?:phòng,? chống|phòng tránh|phòng ngừa|diễn tập|tập huấn|giả định|chuyên đề|"
        r"buổi tuyên truyền|nếu|giả sử|ngoại khóa|cuộc thi|lớp dạy bơi|hội thảo|dự thảo|"
        r"dự kiến|đề xuất mức|mức phạt|bộ phim|tiểu thuyết|vở kịch)(?!\w)"
    ),
)

_WISHED_BEFORE = words(
    r"(?<!\w)(?:hãy|mong|đề nghị|yêu cầu|kêu gọi|sao không)(?: \w+){0,4} $",
    only_marked=r"(?<!\w)(?:nên|cần|đòi|xin|phải|đáng|chờ|đợi|sớm)(?: \w+){0,4} $",
)
_WISHED_BEHIND = words(r"^ (?:ngay|luôn|hết|đi|giùm|giúp)(?!\w)")
_WASHED_AWAY = words(r"(?<!\w)(?:cầu|nhà|xe|đường|kè|tài sản|cây)(?: \w+){0,2} (?:bị )?$")
_FORCED = words(r"(?<!\w)(?:ép|buộc|bắt|đuổi|dọa)(?: \w+){0,3} $")


def only_wished(kind: str, before: str, after: str, marked: bool) -> bool:
    """Say whether an office's act is asked for ("bắt giam ngay"), or a pupil made to stay off.

    So too where the flood took a bridge or a house and nobody.
    """
    if kind in OFFICE_ACTS:
        wished = _WISHED_BEFORE.of(marked).search(before[-50:])
        return bool(wished or _WISHED_BEHIND.of(marked).search(after[:12]))
    if kind == "missing":
        return _WASHED_AWAY.of(marked).search(before[-30:]) is not None
    return kind == "absent" and _FORCED.of(marked).search(before[-40:]) is not None
