"""«Phiếu tiếp nhận» as people of the unit use it: written down, taken up, set aside, undone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from langnghe.core.evidence.vault import vault_of
from langnghe.core.keeping import keep_due
from langnghe.core.store import tables as t
from langnghe.core.store.holds import place_hold
from langnghe.core.store.intake import INTAKE
from langnghe.core.store.mentions import unread
from langnghe.core.store.triage import visible
from langnghe.core.subject import Asked, anonymise, erase, find
from tests.conftest import NOW, count
from tests.webhouse import WebHouse, csrf, post

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
    b"\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
TEXT = "Cháu Lò Thị Mẩy bị bạn đánh ở cổng trường chiều qua, nhà em lo lắm."


def write_down(house: WebHouse, who: str = "officer", files: list | None = None, **fields: str):
    client = house.browser(who)
    said = {"noi_dung": TEXT, "nguon": "zalo", "don_vi": "th_a"} | fields
    said["csrf"] = csrf(client.get("/tiep-nhan").text)
    return client, client.post("/tiep-nhan", data=said, files=files or {"khong": ("", b"")})


def report(house: WebHouse, number: int = 1) -> t.IntakeRow:
    with house.store.read() as session:
        return session.get_one(t.IntakeRow, number)


def test_a_report_is_a_mention_of_its_unit_at_once(house: WebHouse) -> None:
    client, answer = write_down(
        house, ten="Giàng A Páo", so_may="0912 345 678", files=[("tep", ("a.png", PNG, "x/y"))]
    )
    assert answer.status_code == 303, answer.text
    row = report(house)
    assert (row.state, row.text, row.taken_by) == ("accepted", "", "Đ/c officer")
    with house.store.read() as session:
        mention = session.get_one(t.MentionRow, row.mention_id)
        assert (mention.text, mention.kind) == (TEXT, "comment")
        assert mention.source_name == "Phiếu tiếp nhận – Trường TH Suối Mơ"
        assert "Páo" not in f"{mention.text} {mention.title} {mention.folded}"
        link = session.get_one(t.MentionUnitRow, (mention.id, "th_a"))
        assert link.confidence == 1.0
        said = {c.field: c.value for c in session.scalars(sa.select(t.CorrectionRow))}
        assert said == {"about_us": ["th_a"], "about_education": True}
        [waiting] = unread(session, 10)
        assert waiting.item.kind == "comment"
        evidence = session.scalars(sa.select(t.EvidenceRow)).one()
    kept = vault_of(house.services.settings)
    record = (kept.folder / evidence.file).read_bytes()
    assert b"warc" in record[:400].lower() or record[:2] == b"\x1f\x8b"
    page = client.get("/tiep-nhan/1?xong=phieu").text
    assert "Phiếu đã thành một tin." in page
    assert "G… A… P…" in page
    assert "678" in page
    for hidden in ("Páo", "0912", "Mẩy"):
        assert hidden not in page
    assert "Đang được đọc" in client.get("/dong-tin").text


def test_what_is_wrong_is_said_and_nothing_is_kept(house: WebHouse) -> None:
    for wrong in (
        {"noi_dung": ""}, {"nguon": "qr"}, {"nguon": ""}, {"don_vi": "khong-co"},
        {"duong_dan": "javascript:alert(1)"}, {"duong_dan": "khong phai"}, {"so_may": "<b>"},
        {"luc": "2031-01-01T10:00"}, {"noi_dung": "x" * 20_001},
    ):  # fmt: skip
        _client, answer = write_down(house, **wrong)
        assert answer.status_code == 422, wrong
    for file in (b"MZ\x90\x00 chuong trinh", b"", b"<svg onload=x>\xff"):
        _client, answer = write_down(house, files=[("tep", ("anh.png", file, "image/png"))])
        assert answer.status_code == 422
    assert count(house.store, "intake") == count(house.store, "mention") == 0


def test_another_unit_s_reports_are_not_there(house: WebHouse) -> None:
    write_down(house)
    other = house.browser("admin_b")
    assert other.get("/tiep-nhan/1").status_code == 200, "an administrator sees all"
    outside = house.browser("of_b")
    assert outside.get("/tiep-nhan/1").status_code == 404
    assert "Suối Mơ" not in outside.get("/tiep-nhan").text
    inside, answer = write_down(house, "of_a", don_vi="th_b")
    assert answer.status_code == 422
    assert inside.get("/tiep-nhan/1").status_code == 200
    for path in ("nhan", "de-rieng", "hoan-tac", "nguoi-bao"):
        assert post(outside, f"/tiep-nhan/1/{path}", reason="vì sao").status_code in (403, 404)
    assert house.anyone().get("/tiep-nhan").status_code == 303


def test_a_known_address_makes_no_second_mention(house: WebHouse) -> None:
    url = "https://bao.example/suoi-mo/1.html"
    write_down(house, noi_dung="", duong_dan=url + "?utm_source=zalo")
    first = report(house)
    assert ((first.state, first.visit)) == ("accepted", "due")
    client, answer = write_down(house, duong_dan="http://www.bao.example/suoi-mo/1.html")
    assert answer.headers["location"].endswith("xong=phieu-trung")
    again = report(house, 2)
    assert (again.state, again.mention_id) == ("joined", first.mention_id)
    assert count(house.store, "mention") == 1
    page = client.get("/tiep-nhan/2").text
    assert "đã có trong dòng tin" in page
    assert "[" in page
    assert "Mẩy" not in page
    listed = client.get(f"/tiep-nhan?tin={first.mention_id}").text
    assert listed.count('href="/tiep-nhan/1"') == listed.count('href="/tiep-nhan/2"') == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://www.facebook.com/groups/kin/1", "zalo.me/g/abc", "https://m.me/x",
        "https://t.me/+abc", "https://docs.google.com/document/d/1",
    ],
)  # fmt: skip
def test_a_closed_circle_is_noted_and_never_asked(house: WebHouse, url: str) -> None:
    write_down(house, duong_dan=url)
    row = report(house)
    assert row.visit == ""
    with house.store.read() as session:
        mention = session.get_one(t.MentionRow, row.mention_id)
    assert (mention.url, mention.canonical_url) == (None, None), "no later look may follow it"
    _client, answer = write_down(house, duong_dan=url)
    assert answer.headers["location"].endswith("phieu-trung")


def test_files_may_show_a_child_until_somebody_has_looked(house: WebHouse) -> None:
    client, _ = write_down(house, files=[("tep", ("../../a\u202egnp.png", PNG, "text/html"))])
    page = client.get("/tiep-nhan/1").text
    assert "Có thể có mặt trẻ em" in page
    assert "\u202e" not in page
    assert ".." not in page.split("Tệp kèm theo")[1].split("SHA-256")[0]
    assert client.get("/tiep-nhan/1/tep/1").status_code == 403
    assert post(client, "/tiep-nhan/1/tep/1", reason=" ").status_code == 422
    got = post(client, "/tiep-nhan/1/tep/1", reason="Xem để xác minh")
    assert got.content == PNG
    assert got.headers["content-type"] == "application/octet-stream"
    assert "attachment" in got.headers["content-disposition"]
    assert post(client, "/tiep-nhan/1/tep/1/khong-tre").status_code == 303
    assert client.get("/tiep-nhan/1/tep/1").content == PNG
    with house.store.read() as session:
        lines = list(session.scalars(sa.select(t.AuditRow).order_by(sa.text("id"))))
    assert [a.action for a in lines if "file" in a.action] == ["unmask_file", "intake_file_clear"]


def test_who_reported_is_seen_with_a_reason_and_forgotten_in_time(house: WebHouse) -> None:
    client, _ = write_down(house, ten="Giàng A Páo", so_may="0912 345 678")
    assert post(client, "/tiep-nhan/1/nguoi-bao", reason="x").status_code == 422
    shown = post(client, "/tiep-nhan/1/nguoi-bao", reason="Gọi hỏi thêm giờ xảy ra").text
    assert "Giàng A Páo" in shown
    assert "0912 345 678" in shown
    assert "Páo" not in client.get("/tiep-nhan/1").text
    later = NOW + timedelta(days=91)
    keep_due(house.store, house.services.settings, later, sure=True)
    assert count(house.store, "intake_contact") == 0


def test_a_person_who_asks_is_taken_out(house: WebHouse) -> None:
    write_down(house, ten="Giàng A Páo", so_may="0912 345 678")
    secret = house.services.settings.secret_key()
    asked = Asked("text", "Giàng A Páo")
    with house.store.write() as session:
        found = find(session, asked, secret=secret)
        assert found.reports == (1,)
        assert erase(session, found, NOW)["deleted"] == 1
    assert count(house.store, "intake_contact") == 0
    write_down(house, duong_dan="https://bao.example/2.html", noi_dung="")
    write_down(house, duong_dan="https://bao.example/2.html", noi_dung="Anh Giàng A Páo kể lại.")
    with house.store.write() as session:
        found = find(session, asked, secret=secret)
        assert found.reports == (3,)
        anonymise(session, found, asked, NOW)
    assert "Páo" not in f"{report(house, 3).text} {report(house, 3).masked}"


def test_an_order_to_keep_keeps_reports_too(house: WebHouse) -> None:
    url = "https://bao.example/3.html"
    write_down(house, noi_dung="", duong_dan=url)
    write_down(house, noi_dung="Anh Giàng A Páo kể lại.", duong_dan=url, ten="Vàng Thị Dế")
    with house.store.write() as session:
        place_hold(session, "mention", 1, "Công an xã yêu cầu giữ", "officer", NOW)
    secret = house.services.settings.secret_key()
    with house.store.read() as session:
        found = find(session, Asked("text", "Giàng A Páo"), secret=secret)
    assert (found.reports, list(found.held)) == ((), [1])
    keep_due(house.store, house.services.settings, NOW + timedelta(days=800), sure=True)
    assert report(house, 2).text == "Anh Giàng A Páo kể lại."
    assert count(house.store, "intake_contact") == 1


def waiting(house: WebHouse, text: str = TEXT, **more: object) -> int:
    fields = {
        "unit_id": "th_a", "unit_name": "Trường TH Suối Mơ", "channel": "qr", "state": "waiting",
        "receipt": f"AAAAA-{2000 + count(house.store, 'intake')}9", "received_at": NOW,
        "text": text, "masked": text.replace("Lò Thị Mẩy", "[tên học sinh]"),
    }  # fmt: skip
    return house.add(t.IntakeRow(**(fields | more)))


def test_a_waiting_report_is_taken_up_or_set_aside_and_either_is_undone(house: WebHouse) -> None:
    number = waiting(house)
    client = house.browser()
    page = client.get("/tiep-nhan").text
    assert "Chờ xem" in page
    assert "Mẩy" not in page
    assert post(client, f"/tiep-nhan/{number}/de-rieng", reason="x").status_code == 422
    assert (
        post(client, f"/tiep-nhan/{number}/de-rieng", reason="Không rõ việc gì").status_code == 303
    )
    assert report(house).state == "aside"
    assert "Không rõ việc gì" in client.get("/tiep-nhan?hop=de-rieng").text
    assert post(client, f"/tiep-nhan/{number}/nhan").status_code == 409, "two people at once"
    assert post(client, f"/tiep-nhan/{number}/hoan-tac").status_code == 303
    assert post(client, f"/tiep-nhan/{number}/nhan").status_code == 303
    first = report(house)
    assert (first.state, first.text) == ("accepted", "")
    assert post(client, f"/tiep-nhan/{number}/hoan-tac").status_code == 303
    assert (report(house).state, report(house).text) == ("waiting", TEXT)
    with house.store.read() as session:
        assert session.get_one(t.MentionRow, first.mention_id).text is None
    assert post(client, f"/tiep-nhan/{number}/nhan").status_code == 303
    assert report(house).mention_id != first.mention_id
    with house.store.read() as session:
        assert session.get_one(t.MentionRow, report(house).mention_id).text == TEXT
        audit = {a.action for a in session.scalars(sa.select(t.AuditRow))}
    assert {"intake_set_aside", "intake_undone", "intake_accepted"} <= audit


def test_what_a_flood_leaves_is_cleared_in_one_go(house: WebHouse) -> None:
    numbers = [waiting(house, f"mua ngay {n}", receipt=f"R{n}") for n in range(60)]
    theirs = waiting(house, "chuyện của nơi khác", receipt="X", unit_id="th_b")
    client = house.browser("of_a")
    page = client.get("/tiep-nhan").text
    assert "Hiện 50 phiếu mới nhất" in page
    assert len(page) < 80_000
    path = "/tiep-nhan/de-rieng"
    assert post(client, path, page="/tiep-nhan", reason="Quảng cáo").status_code == 422
    said = {"csrf": csrf(page), "reason": "Quảng cáo", "phieu": [*numbers[:40], theirs, 999]}
    assert client.post(path, data=said).status_code == 303
    with house.store.read() as session:
        states = [row.state for row in session.scalars(sa.select(t.IntakeRow))]
        assert session.get_one(t.IntakeRow, theirs).state == "waiting"
    assert (states.count("aside"), states.count("waiting")) == (40, 21)


def test_what_became_part_of_an_incident_is_not_taken_back(house: WebHouse) -> None:
    client, _ = write_down(house)
    incident = house.incident()
    with house.store.write() as session:
        story = session.get_one(t.IncidentRow, incident).story_id
        session.get_one(t.StoryRow, story).incident_id = incident
        session.get_one(t.MentionRow, report(house).mention_id).story_id = story
    assert post(client, "/tiep-nhan/1/hoan-tac").status_code == 409
    assert report(house).state == "accepted"


def test_what_was_set_aside_goes_after_a_month_with_its_files(house: WebHouse) -> None:
    number = waiting(house, state="aside", decided_at=NOW, decided_by="Đ/c officer")
    write_down(house, files=[("tep", ("a.png", PNG, "image/png"))])
    with house.store.write() as session:
        file = session.scalars(sa.select(t.IntakeFileRow)).one()
        file.intake_id = number
    path = next((house.home / "files").rglob(file.sha256))
    keep_due(house.store, house.services.settings, NOW + timedelta(days=29), sure=True)
    assert path.is_file()
    keep_due(house.store, house.services.settings, NOW + timedelta(days=31), sure=True)
    assert (report(house, number).text, report(house, number).masked) == ("", "")
    assert not path.exists()


def test_hostile_words_stay_words(house: WebHouse) -> None:
    nasty = "<script>alert(1)</script>\u202eđảo\u202c " + "A" * 10_000
    number = waiting(house, text=nasty, link="javascript:alert(1)")
    client = house.browser()
    for path in ("/tiep-nhan", f"/tiep-nhan/{number}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert len(page) < 40_000


def test_the_query_of_each_sweep_goes_by_its_index(house: WebHouse) -> None:
    from langnghe.core.store.intake import _WAITS

    plans = {
        "ix_intake_unread": sa.select(INTAKE.c.id).where(_WAITS, INTAKE.c.read_at.is_(None)),
        "ix_intake_grave": sa.select(INTAKE.c.id).where(
            _WAITS, sa.text("intake.risk >= 2"), INTAKE.c.told_at.is_(None)
        ),
        "ix_intake_visit": sa.select(INTAKE.c.id).where(
            sa.text("intake.visit = 'due'"), INTAKE.c.visit_at <= NOW
        ),
    }
    with house.store.read() as session:
        for index, query in plans.items():
            said = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": False}))
            values = query.compile(session.get_bind()).params
            told = session.execute(sa.text("EXPLAIN QUERY PLAN " + said.replace("?", "'x'")))
            assert index in json.dumps([list(row) for row in told]), (index, values)


def test_a_report_said_to_be_about_no_unit_is_not_for_all(house: WebHouse) -> None:
    write_down(house)
    with house.store.write() as session:
        session.delete(session.get_one(t.MentionUnitRow, (1, "th_a")))
    plain = house.mention("Tin không nói về đơn vị nào")
    with house.store.read() as session:
        assert set(visible(session, [1, plain], viewer_unit="th_b")) == {plain}


def test_naming_the_link_of_another_unit_s_report_opens_nothing(house: WebHouse) -> None:
    url = "https://www.facebook.com/groups/123456/posts/9"
    write_down(house, duong_dan=url)
    write_down(house, "officer", don_vi="th_b", noi_dung="Chuyện khác.", duong_dan=url)
    first, second = report(house), report(house, 2)
    assert (second.state, count(house.store, "mention")) == ("accepted", 2)
    assert second.mention_id != first.mention_id
    with house.store.read() as session:
        seen = visible(session, [1, 2], viewer_unit="th_b")
    assert set(seen) == {second.mention_id}


def test_files_of_an_accepted_report_go_with_its_time_or_its_mention(house: WebHouse) -> None:
    write_down(house, files=[("tep", ("a.png", PNG, "image/png"))])
    with house.store.read() as session:
        digest = session.scalars(sa.select(t.IntakeFileRow)).one().sha256
    path = next((house.home / "files").rglob(digest))
    keep_due(house.store, house.services.settings, NOW + timedelta(days=800), sure=True)
    assert not path.exists()
    write_down(house, noi_dung="Anh Giàng A Páo kể.", files=[("tep", ("a.png", PNG, "x/y"))])
    secret, files = house.services.settings.secret_key(), list[str]()
    with house.store.write() as session:
        erase(session, find(session, Asked("text", "Giàng A Páo"), secret=secret), NOW, files=files)
    assert files == [digest]
    assert count(house.store, "intake_file") == 0
