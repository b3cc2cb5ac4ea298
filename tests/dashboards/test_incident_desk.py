"""The incident desk: what is due first leads, reasons show their words, and who knows is plain."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dashboards.views.incident_people import people_told, what_next
from dashboards.views.incident_words import sentence_with, spans_of
from langnghe.core.store import tables as t
from langnghe.core.store.outbox import enqueue
from langnghe.core.store.queries.incidents import IncidentFilter, queue_of
from tests.alerts.test_disguised_files import BOMB, HTML, SVG
from tests.conftest import NOW, count
from tests.core.test_no_history_scans import GROWING, scans
from tests.dashboards.test_kept_forms import fields_of
from tests.webhouse import CHILD, POLICY, WebHouse, csrf, post


def listed(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<h2><a href="/vu-viec/(\d+)">', page)]


def test_overdue_first_then_what_is_due_next_and_closed_ones_apart(house: WebHouse) -> None:
    later, late, next_due = (house.incident(f"Việc {m}", minutes=m) for m in (90, -300, 10))
    shut = house.incident("Việc đã xong", state="closed", closed_at=NOW)
    nothing = house.incident("Không hạn")
    with house.store.write() as session:
        for table in (t.StepRow.__table__, t.DeadlineRow.__table__):  # type: ignore[attr-defined]
            session.execute(sa.delete(table).where(table.c.incident_id == nothing))
    client = house.browser()
    page = client.get("/vu-viec").text
    assert listed(page) == [late, next_due, later, nothing]
    assert listed(client.get("/vu-viec?tinh_trang=dong").text) == [shut]
    assert len(listed(client.get("/vu-viec?tinh_trang=tat-ca").text)) == 5
    assert page.count("chưa ai tiếp nhận</strong>") == 4
    for part in ("quá hạn 4 giờ 30 phút", "Việc kế tiếp", "Phụ trách:", "Trường TH Suối Mơ"):
        assert part in page


def test_a_machine_s_own_deadline_is_nobody_s_due(house: WebHouse) -> None:
    number = house.incident()
    with house.store.write() as session:
        session.add(t.DeadlineRow(incident_id=number, kind="calm", level=0, role="",
                                  due_at=NOW - timedelta(days=1)))  # fmt: skip
    assert "quá hạn" not in house.browser().get("/vu-viec").text


def test_pages_and_filters_go_on_together(house: WebHouse) -> None:
    wanted = [house.incident(f"Việc {n}", minutes=n // 2, level=2) for n in range(24)]
    house.incident("Mức khác", level=1)
    client = house.browser()
    first = client.get("/vu-viec?muc=2&don_vi=th_a").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = client.get(html.unescape(following[1])).text
    assert sorted(listed(first) + listed(second)) == wanted
    assert 'value="th_a" selected' in second
    taken = house.incident("Có người nhận", acknowledged_at=NOW, acknowledged_by="A")
    assert taken not in listed(client.get("/vu-viec?nhan=chua&chu_de=an_toan_thuc_pham").text)
    assert listed(client.get("/vu-viec?chu_de=khoan_thu").text) == []
    for wrong in ("muc=x", "tinh_trang=khong", "nhan=co", "trang=xyz"):
        assert client.get(f"/vu-viec?{wrong}").status_code == 422
    theirs = house.browser("of_a")
    other = house.incident("Của trường khác", unit="th_b")
    assert other not in listed(theirs.get("/vu-viec?don_vi=th_b").text)


@pytest.mark.parametrize("unit", [None, "xa_a"])
def test_the_queue_reads_by_index(house: WebHouse, unit: str | None) -> None:
    house.incident()
    seen: list[tuple[str, Any]] = []

    @sa.event.listens_for(house.store.engine, "before_cursor_execute")
    def _note(_c, _cursor, statement, parameters, _x, _many) -> None:  # type: ignore[no-untyped-def]
        seen.append((statement, parameters))

    with house.store.read() as session:
        queue_of(session, IncidentFilter(viewer_unit=unit), cursor=None, limit=20)
    plans = [(s, p) for s, p in seen if s.startswith(("SELECT", "WITH"))]
    assert scans(house.store, plans) == set()
    with house.store.engine.connect() as connection:
        lines = [row[3] for s, p in plans for row in connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {s}", p)]  # fmt: skip
    assert any("ix_step_waiting" in line for line in lines)
    assert not any(re.match(r"SCAN incident(?! USING)", line) for line in lines)
    assert "step" in GROWING


def test_a_reason_unfolds_to_its_words_in_the_masked_sentence(house: WebHouse) -> None:
    first = house.mention(
        "Chuyện ở trường <i>", f"Trời mưa to. Em {CHILD} phải Nhập  viện vì ngộ độc. Hết.",
        unit="th_a", story=1,
    )  # fmt: skip
    number = house.incident(reasons=[
        {"text": "Có em vào viện", "points": 30.0, "words": ["nhap vien", "Lò Thị Mẩy Xuân"],
         "mention_ids": [first]}
    ])  # fmt: skip
    page = house.browser().get(f"/vu-viec/{number}").text
    quote = re.search(r'<blockquote class="quote".*?</blockquote>', page, re.DOTALL)
    assert quote
    assert "<mark>Nhập  viện</mark>" in quote[0]
    assert "[tên học sinh]" in quote[0]
    assert "Trời mưa to" not in quote[0], "the sentence, not the article"
    for part in ("Báo Thử", f'href="/tin/{first}"', "<time"):
        assert part in quote[0]
    assert CHILD not in page
    assert "<i>" not in page


def test_words_are_found_as_written_and_only_whole() -> None:
    text = "Hoà bình. Trẻ bị ĐÁNH, đánh  nhau; rồi đánhnhau."
    assert [text[a:b] for a, b in spans_of(["danh", "hòa"], text)] == ["Hoà", "ĐÁNH", "đánh"]
    assert [text[a:b] for a, b in spans_of(["đánh nhau"], text)] == ["đánh  nhau"]
    assert sentence_with(["vắng mặt"], text) == ()
    long = "chữ " * 500 + "nhập viện " + "chữ " * 500
    pieces = sentence_with(["nhập viện"], long)
    assert sum(len(p) for p, _ in pieces) < 400
    assert ("nhập viện", True) in pieces


def tell(house: WebHouse, number: int, key: str, name: str, *events: str, **more: Any) -> None:
    who = f"{key}@x.example"
    with house.store.write() as session:
        enqueue(session, t.OutboxRow(
            key=key * 32, incident_id=number, level=3, purpose="open", round=1, role="principal",
            person=who, name=name, recipient=who, channel="email", ways=[], subject="Tin",
            body_text="chữ", body_html="<p>chữ", message_id=f"<{key}@x>", created_at=NOW,
            due_at=NOW, **more,
        ))  # fmt: skip
        row = session.scalars(sa.select(t.OutboxRow)).all()[-1]
        for event in events:
            session.add(t.DeliveryRow(outbox_id=row.id or 0, incident_id=number, at=NOW,
                                      way="email", event=event))  # fmt: skip


def test_who_knows_stands_on_the_page_with_a_call_to_who_has_not_answered(house: WebHouse) -> None:
    number = house.incident()
    house.add(t.ContactRow(unit_id="th_a", role="principal", name="Cô Nụ", email="a@x.example",
                           phone="0912 345 678"))  # fmt: skip
    house.add(t.ContactRow(unit_id="xa_a", role="principal", name="Thầy Văn", email="b@x.example",
                           phone="0988 111 222"))  # fmt: skip
    tell(house, number, "a", "Cô Nụ", "sent")
    tell(house, number, "b", "Thầy Văn", "sent", "opened", "acknowledged")
    tell(house, number, "c", "Bác <b>Tư</b>", "failed", state="dead", last_error="Hộp thư đã đóng.")
    page = house.browser().get(f"/vu-viec/{number}").text
    told = page[page.index('id="h-told"') : page.index("Từng thông báo")]
    assert told.index("Bác &lt;b&gt;Tư") < told.index("Cô Nụ") < told.index("Thầy Văn")
    for part in ("không gửi được", "Hộp thư đã đóng.", "đã gửi, chưa mở", "đã xác nhận",
                 'href="tel:0912345678"'):  # fmt: skip
        assert part in told
    assert "tel:0988111222" not in told, "who has acknowledged is left in peace"
    assert "tel:" not in house.browser("analyst").get(f"/vu-viec/{number}").text
    assert people_told([], {}, None, None) == []


def test_what_happens_next_is_said_plainly(house: WebHouse) -> None:
    number = house.incident()
    client = house.browser()
    page = client.get(f"/vu-viec/{number}").text
    head = page[page.index("<h1>") : page.index('id="h-steps"')]
    assert "Nếu đến 08:30 chưa ai tiếp nhận, hệ thống báo Hiệu trưởng" in head
    for part in ("Việc kế tiếp", "Hạn", "Phụ trách", "Tiếp nhận</button>"):
        assert part in head
    house.clock.move_to(NOW + timedelta(hours=1))
    assert "Đã quá giờ: hệ thống đang báo" in client.get(f"/vu-viec/{number}").text
    row = t.DeadlineRow(incident_id=1, kind="step:B02", level=2, role="principal",
                        due_at=NOW + timedelta(days=1))  # fmt: skip
    step = t.StepRow(incident_id=1, code="B02", position=1, title="Báo cáo", role="officer")
    found = what_next([row], [step], POLICY, NOW, acknowledged=True)
    assert found
    assert (found.step, found.clock) == ("Báo cáo", "08:00 ngày 24/11")
    assert what_next([row], [step], POLICY, NOW, acknowledged=False) is None
    step.done_at = NOW
    assert what_next([row], [step], POLICY, NOW, acknowledged=True) is None


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [("anh.jpg", b"MZ\x90\0", "không dùng làm bằng chứng"), ("anh.png", HTML, "trang web hoặc mã"),
     ("hinh.svg", SVG, "có thể chạy được"), ("bb.docx", BOMB, "bung ra quá lớn"),
     ("trong.pdf", b"", "trống")],
)  # fmt: skip
def test_a_refused_file_costs_no_word_beside_it(
    house: WebHouse, name: str, data: bytes, part: str
) -> None:
    number = house.incident(acknowledged_at=NOW, acknowledged_by="A", state="responding")
    client, path = house.browser(), f"/vu-viec/{number}/viec"
    said = {"note.B02": "Đã sơ cứu.\n\nGọi 115 lúc 9 giờ", "so.B02": "02/BB", "luu": "B02"}
    answer = client.post(
        path, data={"csrf": csrf(client.get("/").text), **said},
        files={"tep.B02": (name, data, "image/png")},
    )  # fmt: skip
    assert answer.status_code == 422
    assert part in answer.text
    fields = fields_of(answer.text)
    assert fields.items() >= said.items()
    assert 'type="file" name="tep.B02"' in answer.text
    assert count(house.store, "attachment") == 0
    assert client.post(path, data=fields).status_code == 303


def test_a_hostile_title_stays_a_title(house: WebHouse) -> None:
    title = '<script>alert(1)</script>"' + "Ă" * 10_000
    number = house.incident(title)
    client = house.browser()
    for path in ("/vu-viec", f"/vu-viec/{number}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert re.search(r"<h[12]>(?:<a [^>]*>)?[^<]{1,200}<", page)
    assert post(client, f"/vu-viec/{number}/tiep-nhan", page="/").status_code == 303


def test_every_word_of_a_reason_is_shown_in_a_sentence_of_its_own(house: WebHouse) -> None:
    text = "Hơn hai mươi em phải nhập viện. Gia đình nghi ngộ độc thực phẩm. Trời mưa."
    first = house.mention("Tin từ bản", text, unit="th_a", story=1)
    number = house.incident(reasons=[
        {"text": "Có hại", "points": 9.0, "words": ["ngộ độc thực phẩm", "nhập viện"],
         "mention_ids": [first]}
    ])  # fmt: skip
    page = house.browser().get(f"/vu-viec/{number}").text
    assert re.findall("<mark>(.*?)</mark>", page) == ["nhập viện", "ngộ độc thực phẩm"]
