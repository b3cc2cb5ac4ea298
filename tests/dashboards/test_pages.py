"""What the pages show, to whom, and what they never show."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from alerts.links import sign
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.webhouse import CHILD, MASK, POLICY, WebHouse, post


def furnish(house: WebHouse) -> int:
    """Put a child's name wherever a raw text can carry one; return the incident's id."""
    house.beat()
    reasons = [
        {"code": "a", "text": "Có học sinh vào viện.", "points": 20, "mention_ids": [1],
         "words": ["đau bụng", CHILD]}
    ]  # fmt: skip
    number = house.incident(reasons=reasons)
    house.mention(
        f"Em {CHILD} nhập viện", f"Cháu {CHILD} bị đau bụng sau bữa trưa.", unit="th_a", story=1,
        evidence=("đau bụng", CHILD),
        facts=[{"kind": "injured", "value": 1, "span": [0, 9], "text": f"Em {CHILD} nhập viện"}],
    )  # fmt: skip
    house.mention(f"Chưa đọc: {CHILD}", f"Tin về {CHILD}", read=False, minutes=1)
    with house.store.write() as session:
        row = session.get(t.MentionRow, 1)
        assert row is not None
        row.author_hash = "khoa-tac-gia"
    house.add(
        t.MentionRow(
            key="sua", title=f"Bản sửa có {CHILD}", text=CHILD, folded="ban sua", content_hash="z",
            seen_at=NOW, revision=2, stage=t.NEW, about_education=True, story_id=1,
        )
    )  # fmt: skip
    with house.store.write() as session:
        session.add(
            t.ReadingRow(
                mention_id=3, revision=1, model="m", about_education=True, about_education_p=1.0,
                scope="vn", sentiment="neu", risk=0, stance="report", masked_title="Bản cũ",
                masked_text="Bản cũ",
            )
        )  # fmt: skip
    return number


PAGES = [
    "/", "/manh/tong-quan", "/vu-viec", "/vu-viec/1", "/manh/vu-viec/1", "/dong-tin",
    "/dong-tin?tat_ca=1", "/tin/1", "/tin/2", "/tin/3", "/cum-tin/1", "/nguon-tin",
]  # fmt: skip


@pytest.mark.parametrize("who", ["officer", "analyst", "admin"])
def test_no_page_shows_a_child(house: WebHouse, who: str) -> None:
    furnish(house)
    client = house.browser(who)
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert CHILD not in answer.text, path
        assert "khoa-tac-gia" not in answer.text, path


def test_a_mention_shows_its_masked_text_or_that_it_is_being_read(house: WebHouse) -> None:
    furnish(house)
    client = house.browser()
    assert MASK in client.get("/tin/1").text
    for number in (2, 3):  # never read, and read before it was edited
        page = client.get(f"/tin/{number}").text
        assert "Đang được đọc" in page
        assert "Bản cũ" not in page
    assert "<q>đau bụng</q>" in client.get("/tin/1").text
    assert "<q>đau bụng</q>" in client.get("/vu-viec/1").text


def test_a_search_cannot_ask_for_a_child(house: WebHouse) -> None:
    furnish(house)
    client = house.browser()
    assert "/tin/1" in client.get('/dong-tin?tim="dau bung"').text
    for asked in (CHILD, f'"{CHILD}"', "lo thi may xuan", "Mẩy"):
        assert "/tin/1" not in client.get("/dong-tin", params={"tim": asked}).text


def test_unmasking_needs_role_and_reason_and_is_written_down(house: WebHouse) -> None:
    furnish(house)
    analyst = house.browser("analyst")
    assert "xem-goc" not in analyst.get("/tin/1").text
    assert post(analyst, "/tin/1/xem-goc", reason="muốn xem").status_code == 403
    officer = house.browser()
    assert post(officer, "/tin/1/xem-goc", reason="  ").status_code == 422
    opened = post(officer, "/tin/1/xem-goc", reason="Gọi cho gia đình cháu")
    assert CHILD in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert CHILD not in officer.get("/tin/1").text
    with house.store.read() as session:
        notes = session.scalars(sa.select(t.AuditRow).where(t.AuditRow.action == "unmask")).all()
    assert [(n.actor, n.subject, n.reason) for n in notes] == [
        ("officer", "mention:1", "Gọi cho gia đình cháu")
    ]


def test_a_unit_s_people_see_their_subtree_and_nothing_beside(house: WebHouse) -> None:
    ours, theirs = house.incident("Việc trường A"), house.incident("Việc trường B", unit="th_b")
    house.mention("Tin trường A", unit="th_a", story=1)
    house.mention("Tin trường B", unit="th_b", story=2, minutes=1)
    house.mention("Tin chung cả nước", minutes=2)
    seen = {
        who: house.browser(who).get("/").text + house.browser(who).get("/dong-tin").text
        for who in ("of_a", "of_b", "officer", "admin_b")
    }
    for who, a, b in [("of_a", 1, 0), ("of_b", 0, 1), ("officer", 1, 1), ("admin_b", 1, 1)]:
        assert ("Việc trường A" in seen[who], "Việc trường B" in seen[who]) == (a, b)
        assert ("Tin trường A" in seen[who], "Tin trường B" in seen[who]) == (a, b)
        assert "Tin chung cả nước" in seen[who]
    client = house.browser("of_a")
    assert client.get(f"/vu-viec/{ours}").status_code == 200
    for path in (f"/vu-viec/{theirs}", "/cum-tin/2", "/tin/2"):
        assert client.get(path).status_code == 404
    assert post(client, f"/vu-viec/{theirs}/tiep-nhan").status_code == 404
    assert post(client, "/tin/2/xem-goc", reason="tò mò thôi").status_code == 404


def test_the_overview_puts_overdue_and_near_deadlines_first(house: WebHouse) -> None:
    house.incident("Việc còn lâu", minutes=60)
    house.incident("Việc vàng quá hạn", level=1, minutes=-600)
    house.incident("Việc đỏ quá hạn", level=3, minutes=-300)
    house.incident("Việc sắp tới hạn", minutes=0)
    page = house.browser().get("/").text
    titles = ["Việc đỏ quá hạn", "Việc vàng quá hạn", "Việc sắp tới hạn", "Việc còn lâu"]
    assert [page.index(title) for title in titles] == sorted(page.index(t) for t in titles)
    assert "còn 30 phút" in page
    assert "quá hạn 4 giờ 30 phút" in page


def test_a_house_standing_still_is_an_alarm_and_no_calm(house: WebHouse) -> None:
    client = house.browser()
    assert "đang khởi động" in client.get("/").text
    house.beat(minutes_ago=1)
    page = client.get("/").text
    assert 'role="alert"' in page  # the stages run, but there is no source to hear
    assert "Không có nguồn tin nào đang nghe được" in page
    with house.store.write() as session:
        session.add(t.SourceRow(id="bao", name="Báo", kind="rss", url="https://bao.example/rss",
                              state="working"))  # fmt: skip
    assert "Hệ thống đang nghe" in client.get("/").text
    house.clock.move_to(house.clock.now() + timedelta(minutes=100))
    house.beat(minutes_ago=90)
    page = client.get("/").text
    assert 'role="alert"' in page
    assert "KHÔNG nghe được" in page
    assert "thu thập" in page


def test_acknowledging_and_steps_show_on_the_incident_page(house: WebHouse) -> None:
    number = house.incident()
    client = house.browser()
    path = f"/vu-viec/{number}"
    answer = post(client, f"{path}/tiep-nhan", page=path)
    page = client.get(answer.headers["location"]).text
    assert "Đã tiếp nhận vụ việc." in page
    assert "Đ/c officer" in page
    assert f"{path}/tiep-nhan" not in page
    note = {"note.B01": "lạc chỗ", "note.B02": "Đã gọi & ghi âm <b>"}
    post(client, f"{path}/viec", page=path, code="B02", **note)
    page = client.get(path).text
    assert "Đã gọi &amp; ghi âm &lt;b&gt;" in page
    assert "lạc chỗ" not in page


def test_an_incident_tells_its_texts_and_who_has_spoken(house: WebHouse) -> None:
    told = {
        "of": "0f", "sentences": ["Mười em đau bụng.", "Bếp ăn tạm dừng."],
        "phrases": ["bếp ăn bán trú", "<b>mẫu thức ăn"], "speakers": ["school", "police", "la"],
    }  # fmt: skip
    number = house.incident(summary="Mười em đau bụng.", gist=told)
    page = house.browser().get(f"/vu-viec/{number}").text
    assert "«Mười em đau bụng.»" in page
    assert "«Bếp ăn tạm dừng.»" in page
    assert "bếp ăn bán trú</li>" in page
    assert "<b>mẫu" not in page
    assert "nhà trường; công an</dd>" in page
    bare = house.incident(summary="Chỉ một câu.")  # opened before there was more to tell
    page = house.browser().get(f"/vu-viec/{bare}").text
    assert "«Chỉ một câu.»" in page
    assert "Đã lên tiếng" not in page
    assert 'class="chips"' not in page


def test_levels_are_data(store: Store, tmp_path) -> None:
    top = replace(POLICY.levels[-1], value=4, id="tim", name="Tím", title="Thảm họa",
                  colour="#5b2a86", shape="✖")  # fmt: skip
    house = WebHouse(store, tmp_path, policy=replace(POLICY, levels=(*POLICY.levels, top)))
    number = house.incident(level=4)
    client = house.browser()
    assert "Tím – Thảm họa" in client.get("/").text
    assert ".muc-4{--muc:#5b2a86}" in client.get("/muc-do.css").text
    assert "✖ Tím" in client.get(f"/vu-viec/{number}").text


def test_a_mail_s_link_shows_and_only_its_button_acknowledges(house: WebHouse) -> None:
    merged, number = house.incident(), house.incident()
    secret, address = house.services.settings.secret_key(), "hieutruong@suoimo.example"
    with house.store.write() as session:
        head = t.ContactRow(unit_id="th_a", role="principal", name="Cô Hiệu trưởng", email=address)
        session.add(head)
        session.get(t.IncidentRow, merged).merged_into = number
        session.get(t.IncidentRow, merged).state = "closed"
    link = f"/xac-nhan/{sign(secret, merged, address, NOW)}"  # it speaks for what went on
    client = house.anyone()
    assert "Xác nhận đã nhận" in client.get(link).text
    with house.store.read() as session:
        assert session.get(t.IncidentRow, number).acknowledged_at is None
    assert client.post(link).status_code == 200
    assert client.post(link).status_code == 200  # a second press changes nothing
    with house.store.read() as session:
        row = session.get(t.IncidentRow, number)
    assert row.acknowledged_at == NOW
    with house.store.write() as session:
        session.get(t.ContactRow, head.id).removed_at = NOW
    for ask in (client.get, client.post):
        assert ask(link).status_code == 403, "nobody who left office answers"
    house.clock.move_to(NOW + timedelta(days=31))
    for broken in (link, link[:-2] + "zz", "/xac-nhan/x"):
        answer = client.get(broken)
        assert answer.status_code == 403
        assert "Traceback" not in answer.text
        assert "Phụ huynh lo bữa ăn" not in answer.text


def test_every_page_is_small_and_guarded(house: WebHouse) -> None:
    furnish(house)
    for n in range(20):
        house.mention(f"Tin dài số {n}", "Câu chuyện kéo dài. " * 40, minutes=n + 5, unit="th_a")
    client = house.browser()
    for path in PAGES:
        answer = client.get(path)
        assert len(zlib.compress(answer.content, 5)) < 8_000, path  # what goes over the line
        assert len(answer.content) < 40_000, path
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert " style=" not in answer.text
        assert "onclick" not in answer.text
        assert "<script>" not in answer.text


def test_texts_of_strangers_are_escaped_and_their_links_harmless(house: WebHouse) -> None:
    number = house.mention("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>')
    with house.store.write() as session:
        session.get(t.MentionRow, number).url = "javascript:alert(3)"
    client = house.browser()
    for path in ("/", "/dong-tin", f"/tin/{number}", "/dong-tin?tim=<script>alert(1)"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "javascript:" not in page


def test_errors_are_plain_pages(house: WebHouse) -> None:
    client = house.browser()
    for path, status in [
        ("/khong-co", 404), ("/vu-viec/999", 404), ("/vu-viec/abc", 422), ("/dong-tin?tu=mai", 422),
        ("/dong-tin?trang=%FF", 422), ("/dong-tin?muc=x", 422), ("/dong-tin?tu=9999-12-31", 200),
        ("/tin/99999999999999999999", 422), ("/tin/0", 422), ("/dong-tin?den=9999-12-31", 422),
    ]:  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == status, path
        assert "<h1>" in answer.text
        assert "Error" not in answer.text


def test_an_unknown_failure_shows_only_its_number(house: WebHouse) -> None:
    client = house.browser()
    with house.store.write() as session:
        session.execute(sa.text("DROP TABLE mention_unit"))
    house.mention("Một tin")
    answer = client.get("/dong-tin")
    assert answer.status_code in (500, 503)
    assert "mention_unit" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_another_language_can_be_chosen(house: WebHouse) -> None:
    client = house.browser()
    assert "Overview" not in client.get("/").text
    post(client, "/ngon-ngu", language="en", tiep="/")
    page = client.get("/").text
    assert '<html lang="en">' in page
    assert "Overview" in page
