"""What a browser calls itself, in the few words by which a person knows the own devices again."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc", "Cốc Cốc"), ("SamsungBrowser", "Samsung"),
    ("Zalo", "Zalo"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_MACHINES = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(agent: str) -> str:
    """Return ``Chrome, Android`` for a User-Agent; empty where it says nothing known."""
    agent = agent[:400]
    browser = next((name for part, name in _BROWSERS if part in agent), "")
    machine = next((name for part, name in _MACHINES if part in agent), "")
    return ", ".join(word for word in (browser, machine) if word)
