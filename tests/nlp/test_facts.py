"""Facts are quoted when stated, and only then."""

from __future__ import annotations

import time

import pytest

from nlp.facts import find_facts


def facts(text: str) -> set[tuple[str, float | None]]:
    return {(fact.kind, fact.value) for fact in find_facts(text)}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Gần 20 học sinh Trường Tiểu học Hoa Mây nhập viện sau bữa trưa", "hospitalised", 20),
        ("Hơn 40 em phải cấp cứu", "hospitalised", 40),
        ("Cấp cứu 12 cháu mầm non", "hospitalised", 12),
        ("Hai nữ sinh tử vong ở hồ nước", "dead", 2),
        ("Tai nạn làm 3 người chết", "dead", 3),
        ("24/38 học sinh nghỉ học để phản đối", "absent", 24),
        ("Hàng loạt học sinh nghỉ học", "absent", None),
        ("mười hai em bị thương", "injured", 12),
        ("1.250 học sinh nghỉ học tránh bão", "absent", 1250),
        ("Một nam sinh mất tích từ tối qua", "missing", 1),
        ("40 hoc sinh nhap vien trong dem", "hospitalised", 40),
        ("Khởi tố bảo mẫu đánh trẻ", "arrested", None),
        ("Tạm đình chỉ cô giáo đứng lớp", "suspended", None),
        ("Nam sinh mang dao đến lớp", "weapon", None),
        ("Thầy giáo bị tố dâm ô nữ sinh", "sexual_abuse", None),
        ("Nữ sinh nhảy lầu, để lại thư tuyệt mệnh", "suicide", None),
        ("Clip đánh nhau lan truyền trên mạng", "clip", None),
        ("Công an xã đã vào cuộc xác minh", "police", None),
        ("Rò rỉ thông tin cá nhân của học sinh", "data_leak", None),
        ("Phụ huynh gửi đơn tập thể lên xã", "petition", None),
        ("Thu mỗi em 350.000 đồng", "money", 350_000),
        ("Quỹ lớp 1,5 triệu đồng một năm", "money", 1_500_000),
        ("lương 4tr5 mà đóng 450k", "money", 4_500_000),
    ],
)
def test_stated_facts(text: str, kind: str, value: float | None) -> None:
    assert (kind, value) in facts(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Không có học sinh nào nhập viện", "hospitalised"),
        ("Công an bác bỏ tin 3 học sinh tử vong", "dead"),
        ("Thông tin nữ sinh tự tử là sai sự thật", "suicide"),
        ("Nếu có học sinh nhập viện, nhà trường sẽ báo cáo ngay", "hospitalised"),
        ("Tập huấn phòng chống đuối nước, xâm hại cho học sinh", "sexual_abuse"),
        ("Diễn tập chữa cháy, đưa 5 học sinh đi cấp cứu", "hospitalised"),
        ("300 con lợn bị chết", "dead"),
        ("Cô giáo tử vong vì tai nạn", "dead"),
        ("tu tu di em", "suicide"),
        ("Học sinh bị bắt cóc", "arrested"),
        ("Học sinh lớp 3 làm 5 bài toán trong 40 phút", "money"),
    ],
)
def test_what_is_not_stated(text: str, kind: str) -> None:
    assert kind not in {fact.kind for fact in find_facts(text)}


def test_each_count_goes_with_its_own_event() -> None:
    found = facts("Vụ sập tường: 2 học sinh tử vong, 5 em bị thương")
    assert {("dead", 2), ("injured", 5)} <= found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Nữ sinh bị ba bạn đánh hội đồng, phải nhập viện điều trị", None),
        ("Bị 5 học sinh vây đánh, nam sinh lớp 9 nhập viện", None),
        ("nu sinh bi 3 ban danh phai nhap vien", None),
        ("Ba học sinh bị hai người lạ hành hung, phải nhập viện", 3),
        ("Hai học sinh bị ong đốt phải nhập viện", 2),
    ],
)
def test_who_did_it_is_not_counted_among_the_hurt(text: str, value: float | None) -> None:
    (fact,) = (f for f in find_facts(text) if f.kind == "hospitalised")
    assert fact.value == value


def test_quotes_are_exact() -> None:
    text = "Tin mới. Gần 20 học sinh nhập viện, thu 50.000 đồng."
    for fact in find_facts(text):
        assert text[slice(*fact.span)] == fact.text
    assert find_facts(text)[0].text == "Gần 20 học sinh nhập viện"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1.",
        "clip ",
        "công an ",
        "không có ",
        "học sinh chết ",
        "một ",
        "10 học sinh ",
        "gửi đơn ",
    ],
)
def test_a_megabyte_is_linear(piece: str) -> None:
    started = time.perf_counter()
    find_facts(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize("piece", ["bị ", "lũ nước ", "lộ dữ liệu ", "sáng 12/9 ", "cô giáo "])
def test_ten_times_longer_takes_ten_times_as_long(piece: str) -> None:
    """Within the letters that are read at all (60,000), where no cut hides a slow search."""
    spent = []
    for size in (6_000, 60_000):
        text = piece * (size // len(piece))
        tries = []
        for _ in range(3):
            started = time.process_time()
            find_facts(text)
            tries.append(time.process_time() - started)
        spent.append(min(tries))
    assert spent[1] <= 12 * spent[0] + 0.05


@pytest.mark.parametrize(
    "text",
    [
        "Nhà trường chưa lên tiếng về thông tin này.",
        "Phía nhà trường vẫn chưa có phản hồi nào về thông tin trên.",
        "Đến chiều nay hiệu trưởng từ chối trả lời phóng viên.",
        "Nhà trường im lặng trước phản ánh của phụ huynh.",
        "Nhà trường chưa đưa ra thông tin chính thức.",
        "Nhà trường chưa xác nhận thông tin.",
        "nha truong chua len tieng ve thong tin nay",
        "Mấy cháu nhập viện mà chưa thấy nhà trường nói câu nào.",
        "may chau nhap vien ma chua thay nha truong noi cau nao",
    ],
)
def test_silence_is_no_word_of_the_school(text: str) -> None:
    assert "speaker_school" not in {fact.kind for fact in find_facts(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Nhà trường không thừa nhận việc thu tiền.",
        "Nhà trường cho biết chưa thể trả lời ngay.",
        "Hiệu trưởng khẳng định không nói như vậy.",
        "Nhà trường xin lỗi phụ huynh vì chưa lên tiếng sớm.",
    ],
)
def test_a_denial_or_a_delay_told_by_the_school_is_its_word(text: str) -> None:
    assert "speaker_school" in {fact.kind for fact in find_facts(text)}
