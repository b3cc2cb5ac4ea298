"""An invented child goes in at the front door: no way out of the house tells who it is.

The real reader, the real pipeline, the real pages and API; only the postman is a fake.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from langnghe.cli import app
from langnghe.core.logs import set_up_logs
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.store.units import sync_units
from langnghe.core.text import fold
from langnghe.core.types import Contact, Item
from langnghe.pipeline import SWEEP, House, turn
from langnghe.replay import alerts_of
from nlp.reader import Reader
from nlp.stage import Grouper
from tests.conftest import NOW
from tests.core.test_pipeline import Letterbox
from tests.webhouse import PROFILE, WebHouse

CHILD, MOTHER, GRADE, PHONE = "Giàng Thị Sủa Mẩy", "Vàng Thị Pằng", "5A3", "0912 345 078"
SECRET = ("giang thi", "sua may", "giangthisuamay", "vang thi", "pang", "5a3", "0912", "345078")
"""What must not be found, folded (``345078`` with every blank out)."""

TITLES = (
    f"Em {CHILD} bị đánh hội đồng ngay tại Trường TH Suối Mơ",
    f"{CHILD.upper()}, LỚP {GRADE}, BỊ BẠN ĐÁNH Ở TRƯỜNG TH SUỐI MƠ",
    f"Nữ sinh {CHILD} nhập viện: Trường TH Suối Mơ nói gì?",
)
TEXTS = (
    f"Chiều 20/11, em {CHILD}, học sinh lớp {GRADE} Trường TH Suối Mơ, xã Bản Hoa, bị nhóm bạn "
    f"đánh hội đồng phải nhập viện cấp cứu. Mẹ em là chị {MOTHER}, điện thoại {PHONE}, đã trình "
    "báo công an. Em Mẩy bị động kinh từ nhỏ.",
    f"Trường TH Suối Mơ xác nhận em Mẩy, lớp {GRADE}, bị đánh. Liên hệ: {PHONE.replace(' ', '.')}.",
    f"Hiệu trưởng nói em {CHILD} đang nằm viện. #{CHILD.replace(' ', '')}",
)
COMMENT = f"be {fold(CHILD)} lop {GRADE} truong suoi mo bi danh nhap vien, goi {PHONE} cho me chau"
# Of the same affair, and no word in it tells that the name is a child's.
LATE = Item(
    id="bai-muon",
    title="Suối Mơ: Sủa Mẩy đã ra viện sau vụ bị nhóm bạn đánh phải cấp cứu chiều 20/11",
    text="Sủa Mẩy đã ra viện. Trường TH Suối Mơ, xã Bản Hoa, thăm Sủa Mẩy bị nhóm bạn đánh phải "
    "nhập viện cấp cứu chiều 20/11, đã trình báo công an.",
    source="Báo Khác",
    url="https://bao9.example/muon.html",
    seen_at=NOW,
)
PAGES = (
    "/", "/manh/tong-quan", "/vu-viec", "/vu-viec/1", "/manh/vu-viec/1", "/dong-tin",
    "/dong-tin?tat_ca=1", "/cum-tin/1", "/nguon-tin", "/tin/1", "/tin/2", "/tin/3", "/tin/4",
    "/tin/5",
    "/tin/999", "/vu-viec/999", "/khong-co",
)  # fmt: skip
ROUTES = (
    "/incidents", "/incidents/1", "/incidents/999", "/stories", "/stories/1", "/mentions",
    "/mentions/1", "/mentions/2", "/mentions/3", "/mentions/4", "/mentions/5", "/units", "/sources",
)  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(PROFILE)


def arrivals() -> list[Item]:
    items = [
        Item(id=f"bai-{n}", title=title, text=text, source="Báo Thử",
             url=f"https://bao{n}.example/{n}.html", author="Người Viết", seen_at=NOW)
        for n, (title, text) in enumerate(zip(TITLES, TEXTS, strict=True))
    ]  # fmt: skip
    return [*items, Item(id="bl", kind="comment", text=COMMENT, source="Nhóm Thử", seen_at=NOW)]


@pytest.fixture
def heard(store: Store, tmp_path: Path, reader: Reader) -> tuple[WebHouse, Letterbox]:
    """Return the web and the mail of a house in which the story has gone all its way."""
    web = WebHouse(store, tmp_path)
    contacts = (Contact("principal", "Hiệu trưởng", "hieutruong@suoimo.example"),)
    units = tuple(replace(u, contacts=contacts) if u.id == "th_a" else u for u in PROFILE.units)
    services = replace(web.services, profile=replace(PROFILE, units=units, version="ho"))
    post = Letterbox()
    with store.write() as session:
        sync_units(session, services.profile, NOW)
        keep(session, [*arrivals(), LATE], now=NOW, secret=b"k")
    report = turn(House(services, reader, Grouper(store), fetcher=None, channel=post), SWEEP)
    assert report.failed == {}
    return web, post


def told(said: str) -> list[str]:
    """Return which secrets a text gives away."""
    folded = f" {fold(said)} "
    close = folded.replace(" ", "")
    return [
        secret
        for secret in SECRET
        if f" {secret} " in folded or (secret.isalnum() and len(secret) > 5 and secret in close)
    ]


def test_the_check_itself_would_see_every_secret() -> None:
    assert set(told(f"{TITLES[0]} {TEXTS[0]} {TEXTS[2]}")) == set(SECRET)
    assert {"giang thi", "sua may", "5a3"} <= set(told(TITLES[1]))
    assert {"giang thi", "sua may", "5a3", "0912"} <= set(told(COMMENT))
    assert "sua may" in told(LATE.full_text)


def test_a_text_that_does_not_tell_of_a_child_is_covered_by_its_story(
    heard: tuple[WebHouse, Letterbox], reader: Reader
) -> None:
    alone = reader.predict([LATE])[0]
    assert told(alone.masked_text) == ["sua may"]  # by itself it cannot be known
    with heard[0].store.read() as session:
        row = session.get(t.ReadingRow, 5)
    assert row is not None
    assert told(f"{row.masked_title} {row.masked_text}") == []
    assert "[tên học sinh]" in row.masked_title


def test_an_incident_and_its_mail_name_no_child(heard: tuple[WebHouse, Letterbox]) -> None:
    web, post = heard
    assert post.mails
    for mail in post.mails:
        assert told(f"{mail.subject} {mail.text} {mail.html} {mail.headers}") == []
    alerts = alerts_of(web.store)
    assert alerts
    assert "[tên học sinh]" in alerts[0]["title"]
    assert told(json.dumps(alerts, ensure_ascii=False)) == []
    shown = (t.StoryRow, t.IncidentRow, t.IncidentEventRow, t.StepRow, t.DeadlineRow, t.OutboxRow)
    with web.store.read() as session:
        for table in shown:
            for row in session.scalars(sa.select(table)):
                assert told(row.model_dump_json()) == [], table.__tablename__


@pytest.mark.parametrize("who", ["officer", "analyst", "admin"])
def test_no_page_names_the_child(heard: tuple[WebHouse, Letterbox], who: str) -> None:
    browser = heard[0].browser(who)
    for path in PAGES:
        assert told(browser.get(path).text) == [], path
    assert "[tên học sinh]" in browser.get("/vu-viec/1").text
    assert "[tên học sinh]" in browser.get("/tin/2").text


def test_no_answer_of_the_api_names_the_child(heard: tuple[WebHouse, Letterbox]) -> None:
    client = heard[0].api("admin")
    for path in ROUTES:
        assert told(client.get(path).text) == [], path
    assert "[tên học sinh]" in client.get("/mentions/1").text
    root = TestClient(heard[0].app)
    for path in ("/healthz", "/metrics", "/api/v1/metrics", "/api/v1/khong-co", "/openapi.json"):
        assert told(root.get(path).text) == [], path


@pytest.mark.parametrize("asked", [CHILD, fold(CHILD), f'"{MOTHER}"', "345", GRADE])
def test_a_search_does_not_tell_where_the_child_is(
    heard: tuple[WebHouse, Letterbox], asked: str
) -> None:
    client = heard[0].api("admin")
    assert client.get("/mentions", params={"q": asked}).json()["items"] == []
    found = client.get("/mentions", params={"q": "đánh hội đồng"}).json()["items"]
    assert [item["id"] for item in found] == [1]


def test_readings_as_lines_name_no_child(reader: Reader) -> None:
    items = arrivals()
    for item, reading in zip(items, reader.predict(items), strict=True):
        assert told(json.dumps(Reader.to_json(item, reading), ensure_ascii=False)) == [], item.id


def test_the_command_analyse_names_no_child(tmp_path: Path) -> None:
    lines = "".join(
        json.dumps({"id": i.id, "kind": i.kind, "title": i.title, "text": i.text}) + "\n"
        for i in arrivals()
    )
    result = CliRunner().invoke(app, ["analyse", "--home", str(tmp_path)], input=lines)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(arrivals())
    assert told(result.output) == []


@pytest.mark.parametrize("as_json", [False, True])
def test_a_broken_stage_logs_no_child(
    store: Store, tmp_path: Path, reader: Reader, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    web = WebHouse(store, tmp_path)
    refuse = "CREATE TRIGGER no BEFORE INSERT ON reading BEGIN SELECT RAISE(ABORT, 'no'); END"
    with store.write() as session:
        keep(session, arrivals(), now=NOW, secret=b"k")
        session.execute(sa.text(refuse))  # the error now carries statement and values
    set_up_logs(json=as_json)
    house = House(web.services, reader, Grouper(store), fetcher=None, channel=Letterbox())
    report = turn(house, SWEEP)
    assert "understand" in report.failed
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert told(" ".join((said, *report.failed.values()))) == []
