"""Signing in: sessions, throttling, forged forms, and who may do what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from langnghe.core.auth import TRIES_PER_NAME_AND_PLACE, set_active
from langnghe.core.store.tables import AuditRow, SessionRow
from tests.conftest import NOW, count
from tests.webhouse import PASSWORD, WebHouse, csrf, post

PAGES = ["/", "/vu-viec", "/dong-tin", "/nguon-tin", "/manh/tong-quan", "/live"]


def test_a_stranger_is_sent_to_the_sign_in_page(house: WebHouse) -> None:
    for path in (*PAGES, "/vu-viec/1", "/tin/1", "/cum-tin/1"):
        answer = house.anyone().get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/dang-nhap?tiep=%2F")


def test_signing_in_leads_where_one_wanted_to_go(house: WebHouse) -> None:
    client = house.anyone()
    detour = client.get("/vu-viec?tinh_trang=mo").headers["location"]
    page = client.get(detour).text
    assert 'value="/vu-viec?tinh_trang=mo"' in page
    form = {"csrf": csrf(page), "username": " Officer ", "password": PASSWORD}
    answer = client.post("/dang-nhap", data={**form, "tiep": "/vu-viec?tinh_trang=mo"})
    assert answer.headers["location"] == "/vu-viec?tinh_trang=mo"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/").status_code == 200


def test_signing_in_never_leads_to_another_site(house: WebHouse) -> None:
    for aim in ("//xau.example/", "https://xau.example", "/\\xau.example", "x"):
        client = house.anyone()
        form = {"csrf": csrf(client.get("/dang-nhap").text), "username": "officer"}
        answer = client.post("/dang-nhap", data={**form, "password": PASSWORD, "tiep": aim})
        assert answer.headers["location"] == "/"


def test_only_hashes_of_secrets_are_kept(house: WebHouse) -> None:
    client = house.browser()
    secret = client.cookies["langnghe_session"]
    with house.store.read() as session:
        kept = session.scalars(sa.select(SessionRow)).one()
    assert secret not in kept.token_hash
    assert kept.csrf != secret


def test_a_wrong_name_and_a_wrong_password_sound_the_same(house: WebHouse) -> None:
    client = house.anyone()
    seed = csrf(client.get("/dang-nhap").text)
    told = [
        client.post("/dang-nhap", data={"csrf": seed, "username": name, "password": "sai-bét-rồi"})
        for name in ("officer", "khong-co-ai")
    ]
    assert [answer.status_code for answer in told] == [401, 401]
    first, second = (re.sub(r'name="csrf" value="[^"]+"', "", answer.text) for answer in told)
    assert first == second


def test_failures_are_throttled_and_forgiven_after_a_while(house: WebHouse) -> None:
    client = house.anyone()
    form = {"csrf": csrf(client.get("/dang-nhap").text), "username": "officer"}
    for _ in range(TRIES_PER_NAME_AND_PLACE):
        assert client.post("/dang-nhap", data={**form, "password": "x"}).status_code == 401
    assert client.post("/dang-nhap", data={**form, "password": PASSWORD}).status_code == 429
    other = {**form, "username": "analyst", "password": PASSWORD}
    assert house.anyone().post("/dang-nhap", data=other).status_code == 403  # its own form first
    house.clock.move_to(house.clock.now() + timedelta(minutes=16))
    assert client.post("/dang-nhap", data={**form, "password": PASSWORD}).status_code == 303
    with house.store.read() as session:
        notes = session.scalars(sa.select(AuditRow.subject)).all()
    assert not any("officer" in note for note in notes)  # what was typed is not kept in clear


def test_a_session_ends_by_signing_out_by_time_and_by_shutting_out(house: WebHouse) -> None:
    client = house.browser()
    cookie = client.cookies["langnghe_session"]
    assert post(client, "/dang-xuat").status_code == 303
    client.cookies.set("langnghe_session", cookie)
    assert client.get("/").status_code == 303

    late = house.browser()
    house.clock.move_to(house.clock.now() + timedelta(hours=13))
    assert late.get("/").status_code == 303

    shut_out = house.browser("analyst")
    set_active(house.store, "analyst", False)
    assert shut_out.get("/").status_code == 303


FORMS = {
    "tiep-nhan": {},
    "viec": {"code": "B02", "note.B02": "Đã gọi lúc 9 giờ"},
    "xac-minh": {"verification": "partly", "reason": "Đã gặp gia đình"},
    "muc": {"level": "3", "reason": "Có thêm học sinh vào viện"},
    "dong": {"reason": "Đã khắc phục và trả lời"},
}


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 303), ("principal", 303), ("admin", 303), ("analyst", 403), (None, 401)],
)
def test_who_may_act_on_an_incident(house: WebHouse, who: str | None, status: int) -> None:
    client = house.browser(who) if who else house.anyone()
    for act, fields in FORMS.items():
        answered = {"acknowledged_at": NOW, "state": "monitoring", "level": 1}
        ready = answered if act == "dong" else {}
        number = house.incident(act, **ready)
        before = count(house.store, "incident_event")
        page = "/" if who else "/dang-nhap"
        answer = post(client, f"/vu-viec/{number}/{act}", page=page, **fields)
        assert answer.status_code == status, act
        changed = count(house.store, "incident_event") > before
        assert changed is (who in ("officer", "principal", "admin")), act


@pytest.mark.parametrize("token", ["", "x" * 32])
def test_a_form_without_the_right_token_changes_nothing(house: WebHouse, token: str) -> None:
    number = house.incident()
    client = house.browser()
    answer = client.post(f"/vu-viec/{number}/tiep-nhan", data={"csrf": token})
    assert answer.status_code == 403
    assert count(house.store, "incident_event") == 1


def test_a_form_from_another_site_changes_nothing(house: WebHouse) -> None:
    number = house.incident()
    client = house.browser()
    token = csrf(client.get("/").text)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://xau.example"}):
        answer = client.post(f"/vu-viec/{number}/tiep-nhan", data={"csrf": token}, headers=headers)
        assert answer.status_code == 403
    assert count(house.store, "incident_event") == 1


def test_another_session_s_token_does_not_fit(house: WebHouse) -> None:
    number = house.incident()
    stolen = csrf(house.browser("principal").get("/").text)
    answer = house.browser().post(f"/vu-viec/{number}/tiep-nhan", data={"csrf": stolen})
    assert answer.status_code == 403
