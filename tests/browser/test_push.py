"""The service worker in a real browser: a pushed notice is shown, and says no more than it may."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from langnghe.cli.service import claim_port
from langnghe.core.auth import add_user
from langnghe.core.clock import SystemClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import StatedSettings
from langnghe.core.store.engine import Store
from langnghe.core.types import Role
from langnghe.demo.catcher import free_port
from langnghe.web import create_app, server_for
from tests.browser.chrome import missing_parts, start_chrome
from tests.conftest import cannot
from tests.fakes import PROFILE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
PASSWORD = "mat-khau-thu-118"
SHOWN = """
const done = arguments[0];
navigator.serviceWorker.ready
  .then((worker) => worker.getNotifications())
  .then((all) => done(all.map((n) => ({ title: n.title, body: n.body, data: n.data }))));
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    if (why := missing_parts()) is not None:
        cannot(why)
    chrome = start_chrome(tmp_path / "chrome", width=390, height=844)
    yield chrome
    chrome.quit()


@pytest.fixture
def address(store: Store, tmp_path: Path) -> Iterator[str]:
    clock = SystemClock()
    add_user(store, username="hieutruong", password=PASSWORD, role=Role.PRINCIPAL,
             name="Hiệu trưởng", unit_id=None, now=clock.now())  # fmt: skip
    settings = StatedSettings.model_validate(
        {"home": tmp_path, "channels": {"push": {"enabled": True}}}
    )
    services = Services(
        store=store, settings=settings, clock=clock, policy=load_policy(), profile=PROFILE
    )
    port = free_port()
    server = server_for(create_app(services), host="127.0.0.1", port=port)
    socket = claim_port("127.0.0.1", port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


def push(browser: Chrome, origin: str, registration: str, data: str) -> None:
    browser.execute_cdp_cmd(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": registration, "data": data},
    )


def test_a_pushed_notice_is_shown_with_level_unit_and_link(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/dang-nhap?tiep=/thong-bao-day")
    browser.find_element(By.NAME, "username").send_keys("hieutruong")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD, "\n")
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.ID, "push-on"))
    assert browser.find_element(By.ID, "push-said").text == "", "the page knows this browser can"
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )
    wide = browser.execute_script("return document.getElementById('main').scrollWidth")
    assert wide <= 390, "nothing sticks out on a phone"
    if folder := os.environ.get("LANGNGHE_TEST_PICTURES"):
        browser.save_screenshot(str(Path(folder) / "thong-bao-day.png"))
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"origin": address, "permissions": ["notifications"]}
    )
    failed = browser.execute_async_script(
        "const done = arguments[0];"
        "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)"
        ".then(() => done(''), (error) => done(String(error)));"
    )
    assert failed == ""
    browser.execute_cdp_cmd("ServiceWorker.enable", {})
    good = {"level": "Đỏ", "unit": "Trường TH Suối Mơ", "link": "/vu-viec/7"}
    evil = {"level": "Cam", "unit": "Xã Suối Mơ", "link": "//evil.example/x"}
    for data in (json.dumps(good), json.dumps(evil), "no json"):
        push(browser, address, "0", data)

    def three(b: Chrome) -> Any:
        found = b.execute_async_script(SHOWN)
        return found if len(found) >= 2 else False

    shown = {n["title"]: n for n in WebDriverWait(browser, 20).until(three)}
    assert shown["Lắng Nghe: Đỏ"]["body"] == "Trường TH Suối Mơ"
    assert shown["Lắng Nghe: Đỏ"]["data"] == {"link": "/vu-viec/7"}
    assert {n["data"]["link"] for n in shown.values()} == {"/vu-viec/7", "/"}
    errors = [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert errors == [], "the page's security policy lets its own script work"
