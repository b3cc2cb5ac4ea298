"""Edits of units over the profile's file: laid, checked, passed over."""

from __future__ import annotations

from datetime import date

import pytest

from langnghe.core.clock import hanoi
from langnghe.core.errors import InputError
from langnghe.core.overlay_profile import edited_unit, lay_units, lines_of, unit_value
from langnghe.core.profile import parse_profile

FILE = parse_profile(
    {
        "name": "Hồ sơ thử",
        "units": [
            {"id": "xa", "kind": "commune", "name": "Giáo dục xã Bản Hoa"},
            {
                "id": "truong", "kind": "school", "name": "Trường TH Suối Mơ", "parent": "xa",
                "aliases": ["TH Suối Mơ"],
                "places": [{"commune": "xã Bản Hoa", "province": "tỉnh Mây Trắng",
                            "since": date(2025, 7, 1)}],
            },
        ],
    },
    where="thử",
)  # fmt: skip
SCHOOL = FILE.units[1]


def test_without_edits_the_very_profile_of_the_file_is_in_force() -> None:
    laid, passed = lay_units(FILE, {})
    assert laid is FILE
    assert passed == ()


def test_an_edit_changes_names_and_places_and_nothing_else() -> None:
    value = {"aliases": ["TH Suối Mơ", "Tiểu học Na Lừ"], "name_variants": ["suoi mow"]}
    laid, passed = lay_units(FILE, {"truong": value})
    unit = laid.unit("truong")
    assert unit is not None
    assert unit.aliases == ("TH Suối Mơ", "Tiểu học Na Lừ")
    assert unit.name_variants == ("suoi mow",)
    assert (unit.name, unit.parent, unit.places) == (SCHOOL.name, "xa", SCHOOL.places)
    assert laid.version != FILE.version
    assert lay_units(FILE, {"truong": value})[0].version == laid.version
    assert not passed


def test_what_no_longer_fits_is_passed_over_and_said() -> None:
    edits = {
        "da_bo": {"name": "Trường cũ"},
        "truong": {"name": ""},
        "xa": {"name": "Giáo dục xã Bản Hoa mới"},
    }
    laid, passed = lay_units(FILE, edits)
    assert {one.key for one in passed} == {"da_bo", "truong"}
    assert all(one.why for one in passed)
    assert laid.unit("truong") == SCHOOL
    assert laid.units[0].name == "Giáo dục xã Bản Hoa mới"


def test_only_passed_over_edits_leave_the_version_alone() -> None:
    laid, passed = lay_units(FILE, {"truong": "chữ"})
    assert laid is FILE
    assert len(passed) == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"name": " "}, "Tên"),
        ({"places": [{"since": "2025-07-01"}]}, "Địa bàn"),
        ({"places": [{"commune": "xã A", "since": "hôm qua"}]}, "2025-07-01"),
        ({"aliases": [f"tên {n}" for n in range(80)]}, "tối đa"),
        ({"aliases": ["a" * 300]}, "dài quá"),
        ({"aliases": [3]}, "Tên gọi khác"),
    ],
)
def test_a_wrong_edit_is_refused_at_the_door(value: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        edited_unit(SCHOOL, value)
    assert said in caught.value.message


def test_a_unit_written_out_and_read_again_is_the_same_unit() -> None:
    value = unit_value(SCHOOL)
    assert value["places"][0]["since"] == "2025-07-01"
    again = edited_unit(SCHOOL, value)
    assert again == SCHOOL
    assert again.places[0].since is not None
    assert hanoi(again.places[0].since).hour == 0


def test_typed_lines_lose_disguises_and_repetitions() -> None:
    assert lines_of(" Suối Mơ \n\n\u200bSuối Mơ\r\nNa Lừ") == ["Suối Mơ", "Na Lừ"]
