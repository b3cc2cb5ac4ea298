"""Light or dark by choice, the menu by role, every page of it there."""

from __future__ import annotations

import re

import pytest

from dashboards.i18n import LOOK_COOKIE, look_of
from tests.webhouse import WebHouse, post


def test_the_look_is_chosen_and_forgotten(house: WebHouse) -> None:
    browser = house.browser()
    assert '<html lang="vi">' in browser.get("/").text
    answer = post(browser, "/giao-dien", nen="dark", tiep="/vu-viec")
    assert (answer.status_code, answer.headers["location"]) == (303, "/vu-viec")
    assert '<html lang="vi" class="dark">' in browser.get("/").text
    post(browser, "/giao-dien", nen="", tiep="//evil.example")
    assert LOOK_COOKIE not in browser.cookies
    assert '<html lang="vi">' in browser.get("/").text


@pytest.mark.parametrize("cookie", [None, "", "blue", 'dark"><script>'])
def test_no_other_look(cookie: str | None) -> None:
    assert look_of(cookie) == ""


def test_a_look_is_chosen_by_nobody_else(house: WebHouse) -> None:
    browser = house.browser()
    forged = browser.post("/giao-dien", data={"csrf": "x" * 40, "nen": "dark"})
    assert forged.status_code == 403
    assert LOOK_COOKIE not in browser.cookies


@pytest.mark.parametrize("who", ["officer", "principal", "analyst", "admin"])
def test_the_menu_leads_to_pages_that_are_there(who: str, house: WebHouse) -> None:
    browser = house.browser(who)
    header = browser.get("/").text.split("<header")[1].split("</header>")[0]
    paths = dict.fromkeys(re.findall(r'href="(/[^"#]*)"', header))
    assert len(paths) > 10
    for path in paths:
        if path.startswith("/static/"):
            continue
        page = browser.get(path)
        assert page.status_code == 200, path
        if path != "/":
            shown = re.search(r'<a href="([^"]+)" aria-current="page"', page.text)
            assert shown, path
            assert shown[1] == path
