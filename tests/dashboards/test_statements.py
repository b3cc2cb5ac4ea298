"""On the pages nobody lets a text out without the right; what must be mended stands beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from alerts.statements.checks import CheckContext, check
from dashboards.views.statement_marks import paragraphs
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.speaking import FOOD, REFUSED, SCAN, SpeakHouse, prepare
from tests.webhouse import csrf, post

WEB = {"version": "1", "kenh": "website", "url.website": "https://suoimo.example/1"}


@pytest.fixture
def house(store: Store, tmp_path: Path) -> SpeakHouse:
    return SpeakHouse(store, tmp_path)


def test_every_release_without_the_right_is_refused_and_audited(house: SpeakHouse) -> None:
    number = house.approved()
    for case, who, code in REFUSED:
        prepare(house, case)
        answer = post(house.browser(who), f"/phat-ngon/{number}/dang", **WEB)
        assert answer.status_code == 403, case
        line = house.audit("release_refused")[-1]
        assert (line.actor, line.data["code"]) == (who, code), case
        assert line.reason in answer.text, "in plain words"
    assert house.statement(number).state == "approved"


def test_the_head_and_a_delegate_release_by_the_page(house: SpeakHouse) -> None:
    first, second = house.approved(), house.approved()
    head = house.browser("head_a")
    assert "Đăng phát ngôn" in head.get(f"/phat-ngon/{first}").text
    assert "Đăng phát ngôn" not in house.browser("staff_a").get(f"/phat-ngon/{first}").text
    answer = post(head, f"/phat-ngon/{first}/dang", **WEB)
    assert answer.headers["location"] == f"/phat-ngon/{first}?xong=dang-phat-ngon"
    house.delegate(topics=(FOOD,))
    assert post(house.browser("deputy"), f"/phat-ngon/{second}/dang", **WEB).status_code == 303
    html = head.get(f"/phat-ngon/{second}").text
    assert "2/2026" in html
    assert "theo ủy quyền số" in html
    plain = head.get(f"/phat-ngon/{first}/van-ban.txt").content
    assert hashlib.sha256(plain).hexdigest() in head.get(f"/phat-ngon/{first}").text
    listed = head.get("/phat-ngon?loc=so").text
    assert "1/2026" in listed
    assert "https://suoimo.example/1" in listed
    forged = head.post(f"/phat-ngon/{first}/thu-hoi", data={"reason": "Viết sai ngày"})
    assert forged.status_code == 403
    post(head, f"/phat-ngon/{first}/thu-hoi", reason="Viết sai ngày")
    assert "Viết sai ngày" in head.get("/phat-ngon?loc=so").text


def test_the_way_through_the_forms(house: SpeakHouse) -> None:
    incident = house.incident(unit="th_a")
    staff, head = house.browser("staff_a"), house.browser("head_a")
    html = staff.get(f"/vu-viec/{incident}/phat-ngon").text
    assert "08 giờ 00 ngày 23/11/2026" in html
    assert "việc an toàn đã làm" in html, "what is not known stands beside it"
    form = staff.get(f"/phat-ngon/soan?mau=M1&vu_viec={incident}").text
    assert 'name="o.an_toan"' in form
    fields = {
        "mau": "M1", "nguoi_nhan": "parents", "don_vi": "th_a", "vu_viec": str(incident),
        "o.su_viec": "bữa ăn bán trú", "o.da_biet": "bữa trưa đã tạm dừng",
        "o.chua_biet": "nguyên nhân", "o.bao_cao": "UBND xã", "o.cap_nhat": "17 giờ 23/11/2026",
        "o.dau_moi": "đồng chí Lò Văn Panh, Hiệu trưởng", "o.dien_thoai": "0912 345 678",
    }  # fmt: skip
    made = post(staff, "/phat-ngon/soan", **fields)
    assert made.status_code == 303
    page = staff.get(made.headers["location"]).text
    assert "Đã tạo dự thảo." in page
    assert re.search(r'<mark class="block" id="cho-\d+"><a href="#muc-\d+">\[chưa rõ: ', page)
    number = int(re.findall(r"\d+", made.headers["location"])[0])
    text = house.statement(number).text.replace("[chưa rõ: việc an toàn đã làm]", "kiểm đếm đủ")
    way = f"/phat-ngon/{number}"
    post(staff, f"{way}/sua", version="1", title="Thông tin ban đầu", text=text)
    post(staff, f"{way}/trinh", version="2")
    assert post(staff, f"{way}/tra-lai", version="2", note="Thêm lời chia sẻ").status_code == 303
    assert "Thêm lời chia sẻ" in staff.get(way).text
    post(staff, f"{way}/trinh", version="2")
    assert post(head, f"{way}/duyet", version="2").status_code == 303
    assert post(head, f"{way}/dang", **(WEB | {"version": "2"})).status_code == 303
    assert "1/2026" in staff.get(f"/vu-viec/{incident}/phat-ngon").text
    assert house.browser("head_b").get(way).status_code == 404
    assert house.browser("head_b").get(f"/vu-viec/{incident}/phat-ngon").status_code == 404


def test_delegating_by_the_page_needs_the_head_and_the_signed_paper(house: SpeakHouse) -> None:
    said = {"nguoi": "deputy", "don_vi": "th_a", "tu": "2026-11-23T08:00",
            "den": "2026-11-24T08:00", "so": "12/GUQ", "chu_de": FOOD}  # fmt: skip

    def give(who: str, content: bytes = SCAN) -> int:
        browser = house.browser(who)
        token = csrf(browser.get("/uy-quyen").text)
        files = {"van_ban": ("ban-ky.pdf", content, "application/pdf")}
        return browser.post("/uy-quyen", data={"csrf": token, **said}, files=files).status_code

    assert [give(who) for who in ("staff_a", "admin", "head_b")] == [403, 403, 403]
    assert len(house.audit("delegation_refused")) == 3
    assert give("head_a", b"khong phai pdf") == 422
    assert give("head_a") == 303
    html = house.browser("staff_a").get("/uy-quyen").text
    assert "đang có hiệu lực" in html
    assert hashlib.sha256(SCAN).hexdigest() in html
    assert house.browser("staff_a").get("/uy-quyen/1/van-ban").content == SCAN
    assert house.browser("head_b").get("/uy-quyen/1/van-ban").status_code == 404
    with house.store.read() as session:
        row = session.get_one(t.DelegationRow, 1)
    assert row.from_at == NOW, "typed in Vietnamese time"
    assert (
        post(house.browser("deputy"), "/uy-quyen/1/thu-hoi", reason="Thôi việc").status_code == 403
    )
    assert (
        post(house.browser("head_a"), "/uy-quyen/1/thu-hoi", reason="Thôi việc").status_code == 303
    )
    assert "Thôi việc" in house.browser("head_a").get("/uy-quyen").text


def test_a_reader_sees_a_draft_only_masked_and_without_forms(house: SpeakHouse) -> None:
    number = house.drafted(da_biet="em Lò Thị Mẩy lớp 5A đã về nhà")
    seen = house.browser("reader_a").get(f"/phat-ngon/{number}").text
    assert "Mẩy" not in seen
    assert "/sua" not in seen
    assert "Mẩy" not in house.browser("reader_a").get("/phat-ngon").text


def test_marks_lie_on_their_words() -> None:
    text = "Tin\n\nTrường sẽ đuổi học em này.\nCô giáo đã đánh học sinh."
    found = check(text, CheckContext())
    cut = paragraphs(text, found)
    assert ["".join(s.text for s in p) for p in cut] == [x for x in text.split("\n") if x]
    assert [s.text for p in cut for s in p if s.number] == ["đuổi học", "đánh học sinh"]
