"""The page of papers, the API beside it and the command: who may, what comes, under which name."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.dashboards.reports import pictures
from tests.webhouse import CHILD, WebHouse, csrf

QUICK = "/bao-cao/tai?loai=bao-cao-nhanh&vu_viec=1&don_vi=th_a&dang="


@pytest.fixture
def house(store: Store, tmp_path: Path) -> WebHouse:
    """Return a house with an incident at one school and a mention that names a child."""
    made = WebHouse(store, tmp_path)
    made.incident("Phụ huynh lo bữa ăn bán trú")
    made.mention(
        f"Em {CHILD} nói về bữa ăn", f"Theo em {CHILD}.", unit="th_a", story=1, minutes=-60
    )
    return made


def ordered(client: TestClient) -> str:
    """Take a number the way a browser does; return where it leads."""
    asked = {"loai": "bao-cao-nhanh", "vu_viec": "1", "don_vi": "th_a"}
    page = client.get("/bao-cao/lay-so", params=asked)
    assert page.status_code == 200, page.text
    key = page.text.partition('name="lan" value="')[2].partition('"')[0]
    form = {**asked, "lan": key, "csrf": csrf(page.text)}
    for _ in range(2):  # a double click takes one number
        answer = client.post("/bao-cao/lay-so", data=form)
        assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_the_page_offers_what_can_be_made(house: WebHouse) -> None:
    text = house.browser().get("/bao-cao?vu_viec=1").text
    for shown in ("Điểm tin ngày", "Báo cáo dư luận tháng", "Hồ sơ vụ việc", "Lấy số văn bản…",
                  "Chưa có văn bản nào lấy số", 'value="1" selected'):  # fmt: skip
        assert shown in text, shown
    assert "Lấy số văn bản…" not in house.browser("analyst").get("/bao-cao").text


def test_a_draft_comes_as_a_file(house: WebHouse) -> None:
    client = house.browser()
    for form, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = client.get(QUICK + form)
        assert answer.status_code == 200
        assert answer.content.startswith(start)
        named = answer.headers["content-disposition"]
        assert named.startswith("attachment; ")
        assert f"bao-cao-nhanh-20261123-0800.{form}" in named
    said = pictures.words(client.get(QUICK + "pdf").content)
    assert CHILD not in said
    assert "Trường TH Suối Mơ" in said


def test_a_numbered_paper_is_found_again(house: WebHouse) -> None:
    client = house.browser()
    assert ordered(client) == "/bao-cao?xong=lay-so"
    assert "01/BC-THSM" in client.get("/bao-cao").text
    answer = client.get("/bao-cao/1/pdf")
    name = unquote(answer.headers["content-disposition"].partition("filename*=UTF-8''")[2])
    assert name == "bao-cao-nhanh-01-2026-BC-THSM.pdf"
    assert "Số: 01/BC-THSM" in pictures.words(answer.content)
    assert "ngày 23 tháng 11 năm 2026" in pictures.words(answer.content)
    with house.store.read() as session:
        acts = session.scalars(
            sa.select(t.AuditRow.action).where(t.AuditRow.action.startswith("paper"))
        ).all()
    assert list(acts) == ["paper_numbered", "paper_taken"]
    ordered(client)
    assert "02/BC-THSM" in client.get("/bao-cao").text


def test_rights(house: WebHouse) -> None:
    assert house.anyone().get("/bao-cao").status_code == 303
    assert house.browser("analyst").get("/bao-cao/lay-so?loai=diem-tin").status_code == 403
    client, stranger, above = house.browser(), house.browser("of_b"), house.browser("of_a")
    ordered(client)
    for path in (QUICK + "pdf", "/bao-cao/1/pdf", QUICK.replace("&don_vi=th_a", "") + "docx",
                 "/bao-cao/tai?loai=diem-tin&dang=pdf&don_vi=so"):  # fmt: skip
        assert stranger.get(path).status_code == 404, path
    assert "01/BC-THSM" not in stranger.get("/bao-cao").text
    assert "th_b" not in above.get("/bao-cao").text
    assert above.get(QUICK + "pdf").status_code == 200
    answer = client.post("/bao-cao/lay-so", data={"loai": "diem-tin", "lan": "x" * 20})
    assert answer.status_code == 403, "without the form's token"


def test_bad_wishes_are_told(house: WebHouse) -> None:
    client = house.browser()
    for query in (
        "tai?loai=khac&dang=pdf", "tai?loai=diem-tin&dang=exe", "tai?loai=bao-cao-nhanh&dang=pdf",
        "tai?loai=diem-tin&dang=pdf&tu=hom-qua", "tai?loai=bao-cao-nhanh&dang=pdf&vu_viec=../1",
        "tai?loai=diem-tin&dang=pdf&tu=2999-01-01", "tai?loai=thong-cao&dang=pdf",
        "lay-so?loai=so-phat-ngon",
    ):  # fmt: skip
        answer = client.get(f"/bao-cao/{query}")
        assert answer.status_code == 422, query
        assert "Traceback" not in answer.text


def test_the_api_gives_facts(house: WebHouse) -> None:
    found = house.api().get("/reports/bao-cao-nhanh?incident=1").json()
    assert found["line"]["incident_id"] == 1
    assert found["mentions"] == 1
    assert found["first"]["title"] == "Em [tên học sinh] nói về bữa ăn"
    assert CHILD not in json.dumps(found, ensure_ascii=False)
    day = house.api().get("/reports/diem-tin?unit=so").json()
    assert (day["tones"]["neg"], day["standing"][0]["incident_id"]) == (1, 1)
    assert house.api("of_b").get("/reports/bao-cao-nhanh?incident=1").status_code == 404
    assert house.api().get("/reports/bao-cao-nhanh").status_code == 422
    ordered(house.browser())
    assert house.api().get("/reports/papers").json()["items"][0]["symbol"] == "BC-THSM"
    assert house.api("of_b").get("/reports/papers").json()["items"] == []
