"""The child shield covers persons and lets offices and figures stand. All names are invented."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.shield import mask


@pytest.mark.parametrize(
    ("text", "hidden", "marker"),
    [
        ("Em Lò Thị Mây bị bạn đánh", "Lò Thị Mây", "[tên học sinh]"),
        ("cháu bống nhà mình khóc", "bống", "[tên học sinh]"),
        ("em nguyen thi ha mi lop 7a3 bi danh", "nguyen thi ha mi", "[tên học sinh]"),
        ("HỌC SINH TRẦN GIA MÂY LỚP 9A4 BỊ PHẠT", "TRẦN GIA MÂY", "[tên học sinh]"),
        ("Nữ sinh L.T.M. vắng hai hôm", "L.T.M", "[tên học sinh]"),
        ("em h. lớp 6b bị lột áo", "h.", "[tên học sinh]"),
        ("Các em Lý Mây, Thào Gió và Vàng Nắng đi thi", "Vàng Nắng", "[tên học sinh]"),
        (
            "Đội tuyển: 1. Sùng A Mây, lớp 5A; 2. Lầu Thị Gió, lớp 5B",
            "Lầu Thị Gió",
            "[tên học sinh]",
        ),
        ("Trần Mây Gió, 13 tuổi, bị xô ngã", "Trần Mây Gió", "[tên học sinh]"),
        ("TRẦN THỊ MÂY GIÓ, LỚP 5A9, BỊ PHẠT", "TRẦN THỊ MÂY GIÓ", "[tên học sinh]"),
        ("NÓNG: LÒ THỊ MÂY GIÓ (13 TUỔI) MẤT TÍCH", "LÒ THỊ MÂY GIÓ", "[tên học sinh]"),
        ("LÒ MÂY GIÓ KHÓC. Em Lò Mây Gió lớp 4 kể lại", "LÒ MÂY GIÓ", "[tên học sinh]"),
        ("Em Lò Mây Gió lớp 4. #LoMayGio", "LoMayGio", "[tên học sinh]"),
        ("Em Lò Mây Gió lớp 4: https://x.example/lo-may-gio.html", "lo-may-gio", "[tên học sinh]"),
        ("Tìm trẻ lạc: Lò Mây Gió sinh năm 2015", "Lò Mây Gió", "[tên học sinh]"),
        ("Bạn Mây lớp 4C quên vở", "4C", "[lớp]"),
        ("bé Na học lớp Lá 1", "Lá 1", "[lớp]"),
        ("phụ huynh lớp 2/3 phản ánh", "2/3", "[lớp]"),
        ("Mẹ em, chị Thào Thị Gió, lên trường", "Thào Thị Gió", "[tên]"),
        ("cô Nga bán nước ở cổng trường", "Nga", "[tên]"),
        ("bé Đức lớp Mầm khóc", "Đức", "[tên học sinh]"),
        ("người giúp việc tên Mận kể lại", "Mận", "[tên]"),
        ("Cô Lường Thị Gió, giáo viên chủ nhiệm, tát trò", "Lường Thị Gió", "[tên]"),
        ("gọi 0912.345.678 nhé", "0912.345.678", "[số điện thoại]"),
        ("gọi o912 345 678 nhé", "o912 345 678", "[số điện thoại]"),
        ("số mình không chín một hai ba bốn năm sáu bảy tám", "chín một hai", "[số điện thoại]"),
        ("thư: me.be_may@example.com.vn", "me.be_may@example.com.vn", "[thư điện tử]"),
        ("CCCD 034 099 001 222 của bà", "034 099 001 222", "[số định danh]"),
        ("stk 19034567890123 nhé", "19034567890123", "[tài khoản]"),
        ("Xe 27B1-123.45 đâm rồi chạy", "27B1-123.45", "[biển số]"),
        ("nhà em trong ngõ 15 Hoa Mây, tổ 3", "ngõ 15 Hoa Mây, tổ 3", "[địa chỉ]"),
        ("Em Vàng A Gió, trú bản Hua Mây, xã Núi Xa", "bản Hua Mây, xã Núi Xa", "[địa chỉ]"),
        ("cháu Mây lớp 5B bị động kinh", "động kinh", "[sức khỏe]"),
    ],
)
def test_persons_are_covered(text: str, hidden: str, marker: str) -> None:
    shown = mask(text).text
    assert hidden not in shown
    assert marker in shown


@pytest.mark.parametrize(
    "text",
    [
        "Ông Lò Văn Gió, Chủ tịch UBND xã Núi Xa, dự khai giảng",
        "Hiệu trưởng Nguyễn Thị Mây: 'Mai học bình thường'",
        "Thiếu tá Trần Văn Gió, Trưởng Công an xã, tới lớp nói chuyện",
        "Lãnh đạo trường (ông Hoàng Văn Mây, Hiệu trưởng) dự họp",
        "Thầy giáo Sùng A Gió, Bí thư Đoàn trường, trao 7 triệu đồng",
        "Trường Tiểu học Nguyễn Văn Mây mua sách hết 3.500.000 đồng",
        "Đường Phan Văn Gió đang sửa, xe đi vòng",
        "TRƯỜNG THCS NGUYỄN VĂN MÂY, LỚP 5 NGHỈ HỌC",
        "LƯƠNG GIÁO VIÊN, HỌC PHÍ VÀ SÁCH GIÁO KHOA",
        "Khối lớp 4 nghỉ bù, thi vào lớp 10 ngày 06/06/2026",
        "Công văn 77/SGDĐT-VP, Chỉ thị 9/CT-UBND",
        "Học sinh Hà Nội, học sinh Việt Nam và các em ở bản Na Mây",
        "Đường dây nóng 111, 113, 1900 1234",
        "Bạn nào biết không? Em không biết ạ.",
        "",
    ],
)
def test_what_must_stay_stays(text: str) -> None:
    assert mask(text).text == text


def test_an_official_stays_when_named_again() -> None:
    text = "Ông Lò Văn Gió, Chủ tịch UBND xã, nói sẽ kiểm tra. Ông Gió xin lỗi phụ huynh."
    assert mask(text).text == text


def test_a_child_stays_covered_when_named_again() -> None:
    shown = mask("Em Vàng A Tủa bị ngã. Chiều qua, Tủa kể với mẹ. Vàng A Tủa đã khỏe.").text
    assert "Tủa" not in shown


def test_disguised_and_loose_marks_do_not_slip_through() -> None:
    shown = mask("Em Lo\u0300 Thi\u0323 M\u200bâ\u033cy lớp 5A").text
    assert "y lớp" not in shown
    assert "[tên học sinh]" in shown


def test_spans_rebuild_the_text() -> None:
    text = "Em Lò Thị Mây lớp 5A, mẹ là chị Lò Thị Gió, gọi 0912 345 678."
    masked = mask(text)
    rebuilt, at = "", 0
    for span in masked.spans:
        assert span.start >= at
        rebuilt += text[at : span.start] + span.replacement
        at = span.end
    assert rebuilt + text[at:] == masked.text
    assert {s.kind for s in masked.spans} >= {"child_name", "child_class", "phone"}


@pytest.mark.parametrize(
    "text",
    [
        "Em Lò Thị Mây lớp 5A và em Vàng A Gió, trú bản Hua Mây, gọi 0912345678",
        "con anh Tráng là Tráng A Gió, lớp 3B, mẹ cháu Na tên Mận",
        "Các em A, B, C lớp 2/3 ngõ 5 Hoa Mây bị viêm gan B",
        "tên Mây tên Gió em T. em K. lớp 8A1 stk 123456789012",
    ],
)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@pytest.mark.parametrize(
    "piece",
    [
        "a", "1 ", "em ", "em A", "cháu Lò Văn Gió, ", "ngõ 1, tổ 2, ", "x.y@", "không một ",
        "số 1 đường A ", "HIV lớp 4A ", "[tên]", "(1", "trú tại ", "#be", "#BeAn ", "@a.b",
        "fb.com/a", "https://x.y/be-an-", "/be-", "Trần Văn Gió bị ", "A 'b' ", "K'A ",
        "N.T.H. ", "theo lời Mây, ", "sn 1/1/2012 ", "o9", "bé sẹo ", "Hiệu trưởng ", "lớp 4a ",
        "e\u0301", "Mạnh, ", "Hải Yến ", "khánh linh bị ", "Hạnh lớp 6 ", "của Mây ",
        "tổ 1 phường A ", "con tôi HIV ", "Trường A, ", "ông Gió ",
    ],
)  # fmt: skip
def test_hostile_input_is_linear(piece: str) -> None:
    mask(piece * 20)
    short, long = (
        seconds(piece * (2_000 // len(piece)), 5),
        seconds(piece * (20_000 // len(piece)), 2),
    )
    assert long <= 12 * short + 0.02


def test_a_crowd_of_different_names_is_linear() -> None:
    names = [
        f"em {a} {b} {c}"
        for a in ("Lò", "Vàng", "Trần", "Giàng", "Lường", "Tòng", "Quàng", "Bùi")
        for b in ("Mây", "Gió", "Hoa", "Minh", "Ngọc", "Thanh", "Quốc", "Bảo", "Gia", "Hải")
        for c in ("An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khoa", "Lan", "Nam", "Yến")
    ]
    few, many = ", ".join(names[:160]), ". ".join(names * 2)
    assert seconds(many, 2) <= 12 * seconds(few, 4) + 0.02


def seconds(text: str, times: int) -> float:
    """Return the least processor time that masking took."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        mask(text)
        best = min(best, time.process_time() - started)
    return best


