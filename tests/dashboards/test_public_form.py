"""The public form: honest people get through and lose nothing; machines get nowhere."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from alerts import attachments
from dashboards.i18n import LANGUAGE_COOKIE
from langnghe.core import intake as rules
from langnghe.core.store import tables as t
from langnghe.core.store.attachments import every_hash
from langnghe.core.store.engine import Store
from langnghe.core.store.intake_door import counts
from tests.conftest import count
from tests.dashboards.test_intake import PNG
from tests.webhouse import WebHouse, post

TEXT = "Chiều qua cổng trường có xe tải lùi rất nguy hiểm <b>lúc tan học</b>."


def opened(house: WebHouse, unit: str = "th_a", **fields: str) -> str:
    """Open a unit's form on the page; return its code."""
    client = house.browser()
    said = {"don_vi": unit, "viec": "mo"} | fields
    assert post(client, "/tiep-nhan/ma-qr", page="/tiep-nhan/ma-qr", **said).status_code == 303
    with house.store.read() as session:
        return session.get_one(t.IntakeDoorRow, unit).code


def token(page: str) -> str:
    found = re.search(r'name="the" value="([^"]+)"', page)
    assert found
    return found[1]


def send(house: WebHouse, code: str, *, client: TestClient | None = None, wait: int = 10,
         files: Any = None, the: str = "", **fields: str) -> Any:  # fmt: skip
    client = client or house.anyone()
    the = the or token(client.get(f"/gui/{code}").text)
    house.clock.move_to(house.clock.now() + timedelta(seconds=wait))
    return client.post(f"/gui/{code}", data={"the": the, "noi_dung": TEXT} | fields, files=files)


def only(house: WebHouse) -> t.IntakeRow:
    assert count(house.store, "intake") == 1
    with house.store.read() as session:
        return session.get_one(t.IntakeRow, 1)


def test_off_until_somebody_opens_it_and_off_again(house: WebHouse) -> None:
    with house.store.read() as session:
        assert session.get(t.IntakeDoorRow, "th_a") is None
    code = opened(house)
    client = house.anyone()
    assert client.get(f"/gui/{code}").status_code == 200
    form = token(client.get(f"/gui/{code}").text)
    for bad in ("x", "a" * 20, "../../etc", code[:-1] + "!", "th_a"):
        assert client.get(f"/gui/{bad}").status_code == 404
    post(house.browser(), "/tiep-nhan/ma-qr", page="/tiep-nhan/ma-qr", don_vi="th_a", viec="dong")
    assert client.get(f"/gui/{code}").status_code == 404
    assert send(house, code, the=form).status_code == 404
    outside = house.browser("of_b")
    said = post(outside, "/tiep-nhan/ma-qr", page="/tiep-nhan/ma-qr", don_vi="th_a", viec="mo")
    assert said.status_code == 403, "an analyst of another unit opens nothing"
    inside = house.browser("of_a")
    for unit in ("th_b", "so", "khong-co"):
        said = post(inside, "/tiep-nhan/ma-qr", page="/tiep-nhan/ma-qr", don_vi=unit, viec="mo")
        assert said.status_code == 404
        assert inside.get(f"/tiep-nhan/ma-qr/in?don_vi={unit}").status_code == 404


def test_a_renewed_code_makes_the_printed_one_useless(house: WebHouse) -> None:
    code = opened(house, so_may="0215 388 9999")
    page = house.browser().get("/tiep-nhan/ma-qr?don_vi=th_a").text
    assert "<svg" in page
    assert f"/gui/{code}" in page
    assert "style=" not in page
    sheet = house.browser().get("/tiep-nhan/ma-qr/in?don_vi=th_a").text
    assert all(number in sheet for number in ("111", "113", "114", "115", "0215 388 9999"))
    fresh = opened(house, viec="doi-ma")
    assert fresh != code
    assert house.anyone().get(f"/gui/{code}").status_code == 404
    assert house.anyone().get(f"/gui/{fresh}").status_code == 200


