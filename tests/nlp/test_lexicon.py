"""Phrases are found in every way of writing, and near-misses are not."""

import pytest
import yaml

from langnghe.core.errors import PolicyError
from nlp.lexicon import Lexicon, taxonomy
from nlp.normalise import tokens


def found(text: str) -> set[tuple[str, str]]:
    return {
        (match.entry.group, match.strength)
        for match in taxonomy().matches(tokens(text))
        if not match.entry.group.startswith("+")
    }


@pytest.mark.parametrize(
    "text",
    [
        "Học sinh bị đánh hội đồng ở cổng trường",
        "hoc sinh bi danh hoi dong o cong truong",
        "hs bị đánh hoi đồng o cổng truong",
    ],
)
def test_a_phrase_is_found_with_without_and_with_half_the_marks(text: str) -> None:
    assert ("bao_luc_hoc_duong", "strong") in found(text)


def test_other_marks_are_another_word() -> None:
    assert ("suc_khoe_tam_than", "strong") not in found("Cô dạy các cháu đọc từ từ, rất tử tế")
    assert ("khoan_thu", "strong") not in found("Lớp được làm thử bài trên máy")


def test_unmarked_collisions_are_weak_at_most() -> None:
    assert ("suc_khoe_tam_than", "strong") not in found("be tap viet tu tu thoi, dung giuc")
    assert ("suc_khoe_tam_than", "weak") in found("be tap viet tu tu thoi, dung giuc")


def test_near_misses_void_what_lies_in_them() -> None:
    assert not {g for g, _ in found("Đánh giá học sinh cuối kỳ")} & {"bao_luc_hoc_duong"}
    assert ("duoi_nuoc_tai_nan", "strong") not in found("Tập huấn phòng chống đuối nước")
    assert ("duoi_nuoc_tai_nan", "strong") in found("Hai em đuối nước ở suối")


def test_taxonomy_names_all_topics_of_the_contract() -> None:
    wanted = (
        "bao_luc_hoc_duong xam_hai_tre_em khoan_thu an_toan_thuc_pham duoi_nuoc_tai_nan "
        "dao_duc_nha_giao an_ninh_truong_hoc thi_cu_gian_lan che_do_giao_vien chuong_trinh_sgk "
        "bo_hoc_tao_hon dich_benh_thien_tai co_so_vat_chat tin_gia_kich_dong suc_khoe_tam_than "
        "ma_tuy_chat_cam hoat_dong_tich_cuc khac"
    )
    assert set(taxonomy().topics) == set(wanted.split())


@pytest.mark.parametrize("broken", ["{}", "topics: 3", "topics: [{name: x}]"])
def test_a_broken_taxonomy_is_refused(broken: str) -> None:
    with pytest.raises(PolicyError):
        Lexicon(yaml.safe_load(broken))


def test_a_new_phrase_is_data() -> None:
    own = Lexicon({"topics": [{"id": "khac", "strong": ["lễ cơm mới"]}]})
    assert own.matches(tokens("Trường nghỉ dịp Lễ cơm mới"))
    assert own.version != taxonomy().version
