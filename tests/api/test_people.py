"""People, duty and reporting lines by the API: rights, scope, what a change leads to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webhouse import WebHouse

LAN = {"unit": "th_a", "role": "officer", "name": "Cô Lan", "email": "lan@suoimo.example"}
WEEK = {"unit": "th_a", "role": "officer", "since": "2026-11-23T07:00:00+07:00",
        "until": "2026-11-28T18:00:00+07:00"}  # fmt: skip


def lan(house: WebHouse, **more: Any) -> int:
    answer = house.api().post("/people", json=LAN | more)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_a_person_comes_changes_and_goes(house: WebHouse) -> None:
    client = house.api()
    number = lan(house, phone="0912000111", ways=["sms", "email"], quiet="22h-5h")
    [person] = client.get("/people?unit=th_a").json()["items"]
    assert (person["ways"], person["quiet"]) == (["sms", "email"], "22:00-05:00")
    changed = client.put(f"/people/{number}", json=LAN | {"name": "Cô Lan Anh"})
    assert changed.status_code == 200
    [person] = client.get("/people?unit=th_a").json()["items"]
    assert (person["name"], person["phone"]) == ("Cô Lan Anh", None)
    assert client.delete(f"/people/{number}").status_code == 204
    assert client.get("/people?unit=th_a").json()["items"] == []
    assert client.delete(f"/people/{number}").status_code == 404


def test_an_analyst_sees_names_only_and_changes_nothing(house: WebHouse) -> None:
    number = lan(house)
    client = house.api("analyst")
    [person] = client.get("/people?unit=th_a").json()["items"]
    assert (person["name"], person["email"]) == ("Cô Lan", None)
    for answer in (
        client.post("/people", json=LAN), client.delete(f"/people/{number}"),
        client.post("/duty", json=WEEK | {"person": number}),
    ):  # fmt: skip
        assert answer.status_code == 403


def test_what_a_shift_leads_to_is_told(house: WebHouse) -> None:
    number = lan(house)
    client = house.api()
    done = client.post("/duty", json=WEEK | {"person": number})
    assert done.status_code == 201, done.text
    told = done.json()
    assert [change["name"] for change in told["changes"]] == ["Cô Lan"]
    assert told["gaps"][0]["text"].startswith("Từ 18:00 thứ Bảy 28/11/2026")
    now = client.get("/duty?unit=th_a").json()["roles"][0]
    assert [s["name"] for s in now["serving"]] == ["Cô Lan"]
    assert now["gaps"][0]["text"].endswith("trở đi không ai trực.")
    later = client.get("/duty", params={"unit": "th_a", "at": "2026-11-20T00:00:00+07:00"}).json()
    assert later["roles"][0]["serving"] == []
    assert later["roles"][0]["next"]["name"] == "Cô Lan"
    gone = client.delete(f"/duty/{told['id']}").json()
    assert gone["changes"][0]["lost"]
    assert client.get("/duty?unit=th_a").json()["roles"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "2026-11-23T07:00:00"}, {"until": "2026-11-01T00:00:00+07:00"},
        {"days": ["T9"]}, {"hours": "tối"}, {"person": 0}, {"unit": "th_b"}, {"la": 1},
    ],
)  # fmt: skip
def test_a_wrong_shift_is_a_problem(house: WebHouse, wrong: dict[str, Any]) -> None:
    body = WEEK | {"person": lan(house)} | wrong
    answer = house.api().post("/duty", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_lines_of_a_moment_are_marked(house: WebHouse) -> None:
    client = house.api()
    rows = client.get("/reporting-lines?unit=th_a").json()["items"]
    assert [(r["line"], r["to_unit"], r["in_force"]) for r in rows] == [
        ("hanh_chinh", "xa_a", True), ("chuyen_mon", "so", True)
    ]  # fmt: skip
    past = client.get(
        "/reporting-lines", params={"unit": "th_a", "at": "2024-11-20T00:00:00+07:00"}
    ).json()["items"]
    assert not any(r["in_force"] for r in past)
    new = {"unit": "th_a", "line": "hanh_chinh", "to_name": "Phòng GD&ĐT huyện Mây Cao",
           "until": "2025-07-01T00:00:00+07:00"}  # fmt: skip
    assert client.post("/reporting-lines", json=new).status_code == 201
    clash = client.post("/reporting-lines", json=new)
    assert clash.status_code == 409


def test_what_lies_outside_ones_units_is_not_there(house: WebHouse) -> None:
    number = lan(house)
    client = house.api("of_b")
    for path in ("/people?unit=th_a", "/duty?unit=th_a", "/reporting-lines?unit=th_a"):
        assert client.get(path).status_code == 404
    inside = house.api("of_a")
    assert inside.get("/people?unit=th_a").status_code == 200
    other = inside.post("/people", json=LAN | {"unit": "th_b"})
    assert other.status_code == 404
    assert inside.delete(f"/people/{number}").status_code == 204


def test_nobody_signed_in_sees_nothing(house: WebHouse) -> None:
    assert house.anyone().get("/api/v1/people?unit=th_a").status_code == 401
