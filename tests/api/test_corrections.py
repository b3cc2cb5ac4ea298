"""Corrections by the API: rights, scope, problems, history, undoing."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from langnghe.core.store import tables as t
from tests.webhouse import CHILD, WebHouse


@pytest.fixture
def mention(house: WebHouse) -> int:
    return house.mention("Phụ huynh hỏi về quỹ lớp", "Thu nhiều quá.", unit="th_a")


def test_a_correction_shows_at_once_and_in_the_history(house: WebHouse, mention: int) -> None:
    client = house.api("officer")
    answer = client.post(
        f"/mentions/{mention}/corrections",
        json={"field": "risk", "value": 0, "note": "Bài hỏi thông tin"},
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["risk"] == 0
    (one,) = body["corrections"]
    assert (one["field"], one["value"], one["by"]) == ("risk", 0, "Đ/c officer")
    assert client.get(f"/mentions/{mention}").json() == body
    undone = client.delete(f"/mentions/{mention}/corrections/{one['id']}")
    assert (undone.status_code, undone.json()["risk"], undone.json()["corrections"]) == (200, 2, [])
    again = client.delete(f"/mentions/{mention}/corrections/{one['id']}")
    assert again.status_code == 200
    (kept,) = client.get(f"/mentions/{mention}/corrections").json()
    assert kept["note"] == "Bài hỏi thông tin"
    assert kept["undone_at"] is not None


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("not_about_us", ["th_a"], {"units": []}),
        ("not_about_us", [], {"units": []}),
        ("about_education", False, {"about_education": False, "topics": [], "risk": 0}),
        ("sentiment", "pos", {"sentiment": "pos"}),
        ("topics", ["che_do_giao_vien"],
         {"topics": [{"topic": "che_do_giao_vien", "p": 1.0, "evidence": []}]}),
    ],
)  # fmt: skip
def test_every_field(
    house: WebHouse, mention: int, field: str, value: Any, shown: dict[str, Any]
) -> None:
    answer = house.api("principal").post(
        f"/mentions/{mention}/corrections", json={"field": field, "value": value}
    )
    assert answer.status_code == 201
    assert shown.items() <= answer.json().items()


@pytest.mark.parametrize(
    "body",
    [
        {}, {"field": "name", "value": 1}, {"field": "risk", "value": 4},
        {"field": "risk", "value": "2"}, {"field": "about_education", "value": "false"},
        {"field": "sentiment", "value": "bad"}, {"field": "topics", "value": ["khong_co"]},
        {"field": "not_about_us", "value": ["th_b"]}, {"field": "risk", "value": 1, "x": 1},
        {"field": "risk", "value": 1, "note": "a" * 501},
    ],
)  # fmt: skip
def test_nonsense_is_a_problem_document(
    house: WebHouse, mention: int, body: dict[str, Any]
) -> None:
    answer = house.api().post(f"/mentions/{mention}/corrections", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.api().get(f"/mentions/{mention}/corrections").json() == []


def test_rights_and_scope(house: WebHouse, mention: int) -> None:
    body = {"field": "risk", "value": 0}
    path = f"/mentions/{mention}/corrections"
    assert house.api("analyst").post(path, json=body).status_code == 403
    assert house.api("analyst").get(path).status_code == 200
    assert house.api("of_b").get(path).status_code == 404
    assert house.api("of_a").post(path, json=body).status_code == 201
    number = house.api("of_a").get(path).json()[0]["id"]
    assert house.api("analyst").delete(f"{path}/{number}").status_code == 403
    assert house.anyone().post(f"/api/v1{path}", json=body).status_code == 401


def test_only_units_in_ones_own_charge_can_be_rejected(house: WebHouse) -> None:
    both = house.mention("Hai trường cùng thu quỹ", unit="th_a")
    house.add_link(both, "th_b")
    path = f"/mentions/{both}/corrections"
    body = {"field": "not_about_us", "value": ["th_b"]}
    assert house.api("of_a").post(path, json=body).status_code == 422
    left = house.api("of_a").post(path, json=body | {"value": []}).json()
    assert [unit["id"] for unit in left["units"]] == ["th_b"]


def test_a_text_not_read_or_changed_is_a_conflict(house: WebHouse, mention: int) -> None:
    fresh = house.mention("Tin mới về", read=False)
    body = {"field": "risk", "value": 0}
    assert house.api().post(f"/mentions/{fresh}/corrections", json=body).status_code == 409
    stale = body | {"revision": 7}
    assert house.api().post(f"/mentions/{mention}/corrections", json=stale).status_code == 409


def test_a_note_names_no_child(house: WebHouse, mention: int) -> None:
    note = f"Em {CHILD}, lớp 3A, không học trường này"
    answer = house.api().post(
        f"/mentions/{mention}/corrections", json={"field": "risk", "value": 0, "note": note}
    )
    assert "Mẩy" not in answer.text
    with house.store.read() as session:
        stored = session.scalars(sa.select(t.CorrectionRow.note)).all()
        trail = session.scalars(sa.select(t.AuditRow.reason)).all()
    assert "Mẩy" not in f"{stored} {trail}"


def test_who_says_not_ours_can_take_it_back(house: WebHouse) -> None:
    both = house.mention("Hai trường cùng thu quỹ", unit="th_a")
    house.add_link(both, "th_b")
    client = house.api("of_a")
    body = {"field": "not_about_us", "value": []}
    (one,) = client.post(f"/mentions/{both}/corrections", json=body).json()["corrections"]
    assert client.get("/mentions").json()["items"] == []
    assert client.get(f"/mentions/{both}").status_code == 200
    client.delete(f"/mentions/{both}/corrections/{one['id']}")
    assert [m["id"] for m in client.get("/mentions").json()["items"]] == [both]


def test_an_undecided_unit_is_told_and_decided(house: WebHouse) -> None:
    doubt = {"unit": "th_b", "confidence": 0.5, "span": [0, 4], "reason": "shared_name"}
    number = house.mention("Đồi Gió thu quỹ", undecided=[doubt], note="broken_encoding")
    client = house.api("officer")
    body = client.get(f"/mentions/{number}").json()
    assert body["undecided"] == [
        {"id": "th_b", "name": "Trường TH Đồi Gió", "confidence": 0.5, "reason": "shared_name"}
    ]
    assert body["note"] == "broken_encoding"
    path = f"/mentions/{number}/corrections"
    assert client.post(path, json={"field": "about_us", "value": []}).status_code == 422
    assert client.post(path, json={"field": "about_us", "value": ["th_a"]}).status_code == 422
    body = client.post(path, json={"field": "about_us", "value": ["th_b"]}).json()
    assert body["units"] == [{"id": "th_b", "name": "Trường TH Đồi Gió"}]
    assert body["undecided"] == []


def test_an_incident_tells_its_texts(house: WebHouse) -> None:
    gist = {"of": "0", "sentences": ["Câu một."], "phrases": ["bữa ăn"], "speakers": ["family"]}
    number = house.incident(gist=gist)
    body = house.api("officer").get(f"/incidents/{number}").json()
    assert (body["sentences"], body["phrases"], body["speakers"]) == (
        ["Câu một."], ["bữa ăn"], ["family"],
    )  # fmt: skip
