"""Rows that would break every page that shows them, and lines that lead nowhere: refused."""

from __future__ import annotations

import pytest

from langnghe.core.contacts import person_key
from langnghe.core.profile_people import moment_of
from langnghe.core.types import Contact
from tests.webhouse import WebHouse, post

FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-11:00"


@pytest.mark.parametrize("at", [FIRST, LAST, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_are_no_moments(house: WebHouse, at: str) -> None:
    api = house.api()
    for path in ("/duty", "/reporting-lines"):
        assert api.get(path, params={"unit": "th_a", "at": at}).status_code == 422
    person = {"unit": "th_a", "role": "officer", "name": "Cô Thư", "email": "thu@truong.example"}
    number = api.post("/people", json=person).json()["id"]
    since = "2026-11-23T00:00:00Z"
    for span in ({"since": at}, {"since": since, "until": at}):
        duty = {"unit": "th_a", "role": "officer", "person": number} | span
        assert api.post("/duty", json=duty).status_code == 422
    for span in ({"since": at}, {"until": at}):
        line = {"unit": "th_b", "line": "hanh_chinh", "to_name": "Xã", "to_unit": None} | span
        assert api.post("/reporting-lines", json=line).status_code == 422
    assert house.browser().get("/don-vi/th_a").status_code == 200
    assert house.browser().get("/don-vi/th_b").status_code == 200


def test_no_form_and_no_profile_reaches_the_ends_of_the_calendar(house: WebHouse) -> None:
    officer, page = house.browser(), "/don-vi/th_b"
    form = {"tuyen": "hanh_chinh", "co_quan": "Xã", "den": "9999-12-30"}
    assert post(officer, f"{page}/tuyen", page=page, **form).status_code == 422
    assert moment_of("9999-12-30") is None
    assert moment_of("0001-01-02T00:00:00Z") is None
    assert moment_of("2026-12-31", end=True) is not None


@pytest.mark.parametrize("target", ["th_b", "khong_co"])
def test_nobody_reports_to_a_school(house: WebHouse, target: str) -> None:
    line = {"unit": "so", "line": "hanh_chinh", "to_unit": target}
    assert house.api().post("/reporting-lines", json=line).status_code == 422


def test_one_number_written_three_ways_is_one_person() -> None:
    written = ("0912 345 678", "+84 912 345 678", "0084912345678")
    assert {person_key(Contact("officer", "A", phone=p)) for p in written} == {"tel:0912345678"}
    assert person_key(Contact("officer", "A", phone="8400")) == "tel:8400"
