"""The principal's telephone: one screen, one thumb; a link approves nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from alerts.links import sign
from alerts.phone import Call, calls_to, dial, hotlines_for
from alerts.ways import Recipient, Way
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.outbox import enqueue
from tests.conftest import NOW
from tests.speaking import SpeakHouse
from tests.webhouse import CHILD, POLICY, csrf, post

HEAD = "hieutruong@suoimo.example"


@pytest.fixture
def house(store: Store, tmp_path: Path) -> SpeakHouse:
    house = SpeakHouse(store, tmp_path)
    with store.write() as session:
        for role, name, email, phone in (
            ("principal", "Cô Hiệu trưởng", HEAD, "0912 000 111"),
            ("officer", "Thầy Thư ký", "thuky@suoimo.example", "0912 000 222"),
        ):
            session.add(
                t.ContactRow(unit_id="th_a", role=role, name=name, email=email, phone=phone)
            )
        session.add(
            t.ContactRow(unit_id="xa_a", role="commune", name="Chị Văn hóa", phone="0215.3.888")
        )
    return house


def told(house: SpeakHouse, incident: int) -> None:
    """Write the messages that the incident's people got."""
    with house.store.write() as session:
        for role, name, address in (
            ("principal", "Cô Hiệu trưởng", HEAD),
            ("officer", "Thầy Thư ký", "thuky@suoimo.example"),
        ):
            key = address[0] * 32
            enqueue(
                session,
                t.OutboxRow(
                    key=key, incident_id=incident, level=2, purpose="open", round=1, role=role,
                    person=address, name=name, recipient=address, subject="x", body_text="",
                    body_html="", message_id=f"<{key}@x>", created_at=NOW, due_at=NOW,
                    state="sent", sent_at=NOW,
                ),
            )  # fmt: skip


def link(house: SpeakHouse, incident: int, who: str = HEAD, mark: str = "h" * 12) -> str:
    secret = house.services.settings.secret_key()
    return f"/xac-nhan/{sign(secret, incident, who, house.clock.now(), mark)}"


def test_the_screen_says_what_why_next_and_whom_to_ring(house: SpeakHouse) -> None:
    number = house.incident("Nhiều em đau bụng sau bữa trưa")
    told(house, number)
    page = house.anyone().get(link(house, number)).text
    for said in ("Cam", "Nhiều em đau bụng", "chưa xác minh", "Việc kế tiếp", "Hạn",
                 "Xác nhận đã nhận", "Ai đã biết"):  # fmt: skip
        assert said in page
    calls = re.findall(r'href="tel:([\d+]+)"', page)
    assert calls == ["115", "0912000222", "02153888"], "not the reader's own number"
    assert "csrf" not in page
    assert "Đăng nhập để duyệt phát ngôn" in page
    assert "/dt/phat-ngon" not in page


def test_the_link_weighs_little(house: SpeakHouse) -> None:
    number = house.incident("Dài " * 2500, reasons=[{"text": "Lý do " * 800}] * 5)
    told(house, number)
    client = house.anyone()
    page = client.get(link(house, number))
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(assets) == 2
    assert "<script" not in page.text
    assert " style=" not in page.text
    whole = len(page.content) + sum(len(client.get(path).content) for path in assets)
    assert whole <= 12_000, whole
    kilobit = 250_000 / 8
    assert 0.3 * 4 + whole / kilobit < 2.0, "connection, page, sheet; at 250 kbit/s and 300 ms"


def test_looking_changes_nothing_and_the_button_tells_who_knows(house: SpeakHouse) -> None:
    number = house.incident()
    told(house, number)
    client, path = house.anyone(), link(house, number)
    for _ in range(3):
        assert client.get(path).status_code == 200
    with house.store.read() as session:
        assert session.get_one(t.IncidentRow, number).acknowledged_at is None
    page = client.post(path).text
    assert "Đã ghi nhận" in page
    assert "✓ đã xác nhận" in page
    assert "Tiếp theo:" in page
    assert "Thầy Thư ký" in page
    second = link(house, number, "thuky@suoimo.example", "t" * 12)
    assert "Xác nhận đã nhận" in client.get(second).text, "each answers for themselves"
    assert client.post(second).text.count("✓ đã xác nhận") == 2
    with house.store.read() as session:
        assert session.get_one(t.IncidentRow, number).acknowledged_by == "Cô Hiệu trưởng"


