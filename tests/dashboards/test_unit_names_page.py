"""A unit's names and places on the screen: tried against last month, checked, laid."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from langnghe.core.store.edits import Edited, edits_of
from tests.webhouse import WebHouse, csrf

DAY = 24 * 60
PAGE = "/don-vi/th_a/ten-goi"
NAMES = {"ten": "Trường TH Suối Mơ", "ten_khac": "", "cach_viet": "", "ban": "0"}


def send(client: TestClient, *, page: str = PAGE, **fields: str) -> Any:
    token = csrf(client.get("/don-vi").text)
    return client.post(page, data={"csrf": token, **NAMES, **fields})


def laid(house: WebHouse) -> dict[str, Any]:
    with house.store.read() as session:
        return edits_of(session, Edited.UNIT)


def test_new_names_are_tried_and_what_was_typed_is_kept(house: WebHouse) -> None:
    house.mention("Trường tiểu học Nậm Lừ bị phản ánh thu sai", minutes=-DAY)
    house.mention("Trường tiểu học Suối Mơ khai giảng", minutes=-2 * DAY)
    shown = send(house.browser(), lam="xem", ten_khac="Tiểu học Nậm Lừ\nSM")
    assert shown.status_code == 200
    assert "Khớp thêm" in shown.text
    assert "Trường tiểu học Nậm Lừ bị phản ánh" in shown.text
    assert "Tiểu học Nậm Lừ\nSM</textarea>" in shown.text
    assert "quá ngắn" in shown.text
    assert laid(house) == {}


def test_names_and_places_are_laid(house: WebHouse) -> None:
    answer = send(
        house.browser(), lam="ghi", ten_khac="Tiểu học Nậm Lừ\nTiểu học Nậm Lừ", xa1="xã Bản Hoa",
        tinh1="tỉnh Mây Trắng", tu1="2025-07-01", xa7="",
    )  # fmt: skip
    assert answer.status_code == 303
    value = laid(house)["th_a"]
    assert value["aliases"] == ["Tiểu học Nậm Lừ"]
    assert value["places"] == [
        {"commune": "xã Bản Hoa", "province": "tỉnh Mây Trắng", "since": "2025-07-01"}
    ]


def test_the_second_of_two_people_is_told(house: WebHouse) -> None:
    first, second = house.browser(), house.browser("principal")
    assert send(first, lam="ghi", cach_viet="suoi mow").status_code == 303
    answer = send(second, lam="ghi", cach_viet="xuoi mo")
    assert answer.status_code == 409
    assert laid(house)["th_a"]["name_variants"] == ["suoi mow"]


def test_wrong_fields_are_said_beside_what_was_typed(house: WebHouse) -> None:
    shown = send(house.browser(), lam="xem", tinh1="tỉnh Mây Trắng", tu1="hôm qua")
    assert shown.status_code == 422
    assert "2025-07-01" in shown.text
    assert 'value="tỉnh Mây Trắng"' in shown.text
    assert send(house.browser(), lam="ghi", ten="").status_code == 422
    assert laid(house) == {}


def test_it_can_be_given_back_to_the_file(house: WebHouse) -> None:
    client = house.browser()
    send(client, lam="ghi", cach_viet="suoi mow")
    assert send(client, page=f"{PAGE}/tra-lai").status_code == 303
    assert laid(house) == {}
    assert "trả lại theo tệp" in client.get(PAGE).text


@pytest.mark.parametrize(("who", "status"), [("of_a", 200), ("analyst", 403), ("of_b", 403)])
def test_who_may_edit_a_unit_of_the_subtree(house: WebHouse, who: str, status: int) -> None:
    assert house.browser(who).get(PAGE).status_code == status


def test_a_unit_outside_the_subtree_is_not_found(house: WebHouse) -> None:
    assert house.browser("of_a").get("/don-vi/so/ten-goi").status_code == 404
    assert send(house.browser("of_a"), page="/don-vi/th_b/ten-goi", lam="ghi").status_code == 404


def test_a_caller_of_a_subtree_is_shown_no_others_mentions(house: WebHouse) -> None:
    house.mention("Trường Nậm Lừ ở nơi khác có chuyện", minutes=-DAY, unit="th_b")
    shown = send(house.browser("of_a"), lam="xem", ten_khac="Trường tiểu học Nậm Lừ")
    assert "ở nơi khác có chuyện" not in shown.text


def test_hostile_names_are_only_text(house: WebHouse) -> None:
    shown = send(house.browser(), lam="xem", ten_khac="<script>alert(1)</script>\n</textarea>")
    assert "<script>alert" not in shown.text
    assert send(house.browser(), lam="ghi", ten_khac="a" * 11_000).status_code == 422


@pytest.mark.parametrize("field", ["ten", "ten_khac", "cach_viet"])
def test_nobody_takes_the_name_of_a_unit_beside(house: WebHouse, field: str) -> None:
    answer = send(house.browser("of_a"), lam="ghi", **{field: "TRƯỜNG TH Đồi Gió"})
    assert answer.status_code == 422
    assert "là tên của một đơn vị khác" in answer.text
    assert laid(house) == {}
    assert send(house.browser(), lam="ghi", ten_khac="Trường TH Đồi Gió").status_code == 303
