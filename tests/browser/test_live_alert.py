"""A person signs in and watches: an alert arrives on the open page, and is acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import (
    element_to_be_clickable,
    presence_of_element_located,
    text_to_be_present_in_element,
    url_contains,
)
from selenium.webdriver.support.ui import WebDriverWait

from langnghe.cli.service import claim_port
from langnghe.core.auth import add_user
from langnghe.core.clock import SystemClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.store.units import sync_units
from langnghe.core.types import Item, Role
from langnghe.demo.catcher import free_port
from langnghe.pipeline import SWEEP, House, turn
from langnghe.web import create_app, server_for
from nlp.stage import Grouper
from tests.browser.chrome import missing_parts, start_chrome
from tests.conftest import cannot
from tests.fakes import PROFILE, FakeReader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PASSWORD = "mat-khau-thu-118"
GRAVE = "Trường TH&THCS Suối Mơ: 20 học sinh nhập viện sau bữa sáng"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    if (why := missing_parts()) is not None:
        cannot(why)
    chrome = start_chrome(tmp_path / "chrome", width=390, height=844)
    yield chrome
    chrome.quit()


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    clock = SystemClock()
    with store.write() as session:
        sync_units(session, PROFILE, clock.now())
    add_user(store, username="hieutruong", password=PASSWORD, role=Role.PRINCIPAL,
             name="Hiệu trưởng", unit_id="truong", now=clock.now())  # fmt: skip
    services = Services(
        store=store, settings=Settings(home=tmp_path), clock=clock, policy=load_policy(),
        profile=PROFILE,
    )  # fmt: skip
    return House(services, FakeReader(), Grouper(store), fetcher=None, channel=None)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    port = free_port()
    listener = claim_port("127.0.0.1", port)
    server = server_for(create_app(house.services), host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=15)
    assert not thread.is_alive()


def test_an_alert_arrives_live_and_is_acknowledged(
    browser: Chrome, address: str, house: House
) -> None:
    wait = WebDriverWait(browser, 30)
    browser.get(address + "/")
    wait.until(url_contains("/dang-nhap"))
    browser.find_element(By.NAME, "username").send_keys("hieutruong")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    wait.until(presence_of_element_located((By.TAG_NAME, "main")))
    assert GRAVE not in browser.page_source
    browser.execute_script("window.stillTheSamePage = true")

    clock = house.services.clock
    with house.services.store.write() as session:
        item = Item(id="1", title=GRAVE, source="VnExpress", seen_at=clock.now())
        keep(session, [item], now=clock.now(), secret=b"k")
    assert turn(house, SWEEP).failed == {}

    wait.until(text_to_be_present_in_element((By.TAG_NAME, "main"), "20 học sinh nhập viện"))
    assert browser.execute_script("return window.stillTheSamePage")  # no reload: it came live
    assert "Đỏ" in browser.find_element(By.TAG_NAME, "main").text
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= browser.execute_script("return window.innerWidth")

    link = (By.CSS_SELECTOR, 'main a[href^="/vu-viec/"]')
    wait.until(element_to_be_clickable(link)).click()
    wait.until(url_contains("/vu-viec/"))
    buttons = browser.find_elements(By.TAG_NAME, "button")
    next(b for b in buttons if "Tiếp nhận" in b.text).click()
    wait.until(text_to_be_present_in_element((By.TAG_NAME, "main"), "đã tiếp nhận"))
