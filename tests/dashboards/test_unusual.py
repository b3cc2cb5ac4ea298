"""The panel of what is unusual on the overview."""

from __future__ import annotations

from tests.webhouse import WebHouse
from tests.webwatch import put_series, put_unusual


def test_the_overview_says_what_is_unusual(house: WebHouse) -> None:
    assert "Bất thường" not in house.browser().get("/").text
    put_unusual(house)
    put_unusual(house, "xa_a", kind="several_schools", unit_ids=["th_a", "th_b"], seen=3)
    page = house.browser().get("/").text
    for said in ("Bất thường", "Trường TH Suối Mơ", "bình thường khoảng 0,3", "/cum-tin/7",
                 "khoảng 900 ngày một lần", "Trường TH Đồi Gió"):  # fmt: skip
        assert said in page, said
    assert "Trường TH Suối Mơ" not in house.browser("of_b").get("/").text


def test_the_panel_speaks_english(house: WebHouse) -> None:
    put_unusual(house, once_in_days=5000.0)
    client = house.browser()
    client.cookies.set("langnghe_lang", "en")
    page = client.get("/").text
    assert "Unusual" in page
    assert "less than once in 10 years" in page


def test_who_looks_over_many_sees_only_what_is_rarer(house: WebHouse) -> None:
    put_series(house, "th_b", 600)  # chance alone would bring three such rows a day
    put_unusual(house, "th_a", once_in_days=300.0)
    assert "Bất thường" not in house.browser().get("/").text
    assert "Bất thường" in house.browser("of_a").get("/").text, "of one school it is seen"
    put_unusual(house, "th_b", once_in_days=90_000.0)
    assert "Bất thường" in house.browser().get("/").text
