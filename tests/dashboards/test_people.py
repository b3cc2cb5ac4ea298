"""The page of units: who answers, who is on duty now and next, the dated lines, and their forms."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from langnghe.core.duty import Duty
from langnghe.core.people import Desk
from langnghe.core.store import tables as t
from langnghe.core.store.people import duty_of, lines_of, people_of
from langnghe.core.types import Contact
from tests.conftest import NOW
from tests.webhouse import WebHouse, csrf, post

LAN = {"ten": "Cô Lan", "vai": "officer", "email": "lan@suoimo.example", "phone": "0912000111"}
PAGE = "/don-vi/th_a"


def send(house: WebHouse, path: str, who: str = "officer", **fields: Any) -> Any:
    return post(house.browser(who), path, **fields)


def enter(house: WebHouse, name: str = "Cô Lan", **more: Any) -> int:
    desk = Desk(house.store, "thử", None, NOW)
    fields = {"email": f"{len(name)}@suoimo.example"} | more
    return desk.put_contact("th_a", Contact("officer", name, **fields))


def test_the_tree_leads_to_the_units_and_says_who_cannot_be_told(house: WebHouse) -> None:
    page = house.browser().get("/don-vi").text
    assert "Sở GD&amp;ĐT tỉnh Mây Trắng" in page
    assert 'href="/don-vi/xa_a"' in page
    assert "chưa có ai nhận được tin báo" in page
    assert re.findall(r'class="deep-(\d)"><a href="/don-vi/(\w+)"', page) == [
        ("1", "so"), ("2", "xa_a"), ("3", "th_a"), ("2", "th_b")
    ]  # fmt: skip
    below = house.browser("of_a").get("/don-vi").text
    assert re.findall(r'class="deep-(\d)"><a href="/don-vi/(\w+)"', below) == [
        ("1", "xa_a"), ("2", "th_a")
    ]  # fmt: skip
    found = house.browser().get("/don-vi?tim=suoi mo").text
    assert "Trường TH Suối Mơ" in found
    assert "Đồi Gió" not in found


def test_a_person_is_entered_with_ways_in_order(house: WebHouse) -> None:
    answer = send(
        house, f"{PAGE}/nguoi", cach1="zalo_zns", cach2="email", yen_lang="21h30-5h30", **LAN
    )
    assert answer.status_code == 303
    page = house.browser().get(answer.headers["location"]).text
    assert "Đã ghi danh bạ." in page
    assert "Zalo ZNS 0912000111 → e-mail lan@suoimo.example" in page
    assert "21:30-05:30" in page
    with house.store.read() as session:
        [person] = people_of(session, ["th_a"])
        [audit] = session.scalars(sa.select(t.AuditRow).where(sa.text("action = 'contact_added'")))
    assert person.contact.ways == ("zalo_zns", "email")
    assert (audit.actor, audit.data["about"]) == ("Đ/c officer", "Cô Lan")
    assert "lan@" not in str(audit.data), "an audit line needs no address"


def test_every_wrong_field_is_told_at_once_and_nothing_is_stored(house: WebHouse) -> None:
    answer = send(house, f"{PAGE}/nguoi", **(LAN | {"email": "lan@", "cach1": "telegram"}))
    assert answer.status_code == 422
    assert "lan@" in answer.text
    assert "telegram" in answer.text
    with house.store.read() as session:
        assert people_of(session, ["th_a"]) == []


def test_who_is_on_duty_now_and_next_and_when_nobody_is(house: WebHouse) -> None:
    lan, son = enter(house), enter(house, "Thầy Sơn")
    for who, since, until in (
        (lan, "2026-11-23T07:00", "2026-11-28T18:00"), (son, "2026-11-30T07:00", "")
    ):  # fmt: skip
        answer = send(house, f"{PAGE}/truc", nguoi=str(who), vai="officer", tu=since, den=until)
        assert answer.status_code == 303
    page = house.browser().get(PAGE).text
    words = " ".join(page.split())
    assert "<dt>Đang trực</dt>" in words
    assert 'Cô Lan <span class="dim">đến' in words
    assert "<dt>Trực kế tiếp</dt><dd>Thầy Sơn" in words.replace("> <", "><")
    assert "Không ai trực từ" in page
    assert "18:00 thứ Bảy 28/11/2026" in page
    assert "07:00 thứ Hai 30/11/2026" in page
    assert "đang trực: Cô Lan" in house.browser().get("/don-vi/xa_a").text.replace("\n", " ")


def test_a_weekly_pattern_and_its_edit(house: WebHouse) -> None:
    who = enter(house)
    fields = {"nguoi": str(who), "vai": "officer", "tu": "2026-11-23T00:00", "gio": "18h-6h"}
    send(house, f"{PAGE}/truc", **fields, ngay="T7")
    with house.store.read() as session:
        [row] = duty_of(session, ["th_a"])
    assert (row.days, row.hours and row.hours[0].hour) == ((5,), 18)
    assert "T7, 18:00–06:00" in house.browser().get(PAGE).text
    send(house, f"{PAGE}/truc", **fields, so=str(row.id))
    with house.store.read() as session:
        [row] = duty_of(session, ["th_a"])
    assert row.days == ()
    send(house, f"{PAGE}/truc/{row.id}/go")
    with house.store.read() as session:
        assert duty_of(session, ["th_a"]) == []


def test_whose_duty_changes_gets_a_mail(house: WebHouse) -> None:
    who = enter(house)
    send(house, f"{PAGE}/truc", nguoi=str(who), vai="officer", tu="2026-11-24T00:00", den="")
    with house.store.read() as session:
        [letter] = session.scalars(sa.select(t.OutboxRow))
    assert letter.recipient == "6@suoimo.example"
    assert "/don-vi/th_a" in letter.body_text


@pytest.mark.parametrize(
    "wrong",
    [
        {"tu": ""}, {"nguoi": ""}, {"nguoi": "x"}, {"nguoi": "999"}, {"den": "mai"},
        {"den": "2026-11-22T00:00"}, {"gio": "tối"}, {"ngay": "T9"}, {"vai": ""},
    ],
)  # fmt: skip
def test_a_wrong_shift_is_refused_in_plain_words(house: WebHouse, wrong: dict[str, str]) -> None:
    fields = {"nguoi": str(enter(house)), "vai": "officer", "tu": "2026-11-23T07:00"} | wrong
    assert send(house, f"{PAGE}/truc", **fields).status_code in (404, 422)
    with house.store.read() as session:
        assert duty_of(session, ["th_a"]) == []


def test_somebody_of_another_unit_cannot_be_put_on_duty(house: WebHouse) -> None:
    who = enter(house)
    answer = send(house, "/don-vi/th_b/truc", nguoi=str(who), vai="officer", tu="2026-11-23T07:00")
    assert answer.status_code == 422
    assert "danh bạ của đơn vị" in answer.text


def test_the_lines_stand_with_their_dates_and_the_past_stays(house: WebHouse) -> None:
    page = house.browser().get(PAGE).text
    assert "đang hiệu lực" in page
    assert "Giáo dục xã Bản Hoa" in page
    assert "NĐ 142/2025/NĐ-CP" in page
    with house.store.read() as session:
        present = next(r for r in lines_of(session, ["th_a"]) if r.line == "hanh_chinh")
    clash = send(house, f"{PAGE}/tuyen", tuyen="hanh_chinh", co_quan="UBND xã Mới", tu="2026-11-01")
    assert clash.status_code == 409
    send(
        house, f"{PAGE}/tuyen", so=str(present.id), tuyen="hanh_chinh", len="xa_a",
        tu="2025-07-01", den="2026-10-31", can_cu="NĐ 142",
    )  # fmt: skip
    done = send(house, f"{PAGE}/tuyen", tuyen="hanh_chinh", co_quan="UBND xã Mới", tu="2026-11-01")
    assert done.status_code == 303
    page = house.browser().get(PAGE).text
    assert "đến hết 31/10/2026" in " ".join(page.split())
    assert "UBND xã Mới" in page


def test_nobody_sees_or_changes_what_lies_outside_their_units(house: WebHouse) -> None:
    enter(house, "Cô Lan", phone="0912000111")
    outsider = house.browser("admin_b")  # an administrator sees all whatever the unit
    assert outsider.get(PAGE).status_code == 200
    assert house.browser("of_b").get(PAGE).status_code == 404
    assert "Suối Mơ" not in house.browser("of_b").get("/don-vi?tim=truong").text
    assert send(house, "/don-vi/th_b/nguoi", "of_a", **LAN).status_code == 404
    inside = send(house, f"{PAGE}/nguoi", "of_a", **LAN)
    assert inside.status_code == 303
    with house.store.read() as session:
        assert people_of(session, ["th_b"]) == []


def test_a_row_of_another_unit_is_out_of_reach_under_any_address(house: WebHouse) -> None:
    desk = Desk(house.store, "thử", None, NOW)
    other = desk.put_contact("th_b", Contact("officer", "Người trường khác", "k@b.example"))
    shift = desk.put_duty(
        Duty("th_b", "officer", "", NOW, NOW + timedelta(days=1), person_id=other)
    )
    with house.store.read() as session:
        line = lines_of(session, ["th_b"])[0].id
    for path in (f"nguoi/{other}", f"truc/{shift.id}", f"tuyen/{line}"):
        assert send(house, f"{PAGE}/{path}/go", "of_a").status_code == 404
    assert send(house, f"{PAGE}/nguoi", "of_a", so=str(other), **LAN).status_code == 404
    with house.store.read() as session:
        assert [p.id for p in people_of(session, ["th_b"])] == [other]
        assert len(duty_of(session, ["th_b"])) == 1


def test_an_analyst_reads_names_but_neither_addresses_nor_forms(house: WebHouse) -> None:
    enter(house, "Cô Lan", phone="0912000111")
    page = house.browser("analyst").get(PAGE).text
    assert "Cô Lan" in page
    assert "0912000111" not in page
    assert "/nguoi" not in page
    assert send(house, f"{PAGE}/nguoi", "analyst", **LAN).status_code == 403


def test_a_forged_form_is_refused(house: WebHouse) -> None:
    browser = house.browser()
    assert browser.post(f"{PAGE}/nguoi", data=LAN).status_code == 403
    assert csrf(browser.get(PAGE).text)
    assert house.anyone().get("/don-vi").status_code == 303


def test_the_page_speaks_english(house: WebHouse) -> None:
    enter(house)
    browser = house.browser()
    post(browser, "/ngon-ngu", language="en", tiep=PAGE)
    page = browser.get(PAGE).text
    assert "Who is on duty" in page
    assert "Administration" in page


def test_removing_a_person_ends_their_duty(house: WebHouse) -> None:
    who = enter(house)
    desk = Desk(house.store, "thử", None, NOW)
    desk.put_duty(Duty("th_a", "officer", "", NOW, None, person_id=who))
    assert send(house, f"{PAGE}/nguoi/{who}/go").status_code == 303
    with house.store.read() as session:
        assert duty_of(session, ["th_a"]) == []
    assert send(house, f"{PAGE}/nguoi/{who}/go").status_code == 404
