"""Every page for everybody: axe-core, contrast, size of what is pressed, no sideways scrolling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from alerts.intake.door import change_door
from langnghe.core.auth import sign_in as sign_in_person
from langnghe.demo.run import PASSWORD
from tests.browser.conftest import Town
from tests.browser.hands import DESK, PHONE, SMALL, faults, overhang, see_as, sign_in, too_small

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# What a page of a list leads to: the first of each kind is looked at.
KINDS = {
    "/vu-viec": r"/vu-viec/\d+",
    "/dong-tin": r"/tin/\d+",
    "/cum-tin": r"/cum-tin/\d+",
    "/phat-ngon": r"/phat-ngon/(?:\d+|soan)",
    "/don-vi": r"/don-vi/[\w-]+",
}
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
UNFOLD = "for (const fold of document.querySelectorAll('main details')) fold.open = true"


def addresses(browser: Chrome, base: str) -> list[str]:
    """Return the paths of every page this person's menu leads to, and one of each kind below."""
    links = browser.find_elements(By.CSS_SELECTOR, "header a[href^='/']")
    found = list(dict.fromkeys(str(link.get_dom_attribute("href")) for link in links))
    for page, kind in KINDS.items():
        browser.get(base + page)
        hrefs = re.findall(r'href="(/[^"?#]+)', browser.page_source)
        below = dict.fromkeys(h for h in hrefs if re.fullmatch(kind, h))
        found += [href for href in below if href not in found][:2]
    return found


def open_door(town: Town) -> str:
    """Let the school take reports from anybody; return the code of its form."""
    services = town.demo.services
    now = services.clock.now()
    secret = sign_in_person(services.store, "hieutruong", PASSWORD, place="thử", now=now, hours=1)
    row = change_door(services, secret[1], services.profile.units[0].id, open_=True)
    return str(row.code)


def look_over(browser: Chrome, where: str, expected: int = 200) -> Iterator[str]:
    """Tell what is wrong with the open page, on the phone and at the desk, light and dark."""
    browser.execute_script(UNFOLD)
    see_as(browser, PHONE)
    for fault in faults(browser):
        if fault.impact in ("serious", "critical"):
            yield f"{where} 390: {fault.rule} {fault.where}: {fault.why}"
    for small in too_small(browser):
        yield f"{where} 390: lower than 44 px: {small}"
    see_as(browser, SMALL)
    if (wide := overhang(browser)) > 0:
        yield f"{where} 360: {wide} px stick out"
    see_as(browser, PHONE, dark=True)
    for fault in faults(browser, "color-contrast"):
        yield f"{where} 390 dark: {fault.where}: {fault.why}"
    see_as(browser, DESK, dark=True)
    for fault in faults(browser):
        if fault.impact in ("serious", "critical"):
            yield f"{where} 1280 dark: {fault.rule} {fault.where}: {fault.why}"
    see_as(browser, DESK)
    for fault in faults(browser, "color-contrast"):
        yield f"{where} 1280: {fault.where}: {fault.why}"
    if len(browser.find_elements(By.TAG_NAME, "h1")) != 1:
        yield f"{where}: not exactly one h1"
    if (status := browser.execute_script(STATUS)) != expected:
        yield f"{where}: status {status}"


def test_every_page_of_the_menu_is_for_everybody(
    town: Town, open_chrome: Callable[..., Chrome]
) -> None:
    """As the secretary sees them; then what only an administrator or a head sees."""
    browser = open_chrome()
    seen: list[str] = []
    wrong: list[str] = []
    for who in ("vanthu", "quantri", "hieutruong"):
        browser.delete_all_cookies()
        sign_in(browser, town.base, who, PASSWORD)
        for path in addresses(browser, town.base):
            if path in seen or (who != "vanthu" and path.count("/") > 1):
                continue
            seen.append(path)
            browser.get(town.base + path)
            wrong += look_over(browser, path)
    assert len(seen) > 20
    assert not wrong, "\n".join(wrong)


def test_the_pages_without_sign_in_are_for_everybody(
    town: Town, open_chrome: Callable[..., Chrome]
) -> None:
    browser = open_chrome()
    letters = [mail.part("plain") for mail in town.demo.catcher.caught()]
    link = next(m[1] for text in letters if (m := re.search(r"(/xac-nhan/\S+)", text)))
    wrong: list[str] = []
    public = "/gui/" + open_door(town)
    for path in ("/dang-nhap", link, public, "/gui/tra-cuu", "/khong-co-trang-nay"):
        browser.get(town.base + path)
        wrong += look_over(browser, path, 404 if "khong-co" in path else 200)
    sign_in(browser, town.base, "hieutruong", PASSWORD)
    for path in ("/dt/vu-viec/1", "/tiep-nhan/ma-qr", "/ngoai-quyen"):
        browser.get(town.base + path)
        wrong += look_over(browser, path, 404 if "ngoai" in path else 200)
    assert not wrong, "\n".join(wrong)
