"""Working off the stream: one form without any script, undone as a whole, told item by item."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import CHILD, WebHouse, csrf, post

TITLES = ("Phụ huynh hỏi về quỹ lớp", "Sách giáo khoa về muộn", "Bữa trưa bị chê nguội")


@pytest.fixture
def three(house: WebHouse) -> list[int]:
    return [house.mention(title, minutes=n, unit="th_a") for n, title in enumerate(TITLES)]


def do(client: TestClient, page: str = "/dong-tin", **fields: Any) -> Any:
    """Send the form of the list as a browser does."""
    return client.post("/dong-tin/xu-ly", data={"csrf": csrf(client.get(page).text), **fields})


def marks(house: WebHouse, desk: str = "") -> dict[int, tuple[bool, bool, bool]]:
    with house.store.read() as session:
        rows = session.scalars(sa.select(t.TriageMarkRow))
        return {r.mention_id: (r.seen, r.starred, r.noise) for r in rows if r.unit_id == desk}


def said(house: WebHouse) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    with house.store.read() as session:
        for row in session.scalars(sa.select(t.CorrectionRow)):
            if row.undone_at is None:
                found.setdefault(row.mention_id, {})[row.field] = row.value
    return found


def undo_of(html: str) -> str:
    found = re.search(r'action="(/dong-tin/viec/\d+/hoan-tac)"', html)
    assert found, "no way back is offered"
    return found[1]


def story(house: WebHouse, *mentions: int) -> int:
    number = house.add(
        t.StoryRow(title="Cụm", first_at=NOW, last_at=NOW, mention_count=len(mentions),
                   unit_id="th_a")
    )  # fmt: skip
    for mention in mentions:
        house.add(t.StoryMentionRow(story_id=number, mention_id=mention, at=NOW))
        with house.store.write() as session:
            session.get_one(t.MentionRow, mention).story_id = number
    return number


def story_of(house: WebHouse, mention: int) -> int | None:
    with house.store.read() as session:
        return session.get_one(t.MentionRow, mention).story_id


def test_ticked_ones_are_marked_and_the_whole_is_undone(house: WebHouse, three: list[int]) -> None:
    browser = house.browser()
    html = browser.get("/dong-tin").text
    for mention in three:
        assert f'form="xu-ly" name="tin" value="{mention}:1"' in html
    answer = do(browser, viec="xem", tin=[f"{three[0]}:1", f"{three[1]}:1"])
    assert answer.status_code == 303
    assert marks(house) == {three[0]: (True, False, False), three[1]: (True, False, False)}
    page = browser.get(answer.headers["location"]).text
    assert "Đã đánh dấu 2 tin là đã xem." in page
    unseen = browser.get("/dong-tin?xem=chua").text
    assert TITLES[2] in unseen
    assert TITLES[0] not in unseen
    assert TITLES[0] in browser.get("/dong-tin?xem=da").text
    undone = post(browser, undo_of(page), tiep="/dong-tin?xem=chua")
    assert undone.headers["location"].startswith("/dong-tin?xem=chua&viec=")
    assert marks(house) == {}
    assert "Đã hoàn tác" in browser.get(undone.headers["location"]).text


def test_a_star_by_one_press_and_noise_that_leaves_the_stream(
    house: WebHouse, three: list[int]
) -> None:
    browser = house.browser()
    do(browser, mot=f"sao:{three[0]}")
    assert marks(house)[three[0]] == (False, True, False)
    starred = browser.get("/dong-tin?sao=1").text
    assert TITLES[0] in starred
    assert TITLES[1] not in starred
    assert f'value="bo-sao:{three[0]}"' in starred
    do(browser, viec="nhieu", tin=[str(three[1])])
    assert TITLES[1] not in browser.get("/dong-tin").text
    noise = browser.get("/dong-tin?nhieu=1").text
    assert TITLES[1] in noise
    assert "chỉ tin nhiễu" in noise
    do(browser, page="/dong-tin?nhieu=1", viec="khong-nhieu", tin=[str(three[1])])
    assert TITLES[1] in browser.get("/dong-tin").text


def test_marks_belong_to_the_desk_and_to_no_person(house: WebHouse, three: list[int]) -> None:
    do(house.browser("of_a"), viec="sao", tin=[str(three[0])])
    assert marks(house, "xa_a") == {three[0]: (False, True, False)}
    assert TITLES[0] not in house.browser("officer").get("/dong-tin?sao=1").text
    columns = set(t.TriageMarkRow.__table__.columns.keys())  # type: ignore[attr-defined]
    assert not columns & {"user_id", "by", "username"}


def test_a_correction_of_many_tells_what_failed_and_does_the_rest(
    house: WebHouse, three: list[int]
) -> None:
    browser = house.browser()
    page = browser.get("/dong-tin").text
    assert 'value="risk:0"' in page
    with house.store.write() as session:  # somebody's edit came in while the page stood open
        session.get_one(t.MentionRow, three[1]).revision = 2
    answer = do(
        browser, viec="chinh-lai", nhanh="risk:0", tin=[f"{m}:1" for m in three], tiep="/dong-tin"
    )
    assert said(house) == {three[0]: {"risk": 0}, three[2]: {"risk": 0}}
    told = browser.get(answer.headers["location"]).text
    assert "Đã chỉnh lại 2 tin" in told
    assert "1 tin không làm được, các tin khác đã xong" in told
    assert "Bài đã được sửa hoặc đang được đọc lại" in told
    post(browser, undo_of(told))
    assert said(house) == {}
    with house.store.read() as session:
        acts = [row.action for row in session.scalars(sa.select(t.AuditRow))]
    assert acts.count("correct") == 2
    assert acts.count("correct_undo") == 2


def test_not_ours_by_one_key(house: WebHouse, three: list[int]) -> None:
    browser = house.browser()
    head = {"Accept": "application/json"}
    token = csrf(browser.get("/dong-tin").text)
    answer = browser.post(
        "/dong-tin/xu-ly", data={"csrf": token, "mot": f"khong-ta:{three[0]}:1"}, headers=head
    )
    assert answer.status_code == 200
    told = answer.json()
    assert said(house) == {three[0]: {"not_about_us": ["th_a"]}}
    assert told["text"].startswith("Đã chỉnh lại 1 tin")
    again = browser.post(told["undo"], data={"csrf": token}, headers=head)
    assert "hoàn tác" in again.json()["text"]
    assert said(house) == {}


def test_a_mark_changed_by_a_colleague_is_left_and_told(house: WebHouse, three: list[int]) -> None:
    browser = house.browser()
    first = do(browser, viec="xem", tin=[str(m) for m in three[:2]])
    do(house.browser("analyst"), viec="sao", tin=[str(three[0])])
    page = browser.get(first.headers["location"]).text
    undone = browser.get(post(browser, undo_of(page)).headers["location"]).text
    assert marks(house) == {three[0]: (True, True, False)}
    assert "Dấu của tin này đã được đổi sau đó." in undone
    assert TITLES[0] in undone


def test_moving_and_gathering_across_stories(house: WebHouse, three: list[int]) -> None:
    a, b = story(house, three[0], three[1]), story(house, three[2])
    browser = house.browser("analyst")
    moved = do(browser, viec="chuyen", vao=str(b), tin=[str(three[1])])
    assert story_of(house, three[1]) == b
    page = browser.get(moved.headers["location"]).text
    assert f"Đã chuyển 1 tin sang cụm {b}." in page
    post(browser, undo_of(page))
    assert story_of(house, three[1]) == a
    gathered = do(browser, viec="tach", tin=[str(three[1]), str(three[2])])
    assert story_of(house, three[1]) == story_of(house, three[2]) != a
    page = browser.get(gathered.headers["location"]).text
    post(browser, undo_of(page))
    assert [story_of(house, m) for m in three] == [a, a, b]


def test_a_whole_story_ticked_merges_and_comes_back(house: WebHouse, three: list[int]) -> None:
    a, b = story(house, three[0], three[1]), story(house, three[2])
    browser = house.browser()
    answer = do(browser, viec="chuyen", vao=str(b), tin=[str(m) for m in three])
    assert {story_of(house, m) for m in three} == {b}
    page = browser.get(answer.headers["location"]).text
    assert f"Tin đã ở trong cụm {b}." in page
    post(browser, undo_of(page))
    assert [story_of(house, m) for m in three] == [a, a, b]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"viec": "xem"}, 422), ({"viec": "la", "tin": ["1"]}, 422),
        ({"viec": "xem", "tin": ["x"]}, 422), ({"viec": "chinh-lai", "tin": ["1"]}, 422),
        ({"viec": "chinh-lai", "tin": ["1"], "nhanh": "risk:x"}, 303),
        ({"viec": "chuyen", "tin": ["1"]}, 422),
        ({"viec": "chuyen", "tin": ["1"], "vao": "99"}, 404),
        ({"viec": "xem", "tin": [str(n) for n in range(1, 150)]}, 422),
        ({"mot": "sao"}, 422), ({"viec": "xem", "tin": [str(2**63)]}, 422),
        ({"viec": "xem", "tin": ["9999999999:1"]}, 422), ({"viec": "xem", "tin": ["9" * 490]}, 422),
    ],
)  # fmt: skip
def test_refused(house: WebHouse, three: list[int], fields: dict[str, Any], status: int) -> None:
    assert do(house.browser(), **fields).status_code == status
    assert marks(house) == {}
    assert said(house) == {}


def test_forged_replayed_and_foreign_forms(house: WebHouse, three: list[int]) -> None:
    browser = house.browser()
    assert browser.post("/dong-tin/xu-ly", data={"viec": "xem", "tin": "1"}).status_code == 403
    other = house.browser("of_b")  # an analyst of another school
    hidden = do(other, viec="xem", tin=[str(three[0])])
    assert "Chưa tin nào được xử lý." in other.get(hidden.headers["location"]).text
    assert TITLES[0] not in other.get(hidden.headers["location"]).text
    assert marks(house, "th_b") == {}
    done = do(browser, viec="xem", tin=[str(three[0])])
    batch = re.search(r"viec=(\d+)", done.headers["location"])
    assert batch
    assert post(other, f"/dong-tin/viec/{batch[1]}/hoan-tac").status_code == 404
    away = do(browser, viec="xem", tin=[str(three[0])], tiep="//la.example")
    assert away.headers["location"].startswith("/dong-tin?")
    assert do(house.browser("analyst"), viec="chinh-lai", nhanh="risk:0",
              tin=[str(three[0])]).status_code == 403  # fmt: skip


def test_undoing_twice_changes_nothing(house: WebHouse, three: list[int]) -> None:
    browser = house.browser()
    page = browser.get(do(browser, viec="sao", tin=[str(three[0])]).headers["location"]).text
    for _ in range(2):
        assert post(browser, undo_of(page)).status_code == 303
    assert marks(house) == {}


def test_kept_filters(house: WebHouse, three: list[int]) -> None:
    browser, analyst = house.browser(), house.browser("analyst")
    page = "/dong-tin?sac_thai=neg&xem=chua"
    assert "Lưu bộ lọc này" in browser.get(page).text
    kept = post(browser, "/bo-loc", page=page, name="Việc sáng nay", query="sac_thai=neg&xem=chua")
    assert kept.headers["location"] == "/dong-tin?sac_thai=neg&xem=chua&xong=bo-loc"
    assert "Việc sáng nay" in browser.get("/dong-tin").text
    assert "Việc sáng nay" not in analyst.get("/dong-tin").text
    number = re.search(r"/bo-loc/(\d+)/sua", browser.get(page).text)
    assert number
    assert post(analyst, f"/bo-loc/{number[1]}/xoa").status_code == 404
    post(browser, f"/bo-loc/{number[1]}/sua", name="Sáng: tiêu cực", chung="1")
    assert "Sáng: tiêu cực" in analyst.get("/dong-tin").text
    assert post(analyst, f"/bo-loc/{number[1]}/xoa").status_code == 403
    assert "Sáng: tiêu cực" not in house.browser("of_a").get("/dong-tin").text, "another desk"
    assert post(browser, "/bo-loc", name="Sáng: tiêu cực", query="xem=chua").status_code == 409
    assert post(browser, "/bo-loc", name=" ", query="xem=chua").status_code == 422
    assert post(browser, "/bo-loc", name="Không có gì", query="la=1").status_code == 422
    post(browser, f"/bo-loc/{number[1]}/xoa")
    assert "Sáng: tiêu cực" not in browser.get("/dong-tin").text


def test_no_child_in_what_an_act_tells(house: WebHouse) -> None:
    mention = house.mention(f"Em {CHILD} bị bạn trêu", f"Cháu {CHILD}.", unit="th_a")
    with house.store.write() as session:
        session.get_one(t.MentionRow, mention).revision = 2
    browser = house.browser()
    answer = do(browser, viec="chinh-lai", nhanh="risk:0", tin=[f"{mention}:1"])
    page = browser.get(answer.headers["location"]).text
    assert "không làm được" in page
    assert CHILD not in page


@pytest.mark.parametrize("number", [str(2**31), "9" * 5000])
def test_an_act_of_an_impossible_number_is_none(house: WebHouse, number: str) -> None:
    assert house.browser().get(f"/dong-tin?viec={number}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [f"/tin/{2**31}", f"/cum-tin/{2**31}", f"/vu-viec/{2**31}", f"/nhat-ky?truoc={2**31}"],
)
def test_no_number_goes_beyond_a_row_s(house: WebHouse, path: str) -> None:
    answer = house.browser("admin").get(path)
    assert answer.status_code == 422, "PostgreSQL would answer 500"
