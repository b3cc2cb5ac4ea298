"""Who issues a paper: told by the profile, guessed only from what its units say, else a blank."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.reports.issuer import abbreviation, issuer_of
from langnghe.core.errors import NotFoundError, ProfileError
from langnghe.core.types import Contact, Place, Profile, Unit
from tests.conftest import NOW

SECTOR = Unit("so", "sector", "Sở GD&ĐT tỉnh Mây Trắng", places=(Place(province="tỉnh Mây Trắng"),))
SCHOOL = Unit(
    "th", "school", "Trường TH Suối Mơ", "so",
    places=(Place(commune="xã Bản Cũ", until=datetime(2025, 6, 30, tzinfo=UTC)),
            Place(commune="xã Bản Hoa", since=datetime(2025, 6, 30, 17, tzinfo=UTC))),
    contacts=(Contact("principal", "Thầy Hiệu trưởng", "a@b.example"),),
)  # fmt: skip


def profile(*units: Unit, **paper: Any) -> Profile:
    return Profile("x", units or (SECTOR, SCHOOL), extra={"paper": paper} if paper else {})


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Trường TH Suối Mơ", "THSM"),
        ("Trường TH&THCS Na Ư", "TH&THCSNU"),
        ("Trường Mầm non Hoa Ban xã Bản Hoa", "MNHB"),
        ("Sở GD&ĐT tỉnh Mây Trắng", "SGDĐT"),
        ("Trường PTDTBT THCS Đồi Gió", "PTDTBTTHCSĐG"),
        ("Trường", None),
    ],
)
def test_letters_of_a_name(name: str, letters: str | None) -> None:
    assert abbreviation(name) == letters


def test_units_tell_what_they_can() -> None:
    own = issuer_of(profile(), "th", NOW)
    assert (own.agency, own.parent_agency, own.place) == (
        "Trường TH Suối Mơ", "UBND xã Bản Hoa", "Bản Hoa"
    )  # fmt: skip
    assert (own.signer_title, own.signer_name) == ("Hiệu trưởng", None)
    assert own.addressees == ("UBND xã Bản Hoa", "Sở GD&ĐT tỉnh Mây Trắng")
    before = issuer_of(profile(), "th", datetime(2025, 1, 1, tzinfo=UTC))
    assert before.parent_agency == "UBND xã Bản Cũ"
    above = issuer_of(profile(), "so", NOW)
    assert (above.parent_agency, above.place, above.symbol) == (None, "Mây Trắng", "SGDĐT")
    high = issuer_of(profile(SECTOR, replace(SCHOOL, name="Trường THPT Đồi Gió")), "th", NOW)
    assert high.parent_agency == "Sở GD&ĐT tỉnh Mây Trắng"
    bare = issuer_of(profile(Unit("x", "other", "Quỹ")), "x", NOW)
    assert (bare.parent_agency, bare.place, bare.signer_title, bare.symbol) == (None,) * 4


def test_the_profile_has_the_last_word() -> None:
    given = profile(
        symbol="CHUNG",
        units={"th": {"symbol": "THSM-A", "signer_name": "Lê Thị Mây", "recipients": ["Như trên"],
                      "parent_agency": "UBND xã Bản Hoa Mới"}},
    )  # fmt: skip
    own = issuer_of(given, "th", NOW)
    assert (own.symbol, own.signer_name, own.recipients, own.parent_agency) == (
        "THSM-A", "Lê Thị Mây", ("Như trên",), "UBND xã Bản Hoa Mới"
    )  # fmt: skip
    assert issuer_of(given, "so", NOW).symbol == "CHUNG"


@pytest.mark.parametrize(
    "paper", [{"symbol": 5}, {"recipients": "VT"}, {"units": []}, {"units": {"th": 1}}]
)
def test_a_wrong_field_is_named(paper: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match="paper"):
        issuer_of(profile(**paper), "th", NOW)
    with pytest.raises(NotFoundError):
        issuer_of(profile(), "none", NOW)