def test_a_link_ends_with_the_incident_and_with_time(house: SpeakHouse) -> None:
    number = house.incident("Chuyện kín " + CHILD)
    path, client = link(house, number), house.anyone()
    forged = path[:-3] + "zzz"
    for bad in (forged, "/xac-nhan/x", "/xac-nhan/" + "a" * 5000):
        assert client.get(bad).status_code == client.post(bad).status_code == 403
    foreign = client.post(path, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    with house.store.write() as session:
        session.get_one(t.IncidentRow, number).state = "closed"
    closed = client.get(path)
    assert closed.status_code == 410
    assert "Vụ việc đã đóng" in closed.text
    assert "Chuyện kín" not in closed.text
    assert client.post(path).status_code == 410
    with house.store.write() as session:
        session.get_one(t.IncidentRow, number).state = "verifying"
    assert client.get(path).status_code == 200
    house.clock.move_to(NOW + timedelta(days=31))
    assert client.get(path).status_code == 403


def test_signed_in_the_same_screen_acknowledges_with_a_token(house: SpeakHouse) -> None:
    number = house.incident()
    client = house.browser("head_a")
    page = client.get(f"/dt/vu-viec/{number}").text
    assert f'action="/dt/vu-viec/{number}/nhan"' in page
    assert client.post(f"/dt/vu-viec/{number}/nhan").status_code == 403, "without its token"
    answer = client.post(f"/dt/vu-viec/{number}/nhan", data={"csrf": csrf(page)})
    assert answer.status_code == 303
    assert "Đã ghi nhận" in client.get(answer.headers["location"]).text
    assert house.browser("head_b").get(f"/dt/vu-viec/{number}").status_code == 404
    assert house.anyone().get(f"/dt/vu-viec/{number}").status_code == 303
    reader = house.browser("reader_a")
    assert "Xác nhận đã nhận" not in reader.get(f"/dt/vu-viec/{number}").text


def test_only_a_signed_in_spokesperson_approves_what_was_read(house: SpeakHouse) -> None:
    incident = house.incident()
    number = house.drafted(incident=incident)
    post(house.browser("staff_a"), f"/phat-ngon/{number}/trinh", version="1")
    head = house.browser("head_a")
    assert f'href="/dt/phat-ngon/{number}"' in head.get(f"/dt/vu-viec/{incident}").text
    page = head.get(f"/dt/phat-ngon/{number}").text
    assert "Duyệt nội dung này" in page
    assert "bữa trưa" in page
    approve = f"/dt/phat-ngon/{number}/duyet"
    assert house.anyone().post(approve, data={"version": "1"}).status_code in (303, 401, 403)
    staff = house.browser("staff_a")
    assert "Duyệt nội dung này" not in staff.get(f"/dt/phat-ngon/{number}").text
    refused = post(staff, approve, page=f"/dt/phat-ngon/{number}", version="1")
    assert refused.status_code == 403
    assert house.browser("head_b").get(f"/dt/phat-ngon/{number}").status_code == 404
    stale = post(head, approve, page=f"/dt/phat-ngon/{number}", version="7")
    assert stale.status_code == 409
    assert house.statement(number).state == "review"
    assert post(head, approve, page=f"/dt/phat-ngon/{number}", version="1").status_code == 303
    assert house.statement(number).state == "approved"
    assert "Duyệt: Đ/c head_a" in head.get(f"/dt/phat-ngon/{number}").text


def test_a_text_is_sent_back_with_a_reason(house: SpeakHouse) -> None:
    number = house.drafted()
    post(house.browser("staff_a"), f"/phat-ngon/{number}/trinh", version="1")
    head, page = house.browser("head_a"), f"/dt/phat-ngon/{number}"
    path = f"{page}/tra-lai"
    assert post(head, path, page=page, version="1", note="").status_code == 422
    assert post(head, path, page=page, version="1", note="Thêm giờ cập nhật").status_code == 303
    assert house.statement(number).state == "draft"


def test_the_phone_speaks_english(house: SpeakHouse) -> None:
    from dashboards.i18n import LANGUAGE_COOKIE

    number = house.incident()
    client = TestClient(house.app, cookies={LANGUAGE_COOKIE: "en"})
    page = client.get(link(house, number)).text
    assert "Confirm receipt" in page
    assert "Who knows" in page


def test_whom_to_ring_is_the_topic_s_matter() -> None:
    lines = POLICY.hotlines
    assert [c.number for c in hotlines_for(["xam_hai_tre_em", "khac"], lines)] == ["111", "113"]
    assert hotlines_for(["khoan_thu"], lines) == []
    assert hotlines_for(["xam_hai_tre_em"], lines)[0].name.startswith("Tổng đài")
    people = [Recipient("officer", "A", "", (Way("sms", "0912 1"),), key="a")]
    found = calls_to([("Thư ký", people), ("Xã", people)], [Call("Công an", "113")], not_to="A")
    assert [call.number for call in found] == ["113"]
    assert dial("+84 (0)912-345") == "+840912345"
