"""The pictures of README and guides, taken from the program itself: ``make shots``.

The demonstration runs to the second afternoon of its invented crisis, on a fixed date, and the
pages are taken as a desk, a phone, the dark and paper show them. The browser itself writes WebP, a
fifth of the bytes of its PNG.
"""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from selenium.webdriver import Chrome

from langnghe.core.logs import set_up_logs
from langnghe.demo.run import PASSWORD
from tests.browser.chrome import start_chrome
from tests.browser.conftest import HEIGHT, Town, open_town
from tests.browser.hands import DESK, PHONE, see_as, sign_in

TARGET = Path(__file__).parents[2] / "docs" / "pictures"
QUALITY = 58


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who looks at which page, how; ``unfold`` is a fold to be opened for it."""

    name: str
    who: str
    path: str
    size: tuple[int, int] = DESK
    dark: bool = False
    paper: bool = False
    unfold: str = ""


SHOTS = (
    Shot("tong-quan", "vanthu", "/", (1280, 860)),
    Shot("vu-viec", "vanthu", "/vu-viec/1", (1280, 980)),
    Shot("dong-tin", "vanthu", "/dong-tin", PHONE),
    Shot("phat-ngon", "vanthu", "/phat-ngon/1", (1280, 800)),
    Shot("dien-thoai", "", "{link}", PHONE),
    Shot("dien-thoai-toi", "hieutruong", "/dt/vu-viec/1", PHONE, dark=True),
    Shot("menu", "vanthu", "/", PHONE, unfold="nav .menu"),
    Shot("ban-in", "vanthu", "/vu-viec/1", (794, 1000), paper=True),
)


def take(browser: Chrome, town: Town, shot: Shot) -> bytes:
    """Return one picture as WebP."""
    browser.delete_all_cookies()
    path = shot.path.format(link=_link(town))
    if shot.who:
        sign_in(browser, town.base, shot.who, PASSWORD)
    browser.get(town.base + path)
    see_as(browser, shot.size, dark=shot.dark, paper=shot.paper)
    if shot.unfold:
        fold = f"document.querySelector({shot.unfold!r}).open = true"
        browser.execute_script(fold)
    taken = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
    )
    return base64.b64decode(taken["data"])


def main(target: Path, *names: str) -> None:
    """Save the pictures (or only those ``names``) in ``target``."""
    set_up_logs()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with open_town(home / "town", until=HEIGHT) as town:
            browser = start_chrome(home / "chrome")
            try:
                for shot in SHOTS:
                    if not names or shot.name in names:
                        data = take(browser, town, shot)
                        (target / f"{shot.name}.webp").write_bytes(data)
                        print(f"{shot.name}.webp {len(data) / 1000:.0f} KB")
            finally:
                browser.quit()


def _link(town: Town) -> str:
    """Return the address in the newest letter to the head of the school."""
    for mail in reversed(town.demo.catcher.caught()):
        found = re.search(r"(/xac-nhan/\S+)", mail.part("plain"))
        if found and any("hieutruong" in to for to in mail.recipients):
            return found[1]
    raise LookupError("no letter with a link was sent to the head")


if __name__ == "__main__":
    main(TARGET, *sys.argv[1:])
