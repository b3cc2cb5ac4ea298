"""The keyboard alone: Tab comes everywhere in the order of the page, Enter opens, Escape closes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from langnghe.demo.run import PASSWORD
from tests.browser.conftest import Town
from tests.browser.hands import DESK, PHONE, Stop, focused, see_as, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MOST = 250
REACHABLE = """
const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
const seen = (e) => e.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: true });
const every = [...document.querySelectorAll('*')];
const grouped = new Set();
return [...document.querySelectorAll(all)].filter((e) => seen(e) && !e.disabled && e.tabIndex === 0)
  .filter((e) => {
    if (e.type !== 'radio') return true;
    if (grouped.has(e.name)) return false;
    return grouped.add(e.name);
  }).map((e) => [every.indexOf(e), e.outerHTML.slice(0, 80)]);
"""


def press(browser: Chrome, *keys: str) -> None:
    """Press keys one after the other, wherever the focus is."""
    ActionChains(browser, duration=0).send_keys(*keys).perform()


def walk(browser: Chrome) -> list[Stop]:
    """Return every stop of the Tab key from the top of the page to its end."""
    browser.execute_script("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    stops: list[Stop] = []
    for _ in range(MOST):
        press(browser, Keys.TAB)
        now = focused(browser)
        if now is None or (stops and now.place == stops[0].place):
            return stops
        stops.append(now)
    raise AssertionError(f"no end after {MOST} stops: a trap near «{stops[-1].words}»")


@pytest.mark.parametrize("path", ["/", "/vu-viec/1", "/dong-tin", "/phat-ngon/1", "/don-vi"])
def test_tab_comes_everywhere_in_order(
    path: str, town: Town, open_chrome: Callable[..., Chrome]
) -> None:
    browser = open_chrome()
    sign_in(browser, town.base, "vanthu", PASSWORD, to=path)
    see_as(browser, DESK)
    reachable = dict(browser.execute_script(REACHABLE))
    stops = walk(browser)
    assert stops[0].words == "Tới nội dung chính"
    places = [stop.place for stop in stops]
    assert places == sorted(places), "the order of the page"
    missed = [html for place, html in reachable.items() if place not in places]
    assert missed == []
    assert [stop.words for stop in stops if not stop.ringed or not stop.visible] == []


def test_skip_link_menus_and_folds_by_keys(town: Town, open_chrome: Callable[..., Chrome]) -> None:
    browser = open_chrome()
    sign_in(browser, town.base, "vanthu", PASSWORD, to="/vu-viec/1")
    see_as(browser, PHONE)
    press(browser, Keys.TAB, Keys.ENTER)
    assert browser.current_url.endswith("#main")
    press(browser, Keys.TAB)
    assert browser.execute_script("return document.activeElement.closest('main') !== null")

    menu = browser.find_element(By.CSS_SELECTOR, "nav .menu")
    summary = menu.find_element(By.TAG_NAME, "summary")
    browser.execute_script("arguments[0].focus()", summary)
    press(browser, Keys.ENTER)
    assert menu.get_dom_attribute("open") is not None
    press(browser, Keys.TAB)
    assert browser.execute_script("return document.activeElement.textContent") == "Tổng quan"
    press(browser, Keys.ESCAPE)
    assert menu.get_dom_attribute("open") is None
    assert browser.switch_to.active_element == summary
    press(browser, Keys.ENTER, Keys.TAB, Keys.TAB, Keys.TAB, Keys.ENTER)
    assert browser.current_url.endswith("/dong-tin")

    browser.back()
    fold = browser.find_element(By.CSS_SELECTOR, "main details:not([open]) > summary")
    browser.execute_script("arguments[0].focus()", fold)
    press(browser, Keys.ENTER)
    assert fold.find_element(By.XPATH, "..").get_dom_attribute("open") is not None
    press(browser, Keys.SPACE)
    assert fold.find_element(By.XPATH, "..").get_dom_attribute("open") is None
