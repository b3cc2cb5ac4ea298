"""Texts that try to slip past the checks, and texts a head needs to let out at ten at night."""

from __future__ import annotations

import time

import pytest

from alerts.statements.checks import CheckContext, blocks, check
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.text import clean

END = (
    ". Đầu mối liên hệ: đồng chí Lò Văn Panh, Hiệu trưởng, điện thoại 0912 345 678. Thông tin "
    "tiếp theo: 17 giờ ngày 23/11."
)
HOLDING = CheckContext(
    template=load_templates().template("M1"),
    allowed=("đồng chí Lò Văn Panh, Hiệu trưởng", "0912 345 678"),
)


def found(said: str) -> list[str]:
    """Return the codes that block a holding statement which says this."""
    text = clean(f"Thông tin ban đầu\n\n{said}{END}")
    return [one.code for one in blocks(check(text, HOLDING))]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Em <b>Lò Thị</b> <i>Hoa</i> đã được đưa đi viện", "markup"),
        ("Em L&ograve; Thị Hoa đã được đưa đi viện", "markup"),
        ("Em L\u200bò Thị Hoa đã được đưa đi viện", "child_data"),
        ("Em Lo\u0300 Thi\u0323 Hoa đã được đưa đi viện", "child_data"),
        ("em lo thi hoa da duoc dua di vien", "child_data"),
        ("EM HOA LỚP 5A ĐÃ ỔN ĐỊNH", "child_data"),
        ("Lớp 5A có một em đau bụng", "child_data"),
        ("Gv chủ nhiệm đã tác động vật lý vào học sinh", "blame"),
        ("Cô giáo dùng thước quật vào tay học sinh", "blame"),
        ("hs bị gv đánh mắng, gv đánh hs", "blame"),
        ("Nhà trường sẽ cho các em tạm nghỉ học một tuần để kiểm điểm", "forbidden_discipline"),
        ("Có ba mươi học sinh nhập viện", "bare_number"),
        ("Có ba mươi lăm cháu nhập viện", "bare_number"),
        ("Có hơn 30 hs nhập viện", "bare_number"),
        ("Một em đã tử vong", "bare_number"),
        ("Em học sinh treo cổ tại phòng ở", "self_harm"),
    ],
)
def test_no_other_spelling_slips_past(said: str, code: str) -> None:
    assert code in found(said)


HARMLESS = """\
Nhà trường đã nhận được phản ánh về bữa ăn bán trú trưa nay và đang phối hợp với trạm y tế xã
Toàn bộ học sinh đã được đưa ra sân trường an toàn, giáo viên chủ nhiệm ở bên các em
Trường tạm dừng bữa ăn bán trú trong ngày mai, phụ huynh vui lòng đón con lúc 10 giờ 45 phút
Mưa lớn làm sạt lở sau dãy nhà bán trú, nhà trường đã sơ tán toàn bộ học sinh đến nhà văn hóa xã
Đường vào trường bị ngập, học sinh các điểm trường được nghỉ học đến khi có thông báo mới
Tính đến 21 giờ ngày 23/11, theo Trạm Y tế xã, có 12 học sinh được theo dõi sức khỏe
Nhà trường chia sẻ sự lo lắng của phụ huynh và sẽ cung cấp thông tin khi có kết luận chuyên môn
Nguyên nhân sự việc đang được Công an xã và cơ quan chức năng làm rõ
Mong phụ huynh không chia sẻ hình ảnh, thông tin cá nhân của học sinh lên mạng
Mẫu thức ăn lưu đã được bàn giao cho Trung tâm Y tế lúc 13 giờ
Đám cháy nhỏ ở kho sách đã được dập tắt lúc 15 giờ, không có học sinh và giáo viên nào bị thương
Nhà trường bảo đảm quyền được học tập của tất cả học sinh, không có em nào phải nghỉ học
Nếu có vi phạm, cơ quan có thẩm quyền sẽ xử lý theo quy định
Xe đưa đón gặp sự cố kỹ thuật lúc 6 giờ 40 phút, các em đã được chuyển sang xe khác an toàn
Các khoản thu năm học 2026-2027 thực hiện theo nghị quyết của HĐND tỉnh, công khai trên bảng tin
Nếu con có biểu hiện đau bụng, sốt, phụ huynh đưa con đến trạm y tế gần nhất
Lớp 5A và lớp 5B chuyển sang học tại nhà đa năng trong thời gian sửa phòng học
Phụ huynh lớp 3B vui lòng đón con tại cổng sau
Học sinh khối 9 vẫn thi khảo sát theo lịch, các khối khác học trực tuyến
Do bão số 12, toàn bộ học sinh nghỉ học ngày 24/11; học sinh nội trú được giáo viên chăm sóc
Nhà trường lên án mọi hành vi bạo lực học đường và đang làm rõ thông tin được phản ánh
Đoạn clip lan truyền đang được xác minh, mong phụ huynh không đăng lại để bảo vệ học sinh
Ban Giám hiệu và Ban đại diện cha mẹ học sinh đã đến thăm hỏi gia đình
Cô giáo chủ nhiệm đã đưa các em về tận nhà lúc 17 giờ
Nhà trường xin gửi lời chia buồn sâu sắc tới gia đình và đang cùng gia đình lo liệu
Một học sinh bị ngã khi chơi ở sân trường, đã được nhân viên y tế chăm sóc và gia đình đón về
Nhà trường đang phối hợp với Công an xã tìm một học sinh chưa về nhà
Ai có thông tin xin báo ngay cho Công an xã theo số 113
Các thầy cô trực tại trường suốt đêm nay để hỗ trợ học sinh nội trú
Nước sinh hoạt khu nội trú tạm ngừng, nhà trường đã chuẩn bị nước đóng bình
Có người lạ vào khu vực cổng trường lúc 16 giờ; bảo vệ đã báo Công an xã, các em đều an toàn
Hai nhóm học sinh có mâu thuẫn ngoài cổng trường; sự việc đang được xác minh
Nhà trường đã mời chuyên gia tâm lý hỗ trợ học sinh từ sáng mai
Tổng đài quốc gia bảo vệ trẻ em 111 luôn sẵn sàng hỗ trợ
Nhà trường không đuổi học và không đình chỉ học tập học sinh nào
Giáo viên được phản ánh đã tạm thời không đứng lớp trong thời gian xác minh
Thông tin nhà trường thu thêm tiền là chưa chính xác
Nhà trường nhận trách nhiệm về việc thông báo chậm và xin lỗi phụ huynh
Ngày mai trường tổ chức họp phụ huynh toàn trường lúc 19 giờ tại hội trường
Việc đưa đón học sinh qua ngầm tràn tạm dừng cho đến khi nước rút
Mọi học sinh đã được điểm danh đủ, không em nào bị lạc
Nhà trường đang chờ kết quả xét nghiệm của cơ quan y tế""".splitlines()


def test_a_head_is_not_stopped_at_ten_at_night() -> None:
    assert len(HARMLESS) >= 40
    stopped = {said: codes for said in HARMLESS if (codes := found(said))}
    assert stopped == {}


def test_a_hostile_text_of_the_greatest_length_is_read_quickly() -> None:
    for part in ("em " * 6_000, "<" * 20_000, "Nguyễn " * 2_800, "sẽ " * 6_000, "một " * 5_000):
        begun = time.perf_counter()
        check(part[:20_000], HOLDING)
        assert time.perf_counter() - begun < 3.0, part[:6]
