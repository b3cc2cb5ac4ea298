"""The officer's forms: only what was changed counts, and the page says who corrected what."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from langnghe.core.store import tables as t
from tests.webhouse import WebHouse, post


@pytest.fixture
def mention(house: WebHouse) -> int:
    return house.mention("Phụ huynh hỏi về quỹ lớp", "Thu nhiều quá.", unit="th_a")


def said(house: WebHouse) -> dict[str, object]:
    table = t.CorrectionRow.__table__
    query = sa.select(t.CorrectionRow).where(table.c.undone_at.is_(None)).order_by(table.c.id)
    with house.store.read() as session:
        return {row.field: row.value for row in session.scalars(query)}


FORM = {
    "ban": "1", "cu.about_education": "1", "about_education": "1", "cu.sentiment": "neg",
    "sentiment": "neg", "cu.risk": "2", "risk": "2", "cu.topics": "khoan_thu",
    "topics": "khoan_thu",
}  # fmt: skip


def test_only_what_was_changed_is_stored(house: WebHouse, mention: int) -> None:
    browser = house.browser()
    form = FORM | {"risk": "1", "note": "Chỉ là câu hỏi"}
    answer = post(browser, f"/tin/{mention}/chinh-lai", **form)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/tin/{mention}?xong=chinh-lai",
    )
    assert said(house) == {"risk": 1}
    page = browser.get(answer.headers["location"]).text
    assert "Đã chỉnh bởi người trực" in page
    assert "1 – nên theo dõi" in page
    assert "Đ/c officer" in page
    assert "Chỉ là câu hỏi" in page
    assert "Đã ghi chỉnh sửa" in page


def test_topics_are_replaced_and_can_be_emptied(house: WebHouse, mention: int) -> None:
    browser = house.browser()
    form = {name: value for name, value in FORM.items() if name != "topics"}
    post(browser, f"/tin/{mention}/chinh-lai", **form)
    assert said(house) == {"topics": []}
    form |= {"cu.topics": "", "topics": "che_do_giao_vien"}
    post(browser, f"/tin/{mention}/chinh-lai", **form)
    assert said(house) == {"topics": ["che_do_giao_vien"]}
    assert "Chế độ" in browser.get(f"/tin/{mention}").text


def test_the_form_of_the_page_fits_the_form_that_is_read(house: WebHouse, mention: int) -> None:
    html = house.browser().get(f"/tin/{mention}").text
    for name in {*FORM, "not_about_us", "note"}:
        assert f'name="{name}"' in html
    labels = len(re.findall(r"<label", html[html.index('id="chinh-lai"') :]))
    fields = len(
        re.findall(r"<(?:select|input (?!type=.hidden))", html[html.index('id="chinh-lai"') :])
    )
    assert labels == fields  # no field without its label


def test_a_unit_is_rejected_and_named(house: WebHouse, mention: int) -> None:
    browser = house.browser()
    post(browser, f"/tin/{mention}/chinh-lai", **FORM, not_about_us="th_a")
    page = browser.get(f"/tin/{mention}").text
    assert said(house) == {"not_about_us": ["th_a"]}
    assert "Trường TH Suối Mơ" in page  # by its name, in what was corrected
    number = re.search(rf"/tin/{mention}/chinh-lai/(\d+)/bo", page)
    assert number
    answer = post(browser, number[0])
    assert answer.headers["location"] == f"/tin/{mention}?xong=bo-chinh"
    assert said(house) == {}
    assert "Đã bỏ lần chỉnh" in browser.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("quick", "stored"),
    [
        ("risk:0", {"risk": 0}), ("sentiment:pos", {"sentiment": "pos"}),
        ("about_education:0", {"about_education": False}),
        ("not_about_us", {"not_about_us": ["th_a"]}),
    ],
)  # fmt: skip
def test_the_short_form_on_a_list(house: WebHouse, quick: str, stored: dict[str, object]) -> None:
    incident = house.incident()
    with house.store.read() as session:
        story = session.get_one(t.IncidentRow, incident).story_id
    mention = house.mention("Phụ huynh lo bữa ăn", unit="th_a", story=story)
    browser = house.browser()
    for page in (f"/vu-viec/{incident}", f"/cum-tin/{story}"):
        html = browser.get(page).text
        assert f'action="/tin/{mention}/chinh-lai"' in html
        assert f'value="{quick}"' in html
    back = f"/vu-viec/{incident}"
    answer = post(browser, f"/tin/{mention}/chinh-lai", nhanh=quick, ban="1", tiep=back)
    assert answer.headers["location"] == f"{back}?xong=chinh-lai"
    assert said(house) == stored
    assert "Đã chỉnh bởi người trực" in browser.get(f"/cum-tin/{story}").text
    with house.store.read() as session:
        assert session.get_one(t.StoryRow, story).assess_due


DOUBT = {"unit": "th_b", "confidence": 0.5, "span": [0, 4], "reason": "namesakes"}


def test_an_undecided_unit_is_one_click_away(house: WebHouse) -> None:
    mention = house.mention("Phụ huynh Đồi Gió hỏi về quỹ lớp", "Thu nhiều.", undecided=[DOUBT])
    browser, path = house.browser(), f"/tin/{mention}"
    html = browser.get(path).text
    assert "Có thể nói về" in html
    assert "nhiều đơn vị đang theo dõi trùng tên này" in html
    assert 'value="about_us:th_b"' in html
    assert "Trường TH Đồi Gió?" in browser.get("/dong-tin").text
    answer = post(browser, f"{path}/chinh-lai", nhanh="about_us:th_b", ban="1")
    assert answer.headers["location"] == f"{path}?xong=chinh-lai"
    assert said(house) == {"about_us": ["th_b"]}
    page = browser.get(path).text
    assert "Có thể nói về" not in page
    assert "Có nói về đơn vị này:</strong> Trường TH Đồi Gió" in page


def test_only_a_unit_of_one_s_own_is_offered(house: WebHouse) -> None:
    mention = house.mention("Phụ huynh Đồi Gió hỏi về quỹ lớp", undecided=[DOUBT])
    other = house.browser("of_a")
    page = other.get(f"/tin/{mention}").text
    assert "Trường TH Đồi Gió" in page
    assert "about_us" not in page
    refused = post(other, f"/tin/{mention}/chinh-lai", nhanh="about_us:th_b", ban="1")
    assert refused.status_code == 422
    assert "about_us" not in house.browser("analyst").get(f"/tin/{mention}").text


def test_why_a_text_says_nothing_and_what_it_states(house: WebHouse) -> None:
    facts = [
        {"kind": "poisoned", "value": 5, "span": [0, 9], "text": "5 em ngộ độc"},
        {"kind": "place", "value": None, "span": [0, 9], "text": "xã Bản Hoa"},
    ]
    mention = house.mention("5 em ngộ độc ở xã Bản Hoa", note="not_vietnamese", facts=facts)
    page = house.browser().get(f"/tin/{mention}").text
    assert "Tin không viết bằng tiếng Việt" in page
    assert "ngộ độc: <q>5 em ngộ độc</q>" in page
    assert "<q>xã Bản Hoa</q>" not in page


def test_refused(house: WebHouse, mention: int) -> None:
    browser, path = house.browser(), f"/tin/{mention}/chinh-lai"
    assert post(browser, path, **FORM).status_code == 422  # nothing changed
    assert post(browser, path, nhanh="risk:9", ban="1").status_code == 422
    assert post(browser, path, nhanh="name:x", ban="1").status_code == 422
    assert post(browser, path, nhanh="risk:0", ban="2").status_code == 409
    assert browser.post(path, data={"nhanh": "risk:0", "ban": "1"}).status_code == 403
    away = post(browser, path, nhanh="risk:0", ban="1", tiep="//la.example")
    assert away.headers["location"] == "/?xong=chinh-lai"


def test_an_analyst_sees_no_form(house: WebHouse, mention: int) -> None:
    browser = house.browser("analyst")
    assert "chinh-lai" not in browser.get(f"/tin/{mention}").text
    refused = post(browser, f"/tin/{mention}/chinh-lai", nhanh="risk:0", ban="1")
    assert refused.status_code == 403
    assert said(house) == {}
