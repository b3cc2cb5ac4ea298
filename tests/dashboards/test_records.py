"""The audit log's page: for those who see every unit, the newest line first."""

from __future__ import annotations

from langnghe.core.store import users
from langnghe.core.store.holds import place_hold
from langnghe.core.subject import Asked, receive
from tests.conftest import NOW
from tests.webhouse import WebHouse


def test_the_page_shows_acts_orders_and_requests(house: WebHouse) -> None:
    mention = house.mention("Bữa trưa")
    with house.store.write() as session:
        for n in range(60):
            users.note(session, NOW, "Cô Hạnh", "unmask", f"mention:{n}", reason=f"lý do thứ {n}")
        place_hold(session, "mention", mention, "Quyết định 5", "Thầy Hiệu", NOW)
        receive(
            session, Asked("text", "Lò Thị Mùa Xuân"), secret=b"k" * 16, proof="gặp mặt",
            actor="Cô Hạnh", now=NOW,
        )  # fmt: skip
    page = house.browser("admin").get("/nhat-ky").text
    for word in ("xem nội dung chưa che", "lý do thứ 59", "Quyết định 5", "Hạn", "365 ngày"):
        assert word in page
    assert "Mùa Xuân" not in page
    assert "lý do thứ 3<" not in page
    assert "Cũ hơn" in page
    only = house.browser("admin").get("/nhat-ky?viec=hold_placed").text
    assert "Quyết định 5" in only
    assert "lý do thứ" not in only


def test_it_is_not_for_everybody(house: WebHouse) -> None:
    assert house.browser("principal").get("/nhat-ky").status_code == 200
    for who in ("officer", "analyst", "of_a", "of_b"):
        assert house.browser(who).get("/nhat-ky").status_code == 403
