"""Over the API nobody lets a text out without the right, and every try is on record."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.speaking import DAY, FILLED, REFUSED, SCAN, SpeakHouse, prepare

WEB = {"version": 1, "places": [{"channel": "website", "url": "https://suoimo.example/1"}]}


@pytest.fixture
def house(store: Store, tmp_path: Path) -> SpeakHouse:
    return SpeakHouse(store, tmp_path)


def test_every_release_without_the_right_is_refused_and_audited(house: SpeakHouse) -> None:
    number = house.approved()
    for case, who, code in REFUSED:
        prepare(house, case)
        answer = house.api(who).post(f"/statements/{number}/release", json=WEB)
        assert answer.status_code == 403, case
        assert answer.headers["content-type"] == "application/problem+json"
        line = house.audit("release_refused")[-1]
        assert (line.actor, line.data["code"]) == (who, code), case
        assert line.reason in answer.text
    assert house.statement(number).state == "approved"


def test_the_whole_way_by_token(house: SpeakHouse) -> None:
    staff, head = house.api("staff_a"), house.api("head_a")
    said = {"template": "M1", "audience": "parents",
            "values": {**FILLED, "su_viec": "bữa ăn bán trú",
                       "tiep_nhan": "2026-11-23T07:30"}}  # fmt: skip
    made = staff.post("/statements", json=said)
    assert made.status_code == 201
    number, text = made.json()["id"], made.json()["text"]
    way = f"/statements/{number}"
    assert made.json()["findings"] == []
    bad = {"version": 1, "title": "Thông báo", "text": text + "\nTrường sẽ đuổi học em này."}
    worse = staff.put(way, json=bad).json()
    assert [f["code"] for f in worse["findings"]] == ["forbidden_discipline"]
    assert staff.post(f"{way}/submit", json={"version": 2}).status_code == 422
    staff.put(way, json={"version": 2, "title": "Thông báo", "text": text})
    assert staff.post(f"{way}/submit", json={"version": 3}).json()["state"] == "review"
    assert head.post(f"{way}/approve", json={"version": 1}).status_code == 409
    assert head.post(f"{way}/approve", json={"version": 3}).json() == {"warning": ""}
    done = head.post(f"{way}/release", json=WEB | {"version": 3})
    assert done.json()["number"] == "1/2026"
    assert head.post(f"{way}/release", json=WEB | {"version": 3}).status_code == 409
    assert staff.post(f"{way}/places", json={"channel": "zalo"}).status_code == 204
    assert staff.put(way, json=bad | {"version": 3}).status_code == 409
    assert staff.post(f"{way}/withdraw", json={"reason": "Viết sai ngày"}).status_code == 403
    assert head.post(f"{way}/withdraw", json={"reason": "Viết sai ngày"}).status_code == 204
    times = {"since": NOW.isoformat(), "until": (NOW + DAY).isoformat()}
    listed = house.api("of_a").get("/statement-register", params=times).json()
    assert [(x["number"], x["withdrawn_reason"], len(x["places"])) for x in listed] == [
        ("1/2026", "Viết sai ngày", 2)
    ]
    assert house.api("of_b").get("/statement-register", params=times).json() == []
    assert house.api("head_b").get(way).status_code == 404


def test_a_delegate_by_token_releases_and_only_the_head_delegates(house: SpeakHouse) -> None:
    said = {
        "holder": "deputy", "from_at": NOW.isoformat(), "until_at": (NOW + DAY).isoformat(),
        "document_number": "12/GUQ", "file_name": "a.pdf",
        "file_base64": base64.b64encode(SCAN).decode(),
    }  # fmt: skip
    for who in ("staff_a", "admin", "deputy", "head_b"):
        asked = said | {"unit": "th_a"}
        assert house.api(who).post("/delegations", json=asked).status_code == 403
    assert (
        house.api("head_a").post("/delegations", json=said | {"file_base64": "%"}).status_code
        == 422
    )
    made = house.api("head_a").post("/delegations", json=said)
    assert made.status_code == 201
    number = house.approved()
    assert house.api("deputy").post(f"/statements/{number}/release", json=WEB).status_code == 200
    reason = {"reason": "Hết nhiệm vụ"}
    way = f"/delegations/{made.json()['id']}/revoke"
    assert house.api("deputy").post(way, json=reason).status_code == 403
    assert house.api("head_a").post(way, json=reason).status_code == 204
    assert house.api("of_b").get("/delegations").json() == []
    assert house.api("staff_a").get("/delegations").json()[0]["revoked_reason"] == "Hết nhiệm vụ"


def test_a_reader_sees_a_draft_only_masked(house: SpeakHouse) -> None:
    number = house.drafted(da_biet="em Lò Thị Mẩy lớp 5A đã về nhà")
    assert "Mẩy" in house.api("staff_a").get(f"/statements/{number}").json()["text"]
    seen = house.api("reader_a").get(f"/statements/{number}").text
    assert "Mẩy" not in seen
    assert "5A" not in seen


def test_the_templates_and_a_check_of_free_text(house: SpeakHouse) -> None:
    api = house.api("reader_a")
    assert [one["id"] for one in api.get("/statement-templates").json()][:2] == ["M1", "M2"]
    found = api.post("/statement-check", json={"text": "Trường sẽ đuổi học em này."}).json()
    assert found[0]["code"] == "forbidden_discipline"
    assert api.post("/statements", json={"template": "M1", "audience": "public"}).status_code == 403
