"""Words and topics on the screen: tried against last month, added, taken away."""

from __future__ import annotations

import pytest

from langnghe.core.store.edits import Edited, edits_of
from langnghe.core.store.tables import ReadingRow
from tests.webhouse import WebHouse, csrf

DAY = 24 * 60


def add(house: WebHouse, who: str = "officer", **fields: str) -> int:
    client = house.browser(who)
    token = csrf(client.get("/tu-khoa").text)
    answer = client.post("/tu-khoa", data={"csrf": token, **fields})
    return int(answer.status_code)


def words(house: WebHouse) -> dict[str, object]:
    with house.store.read() as session:
        return edits_of(session, Edited.WORDS)


def test_shows_the_topics_in_plain_words(house: WebHouse) -> None:
    html = house.browser("analyst").get("/tu-khoa").text
    assert "lạm thu" in html
    assert "không cụm nào tự quyết định" in html
    assert "Thử một cụm từ" not in html  # an analyst only reads


def test_a_phrase_is_tried_before_it_is_laid(house: WebHouse) -> None:
    house.mention("Trường thu quỹ măng non", "Phụ huynh nói quỹ măng non cao.", minutes=-2 * DAY)
    house.mention("Quỹ măng non năm kia", minutes=-50 * DAY)
    html = house.browser().get("/tu-khoa?dung=topic&cum=quỹ măng non&chu_de=khoan_thu").text
    assert "1 tin có cụm này" in html
    assert "Trường thu quỹ măng non" in html
    assert "Quỹ măng non năm kia" not in html
    assert "Thêm cụm từ này" in html
    assert words(house) == {}


def test_added_it_stands_in_the_list_and_can_be_taken_away(house: WebHouse) -> None:
    assert add(house, dung="topic", cum="quỹ măng non", chu_de="khoan_thu") == 303
    ((key, value),) = words(house).items()
    assert value == {"use": "topic", "words": "quỹ măng non", "of": "khoan_thu"}
    client = house.browser()
    html = client.get("/tu-khoa").text
    assert "«quỹ măng non»" in html
    answer = client.post("/tu-khoa/go", data={"csrf": csrf(html), "khoa": key})
    assert answer.status_code == 303
    assert words(house) == {}


def test_a_phrase_of_one_syllable_is_refused_in_words(house: WebHouse) -> None:
    assert add(house, dung="topic", cum="tiền", chu_de="khoan_thu") == 422
    html = house.browser().get("/tu-khoa?dung=topic&cum=tiền&chu_de=khoan_thu").text
    assert "khớp quá nhiều tin" in html


def test_a_watched_phrase_may_name_its_unit_by_words(house: WebHouse) -> None:
    assert add(house, dung="watch", cum="cầu treo bản Hồng", don_vi="Bản Hoa") == 303
    (value,) = words(house).values()
    assert isinstance(value, dict)
    assert value["of"] == "xa_a"


def test_what_the_shield_hides_cannot_be_searched_for(house: WebHouse) -> None:
    house.mention("Gương tốt", "Em Mẩy Xuân", masked="Em [tên học sinh]", minutes=-DAY)
    html = house.browser().get("/tu-khoa?dung=ignore&cum=mẩy xuân").text
    assert "0 tin có cụm này" in html


def test_an_ignored_phrase_counts_the_names_inside_it(house: WebHouse) -> None:
    number = house.mention("Bệnh viện Suối Mơ gần trường khai trương", minutes=-DAY, unit="th_a")
    with house.store.write() as session:
        row = session.get(ReadingRow, number)
        assert row is not None
        row.units = [{"unit": "th_a", "confidence": 0.9, "span": [10, 17]}]
    html = house.browser().get("/tu-khoa?dung=ignore&cum=bệnh viện Suối Mơ").text
    assert "1 tin sẽ không còn được tính" in html
    assert "sẽ khác đi" in html


@pytest.mark.parametrize("who", ["analyst", "of_a", "of_b"])
def test_only_who_answers_for_the_whole_house_may_change_words(house: WebHouse, who: str) -> None:
    assert add(house, who, dung="topic", cum="quỹ măng non", chu_de="khoan_thu") == 403
    html = house.browser(who).get("/tu-khoa?dung=topic&cum=quỹ măng non&chu_de=khoan_thu").text
    assert "tin có cụm này" not in html
    assert words(house) == {}


def test_hostile_words_are_only_text(house: WebHouse) -> None:
    hostile = "<script>alert(1)</script> x y"
    html = house.browser().get("/tu-khoa", params={"dung": "ignore", "cum": hostile}).text
    assert "<script>alert" not in html
    long = house.browser().get("/tu-khoa", params={"dung": "topic", "cum": "a" * 10_000})
    assert long.status_code == 200


def test_the_school_of_a_house_of_one_school_answers_for_all_of_it(house: WebHouse) -> None:
    from dataclasses import replace

    units = tuple(u for u in house.services.profile.units if u.id != "th_b")
    only = replace(house.services.profile, units=units)
    house.app.state.services = replace(house.services, profile=only)
    assert add(house, "of_a", dung="topic", cum="quỹ măng non", chu_de="khoan_thu") == 303
