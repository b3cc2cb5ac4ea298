"""The forms that set the grouping right: without script, checked, only for those who may."""

from __future__ import annotations

import re

import pytest

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import CHILD, WebHouse, post

TITLES = (
    "Phụ huynh hỏi về quỹ lớp", "Quỹ lớp thu nhiều khoản", "Sách giáo khoa về muộn ở bản",
)  # fmt: skip


@pytest.fixture
def stories(house: WebHouse) -> tuple[int, int]:
    """Two stories of one school: the first of two mentions, the second of one."""
    found = []
    for titles in (TITLES[:2], TITLES[2:]):
        story = house.add(
            t.StoryRow(title=titles[0], first_at=NOW, last_at=NOW, mention_count=len(titles),
                       unit_id="th_a")
        )  # fmt: skip
        found.append(story)
        for n, title in enumerate(titles):
            mention = house.mention(title, minutes=n, unit="th_a", story=story)
            house.add(t.StoryMentionRow(story_id=story, mention_id=mention, at=NOW))
    return found[0], found[1]


def story_of(house: WebHouse, mention: int) -> int | None:
    with house.store.read() as session:
        return session.get_one(t.MentionRow, mention).story_id


def test_split_and_undo_by_the_forms_of_the_page(house: WebHouse, stories: tuple[int, int]) -> None:
    old, _ = stories
    browser = house.browser("analyst")
    html = browser.get(f"/cum-tin/{old}").text
    for word in ("Tách thành cụm riêng", "Chuyển sang cụm…", "Gộp cụm này vào…", "Cùng sự việc"):
        assert word in html
    answer = post(browser, f"/cum-tin/{old}/tach", tin="2", note=f"Em {CHILD} lớp 5A kể")
    new = story_of(house, 2)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cum-tin/{new}?xong=tach")
    assert new not in (old, None)
    page = browser.get(answer.headers["location"]).text
    assert "Đã tách thành cụm riêng" in page
    assert "Đ/c analyst" in page
    assert CHILD not in page  # a note is masked like any text
    undo = re.search(rf"/cum-tin/{new}/quyet-dinh/\d+/hoan-tac", page)
    assert undo
    undone = post(browser, undo[0])
    assert undone.headers["location"] == f"/cum-tin/{old}?xong=hoan-tac", "not the one left empty"
    assert story_of(house, 2) == old
    assert "Cụm này không còn tin nào." in browser.get(f"/cum-tin/{new}").text
    assert "đã hoàn tác" in browser.get(f"/cum-tin/{old}").text


def test_move_merge_and_mark(house: WebHouse, stories: tuple[int, int]) -> None:
    one, two = stories
    browser = house.browser()
    html = browser.get(f"/cum-tin/{one}").text
    assert f'href="/cum-tin/{two}"' in html  # of the same unit, this month
    answer = post(browser, f"/cum-tin/{one}/danh-dau", vao=str(two), la="unrelated")
    assert answer.headers["location"] == f"/cum-tin/{one}?xong=khong-lien-quan"
    refused = post(browser, f"/cum-tin/{one}/gop", vao=str(two))
    assert refused.status_code == 409
    assert "không liên quan" in refused.text
    assert "hoàn tác quyết định số 1 trước" in refused.text
    post(browser, f"/cum-tin/{one}/quyet-dinh/1/hoan-tac")
    moved = post(browser, f"/cum-tin/{one}/chuyen", tin="1", vao=f"#{two}")
    assert moved.headers["location"] == f"/cum-tin/{one}?xong=chuyen"
    assert story_of(house, 1) == two
    merged = post(browser, f"/cum-tin/{one}/gop", vao=str(two))
    assert merged.headers["location"] == f"/cum-tin/{two}?xong=gop"
    assert f"Cụm này đã được gộp vào cụm {two}" in browser.get(f"/cum-tin/{one}").text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("tach", {}), ("tach", {"tin": "1x"}), ("chuyen", {"tin": "1"}), ("gop", {"vao": "không"}),
        ("gop", {"vao": "9" * 30}), ("danh-dau", {"vao": "2"}),
        ("danh-dau", {"vao": "2", "la": "split"}), ("danh-dau", {"vao": "1", "la": "same"}),
    ],
)  # fmt: skip
def test_nonsense_is_answered_in_plain_words(
    house: WebHouse, stories: tuple[int, int], path: str, form: dict[str, str]
) -> None:
    answer = post(house.browser(), f"/cum-tin/{stories[0]}/{path}", **form)
    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_rights_scope_and_forged_forms(house: WebHouse, stories: tuple[int, int]) -> None:
    one, two = stories
    head = house.browser("principal")
    html = head.get(f"/cum-tin/{one}").text
    assert "Tách thành cụm riêng" not in html
    assert post(head, f"/cum-tin/{one}/tach", tin="2").status_code == 403
    assert post(house.browser("of_b"), f"/cum-tin/{one}/tach", tin="2").status_code == 404
    forged = house.browser().post(f"/cum-tin/{one}/tach", data={"tin": "2", "csrf": "x"})
    assert forged.status_code == 403
    assert story_of(house, 2) == one
    assert post(house.browser("of_a"), f"/cum-tin/{one}/gop", vao=str(two)).status_code == 303


def test_the_page_speaks_english_too(house: WebHouse, stories: tuple[int, int]) -> None:
    browser = house.browser("analyst")
    browser.cookies.set("langnghe_lang", "en")
    assert "Split off as a story of its own" in browser.get(f"/cum-tin/{stories[0]}").text


def test_a_refused_form_leads_back_to_its_page(house: WebHouse, stories: tuple[int, int]) -> None:
    refused = post(house.browser("analyst"), f"/cum-tin/{stories[0]}/tach")
    assert refused.status_code == 422
    assert f'<a href="/cum-tin/{stories[0]}">' in refused.text
    assert "Quay lại trang trước" not in house.browser("analyst").get("/cum-tin/9999").text
