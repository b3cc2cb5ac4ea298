"""The plan's everyday half through pages and API: articles owed, approved, published; feedback."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.plan import feedback as acts
from alerts.plan.articles import seen_of
from alerts.plan.calendar import DONE, LATE, OWING, WAITING, bounds, neighbours, tally
from langnghe.core.errors import InputError
from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import CHILD, MASK, WebHouse, post


def writer(name: str, *, own: int, per_month: int = 1, **more: Any) -> t.WriterRow:
    fields: dict[str, Any] = {"since": date(2026, 9, 1), "unit_id": "th_a"}
    return t.WriterRow(id=own, name=name, per_month=per_month, **(fields | more))


def article(writer_id: int, state: str, unit_id: str = "th_a") -> t.ArticleRow:
    return t.ArticleRow(
        unit_id=unit_id, writer_id=writer_id, month="2026-11", title="x", state=state,
        created_at=NOW,
    )  # fmt: skip


def test_the_tally_puts_those_behind_first() -> None:
    writers = [writer("Chi đoàn", own=1), writer("Tổ Toán", own=2), writer("Tổ Văn", own=3),
               writer("Công đoàn", own=4, until=date(2026, 10, 31)),
               writer("Hiệu trưởng", own=5, since=date(2026, 12, 1))]  # fmt: skip
    written = [article(1, "published"), article(2, "submitted"), article(3, "returned")]
    during = tally(writers, written, "2026-11", date(2026, 11, 20))
    assert [(line.name, line.state) for line in during] == [
        ("Tổ Văn", OWING), ("Tổ Toán", WAITING), ("Chi đoàn", DONE)
    ]  # fmt: skip
    after = tally(writers, written, "2026-11", date(2026, 12, 1))
    assert [line.state for line in after] == [LATE, LATE, DONE]
    assert [line.missing for line in after] == [1, 1, 0]


def test_months_know_their_bounds() -> None:
    assert bounds("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))
    assert neighbours("2026-12") == ("2026-11", "2027-01")
    for wrong in ("2026-13", "tháng 11", "2026", ""):
        with pytest.raises(InputError):
            bounds(wrong)


def test_an_article_goes_from_plan_to_website(house: WebHouse) -> None:
    officer, head = house.browser("officer"), house.browser("principal")
    page = "/ke-hoach"
    answer = post(officer, "/ke-hoach/to-chuc", page=page, unit="th_a", name="Chi đoàn")
    assert answer.headers["location"] == "/ke-hoach?xong=to-chuc"
    assert "còn nợ" in officer.get(page).text
    answer = post(
        officer, "/ke-hoach/bai", page=page, writer_id="1", month="2026-11", title="Ngày hội đọc",
        text="Các lớp cùng đọc sách.",
    )  # fmt: skip
    assert answer.headers["location"] == "/ke-hoach/bai/1?xong=bai"
    assert "Chờ hiệu trưởng duyệt" in head.get(page).text
    own = "/ke-hoach/bai/1"
    refused = post(officer, f"{own}/duyet", page=own, seen="x")
    assert refused.status_code == 403
    assert post(officer, f"{own}/dang", page=own, url="https://truong.example/1").status_code == 409
    with house.store.read() as session:
        seen = seen_of(session.get_one(t.ArticleRow, 1))
    assert post(head, f"{own}/duyet", page=own, seen=seen).status_code == 303
    assert post(officer, f"{own}/dang", page=own, url="javascript:alert(1)").status_code == 422
    assert post(officer, f"{own}/dang", page=own, url="https://truong.example/1").status_code == 303
    assert "đủ bài" in officer.get(page).text
    told = house.api("analyst").get("/plan/2026-11").json()
    assert (told["tally"][0]["state"], told["articles"][0]["state"]) == ("done", "published")
    with house.store.read() as session:
        lines = [row.action for row in session.scalars(sa.select(t.AuditRow))]
    assert [line for line in lines if line.startswith(("article", "plan"))] == [
        "plan_writer", "article_planned", "article_approved", "article_published"
    ]  # fmt: skip


def test_nobody_plans_for_another_unit(house: WebHouse) -> None:
    house.add(writer("Chi đoàn", own=1, unit_id="th_b"))
    house.add(article(1, "submitted", unit_id="th_b"))
    stranger = house.browser("of_a")
    form = {"unit": "th_b", "name": "Tổ lạ"}
    assert post(stranger, "/ke-hoach/to-chuc", page="/ke-hoach", **form).status_code == 403
    assert stranger.get("/ke-hoach/bai/1").status_code == 404
    assert house.api("of_a").get("/plan/2026-11").json()["articles"] == []
    assert house.browser("analyst").get("/ke-hoach?thang=mai").status_code == 422


def take_in(house: WebHouse, who: str = "officer", **fields: str) -> Any:
    form = {
        "unit": "th_a", "channel": "hop_thu", "kind": "phan_anh", "sender": "phu_huynh",
        "text": f"Em {CHILD} lớp 5A kể bữa ăn bán trú ít thịt", "reply_to": "0912 000 111",
    }  # fmt: skip
    return post(house.browser(who), "/gop-y", page="/gop-y", **(form | fields))


def test_a_complaint_is_numbered_masked_heard_and_answered(house: WebHouse) -> None:
    assert take_in(house).status_code == 303
    assert take_in(house, kind="khen", text="Cảm ơn các cô").status_code == 303
    officer = house.browser()
    page = officer.get("/gop-y").text
    assert "1/2026" in page
    assert CHILD not in page
    assert MASK in page
    assert "0912 000 111" in page
    with house.store.read() as session:
        heard = session.scalars(sa.select(t.MentionRow)).all()
    assert [(row.kind, row.source_name) for row in heard] == [("comment", acts.SOURCE)]
    house.clock.move_to(NOW + timedelta(hours=30))
    assert house.api().get("/feedback/2026-11").json()["late"] == 1
    officer = house.browser()  # the session of yesterday has ended
    answer = post(officer, "/gop-y/1/tra-loi", page="/gop-y", text="Trường đã đối chiếu thực đơn.")
    assert answer.status_code == 303
    assert post(officer, "/gop-y/1/tra-loi", page="/gop-y", text="lại").status_code == 409
    with house.store.read() as session:
        row = session.get_one(t.FeedbackRow, 1)
    assert (row.state, row.reply_to) == ("answered", "")
    told = house.api("analyst").get("/feedback/2026-11").json()
    assert (told["received"], told["answered"], told["on_time"], told["late"]) == (2, 1, 0, 1)
    assert told["median_hours"] == 30.0
    assert "0912" not in str(told)


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "to_cao"), ("channel", "nghe_len"), ("sender", "lo_van_a"), ("text", "  ")],
)
def test_a_wrong_entry_is_refused_in_plain_words(house: WebHouse, field: str, value: str) -> None:
    assert take_in(house, **{field: value}).status_code == 422
    assert "Số 1/2026" not in house.browser().get("/gop-y").text


def test_feedback_stays_in_its_unit(house: WebHouse) -> None:
    assert take_in(house, "of_a", unit="th_b").status_code == 403
    take_in(house, unit="th_b")
    stranger = house.browser("of_a")
    assert "Số 1/2026" not in stranger.get("/gop-y").text
    assert post(stranger, "/gop-y/1/tra-loi", page="/gop-y", text="x").status_code == 404
    take_in(house)
    incident = house.incident(unit="th_b")
    answer = post(stranger, "/gop-y/2/giao", page="/gop-y", incident=str(incident))
    assert answer.status_code == 404