WORDS = [
    "em ", "cháu ", "lớp ", "Trường ", "9/9", "(", ")", ", ", "\n", "Nguyễn ", "K. ", "không ",
    "0912", "số ", "Lò Văn Gió", "Mây ", "4A2 ", "là ", "và ", "mẹ ", "của ", "con ", "tên ",
    "chị ", "0912 345 678 ", "HIV ", "bản Hua ", "trú ", "Hiệu trưởng ", "ông ", "'Tí' ", "học ",
    "[tên] ", "[lớp] ", "[tên học sinh] ", "Hải Yến ", "khánh linh ", "bị ", "1/2/2012 ",
    "sinh ", "stk ", "12345678 ", ". ", "13 tuổi", "…", "o9", "#BeMay ", "tổ 3 ", "phường A ",
]  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=30))
def test_masking_anything_twice_changes_nothing(words: list[str]) -> None:
    once = mask("".join(words)).text
    assert mask(once).text == once


def test_an_office_right_behind_a_name_is_no_pupil() -> None:
    text = "Ông Lò Minh Hùng, Trưởng Công an xã, cho biết đã lập biên bản."
    assert mask(text).text == text


def test_a_word_is_a_name_where_a_name_is_promised() -> None:
    assert "bong" not in mask("tim tre lac: be gai 4 tuoi ten bong, ai thay goi giup").text
    assert "tom" not in mask("me be tom noi nha truong khong nhan loi").text
    kept = "dịch sởi, em thích nhà cô"
    assert mask(kept).text == kept
