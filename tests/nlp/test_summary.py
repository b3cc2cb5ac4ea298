"""A summary may choose, never write."""

from nlp.summary import representative, sentences

TEXTS = [
    "Sáng 3/3, hai mươi học sinh Trường Tiểu học Hoa Ban nhập viện sau bữa trưa. Trời nhiều mây.",
    "Trường Tiểu học Hoa Ban báo cáo việc hai mươi học sinh nhập viện sau bữa trưa bán trú.",
    "Phụ huynh Trường Tiểu học Hoa Ban lo lắng sau vụ học sinh nhập viện! Ai cũng hỏi nhau.",
]


def test_every_sentence_stands_in_a_source() -> None:
    chosen = representative(TEXTS, most=2)
    assert 1 <= len(chosen) <= 2
    assert all(any(sentence in text for text in TEXTS) for sentence in chosen)
    assert "nhập viện" in chosen[0]
    assert "nhiều mây" not in chosen[0]


def test_nothing_to_choose_from() -> None:
    assert representative([]) == []
    assert representative(["", "Ôi!"]) == []


def test_sentences_are_substrings() -> None:
    text = "Thầy Tr. nói: “Không có chuyện đó.” Sau đó\nmọi người ra về."
    assert sentences(text)
    assert all(sentence in text for sentence in sentences(text))


def test_facts_first_boilerplate_never_and_nothing_twice() -> None:
    texts = [
        "Ảnh: phóng viên chụp tại Trường Tiểu học Hoa Ban sau vụ học sinh nhập viện hôm qua. "
        "Dư luận rất quan tâm tới vụ học sinh Trường Tiểu học Hoa Ban nhập viện này. "
        "Chiều 3/3, hai mươi học sinh Trường Tiểu học Hoa Ban ở xã Suối Lê nhập viện.",
        "Chiều 3/3, hai mươi học sinh Trường Tiểu học Hoa Ban ở xã Suối Lê phải nhập viện. "
        "Nhà trường tạm dừng bếp ăn và chờ kết quả xét nghiệm mẫu thức ăn lưu.",
    ]
    chosen = representative(texts, most=3)
    assert "hai mươi học sinh" in chosen[0]
    assert not any(sentence.startswith("Ảnh") for sentence in chosen)
    assert sum("hai mươi" in sentence for sentence in chosen) == 1