def test_the_page_is_small_and_says_what_it_is(house: WebHouse) -> None:
    code = opened(house, so_may="0215 388 9999")
    answer = house.anyone().get(f"/gui/{code}")
    sheet = re.search(r'href="(/static/plain\.css[^"]*)"', answer.text)
    assert sheet
    whole = len(answer.content) + len(house.anyone().get(sheet[1]).content)
    assert whole < 10_000, whole
    assert answer.text.count("<link") == 2
    assert "<script" not in answer.text
    assert "Trường TH Suối Mơ" in answer.text
    for number in ("111", "113", "114", "115", "02153889999"):
        assert f'href="tel:{number}"' in answer.text
    assert "th_a" not in answer.text, "the unit's id is nobody's business"
    assert "set-cookie" not in answer.headers


def test_a_report_waits_and_its_receipt_tells_its_state_alone(house: WebHouse) -> None:
    code = opened(house)
    answer = send(house, code, ten="Giàng A Páo", so_may="0912345678", duong_dan="bao.example/1")
    assert answer.status_code == 200
    row = only(house)
    assert (row.state, row.channel, row.text, row.taken_by) == ("waiting", "qr", TEXT, "")
    assert row.link == "https://bao.example/1"
    assert row.receipt in answer.text
    assert count(house.store, "mention") == 0, "a person looks first"
    stranger = house.anyone()
    for typed in (row.receipt, row.receipt.lower().replace("-", " ")):
        page = stranger.get("/gui/tra-cuu", params={"so": typed})
        assert "đang chờ người của đơn vị xem" in page.text
        assert "xe tải" not in page.text
        assert "Páo" not in page.text
    for typed in ("AAAAA-AAAAA", "'; DROP TABLE intake; --", "%00", "x" * 300):
        assert stranger.get("/gui/tra-cuu", params={"so": typed}).status_code == 404
    client = house.browser()
    box = client.get("/tiep-nhan").text
    assert "&lt;b&gt;lúc tan học" in box
    post(client, "/tiep-nhan/1/nhan")
    assert "đang được theo dõi" in stranger.get(f"/gui/tra-cuu?so={row.receipt}").text


@pytest.mark.parametrize(
    ("wait", "fields", "why"),
    [
        (1, {}, "quá nhanh"),
        (4 * 3600, {}, "mở đã lâu"),
        (10, {"the": "68a0.ff.00"}, "đã cũ"),
        (10, {"the": "x" * 5000}, "đã cũ"),
        (10, {"trang_web": "https://mua.example"}, "phải để trống"),
        (10, {"duong_dan": "javascript:alert(1)"}, "Đường dẫn không đúng"),
        (10, {"so_may": "gọi tôi"}, "Số điện thoại không đúng"),
        (10, {"noi_dung": " \u200b "}, "ghi rõ hơn"),
        (10, {"noi_dung": "a" * 4001}, "dài quá"),
        (10, {"noi_dung": TEXT + " http://a.vn" * 4}, "nhiều nhất 3 đường dẫn"),
    ],
)
def test_what_is_wrong_is_said_and_the_words_are_kept(
    house: WebHouse, wait: int, fields: dict[str, str], why: str
) -> None:
    code = opened(house)
    answer = send(house, code, wait=wait, **fields)
    assert answer.status_code == 422
    assert why in unescape(answer.text)
    said = fields.get("noi_dung", TEXT)
    assert said.strip(" \u200b")[:4000] in unescape(answer.text)
    assert "<b>lúc" not in answer.text
    assert count(house.store, "intake") == 0
    again = token(answer.text)
    fine = {k: v for k, v in fields.items() if k == "khong"}
    assert send(house, code, the=again, **fine).status_code == 200, "the second try goes through"


