"""What a person does with a browser, and what is looked at while they do it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PHONE = (390, 844)
SMALL = (360, 740)
DESK = (1280, 900)
PATIENCE_S = 30


def sign_in(browser: Chrome, base: str, username: str, password: str, *, to: str = "/") -> None:
    """Sign in by the form and wait for the page ``to``."""
    browser.get(f"{base}/dang-nhap?tiep={to}")
    browser.find_element(By.NAME, "username").send_keys(username)
    browser.find_element(By.NAME, "password").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    try:
        WebDriverWait(browser, PATIENCE_S).until(
            lambda b: b.find_elements(By.CSS_SELECTOR, ".menu.me")
        )
    except TimeoutException as error:
        page = browser.find_element(By.TAG_NAME, "body").text
        raise AssertionError(f"not signed in: {browser.current_url}: {page}") from error


def see_as(
    browser: Chrome, size: tuple[int, int], *, dark: bool = False, paper: bool = False
) -> None:
    """Turn the open page into a phone's or a desk's, light or dark, or the way it prints."""
    width, height = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    look = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"media": "print" if paper else "", "features": [look]}
    )


def button(browser: Chrome, words: str, within: str = "main") -> WebElement:
    """Return the first visible button that says ``words``."""
    found = [
        b
        for b in browser.find_elements(By.CSS_SELECTOR, f"{within} button, {within} a.btn")
        if words in b.text and b.is_displayed()
    ]
    assert found, f"no button «{words}» on {browser.current_url}"
    return found[0]


@cache
def _axe() -> str:
    # The wheel is a carrier of axe-core's one file; its Python is never imported.
    carried = distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js")
    return Path(str(carried)).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing axe found: the rule, how grave, where and why."""

    rule: str
    impact: str
    where: str
    why: str


_RUN = """
const [rules, done] = [arguments[0], arguments[1]];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const only = rules.length ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
const row = (v, n) => [v.id, n.impact || v.impact || 'minor', n.target.join(' '),
  (n.failureSummary || v.help).replace(/\\s+/g, ' ').slice(0, 300)];
axe.run(document, { runOnly: only, resultTypes: ['violations'] }).then(
  (found) => done(JSON.stringify(found.violations.flatMap((v) => v.nodes.map((n) => row(v, n))))),
  (error) => done(JSON.stringify([['axe', 'critical', '', String(error)]])));
"""


def faults(browser: Chrome, *rules: str) -> list[Fault]:
    """Return what axe-core finds in the open page (all rules of WCAG 2.2 AA, or ``rules``)."""
    if not browser.execute_script("return !!window.axe"):
        browser.execute_script(_axe())
    return [Fault(*row) for row in json.loads(browser.execute_async_script(_RUN, list(rules)))]


_SMALL = """
const seen = (e) => e.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: true });
const all = 'button, summary, select, textarea, nav a, .btn, .alone a, '
  + 'input:not([type=hidden], [type=checkbox], [type=radio])';
const words = (e) => (e.innerText || e.name || '').trim().slice(0, 40);
return [...document.querySelectorAll(all)].filter(seen)
  .map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width && box.height < 43.5)
  .map(([e, box]) => `${e.tagName.toLowerCase()} «${words(e)}» ${Math.round(box.height)} px`);
"""


def too_small(browser: Chrome) -> list[str]:
    """Return what is to be pressed but lower than 44 px."""
    return list(browser.execute_script(_SMALL))


def overhang(browser: Chrome) -> int:
    """Return by how many pixels the page can be pushed sideways."""
    return int(
        browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


_FOCUS = """
const e = document.activeElement;
if (!e || e === document.body) return null;
const all = [...document.querySelectorAll('*')];
const box = e.getBoundingClientRect();
const style = getComputedStyle(e);
const words = (e.innerText || e.name || e.value || '').trim().slice(0, 50);
const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
return [all.indexOf(e), e.tagName.toLowerCase(), words, ringed, box.width > 0 && box.height > 0];
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the Tab key came to: place in the document, tag, words, ring and size to be seen."""

    place: int
    tag: str
    words: str
    ringed: bool
    visible: bool


def focused(browser: Chrome) -> Stop | None:
    """Return what has the focus, ``None`` where nothing has."""
    found: Any = browser.execute_script(_FOCUS)
    return Stop(*found) if found else None
