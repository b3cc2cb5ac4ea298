"""Linking texts to watched units: written forms, old and new places, and what is not ours."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from langnghe.core.profile import parse_profile
from langnghe.core.types import Profile, UnitHit
from nlp.units import UnitLinker

# Invented schools in an invented commune of a real province, with one school of a shared name.
PROFILE = {
    "name": "Hồ sơ thử",
    "units": [
        {
            "id": "so",
            "kind": "sector",
            "name": "Sở GD&ĐT tỉnh Lào Cai",
            "aliases": ["ngành giáo dục Lào Cai"],
            "places": [{"province": "tỉnh Lào Cai"}],
        },
        {
            "id": "xa",
            "kind": "commune",
            "name": "Giáo dục xã Lùng Vảng",
            "parent": "so",
            "aliases": ["UBND xã Lùng Vảng"],
            "places": [
                {"commune": "xã Tả Phú", "province": "tỉnh Lào Cai", "until": "2025-06-30"},
                {"commune": "xã Lùng Vảng", "province": "tỉnh Lào Cai", "since": "2025-07-01"},
            ],
        },
        {
            "id": "ta_phu",
            "kind": "school",
            "name": "Trường TH&THCS Tả Phú",
            "parent": "xa",
            "name_variants": ["Tả Phú", "Tả Phù"],
            "places": [
                {"commune": "xã Tả Phú", "province": "tỉnh Lào Cai", "until": "2025-06-30"},
                {"commune": "xã Lùng Vảng", "province": "tỉnh Lào Cai", "since": "2025-07-01"},
            ],
        },
        {
            "id": "tran_bao_an",
            "kind": "school",
            "name": "Trường Tiểu học Trần Bảo An",
            "parent": "so",
            "places": [{"commune": "phường Cam Đường", "province": "tỉnh Lào Cai"}],
        },
    ],
}


@pytest.fixture(scope="module")
def linker() -> UnitLinker:
    return UnitLinker(parse_profile(PROFILE, where="thử"))


def ids(hits: tuple[UnitHit, ...]) -> list[str]:
    return [hit.unit for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "Trường TH&THCS Tả Phú khai giảng trong mưa",
        "TH-THCS TẢ PHÚ HỌP ĐẦU NĂM",
        "Trường Tiểu học và Trung học cơ sở Tả Phú",
        "trường cấp 1-2 Tả Phú mấy giờ tan học vậy",
        "thcs ta phu thu tien gi nhieu the",
        "trg tả phù chiều nay có học bù hả",
        "trường tảphú hôm qua mất điện",
        "thầy cô Tả Phú trồng rau cho bếp ăn",
        "Trường TH THCS xã Tả Phú, huyện cũ, đón bằng khen",
        "T̼r̼ư̼ờ̼n̼g̼ T̼ả̼ P̼h̼ú̼ thu quỹ quá cao",
        "Trường Ta\u0309 Phu\u0301 thiếu giáo viên",
        "Cháu mình học ở T\u200bả P\u200bhú, lớp đông quá",
    ],
)
def test_written_forms_of_a_school(linker: UnitLinker, text: str) -> None:
    assert ids(linker.link(text)) == ["ta_phu"]


def test_span_lies_in_the_text_as_given(linker: UnitLinker) -> None:
    text = "Hôm nay, T̼r̼ư̼ờ̼n̼g̼ T̼ả̼ P̼h̼ú̼ cho học sinh nghỉ"
    (hit,) = linker.link(text)
    start, end = hit.span
    assert text[start:end].startswith("T̼ả̼ P̼h̼ú")
    plain = "Học sinh trường Tả Phú nghỉ học"
    (hit,) = linker.link(plain)
    assert plain[slice(*hit.span)] == "Tả Phú"


@pytest.mark.parametrize(
    "text",
    [
        "Phiên chợ Tả Phú bán nhiều mật ong",
        "Sạt lở chia cắt đường vào Tả Phú",
        "Bé Tả Phú nhà mình đi học rồi",
        "Cứ tả, phú quý gì mà đi học",
        "Trường đời là vậy đó",
        "Trường Tiểu học Trần Bảo An, Quy Nhơn tuyển giáo viên",
        "Trường Tiểu học Trần Bảo An (tỉnh Thanh Hóa) có dị vật trong suất ăn",
        "Trường Tiểu học Trần Bảo An họp phụ huynh",
        "Thầy Trần Bảo An về hưu năm ngoái, cả lớp nhớ",
        "Kẹt xe trước cổng trường trên đường Lào Cai, phường Hải Châu",
        "Trường Tiểu học Lào Cai 2 ở TP Thanh Hóa xin lỗi phụ huynh",
        "Sở GD-ĐT Hà Nội trả lời phụ huynh ở phố Lào Cai",
        "",
    ],
)
def test_what_is_not_ours(linker: UnitLinker, text: str) -> None:
    assert linker.link(text) == ()


def test_a_shared_name_needs_its_place(linker: UnitLinker) -> None:
    text = "Trường Tiểu học Trần Bảo An, phường Cam Đường, tỉnh Lào Cai rước đèn"
    assert ids(linker.link(text)) == ["tran_bao_an"]
    assert ids(linker.link("Lớp 2 Trần Bảo An ở Lào Cai có cô chủ nhiệm mới")) == ["tran_bao_an"]


def test_another_school_of_the_place_is_its_commune(linker: UnitLinker) -> None:
    assert ids(linker.link("Trường mầm non Tả Phú thiếu hai cô")) == ["xa"]


def test_commune_and_school_both_acting(linker: UnitLinker) -> None:
    text = "Lãnh đạo UBND xã Lùng Vảng thăm học sinh trường Tả Phú sau mưa đá"
    assert set(ids(linker.link(text))) == {"xa", "ta_phu"}


def test_commune_as_mere_locator_is_left_out(linker: UnitLinker) -> None:
    assert ids(linker.link("Trường TH&THCS Tả Phú, xã Lùng Vảng, họp phụ huynh")) == ["ta_phu"]


def test_a_name_that_now_is_elsewhere(linker: UnitLinker) -> None:
    text = "Học sinh xã Lùng Vảng cũ (nay là xã Bản Xèo) đi học xa hơn"
    assert "xa" not in ids(linker.link(text))


@pytest.mark.parametrize(
    "text",
    [
        "Sở GD&ĐT tỉnh Lào Cai kiểm tra dạy thêm",
        "SGDĐT Lào Cai hướng dẫn tuyển sinh lớp 10",
        "so gd dt lao cai thong bao",
        "sở gd tỉnh lc bao giờ công bố điểm",
        "Lào Cai: hơn 300 học sinh nghỉ học vì rét",
        "Yên Bái: nữ sinh lớp 9 mất tích",
    ],
)
def test_the_department_of_a_province(linker: UnitLinker, text: str) -> None:
    assert ids(linker.link(text)) == ["so"]


def test_names_out_of_force_count_less(linker: UnitLinker) -> None:
    text = "Trường mầm non xã Tả Phú thu tiền học phẩm"
    then = linker.link(text, at=datetime(2024, 3, 1, tzinfo=UTC))
    now = linker.link(text, at=datetime(2026, 3, 1, tzinfo=UTC))
    assert ids(then) == ids(now) == ["xa"]
    assert then[0].confidence > now[0].confidence


def test_a_new_unit_is_data_not_code() -> None:
    units = [*PROFILE["units"], {  # type: ignore[misc]
        "id": "moi", "kind": "school", "name": "Trường PTDTBT THCS Hồ Mây", "parent": "xa",
        "places": [{"commune": "xã Lùng Vảng", "province": "tỉnh Lào Cai"}],
    }]  # fmt: skip
    linker = UnitLinker(parse_profile({"name": "x", "units": units}, where="x"))
    assert ids(linker.link("Clip học sinh THCS Hồ Mây xô xát")) == ["moi"]


def test_an_empty_profile_links_nothing() -> None:
    assert UnitLinker(Profile(name="trống", units=())).link("Trường Tả Phú") == ()


def test_hostile_input_costs_little(linker: UnitLinker) -> None:
    started = time.process_time()
    for piece in ("trường Tả Phú ", "Lào Cai học sinh ", "a\u0300\u200b", "TH&", "xã "):
        linker.link(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 15


def test_a_name_that_begins_like_a_type_word_stays_whole() -> None:
    unit = {"id": "a", "kind": "school", "name": "Trường THPT Trương Mây Định",
            "places": [{"commune": "xã Lùng Vảng", "province": "tỉnh Lào Cai"}]}  # fmt: skip
    linker = UnitLinker(parse_profile({"name": "x", "units": [unit]}, where="thử"))
    told = linker.link("Học sinh Trường THPT Trương Mây Định (Lào Cai) đạt giải")
    assert [hit.unit for hit in told] == ["a"]
    assert linker.link("Học sinh Trường THPT Mây Định (Lào Cai) đạt giải") == ()
