"""Unit linking on invented rows: figures that must hold, doubts that must be told, time that must
stay linear. The rows lie in ``gold_units*.jsonl``, each with the profile it is to be read with."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from langnghe.core.profile import load_profile
from langnghe.core.types import Place, Profile, Unit
from nlp.unit_names import core_shown
from nlp.unit_places import MERGED_AT, history, other_times
from nlp.units import UnitLinker

HERE = Path(__file__).parent


@lru_cache(maxsize=4)
def linker(profile: str) -> UnitLinker:
    return UnitLinker(load_profile(HERE / f"units_{profile}.json"))


def doubts(profile: str, text: str, at: datetime | None = None) -> dict[str, str]:
    return {d.unit: d.reason for d in linker(profile).read(text, at=at).undecided}


def linked(profile: str, text: str, at: datetime | None = None) -> set[str]:
    return {hit.unit for hit in linker(profile).link(text, at=at)}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("gold_units", 317),
        ("gold_units_2", 96),
        ("gold_units_3", 60),
        ("gold_units_4", 130),
        ("gold_units_5", 60),
        ("gold_units_6", 60),
    ],
)
def test_precision_and_recall(name: str, rows: int) -> None:
    right = wrong = missed = seen = 0
    for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = ". ".join(part for part in (row["title"], row["text"]) if part)
        at = datetime.fromisoformat(row["published_at"]) if row["published_at"] else None
        gold = set() if row["gold"] == "undecidable" else set(row["gold"])
        told = linked(row["profile"], text, at)
        right += len(told & gold)
        wrong += len(told - gold - set(row["also_ok"]))
        missed += len(gold - told)
        seen += 1
    assert seen == rows
    assert right / (right + wrong) >= 0.97
    assert right / (right + missed) >= 0.93


@pytest.mark.parametrize(
    ("profile", "text", "unit", "reason"),
    [
        ("border", "Trường Tiểu học Lê Quý Đôn họp phụ huynh", "le_quy_don_dbp", "shared_name"),
        ("province", "Trường THCS Nguyễn Trãi ở Lào Cai thu sai", "nt_sapa", "namesakes"),
        ("border", "Không phải trường Na Ư đâu cả nhà", "na_u", "negated"),
        ("border", "Xe lật cách Trường TH&THCS Na Ư khoảng 3 km", "na_u", "landmark"),
        ("border", "Nữ sinh quê Điện Biên đỗ đầu khối C", "so_gddt_dien_bien", "home"),
    ],
)
def test_what_is_left_undecided_says_why(profile: str, text: str, unit: str, reason: str) -> None:
    assert unit not in linked(profile, text)
    assert doubts(profile, text)[unit] == reason


def test_a_name_that_was_another_commune_then() -> None:
    text = "Học sinh xã Sam Mứn, huyện Điện Biên gói bánh chưng"
    then = datetime(2024, 2, 2, tzinfo=UTC)
    assert "xa_sam_mun" not in linked("border", text, then)
    assert doubts("border", text, then)["xa_sam_mun"] == "reused_name"
    now = datetime(2026, 2, 2, tzinfo=UTC)
    assert linked("border", "Học sinh xã Sam Mứn gói bánh chưng", now) == {"xa_sam_mun"}


def test_old_and_new_names_come_with_their_dates() -> None:
    (new,) = other_times(Place("xã Na Ư", "huyện Điện Biên", "tỉnh Điện Biên"))
    assert (new.commune, new.since) == ("Xã Sam Mứn", MERGED_AT)
    old = other_times(Place("xã Sam Mứn", None, "tỉnh Điện Biên"))
    assert {place.commune for place in old} == {"Xã Na Ư", "Xã Pom Lót"}
    assert all(place.until and place.until < MERGED_AT for place in old)
    assert other_times(Place("xã Không Có Đâu", None, "tỉnh Điện Biên")) == ()


def test_the_changes_of_2025_are_all_there() -> None:
    assert len(history().after) > 9900
    assert len(history().before) > 3250


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Trường THCS Đại Kim", "Đại Kim"),
        ("Trường THCS Hai Bà Trưng", "Hai Bà Trưng"),
        ("Trường Mầm non Trung Thành", "Trung Thành"),
        ("Trường TH&THCS xã Na Ư", "Na Ư"),
        ("Trường Tiểu học số 2 Si Ma Cai", "số 2 Si Ma Cai"),
        ("Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Chế Tạo", "Chế Tạo"),
    ],
)
def test_a_name_is_not_eaten_by_its_type_words(name: str, core: str) -> None:
    assert core_shown(name) == core


def crowd(size: int) -> Profile:
    """Return a profile of many schools, a third of which share four names."""
    shared = ("Kim Đồng", "Lê Lợi", "Sơn Ca", "Nguyễn Trãi")
    place = (Place("xã Sam Mứn", None, "tỉnh Điện Biên"),)
    units = [
        Unit(
            f"u{i}",
            "school",
            f"Trường THCS {shared[i % 4] if i % 3 == 0 else f'Suối Mơ {i}'}",
            places=place,
        )
        for i in range(size)
    ]
    return Profile("đông", tuple(units))


def test_thousands_of_units_and_long_texts_stay_linear() -> None:
    started = time.process_time()
    many = UnitLinker(crowd(5_000))
    assert time.process_time() - started < 3
    for piece in ("trường thcs Kim Đồng, ", "THCS N.T. ", "n.ư.", "xã Sam Mứn "):
        spent = []
        for size in (20_000, 200_000):
            text = piece * (size // len(piece))
            started = time.process_time()
            many.read(text)
            spent.append(time.process_time() - started)
        assert spent[1] < 12 * spent[0] + 2.0
