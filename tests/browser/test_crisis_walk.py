"""The crisis of the demonstration, walked by two people in two browsers, from alert to closing.

The secretary watches the page as the posts come in; the head answers for what is said. Once with
the scripts of the pages, once without any: every step is a link or a form.
"""

from __future__ import annotations

import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from langnghe.core.store import tables as t
from langnghe.core.store.mentions import keep
from langnghe.demo.run import PASSWORD, demo_items, story_start
from tests.browser.conftest import REAL, Town, open_town
from tests.browser.hands import DESK, PATIENCE_S, PHONE, button, see_as, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CALM = timedelta(minutes=10)
LOUD = timedelta(hours=21)
LIVE_S = 1.0
CHILD = "Thào Minh Quân"
ARRIVED = """
window.arrived = 0;
const look = () => {
  if (!window.arrived && document.querySelector('main a[href^="/vu-viec/1"]')) {
    window.arrived = Date.now();
  }
};
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
"""


def picture(path: Path) -> Path:
    """Write a small picture, such as a screenshot kept as evidence."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xaa\xcc\xee" * 8 for _ in range(8)))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return path


class Person:
    """Somebody at a browser; every act is a click or a key."""

    def __init__(self, browser: Chrome, base: str, size: tuple[int, int]) -> None:
        self.browser, self.base, self.size = browser, base, size
        see_as(browser, size)

    def go(self, path: str) -> None:
        self.browser.get(self.base + path)

    def sees(self, words: str) -> None:
        WebDriverWait(self.browser, PATIENCE_S).until(
            lambda b: words in b.find_element(By.TAG_NAME, "main").text,
            f"«{words}» is not on {self.browser.current_url}",
        )

    def unfold(self, words: str) -> None:
        for fold in self.browser.find_elements(By.CSS_SELECTOR, "main details > summary"):
            if words in fold.text and fold.is_displayed():
                if fold.find_element(By.XPATH, "..").get_dom_attribute("open") is None:
                    fold.click()
                return
        raise AssertionError(f"nothing to unfold says «{words}» on {self.browser.current_url}")

    def press(self, words: str) -> None:
        pressed = button(self.browser, words)
        pressed.click()
        WebDriverWait(self.browser, PATIENCE_S).until(lambda _: gone(pressed))

    def follow(self, words: str) -> None:
        links = self.browser.find_elements(By.CSS_SELECTOR, "main a")
        link = next(a for a in links if words in a.text and a.is_displayed())
        link.click()

    def fill(self, name: str, value: str) -> None:
        fields = self.browser.find_elements(By.CSS_SELECTOR, f"main [name='{name}']")
        field = next(f for f in fields if f.is_displayed())
        if field.tag_name == "select":
            Select(field).select_by_value(value)
            return
        if field.get_dom_attribute("type") != "file":
            field.clear()
        field.send_keys(value)


def gone(element: object) -> bool:
    """Return whether the page the element stood in has been left."""
    try:
        element.is_enabled()  # type: ignore[attr-defined]
    except Exception as error:
        return type(error).__name__ in ("StaleElementReferenceException", "NoSuchElementException")
    return False


@pytest.fixture
def quiet_town(tmp_path: Path) -> Iterator[Town]:
    """The first evening, before anybody has reason to worry; time runs as outside."""
    with open_town(tmp_path / "town", until=CALM) as town:
        yield town


def post_the_rest(town: Town) -> None:
    """Let the village, its forum and its papers write what they write in the story."""
    services, begun = town.demo.services, story_start(REAL)
    now = services.clock.now()
    items = [
        replace(item, published_at=now, seen_at=now)
        for item in demo_items(begun)
        if item.id.startswith("s") and CALM < (item.published_at or begun) - begun <= LOUD
    ]
    with services.store.write() as session:
        keep(session, items, now=now, secret=services.settings.secret_key())


def opened_at(town: Town, found: list[float]) -> None:
    """Wait until the first incident is in the table; note the moment."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with town.demo.services.store.read() as session:
            if session.get(t.IncidentRow, 1) is not None:
                found.append(time.time())
                return
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("officer_size", "head_size", "script"),
    [(DESK, PHONE, True), (PHONE, DESK, False)],
    ids=["desk and phone", "without scripts"],
)
def test_from_the_alert_to_the_closed_incident(
    quiet_town: Town, open_chrome: Callable[..., Chrome], tmp_path: Path,
    officer_size: tuple[int, int], head_size: tuple[int, int], script: bool,
) -> None:  # fmt: skip
    base = quiet_town.base
    first, second = open_chrome(script=script), open_chrome(script=script)
    sign_in(first, base, "vanthu", PASSWORD)
    sign_in(second, base, "hieutruong", PASSWORD)
    officer, head = Person(first, base, officer_size), Person(second, base, head_size)
    officer.go("/")
    head.go("/")
    the_alert_arrives(quiet_town, officer, head, script=script)
    it_is_acknowledged(officer, head, script=script)
    evidence_is_kept(officer, tmp_path)
    number = a_statement_is_drafted(officer)
    it_is_approved_and_released(head, number)
    it_is_concluded_and_closed(head)


