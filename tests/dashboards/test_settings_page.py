"""Settings and ways out on the screen: what wins, what is refused, what is kept, what is sent."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from langnghe.core.overlay_settings import (
    PLAIN,
    SECRETS,
    SECRETS_NAME,
    lay,
    new_ways,
    origin_of,
    settings_in_force,
    value_of,
)
from langnghe.core.settings import Settings, StatedSettings
from langnghe.core.store import channels as health
from langnghe.core.store.edits import Edited, put_edit
from langnghe.core.store.tables import AuditRow
from tests.conftest import NOW
from tests.crisis.post import free_port
from tests.webhouse import PASSWORD, WebHouse, post

MAIL = {"smtp_host": "127.0.0.1", "smtp_port": "2525", "smtp_security": "none", "smtp_user": "",
        "mail_from": "Lắng Nghe <canhbao@truong.example>",
        "mail_fallback": "thuky@truong.example"}  # fmt: skip


class PostBox:
    """A mail server that keeps what it takes; ``says`` is what it answers to the next recipient."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[Any] = []
        self.says = "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.says == "250 OK":
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def box() -> Iterator[PostBox]:
    handler = PostBox()
    server = Controller(handler, hostname="127.0.0.1", port=handler.port)
    server.start()
    yield handler
    server.stop()


def save(house: WebHouse, group: str, who: str = "admin", **fields: str) -> Any:
    return post(house.browser(who), f"/cai-dat/{group}", page="/cai-dat", ban="0", **fields)


def now_in_force(house: WebHouse) -> Settings:
    found: Settings = house.app.state.services.settings
    return found


def test_what_is_saved_counts_at_once_and_is_in_the_log(house: WebHouse) -> None:
    assert save(house, "thu", **MAIL).status_code == 303
    force = now_in_force(house)
    assert (force.smtp_host, force.smtp_port, force.smtp_security) == ("127.0.0.1", 2525, "none")
    page = house.browser("admin").get("/cai-dat").text
    assert 'value="127.0.0.1"' in page
    assert page.count("Đặt trên màn hình.") == 5  # the user's name was and stays empty
    with house.store.read() as session:
        found = session.scalars(sa.select(AuditRow).where(AuditRow.action == "edit_setting"))  # type: ignore[arg-type]
        assert {row.subject for row in found} == set(MAIL) - {"smtp_user"}


def test_a_refused_value_is_marked_and_nothing_typed_is_lost(house: WebHouse) -> None:
    wrong = {"smtp_port": "70000", "mail_from": "không có địa chỉ", "smtp_host": "may chu"}
    answer = save(house, "thu", **MAIL | wrong)
    assert answer.status_code == 422
    for said in ("phải từ 65535 trở xuống", "phải là một địa chỉ thư điện tử", 'value="70000"',
                 'value="thuky@truong.example"', "chỉ ghi tên máy chủ"):  # fmt: skip
        assert said in answer.text, said
    assert answer.text.count('aria-invalid="true"') == 3
    assert now_in_force(house).smtp_host == ""


def test_giving_a_setting_back_to_the_file(house: WebHouse) -> None:
    save(house, "luu", **{"keep.mention": "90", "keep.incident": "1825", "keep.notice": "365",
                          "keep.sign_in": "180"})  # fmt: skip
    assert now_in_force(house).keep.mention == 90
    assert save(house, "luu", tra_lai="keep.mention").status_code == 303
    assert now_in_force(house).keep.mention == 365
    assert save(house, "luu", tra_lai="database_url").status_code == 422


def test_a_password_stands_in_its_private_file_and_nowhere_else(house: WebHouse) -> None:
    secret = "mat-khau-that-kin-dao"
    assert save(house, "thu", **MAIL | {"smtp_password": secret}).status_code == 303
    path = house.home / SECRETS_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"smtp_password": secret}
    assert now_in_force(house).smtp_password.get_secret_value() == secret
    assert secret not in house.browser("admin").get("/cai-dat").text
    database = b"".join(p.read_bytes() for p in house.home.glob("test.db*"))
    assert secret.encode() not in database
    assert save(house, "thu", **MAIL).status_code == 303  # an empty box keeps it
    assert now_in_force(house).smtp_password.get_secret_value() == secret
    save(house, "thu", **MAIL | {"xoa:smtp_password": "1"})
    assert now_in_force(house).smtp_password.get_secret_value() == ""


