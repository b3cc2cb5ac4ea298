"""Notices on pages and in the API: all that happened is shown, and only to those it concerns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.links import MARK, sign
from alerts.outbox import tell
from alerts.outmail import ChannelDown, OutMail
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.outbox import enqueue
from tests.conftest import NOW
from tests.webhouse import WebHouse


@dataclass
class Way:
    """A way out that is down, or takes everything."""

    down: bool = False
    took: list[str] = field(default_factory=list)

    def send(self, mail: OutMail) -> None:
        if self.down:
            raise ChannelDown("Máy chủ thư x.example không trả lời.", mend="Xem lại mạng.")
        self.took.append(mail.key)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def house(store: Store, tmp_path: Path) -> WebHouse:
    return WebHouse(store, tmp_path)


def notice(house: WebHouse, number: int | None, key: str, ways: Sequence[str] = ("email",)) -> None:
    with house.store.write() as session:
        enqueue(session, t.OutboxRow(
            key=key * 32, incident_id=number, level=3, purpose="open", round=1, role="principal",
            person="nu@x.example", name="Cô Nụ", recipient="nu@x.example", channel=ways[0],
            ways=[{"channel": way, "address": "nu@x.example"} for way in ways],
            subject=f"Tin {key}",
            body_text="chữ", body_html="<p>chữ", message_id=f"<{key}@x>", created_at=NOW,
            due_at=NOW,
        ))  # fmt: skip


def test_the_page_tells_every_try_and_which_channel_is_dead(house: WebHouse) -> None:
    number = house.incident()
    notice(house, number, "a", ("email", "sms"))
    tell(house.store, {"email": Way(down=True), "sms": Way()}, NOW)
    page = house.browser().get(f"/vu-viec/{number}/thong-bao").text
    said = ["đưa vào hàng chờ", "bắt đầu gửi", "gửi lỗi", "chuyển sang cách gửi khác",
            "bên nhận đã nhận"]  # fmt: skip
    places = [page.index(f"{what} ·") for what in said]
    assert places == sorted(places)
    assert "Cô Nụ" in page
    assert "Tin nhắn SMS" in page
    assert "E-mail: không dùng được từ" in page
    assert "Máy chủ thư x.example không trả lời." in page
    home = house.browser().get("/").text
    assert "E-mail: không dùng được từ" in home
    tell(house.store, {"email": Way()}, NOW)
    notice(house, number, "b")
    tell(house.store, {"email": Way()}, NOW + timedelta(minutes=1))
    assert "không dùng được từ" not in house.browser().get("/").text


def test_nobody_reads_of_notices_outside_the_own_units(house: WebHouse) -> None:
    ours, theirs = house.incident("Việc A"), house.incident("Việc B", unit="th_b")
    notice(house, ours, "a")
    notice(house, theirs, "b")
    notice(house, None, "w")
    page, api = house.browser("of_a"), house.api("of_a")
    assert page.get(f"/vu-viec/{theirs}/thong-bao").status_code == 404
    assert api.get(f"/notices/of-incident/{theirs}").status_code == 404
    assert [n["incident_id"] for n in api.get("/notices").json()["items"]] == [ours]
    assert api.get(f"/notices?incident={theirs}").json()["items"] == []
    listed = page.get("/thong-bao").text
    assert "Việc A" in listed
    assert "Việc B" not in listed
    assert "Tin w" not in listed
    assert len(house.api("admin").get("/notices").json()["items"]) == 3
    assert house.anyone().get("/thong-bao").status_code in (302, 303)


def test_the_list_is_narrowed_and_paged(house: WebHouse) -> None:
    number = house.incident()
    for key in "abcde":
        notice(house, number, key)
    tell(house.store, {"email": Way()}, NOW, limit=2)
    api = house.api()
    assert len(api.get("/notices?state=sent").json()["items"]) == 2
    first = api.get("/notices?limit=3").json()
    second = api.get(f"/notices?limit=3&cursor={first['next']}").json()
    assert len({n["id"] for n in first["items"] + second["items"]}) == 5
    assert second["next"] is None
    assert house.browser().get("/thong-bao?tinh_trang=nope").status_code == 422
    assert "nu@x.example" not in api.get("/notices").text, "addresses are the directory's"


def test_the_link_notes_who_opened_it_and_the_button_who_answered(house: WebHouse) -> None:
    number = house.incident()
    notice(house, number, "a")
    with house.store.write() as session:
        session.add(
            t.ContactRow(unit_id="th_a", role="officer", name="Cô Nụ", email="NU@x.example")
        )
    tell(house.store, {"email": Way()}, NOW)
    secret = house.services.settings.secret_key()
    link = f"/xac-nhan/{sign(secret, number, 'nu@x.example', NOW, ('a' * 32)[:MARK])}"
    client = house.anyone()
    for _ in range(3):
        assert client.get(link).status_code == 200
    with house.store.read() as session:
        row = session.get(t.IncidentRow, number)
        assert row is not None
        assert row.acknowledged_at is None
        events = list(session.scalars(sa.text("SELECT event FROM delivery ORDER BY id")))
    assert events.count("opened") == 1
    assert client.post(link).status_code == 200
    with house.store.read() as session:
        row = session.get(t.IncidentRow, number)
        assert row is not None
        assert row.acknowledged_by == "Cô Nụ"
        events = list(session.scalars(sa.text("SELECT event FROM delivery ORDER BY id")))
    assert events.count("acknowledged") == 1
    page = house.browser().get(f"/vu-viec/{number}/thong-bao").text
    assert re.search(r"đã mở đường dẫn · E-mail · Cô Nụ", page)
    assert "✓ đã xác nhận" in page
