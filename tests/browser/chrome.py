"""Start a headless Chromium that talks to nothing but this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-quic", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=vi",
)  # fmt: skip


def missing_parts() -> str | None:
    """Return what has to be installed, or ``None`` when all is there."""
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"browser not tested: {', '.join(absent)} not installed" if absent else None


def start_chrome(
    profile: Path, *, width: int = 1280, height: int = 900, script: bool = True
) -> Chrome:
    """Return a browser with an empty profile; the caller ends it by ``quit()``.

    Without ``script`` it runs no JavaScript of the pages.
    """
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    if not script:
        refused = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", refused)
    service = Service(shutil.which("chromedriver") or "chromedriver")
    return Chrome(options=options, service=service)