def test_a_kept_password_goes_to_no_other_server_unasked(house: WebHouse) -> None:
    save(house, "thu", **MAIL | {"smtp_password": "mat-khau-that-kin-dao"})

    def move(**fields: str) -> Any:
        page = house.browser("admin")
        return post(page, "/cai-dat/thu", page="/cai-dat", ban="9999", **MAIL | fields)

    for moved in ({"smtp_host": "x.example"}, {"smtp_port": "26"}, {"smtp_user": "x"}):
        answer = move(**moved)
        assert answer.status_code == 422
        assert "Nhập lại mật khẩu khi đổi máy chủ." in answer.text
    assert now_in_force(house).smtp_host == "127.0.0.1"
    typed = {"smtp_host": "x.example", "smtp_password": "mat-khau-moi"}
    assert move(**typed).status_code == 303
    gone = {"smtp_host": "y.example", "xoa:smtp_password": "1"}
    assert move(**gone).status_code == 303
    assert now_in_force(house).smtp_host == "y.example"


def test_a_password_of_the_environment_goes_to_no_other_server(
    house: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGNGHE_SMTP_PASSWORD", "mat-khau-that-kin-dao")
    base = Settings(home=house.home)
    house.app.state.services = replace(house.services, settings=base, base=base)
    answer = save(house, "thu", **MAIL)
    assert answer.status_code == 422
    assert "biến môi trường" in answer.text
    assert now_in_force(house).smtp_host == ""


def test_the_environment_wins_and_is_read_only(
    house: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGNGHE_SMTP_HOST", "thu.tinh.example")
    base = Settings(home=house.home)
    house.app.state.services = replace(house.services, settings=base, base=base)
    assert save(house, "thu", **MAIL).status_code == 303
    assert now_in_force(house).smtp_host == "thu.tinh.example"
    assert now_in_force(house).smtp_port == 2525
    page = house.browser("admin").get("/cai-dat").text
    assert "Đặt bằng biến môi trường LANGNGHE_SMTP_HOST" in page
    assert re.search(r'value="thu.tinh.example"[^>]* readonly', page)


def test_an_empty_variable_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGNGHE_SMTP_HOST", "")
    base = Settings(home=tmp_path)
    assert lay(base, {"smtp_host": "thu.example"}).settings.smtp_host == "thu.example"
    assert origin_of(base, {"smtp_host"}, "smtp_host") == "screen"


def test_two_people_at_once_the_second_is_told(house: WebHouse) -> None:
    first, second = house.browser("admin"), house.browser("admin_b")
    version = re.search(r'name="ban" value="(\d+)"', second.get("/cai-dat").text)[1]  # type: ignore[index]
    fields = {"shown_name": "Trường A", "base_url": "", "contact": ""}
    assert post(first, "/cai-dat/chung", page="/cai-dat", ban=version, **fields).status_code == 303
    late = fields | {"shown_name": "Trường B"}
    told = post(second, "/cai-dat/chung", page="/cai-dat", ban=version, **late)
    assert told.status_code == 409
    assert "admin vừa đổi mục này" in told.text
    assert 'value="Trường B"' in told.text
    again = re.search(r'name="ban" value="(\d+)"', told.text)[1]  # type: ignore[index]
    assert post(second, "/cai-dat/chung", page="/cai-dat", ban=again, **late).status_code == 303
    assert "Trường B" in second.get("/").text


def test_only_administrators_and_no_drill(house: WebHouse) -> None:
    for who in ("officer", "principal", "analyst"):
        client = house.browser(who)
        for path in ("/cai-dat", "/cai-dat/kenh"):
            assert client.get(path).status_code == 403
        assert post(client, "/cai-dat/thu", **MAIL).status_code == 403
        assert post(client, "/cai-dat/kenh", cach="email", dia_chi="a@b.example").status_code == 403
        assert "/cai-dat" not in client.get("/").text


def test_an_old_change_that_no_longer_fits_is_passed_over_and_said(house: WebHouse) -> None:
    with house.store.write() as session:
        for key, value in (("smtp_port", 99999), ("session_hours", 8), ("went_away", 1)):
            put_edit(session, Edited.SETTING, key, value, actor="admin", at=NOW)
    with house.store.read() as session:
        force = settings_in_force(session, house.services.stated)
    assert force.settings.session_hours == 8
    assert force.settings.smtp_port == 587
    assert set(force.passed_over) == {"smtp_port", "went_away"}
    assert "smtp_port" in house.browser("admin").get("/cai-dat").text


def test_every_setting_of_the_screen_is_one_of_the_file(tmp_path: Path) -> None:
    base = StatedSettings(home=tmp_path)
    for path in (*PLAIN, *SECRETS):
        value_of(base, path)  # raises where the model has no such field
    assert not new_ways(base, lay(base, {"session_hours": 3}).settings)
    assert new_ways(base, lay(base, {"smtp_host": "a.example"}).settings)
    assert new_ways(base, lay(base, {"channels.telegram.token": "1:aaaaaaaaaaaa"}).settings)
    assert "LANGNGHE_HOME" not in os.environ


def test_a_test_mail_and_what_the_server_answered(house: WebHouse, box: PostBox) -> None:
    save(house, "thu", **MAIL | {"smtp_port": str(box.port)})
    admin = house.browser("admin")
    assert "sẵn sàng" in admin.get("/cai-dat/kenh").text
    done = post(admin, "/cai-dat/kenh", page="/cai-dat/kenh", cach="email",
                dia_chi="hieutruong@truong.example")  # fmt: skip
    assert done.status_code == 200
    assert "Bên nhận đã tiếp nhận tin thử" in done.text
    assert "Tin thử" in box.taken[0]["Subject"]
    box.says = "550 no such user"
    refused = post(admin, "/cai-dat/kenh", page="/cai-dat/kenh", cach="email",
                   dia_chi="khong@truong.example")  # fmt: skip
    assert refused.status_code == 422
    assert "từ chối người nhận (mã 550)" in refused.text
    with house.store.read() as session:
        log = session.scalars(sa.select(AuditRow).where(AuditRow.action == "channel_tried")).all()  # type: ignore[arg-type]
    assert [row.data["outcome"] for row in log] == ["taken", "refused"]
    assert "hieutruong" not in json.dumps([row.data for row in log])


def test_a_dead_server_is_said_plainly_and_tests_are_counted(house: WebHouse) -> None:
    save(house, "thu", **MAIL | {"smtp_port": str(free_port())})
    admin = house.browser("admin")
    answers = [
        post(admin, "/cai-dat/kenh", page="/cai-dat/kenh", cach="email", dia_chi="a@b.example")
        for _ in range(7)
    ]
    assert [a.status_code for a in answers] == [422] * 6 + [429]
    assert "từ chối kết nối" in answers[0].text
    assert "đang hỏng" in answers[0].text


def test_each_way_says_how_it_stands(house: WebHouse) -> None:
    save(house, "thu", **MAIL)
    save(house, "cach-gui", ways_off="email", **{"channels.telegram.token": "1:aaaaaaaaaaaa"})
    with house.store.write() as session:
        health.note_failure(session, "telegram", NOW, "Telegram không trả lời kịp.", "Thử lại.")
    page = house.browser("admin").get("/cai-dat/kenh").text
    for said in ("tạm tắt", "đang hỏng", "Telegram không trả lời kịp.", "chưa khai", "ZNS"):
        assert said in page, said
    tried = post(house.browser("admin"), "/cai-dat/kenh", page="/cai-dat/kenh", cach="email",
                 dia_chi="a@b.example")  # fmt: skip
    assert tried.status_code == 422


def test_a_letter_with_the_link_to_set_a_password(house: WebHouse, box: PostBox) -> None:
    save(house, "thu", **MAIL | {"smtp_port": str(box.port)})
    admin = house.browser("admin")
    fields = {"ten_dang_nhap": "thay_phia", "ho_ten": "Thầy Phia", "vai": "officer",
              "thu": "phia@truong.example", "cach": "thu"}  # fmt: skip
    sent = post(admin, "/nguoi-dung", page="/nguoi-dung", **fields)
    assert "Máy chủ thư đã nhận thư gửi tới phia@truong.example" in sent.text
    assert "<code>" not in sent.text
    text = box.taken[0].get_body(("plain",)).get_content()
    link = re.search(r"http://\S+(/dat-mat-khau\?ma=\S+)", text)[1]  # type: ignore[index]
    token = link.partition("=")[2]
    client = house.anyone()
    done = post(client, "/dat-mat-khau", page=link, ma=token, mat_khau_moi=PASSWORD,
                mat_khau_lai=PASSWORD)  # fmt: skip
    assert done.status_code == 303
    with house.store.read() as session:
        assert token not in json.dumps(
            [row.data for row in session.scalars(sa.select(AuditRow))]
        )  # fmt: skip
    box.says = "550 no"
    failed = post(admin, "/nguoi-dung", page="/nguoi-dung", **fields | {"ten_dang_nhap": "co_mo"})
    assert "từ chối người nhận" in failed.text
    assert "<code>" in failed.text  # the person is there, so the password is handed over by hand
