"""Who denies, confirms, corrects or concludes; a parent's doubt is a comment."""

from __future__ import annotations

import time

import pytest

from langnghe.core.types import Stance
from nlp.stance import judge_stance


@pytest.mark.parametrize(
    ("title", "text", "kind", "stance"),
    [
        ("Học sinh nhập viện sau bữa trưa", "Sáng 3/9, 20 em đau bụng.", "news", Stance.REPORT),
        ("UBND xã bác tin học sinh bị bắt cóc", "Công an xã kiểm tra.", "news", Stance.DENY),
        ("Thực hư tin bếp ăn có giòi", "Nhà trường khẳng định thông tin trên là sai sự thật.",
         "news", Stance.DENY),
        ("Hiệu trưởng khẳng định không có việc ép học thêm", None, "news", Stance.DENY),
        ("Báo đính chính bài viết về khoản thu", None, "news", Stance.CORRECT),
        ("Công bố kết luận thanh tra tại trường Hoa Mây", None, "news", Stance.CONCLUDE),
        ("Nhà trường xác nhận có vụ xô xát", None, "news", Stance.CONFIRM),
        ("Chưa có kết luận về vụ ngộ độc", "Cơ quan chức năng lấy mẫu.", "news", Stance.REPORT),
        ("Thí sinh làm thủ tục xác nhận nhập học", None, "news", Stance.REPORT),
        (None, "Mong công an sớm có kết luận", "comment", Stance.COMMENT),
        (None, "Nói thế là sai sự thật rồi bạn ơi", "comment", Stance.COMMENT),
        (None, "trường thu nhiều quá", "comment", Stance.COMMENT),
        (None, "Sáng nay ở cổng trường có mấy đứa bị đánh", "comment", Stance.REPORT),
        (None, "sang nay con em o lop bi danh", "comment", Stance.REPORT),
        (None, "UBND xã thông báo: thông tin học sinh bị bắt cóc là sai sự thật", "comment",
         Stance.DENY),
        (None, None, "news", Stance.REPORT),
        ("UBND xã cử cán bộ tới thăm gia đình", "Một cán bộ xã cho biết em đã về nhà, chưa ghi "
         "nhận thương tích.", "news", Stance.REPORT),
        ("Mái lớp học sập", "Hiệu trưởng thông tin chưa ghi nhận thiệt hại về người.", "news",
         Stance.REPORT),
        ("Trạm y tế cho biết chưa ghi nhận ca ngộ độc nào", None, "news", Stance.DENY),
    ],
)  # fmt: skip
def test_stance(title: str | None, text: str | None, kind: str, stance: Stance) -> None:
    assert judge_stance(title, text, kind) is stance


@pytest.mark.parametrize("piece", ["công an ", "thông tin ", "xác nhận ", "a", "có kết luận"])
def test_a_megabyte_is_quick(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    judge_stance(text, text, "comment")
    assert time.perf_counter() - started < 5