def test_a_form_sent_twice_or_for_another_unit(house: WebHouse) -> None:
    code, other = opened(house), opened(house, "th_b")
    the = token(house.anyone().get(f"/gui/{code}").text)
    assert send(house, other, the=the).status_code == 422, "a form of one unit is none of another"
    first, second = send(house, code, the=the), send(house, code, the=the)
    assert first.status_code == second.status_code == 200
    assert only(house).receipt in second.text
    foreign = house.anyone().post(
        f"/gui/{code}", data={"the": the}, headers={"sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403


def test_a_flood_from_one_place_is_told_to_ring(house: WebHouse) -> None:
    code = opened(house, so_may="0215 388 9999")
    most = rules.PER_PLACE[0]
    answers = [send(house, code, wait=4).status_code for _ in range(most + 3)]
    assert answers == [200] * most + [429] * 3
    refused = send(house, code)
    assert "0215 388 9999" in refused.text
    assert unescape(TEXT) in unescape(refused.text), "the text is kept"
    elsewhere = TestClient(house.app, client=("203.0.113.9", 1))
    assert send(house, code, client=elsewhere).status_code == 200
    house.clock.move_to(house.clock.now() + timedelta(hours=1, minutes=1))
    assert send(house, code).status_code == 200
    with house.store.read() as session:
        places = {row.place for row in session.scalars(sa.select(t.IntakeHitRow))}
    assert all(len(place) == 24 and "testclient" not in place for place in places)


def test_a_flood_from_everywhere_ends_at_the_unit_s_limit_and_at_the_full_box(
    house: WebHouse,
) -> None:
    code = opened(house)
    answers = [
        send(house, code, wait=4, client=TestClient(house.app, client=(f"203.0.{n}.9", 1)))
        for n in range(62)
    ]
    assert [a.status_code for a in answers] == [200] * 60 + [429] * 2
    assert count(house.store, "intake") == 60
    with house.store.write() as session:
        for n in range(rules.MOST_WAITING):
            session.add(
                t.IntakeRow(unit_id="th_a", channel="qr", receipt=f"R{n}", text="x",
                            received_at=house.clock.now())
            )  # fmt: skip
    house.clock.move_to(house.clock.now() + timedelta(hours=2))
    full = send(house, code)
    assert full.status_code == 503
    assert "đang đầy" in full.text
    other = opened(house, "th_b")
    assert send(house, other).status_code == 200, "one unit's flood is not another's"


def test_the_form_works_on_both_databases(any_store: Store, tmp_path: Path) -> None:
    house = WebHouse(any_store, tmp_path)
    code = opened(house, tep="true")
    files = [("anh", ("a.png", PNG, "image/png"))]
    the = token(house.anyone().get(f"/gui/{code}").text)
    for _ in range(2):
        assert send(house, code, the=the, files=files, ten="A").status_code == 200
    client = house.browser()
    assert post(client, "/tiep-nhan/1/nhan", page="/tiep-nhan").status_code == 303
    assert post(client, "/tiep-nhan/1/hoan-tac", page="/tiep-nhan").status_code == 303
    assert only(house).state == "waiting"
    with any_store.read() as session:
        assert any("phiếu tiếp nhận số 1" in told for told in every_hash(session).values())


def test_counts_of_yesterday_are_gone_and_the_key_changes_daily(house: WebHouse) -> None:
    code = opened(house)
    send(house, code)
    day = house.clock.now()
    house.clock.move_to(day + timedelta(days=1, hours=1))
    send(house, code)
    assert count(house.store, "intake_hit") == 1
    secret = house.services.settings.secret_key()
    marks = {rules.place_mark(secret, "203.0.113.9", day + timedelta(days=n)) for n in range(3)}
    assert len(marks) == 3
    one_house = {rules.place_mark(secret, f"2001:db8:1:2::{n}", day) for n in range(3)}
    assert len(one_house) == 1, "a house has 2**64 addresses of IPv6"
    with house.store.read() as session:
        assert counts(session, "x", "th_a", day)[0] == 0


def test_files_only_where_the_unit_takes_them_and_only_pictures_and_papers(
    house: WebHouse,
) -> None:
    code = opened(house)
    picture = ("anh", ("a.png", PNG, "image/png"))
    refused = send(house, code, files=[picture])
    assert refused.status_code == 422
    assert "không nhận tệp" in refused.text
    assert unescape(TEXT) in unescape(refused.text)
    opened(house, tep="true")
    assert "multipart/form-data" in house.anyone().get(f"/gui/{code}").text
    for data in (
        b"MZ\x90\x00", b"<html><script>", b"\x89PNG\r\n\x1a\nrot", b"",
        b"<svg xmlns='x'/>", PNG + b"x" * rules.MAX_PUBLIC_FILE, b"PK\x03\x04[Content_Types].xml",
    ):  # fmt: skip
        bad = send(house, code, files=[("anh", ("a.png", data, "image/png"))])
        assert bad.status_code == 422, data[:20]
    assert send(house, code, files=[picture] * 4).status_code == 422
    assert not (house.home / "files").exists() or not any(
        path.is_file() for path in (house.home / "files").rglob("*")
    )
    assert send(house, code, files=[picture] * 2).status_code == 200
    with house.store.read() as session:
        kept = list(session.scalars(sa.select(t.IntakeFileRow)))
    assert len(kept) == 2
    assert all(file.shows_child for file in kept)
    huge = house.anyone().post(f"/gui/{code}", headers={"content-length": "99000000"}, content=b"")
    assert huge.status_code == 413


def test_pictures_cannot_fill_the_disk(house: WebHouse) -> None:
    code = opened(house, tep="true")
    with house.store.write() as session:
        session.add(
            t.IntakeRow(unit_id="th_a", channel="qr", receipt="R", received_at=house.clock.now())
        )
        session.flush()
        session.add(
            t.IntakeFileRow(
                intake_id=1, name="a", media_type="image/png", size=rules.MAX_PUBLIC_BYTES,
                sha256="0" * 64, received_sha256="0" * 64, added_at=house.clock.now(),
            )
        )  # fmt: skip
    full = send(house, code, files=[("anh", ("a.png", PNG, "image/png"))])
    assert full.status_code == 503
    assert "gửi phần chữ trước" in full.text
    assert send(house, code).status_code == 200


def test_a_refused_form_leaves_no_file_and_counts(
    house: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = opened(house, tep="true")
    good = ("anh", ("a.png", PNG, "image/png"))
    rotten = ("anh", ("b.png", b"\x89PNG\r\n\x1a\nrot", "image/png"))
    folder = house.home / "files"
    assert send(house, code, files=[good, rotten]).status_code == 422
    assert count(house.store, "intake_hit") == 1
    broken = ("anh", ("c.pdf", b"%PDF-1.7", "application/pdf"))
    with monkeypatch.context() as patch:  # the disk refuses the second file
        real = attachments._write

        def full(path: Path, data: bytes) -> None:
            if data.startswith(b"%PDF"):
                raise attachments.FileStoreError("Chưa lưu được tệp.")
            real(path, data)

        patch.setattr(attachments, "_write", full)
        assert send(house, code, files=[good, broken]).status_code == 507
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    answers = [send(house, code, wait=4, files=[good, rotten]).status_code for _ in range(12)]
    assert answers == [422] * (rules.PER_PLACE[0] - 2) + [429] * 2
    house.clock.move_to(house.clock.now() + rules.PER_PLACE[1])
    answers = [send(house, code, wait=4, files=[good]).status_code for _ in range(13)]
    assert answers == [200] * rules.PER_PLACE[0] + [429], "a form counts once"


def test_the_pages_speak_english_too(house: WebHouse) -> None:
    code = opened(house)
    client = house.anyone()
    client.cookies.set(LANGUAGE_COOKIE, "en")
    assert "Send the report" in client.get(f"/gui/{code}").text
