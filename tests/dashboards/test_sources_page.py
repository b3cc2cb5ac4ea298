"""Sources on the screen: switched, edited, added from an address, read on demand."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from pytest_httpserver import HTTPServer

from collectors.catalog import SourceConfig
from collectors.stage import source_rows
from langnghe.core.settings import Settings
from langnghe.core.store.audit import AUDIT
from langnghe.core.store.edits import Edited, edits_of, put_edit
from langnghe.core.store.engine import Store
from langnghe.core.store.sources import sync_sources, tally
from langnghe.core.store.tables import SourceRow
from langnghe.house import lay_edits, write_laid
from tests.conftest import NOW
from tests.fakes import FakeReader
from tests.webhouse import PROFILE, WebHouse, csrf

LISTED = [
    SourceConfig("bao-thu", "Báo Thử", "rss", "https://bao.example/rss", tier=2),
    SourceConfig("bao-cu", "Báo Cũ", "rss", "https://cu.example/rss", enabled=False),
]
FEED = (
    "<rss version='2.0'><channel><title>Trang xã <b>Bản Hoa</b></title>"
    "<item><title>20 học sinh trường Suối Mơ nhập viện</title><link>https://x.example/1</link>"
    "<pubDate>Sun, 22 Nov 2026 08:00:00 +0700</pubDate></item>"
    "<item><title>Hội chợ &lt;script&gt;alert(1)&lt;/script&gt;</title>"
    "<link>https://x.example/2</link></item></channel></rss>"
)


@pytest.fixture
def house(store: Store, tmp_path: Path) -> WebHouse:
    """A house with two sources that lays its edits as a running one does."""
    made = WebHouse(store, tmp_path)

    def look() -> bool:
        with store.read() as session:
            laid = lay_edits(session, Settings(home=tmp_path), made.policy, PROFILE, LISTED)
        with store.write() as session:
            write_laid(session, laid, NOW)
        return True

    made.app.state.look_anew = look
    made.app.state.reader = FakeReader
    with store.write() as session:
        sync_sources(session, source_rows(LISTED), NOW)
    return made


def edits(house: WebHouse) -> dict[str, object]:
    with house.store.read() as session:
        return edits_of(session, Edited.SOURCE)


def row(house: WebHouse, source_id: str) -> SourceRow:
    with house.store.read() as session:
        found = session.get(SourceRow, source_id)
    assert found is not None
    return found


def send(client: TestClient, path: str, **fields: str) -> object:
    token = csrf(client.get("/nguon-tin").text)
    return client.post(path, data={"csrf": token, **fields})


def test_shows_what_needs_a_hand_first_with_its_volume(house: WebHouse) -> None:
    with house.store.write() as session:
        for days in range(3):
            tally(session, "bao-thu", NOW - timedelta(days=days), 4)
        found = session.get(SourceRow, "bao-thu")
        assert found is not None
        found.state, found.reason = "failing", "Nguồn tin báo lỗi."
    html = house.browser().get("/nguon-tin").text
    assert html.index("Cần xem lại") < html.index("Đang tắt")
    assert "12 tin / 28 ngày" in html
    assert "Nguồn tin báo lỗi." in html
    assert "<svg" in html


def test_a_source_is_switched_off_and_on_again(house: WebHouse) -> None:
    client = house.browser()
    assert send(client, "/nguon-tin/cong-tac", tat="bao-thu").status_code == 303  # type: ignore[attr-defined]
    assert not row(house, "bao-thu").enabled
    send(client, "/nguon-tin/cong-tac", bat="bao-thu")
    assert row(house, "bao-thu").enabled
    with house.store.read() as session:
        lines = sa.select(AUDIT.c.subject).where(AUDIT.c.action == "edit_source")
        actions = list(session.scalars(lines))
    assert actions == ["bao-thu", "bao-thu"]


def test_an_edit_keeps_what_was_switched(house: WebHouse) -> None:
    client = house.browser()
    send(client, "/nguon-tin/cong-tac", tat="bao-thu")
    send(client, "/nguon-tin/bao-thu", ten="Báo Thử – Giáo dục", hang="3", noi="", chu_ky="60")
    found = row(house, "bao-thu")
    assert (found.name, found.tier, found.interval_minutes, found.enabled) == (
        "Báo Thử – Giáo dục", 3, 60, False,
    )  # fmt: skip
    send(client, "/nguon-tin/bao-thu/tra-lai")
    assert row(house, "bao-thu").name == "Báo Thử"
    assert row(house, "bao-thu").enabled


def test_an_empty_name_is_refused_and_nothing_changes(house: WebHouse) -> None:
    answer = send(house.browser(), "/nguon-tin/bao-thu", ten=" ", hang="2", noi="", chu_ky="30")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert edits(house) == {}


def test_an_address_becomes_a_source_after_a_look(house: WebHouse, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/tin.rss").respond_with_data(FEED)
    open_to(house, httpserver)
    client = house.browser()
    token = csrf(client.get("/nguon-tin/them").text)
    shown = client.post(
        "/nguon-tin/tim", data={"csrf": token, "dia_chi": httpserver.url_for("/tin.rss")}
    )
    assert shown.status_code == 200
    assert "1/2 tin về giáo dục" in shown.text
    assert "<script>alert" not in shown.text
    assert edits(house) == {}  # nothing is stored before the person confirms
    url = re.search(r'name="url" value="([^"]+)"', shown.text)
    assert url
    added = client.post("/nguon-tin", data={
        "csrf": csrf(shown.text), "url": url[1], "loai": "rss", "ten": "Trang xã Bản Hoa",
        "hang": "1", "noi": "xã Bản Hoa", "chu_ky": "60",
    })  # fmt: skip
    assert added.status_code == 303
    found = row(house, "trang-xa-ban-hoa")
    assert (found.enabled, found.tier, found.interval_minutes) == (True, 1, 60)
    assert found.next_due_at == NOW
    again = client.post("/nguon-tin", data={
        "csrf": csrf(shown.text), "url": url[1], "loai": "rss", "ten": "Khác",
    })  # fmt: skip
    assert again.status_code == 409
    assert "đã có trong danh sách" in again.text
    send(client, "/nguon-tin/trang-xa-ban-hoa/tra-lai")
    assert not row(house, "trang-xa-ban-hoa").declared
    assert "Nguồn đã gỡ" in client.get("/nguon-tin").text


def open_to(house: WebHouse, server: HTTPServer) -> None:
    from dataclasses import replace

    told = Settings(home=house.home, allow_private_hosts=(f"{server.host}:{server.port}",))
    house.app.state.services = replace(house.services, settings=told)


def test_a_private_address_is_refused_in_plain_words(
    house: WebHouse, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("<html></html>")
    shown = send(house.browser(), "/nguon-tin/tim", dia_chi=httpserver.url_for("/"))
    assert "mạng nội bộ" in shown.text  # type: ignore[attr-defined]
    assert not httpserver.log


def test_one_look_a_person_at_a_time() -> None:
    from dashboards.views.source_add import Looking
    from langnghe.core.errors import ConflictError

    looking = Looking()
    looking.begin(1)
    with pytest.raises(ConflictError):
        looking.begin(1)
    looking.begin(2)
    looking.end(1)
    looking.begin(1)
    looking.begin(3)
    looking.begin(4)
    with pytest.raises(ConflictError):
        looking.begin(5)


def test_reading_on_demand_makes_it_due_and_not_more_often_than_is_polite(house: WebHouse) -> None:
    client = house.browser()
    with house.store.write() as session:
        found = session.get(SourceRow, "bao-thu")
        assert found is not None
        found.last_poll_at, found.next_due_at = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    assert send(client, "/nguon-tin/bao-thu/doc").status_code == 303  # type: ignore[attr-defined]
    assert row(house, "bao-thu").next_due_at == NOW
    with house.store.write() as session:
        found = session.get(SourceRow, "bao-thu")
        assert found is not None
        found.last_poll_at = NOW - timedelta(seconds=30)
    assert send(client, "/nguon-tin/bao-thu/doc").status_code == 409  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", ["analyst", "of_a", "of_b"])
def test_only_who_answers_for_the_whole_house_may_change_it(house: WebHouse, who: str) -> None:
    client = house.browser(who)
    assert "Thêm nguồn tin" not in client.get("/nguon-tin").text
    assert client.get("/nguon-tin/them").status_code == 403
    token = csrf(client.get("/nguon-tin").text)
    for path in (
        "/nguon-tin/cong-tac",
        "/nguon-tin/bao-thu",
        "/nguon-tin",
        "/nguon-tin/bao-thu/doc",
    ):
        answer = client.post(path, data={"csrf": token, "tat": "bao-thu", "ten": "X"})
        assert answer.status_code == 403
    assert edits(house) == {}


def test_a_forged_form_is_refused(house: WebHouse) -> None:
    answer = house.browser().post("/nguon-tin/cong-tac", data={"csrf": "giả", "tat": "bao-thu"})
    assert answer.status_code == 403
    assert row(house, "bao-thu").enabled


def test_an_edit_that_was_passed_over_is_said_on_the_page(house: WebHouse) -> None:
    with house.store.write() as session:
        put_edit(session, Edited.SOURCE, "roi-danh-muc", {"enabled": True}, actor="x", at=NOW)
    house.app.state.look_anew()
    html = house.browser().get("/nguon-tin").text
    assert "không còn dùng được nên được bỏ qua" in html
    assert "roi-danh-muc" in html


def test_hostile_names_are_only_text(house: WebHouse) -> None:
    name = "<script>alert(1)</script>\u202e" + "đ" * 150
    send(house.browser(), "/nguon-tin/bao-thu", ten=name, hang="2", noi="<b>", chu_ky="30")
    html = house.browser().get("/nguon-tin").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_an_unknown_source_is_not_found(house: WebHouse) -> None:
    assert house.browser().get("/nguon-tin/khong-co").status_code == 404
