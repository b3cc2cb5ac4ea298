"""The page of an incident's evidence: what is kept, what changed, and the pack by right."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.core.evidencehouse import EvidenceHouse, item
from tests.webhouse import WebHouse, csrf, post

CHILD = "Lò Thị Mây"
FIRST = f"Em {CHILD}, học sinh lớp 4A, nhập viện."


@pytest.fixture
def number(house: WebHouse) -> int:
    """Return an incident with a mention that was edited and taken down."""
    kept = EvidenceHouse(house.store, house.home)
    kept.see(item(1, FIRST))
    kept.see(item(1, f"{FIRST} Đã ổn định."), minutes=20)
    kept.vault.close()
    made = house.incident(unit="truong", title="Bữa ăn bán trú")
    with house.store.write() as session:
        story = session.execute(
            sa.text("SELECT story_id FROM incident WHERE id = :i"), {"i": made}
        ).scalar_one()
        session.execute(sa.text("UPDATE mention SET story_id = :s"), {"s": story})
        session.add(
            t.ReadingRow(
                mention_id=1, revision=2, model="x", about_education=True, about_education_p=1.0,
                scope="vn", sentiment="neg", risk=2, stance="report", masked_title="Tin 1",
                masked_text="Tin 1. Em [tên học sinh] đã ổn định.",
            )
        )  # fmt: skip
        session.add(
            t.RecheckRow(mention_id=1, state="gone", deleted_at=NOW + timedelta(hours=6),
                         checked_at=NOW + timedelta(hours=7))
        )  # fmt: skip
    return made


def test_it_shows_what_is_kept_and_no_child(house: WebHouse, number: int) -> None:
    page = house.browser().get(f"/vu-viec/{number}/ho-so")
    assert page.status_code == 200
    for shown in ("còn nguyên vẹn", "Đã gỡ, thấy lúc", "Các bản đã thấy (2)", "<ins>"):
        assert shown in page.text
    assert "Thị Mây" not in page.text
    assert "Xuất kèm bản gốc chưa che" in page.text
    assert "Xuất kèm bản gốc chưa che" not in house.browser("analyst").get(page.url.path).text


def test_a_changed_byte_is_said_on_the_page(house: WebHouse, number: int) -> None:
    path = next((house.home / "evidence").glob("*.warc.gz"))
    data = bytearray(path.read_bytes())
    data[-40] ^= 2
    path.write_bytes(bytes(data))
    assert "không còn nguyên vẹn" in house.browser().get(f"/vu-viec/{number}/ho-so").text


def test_the_pack_comes_masked(house: WebHouse, number: int) -> None:
    page = f"/vu-viec/{number}/ho-so"
    answer = post(house.browser(), f"{page}/xuat", page=page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(BytesIO(answer.content)) as pack:
        assert "SHA256SUMS" in pack.namelist()
        assert all(b"M\xc3\xa2y" not in pack.read(name) for name in pack.namelist())


def test_originals_by_right_and_reason_only(house: WebHouse, number: int) -> None:
    page = f"/vu-viec/{number}/ho-so"
    asked = {"originals": "true", "reason": "Công an xã có văn bản đề nghị"}
    assert post(house.browser("analyst"), f"{page}/xuat", page=page, **asked).status_code == 403
    bad = post(house.browser(), f"{page}/xuat", page=page, originals="true", reason="x")
    assert bad.status_code == 422
    good = post(house.browser(), f"{page}/xuat", page=page, **asked)
    assert "CO-BAN-GOC" in good.headers["content-disposition"]
    with house.store.read() as session:
        lines = session.scalars(
            sa.text("SELECT reason FROM audit WHERE action='incident_exported'")
        )
        assert list(lines) == [asked["reason"]]


def test_forms_need_their_token_and_units_their_own(house: WebHouse, number: int) -> None:
    browser = house.browser()
    assert csrf(browser.get(f"/vu-viec/{number}/ho-so").text)
    assert browser.post(f"/vu-viec/{number}/ho-so/xuat", data={}).status_code == 403
    stranger = house.browser("of_a")
    assert stranger.get(f"/vu-viec/{number}/ho-so").status_code == 404
    token = csrf(stranger.get("/vu-viec").text)
    pack = stranger.post(f"/vu-viec/{number}/ho-so/xuat", data={"csrf": token})
    assert pack.status_code == 404
    assert house.api("of_a").get(f"/incidents/{number}/evidence").status_code == 404


def test_the_api_tells_records_and_versions(house: WebHouse, number: int) -> None:
    told = house.api().get(f"/incidents/{number}/evidence").json()
    (kept,) = told["mentions"]
    assert [r["seq"] for r in kept["records"]] == [1, 2]
    assert [v["version"] for v in kept["versions"]] == [1, 2]
    assert kept["deleted_at"]
    assert told["head_seq"] == 2
    assert "Mây" not in str(told)


def test_a_lacking_original_is_said_where_trouble_is_said(house: WebHouse) -> None:
    with house.store.write() as session:
        session.add(t.EvidenceGapRow(mention_id=1, revision=1, at=NOW, reason="đĩa đã đầy"))
    assert "1 tin thiếu bản gốc" in house.browser().get("/").text
    assert "đĩa đã đầy" in house.browser().get("/nguon-tin").text
