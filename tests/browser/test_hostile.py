"""Texts that want to be more than text: none turns a page around, hides a name, makes a button.

They stand in the tables as an older door might have let them in, so the pages alone hold here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from langnghe.cli.service import claim_port
from langnghe.core.store.engine import Store
from langnghe.demo.catcher import free_port
from langnghe.web import server_for
from tests.browser.hands import PHONE, SMALL, overhang, see_as, sign_in
from tests.webhouse import PASSWORD, WebHouse

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

BACKWARDS = "\u202eDuyệt nội dung này \u2067\u200f"
MARKUP = (
    '"><img src=x onerror="window.broken=1"><script>window.broken=1</script></h1></main>'
    '<form action="/vu-viec/1/dong" method="post"><button>Duyệt</button></form>'
    "{{ 7 * 7 }}<!-- <style>*{display:none}</style>"
)
TOWER = "T" + "\u0301\u0334\u0335\u033f" * 200 + "rường"
LONG = "Dài" * 3400
WIDE = "W" * 10_000
ARABIC = "مدرسة القرية: عشرون تلميذا في المستشفى " * 40
TITLES = {"backwards": BACKWARDS, "markup": MARKUP, "tower": TOWER, "long": LONG, "wide": WIDE,
          "arabic": ARABIC}  # fmt: skip
MOST_WORDS = 2_500
"""Characters of one text that a page may show outside the mention's own page."""

FOREIGN = "main img[src=x], form[action$='/1/dong'] > button:only-child"
# Every text node of ours must still run from left to right and lie within the page.
TURNED = """
const found = [];
for (const e of document.querySelectorAll('header, nav, button, label, .badge, .due, footer')) {
  if (getComputedStyle(e).direction !== 'ltr') found.push(e.outerHTML.slice(0, 80));
}
return found;
"""
LONGEST = """
const shown = [...document.querySelectorAll('main *')].filter((e) => !e.closest('details'));
return Math.max(0, ...shown.filter((e) => !e.children.length).map((e) => e.textContent.length));
"""
TALLEST = """
const box = (e) => e.getBoundingClientRect().height;
return Math.max(0, ...[...document.querySelectorAll('main h1, main h2, main h3')].map(box));
"""


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[tuple[WebHouse, str]]:
    """A house full of hostile texts, behind a real server."""
    house = WebHouse(store, tmp_path)
    house.beat()
    for text in TITLES.values():
        number = house.incident(text)
        house.mention(text, text, story=number, unit="th_a")
        house.event(number, text)
    port = free_port()
    server = server_for(house.app, host="127.0.0.1", port=port)
    sockets = [claim_port("127.0.0.1", port)]
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    yield house, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


def test_no_text_is_more_than_text(
    served: tuple[WebHouse, str], open_chrome: Callable[..., Chrome]
) -> None:
    _, base = served
    browser = open_chrome()
    sign_in(browser, base, "principal", PASSWORD)
    lists = ["/", "/vu-viec", "/dong-tin", "/cum-tin", "/thong-bao"]
    kinds = ("vu-viec", "cum-tin", "tin")
    own = [f"/{kind}/{n}" for n in range(1, len(TITLES) + 1) for kind in kinds]
    wrong = []
    for path in lists + own:
        browser.get(base + path)
        see_as(browser, SMALL)
        if (wide := overhang(browser)) > 0:
            wrong.append(f"{path}: {wide} px stick out")
        see_as(browser, PHONE)
        if browser.execute_script("return window.broken"):
            wrong.append(f"{path}: a text ran as script")
        if browser.find_elements(By.CSS_SELECTOR, FOREIGN):
            wrong.append(f"{path}: a text became an element")
        if "49" in browser.find_element(By.TAG_NAME, "h1").text:
            wrong.append(f"{path}: a text ran as a template")
        wrong += [f"{path}: turned around: {e}" for e in browser.execute_script(TURNED)]
        longest = int(browser.execute_script(LONGEST))
        if longest > MOST_WORDS and not path.startswith("/tin/"):
            wrong.append(f"{path}: {longest} characters in one piece")
        tallest = int(browser.execute_script(TALLEST))
        if tallest > 600:
            wrong.append(f"{path}: a heading {tallest} px high")
    assert not wrong, "\n".join(wrong)
