"""A watched country: it takes what no unit below it is named in, and nothing from abroad."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from langnghe.core.errors import ProfileError
from langnghe.core.profile import COUNTRY, PACKAGED, load_profile, parse_profile
from langnghe.core.text import fold
from langnghe.core.types import Item, Profile
from nlp.gazetteer import tables
from nlp.reader import Reader
from nlp.unit_names import split_area
from nlp.units import COUNTRY_CONFIDENCE, UnitLinker


@pytest.fixture(scope="module")
def nation() -> Profile:
    return load_profile(Path("ca-nuoc"))


@pytest.fixture(scope="module")
def linker(nation: Profile) -> UnitLinker:
    return UnitLinker(nation)


def told(linker: UnitLinker, text: str, *, ours: bool = True) -> list[str]:
    return [hit.unit for hit in linker.link(text, ours=ours)]


def test_the_packaged_profile_holds_the_34_provinces_of_today_and_all_former_names(
    nation: Profile,
) -> None:
    changes = tables()[2]["DICT_PROVINCE"]
    sectors = [unit for unit in nation.units if unit.kind == "sector"]
    assert [u.id for u in nation.units if u.kind == COUNTRY] == ["ca_nuoc"]
    assert all(unit.parent == "ca_nuoc" and not unit.contacts for unit in sectors)
    shown = {
        frozenset(fold(place.province or "").replace(" ", "") for place in unit.places)
        for unit in sectors
    }
    assert len(sectors) == 34
    assert shown == {frozenset((now, *olds)) for now, olds in changes.items()}
    for unit in sectors:
        today, *former = unit.places
        assert split_area(today.province or "")[0].replace(" ", "_") == unit.id.removeprefix("so_")
        assert today.until is None
        assert {place.until.date().isoformat() for place in former if place.until} <= {"2025-06-30"}
        assert all(place.until for place in former)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Học sinh lớp 7 ở Hà Nội bị bạn đánh", "so_ha_noi"),
        ("Sở GD-ĐT TPHCM yêu cầu các trường báo cáo", "so_ho_chi_minh"),
        ("Phụ huynh TP.HCM bức xúc vì các khoản thu đầu năm", "so_ho_chi_minh"),
        ("Trường tiểu học ở Quảng Bình cho học sinh nghỉ vì lũ", "so_quang_tri"),
        ("Trường học ở Bình Dương đóng cửa", "so_ho_chi_minh"),
        ("Sở GD-ĐT Đồng Tháp trả lời phụ huynh", "so_dong_thap"),
    ],
)
def test_a_province_that_is_named_comes_first(linker: UnitLinker, text: str, unit: str) -> None:
    assert told(linker, text) == [unit]


@pytest.mark.parametrize(
    "text",
    [
        "Nữ sinh lớp 8 bị nhóm bạn đánh hội đồng",
        "Bộ GD-ĐT công bố quy chế thi mới",
        "Sở GD-ĐT trả lời về việc dạy thêm",
        "Sinh viên Đại học Mây Trắng ở Hà Nội nhận bằng",  # answers to no province
    ],
)
def test_what_names_no_unit_below_belongs_to_the_country(linker: UnitLinker, text: str) -> None:
    (hit,) = linker.link(text, ours=True)
    assert (hit.unit, hit.confidence, hit.span) == ("ca_nuoc", COUNTRY_CONFIDENCE, (0, 0))


def test_what_is_not_ours_does_not(linker: UnitLinker) -> None:
    assert told(linker, "Nữ sinh lớp 8 bị nhóm bạn đánh hội đồng", ours=False) == []
    assert told(linker, "Học sinh lớp 7 ở Hà Nội bị bạn đánh", ours=False) == ["so_ha_noi"]


def test_a_profile_without_a_country_is_read_as_before() -> None:
    unit = {"id": "so", "kind": "ministry", "name": "Bộ Giáo dục"}
    linker = UnitLinker(parse_profile({"name": "x", "units": [unit]}, where="thử"))
    assert told(linker, "Nữ sinh lớp 8 bị nhóm bạn đánh hội đồng") == []


def test_the_reader_decides_what_is_ours(nation: Profile) -> None:
    reader = Reader.load(nation)
    home, abroad, market = reader.predict(
        [
            Item("1", title="Nam sinh lớp 9 bị bạn đánh ngay trong lớp, phụ huynh bức xúc"),
            Item(
                "2",
                title="Hàn Quốc: giáo viên tiểu học ở Seoul bị phụ huynh kiện",
                text="Bộ Giáo dục Hàn Quốc cho biết các trường ở Seoul sẽ có luật sư.",
            ),
            Item("3", title="Giá cà phê trong nước tăng phiên thứ ba"),
        ]
    )
    assert home.scope == "vn"
    assert [hit.unit for hit in home.units] == ["ca_nuoc"]
    assert abroad.scope == "foreign"
    assert (abroad.units, market.units) == ((), ())


def test_a_profile_has_one_country_and_nothing_above_it() -> None:
    def unit(number: int, **more: object) -> Mapping[str, object]:
        return {"id": f"n{number}", "kind": COUNTRY, "name": "Cả nước", **more}

    with pytest.raises(ProfileError) as error:
        parse_profile({"name": "x", "units": [unit(1), unit(2, parent="n1")]}, where="p")
    assert "units[1].parent" in str(error.value)
    assert "units[1].kind" in str(error.value)


def test_a_file_of_the_same_name_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (name,) = PACKAGED
    Path(name).write_text(
        'name = "Của tôi"\n[[units]]\nid = "a"\nkind = "school"\nname = "Trường Hoa Mây"\n',
        encoding="utf-8",
    )
    assert load_profile(Path(name)).name == "Của tôi"


def test_a_province_is_linked_no_less_surely_than_the_country(linker: UnitLinker) -> None:
    (hit,) = linker.link("Học sinh trường THCS Nậm Kè cùng thầy cô làm vườn hoa", ours=True)
    assert (hit.unit, hit.confidence) == ("so_dien_bien", COUNTRY_CONFIDENCE)
    (named,) = linker.link("Sở GD-ĐT An Giang trả lời phụ huynh", ours=True)
    assert named.confidence > COUNTRY_CONFIDENCE


def test_a_school_that_is_not_sure_leaves_the_text_to_the_country() -> None:
    data = {
        "name": "x",
        "units": [
            {"id": "nuoc", "kind": COUNTRY, "name": "Giáo dục cả nước"},
            {
                "id": "truong",
                "kind": "school",
                "name": "Trường THPT Lê Quý Đôn",
                "parent": "nuoc",
                "places": [{"commune": "xã Lùng Vảng", "province": "tỉnh Lào Cai"}],
            },
        ],
    }
    linker = UnitLinker(parse_profile(data, where="thử"))
    told = linker.read("Trường THPT Lê Quý Đôn xin lỗi phụ huynh", ours=True)
    assert [hit.unit for hit in told.hits] == ["nuoc"]
    assert [doubt.unit for doubt in told.undecided] == ["truong"]