def the_alert_arrives(town: Town, officer: Person, head: Person, *, script: bool) -> None:
    """Both open pages show it by themselves, within a second of its being written down."""
    people = (officer, head)
    if script:
        for person in people:
            assert not person.browser.find_elements(By.CSS_SELECTOR, "main a[href^='/vu-viec/1']")
            person.browser.execute_script(ARRIVED)
    written: list[float] = []
    watcher = threading.Thread(target=opened_at, args=(town, written))
    watcher.start()
    post_the_rest(town)
    watcher.join()
    assert written, "no incident was opened"
    if not script:
        for person in people:
            person.go("/")
        return
    for person in people:
        wait = WebDriverWait(person.browser, PATIENCE_S, poll_frequency=0.1)
        arrived = wait.until(lambda b: b.execute_script("return window.arrived"))
        delay = arrived / 1000 - written[0]
        print(f"live after {delay:.2f} s")
        assert delay <= LIVE_S


def it_is_acknowledged(officer: Person, head: Person, *, script: bool) -> None:
    officer.browser.find_element(By.CSS_SELECTOR, "main a[href^='/vu-viec/1']").click()
    officer.press("Tiếp nhận")
    officer.sees("đã tiếp nhận")
    head.go("/vu-viec/1")
    head.sees("Thư ký hội đồng")


def evidence_is_kept(officer: Person, folder: Path) -> None:
    officer.go("/vu-viec/1")
    officer.unfold("Hoàn thành")
    code = officer.browser.find_element(By.CSS_SELECTOR, "main button[name=code]")
    step = str(code.get_dom_attribute("value"))
    officer.fill(f"note.{step}", "Đã chụp màn hình và lưu đường dẫn lúc 08 giờ 10.")
    officer.fill(f"tep.{step}", str(picture(folder / "anh-chup.png")))
    officer.press("Đã xong")
    officer.unfold("Việc đã xong")
    officer.sees("Đã chụp màn hình và lưu đường dẫn")
    officer.sees("anh-chup.png")


def a_statement_is_drafted(officer: Person) -> int:
    """A draft that names the child is held up; without the name it goes to the head."""
    officer.go("/phat-ngon/soan?mau=M1&vu_viec=1")
    officer.fill("o.an_toan", "cử giáo viên ở bên học sinh và gia đình")
    officer.fill("o.da_biet", f"em {CHILD} lớp 1A2 đã về nhà an toàn")
    officer.fill("o.dau_moi", "Lường Thị Nhạn, Thư ký Hội đồng trường")
    officer.fill("o.dien_thoai", "0912 345 678")
    officer.fill("o.su_viec", "việc đón học sinh cuối buổi bán trú")
    officer.fill("o.cap_nhat", "17 giờ 00 ngày 25/11/2026")
    officer.fill("o.bao_cao", "UBND xã và Sở GD&ĐT")
    officer.fill("o.chua_biet", "nguyên nhân")
    officer.press("Tạo dự thảo")
    number = int(officer.browser.current_url.split("?")[0].rsplit("/", 1)[1])
    officer.sees("Phải sửa")
    officer.press("Trình duyệt")
    officer.sees("phải sửa")
    officer.go(f"/phat-ngon/{number}")
    officer.unfold("Sửa nội dung")
    text = officer.browser.find_element(By.CSS_SELECTOR, "main textarea[name=text]")
    mended = str(text.get_property("value")).replace(f"em {CHILD} lớp 1A2", "học sinh")
    officer.fill("text", mended)
    officer.press("Lưu phiên bản mới")
    officer.press("Trình duyệt")
    officer.sees("chờ duyệt")
    return number


def it_is_approved_and_released(head: Person, number: int) -> None:
    head.go(f"/phat-ngon/{number}")
    assert CHILD not in head.browser.find_element(By.CSS_SELECTOR, "article.speech").text
    head.press("Duyệt")
    head.browser.find_element(By.CSS_SELECTOR, "input[name=kenh][value=website]").click()
    head.press("Đăng phát ngôn")
    head.sees("đã đăng")
    head.sees("SHA-256")


def it_is_concluded_and_closed(head: Person) -> None:
    head.go("/vu-viec/1")
    head.unfold("Kết luận")
    head.fill("by", "UBND xã Nậm Sương")
    within = "details[open] form[action$='/ket-luan'] "
    head.browser.find_element(By.CSS_SELECTOR, within + "textarea").send_keys("Do sơ suất.")
    head.press("Ghi kết luận")
    head.sees("UBND xã Nậm Sương")
    head.unfold("Đóng vụ việc")
    within = "details[open] form[action$='/dong'] "
    head.browser.find_element(By.CSS_SELECTOR, within + "textarea").send_keys("Đã xin lỗi.")
    for box in head.browser.find_elements(By.CSS_SELECTOR, within + "input[type=checkbox]"):
        box.click()
    head.press("Đóng vụ việc")
    head.sees("đã đóng")
