"""The plan's half under attack: other units, children's names, odd months, swapped texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.office import Office
from alerts.plan import articles
from alerts.plan.reminders import remind_due
from langnghe.core.policy.loader import load_policy
from langnghe.core.settings import StatedSettings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import save_readings, unread
from langnghe.core.store.units import sync_units
from tests.alerts.test_plan_reminders import PROFILE
from tests.conftest import NOW
from tests.dashboards.test_plan import take_in, writer
from tests.fakes import FakeReader
from tests.webhouse import CHILD, WebHouse, post

SAID = "Bữa trưa ở trường thiếu thịt, các cô không nghe"


def test_a_complaint_that_names_no_school_is_shown_to_its_own_unit_alone(house: WebHouse) -> None:
    take_in(house, unit="th_b", text=SAID)
    with house.store.write() as session:
        waiting = unread(session, 10)
        readings = FakeReader().predict([one.item for one in waiting])
        assert readings[0].units == ()
        save_readings(session, list(zip(waiting, readings, strict=True)))
    for everything in ("/dong-tin", "/tin/1"):
        assert SAID[:20] not in house.browser("of_a").get(everything).text
    assert SAID[:20] not in house.api("of_a").get("/mentions").text
    assert SAID[:20] in house.api("of_b").get("/mentions").text


def test_a_child_named_in_an_answer_or_as_owner_is_masked_on_every_way_out(
    house: WebHouse,
) -> None:
    take_in(house)
    officer = house.browser()
    post(officer, "/gop-y/1/giao", page="/gop-y", owner=f"mẹ em {CHILD} lớp 5A")
    said = f"Trường đã gặp gia đình em {CHILD} lớp 5A và xin lỗi."
    assert post(officer, "/gop-y/1/tra-loi", page="/gop-y", text=said).status_code == 303
    for text in (
        house.browser("analyst").get("/gop-y").text,
        house.api("analyst").get("/feedback/2026-11").text,
    ):
        assert CHILD not in text
    assert "Trường đã gặp gia đình" in officer.get("/gop-y").text
    with house.store.read() as session:
        log = [str(row.model_dump()) for row in session.scalars(sa.select(t.AuditRow))]
    assert CHILD not in " ".join(log)


@pytest.mark.parametrize(
    "month", ["0001-01", "9999-12", "2026-1", "+026-11", "2026-١١", "0000-00", "2026-11-01"]
)
def test_an_odd_month_is_refused_in_plain_words(house: WebHouse, month: str) -> None:
    browser = house.browser("analyst")
    for path in ("/ke-hoach", "/gop-y"):
        assert browser.get(path, params={"thang": month}).status_code == 422
    for path in ("/plan", "/feedback"):
        assert house.api("analyst").get(f"{path}/{month}").status_code in (404, 422)
    house.add(writer("Chi đoàn", own=1))
    form = {"writer_id": "1", "month": month, "title": "Ngày hội đọc"}
    officer = house.browser()
    assert post(officer, "/ke-hoach/bai", page="/ke-hoach", **form).status_code == 422


@pytest.mark.parametrize("number", ["9" * 30, "-1", "x"])
def test_an_odd_number_is_refused(house: WebHouse, number: str) -> None:
    take_in(house)
    officer = house.browser()
    form = {"writer_id": number, "month": "2026-11", "title": "x"}
    assert post(officer, "/ke-hoach/bai", page="/ke-hoach", **form).status_code == 422
    answer = post(officer, "/gop-y/1/giao", page="/gop-y", incident=number[:12])
    assert answer.status_code in (404, 422)
    assert house.browser("admin").get(f"/nhat-ky?truoc={number}").status_code == 422
    assert post(officer, "/gop-y/1/giao", page="/gop-y").status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "<b>" * 900}, {"topic": "khong_co"}, {"text": "a"} | {"kind": "x"},
        {"received_at": "0001-01-01T00:00:00+07:00"}, {"received_at": "1990-01-01T00:00:00Z"},
        {"received_at": "9999-12-31T23:59:59-11:00"}, {"unit": "u" * 5000},
    ],
)  # fmt: skip
def test_the_api_refuses_what_the_page_would(house: WebHouse, wrong: dict[str, Any]) -> None:
    entry = {"unit": "th_a", "text": SAID} | wrong
    assert house.api().post("/feedback", json=entry).status_code in (403, 422)


def test_figures_count_every_entry_of_a_busy_month(house: WebHouse) -> None:
    with house.store.write() as session:
        for n in range(1, 621):
            session.add(
                t.FeedbackRow(
                    unit_id="th_a", year=2026, number=n, received_at=NOW, received_by="x",
                    channel="khac", kind="khen", sender="an_danh", text="a", masked="a",
                    due_at=NOW + timedelta(days=1),
                )
            )  # fmt: skip
    assert house.api().get("/feedback/2026-11").json()["received"] == 620
    assert ">620<" in house.browser().get("/gop-y").text.replace(" ", "")


def test_an_organisation_entered_again_keeps_its_past(house: WebHouse) -> None:
    officer = house.browser()
    house.clock.move_to(NOW)
    house.add(writer("Chi đoàn", own=1, email="cd@truong.example"))  # since September
    post(officer, "/ke-hoach/to-chuc", page="/ke-hoach", unit="th_a", name="Chi đoàn",
         per_month="2")  # fmt: skip
    assert house.api().get("/plan/2026-10").json()["tally"][0]["state"] == "late"
    with house.store.read() as session:
        row = session.get_one(t.WriterRow, 1)
    assert (row.per_month, row.since, row.email) == (2, date(2026, 9, 1), "cd@truong.example")


def test_the_head_approves_the_text_that_was_read_and_no_other(house: WebHouse) -> None:
    house.add(writer("Chi đoàn", own=1))
    officer, head = house.browser(), house.browser("principal")
    post(officer, "/ke-hoach/bai", page="/ke-hoach", writer_id="1", month="2026-11",
         title="Ngày hội đọc", text="Các lớp cùng đọc sách.")  # fmt: skip
    own = "/ke-hoach/bai/1"
    with house.store.read() as session:
        seen = articles.seen_of(session.get_one(t.ArticleRow, 1))
    assert seen in head.get(own).text
    post(officer, f"{own}/nop", page=own, text="Một bài khác hẳn.")
    assert post(head, f"{own}/duyet", page=own, seen=seen).status_code == 409
    assert post(head, f"{own}/duyet", page=own).status_code == 422
    with house.store.read() as session:
        seen = articles.seen_of(session.get_one(t.ArticleRow, 1))
    assert post(head, f"{own}/duyet", page=own, seen=seen).status_code == 303


@pytest.mark.parametrize("address", ["https://", "http:// x", "https://a b", "https:///x"])
def test_an_address_without_a_host_is_none(house: WebHouse, address: str) -> None:
    house.add(writer("Chi đoàn", own=1))
    house.add(
        t.ArticleRow(unit_id="th_a", writer_id=1, month="2026-11", title="x", state="approved",
                     created_at=NOW)
    )  # fmt: skip
    own = "/ke-hoach/bai/1"
    assert post(house.browser(), f"{own}/dang", page=own, url=address).status_code == 422


def test_a_machine_that_was_off_on_the_first_still_sends_the_tally_over_new_year(
    any_store: Store, tmp_path: Path
) -> None:
    with any_store.write() as session:
        sync_units(session, PROFILE, NOW)
        session.add(t.WriterRow(unit_id="truong", name="Chi đoàn", since=date(2026, 9, 1)))
    office = Office(load_policy(), PROFILE, StatedSettings(home=tmp_path))
    for day in (3, 4, 9):
        remind_due(any_store, office, datetime(2027, 1, day, 3, tzinfo=UTC))
    with any_store.read() as session:
        told = list(session.scalars(sa.select(t.OutboxRow)))
    assert [row.subject for row in told] == [
        "Trường TH Suối Mơ: tổng hợp viết bài tháng 12/2026, 0/1 tổ chức đủ bài"
    ]


def test_what_nobody_answered_last_month_is_still_shown(house: WebHouse) -> None:
    take_in(house, kind="gop_y", text="Xin thêm ghế đá ở sân")
    take_in(house, kind="gop_y", unit="th_b", text="Xin thêm đèn ở cổng")
    house.clock.move_to(NOW + timedelta(days=10))
    page = house.browser("of_a").get("/gop-y").text
    assert "ghế đá" in page
    assert "đèn ở cổng" not in page
    assert "ghế đá" not in house.browser("of_a").get("/gop-y?thang=2027-01").text
    assert post(
        house.browser(), "/gop-y/1/tra-loi", page="/gop-y", text="Đã đặt ghế"
    ).status_code == 303  # fmt: skip
    assert "ghế đá" not in house.browser("of_a").get("/gop-y").text
