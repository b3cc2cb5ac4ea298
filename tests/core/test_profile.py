"""A profile is data: it loads from TOML and JSON, and a wrong one names every wrong field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from langnghe.core.errors import ProfileError
from langnghe.core.profile import load_profile, parse_profile

GOOD = """
name = "Hồ sơ thử"
levels = ["Xanh", "Vàng"]
[[units]]
id = "so_x"
kind = "sector"
name = "Sở GD&ĐT tỉnh X"
places = [{province = "tỉnh X"}]
[[units]]
id = "hoa_may"
kind = "school"
name = "Trường Tiểu học Hoa Mây"
parent = "so_x"
aliases = ["TH Hoa Mây", "TH Hoa Mây", " "]
places = [{commune = "xã Suối Mây", until = "2025-06-30"}, {commune = "xã Núi Xa", since = 2025-07-01}]
contacts = [{role = "officer", name = "Cô Thư ký", email = "thuky@hoamay.example.vn", phone = "0215 3 000 111"}]
[[sources]]
url = "https://bao.example.vn/rss"
"""  # noqa: E501


def as_data() -> dict[str, object]:
    unit = {"id": "a", "kind": "school", "name": "Trường A", "parent": None}
    return {"name": "Hồ sơ", "units": [unit]}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_toml_profile_loads_whole(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, "ho_so.toml", GOOD))
    school = profile.unit("hoa_may")
    assert school is not None
    assert school.aliases == ("TH Hoa Mây",)
    assert school.contacts[0].email == "thuky@hoamay.example.vn"
    assert [u.id for u in profile.chain("hoa_may")] == ["hoa_may", "so_x"]
    assert profile.sources == ({"url": "https://bao.example.vn/rss"},)
    assert profile.extra["levels"] == ["Xanh", "Vàng"]


def test_dates_are_whole_vietnamese_days(tmp_path: Path) -> None:
    school = load_profile(write(tmp_path, "p.toml", GOOD)).unit("hoa_may")
    assert school is not None
    old, new = school.places
    assert old.until == datetime(2025, 6, 30, 16, 59, 59, 999999, tzinfo=UTC)
    assert new.since == datetime(2025, 6, 30, 17, 0, tzinfo=UTC)


def test_version_depends_on_content_only(tmp_path: Path) -> None:
    one = as_data()
    turned = {"units": one["units"], "name": one["name"]}
    path = write(tmp_path, "p.json", "\ufeff" + json.dumps(one))
    version = parse_profile(one, where="x").version
    assert version
    assert version == parse_profile(turned, where="y").version == load_profile(path).version
    assert version != parse_profile({**one, "name": "Khác"}, where="x").version


def test_all_problems_are_told_at_once() -> None:
    data = {
        "name": "Hồ sơ",
        "units": [
            {"id": "a", "kind": "school", "name": "A", "parent": "khong_co"},
            {"id": "a", "kind": "school", "places": [{"commune": "xã B", "until": "30/6/2025"}]},
            {"id": "c", "kind": "trường", "name": 7, "aliases": "TH C", "parent": "a"},
            {"id": "d", "kind": "school", "name": "D", "contacts": [{"role": "x", "email": "d@"}]},
            "e",
        ],
    }
    with pytest.raises(ProfileError) as caught:
        parse_profile(data, where="ho_so.toml")
    for field in (
        "units[0].parent",
        "units[1].id",
        "units[1].name",
        "units[1].places[0].until",
        "units[2].kind",
        "units[2].name",
        "units[2].aliases",
        "units[3].contacts[0].email",
        "units[3].contacts[0].name",
        "units[4]",
    ):
        assert f"- {field}: " in str(caught.value)
    assert str(caught.value).startswith("ho_so.toml: ")


def test_parents_in_a_circle_are_refused_once() -> None:
    units = [
        {"id": i, "kind": "school", "name": i, "parent": p}
        for i, p in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    ]
    with pytest.raises(ProfileError, match="a → b → c → a") as caught:
        parse_profile({"name": "x", "units": units}, where="p")
    assert "lỗi" not in str(caught.value)


def test_a_unit_of_its_own_parent_is_a_circle() -> None:
    data = {"name": "x", "units": [{"id": "a", "kind": "school", "name": "A", "parent": "a"}]}
    with pytest.raises(ProfileError, match="a → a"):
        parse_profile(data, where="p")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("p.toml", 'name = "x"\nunits = [\n{id = }\n]', "dòng 3"),
        ("p.toml", 'name = "x"\nunits = [', "dòng 2"),
        ("p.json", '{"name": "x",\n "units": [}', "dòng 2"),
        ("p.json", "[1]", "phải là một bảng"),
        ("p.toml", "", "name: thiếu"),
        ("p.toml", 'name = "x"', "ít nhất một đơn vị"),
        ("p.json", "[" * 100_000, "sâu"),
    ],
)
def test_broken_files_name_the_place(tmp_path: Path, name: str, text: str, place: str) -> None:
    with pytest.raises(ProfileError, match=place) as caught:
        load_profile(write(tmp_path, name, text))
    assert name in str(caught.value)


def test_missing_and_wrongly_encoded_files(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="không mở được"):
        load_profile(tmp_path / "khong_co.toml")
    with pytest.raises(ProfileError, match="không mở được"):
        load_profile(tmp_path)
    bad = tmp_path / "p.toml"
    bad.write_bytes('name = "Sở"'.encode("utf-16"))
    with pytest.raises(ProfileError, match="UTF-8"):
        load_profile(bad)
