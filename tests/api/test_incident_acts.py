"""Every act on an incident through the API: what it does, who may, what is refused and why."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from langnghe.core.store import tables as t
from tests.conftest import NOW, count
from tests.webhouse import WebHouse

PDF = b"%PDF-1.7 bien ban"
WHY = {"reason": "Cùng một bữa ăn"}


def ready(house: WebHouse, **more: Any) -> int:
    """Store an acknowledged incident whose story is linked to it."""
    number = house.incident(acknowledged_at=NOW, acknowledged_by="Đ/c", state="responding", **more)
    with house.store.write() as session:
        row = session.get_one(t.IncidentRow, number)
        session.get_one(t.StoryRow, row.story_id).incident_id = number
    return number


def test_an_incident_is_worked_through_from_the_api(house: WebHouse) -> None:
    number = ready(house)
    api, path = house.api(), f"/incidents/{number}"

    def post(where: str, **body: Any) -> Any:
        answer = api.post(f"{path}/{where}", json=body)
        assert answer.status_code == 200, (where, answer.text)
        return answer.json()

    assert post("state", state="awaiting_conclusion")["state"] == "awaiting_conclusion"
    said = post("verification", verification="partly", reason="Đã gặp gia đình")
    assert said["verification"] == "partly"
    assert post("level", level=3, reason="Có thêm em vào viện")["level"]["value"] == 3
    assert post("level", level=2, reason="Các em đã về nhà")["level"]["value"] == 2
    [key] = [c["key"] for c in api.get(f"{path}/candidates").json() if c["name"] == "Đ/c principal"]
    assert post("owner", owner=key)["owner"] == "Đ/c principal"
    kept = api.post(f"{path}/attachments?name=bb.pdf&step=B02", content=PDF)
    assert kept.status_code == 201
    assert kept.json()["media_type"] == "application/pdf"
    steps = {s["code"]: s for s in post("steps/B02", note="Trạm y tế đã khám")["steps"]}
    assert (steps["B02"]["note"], steps["B02"]["done_by"]) == ("Trạm y tế đã khám", "Đ/c officer")
    done = post("conclusion", outcome="dung_khac_phuc", by="UBND xã", reason="Bếp sai quy trình")
    assert (done["verification"], done["outcome"]) == ("verified", "dung_khac_phuc")
    version = post("reviews", fields={"dieu_tot": "Báo nhanh"})["version"]
    assert [r["version"] for r in api.get(f"{path}/reviews").json()] == [version]
    [listed] = api.get(f"{path}/attachments").json()
    gone = post(f"attachments/{listed['id']}/withdraw", reason="Nhầm tệp rồi")
    assert gone[0]["withdrawn_at"] is not None
    assert count(house.store, "audit") == 1  # the token alone


def test_closing_says_what_is_missing_and_only_the_principal_may_force_it(house: WebHouse) -> None:
    number = house.incident(level=3)
    path = f"/incidents/{number}"
    refused = house.api().post(f"{path}/close", json=WHY)
    assert refused.status_code == 409
    assert "chưa ai tiếp nhận" in refused.json()["detail"]
    for who in ("officer", "admin", "analyst"):
        assert house.api(who).post(f"{path}/close", json={**WHY, "force": True}).status_code == 403
    closed = house.api("principal").post(f"{path}/close", json={**WHY, "force": True})
    assert closed.json()["state"] == "closed"
    with house.store.read() as session:
        actions = session.scalars(sa.select(t.AuditRow.action)).all()  # type: ignore[call-overload]
    assert actions.count("force_close") == 1
    assert house.api().post(f"{path}/state", json={"state": "verifying"}).status_code == 409
    assert house.api().post(f"{path}/reopen", json=WHY).json()["state"] == "reopened"
    assert house.api().post(f"{path}/reopen", json=WHY).status_code == 409


def test_two_incidents_are_merged_and_parted_within_the_scope(house: WebHouse) -> None:
    one, two, theirs = ready(house, title="Một"), ready(house), ready(house, unit="th_b")
    api = house.api("of_a")
    assert api.post(f"/incidents/{one}/merge", json={**WHY, "into": theirs}).status_code == 404
    assert api.post(f"/incidents/{theirs}/merge", json={**WHY, "into": one}).status_code == 404
    assert api.post(f"/incidents/{one}/merge", json={**WHY, "into": one}).status_code == 422
    assert api.post(f"/incidents/{one}/merge", json={**WHY, "into": two}).json()["id"] == two
    assert api.get(f"/incidents/{one}").json()["merged_into"] == two
    back = api.post(f"/incidents/{one}/unmerge", json=WHY).json()
    assert (back["merged_into"], back["state"]) == (None, "responding")


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("state", {"state": "verifying"}),
    ("verification", {"verification": "partly", **WHY}),
    ("level", {"level": 3, **WHY}),
    ("owner", {"owner": ""}),
    ("steps/B02", {"note": "x"}),
    ("conclusion", {"outcome": "mot_phan", "by": "Xã", **WHY}),
    ("reviews", {"fields": {"dieu_tot": "x"}}),
    ("close", WHY),
    ("reopen", WHY),
    ("merge", {"into": 2, **WHY}),
    ("unmerge", WHY),
    ("attachments/1/withdraw", WHY),
]


@pytest.mark.parametrize(("act", "body"), ACTS)
def test_who_may_not_act_changes_nothing(house: WebHouse, act: str, body: dict[str, Any]) -> None:
    number = ready(house)
    ready(house)
    lines = count(house.store, "incident_event")
    where = f"/incidents/{number}/{act}"
    assert house.api("analyst").post(where, json=body).status_code == 403
    assert house.api("of_b").post(where, json=body).status_code == 403
    assert house.anyone().post(f"/api/v1{where}", json=body).status_code == 401
    wrong = {**body, "reason": ""} if "reason" in body else "x"
    assert house.api().post(where, json=wrong).status_code == 422
    assert count(house.store, "incident_event") == lines


def test_a_file_is_not_read_before_it_is_known_who_sends_it(house: WebHouse) -> None:
    number = ready(house, unit="th_b")
    where = f"/incidents/{number}/attachments?name=a.pdf"
    for client, status in ((house.api("analyst"), 403), (house.api("of_a"), 404)):
        assert client.post(where, content=PDF).status_code == status
    assert house.anyone().post(f"/api/v1{where}", content=PDF).status_code == 401
    big = house.api().post(where, content=PDF + b"x" * 20_000_000)
    assert big.status_code == 422
    assert "20 MB" in big.json()["detail"]
    assert house.api().post(where, content=b"x" * 21_000_001).status_code == 413
    assert house.api().post("/incidents/1/merge", content=b"x" * 1_000_001).status_code == 413
    assert house.api().post(where, content=b"").status_code == 422
    assert count(house.store, "attachment") == 0
    assert not list((house.home / "files").glob("*/*"))
