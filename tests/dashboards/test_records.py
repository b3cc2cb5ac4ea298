"""The audit log's page: for those who see every unit, the newest line first."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

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


def written(house: WebHouse, count: int = 60) -> None:
    """Write lines of two people."""
    with house.store.write() as session:
        for n in range(count):
            at = NOW + timedelta(hours=n)
            actor, act = ("officer", "unmask") if n % 3 else ("Đ/c of_a", "released")
            users.note(session, at, actor, act, f"mention:{n}", reason=f"lý do thứ {n}.")


def test_the_log_is_found_by_person_kind_and_day(house: WebHouse) -> None:
    written(house)
    admin = house.browser("admin")
    theirs = admin.get("/nhat-ky?ai=of_a").text  # meant by the name shown as well
    assert "lý do thứ 0." in theirs
    assert "lý do thứ 1." not in theirs
    day = admin.get("/nhat-ky?tu=2026-11-24&den=2026-11-24&viec=unmask").text
    assert "lý do thứ 17." in day  # 01:00 in Hà Nội
    assert "lý do thứ 14." not in day
    assert "lý do thứ 41." not in day
    assert 'href="/tin/17"' in day
    assert admin.get("/nhat-ky?tu=hom-qua").status_code == 422


def test_pages_follow_each_other_without_gap(house: WebHouse) -> None:
    written(house, 120)
    admin, seen, path = house.browser("admin"), [], "/nhat-ky?ai=officer"
    while path:
        page = admin.get(path).text
        seen += [int(n) for n in re.findall(r"lý do thứ (\d+)\.", page)]
        older = re.search(r'href="(\?[^"]*truoc=\d+[^"]*)" rel="next"', page)
        path = "/nhat-ky" + older[1].replace("&amp;", "&") if older else ""
    assert seen == [n for n in reversed(range(120)) if n % 3]


def test_the_export_is_safe_in_a_spreadsheet_and_itself_in_the_log(house: WebHouse) -> None:
    with house.store.write() as session:
        users.note(session, NOW, "=HYPERLINK(1)", "unmask", "mention:1", reason="@SUM(A1)\r\n+1")
    admin = house.browser("admin")
    answer = admin.get("/nhat-ky.csv?viec=unmask")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[1][2:6] == ["'=HYPERLINK(1)", "xem nội dung chưa che", "tin số 1", "'@SUM(A1) +1"]
    assert "tải nhật ký" in admin.get("/nhat-ky?viec=audit_exported").text
    assert house.browser("of_a").get("/nhat-ky.csv").status_code == 403


def test_a_changed_line_is_said_on_the_page(house: WebHouse) -> None:
    written(house, 5)
    admin = house.browser("admin")
    assert "khớp niêm phong" in admin.get("/nhat-ky").text
    with house.store.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET reason = 'khác' WHERE seq = 3")
        connection.commit()
    assert "nội dung dòng số 3 của nhật ký đã bị sửa" in admin.get("/nhat-ky").text
