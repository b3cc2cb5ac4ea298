"""Whoever is refused finds the way back, and a long incident page stays short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import WebHouse


@pytest.mark.parametrize(
    ("path", "page", "fields"),
    [
        ("/gop-y", "/gop-y", {"unit": "th_a"}),
        ("/ke-hoach/to-chuc", "/ke-hoach", {"unit": "th_a", "name": ""}),
        ("/don-vi/th_a/truc", "/don-vi/th_a", {"vai": "officer"}),
        ("/uy-quyen", "/uy-quyen", {"nguoi": "x"}),
        ("/phat-ngon/soan", "/phat-ngon", {"mau": "M1", "nguoi_nhan": "khong"}),
    ],
)
def test_a_refused_form_leads_back_to_its_page(
    house: WebHouse, path: str, page: str, fields: dict[str, str]
) -> None:
    client = house.browser("officer")
    csrf = client.get("/gop-y").text.split('name="csrf" value="')[1].split('"')[0]
    answer = client.post(path, data={"csrf": csrf, **fields})
    assert answer.status_code in (403, 422)
    assert f'<a href="{page}">Quay lại trang trước</a>' in answer.text


def test_a_missing_page_leads_to_its_section(house: WebHouse) -> None:
    text = house.browser().get("/vu-viec/99").text
    assert '<a href="/vu-viec">Quay lại trang trước</a>' in text


def test_the_menu_marks_one_place(house: WebHouse) -> None:
    client = house.browser("admin")
    for path, current in (("/thong-bao-day", "/thong-bao-day"), ("/don-vi/th_a", "/don-vi")):
        menu = client.get(path).text.split("<header", 1)[1].split("</header>", 1)[0]
        assert menu.count('aria-current="page"') == 1
        assert f'<a href="{current}" aria-current="page">' in menu


def test_a_closed_incident_is_overdue_in_nothing(house: WebHouse) -> None:
    number = house.incident()
    with house.store.write() as session:
        session.add(
            t.StepRow(incident_id=number, code="C09", position=9, role="officer",
                      title="Việc bỏ dở", due_at=NOW - timedelta(hours=2))
        )  # fmt: skip
    assert "quá hạn 2 giờ" in house.browser().get(f"/vu-viec/{number}").text
    with house.store.write() as session:
        session.get_one(t.IncidentRow, number).state = "closed"
    text = house.browser().get(f"/vu-viec/{number}").text
    assert "Việc chưa ghi nhận xong khi đóng" in text
    assert "Việc bỏ dở" in text
    assert "quá hạn 2 giờ" not in text


def test_a_mention_and_a_story_lead_to_a_correction(house: WebHouse) -> None:
    number = house.incident()
    mention = house.mention("Tin đồn", "Nội dung tin đồn.", unit="th_a", story=1)
    for who, shown in (("officer", True), ("analyst", False)):
        text = house.browser(who).get(f"/tin/{mention}").text
        assert (f"/phat-ngon/soan?mau=M3&amp;tin={mention}" in text) is shown
    assert f"/bao-cao?vu_viec={number}" in house.browser().get(f"/vu-viec/{number}").text
