"""Make the README's picture with the program itself: `make screenshot` runs the demonstration."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from selenium.webdriver.common.by import By

from langnghe.cli.service import claim_port
from langnghe.core.logs import set_up_logs
from langnghe.demo.catcher import free_port
from langnghe.demo.run import PASSWORD, prepare, story_start
from langnghe.replay import Archive
from langnghe.web import create_app, server_for
from tests.browser.chrome import start_chrome

MOMENT = timedelta(hours=21)  # the picture is taken on the second afternoon, at the height of it


def main(target: Path, *, pages: dict[str, str], width: int, height: int) -> None:
    """Replay the story, sign in as the officer and save each page as a PNG in ``target``."""
    set_up_logs()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = free_port()
        demo = prepare(folder, port=port)
        begun = story_start(datetime.now(UTC))
        known = [i for i in demo.archive.items if i.seen_at and i.seen_at - begun <= MOMENT]
        demo.archive = Archive.of(known)
        listener: socket.socket = claim_port("127.0.0.1", port)
        server = server_for(create_app(demo.services), host="127.0.0.1", port=port)
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
        threading.Thread(target=demo.play, args=(8.0,), daemon=True).start()
        time.sleep(20)
        browser = start_chrome(folder / "chrome", width=width, height=height)
        try:
            base = f"http://127.0.0.1:{port}"
            browser.get(base + "/dang-nhap")
            browser.find_element(By.NAME, "username").send_keys("vanthu")
            browser.find_element(By.NAME, "password").send_keys(PASSWORD)
            browser.find_element(By.CSS_SELECTOR, "main form button").click()
            for page, path in pages.items():
                browser.get(base + path)
                browser.save_screenshot(str(target / f"{page}.png"))
        finally:
            browser.quit()
            demo.stop()
            server.should_exit = True


if __name__ == "__main__":
    if len(sys.argv) > 1:
        w, h = (int(n) for n in sys.argv[2].split("x"))
        wanted = dict(p.split("=", 1) for p in sys.argv[3:])
        main(Path(sys.argv[1]), pages=wanted, width=w, height=h)
    else:
        main(Path("docs"), pages={"tong-quan": "/"}, width=1280, height=900)
