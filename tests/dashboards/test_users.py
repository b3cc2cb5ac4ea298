"""Users and rights: one-time passwords, who looks after whom, the last administrator."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from langnghe.core.accounts import GIVES, Person, change_person, password_link_token
from langnghe.core.auth import Caller, issue_token
from langnghe.core.errors import ConflictError
from langnghe.core.store.tables import AuditRow, SessionRow, UserRow
from langnghe.core.types import Role
from tests.conftest import NOW
from tests.webhouse import PASSWORD, WebHouse, csrf, post

ONCE = re.compile(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>")
NEW = {"ten_dang_nhap": "co_hanh", "ho_ten": "Cô Hạnh", "vai": "officer", "don_vi": "th_a"}
OWN = "rung-ban-nang-som"


def user(house: WebHouse, name: str) -> UserRow:
    with house.store.read() as session:
        return session.scalars(sa.select(UserRow).where(UserRow.username == name)).one()  # type: ignore[arg-type]


def acts(house: WebHouse) -> list[str]:
    with house.store.read() as session:
        found = session.scalars(sa.select(AuditRow).order_by(AuditRow.id))  # type: ignore[arg-type]
        return [f"{row.action} {row.subject}" for row in found if row.subject.startswith("user:")]


def sign_in(house: WebHouse, name: str, password: str) -> tuple[TestClient, int]:
    client = house.anyone()
    form = {"csrf": csrf(client.get("/dang-nhap").text), "username": name, "password": password}
    return client, client.post("/dang-nhap", data=form).status_code


def test_a_new_user_comes_in_once_and_sets_an_own_password(house: WebHouse) -> None:
    admin = house.browser("admin")
    answer = post(admin, "/nguoi-dung", page="/nguoi-dung", **NEW)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    password = ONCE.search(answer.text)[1]  # type: ignore[index]
    assert password not in admin.get(f"/nguoi-dung/{user(house, 'co_hanh').id}").text
    client, status = sign_in(house, "co_hanh", password)
    assert status == 303
    for path in ("/", "/dong-tin", "/don-vi"):
        assert client.get(path).headers["location"] == "/tai-khoan/mat-khau"
    form = {"mat_khau_cu": password, "mat_khau_moi": OWN, "mat_khau_lai": OWN}
    wrong = post(client, "/tai-khoan/mat-khau", page="/tai-khoan/mat-khau",
                 **form | {"mat_khau_lai": "khac-han-di-nhe"})  # fmt: skip
    assert wrong.status_code == 422
    assert "không giống nhau" in wrong.text
    done = post(client, "/tai-khoan/mat-khau", page="/tai-khoan/mat-khau", **form)
    assert done.headers["location"] == "/tai-khoan?xong=mat-khau"
    assert client.get("/").status_code == 200
    assert sign_in(house, "co_hanh", password)[1] == 401
    assert acts(house) == ["user_added user:co_hanh", "password_changed user:co_hanh"]


def test_what_was_typed_stays_when_a_name_is_taken(house: WebHouse) -> None:
    answer = post(house.browser("admin"), "/nguoi-dung", page="/nguoi-dung",
                  **NEW | {"ten_dang_nhap": "officer", "thu": "hanh@truong.example"})  # fmt: skip
    assert answer.status_code == 409
    assert "Đã có người dùng" in answer.text
    assert 'value="hanh@truong.example"' in answer.text
    assert 'value="th_a" selected' in answer.text


def test_nobody_locks_out_the_last_administrator_or_themselves(house: WebHouse) -> None:
    admin = house.browser("admin")
    own, other = user(house, "admin").id, user(house, "admin_b").id
    page = f"/nguoi-dung/{other}"
    assert post(admin, f"/nguoi-dung/{own}/khoa", page=page, khoa="1").status_code == 403
    assert post(admin, f"{page}/khoa", page=page, khoa="1").status_code == 303
    # The one left is signed in elsewhere, and somebody with a stolen form tries to lock it.
    second = Caller(other or 0, "admin_b", "", Role.ADMIN, None, "browser", "", "")
    with pytest.raises(ConflictError):
        change_person(house.store, second, own or 0, Person("A", "", Role.OFFICER, None), NOW)
    assert user(house, "admin").role == "admin"


def test_a_head_looks_after_the_own_unit_and_nobody_above(house: WebHouse) -> None:
    hashed = user(house, "admin").password_hash
    house.add(UserRow(username="head_a", name="Thầy Lù", password_hash=hashed, role="principal",
                      unit_id="xa_a", created_at=NOW))  # fmt: skip
    head = house.browser("head_a")
    page = head.get("/nguoi-dung").text
    assert "Đ/c of_a" in page
    assert not any(f"Đ/c {n}<" in page for n in ("admin", "admin_b", "of_b", "principal"))
    for name in ("admin", "of_b", "principal"):
        number = user(house, name).id
        assert head.get(f"/nguoi-dung/{number}").status_code == 404
        for act in ("khoa", "mat-khau", "thoat", "sua", "huy-ma"):
            sent = post(head, f"/nguoi-dung/{number}/{act}", page="/nguoi-dung",
                        khoa="1", vai="officer", ho_ten="X")  # fmt: skip
            assert sent.status_code in (403, 404), (name, act)
    for wrong in ({"vai": "admin"}, {"vai": "principal"}, {"don_vi": "th_b"}, {"don_vi": ""}):
        fields = NEW | {"don_vi": "xa_a"} | wrong
        assert post(head, "/nguoi-dung", page="/nguoi-dung", **fields).status_code == 403, wrong
    assert (
        post(head, "/nguoi-dung", page="/nguoi-dung", **NEW | {"don_vi": "xa_a"}).status_code == 200
    )
    of_a = user(house, "of_a").id
    raised = post(head, f"/nguoi-dung/{of_a}/sua", page="/nguoi-dung", vai="admin", ho_ten="X",
                  don_vi="xa_a")  # fmt: skip
    assert raised.status_code == 403
    assert user(house, "of_a").role == "officer"


def test_officers_and_analysts_look_after_nobody(house: WebHouse) -> None:
    for who in ("officer", "analyst", "of_a"):
        client = house.browser(who)
        assert client.get("/nguoi-dung").status_code == 403
        assert post(client, "/nguoi-dung", **NEW).status_code == 403
        assert "/nguoi-dung" not in client.get("/").text


def test_a_lock_ends_sessions_and_tokens_and_unlocking_gives_none_back(house: WebHouse) -> None:
    admin, theirs = house.browser("admin"), house.browser("officer")
    issue_token(house.store, "officer", name="máy khác", now=NOW)
    number = user(house, "officer").id
    page = f"/nguoi-dung/{number}"
    assert "máy khác" in admin.get(page).text
    assert post(admin, f"{page}/khoa", page=page, khoa="1").status_code == 303
    assert theirs.get("/").status_code == 303
    with house.store.read() as session:
        assert not session.scalars(sa.select(SessionRow).where(SessionRow.user_id == number)).all()  # type: ignore[arg-type]
    assert post(admin, f"{page}/khoa", page=page, khoa="0").status_code == 303
    assert theirs.get("/").status_code == 303
    assert sign_in(house, "officer", PASSWORD)[1] == 303


def test_resetting_and_ending_sessions(house: WebHouse) -> None:
    admin, theirs = house.browser("admin"), house.browser("officer")
    page = f"/nguoi-dung/{user(house, 'officer').id}"
    assert post(admin, f"{page}/thoat", page=page).status_code == 303
    assert theirs.get("/").status_code == 303
    shown = post(admin, f"{page}/mat-khau", page=page, cach="hien")
    assert ONCE.search(shown.text)
    assert sign_in(house, "officer", PASSWORD)[1] == 401


def test_a_forged_form_changes_nothing(house: WebHouse) -> None:
    admin = house.browser("admin")
    number = user(house, "officer").id
    for path in ("/nguoi-dung", f"/nguoi-dung/{number}/khoa", f"/nguoi-dung/{number}/mat-khau",
                 "/tai-khoan/mat-khau", "/tai-khoan/thoat"):  # fmt: skip
        assert admin.post(path, data=NEW | {"csrf": "x" * 32, "khoa": "1"}).status_code == 403
    assert user(house, "officer").active


def test_the_own_page_shows_devices_and_signs_out_elsewhere(house: WebHouse) -> None:
    here, there = house.browser("officer"), house.browser("officer")
    page = here.get("/tai-khoan").text
    assert page.count("Thoát ở máy đó") == 1
    assert post(here, "/tai-khoan/thoat", page="/tai-khoan", phien="").status_code == 303
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 200
    strange = post(here, "/tai-khoan/thoat", page="/tai-khoan", phien="0" * 16)
    assert strange.status_code == 404


def test_a_wrong_old_password_is_counted_like_a_failed_sign_in(house: WebHouse) -> None:
    client = house.browser("officer")
    form = {"mat_khau_cu": "sai-be-bet-roi", "mat_khau_moi": OWN, "mat_khau_lai": OWN}
    tried = [
        post(client, "/tai-khoan/mat-khau", page="/tai-khoan/mat-khau", **form).status_code
        for _ in range(6)
    ]
    assert tried == [422] * 5 + [429]


def test_a_link_sets_a_password_once(house: WebHouse) -> None:
    secret = house.services.settings.secret_key()
    token = password_link_token(user(house, "officer"), secret)
    client = house.anyone()
    page = f"/dat-mat-khau?ma={token}"
    form = {"ma": token, "mat_khau_moi": OWN, "mat_khau_lai": OWN}
    short = post(client, "/dat-mat-khau", page=page, **form | dict.fromkeys(
        ("mat_khau_moi", "mat_khau_lai"), "ngan"))  # fmt: skip
    assert short.status_code == 422
    done = post(client, "/dat-mat-khau", page=page, **form)
    assert done.status_code == 303
    assert client.get("/").status_code == 200
    assert house.anyone().get(page).status_code == 404
    for bad in ("", "x", token[:-2] + "zz", "a" * 5000):
        assert house.anyone().get("/dat-mat-khau", params={"ma": bad}).status_code == 404


def test_roles_that_may_be_given_never_go_upward() -> None:
    assert GIVES[Role.PRINCIPAL].isdisjoint({Role.ADMIN, Role.PRINCIPAL})
    assert set(GIVES) == {Role.ADMIN, Role.PRINCIPAL}
